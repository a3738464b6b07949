package main

import (
	"bufio"
	"context"
	"fmt"
	"os"
	"strconv"
	"sync"
	"time"

	"github.com/rs/zerolog"
	"github.com/urfave/cli/v2"

	"github.com/senior-backend/toolkit/loadtester/internal/fleet"
	"github.com/senior-backend/toolkit/loadtester/internal/plan"
	"github.com/senior-backend/toolkit/shared/fault"
	"github.com/senior-backend/toolkit/shared/report"
)

// agentOptions are what the command line of an agent says.
type agentOptions struct {
	Link      fleet.Link
	Name      string
	Allow     []string
	Instances int
	Samples   string
	Skew      string
	Others    []string // positionals, of which there must be none
}

const maxInstances = 1000

// agentCommand is the command that waits for others to have it load something.
func agentCommand() *cli.Command {
	return &cli.Command{
		Name:      "agent",
		Usage:     "does a share of the load that others ask for over NATS",
		ArgsUsage: " ",
		Description: `loadtester agent --nats nats://nats.example.com:4222 --nats-creds agent.creds --allow-target staging.example.com:443
loadtester agent --nats nats://10.0.0.1:4222 --nats-token token --allow-target 10.0.0.0/8:8080`,
		Flags: append([]cli.Flag{
			&cli.StringFlag{Category: groupFleet, Name: "nats", Usage: "wait for orders at the NATS server `URL`"},
			&cli.StringSliceFlag{Category: groupFleet, Name: "allow-target", Usage: "load `HOST:PORT` if asked to, and nothing else; may be repeated"},
			&cli.StringFlag{Category: groupFleet, Name: "name", Usage: "what reports call this agent `NAME` (default the host's name)"},
			&cli.IntFlag{Category: groupFleet, Name: "instances", Value: 1, Usage: "be `N` agents"},
			&cli.StringFlag{Category: groupFleet, Name: "samples", Usage: "write each request that counts to `FILE`, as CSV"},
			&cli.StringFlag{Category: groupFleet, Name: "clock-skew", Value: "0", Usage: "go by a clock that is wrong by `TIME`, to try that out"},
		}, linkFlags("")...),
		Action: func(c *cli.Context) error {
			return readAgent(c).run(c.Context, *zerolog.Ctx(c.Context))
		},
	}
}

func readAgent(c *cli.Context) *agentOptions {
	return &agentOptions{
		Link: readLink(c), Name: c.String("name"), Allow: c.StringSlice("allow-target"), Instances: c.Int("instances"),
		Samples: c.String("samples"), Skew: c.String("clock-skew"), Others: c.Args().Slice(),
	}
}

// validate refuses what can't be obeyed.
func (o *agentOptions) validate() (allowed fleet.Targets, skew time.Duration, err error) {
	skew, err = plan.ParseSeconds(o.Skew)
	switch {
	case len(o.Others) > 0:
		return nil, 0, fault.Usagef("agent takes no URL, but got %s; targets are named by who asks for load, and allowed with --allow-target", report.RedactURL(o.Others[0]))
	case o.Link.URL == "":
		return nil, 0, fault.Usagef("agent: name the NATS server with --nats URL")
	case err != nil || skew.Abs() > 24*time.Hour:
		return nil, 0, fault.Usagef("--clock-skew %q: a time such as 0.3, 300ms or -2s", o.Skew)
	case o.Instances < 1 || o.Instances > maxInstances:
		return nil, 0, fault.Usagef("--instances %d: must be from 1 to %d", o.Instances, maxInstances)
	case len(o.Allow) == 0:
		return nil, 0, fault.Usagef("agent: say what it may load with --allow-target HOST:PORT; an agent loads nothing else")
	}
	if err := o.Link.Validate(); err != nil {
		return nil, 0, err
	}
	allowed, err = fleet.ParseTargets(o.Allow)
	return allowed, skew, err
}

// run serves until it is interrupted, which is how an agent ends.
func (o *agentOptions) run(ctx context.Context, log zerolog.Logger) error {
	allowed, skew, err := o.validate()
	if err != nil {
		return err
	}
	var log2 *sampleLog
	if o.Samples != "" {
		if log2, err = newSampleLog(o.Samples); err != nil {
			return err
		}
		defer log2.close()
	}
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	var wg sync.WaitGroup
	errs := make(chan error, o.Instances)
	for i := range o.Instances {
		a := &fleet.Agent{
			Link: o.Link, Name: o.Name, Allowed: allowed, Patterns: o.Allow, Skew: skew, Together: o.Instances > 1, Log: log,
		}
		if o.Instances > 1 {
			if a.Name == "" {
				a.Name, _ = os.Hostname() //nolint:errcheck // then they are numbers
			}
			a.Name += "-" + strconv.Itoa(i+1)
		}
		if log2 != nil {
			a.Observe = func(s plan.Sample) { log2.add(a.Name, s) }
		}
		wg.Go(func() {
			if err := a.Serve(ctx); err != nil {
				errs <- err
				cancel()
			}
		})
	}
	wg.Wait()
	select {
	case err := <-errs:
		return err
	default:
	}
	if log2 != nil {
		return log2.close()
	}
	return nil
}

// sampleLog writes samples as they come.
type sampleLog struct {
	mu   sync.Mutex
	file *os.File
	to   *bufio.Writer
	line []byte
	err  error
}

func newSampleLog(path string) (*sampleLog, error) {
	file, err := os.Create(path)
	if err != nil {
		return nil, &fault.Input{Path: path, Message: "samples can't be written: " + err.Error(), Hint: "name another file", Err: err}
	}
	l := &sampleLog{file: file, to: bufio.NewWriterSize(file, 1<<16)}
	_, l.err = l.to.WriteString("agent,due_unix_ns,took_ns,status,good\n")
	return l, nil
}

func (l *sampleLog) add(agent string, s plan.Sample) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.err != nil {
		return
	}
	b := append(l.line[:0], strconv.Quote(agent)...)
	b = strconv.AppendInt(append(b, ','), s.Due.UnixNano(), 10)
	b = strconv.AppendInt(append(b, ','), int64(s.Took), 10)
	b = strconv.AppendInt(append(b, ','), int64(s.Status), 10)
	b = strconv.AppendBool(append(b, ','), s.Good)
	l.line = append(b, '\n')
	_, l.err = l.to.Write(l.line)
}

// close writes what is left; calling it again does nothing.
func (l *sampleLog) close() error {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.file == nil {
		return l.err
	}
	if err := l.to.Flush(); l.err == nil {
		l.err = err
	}
	if err := l.file.Close(); l.err == nil {
		l.err = err
	}
	l.file = nil
	if l.err != nil {
		return fmt.Errorf("write samples: %w", l.err)
	}
	return nil
}
