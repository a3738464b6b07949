package main

import (
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/urfave/cli/v2"

	"github.com/senior-backend/toolkit/shared/cmdline/cmdlinetest"
)

// TestReference holds docs/scaffolder.md to the flags and the JSON result.
func TestReference(t *testing.T) {
	page := cmdlinetest.Page{
		Path: filepath.Join("..", "docs", "scaffolder.md"),
		App: func() *cli.App {
			o, app := &options{}, newApp()
			app.Flags = o.flags()
			app.Action = func(c *cli.Context) error {
				o.read(c)
				return o.Validate()
			}
			return app
		},
		Base: func(args []string) []string {
			if slices.ContainsFunc(args, func(arg string) bool { return strings.HasPrefix(arg, "--from-db") }) {
				return args
			}
			return append([]string{"openapi.yaml"}, args...)
		},
	}
	page.Flags(t)
	page.Keys(t, jsonResult{})
}
