package main

import (
	"context"
	"fmt"

	"github.com/senior-backend/toolkit/loadtester/internal/engine"
	"github.com/senior-backend/toolkit/loadtester/internal/plan"
	"github.com/senior-backend/toolkit/loadtester/internal/result"
	"github.com/senior-backend/toolkit/loadtester/internal/stats"
	"github.com/senior-backend/toolkit/shared/fault"
)

// run makes the one call that the options ask for and reports its outcome.
func run(ctx context.Context, o *options, s streams) error {
	p, err := o.Load.Validate()
	if err != nil {
		return err
	}
	switch {
	case o.Compare && o.Baseline != "":
		return lacking("--compare with a saved result")
	case o.Compare:
		return lacking("--compare of two URLs")
	case o.ExpectRateLimit:
		return lacking("--expect-rate-limit")
	case len(o.Thresholds) > 0:
		return lacking("--threshold")
	default:
		return runTargets(ctx, o, p, s)
	}
}

func lacking(what string) error { return fmt.Errorf("%s is not there yet in this version", what) }

// runTargets loads one target after the other. An interrupt ends the series; what was
// measured by then is reported.
func runTargets(ctx context.Context, o *options, p *plan.Plan, s streams) error {
	var records []*result.Record
	var failure error
	for i := range p.Targets {
		summary, err := measure(ctx, o, p, &p.Targets[i], s)
		if err != nil {
			if len(records) == 0 {
				return err
			}
			failure = err
			break
		}
		r := result.Of(p, &p.Targets[i], summary)
		r.Interrupted = ctx.Err() != nil
		records = append(records, r)
		if failure = unanswered(summary, &p.Targets[i]); failure != nil || r.Interrupted {
			break
		}
	}
	if ctx.Err() != nil {
		failure = fault.ErrInterrupted
	}
	if err := publish(o, outcome{records: records, failure: failure}, s); err != nil {
		return err
	}
	return failure
}

// measure loads one target and shows how it goes.
func measure(ctx context.Context, o *options, p *plan.Plan, t *plan.Target, s streams) (*stats.Summary, error) {
	e, err := engine.New(ctx, p, t)
	if err != nil {
		return nil, err
	}
	s.log.Debug().Str("url", t.Name).Int("concurrency", p.Concurrency).Dur("duration", p.Duration).Msg("load begins")
	c := stats.NewCollector(p.Samples)
	stop := showProgress(o, p, t, c, s)
	err = e.Run(ctx, p, c)
	stop()
	if err != nil {
		return nil, err
	}
	summary := c.Close()
	s.log.Debug().Str("transport", summary.Transport).Strs("addresses", summary.Addresses).
		Uint64("requests", summary.Tally.Requests()).Dur("elapsed", summary.Elapsed).Msg("load ended")
	return summary, nil
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
