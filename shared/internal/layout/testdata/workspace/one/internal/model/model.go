package model

// A model that knows a package which works on it.
import "example.org/kit/one/internal/left"

var Turn = left.Turn
