package main

import (
	"path/filepath"
	"testing"

	"github.com/urfave/cli/v2"

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
	page.Keys(t, []*result.Record{}, verdict.Check{}, verdict.Difference{}, advised{})
}
