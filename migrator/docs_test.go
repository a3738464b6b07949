package main

import (
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
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
	page.Mentions(t, filepath.Join("..", "docs", "migrating-from-python.md"), "migrator")
	page.Mentions(t, filepath.Join("..", "docs", "migrations.md"), "")
	require.Positive(t, page.Commands(t, documents(t)...))
	page.Keys(t, analysis{}, compared{}, indexAdvice{}, migrateResult{}, statusResult{}, rehearsalResult{})
}

// documents are the pages that call the tools.
func documents(t *testing.T) []string {
	var found []string
	for _, pattern := range []string{"*.md", "docs/*.md", "docs/*/*.md"} {
		paths, err := filepath.Glob(filepath.Join("..", filepath.FromSlash(pattern)))
		require.NoError(t, err)
		found = append(found, paths...)
	}
	return found
}
