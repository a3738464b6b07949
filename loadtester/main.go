// Command loadtester sends load to HTTP services, measures their answers and judges
// them.
//
// The command line goes in; a report on stdout, result files and an exit status come
// out. This package turns flags into options, makes the calls and renders what came
// back; the work is done in the internal packages. It refuses command lines that name
// no URL, or whose parts contradict each other.
package main

import (
	"io"

	"github.com/rs/zerolog"
	"github.com/urfave/cli/v2"

	"github.com/senior-backend/toolkit/loadtester/internal/fleet"
	"github.com/senior-backend/toolkit/loadtester/internal/result"
	"github.com/senior-backend/toolkit/shared/cmdline"
)

func main() { cmdline.Main(newApp()) }

// streams is what a mode may talk to besides the servers it loads.
type streams struct {
	out io.Writer      // the result, for a person or as JSON
	err io.Writer      // everything else
	log zerolog.Logger // written to err

	fleet      *fleet.Coordinator // of the agents that do the load; nil when it is done here
	histograms *result.Log        // of what is measured; nil when that was not asked for
}

func newApp() *cli.App {
	o := &options{}
	return &cli.App{
		Name:      "loadtester",
		Usage:     "sends load to HTTP services, measures their answers and judges them",
		ArgsUsage: "URL... [BASELINE]",
		Description: `loadtester https://localhost:8443/users --concurrency 50 --duration 30
loadtester http://localhost:8080/orders -m POST -b @order.json --rate 200
loadtester http://localhost:8080/users --compare baseline.json --tolerance 10%`,
		Flags:    o.flags(),
		Commands: []*cli.Command{agentCommand()},
		Metadata: map[string]any{
			cmdline.OlderFlags: []string{ // those of the Python script
				"method", "body", "header", "concurrency", "duration", "timeout", "compare", "no-verify-ssl", "output",
			},
			cmdline.Choices: map[string][]string{
				"method": {"GET", "POST", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS"},
			},
		},
		Action: func(c *cli.Context) error {
			o.read(c)
			if err := o.Validate(); err != nil {
				return err
			}
			return run(c.Context, o, streams{out: c.App.Writer, err: c.App.ErrWriter, log: *zerolog.Ctx(c.Context)})
		},
	}
}
