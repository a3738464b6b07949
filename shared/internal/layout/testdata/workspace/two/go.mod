module example.org/kit/two

go 1.26.0
