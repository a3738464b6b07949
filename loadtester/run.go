package main

import (
	"context"
	"fmt"
	"time"

	"github.com/senior-backend/toolkit/loadtester/internal/fleet"
	"github.com/senior-backend/toolkit/loadtester/internal/plan"
	"github.com/senior-backend/toolkit/loadtester/internal/result"
	"github.com/senior-backend/toolkit/loadtester/internal/stats"
	"github.com/senior-backend/toolkit/loadtester/internal/verdict"
	"github.com/senior-backend/toolkit/shared/fault"
)

// outcome is all that a run ended with.
type outcome struct {
	records     []*result.Record
	checks      []verdict.Check
	differences []verdict.Difference
	advice      []advised
	names       [2]string             // of what the differences are between
	failure     error                 // why nothing could be measured; may be nil
	slices      [2][]*result.Record   // of two targets that were loaded in turns
	baseline    *result.Record        // what the run is compared with; nil when that was not asked for
	histograms  *result.Log           // nil when that was not asked for
	headers     []verdict.HeaderGrade // of the answers' security headers, when that was asked for
	agents      []agentRecord         // those that did the load; nil when it was done here
	absent      []fleet.Absent        // agents that had no part in it
	capacity    *found                // where the capacity ends; nil when that was not asked for
}

// pair tells whether two targets were loaded to be compared.
func (out *outcome) pair() bool { return len(out.records) == 2 && out.names[0] != "" }

// advised is what a target's run says.
type advised struct {
	Target string `json:"target"`
	verdict.Advice
}

func (out *outcome) advise(p *plan.Plan, t *plan.Target, r *result.Record, summary *stats.Summary) {
	for _, a := range verdict.Advise(p, r, summary) {
		out.advice = append(out.advice, advised{Target: t.Name, Advice: a})
	}
}

// run makes the one call that the options ask for, reports its outcome and returns what
// it means for the exit status: an interrupt, a failure or a verdict.
func run(ctx context.Context, o *options, s streams) error {
	p, err := o.Load.Validate()
	if err != nil {
		return err
	}
	if err := rehearse(o); err != nil {
		return err
	}
	mode := runTargets
	switch {
	case o.Compare && o.Baseline != "":
		mode = runBaseline
	case o.Compare:
		mode = runPair
	case o.Capacity.On:
		mode = runCapacity
	case o.CheckHeaders:
		mode = runHeaders
	}
	var log *result.Log
	if o.HDR != "" {
		log = result.NewLog()
		defer log.Close()
		s.histograms = log
	}
	release, err := o.muster(ctx, p, &s)
	if err != nil {
		return err
	}
	defer release()
	out, err := mode(ctx, o, p, s)
	out.roll(s.fleet)
	if err != nil {
		return err
	}
	out.histograms = log
	if missing := out.missing(p); missing != nil && (out.failure == nil || len(out.records) > 0) {
		out.failure = missing
	}
	if ctx.Err() != nil {
		out.failure = fault.ErrInterrupted
		for _, r := range out.records {
			r.Interrupted = true
		}
	}
	if err := publish(o, out, s); err != nil {
		return err
	}
	if out.failure != nil {
		return out.failure
	}
	return verdict.Failed(out.checks)
}

// runTargets loads one target after the other. An interrupt ends the series; what was
// measured by then is reported.
func runTargets(ctx context.Context, o *options, p *plan.Plan, s streams) (outcome, error) {
	var out outcome
	for i := range p.Targets {
		err := runTarget(ctx, o, p, i, s, &out)
		switch {
		case err != nil && len(out.records) == 0:
			return out, err
		case err != nil:
			out.failure = err
		}
		if out.failure != nil || ctx.Err() != nil {
			break
		}
	}
	return out, nil
}

// runTarget loads one target and adds what came out.
func runTarget(ctx context.Context, o *options, p *plan.Plan, i int, s streams, out *outcome) error {
	t := &p.Targets[i]
	e, err := s.reach(ctx, o.Load, p, i)
	if err != nil {
		return err
	}
	summary, err := measure(ctx, o, e, p, t, s)
	if err != nil {
		return err
	}
	r := result.Of(p, t, summary)
	out.records = append(out.records, r)
	if out.failure = unanswered(summary, t); out.failure != nil || ctx.Err() != nil {
		return nil
	}
	out.advise(p, t, r, summary)
	checks := verdict.Judge(o.Expect, r, summary)
	if o.Expect.RateLimit {
		checks = append(checks, limiterChecks(ctx, o, e, p, t, summary, s)...)
	}
	if len(p.Targets) > 1 {
		for i := range checks {
			checks[i].Name = t.Name + ": " + checks[i].Name
		}
	}
	out.checks = append(out.checks, checks...)
	return nil
}

// measure loads one target and shows how it goes.
func measure(ctx context.Context, o *options, e loader, p *plan.Plan, t *plan.Target, s streams) (*stats.Summary, error) {
	s.log.Debug().Str("url", t.Name).Int("concurrency", p.Concurrency).Dur("duration", p.Duration).Msg("load begins")
	c := stats.NewCollector(p.Samples)
	if s.histograms != nil {
		logSeconds(s.histograms, c, p, t, time.Now().Add(p.Warmup))
	}
	stop := showProgress(o, p, t, c, s)
	err := e.Run(ctx, p, c)
	stop()
	if err != nil {
		return nil, err
	}
	summary := c.Close()
	s.log.Debug().Str("transport", summary.Transport).Strs("addresses", summary.Addresses).
		Uint64("requests", summary.Tally.Requests()).Dur("elapsed", summary.Elapsed).Msg("load ended")
	return summary, nil
}

// logSeconds has the successes of each second logged, tagged where there are several
// targets.
func logSeconds(log *result.Log, c *stats.Collector, p *plan.Plan, t *plan.Target, start time.Time) {
	tag := ""
	if len(p.Targets) > 1 {
		tag = t.Name
	}
	c.Watch(func(second int, ok *stats.Histogram) {
		at := time.Duration(second) * time.Second
		log.Add(tag, start.Add(at), max(min(time.Second, p.Duration-at), 0), ok)
	})
}

// unanswered is the fault of a run in which no request got any answer: then nothing
// was measured, whatever the counts say.
func unanswered(s *stats.Summary, t *plan.Target) error {
	if s.Tally.Requests() == 0 || s.Tally.Answers() > 0 {
		return nil
	}
	worst := stats.KindNone
	for k := range stats.Kinds {
		if s.Tally.Errors[k] > s.Tally.Errors[worst] {
			worst = stats.Kind(k)
		}
	}
	return &fault.Environment{
		Message: fmt.Sprintf("%s: none of %s requests got an answer, mostly: %s",
			t.Name, result.Count(s.Tally.Requests()), worst.Explain()),
		Hint: "check that the server is up and answers a single request",
	}
}
