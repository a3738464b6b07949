package right

import (
	"net/http"

	"example.org/kit/one/internal/left"
	"example.org/kit/one/internal/model"
	"example.org/kit/shared/edge"
)

var (
	_ = 1
	_ = 2
	_ = 3
	_ = 4
	_ = 5
	_ = 6
	_ = 7
	_ = 8
	_ = 9
	_ = 10
	_ = 11
	_ = 12
	_ = 13
	_ = 14
	_ = 15
	_ = 16
	_ = 17
	_ = 18
	_ = 19
	_ = 20
)

func Turn() string { return http.MethodGet + left.Turn() + model.Turn() + edge.Name }
