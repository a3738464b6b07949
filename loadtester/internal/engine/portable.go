package engine

import (
	"context"
	"sync"
	"sync/atomic"
	"time"

	"github.com/senior-backend/toolkit/loadtester/internal/stats"
)

// retryAfter is how long a connection waits after an attempt to connect failed, so
// that a server that is down isn't flooded and the count of failures stays readable.
const retryAfter = 20 * time.Millisecond

// portable carries out the run with a goroutine for each connection.
func (r *run) portable(ctx context.Context) error {
	g := &goroutines{run: r, shards: make([]shard, max(1, r.plan.Threads))}
	flushed := make(chan struct{})
	ended := make(chan struct{})
	go func() {
		defer close(flushed)
		g.flushEachSecond(ended)
	}()
	if r.plan.Rate > 0 {
		g.open(ctx)
	} else {
		g.closed(ctx)
	}
	close(ended)
	<-flushed
	r.result.Unended = g.unended.Load()
	r.lastEnd = g.lastEnd.Load()
	return nil
}

// goroutines is the state of a run by goroutines.
type goroutines struct {
	*run
	shards  []shard
	taken   atomic.Uint64 // requests begun
	unended atomic.Uint64
	lastEnd atomic.Int64
}

// shard is a tally that several clients share.
type shard struct {
	mu    sync.Mutex
	tally stats.Tally
}

// flushEachSecond hands the tallies over at the end of each second and at the end.
func (g *goroutines) flushEachSecond(ended <-chan struct{}) {
	next := g.measureAt
	if next == 0 {
		next = int64(time.Second)
	}
	for {
		timer := time.NewTimer(time.Until(g.at(next)))
		select {
		case <-ended:
			timer.Stop()
			g.flush(g.second(g.now()))
			return
		case <-timer.C:
		}
		if next == g.measureAt {
			g.discard()
		} else {
			g.flush(g.second(next - 1))
		}
		next += int64(time.Second)
	}
}

func (g *goroutines) flush(second int) {
	for i := range g.shards {
		s := &g.shards[i]
		s.mu.Lock()
		g.c.Add(second, &s.tally)
		s.mu.Unlock()
	}
}

// discard forgets what the warm-up used.
func (g *goroutines) discard() {
	for i := range g.shards {
		s := &g.shards[i]
		s.mu.Lock()
		s.tally.Reset()
		s.mu.Unlock()
	}
}

// closed keeps each connection busy: the next request follows the last answer.
func (g *goroutines) closed(ctx context.Context) {
	var wg sync.WaitGroup
	var shared *pool
	for i := range g.plan.Concurrency * g.streams() {
		if i%g.streams() == 0 {
			shared = newPool()
		}
		p := shared
		wg.Go(func() {
			c := newClient(g.run, p)
			defer c.leave()
			defer context.AfterFunc(ctx, c.abort)()
			for ctx.Err() == nil && g.allowed(ctx, c, i/g.streams()) {
				k := g.taken.Add(1) - 1
				now := g.now()
				if now >= g.endAt || (g.plan.Requests > 0 && k >= g.plan.Requests) {
					return
				}
				g.request(ctx, c, &g.shards[i%len(g.shards)], now)
				if pause := g.pause(); pause > 0 {
					g.sleep(ctx, min(g.now()+int64(pause), g.endAt))
				}
			}
		})
	}
	wg.Wait()
}

// allowed waits until there may be more connections than the given number, while others
// may. It reports false when that is not before the end.
func (g *goroutines) allowed(ctx context.Context, c *client, connections int) bool {
	if g.plan.Shape == nil {
		return true
	}
	now := g.now()
	at := int64(g.plan.Reach(connections+1, time.Duration(now)))
	if at > now {
		c.closeAll()
		g.sleep(ctx, min(at, g.endAt))
	}
	return at < g.endAt
}

// request does one request that was due at the given moment, and counts it.
func (g *goroutines) request(ctx context.Context, c *client, s *shard, due int64) {
	number, h := g.source.draw()
	o := outcome{request: h.index, due: due, sent: g.now()}
	err := c.do(ctx, number, h, &o, 0)
	if err != nil {
		g.unended.Add(1)
		s.mu.Lock()
		c.count.flush(&s.tally) // what came of its answer did come
		s.mu.Unlock()
		return
	}
	s.mu.Lock()
	c.count.flush(&s.tally)
	g.record(&s.tally, &o)
	if g.plan.Rate > 0 && o.sent-o.due > int64(stats.LateAfter) {
		s.tally.Late++
	}
	s.mu.Unlock()
	for {
		last := g.lastEnd.Load()
		if o.end <= last || g.lastEnd.CompareAndSwap(last, o.end) {
			break
		}
	}
	if before, ok := g.endsMeasured(&o); ok && g.wanted(&o) {
		g.c.Keep(g.answer(&o, before, c.last))
	}
	if o.kind.MeansUnreachable() {
		g.sleep(ctx, min(g.now()+int64(retryAfter), g.endAt))
	}
}

// sleep waits until a moment, or ctx.
func (g *goroutines) sleep(ctx context.Context, until int64) {
	timer := time.NewTimer(time.Duration(until - g.now()))
	defer timer.Stop()
	select {
	case <-ctx.Done():
	case <-timer.C:
	}
}
