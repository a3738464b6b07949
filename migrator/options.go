package main

import (
	"slices"
	"strings"

	"github.com/urfave/cli/v2"

	"github.com/senior-backend/toolkit/shared/cmdline"
	"github.com/senior-backend/toolkit/shared/fault"
)

// options is everything that the command line says. The zero value names no
// schema and is refused by Validate.
type options struct {
	Schema     string   // a schema file or directory; empty with Connection
	Extra      []string // positionals after Schema; always refused
	Connection string   // URL or key=value pairs of the database to work on

	Analyze        bool
	Compare        string // the wanted schema: a file, a directory or a URL
	SuggestIndexes bool
	Migrate        string // a migration file or a directory of them
	Rollback       string // a migration file, or how many migrations to take back
	Status         bool

	Output   string // directory of the files written; empty writes none
	HTML     string // file of the HTML report; empty writes none
	Markdown string // file of the Markdown report; empty writes none
	JSON     bool   // the result as JSON on stdout
	Verbose  bool
	FailOn   string   // lowest severity that makes the exit status 3; empty is never
	Schemas  []string // only these schemas of the database; empty means all

	Scratch  string // URL of a server for temporary databases; empty finds one
	Postgres int    // major version of the embedded server; 0 takes what is there

	Advising  adviseOptions
	Comparing compareOptions
	Migrating migrateOptions
}

// mode is what one run of the tool does.
type mode int

const (
	modeAnalyze mode = iota
	modeCompare
	modeMigrate
	modeSuggest
)

// mode follows the precedence that the command line always had: --compare wins
// over everything, --suggest-indexes over --analyze, which is the default.
func (o options) mode() mode {
	switch {
	case o.Compare != "":
		return modeCompare
	case o.Migrate != "" || o.Rollback != "" || o.Status:
		return modeMigrate
	case o.SuggestIndexes:
		return modeSuggest
	default:
		return modeAnalyze
	}
}

const (
	groupMode    = "What to do"
	groupSource  = "What to do it to"
	groupOutput  = "What to write"
	groupAnalyze = "With --analyze"
	groupCompare = "With --compare"
)

func (o *options) flags() []cli.Flag {
	flags := []cli.Flag{
		&cli.StringFlag{Name: "connection", Usage: "the database: `URL`, postgres://user@host/name", Category: groupSource, Destination: &o.Connection},
		&cli.StringSliceFlag{Name: "schema", Usage: "only this schema of the database: `NAME`; repeatable", Category: groupSource},
		&cli.StringFlag{Name: "scratch", Usage: "server for temporary databases: `URL`", Category: groupSource + cmdline.Brief, Destination: &o.Scratch},
		&cli.IntFlag{Name: "postgres", Usage: "major `VERSION` of the embedded server, 13 to 18", Category: groupSource + cmdline.Brief, Destination: &o.Postgres},

		&cli.BoolFlag{Name: "analyze", Usage: "say what is wrong, and what to run; the default", Category: groupMode, Destination: &o.Analyze},
		&cli.StringFlag{Name: "compare", Usage: "write the migration to the schema in `FILE`, or at a URL", Category: groupMode, Destination: &o.Compare},
		&cli.BoolFlag{Name: "suggest-indexes", Usage: "write the indexes that were seen to help", Category: groupMode, Destination: &o.SuggestIndexes},
		&cli.StringFlag{Name: "migrate", Usage: "apply `FILE`, or what is pending in a directory", Category: groupMode, Destination: &o.Migrate},
		&cli.StringFlag{Name: "rollback", Usage: "take back the migration `FILE`, or the last N", Category: groupMode, Destination: &o.Rollback},
		&cli.BoolFlag{Name: "status", Usage: "list the migrations that are applied and pending", Category: groupMode, Destination: &o.Status},

		&cli.StringFlag{Name: "output", Aliases: []string{"o"}, Usage: "`DIR` of the files written", Category: groupOutput, Destination: &o.Output},
		&cli.StringFlag{Name: "html", Usage: "write the report as a web page to `FILE`", Category: groupOutput, Destination: &o.HTML},
		&cli.StringFlag{Name: "markdown", Usage: "write the report as Markdown to `FILE`", Category: groupOutput + cmdline.Brief, Destination: &o.Markdown},
		&cli.StringFlag{Name: "fail-on", Usage: "status 3 from `SEVERITY` up: error, warning or info", Category: groupOutput, Destination: &o.FailOn},
	}
	flags = append(flags, o.Advising.flags()...)
	flags = append(flags, o.Comparing.flags()...)
	return append(flags, o.Migrating.flags()...)
}

// read takes what urfave/cli keeps outside the flags' destinations.
func (o *options) read(c *cli.Context) {
	o.Schema, o.Extra = c.Args().First(), c.Args().Tail()
	o.Schemas = c.StringSlice("schema")
	o.JSON, o.Verbose = c.Bool("json"), c.Bool("verbose")
	o.Advising.read(c)
	o.Comparing.read(c)
	o.Migrating.read(c)
}

// Validate refuses command lines that cannot be obeyed, with a fault.Usage.
func (o options) Validate() error {
	if err := o.validateSource(); err != nil {
		return err
	}
	if o.FailOn != "" && !slices.Contains([]string{"error", "warning", "info"}, o.FailOn) {
		return fault.Usagef("argument --fail-on: invalid choice: %q (choose from error, warning, info)", o.FailOn)
	}
	if o.Postgres != 0 && (o.Postgres < 13 || o.Postgres > 18) {
		return fault.Usagef("argument --postgres: version %d is not one of 13 to 18", o.Postgres)
	}
	if err := o.Advising.validate(o); err != nil {
		return err
	}
	if err := o.Comparing.validate(o); err != nil {
		return err
	}
	return o.Migrating.validate(o)
}

func (o options) validateSource() error {
	var changing []string
	for name, given := range map[string]bool{"--migrate": o.Migrate != "", "--rollback": o.Rollback != "", "--status": o.Status} {
		if given {
			changing = append(changing, name)
		}
	}
	slices.Sort(changing)
	switch {
	case len(o.Extra) > 0:
		return fault.Usagef("unrecognized arguments: %s", strings.Join(o.Extra, " "))
	case o.Schema != "" && o.Connection != "":
		return fault.Usagef("a schema file (%s) and --connection contradict each other: give one", o.Schema)
	case o.Compare == "" && len(changing) > 1:
		return fault.Usagef("%s cannot go together", strings.Join(changing, " and "))
	case o.Compare == "" && len(changing) == 1 && (o.Analyze || o.SuggestIndexes):
		return fault.Usagef("%s cannot go with --analyze or --suggest-indexes", changing[0])
	case o.mode() == modeMigrate && o.Connection == "":
		return fault.Usagef("%s needs --connection URL: the database to change", changing[0])
	case o.Schema == "" && o.Connection == "":
		return fault.Usagef("no schema given: name a schema file, or a database with --connection URL")
	}
	return nil
}
