// Command migrator analyses PostgreSQL schemas, compares them, writes and
// applies migrations, and suggests indexes.
//
// The command line goes in; files, a report on stdout and an exit status come
// out. This package turns flags into options, makes one call and renders what
// came back; the work is done in the internal packages. It refuses command
// lines that name no schema, or two.
package main

import (
	"context"
	"io"
	"time"

	"github.com/rs/zerolog"
	"github.com/urfave/cli/v2"

	"github.com/senior-backend/toolkit/shared/cmdline"
)

func main() { cmdline.Main(newApp()) }

// streams is what a mode may talk to besides the database.
type streams struct {
	in  io.Reader
	out io.Writer      // the result, for a person or as JSON
	err io.Writer      // everything else
	log zerolog.Logger // written to err
	now func() time.Time
}

func newApp() *cli.App {
	o := &options{}
	return &cli.App{
		Name:      "migrator",
		Usage:     "analyses, compares and migrates PostgreSQL schemas",
		ArgsUsage: "[SCHEMA]",
		Description: `migrator --connection postgres://localhost/mydb --analyze
migrator --connection $DATABASE --compare schema/v2.sql --output migrations/
migrator --connection $DATABASE --migrate migrations/add_indexes.sql --dry-run`,
		Metadata: map[string]any{
			cmdline.OlderFlags: []string{ // those of the Python script
				"analyze", "compare", "suggest-indexes", "output",
			},
			cmdline.Choices: map[string][]string{
				"fail-on": {"error", "warning", "info"}, "plan": {"online", "transactional"},
				"postgres": {"13", "14", "15", "16", "17", "18"},
			},
		},
		Flags: o.flags(),
		Action: func(c *cli.Context) error {
			o.read(c)
			if err := o.Validate(); err != nil {
				return err
			}
			return run(c.Context, *o, newStreams(c))
		},
	}
}

func newStreams(c *cli.Context) streams {
	return streams{
		in:  c.App.Reader,
		out: c.App.Writer,
		err: c.App.ErrWriter,
		log: *zerolog.Ctx(c.Context),
		now: time.Now,
	}
}

// run makes the one call that the options ask for.
func run(ctx context.Context, o options, s streams) error {
	switch o.mode() {
	case modeCompare:
		return runCompare(ctx, o, s)
	case modeMigrate:
		return runMigrate(ctx, o, s)
	case modeSuggest:
		return runSuggest(ctx, o, s)
	default:
		return runAnalyze(ctx, o, s)
	}
}
