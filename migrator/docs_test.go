package main

import (
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/urfave/cli/v2"

	"github.com/senior-backend/toolkit/shared/cmdline/cmdlinetest"
)

// TestReference holds docs/migrator.md to the flags and the JSON results.
func TestReference(t *testing.T) {
	page := cmdlinetest.Page{
		Path: filepath.Join("..", "docs", "migrator.md"),
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
			if slices.ContainsFunc(args, func(arg string) bool { return strings.HasPrefix(arg, "--connection") }) {
				return args
			}
			return append([]string{"--connection", "postgres://localhost/shop"}, args...)
		},
	}
	page.Flags(t)
	page.Keys(t, analysis{}, compared{}, indexAdvice{}, migrateResult{}, statusResult{}, rehearsalResult{})
}
