package main

import (
	"net/http"
	"os"

	"example.org/kit/two/entry"

	"example.org/kit/one/internal/right"
)

func init() { right.Turn() }

func main() {
	if entry.Write(os.Stdout, http.MethodGet) {
		os.Exit(1)
	}
}
