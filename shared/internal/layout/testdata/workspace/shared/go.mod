module example.org/kit/shared

go 1.26.0
