package main

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/senior-backend/toolkit/loadtester/internal/plan"
	"github.com/senior-backend/toolkit/loadtester/internal/stats"
	"github.com/senior-backend/toolkit/loadtester/internal/verdict"
)

// longestRecovery is how long a Retry-After is waited out to see whether it is true.
const longestRecovery = 60 * time.Second

// limiterChecks try what a rate limit that was met does next: whether it can be passed,
// and whether it lets requests through when it said it would.
func limiterChecks(ctx context.Context, o *options, e loader, p *plan.Plan, t *plan.Target, summary *stats.Summary, s streams) []verdict.Check {
	first := verdict.FirstLimited(summary)
	if first == nil {
		return nil
	}
	var checks []verdict.Check
	if o.Bypass {
		sprees := trySprees(ctx, o, p, t, first.Before, s)
		if ctx.Err() != nil {
			return checks
		}
		checks = append(checks, verdict.Bypass(sprees))
	}
	if c := recovery(ctx, o, e, p, s); c != nil {
		checks = append(checks, *c)
	}
	return checks
}

// recovery asks whether the limit is still in force, waits as long as the answer says,
// and asks again. nil means that it was interrupted.
func recovery(ctx context.Context, o *options, e loader, p *plan.Plan, s streams) *verdict.Check {
	said := func(c verdict.Check) *verdict.Check { return &c }
	status, answer := ask(ctx, e, p)
	switch {
	case ctx.Err() != nil:
		return nil
	case status != 429:
		return said(verdict.Recovery(0, status))
	case answer == nil:
		return said(verdict.Unchecked("the answer was not kept"))
	}
	wait, told := verdict.RetryAfter(answer, time.Now())
	switch {
	case !told:
		return said(verdict.Unchecked("the server doesn't say when to come back (no Retry-After)"))
	case wait > longestRecovery:
		return said(verdict.Unchecked(fmt.Sprintf("the server asks to wait %v, and %v is the longest that is waited", wait, longestRecovery)))
	}
	if wait > time.Second && !o.Quiet {
		s.log.Info().Stringer("for", wait.Round(time.Second)).Msg("waiting as Retry-After asks, to see whether requests pass then")
	}
	// Clocks and timers of servers are coarse, and what they say is rounded to seconds.
	const slack = 100 * time.Millisecond
	select {
	case <-ctx.Done():
		return nil
	case <-time.After(wait + slack):
	}
	status, _ = ask(ctx, e, p)
	if ctx.Err() != nil {
		return nil
	}
	return said(verdict.Recovery(wait, status))
}

// ask sends one request and returns its status, 0 without an answer, and the answer if
// it was kept.
func ask(ctx context.Context, e loader, p *plan.Plan) (status int, kept *stats.Answer) {
	one := small(p, 1)
	one.Duration = p.Timeout
	c := stats.NewCollector(1)
	if err := e.Run(ctx, one, c); err != nil {
		return 0, nil
	}
	summary := c.Close()
	for code, n := range summary.Tally.Status {
		if n > 0 {
			status = code
		}
	}
	if len(summary.Answers) > 0 {
		kept = &summary.Answers[0]
	}
	return status, kept
}

// small is the plan for a few requests over one connection.
func small(p *plan.Plan, requests uint64) *plan.Plan {
	few := *p.Steady()
	few.Requests, few.Concurrency, few.MaxConnections, few.Threads = requests, 1, 1, 1
	few.Warmup, few.Rate, few.Samples = 0, 0, max(1, p.Samples)
	return &few
}

const (
	spreePairs = 3
	mostSpree  = 20_000          // requests
	spreeTime  = 3 * time.Second // at most, of one
)

// trySprees sends short loads in turns, without an X-Forwarded-For and with a new one in
// each request. Each is long enough to use up an allowance of the size that was seen.
func trySprees(ctx context.Context, o *options, p *plan.Plan, t *plan.Target, allowance uint64, s streams) []verdict.Spree {
	at := slices.IndexFunc(p.Targets, func(other plan.Target) bool { return other.Name == t.Name })
	claiming := withAddresses(o)
	changed, err := claiming.Validate()
	if err != nil {
		s.log.Debug().Err(err).Msg("no X-Forwarded-For could be added")
		return nil
	}
	short := *p.Steady()
	short.Rate, short.Warmup, short.MaxConnections = 0, 0, p.Concurrency
	short.Duration = min(p.Duration, spreeTime)
	short.Requests = min(max(2*allowance, 10)+uint64(p.Concurrency), mostSpree)
	var sprees []verdict.Spree
	for i := range 2 * spreePairs {
		load, aimed := o.Load, *p
		if i%2 == 1 {
			load, aimed = claiming, *changed
		}
		few := short
		few.Targets = aimed.Targets
		e, err := s.reach(ctx, load, &few, at)
		if err != nil {
			s.log.Debug().Err(err).Msg("bypass not tried to the end")
			break
		}
		c := stats.NewCollector(0)
		if err := e.Run(ctx, &few, c); err != nil || ctx.Err() != nil {
			break
		}
		tally := c.Close().Tally
		limited := tally.Status[429]
		sprees = append(sprees, verdict.Spree{Forwarded: i%2 == 1, Allowed: tally.Answers() - limited, Limited: limited})
	}
	return sprees
}

// withAddresses is the load with a header field that claims another address for each
// request: one of 198.18.0.0/15, which RFC 2544 keeps for tests like this.
func withAddresses(o *options) plan.Options {
	load := o.Load
	load.Seed = 0 // others than in an earlier run, which a limiter may remember
	load.Headers = slices.DeleteFunc(slices.Clone(load.Headers), func(field string) bool {
		name, _, _ := strings.Cut(field, ":")
		return strings.EqualFold(strings.TrimSpace(name), "X-Forwarded-For")
	})
	load.Headers = append(load.Headers, "X-Forwarded-For: 198.{{randInt 18 19}}.{{randInt 0 255}}.{{randInt 1 254}}")
	return load
}
