package main

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"github.com/urfave/cli/v2"

	"github.com/senior-backend/toolkit/loadtester/internal/fleet"
	"github.com/senior-backend/toolkit/loadtester/internal/result"
	"github.com/senior-backend/toolkit/loadtester/internal/verdict"
	"github.com/senior-backend/toolkit/shared/cmdline/cmdlinetest"
)

// TestReference holds docs/loadtester.md to the flags and the JSON result.
func TestReference(t *testing.T) {
	page := cmdlinetest.Page{
		Path: filepath.Join("..", "docs", "loadtester.md"),
		App: func() *cli.App {
			o, app := &options{}, newApp()
			app.Flags = o.flags()
			app.Commands[0].Action = func(c *cli.Context) error {
				_, _, err := readAgent(c).validate()
				return err
			}
			app.Action = func(c *cli.Context) error {
				o.read(c)
				if err := o.Validate(); err != nil {
					return err
				}
				_, err := o.Load.Validate()
				return err
			}
			return app
		},
		Base: func(args []string) []string { return append([]string{"http://localhost:8080/users"}, args...) },
	}
	page.Flags(t)
	page.Mentions(t, filepath.Join("..", "docs", "migrating-from-python.md"), "loadtester")
	require.Positive(t, page.Commands(t, documents(t)...))
	page.Keys(t, []*result.Record{}, verdict.Check{}, verdict.Difference{}, advised{}, verdict.HeaderGrade{}, agentRecord{}, fleet.Absent{})
}

// TestAgentReference holds docs/distributed.md to the flags of agents.
func TestAgentReference(t *testing.T) {
	page, err := os.ReadFile(filepath.Join("..", "docs", "distributed.md"))
	require.NoError(t, err)
	known := map[string]bool{}
	for _, flag := range agentCommand().Flags {
		name := "--" + flag.Names()[0]
		known[name] = true
		require.Regexp(t, "(?m)^\\|.*`"+name+"[ `]", string(page), name)
	}
	table, _, _ := strings.Cut(strings.SplitAfter(string(page), "## Agents\n")[1], "\n\nAn agent")
	for _, match := range regexp.MustCompile("`(--[a-z-]+)").FindAllStringSubmatch(table, -1) {
		require.True(t, known[match[1]], match[1])
	}
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
