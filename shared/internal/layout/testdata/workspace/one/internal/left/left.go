package left

import (
	// Restricted to others.
	"net/http"

	"example.org/kit/one/internal/right"
	"example.org/kit/one/internal/righttest"
)

func Turn() string { return http.MethodGet + right.Turn() + righttest.Turn() }
