package main

import (
	"slices"
	"strings"

	"github.com/urfave/cli/v2"

	"github.com/senior-backend/toolkit/scaffolder/internal/emit"
	"github.com/senior-backend/toolkit/shared/cmdline"
	"github.com/senior-backend/toolkit/shared/fault"
)

// options is everything that the command line says. The zero value names no
// source and is refused by Validate.
type options struct {
	Spec         string   // a document, "-" for stdin, or with GenerateSpec a directory of routes
	Extra        []string // positionals after Spec; always refused
	Database     string   // URL to read tables from, instead of Spec
	GenerateSpec bool     // write an OpenAPI document rather than a server
	Merge        string   // a document that what is read from routes is merged into
	Emit         string   // what else to write rather than a server: "load-plan"

	Version   string // of the document: 3.1 or 3.0
	Output    string // directory of the server, or path of the document; "" is stdout
	Framework string // express, fastify or koa
	TypesOnly bool
	Project   bool // write the project's own files; without either of these
	NoProject bool // two, whether there is a package.json decides

	Docs        bool     // the server shows what the API can do
	Replies     bool     // answers are checked too
	Idempotency bool     // what comes again with its key is done once
	Roles       bool     // callers need roles
	Tiers       string   // limits by caller
	Int64       string   // what integers of 64 bits are: exact or number
	TiersGiven  bool     // and be it empty
	Strict      bool     // what is invalid in Spec ends the run
	AllowRefs   []string // directories that references may also read
	AllowRemote bool     // references may read from the network

	DryRun bool // print the difference rather than write it
	Check  bool // exit with status 3 when something would change
	Force  bool // replace edited files

	JSON    bool
	Verbose bool

	FromDB databaseOptions
}

const (
	defaultOutput  = "./generated"
	defaultVersion = "3.1"
	oldVersion     = "3.0"
	loadPlan       = "load-plan"
	int64Exact     = "exact"
	int64Number    = "number"
)

const (
	groupSource = "What to read"
	groupServer = "What to write"
	groupFiles  = "How to write it"
)

func (o *options) flags() []cli.Flag {
	flags := []cli.Flag{
		&cli.StringFlag{Name: "from-db", Usage: "read the tables of the PostgreSQL database at `URL` instead of a document", Category: groupSource, Destination: &o.Database},
		&cli.BoolFlag{Name: "strict", Usage: "fail on what is invalid or not supported, instead of listing it", Category: groupSource, Destination: &o.Strict},
		&cli.StringSliceFlag{Name: "allow-refs", Usage: "let references read files in `DIR` too; repeatable", Category: groupSource + cmdline.Brief},

		&cli.BoolFlag{Name: "allow-remote-refs", Usage: "let references read files from the network", Category: groupSource + cmdline.Brief, Destination: &o.AllowRemote},

		&cli.StringFlag{Name: "framework", Aliases: []string{"f"}, Usage: "`NAME` of the framework: express, fastify or koa", Value: emit.Express, Category: groupServer, Destination: &o.Framework},
		&cli.BoolFlag{Name: "types-only", Usage: "write only the TypeScript types", Category: groupServer, Destination: &o.TypesOnly},
		&cli.BoolFlag{Name: "project", Usage: "also write package.json, app, tests and so on; the default where there is no package.json", Category: groupServer, Destination: &o.Project},
		&cli.BoolFlag{Name: "no-project", Usage: "do not write those files", Category: groupServer + cmdline.Brief, Destination: &o.NoProject},
		&cli.BoolFlag{Name: "docs", Usage: "let the server show the API at /docs, with nothing from elsewhere", Category: groupServer + cmdline.Brief, Destination: &o.Docs},
		&cli.BoolFlag{Name: "validate-responses", Usage: "let the server check its own answers too", Category: groupServer + cmdline.Brief, Destination: &o.Replies},
		&cli.BoolFlag{Name: "idempotency", Usage: "let the server do once what comes again with its Idempotency-Key", Category: groupServer + cmdline.Brief, Destination: &o.Idempotency},
		&cli.BoolFlag{Name: "rbac", Usage: "let callers in by their roles, as the table policy.ts says", Category: groupServer + cmdline.Brief, Destination: &o.Roles},
		&cli.StringFlag{Name: "rate-limit-tiers", Usage: "limit callers by `TIERS` that their tokens name, such as free=100/15m,pro=1000/15m", Category: groupServer + cmdline.Brief, Destination: &o.Tiers},
		&cli.StringFlag{Name: "int64", Usage: "what integers of format int64 `BECOME`: exact (bigint where a number would lose digits) or number", Value: int64Exact, Category: groupServer + cmdline.Brief, Destination: &o.Int64},
		&cli.BoolFlag{Name: "generate-spec", Usage: "write an OpenAPI 3.1 document instead of a server", Category: groupServer, Destination: &o.GenerateSpec},

		&cli.StringFlag{Name: "merge", Usage: "with routes: bring the document in `FILE` up to date, and keep what people wrote in it", Category: groupServer + cmdline.Brief, Destination: &o.Merge},
		&cli.StringFlag{Name: "emit", Usage: "write `WHAT` instead of a server: load-plan, a requests file for loadtester", Category: groupServer + cmdline.Brief, Destination: &o.Emit},
		&cli.StringFlag{Name: "openapi", Usage: "`VERSION` of the document: 3.1 or 3.0", Value: defaultVersion, Category: groupServer, Destination: &o.Version},

		&cli.StringFlag{Name: "output", Aliases: []string{"o"}, Usage: "`PATH`: directory of the server (default: " + defaultOutput + "), or file of the document (default: stdout)", Category: groupFiles},
		&cli.BoolFlag{Name: "dry-run", Usage: "print what would change as a diff, and write nothing", Category: groupFiles, Destination: &o.DryRun},
		&cli.BoolFlag{Name: "check", Usage: "write nothing; exit with status 3 when something would change", Category: groupFiles, Destination: &o.Check},
		&cli.BoolFlag{Name: "force", Usage: "replace generated files that were edited; a backup is kept", Category: groupFiles, Destination: &o.Force},
	}
	return append(flags, o.FromDB.flags()...)
}

// read takes what urfave/cli keeps outside the flags' destinations.
func (o *options) read(c *cli.Context) {
	o.Spec, o.Extra = c.Args().First(), c.Args().Tail()
	o.JSON, o.Verbose = c.Bool("json"), c.Bool("verbose")
	o.FromDB.read(c)
	o.TiersGiven = c.IsSet("rate-limit-tiers")
	o.AllowRefs = c.StringSlice("allow-refs")
	o.Output = c.String("output")
	if o.Output == "" && !c.IsSet("output") && o.Check && o.Merge != "" {
		o.Output = o.Merge // what it is held against
	}
	if !c.IsSet("output") && !o.GenerateSpec && o.Emit == "" {
		o.Output = defaultOutput
	}
}

// Validate refuses command lines that cannot be obeyed, with a fault.Usage.
func (o options) Validate() error {
	if o.TiersGiven {
		if _, err := emit.Tiers(o.Tiers); err != nil {
			return fault.Usagef("argument --rate-limit-tiers: %v", err)
		}
	}
	frameworks := []string{emit.Express, emit.Fastify, emit.Koa}
	switch {
	case len(o.Extra) > 0:
		return fault.Usagef("unrecognized arguments: %s", strings.Join(o.Extra, " "))
	case o.Spec != "" && o.Database != "":
		return fault.Usagef("a document (%s) and --from-db contradict each other: give one", o.Spec)
	case o.Spec == "" && o.Database == "":
		return fault.Usagef("nothing to read: name an OpenAPI document, or a database with --from-db URL")
	case !slices.Contains(frameworks, o.Framework):
		return fault.Usagef("argument --framework/-f: invalid choice: %q (choose from %s)", o.Framework, strings.Join(frameworks, ", "))
	case o.Int64 != int64Exact && o.Int64 != int64Number:
		return fault.Usagef("argument --int64: invalid choice: %q (choose from exact, number)", o.Int64)
	case o.Int64 != int64Exact && (o.GenerateSpec || o.Emit != "" || o.Database != ""):
		return fault.Usagef("--int64 goes with a server of a document, not with --generate-spec, --emit or --from-db")
	case o.Version != defaultVersion && o.Version != oldVersion:
		return fault.Usagef("argument --openapi: invalid choice: %q (choose from 3.1, 3.0)", o.Version)
	case o.Version != defaultVersion && !o.GenerateSpec:
		return fault.Usagef("--openapi %s goes with --generate-spec", o.Version)
	case o.GenerateSpec && o.TypesOnly:
		return fault.Usagef("--generate-spec and --types-only contradict each other: give one")
	case o.Emit != "" && o.Emit != loadPlan:
		return fault.Usagef("argument --emit: invalid choice: %q (choose from %s)", o.Emit, loadPlan)
	case o.Emit != "" && (o.GenerateSpec || o.TypesOnly):
		return fault.Usagef("--emit writes something else than --generate-spec and --types-only: give one")
	case o.Merge != "" && (!o.GenerateSpec || o.Database != ""):
		return fault.Usagef("--merge goes with a directory of routes and --generate-spec")
	case o.guards() != "" && (o.GenerateSpec || o.TypesOnly || o.Emit != ""):
		return fault.Usagef("%s goes with a server, not with --generate-spec, --types-only or --emit", o.guards())
	case (o.Roles || o.Tiers != "") && o.Database != "" && o.FromDB.Auth == authNone:
		return fault.Usagef("%s needs callers that prove who they are: give --auth bearer or --auth api-key", o.guards())
	case o.DryRun && o.Check:
		return fault.Usagef("--dry-run and --check contradict each other: give one")
	case o.Output == "" && (o.Check || !o.GenerateSpec && o.Emit == ""):
		return fault.Usagef("argument --output/-o: expected a path")
	case o.Project && o.NoProject:
		return fault.Usagef("--project and --no-project contradict each other: give one")
	case o.TypesOnly && o.Project:
		return fault.Usagef("--types-only and --project contradict each other: give one")
	}
	return o.FromDB.validate(o.Database != "")
}

// guards is the first of the flags that add to what a server checks; "" for none.
func (o options) guards() string {
	switch {
	case o.Roles:
		return "--rbac"
	case o.Tiers != "":
		return "--rate-limit-tiers"
	case o.Idempotency:
		return "--idempotency"
	}
	return ""
}
