package engine

import (
	"context"
	"crypto/tls"
	"errors"
	"io"
	"net"
	"sync"
	"time"

	"github.com/senior-backend/toolkit/loadtester/internal/http1"
	"github.com/senior-backend/toolkit/loadtester/internal/plan"
	"github.com/senior-backend/toolkit/loadtester/internal/stats"
)

// The read buffer of a client grows to the size of the answers, within these bounds.
const (
	firstBuffer = 16 << 10
	lastBuffer  = 256 << 10
)

// client does one request at a time, with blocking calls, over a connection that it
// keeps for each origin, or over a trunk that others of its pool use as well. It is used
// by one goroutine; abort alone may be called by another.
type client struct {
	r        *run
	pool     *pool
	conns    map[origin]*clientConn
	buf      []byte
	wires    scratch
	scratch  scratch2
	cookies  *cookies
	count    usage
	call     call
	last     shown  // the latest answer
	location string // of it, when it is a redirect

	mu      sync.Mutex
	current net.Conn
	aborted bool
}

type clientConn struct {
	net.Conn
	parser  http1.Parser
	begunAt int64 // when the latest answer began
	served  bool
}

// usage is what requests used up, until it is added to a tally.
type usage struct {
	wireIn, wireOut, bodyIn             uint64
	opened, reused, retried, redirects  uint64
	resets, goAways                     uint64
	connect, handshake, firstByte, body stats.Span
}

// flush adds the usage to t and empties it.
func (u *usage) flush(t *stats.Tally) {
	t.Merge(&stats.Tally{
		WireIn: u.wireIn, WireOut: u.wireOut, BodyIn: u.bodyIn,
		Opened: u.opened, Reused: u.reused, Retried: u.retried, Redirects: u.redirects,
		Resets: u.resets, GoAways: u.goAways,
		Connect: u.connect, Handshake: u.handshake, FirstByte: u.firstByte, Body: u.body,
	})
	*u = usage{}
}

func newClient(r *run, p *pool) *client {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.users++
	c := &client{r: r, pool: p, conns: map[origin]*clientConn{}, buf: make([]byte, firstBuffer)}
	c.call.done, c.cookies = make(chan struct{}, 1), newCookies(r.plan)
	return c
}

// errUnended says that a request was cut off by the end of the run.
var errUnended = errors.New("cut off by the end of the run")

// do carries out the request with the number from the hop on, redirects included, as part of a request
// that was due and sent at the given moments and has followed some redirects. It
// returns errUnended when the run ended before the request did.
func (c *client) do(ctx context.Context, number uint64, h *hop, o *outcome, redirects int) error {
	timeoutAt := o.sent + int64(c.r.plan.Timeout)
	deadline := min(timeoutAt, c.r.cutAt)
	for {
		status, kind := c.hop(ctx, number, h, deadline)
		o.kind, o.status, o.end = kind, status, c.r.now()
		if ctx.Err() != nil || (isTimeout(kind) && deadline < timeoutAt) {
			c.closeAll()
			return errUnended
		}
		if kind != stats.KindNone {
			return nil
		}
		if !c.r.plan.FollowRedirects || !h.follows(status, c.location) {
			return nil
		}
		now := c.r.source.frozen(number, h)
		next, ok := now.next(status, c.location)
		if redirects++; redirects > maxRedirects || !ok {
			o.kind = stats.KindRedirects
			return nil
		}
		c.count.redirects++
		h = &next
	}
}

func isTimeout(k stats.Kind) bool {
	switch k {
	case stats.KindTimeoutConnect, stats.KindTimeoutTLS, stats.KindTimeoutFirstByte, stats.KindTimeoutBody:
		return true
	default:
		return false
	}
}

// settle keeps or closes a connection after a complete answer.
func (c *client) settle(o origin, conn *clientConn) {
	conn.served = true
	if !conn.parser.Reusable() || !c.r.plan.KeepAlive {
		c.drop(o, conn)
	}
}

func (c *client) drop(o origin, conn *clientConn) {
	conn.Close() //nolint:errcheck // nothing more is expected of it
	delete(c.conns, o)
}

// leave ends the client.
func (c *client) leave() {
	c.closeAll()
	c.pool.leave()
}

func (c *client) closeAll() {
	for o, conn := range c.conns {
		c.drop(o, conn)
	}
}

// abort makes whatever the client waits for fail, now and from now on.
func (c *client) abort() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.aborted = true
	if c.current != nil {
		c.current.SetDeadline(time.Unix(1, 0)) //nolint:errcheck // closed is as good
	}
}

// arm makes conn the one that abort ends, and sets its deadline.
func (c *client) arm(conn net.Conn, deadline int64) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.current = conn
	when := c.r.at(deadline)
	if c.aborted {
		when = time.Unix(1, 0)
	}
	conn.SetDeadline(when) //nolint:errcheck // the next call on it tells
}

// hop sends one request and reads its answer. A connection that served before may have
// been closed by the server meanwhile; then an idempotent request is sent again, once,
// over a new one.
func (c *client) hop(ctx context.Context, number uint64, h *hop, deadline int64) (int, stats.Kind) {
	for again := false; ; {
		conn, t, reused, kind := c.connection(ctx, h.origin, deadline)
		if kind != stats.KindNone {
			return 0, kind
		}
		if reused && !again {
			c.count.reused++
		}
		var got reply
		if t != nil {
			got = t.request(ctx, c, number, h, deadline)
		} else {
			got = c.alone(conn, number, h, deadline)
			got.unprocessed = got.unprocessed && reused
		}
		if got.moved {
			continue
		}
		if got.kind == stats.KindNone {
			c.last, c.location = got.shown, got.location
			c.cookies.keep(got.shown.Headers(), h)
		}
		if got.kind == stats.KindNone || again || !got.unprocessed {
			return got.status, got.kind
		}
		c.count.retried++
		again = true
	}
}

// alone does a request over a connection of the client's own.
func (c *client) alone(conn *clientConn, number uint64, h *hop, deadline int64) reply {
	kind := c.exchange(conn, number, h, deadline)
	if kind != stats.KindNone {
		c.drop(h.origin, conn)
		silent := kind == stats.KindClosed || kind == stats.KindReset
		return reply{kind: kind, unprocessed: silent && !conn.parser.Begun() && h.idempotent}
	}
	c.count.body.Record(time.Duration(c.r.now() - conn.begunAt))
	c.settle(h.origin, conn)
	return reply{status: conn.parser.Status(), location: string(conn.parser.Location()), shown: &conn.parser}
}

// connection is the way to an origin, kept or opened: a connection of the client's own,
// or a carrier. While one client opens a carrier, those who share it wait.
func (c *client) connection(ctx context.Context, o origin, deadline int64) (conn *clientConn, t carrier, reused bool, kind stats.Kind) {
	if conn := c.conns[o]; conn != nil {
		return conn, nil, true, stats.KindNone
	}
	c.pool.mu.Lock()
	defer c.pool.mu.Unlock()
	if t = c.pool.carriers[o]; t != nil && t.usable() {
		return nil, t, true, stats.KindNone
	}
	ctx, cancel := context.WithDeadline(ctx, c.r.at(deadline))
	defer cancel()
	if c.r.plan.Protocol == plan.ProtocolHTTP3 && o.tls {
		t, kind = c.openQUIC(ctx, o)
		return nil, t, false, kind
	}
	raw, kind := c.open(ctx, o)
	if kind != stats.KindNone {
		return nil, nil, false, kind
	}
	if c.r.speaksHTTP2(o, raw) {
		t = newTrunk(c.r, raw)
		c.pool.carriers[o] = t
		return nil, t, false, stats.KindNone
	}
	conn = &clientConn{Conn: raw}
	conn.parser.MaxBody = c.r.plan.MaxBody
	if c.r.plan.Samples > 0 {
		conn.parser.SampleBody, conn.parser.SampleHeaders = sampledBody, true
	}
	conn.parser.SampleHeaders = conn.parser.SampleHeaders || c.cookies != nil
	c.conns[o] = conn
	return conn, nil, false, stats.KindNone
}

// openQUIC opens an HTTP/3 connection for the pool.
func (c *client) openQUIC(ctx context.Context, o origin) (carrier, stats.Kind) {
	t, handshake, kind, err := c.r.engine.openQUIC(ctx, o)
	if err != nil {
		return nil, kind
	}
	t.r = c.r
	c.count.opened++
	c.count.handshake.Record(handshake)
	c.pool.carriers[o] = t
	return t, stats.KindNone
}

// speaksHTTP2 tells which protocol a new connection carries: over TLS the one that was
// agreed on, in the clear the one that was asked for, but not where redirects lead.
func (r *run) speaksHTTP2(o origin, conn net.Conn) bool {
	if secured, ok := conn.(*tls.Conn); ok {
		return secured.ConnectionState().NegotiatedProtocol == alpnHTTP2
	}
	return r.plan.Protocol == plan.ProtocolHTTP2 && r.engine.dialer.isTarget(o)
}

func (c *client) open(ctx context.Context, o origin) (net.Conn, stats.Kind) {
	raw, took, kind, err := c.r.engine.dialer.dial(ctx, o)
	if err != nil {
		c.r.note(kind, err)
		return nil, kind
	}
	c.count.opened++
	c.count.connect.Record(took.connect)
	if took.handshake > 0 {
		c.count.handshake.Record(took.handshake)
	}
	return raw, stats.KindNone
}

// sampledBody is how many bytes of a body are kept to be shown.
const sampledBody = 512

// exchange sends the request and reads its answer to the end.
func (c *client) exchange(conn *clientConn, number uint64, h *hop, deadline int64) stats.Kind {
	c.arm(conn, deadline)
	conn.parser.Reset(h.head)
	sent := c.r.now()
	n, writeErr := conn.Write(c.cookies.add(c.wires.fill(c.r.source, number, h), h))
	c.count.wireOut += uint64(max(n, 0))
	// Even a server that stopped reading may have answered, so its answer is looked for.
	kind := c.read(conn, sent)
	if writeErr != nil && kind != stats.KindNone && !conn.parser.Begun() {
		return classify(writeErr, whileWaiting)
	}
	if writeErr != nil {
		conn.served = true
	}
	return kind
}

func (c *client) read(conn *clientConn, sent int64) stats.Kind {
	for {
		n, err := conn.Read(c.buf)
		if n > 0 {
			if !conn.parser.Begun() {
				conn.begunAt = c.r.now()
				c.count.firstByte.Record(time.Duration(conn.begunAt - sent))
			}
			c.count.wireIn += uint64(n)
			before := conn.parser.BodyBytes()
			taken, done, parseErr := conn.parser.Feed(c.buf[:n])
			c.count.bodyIn += uint64(conn.parser.BodyBytes() - before)
			switch {
			case parseErr != nil:
				return classify(parseErr, whileReading)
			case done:
				if taken < n {
					conn.parser.Spoil()
				}
				return stats.KindNone
			case n == len(c.buf) && n < lastBuffer:
				c.buf = make([]byte, 4*n)
			}
		}
		if err != nil {
			at := whileWaiting
			if conn.parser.Begun() {
				at = whileReading
			}
			if errors.Is(err, io.EOF) && conn.parser.Close() == nil {
				return stats.KindNone
			}
			return classify(err, at)
		}
	}
}
