package main

import (
	"context"
	"time"

	"github.com/urfave/cli/v2"

	"github.com/senior-backend/toolkit/loadtester/internal/engine"
	"github.com/senior-backend/toolkit/loadtester/internal/fleet"
	"github.com/senior-backend/toolkit/loadtester/internal/plan"
	"github.com/senior-backend/toolkit/loadtester/internal/stats"
	"github.com/senior-backend/toolkit/shared/cmdline"
	"github.com/senior-backend/toolkit/shared/fault"
)

const groupFleet = "Agents"

// fleetOptions are what is said of agents that do the load.
type fleetOptions struct {
	Link     fleet.Link
	Agents   int
	Embedded bool
	Listen   string
	Wait     string
	Silence  string
	set      string // a flag that was given and needs --agents; empty when none was

	wait, silence time.Duration
}

// linkFlags are those of whoever talks to NATS, coordinator or agent. The word is put
// behind the group where --help only names them.
func linkFlags(brief string) []cli.Flag {
	text := func(name, value, usage string) cli.Flag {
		return &cli.StringFlag{Category: groupFleet + brief, Name: name, Value: value, Usage: usage}
	}
	return []cli.Flag{
		text("group", "default", "`NAME` that agents and those who call them have in common"),
		text("nats-creds", "", "credentials `FILE` to show NATS"),
		text("nats-nkey", "", "`FILE` with an NKey seed to show NATS"),
		text("nats-token", "", "`FILE` with a token to show NATS"),
		text("nats-ca", "", "PEM `FILE` of authorities to trust for NATS"),
		text("nats-cert", "", "PEM `FILE` of a certificate to show NATS"),
		text("nats-key", "", "PEM `FILE` of its key"),
		&cli.BoolFlag{Category: groupFleet + brief, Name: "nats-open", Usage: "take a NATS on another machine that lets anybody in"},
	}
}

func fleetFlags() []cli.Flag {
	return append([]cli.Flag{
		&cli.IntFlag{Category: groupFleet, Name: "agents", Usage: "have `N` agents do it, which --nats URL finds"},
		&cli.StringFlag{Category: groupFleet + cmdline.Brief, Name: "nats", Usage: "find them at the NATS server `URL`"},
		&cli.BoolFlag{Category: groupFleet + cmdline.Brief, Name: "embedded-nats", Usage: "or start one in here"},
		&cli.StringFlag{Category: groupFleet + cmdline.Brief, Name: "nats-listen", Value: fleet.DefaultListen, Usage: "where it listens, `HOST:PORT`"},
		&cli.StringFlag{Category: groupFleet + cmdline.Brief, Name: "agents-wait", Value: "10", Usage: "wait `TIME` for the agents"},
		&cli.StringFlag{Category: groupFleet + cmdline.Brief, Name: "agent-timeout", Value: "3", Usage: "an agent is lost when silent for `TIME`"},
	}, linkFlags(cmdline.Brief)...)
}

func readLink(c *cli.Context) fleet.Link {
	return fleet.Link{
		URL: c.String("nats"), Group: c.String("group"), Creds: c.String("nats-creds"), NKey: c.String("nats-nkey"),
		TokenFile: c.String("nats-token"), CA: c.String("nats-ca"), Cert: c.String("nats-cert"), Key: c.String("nats-key"),
		Open: c.Bool("nats-open"),
	}
}

func (o *fleetOptions) read(c *cli.Context) {
	*o = fleetOptions{
		Link: readLink(c), Agents: c.Int("agents"), Embedded: c.Bool("embedded-nats"), Listen: c.String("nats-listen"),
		Wait: c.String("agents-wait"), Silence: c.String("agent-timeout"),
	}
	if c.IsSet("agents") && o.Agents == 0 {
		o.Agents = -1
	}
	for _, flag := range fleetFlags() {
		if name := flag.Names()[0]; name != "agents" && c.IsSet(name) {
			o.set = "--" + name
		}
	}
	if c.IsSet("nats-listen") {
		o.Embedded = true
	}
}

// Validate refuses what can't be together, before anything is started.
func (o *fleetOptions) Validate() error {
	switch {
	case o.Agents == 0 && o.set != "":
		return fault.Usagef("%s only means something with --agents N", o.set)
	case o.Agents == 0:
		return nil
	case o.Agents < 0 || o.Agents > fleet.MaxAgents:
		return fault.Usagef("--agents %d: must be from 1 to %d", max(o.Agents, 0), fleet.MaxAgents)
	case o.Embedded && o.Link.URL != "":
		return fault.Usagef("--nats and --embedded-nats exclude each other: there is one server")
	case !o.Embedded && o.Link.URL == "":
		return fault.Usagef("--agents %d: name the NATS server with --nats URL, or start one with --embedded-nats", o.Agents)
	}
	var err error
	for _, t := range []struct {
		flag, text string
		least      time.Duration
		into       *time.Duration
	}{
		{"--agents-wait", o.Wait, 0, &o.wait},
		{"--agent-timeout", o.Silence, 2 * time.Second, &o.silence},
	} {
		if *t.into, err = plan.ParseSeconds(t.text); err != nil || *t.into < t.least || *t.into > time.Hour {
			return fault.Usagef("%s %q: a time from %v to 1h, such as 30 or 2m", t.flag, t.text, t.least)
		}
	}
	if o.Embedded {
		return fleet.CheckGroup(o.Link.Group)
	}
	return o.Link.Validate()
}

// muster finds the agents that are to do the load of a plan. The returned function lets
// them go. Without agents it does nothing.
func (o *options) muster(ctx context.Context, p *plan.Plan, s *streams) (release func(), err error) {
	f := &o.Fleet
	if f.Agents == 0 {
		return func() {}, nil
	}
	if !o.Capacity.On {
		if err := p.Divide(f.Agents); err != nil {
			return nil, err
		}
	}
	stopServer := func() {}
	if f.Embedded {
		embedded, err := fleet.Embed(f.Listen, &f.Link)
		if err != nil {
			return nil, err
		}
		stopServer = embedded.Close
		if !o.Quiet {
			s.log.Info().Str("address", embedded.Address()).Msg("NATS server listens; agents may come")
		}
	}
	c, err := fleet.Join(ctx, fleet.Options{
		Link: f.Link, Agents: f.Agents, Wait: f.wait, Silence: f.silence, Linger: !f.Embedded, Log: s.log,
	}, p.Ends())
	if err != nil {
		stopServer()
		return nil, err
	}
	s.fleet = c
	return func() {
		c.Close()
		stopServer()
	}, nil
}

// loader is what can load a target: this machine's engine, or agents.
type loader interface {
	// Run loads the target for p's time and adds what it measures to c. Cancelling ctx ends
	// the run at once; what was measured stays, and Run returns nil. The plan may differ
	// from the one that the loader was made for in its times and numbers only.
	Run(ctx context.Context, p *plan.Plan, c *stats.Collector) error
}

// reach gets ready to load one of a plan's targets. The plan is the one that the options
// describe.
func (s *streams) reach(ctx context.Context, o plan.Options, p *plan.Plan, target int) (loader, error) {
	if s.fleet != nil {
		return s.fleet.Open(ctx, o, p, target)
	}
	return engine.New(ctx, p, &p.Targets[target])
}
