// Package engine carries out a plan against one target: it opens connections, sends
// requests, reads the answers and counts them.
//
// A plan and a target go in; samples come out, through tallies that go into a
// stats.Collector once a second. Two transports do the work and give the same counts:
// on Linux, plain HTTP runs on event loops of our own (loop_linux.go), everything else
// on a goroutine for each connection (portable.go). Both read with http1.Parser.
//
// Response time counts from the moment a request was due, which without a rate is the
// moment its connection was free; it includes connecting, where the request had to
// wait for that, and redirects. Nothing is refused here but what the machine or the
// network refuses: New fails when the host has no address, nothing listens there, the
// certificate isn't valid, or the connections exceed the open files allowed.
package engine

import (
	"context"
	"net/netip"
	"sync/atomic"
	"time"

	"github.com/senior-backend/toolkit/loadtester/internal/http1"
	"github.com/senior-backend/toolkit/loadtester/internal/plan"
	"github.com/senior-backend/toolkit/loadtester/internal/stats"
)

// Engine is a target that was reached and can be loaded, also several times. It must
// not be run twice at the same time.
type Engine struct {
	plan   *plan.Plan
	target *plan.Target
	home   origin
	addrs  []netip.AddrPort
	lookup time.Duration
	dialer *dialer
}

// New resolves the target's host and makes one connection to it, to fail early and
// plainly. Errors are environment faults, or the context's.
func New(ctx context.Context, p *plan.Plan, t *plan.Target) (*Engine, error) {
	if err := checkFileLimit(p.MaxConnections); err != nil {
		return nil, err
	}
	config, err := tlsConfig(p.TLS)
	if err != nil {
		return nil, err
	}
	e := &Engine{plan: p, target: t, home: originOf(t.URL), dialer: newDialer(config)}
	ctx, cancel := context.WithTimeout(ctx, p.Timeout)
	defer cancel()
	began := time.Now()
	if e.addrs, err = e.dialer.resolve(ctx, e.home); err != nil {
		return nil, e.explainFailure(ctx, stats.KindDNS, err)
	}
	e.lookup = time.Since(began)
	conn, _, kind, err := e.dialer.dial(ctx, e.home)
	if err != nil {
		return nil, e.explainFailure(ctx, kind, err)
	}
	conn.Close() //nolint:errcheck // nothing was sent over it
	return e, nil
}

// Run loads the target for p's time and adds what it measures to c. Cancelling ctx
// ends the run at once; what was measured stays, and Run returns nil. The plan may
// differ from New's in its times and numbers only.
func (e *Engine) Run(ctx context.Context, p *plan.Plan, c *stats.Collector) error {
	r := newRun(p, e, c)
	transport, name := r.portable, "goroutines"
	if loopFits(r) {
		transport, name = r.loops, "event loops"
	}
	err := transport(ctx)
	for _, a := range e.addrs {
		r.result.Addresses = append(r.result.Addresses, a.Addr().String())
	}
	r.result.Transport = name
	c.SetRun(r.finish(ctx))
	return err
}

// run is the state of one run that its workers share. Moments are nanoseconds since
// base, so that one subtraction gives a duration.
type run struct {
	plan   *plan.Plan
	engine *Engine
	first  hop
	c      *stats.Collector

	base      time.Time
	measureAt int64 // the end of the warm-up
	endAt     int64 // from then on nothing is sent
	cutAt     int64 // from then on nothing is waited for
	result    stats.Run
	lastEnd   int64         // when the last request that counts ended
	ended     atomic.Uint64 // requests that ended so far; only kept when answers are
}

func newRun(p *plan.Plan, e *Engine, c *stats.Collector) *run {
	r := &run{plan: p, engine: e, c: c, base: time.Now(), first: firstHop(e)}
	r.measureAt = int64(p.Warmup)
	r.endAt = r.measureAt + int64(p.Duration)
	r.cutAt = r.endAt + int64(p.Grace)
	r.result.Started = r.base.Add(p.Warmup)
	return r
}

func (r *run) now() int64 { return int64(time.Since(r.base)) }

// at is the time of a moment.
func (r *run) at(moment int64) time.Time { return r.base.Add(time.Duration(moment)) }

// second is which second of the measurement a moment belongs to.
func (r *run) second(moment int64) int {
	return int(max(0, moment-r.measureAt) / int64(time.Second))
}

// finish sums up how the run went. A run that went on to its end lasted at least as
// long as planned, even if nothing ended in its last moments; with a schedule it lasted
// exactly as long, since what came after the schedule's end is no part of its rate.
func (r *run) finish(ctx context.Context) stats.Run {
	end := r.lastEnd
	switch {
	case ctx.Err() != nil:
		end = min(r.now(), max(r.endAt, end))
	case r.plan.Rate > 0:
		end = r.endAt
		if k := r.plan.Requests; k > 0 {
			end = min(end, r.dueAt(k))
		}
	case r.plan.Requests == 0:
		end = max(end, r.endAt)
	}
	r.result.Elapsed = time.Duration(max(0, end-r.measureAt))
	return r.result
}

// outcome is one request from beginning to end.
type outcome struct {
	kind   stats.Kind
	status int
	due    int64 // when it was to be sent
	sent   int64 // when it was
	end    int64
}

// record counts an outcome, unless it began before the measurement.
func (r *run) record(t *stats.Tally, o *outcome) {
	if o.due < r.measureAt {
		return
	}
	if o.kind != stats.KindNone {
		t.Errors[o.kind]++
		t.Failed.Record(time.Duration(o.end - o.due))
		return
	}
	t.Status[o.status]++
	if !r.plan.Success.Has(o.status) {
		t.Failed.Record(time.Duration(o.end - o.due))
		return
	}
	t.OK.Record(time.Duration(o.end - o.due))
	if r.plan.Rate > 0 {
		t.Service.Record(time.Duration(o.end - o.sent))
	}
}

// answer is what to show of an answer.
func (r *run) answer(o *outcome, before uint64, p *http1.Parser) stats.Answer {
	return stats.Answer{
		At: time.Duration(o.end - r.measureAt), Before: before, Status: o.status,
		Headers: string(p.Headers()), Body: string(p.Body()),
	}
}

// wanted tells whether an answer is worth keeping to be shown.
func (r *run) wanted(status int) bool {
	return r.plan.Samples > 0 && (status == 429 || !r.plan.Success.Has(status))
}

// dueAt is when request k, from 0, of a schedule is due.
func (r *run) dueAt(k uint64) int64 {
	return int64(float64(k) / r.plan.Rate * float64(time.Second))
}

// scheduled is how many requests a schedule has before the moment.
func (r *run) scheduled(moment int64) uint64 {
	n := uint64(float64(moment) / float64(time.Second) * r.plan.Rate)
	for r.dueAt(n) < moment {
		n++
	}
	if r.plan.Requests > 0 {
		n = min(n, r.plan.Requests)
	}
	return n
}
