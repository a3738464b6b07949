module example.org/kit/one

go 1.26.0

replace example.org/kit/shared => ../shared
