package main

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"time"

	"github.com/senior-backend/toolkit/loadtester/internal/capacity"
	"github.com/senior-backend/toolkit/loadtester/internal/plan"
	"github.com/senior-backend/toolkit/loadtester/internal/result"
	"github.com/senior-backend/toolkit/loadtester/internal/stats"
	"github.com/senior-backend/toolkit/loadtester/internal/verdict"
	"github.com/senior-backend/toolkit/shared/fault"
)

// found is where the capacity of a target ends.
type found struct {
	capacity.Estimate
	Objectives  []string        `json:"objectives"`
	PerInstance *capacity.Point `json:"per_instance"` // what one instance should carry
	Target      *target         `json:"target"`
	target      *plan.Target
	stepSeconds float64
}

// target is how many instances a rate needs.
type target struct {
	Rate        float64 `json:"requests_per_second"`
	Instances   int     `json:"instances"`
	WithReserve int     `json:"instances_with_reserve"` // each used to three quarters
}

const (
	shortestStep = 100 * time.Millisecond
	// leastOfStep is how many requests of each connection a step has to have; until then
	// steps are made twice as long, mostDoublings times.
	leastOfStep   = 3
	mostDoublings = 6
)

// usedShare is how much of an instance is used when a reserve is kept for peaks and for
// an instance that fails.
const usedShare = 0.75

// runCapacity raises the load step by step until more connections bring no more.
func runCapacity(ctx context.Context, o *options, p *plan.Plan, s streams) (outcome, error) {
	t := &p.Targets[0]
	e, err := s.reach(ctx, o.Load, p, 0)
	if err != nil {
		return outcome{}, err
	}
	c := climber{
		o: o, engine: e, target: t, plan: p, loads: map[int]*load{},
		search: capacity.NewSearch(p.Concurrency, len(o.Capacity.objectives) > 0),
	}
	c.step = max(p.Duration/time.Duration(c.search.Most()), shortestStep)
	c.until = time.Now().Add(p.Duration)
	show := showSearch(o, t, s)
	defer show.end()
	for n, ok := c.search.Next(); ok && ctx.Err() == nil; n, ok = c.search.Next() {
		show.loading(n)
		step, err := c.load(ctx, n, s)
		if err != nil {
			return outcome{}, err
		}
		if ctx.Err() != nil || c.failure != nil {
			break
		}
		c.search.Add(step)
		show.loaded(step)
	}
	show.end()
	return c.outcome(), nil
}

// climber carries out a search.
type climber struct {
	o       *options
	engine  loader
	target  *plan.Target
	plan    *plan.Plan
	search  *capacity.Search
	step    time.Duration
	until   time.Time     // when the search should have ended
	longer  int           // how often steps were made longer
	loads   map[int]*load // by connections
	most    float64       // the highest rate so far
	failure error
}

// load is all that was measured with one number of connections.
type load struct {
	plan    plan.Plan
	summary *stats.Summary
}

// load measures one step.
func (c *climber) load(ctx context.Context, connections int, s streams) (capacity.Step, error) {
	quiet := *c.o
	quiet.Quiet = true
	var step plan.Plan
	var summary *stats.Summary
	for {
		step = c.stepPlan(connections)
		var err error
		if summary, err = measure(ctx, &quiet, c.engine, &step, c.target, s); err != nil {
			return capacity.Step{}, err
		}
		if summary.Tally.Requests() >= uint64(leastOfStep*connections) || c.longer >= mostDoublings || ctx.Err() != nil {
			break
		}
		c.step *= 2 // too few to tell anything: the server takes its time
		c.longer++
	}
	summary.Seconds = nil // a step is no run of seconds
	if ctx.Err() == nil && len(c.loads) == 0 {
		c.failure = silent(summary, c.target, c.step)
	}
	fresh := result.Of(&step, c.target, summary)
	rate := throughput(&step, fresh, summary)
	all := c.keep(step, summary)
	out := capacity.Step{
		Connections: connections, Rate: rate, P50: all.LatencyP50, P99: all.LatencyP99,
		ErrorRate: fresh.ErrorRate, Errors: fresh.ErrorsText(), ClientBusy: fresh.ClientBusy, Within: true,
	}
	for _, objective := range c.o.Capacity.objectives {
		out.Within = out.Within && objective.Holds(all)
	}
	c.most = max(c.most, rate)
	return out, nil
}

// stepPlan is the plan of a step. The warm-up lasts until the queue that so many
// connections make has formed: by Little's law, connections divided by the rate.
func (c *climber) stepPlan(connections int) plan.Plan {
	step := *c.plan
	step.Concurrency, step.MaxConnections, step.Threads = connections, connections, min(c.plan.Threads, connections)
	step.Duration, step.Grace = c.step, max(c.plan.Grace, 5*time.Second)
	if left := c.search.Left(); left > 0 { // the second pass has what the first one left
		const measured = 0.7 // of the time; the rest is warm-up
		step.Duration = max(c.step, time.Duration(measured*float64(time.Until(c.until))/float64(left)))
	}
	step.Warmup = step.Duration / 5
	if c.most > 0 {
		queue := time.Duration(2 * float64(connections) / c.most * float64(time.Second))
		step.Warmup = min(max(step.Warmup, queue), 2*c.step)
	}
	return step
}

// silent is the fault of a first step without any answer.
func silent(s *stats.Summary, t *plan.Target, waited time.Duration) error {
	if s.Tally.Requests() == 0 {
		return &fault.Environment{
			Message: fmt.Sprintf("%s: no request ended within %v", t.Name, waited.Round(time.Millisecond)),
			Hint:    "check that the server answers a single request, or search for longer with --duration",
		}
	}
	return unanswered(s, t)
}

// keep adds what a step measured to what is known of its number of connections, and
// returns the record of both.
func (c *climber) keep(step plan.Plan, summary *stats.Summary) *result.Record {
	known := c.loads[step.Concurrency]
	if known == nil {
		known = &load{plan: step, summary: summary}
		c.loads[step.Concurrency] = known
	} else {
		known.summary.Merge(summary)
		known.plan.Duration += step.Duration
		known.plan.Warmup += step.Warmup
	}
	return result.Of(&known.plan, c.target, known.summary)
}

// throughput is the rate of successes of a step. By Little's law it is the connections
// divided by the mean time of a request, which, other than a count, is right also for
// a stretch of a few requests. Where many fail, connections may rest, and counting is
// all there is.
func throughput(p *plan.Plan, r *result.Record, s *stats.Summary) float64 {
	const few = 0.01
	if mean := s.Tally.OK.Mean().Seconds(); mean > 0 && r.ErrorRate < few {
		return float64(p.Concurrency) / mean * (1 - r.ErrorRate)
	}
	return float64(r.SuccessfulRequests) / p.Duration.Seconds()
}

// outcome sums the search up, also an interrupted one.
func (c *climber) outcome() outcome {
	out := outcome{failure: c.failure}
	for _, n := range slices.Sorted(maps.Keys(c.loads)) {
		l := c.loads[n]
		out.records = append(out.records, result.Of(&l.plan, c.target, l.summary))
	}
	f := &found{Estimate: c.search.Estimate(), Objectives: c.o.Capacity.SLO, target: c.target, stepSeconds: c.step.Seconds()}
	if f.Objectives == nil {
		f.Objectives = []string{}
	}
	out.capacity = f
	if c.failure != nil || len(f.Steps) == 0 {
		return out
	}
	wanted := len(f.Objectives) > 0
	f.PerInstance = f.Operating(wanted)
	if rate := c.o.Capacity.Target; rate > 0 && f.PerInstance != nil && f.PerInstance.Rate > 0 {
		f.Target = &target{Rate: rate, Instances: f.PerInstance.Instances(rate, 1), WithReserve: f.PerInstance.Instances(rate, usedShare)}
	}
	if wanted {
		out.checks = append(out.checks, verdict.ObjectiveCheck(f.Objectives, &f.Estimate))
	}
	for _, a := range verdict.AdviseCapacity(&f.Estimate, out.records) {
		out.advice = append(out.advice, advised{Target: c.target.Name, Advice: a})
	}
	return out
}
