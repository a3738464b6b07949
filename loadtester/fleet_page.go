package main

import (
	"errors"
	"fmt"
	"time"

	"github.com/senior-backend/toolkit/loadtester/internal/fleet"
	"github.com/senior-backend/toolkit/loadtester/internal/plan"
	"github.com/senior-backend/toolkit/loadtester/internal/result"
	"github.com/senior-backend/toolkit/shared/report"
)

// errPartial says that something is missing in the figures.
var errPartial = errors.New("PARTIAL")

// agentRecord is what one agent did.
type agentRecord struct {
	Name        string  `json:"name"`
	Host        string  `json:"host"`
	Connections int     `json:"connections"`         // its share of them
	Rate        float64 `json:"requests_per_second"` // its share of the schedule's; 0 without one
	Requests    uint64  `json:"total_requests"`
	Failed      uint64  `json:"failed_requests"`
	P50         float64 `json:"latency_p50"` // milliseconds; 0 when it didn't tell
	P99         float64 `json:"latency_p99"`
	Offset      float64 `json:"clock_offset_ms"` // of its clock from this machine's
	Trip        float64 `json:"round_trip_ms"`   // of a message there and back
	Began       float64 `json:"began_after_ms"`  // the moment that was agreed
	LastSecond  int     `json:"last_second"`     // how many seconds of it are in the figures
	Busy        float64 `json:"client_busy"`
	Missing     string  `json:"missing"` // why something of it is missing; empty when nothing is
}

// roll takes down what the agents did.
func (out *outcome) roll(c *fleet.Coordinator) {
	if c == nil {
		return
	}
	agents, absent := c.Report()
	out.absent = absent
	millis := func(d time.Duration) float64 { return float64(d) / float64(time.Millisecond) }
	for _, a := range agents {
		out.agents = append(out.agents, agentRecord{
			Name: a.Name, Host: a.Host, Requests: a.Requests, Failed: a.Failed,
			P50: millis(a.P50), P99: millis(a.P99), Offset: millis(a.Offset), Trip: millis(a.Trip), Began: millis(a.Began),
			LastSecond: a.LastSecond, Busy: a.Busy, Missing: a.Why,
		})
	}
}

// share fills in what each agent's part of the plan is.
func (out *outcome) share(p *plan.Plan) {
	for i := range out.agents {
		a := &out.agents[i]
		part := p.Take(plan.Share{Index: i, Of: len(out.agents)})
		a.Connections = part.MaxConnections
		a.Rate = p.Rate / float64(len(out.agents))
	}
}

// missing is the fault of agents that were lost; nil when none was.
func (out *outcome) missing(p *plan.Plan) error {
	out.share(p)
	lost, first := 0, ""
	for _, a := range out.agents {
		if a.Missing == "" {
			continue
		}
		if lost++; lost == 1 {
			first = fmt.Sprintf("%s (%s) is in the figures up to second %d", a.Name, a.Missing, a.LastSecond)
			if a.Rate > 0 {
				first += fmt.Sprintf(", and its %s/s are missing from then on", result.Number(a.Rate))
			}
		}
	}
	if lost == 0 {
		return nil
	}
	return fmt.Errorf("%w: %d of %d agents lost: %s", errPartial, lost, len(out.agents), first)
}

// agentsSection is the table of the agents.
func agentsSection(out outcome) report.Section {
	table := report.Table{Columns: []report.Column{
		{Head: "agent"},
		{Head: "share", Numeric: true},
		{Head: "requests", Numeric: true},
		{Head: "failed", Numeric: true},
		{Head: "p50", Numeric: true},
		{Head: "p99", Numeric: true},
		{Head: "clock", Numeric: true},
		{Head: "seconds", Numeric: true},
		{Head: "state"},
	}}
	told := func(v float64) string {
		if v == 0 {
			return "-"
		}
		return result.Millis(v)
	}
	for _, a := range out.agents {
		share := count(a.Connections, "connection")
		if a.Rate > 0 {
			share = result.Number(a.Rate) + "/s"
		}
		failed, state := report.Cell{Text: result.Count(a.Failed)}, report.Cell{Text: "whole", Level: report.LevelGood}
		if a.Failed > 0 {
			failed.Level = report.LevelBad
		}
		if a.Missing != "" {
			state = report.Cell{Text: a.Missing, Level: report.LevelBad}
		}
		table.Rows = append(table.Rows, []report.Cell{
			{Text: a.Name},
			{Text: share},
			{Text: result.Count(a.Requests)},
			failed,
			{Text: told(a.P50)},
			{Text: told(a.P99)},
			{Text: fmt.Sprintf("%+.1f ms ± %.1f", a.Offset, a.Trip/2)},
			{Text: fmt.Sprint(a.LastSecond)},
			state,
		})
	}
	s := report.Section{Heading: "Agents", Blocks: []report.Block{table}}
	for _, a := range out.absent {
		s.Blocks = append(s.Blocks, report.Text(fmt.Sprintf("%s had no part: %s.", a.Name, a.Why)))
	}
	return s
}
