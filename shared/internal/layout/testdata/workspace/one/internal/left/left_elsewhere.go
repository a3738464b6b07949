//go:build plan9

package left

import (
	// Below what is restricted, on another platform.
	"net/http/httptest"
)

const elsewhere = httptest.DefaultRemoteAddr
