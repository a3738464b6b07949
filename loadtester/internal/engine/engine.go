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
	"math/rand/v2"
	"net/netip"
	"slices"
	"sync/atomic"
	"time"

	"github.com/senior-backend/toolkit/loadtester/internal/plan"
	"github.com/senior-backend/toolkit/loadtester/internal/stats"
)

// Engine is a target that was reached and can be loaded, also several times. It must
// not be run twice at the same time.
type Engine struct {
	plan   *plan.Plan
	target *plan.Target
	home   origin           // of the first request
	others []origin         // where the other requests go, if not there
	addrs  []netip.AddrPort // of home
	dialer *dialer
	http2  bool // it is spoken with the target
}

// New resolves the target's host and makes one connection to it, to fail early and
// plainly. Errors are environment faults, or the context's.
func New(ctx context.Context, p *plan.Plan, t *plan.Target) (*Engine, error) {
	return newWith(ctx, p, t, func(*dialer) {})
}

func newWith(ctx context.Context, p *plan.Plan, t *plan.Target, adjust func(*dialer)) (*Engine, error) {
	if err := checkFileLimit(p.MaxConnections); err != nil {
		return nil, err
	}
	config, err := tlsConfig(p.TLS)
	if err != nil {
		return nil, err
	}
	e := &Engine{plan: p, target: t, dialer: newDialer(&p.Network, config, offered(p.Protocol))}
	adjust(e.dialer)
	for i := range t.Requests {
		switch o := originOf(t.Requests[i].URL); {
		case i == 0:
			e.home = o
		case o != e.home && !slices.Contains(e.others, o):
			e.others = append(e.others, o)
		}
	}
	e.dialer.targets = append([]origin{e.home}, e.others...)
	for _, o := range e.dialer.targets {
		if err := e.reach(ctx, o); err != nil {
			return nil, err
		}
	}
	return e, nil
}

// reach makes a connection to an origin, as a trial.
func (e *Engine) reach(ctx context.Context, o origin) error {
	ctx, cancel := context.WithTimeout(ctx, e.plan.Timeout)
	defer cancel()
	if e.dialer.direct(o) {
		addrs, err := e.dialer.resolve(ctx, e.dialer.diverted(o))
		if err != nil {
			return e.explainFailure(ctx, o, stats.KindDNS, err)
		}
		if o == e.home {
			e.addrs = addrs
			if err := checkPorts(e.plan.Concurrency, len(addrs)); err != nil {
				return err
			}
		}
	}
	if e.plan.Protocol == plan.ProtocolHTTP3 && o.tls {
		return e.reachQUIC(ctx, o)
	}
	conn, _, kind, err := e.dialer.dial(ctx, o)
	if isNoCommonProtocol(err) {
		return e.noHTTP2(o, "offers no HTTP/2 over TLS", err)
	}
	if err != nil {
		return e.explainFailure(ctx, o, kind, err)
	}
	defer conn.Close() //nolint:errcheck // nothing more is expected of it
	return e.settleProtocol(ctx, o, conn)
}

// severalOrigins tells whether one kind of connection isn't enough.
func (e *Engine) severalOrigins() bool { return len(e.others) > 0 }

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
	r.result.Addresses = e.addresses()
	r.result.Transport, r.result.Protocol = name, e.protocol()
	if e.protocol() != "HTTP/1.1" {
		r.result.Streams = p.Streams
	}
	c.Add(r.second(r.now()), &stats.Tally{Lookup: e.dialer.names.spent()})
	if p.Protocol == plan.ProtocolHTTP3 {
		r.result.Transport = "quic-go"
	}
	c.SetRun(r.finish(ctx))
	return err
}

// addresses are where connections lead, for a person.
func (e *Engine) addresses() []string {
	switch via := e.plan.Network.Proxy(e.home.url()); {
	case e.plan.Network.UnixSocket != "":
		return []string{"unix:" + e.plan.Network.UnixSocket}
	case via != nil:
		return []string{plan.ProxyName(via)}
	}
	list := make([]string, 0, len(e.addrs))
	for _, a := range e.addrs {
		list = append(list, a.Addr().String())
	}
	return list
}

// protocol is what is spoken with the target, in the words of HTTP.
func (e *Engine) protocol() string {
	switch {
	case e.plan.Protocol == plan.ProtocolHTTP3:
		return "HTTP/3"
	case e.http2:
		return "HTTP/2"
	default:
		return "HTTP/1.1"
	}
}

// run is the state of one run that its workers share. Moments are nanoseconds since
// base, so that one subtraction gives a duration.
type run struct {
	plan   *plan.Plan
	engine *Engine
	source *source
	c      *stats.Collector

	base      time.Time
	measureAt int64 // the end of the warm-up
	endAt     int64 // from then on nothing is sent
	cutAt     int64 // from then on nothing is waited for
	result    stats.Run
	lastEnd   int64                    // when the last request that counts ended
	ended     atomic.Uint64            // measured requests that ended so far; only kept when answers are
	noted     [stats.Kinds]atomic.Bool // errors of which one was told
}

func newRun(p *plan.Plan, e *Engine, c *stats.Collector) *run {
	r := &run{plan: p, engine: e, c: c, base: time.Now(), source: newSource(&e.plan.Network, e.target)}
	r.measureAt = int64(p.Warmup)
	r.endAt = r.measureAt + int64(p.Duration)
	r.cutAt = r.endAt + int64(p.Grace)
	r.result.Started = r.base.Add(p.Warmup)
	return r
}

// streams is how many requests one connection carries at once.
func (r *run) streams() int {
	if r.engine.http2 || r.plan.Protocol == plan.ProtocolHTTP3 {
		return r.plan.Streams
	}
	return 1
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
	request int // which of the target's
	kind    stats.Kind
	status  int
	due     int64 // when it was to be sent
	sent    int64 // when it was
	end     int64
}

// record counts an outcome, unless it began before the measurement.
func (r *run) record(t *stats.Tally, o *outcome) {
	if o.due < r.measureAt {
		return
	}
	t.Tenths[(o.end-r.measureAt)/int64(100*time.Millisecond)%10]++
	took, good := time.Duration(o.end-o.due), false
	var part *stats.Part
	if r.engine.target.ByRequest() {
		part = t.Part(o.request)
	}
	switch {
	case o.kind != stats.KindNone:
		t.Errors[o.kind]++
		if part != nil {
			part.RecordError(o.kind)
		}
	default:
		t.Status[o.status]++
		if good = r.succeeds(o); !good {
			t.Bad[o.status]++
		}
		if part != nil {
			part.RecordAnswer(o.status, good, took)
		}
	}
	if r.plan.Observe != nil {
		r.plan.Observe(plan.Sample{Due: r.at(o.due), Took: took, Status: o.status, Good: good})
	}
	if !good {
		t.Failed.Record(took)
		return
	}
	t.OK.Record(took)
	if r.plan.Rate > 0 {
		t.Service.Record(time.Duration(o.end - o.sent))
	}
}

// succeeds tells whether an answer's status is a success for its request.
func (r *run) succeeds(o *outcome) bool {
	return r.source.hops[o.request].request.Success.Has(o.status)
}

// shown is what is kept of an answer to be shown.
type shown interface {
	Headers() []byte
	Body() []byte
}

// answer is what to show of an answer.
func (r *run) answer(o *outcome, before uint64, p shown) stats.Answer {
	return stats.Answer{
		At: time.Duration(o.end - r.measureAt), Before: before, Status: o.status,
		Headers: string(p.Headers()), Body: string(p.Body()),
	}
}

// endsMeasured tells whether answers are kept and a request is among those that are measured,
// and how many of them ended before it.
func (r *run) endsMeasured(o *outcome) (before uint64, ok bool) {
	if r.plan.Samples == 0 || o.due < r.measureAt {
		return 0, false
	}
	return r.ended.Add(1) - 1, true
}

// wanted tells whether an answer is worth keeping to be shown.
func (r *run) wanted(o *outcome) bool {
	return o.kind == stats.KindNone && (o.status == 429 || !r.succeeds(o))
}

// pause is how long a connection waits before its next request.
func (r *run) pause() time.Duration {
	t := &r.plan.Think
	if t.Most == t.Least {
		return t.Least
	}
	return t.Least + rand.N(t.Most-t.Least+1)
}

// dueAt is when this machine's request k, from 0, of a schedule is due.
func (r *run) dueAt(k uint64) int64 { return r.dueInAll(r.plan.Share.Number(k)) }

// dueInAll is when request k, from 0, of all machines' schedule is due.
func (r *run) dueInAll(k uint64) int64 {
	if r.plan.Shape != nil {
		return int64(r.plan.Shape.Due(k))
	}
	return int64(float64(k) / r.plan.Rate * float64(time.Second))
}

// scheduled is how many requests this machine's schedule has before the moment.
func (r *run) scheduled(moment int64) uint64 {
	n := uint64(float64(moment) / float64(time.Second) * r.plan.Rate)
	if r.plan.Shape != nil {
		n = r.plan.Shape.Count(time.Duration(moment))
	}
	for r.dueInAll(n) < moment {
		n++
	}
	n = r.plan.Share.Count(n)
	if r.plan.Requests > 0 {
		n = min(n, r.plan.Requests)
	}
	return n
}
