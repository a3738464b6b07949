package main

import (
	"context"
	"time"

	"github.com/senior-backend/toolkit/loadtester/internal/plan"
	"github.com/senior-backend/toolkit/loadtester/internal/result"
	"github.com/senior-backend/toolkit/loadtester/internal/stats"
	"github.com/senior-backend/toolkit/loadtester/internal/verdict"
)

// runBaseline loads one target and compares it with a saved result.
func runBaseline(ctx context.Context, o *options, p *plan.Plan, s streams) (outcome, error) {
	old, err := verdict.LoadBaseline(o.Baseline, &p.Targets[0])
	if err != nil {
		return outcome{}, err
	}
	if !o.Force {
		if err := verdict.Alike(o.Baseline, old, p); err != nil {
			return outcome{}, err
		}
	}
	out, err := runTargets(ctx, o, p, s)
	if err != nil || ctx.Err() != nil {
		return out, err
	}
	out.names = [2]string{o.Baseline, "now"}
	out.baseline = old
	var check verdict.Check
	out.differences, check = verdict.Regressions(old, out.records[0], o.tolerance)
	out.checks = append(out.checks, check)
	return out, nil
}

const (
	shortestSlice = 200 * time.Millisecond
	mostSlices    = 40
	leastPairs    = 4
)

// runPair loads two targets in slices that alternate, so that whatever happens to this
// machine meanwhile hits both, and compares them.
func runPair(ctx context.Context, o *options, p *plan.Plan, s streams) (outcome, error) {
	var sides [2]side
	for i := range sides {
		var err error
		if sides[i].engine, err = s.reach(ctx, o.Load, p, i); err != nil {
			return outcome{}, err
		}
	}
	quiet := *o
	quiet.Quiet = true // the view of a fraction of a second only flickers
	slice, pairs := cut(p, shortestSlice)
	if p.Requests == 0 {
		least, err := leastSlice(ctx, &quiet, slice, p, sides, s)
		if err != nil {
			return outcome{}, err
		}
		slice, pairs = cut(p, least)
	}
	show := showPairProgress(o, p, pairs, s)
	defer show.end()
	for i := range pairs {
		for turn := range sides {
			// A B, B A, A B: what grows steadily then hits both alike.
			k := (turn + i) % 2
			if err := sides[k].load(ctx, &quiet, &slice, &p.Targets[k], s); err != nil {
				return outcome{}, err
			}
			if ctx.Err() != nil {
				break
			}
			show.step(k, sides[k])
		}
		if ctx.Err() != nil {
			break
		}
	}
	show.end()
	whole := *p
	whole.Warmup = slice.Warmup * time.Duration(pairs)
	return pairOutcome(o, &whole, sides), nil
}

// cut cuts a plan into pairs of slices that aren't shorter than least, if that gives
// enough of them.
func cut(p *plan.Plan, least time.Duration) (slice plan.Plan, pairs int) {
	pairs = min(max(int(p.Duration/least), leastPairs), mostSlices)
	slice = *p
	slice.Duration = p.Duration / time.Duration(pairs)
	// Connections are opened anew in each slice; that is kept out of what is compared.
	slice.Warmup = max(p.Warmup/time.Duration(pairs), min(slice.Duration/5, 100*time.Millisecond))
	if p.Requests > 0 {
		slice.Requests = max(1, p.Requests/uint64(pairs))
	}
	return slice, pairs
}

// leastSlice is how long a slice must be to hold several requests of each connection. It
// is found by a slice of each side that isn't compared, which warms the servers up, too.
func leastSlice(ctx context.Context, o *options, slice plan.Plan, whole *plan.Plan, sides [2]side, s streams) (time.Duration, error) {
	const several = 5
	slice.Duration, slice.Warmup = min(slice.Duration, shortestSlice), 0
	least := shortestSlice
	for i := range sides {
		summary, err := measure(ctx, o, sides[i].engine, &slice, &whole.Targets[i], s)
		if err != nil {
			return 0, err
		}
		took := summary.Tally.OK.Quantile(0.5)
		if summary.Tally.Requests() == 0 {
			took = slice.Duration + slice.Grace
		}
		least = max(least, several*took)
	}
	return least, nil
}

// side is one of two targets that are compared.
type side struct {
	engine loader
	all    *stats.Summary
	slices []*result.Record
}

func (d *side) load(ctx context.Context, o *options, slice *plan.Plan, t *plan.Target, s streams) error {
	summary, err := measure(ctx, o, d.engine, slice, t, s)
	if err != nil {
		return err
	}
	if slice.Requests == 0 {
		// Those that began within the slice are counted, some of which end after it.
		summary.Elapsed = min(summary.Elapsed, slice.Duration)
	}
	d.slices = append(d.slices, result.Of(slice, t, summary))
	if d.all == nil {
		d.all = summary
	} else {
		d.all.Merge(summary)
	}
	return nil
}

// pairOutcome sums up both sides, also those of an interrupted comparison.
func pairOutcome(o *options, p *plan.Plan, sides [2]side) outcome {
	out := outcome{names: [2]string{"A", "B"}}
	for i := range sides {
		if sides[i].all == nil {
			continue // interrupted before its first slice
		}
		// The slices' seconds are parts of seconds, so they make no series.
		sides[i].all.Seconds = nil
		t := &p.Targets[i]
		r := result.Of(p, t, sides[i].all)
		out.records = append(out.records, r)
		if err := unanswered(sides[i].all, t); err != nil && out.failure == nil {
			out.failure = err
		}
		out.advise(p, t, r, sides[i].all)
		for _, c := range verdict.Judge(o.Expect, r, sides[i].all) {
			c.Name = t.Name + ": " + c.Name
			out.checks = append(out.checks, c)
		}
	}
	n := min(len(sides[0].slices), len(sides[1].slices))
	if out.failure == nil && n > 0 {
		out.slices = [2][]*result.Record{sides[0].slices[:n], sides[1].slices[:n]}
		out.differences = verdict.Pairs(out.records[0], out.records[1], sides[0].slices[:n], sides[1].slices[:n])
	}
	return out
}
