package main

import (
	"bytes"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"github.com/urfave/cli/v2"

	"github.com/senior-backend/toolkit/shared/cmdline"
	"github.com/senior-backend/toolkit/shared/cmdline/cmdlinetest"
	"github.com/senior-backend/toolkit/shared/fault"
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
	page.Mentions(t, filepath.Join("..", "docs", "migrating-from-python.md"), "scaffolder")
	require.Positive(t, page.Commands(t, documents(t)...))
	page.Keys(t, jsonResult{})
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

// The shared tests of argparse's conduct try this tool's flags.
func TestArgparseIsAskedAboutEveryFlag(t *testing.T) { cmdlinetest.FlagSet(t, newApp()) }

// TestReferenceProblem sees that the page's example of a problem is what is printed.
func TestReferenceProblem(t *testing.T) {
	text, err := os.ReadFile(filepath.Join("..", "docs", "scaffolder.md"))
	require.NoError(t, err)
	_, shown, _ := strings.Cut(string(text), "```\nWRN ")
	shown, _, found := strings.Cut(shown, "```\n")
	require.True(t, found)
	t.Chdir(t.TempDir())
	require.NoError(t, os.WriteFile("openapi.yaml", []byte(`openapi: 3.1.0
info: { title: Pets, version: "1" }
paths:
  /pets:
    get:
      responses:
        "200":
          description: Pets.
          content:
            application/json:
              schema: {$ref: "#/components/schemas/Nope"}
components: { schemas: {} }
`), 0o600))
	var out, said bytes.Buffer
	arguments := []string{"scaffolder", "openapi.yaml", "--dry-run"}
	require.Equal(t, fault.StatusOK, cmdline.Run(t.Context(), newApp(), arguments, strings.NewReader(""), &out, &said), said.String())
	require.Equal(t, strings.Join(strings.Fields("WRN "+shown), " "), strings.TrimSpace(said.String()))
}
