// Command scaffolder writes TypeScript servers from OpenAPI documents and
// PostgreSQL databases, and OpenAPI documents from either and from the routes of
// servers.
//
// The command line goes in; files, a summary on stdout and an exit status come
// out. This package turns flags into options, makes the calls of one mode and
// renders what came back; the work is done in the internal packages. It refuses
// command lines that name no source, or two.
package main

import (
	"context"
	"io"

	"github.com/rs/zerolog"
	"github.com/urfave/cli/v2"

	"github.com/senior-backend/toolkit/shared/cmdline"
)

func main() { cmdline.Main(newApp()) }

// streams is what a mode may talk to besides files.
type streams struct {
	in  io.Reader
	out io.Writer      // the result, for a person or as JSON
	log zerolog.Logger // on stderr
}

func newApp() *cli.App {
	o := &options{}
	return &cli.App{
		Name:      "scaffolder",
		Usage:     "writes TypeScript servers from OpenAPI documents and databases",
		ArgsUsage: "[SPEC]",
		Description: `scaffolder openapi.yaml --framework express --output src/routes/
scaffolder --from-db postgres://localhost/mydb --output src/routes/
scaffolder src/routes/ --generate-spec --output openapi.yaml`,
		Flags: o.flags(),
		Metadata: map[string]any{
			cmdline.OlderFlags: []string{ // those of the Python script
				"output", "framework", "types-only",
			},
			cmdline.Choices: map[string][]string{
				"framework": {"express", "fastify", "koa"}, "openapi": {"3.1", "3.0"},
				"auth": {"bearer", "api-key", "none"}, "emit": {"load-plan"},
			},
		},
		Action: func(c *cli.Context) error {
			o.read(c)
			if err := o.Validate(); err != nil {
				return err
			}
			return run(c.Context, *o, streams{in: c.App.Reader, out: c.App.Writer, log: *zerolog.Ctx(c.Context)})
		},
	}
}

// run makes the calls that the options ask for.
func run(ctx context.Context, o options, s streams) error {
	switch {
	case o.Database != "":
		return runDatabase(ctx, o, s)
	case o.Emit == loadPlan:
		return runLoadPlan(ctx, o, s)
	case o.GenerateSpec:
		return runDocument(ctx, o, s)
	default:
		return runServer(ctx, o, s)
	}
}
