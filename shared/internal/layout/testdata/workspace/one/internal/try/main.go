package main

import (
	"os"

	"example.org/kit/one/internal/left"
	"example.org/kit/one/internal/right"
)

func main() {
	if left.Turn() != right.Turn() {
		os.Exit(1)
	}
	leave()
}

func leave() { os.Exit(1) }
