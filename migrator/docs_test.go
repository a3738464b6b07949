package main

import (
	"bytes"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"github.com/urfave/cli/v2"

	"github.com/senior-backend/toolkit/shared/cmdline"
	"github.com/senior-backend/toolkit/shared/cmdline/cmdlinetest"
	"github.com/senior-backend/toolkit/shared/fault"
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

// The page's example is the command's own output, but for the server's version.
func TestReferenceExample(t *testing.T) {
	text, err := os.ReadFile(filepath.Join("..", "docs", "migrator.md"))
	require.NoError(t, err)
	_, example, _ := strings.Cut(string(text), "### Analyse\n")
	parts := strings.SplitN(example, "```", 7)
	require.Len(t, parts, 7)
	schema, isSQL := strings.CutPrefix(parts[1], "sql\n")
	require.True(t, isSQL)
	line, isCommand := strings.CutPrefix(strings.TrimSpace(parts[3]), "migrator ")
	require.True(t, isCommand)
	wanted, isText := strings.CutPrefix(parts[5], "text\n")
	require.True(t, isText)

	t.Chdir(t.TempDir())
	require.NoError(t, os.WriteFile("schema.sql", []byte(schema), 0o600))
	var out, said bytes.Buffer
	args := append([]string{"migrator"}, strings.Fields(line)...)
	require.Equal(t, fault.StatusOK, cmdline.Run(t.Context(), newApp(), args, strings.NewReader(""), &out, &said), said.String())
	version := regexp.MustCompile(`PostgreSQL [0-9.]+`)
	require.Equal(t, version.ReplaceAllString(wanted, "PostgreSQL"), version.ReplaceAllString(out.String(), "PostgreSQL"))
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
