package engine

import (
	"context"
	"errors"
	"io"
	"net"
	"sync"
	"time"

	"github.com/senior-backend/toolkit/loadtester/internal/http2"
	"github.com/senior-backend/toolkit/loadtester/internal/stats"
)

// trunk is an HTTP/2 connection that clients share, each with one stream at a time. It
// has a goroutine that reads and one that writes, so that neither waits for the other.
type trunk struct {
	conn net.Conn
	r    *run
	kick chan struct{} // tells the writer that there is something to send

	mu      sync.Mutex
	http2   http2.Conn
	calls   map[*http2.Stream]*call
	room    chan struct{} // closed when a stream may have become free, then replaced
	wireIn  uint64        // since they were last taken
	wireOut uint64
	heardAt int64
	retired bool
	broken  stats.Kind // why it ended, KindNone while it goes on
}

// call is a client's request over a trunk.
type call struct {
	stream http2.Stream
	sent   int64
	done   chan struct{} // takes one word when the stream has ended
	kind   stats.Kind    // of the trunk's end, when that ended it
}

func newTrunk(r *run, conn net.Conn) *trunk {
	t := &trunk{conn: conn, r: r, kick: make(chan struct{}, 1), room: make(chan struct{}), calls: map[*http2.Stream]*call{}}
	t.http2.MaxBody = r.plan.MaxBody
	if r.plan.Samples > 0 {
		t.http2.SampleBody, t.http2.SampleHeaders = sampledBody, true
	}
	t.http2.Start()
	go t.write()
	go t.read()
	t.urge()
	return t
}

func (t *trunk) urge() {
	select {
	case t.kick <- struct{}{}:
	default:
	}
}

// usable tells whether the trunk takes another request, now or later.
func (t *trunk) usable() bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	return !t.over()
}

// write sends what there is to send until the trunk ends.
func (t *trunk) write() {
	var batch []byte
	for range t.kick {
		for {
			t.mu.Lock()
			batch = append(batch[:0], t.http2.Pending()...)
			t.http2.Sent(len(batch))
			t.mu.Unlock()
			if len(batch) == 0 {
				break
			}
			n, err := t.conn.Write(batch)
			t.mu.Lock()
			t.wireOut += uint64(max(n, 0))
			t.mu.Unlock()
			if err != nil {
				break // the reader finds out why
			}
		}
		t.mu.Lock()
		over := t.broken != stats.KindNone
		t.mu.Unlock()
		if over {
			t.conn.Close() //nolint:errcheck // nothing more is expected of it
			return
		}
	}
}

// read takes in what comes until the trunk ends.
func (t *trunk) read() {
	buf := make([]byte, 4*firstBuffer)
	for {
		n, err := t.conn.Read(buf)
		t.mu.Lock()
		if n > 0 {
			t.wireIn += uint64(n)
			t.heardAt = t.r.now()
			t.http2.Now = t.heardAt
			failure := t.http2.Feed(buf[:n])
			t.tell()
			if failure != nil {
				err = failure
			}
		}
		over := err != nil || (t.retired || t.http2.Draining()) && t.http2.Active() == 0
		if over {
			t.end(err)
		}
		t.mu.Unlock()
		t.urge()
		if over {
			return
		}
	}
}

// tell wakes those whose streams have ended, and those who wait for one.
func (t *trunk) tell() {
	for _, s := range t.http2.Ended() {
		if c := t.calls[s]; c != nil {
			delete(t.calls, s)
			c.done <- struct{}{}
		}
	}
	close(t.room)
	t.room = make(chan struct{})
}

// end ends the trunk and all that is asked for over it. An error of nil is its own end.
func (t *trunk) end(err error) {
	if t.broken != stats.KindNone {
		return
	}
	t.broken = stats.KindClosed
	if err != nil && !errors.Is(err, io.EOF) && !errors.Is(err, net.ErrClosed) {
		t.broken = classify(err, whileReading)
	}
	t.http2.Abandon()
	for s, c := range t.calls {
		delete(t.calls, s)
		c.kind = t.broken
		c.done <- struct{}{}
	}
	close(t.room)
	t.room = make(chan struct{})
}

// retire makes the trunk end as soon as nothing is asked for over it.
func (t *trunk) retire() {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.retired = true
	if t.http2.Active() == 0 {
		t.end(nil)
		t.urge()
		t.conn.SetDeadline(time.Unix(1, 0)) //nolint:errcheck // closed is as good
	}
}

// request does one request.
func (t *trunk) request(ctx context.Context, c *client, number uint64, h *hop, deadline int64) reply {
	got, served := t.exchange(ctx, &c.call, c.scratch.fill(t.r.source, number, h), deadline)
	t.use(&c.count)
	stream := &c.call.stream
	if !got.moved && stream.Begun() {
		c.count.firstByte.Record(time.Duration(stream.BegunAt - c.call.sent))
	}
	if !got.moved && got.kind == stats.KindNone {
		c.count.body.Record(time.Duration(t.r.now() - stream.BegunAt))
	}
	if got.moved || got.kind == stats.KindNone {
		return got
	}
	silent := got.kind == stats.KindClosed || got.kind == stats.KindReset
	got.unprocessed = silent && served && !stream.Begun() && h.idempotent || errors.Is(stream.Err(), http2.ErrRefused)
	return got
}

// exchange sends a request and waits for the end of its stream by the deadline. It tells
// whether a response of this trunk had come whole before.
func (t *trunk) exchange(ctx context.Context, c *call, request *http2.Request, deadline int64) (got reply, served bool) {
	timer := time.NewTimer(time.Duration(deadline - t.r.now()))
	defer timer.Stop()
	t.mu.Lock()
	for !t.over() && !t.http2.Takes() {
		room := t.room
		t.mu.Unlock()
		select {
		case <-room:
		case <-timer.C:
			return reply{kind: stats.KindTimeoutFirstByte}, false
		case <-ctx.Done():
			return reply{kind: stats.KindTimeoutFirstByte}, false
		}
		t.mu.Lock()
	}
	served = t.http2.Served
	if t.over() {
		t.mu.Unlock()
		return reply{moved: true}, served
	}
	c.sent, c.kind = t.r.now(), stats.KindNone
	t.http2.Open(&c.stream, request)
	t.calls[&c.stream] = c
	t.retired = !t.r.plan.KeepAlive
	t.mu.Unlock()
	t.urge()
	select {
	case <-c.done:
	case <-timer.C:
		t.giveUp(c)
	case <-ctx.Done():
		t.giveUp(c)
	}
	if c.kind != stats.KindNone {
		return reply{kind: c.kind}, served
	}
	if err := c.stream.Err(); err != nil {
		return reply{kind: classify(err, whileReading)}, served
	}
	return reply{status: c.stream.Status(), location: string(c.stream.Location()), shown: &c.stream}, served
}

// over tells whether the trunk takes no request any more.
func (t *trunk) over() bool {
	return t.broken != stats.KindNone || t.retired || t.http2.Draining()
}

// giveUp ends a call whose time is up, unless it has just ended. A trunk on which
// nothing has come since the request was sent is likely to be dead.
func (t *trunk) giveUp(c *call) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.calls[&c.stream] == nil {
		<-c.done
		return
	}
	delete(t.calls, &c.stream)
	t.http2.Cancel(&c.stream)
	c.kind = stats.KindTimeoutFirstByte
	if c.stream.Begun() {
		c.kind = stats.KindTimeoutBody
	}
	if t.heardAt < c.sent {
		t.retired = true
	}
	if t.retired && t.http2.Active() == 0 {
		t.end(nil)
		t.conn.SetDeadline(time.Unix(1, 0)) //nolint:errcheck // closed is as good
	}
	t.urge()
}

// use adds what went over the trunk since the last call to u.
func (t *trunk) use(u *usage) {
	t.mu.Lock()
	defer t.mu.Unlock()
	u.wireIn += t.wireIn
	u.wireOut += t.wireOut
	u.bodyIn += t.http2.BodyIn
	u.resets += t.http2.Resets
	u.goAways += t.http2.GoAways
	t.wireIn, t.wireOut, t.http2.BodyIn, t.http2.Resets, t.http2.GoAways = 0, 0, 0, 0, 0
}
