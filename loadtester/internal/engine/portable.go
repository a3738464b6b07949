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
	for i := range g.plan.Concurrency {
		wg.Go(func() {
			c := newClient(g.run)
			defer c.closeAll()
			defer context.AfterFunc(ctx, c.abort)()
			for ctx.Err() == nil {
				k := g.taken.Add(1) - 1
				now := g.now()
				if now >= g.endAt || (g.plan.Requests > 0 && k >= g.plan.Requests) {
					return
				}
				g.request(ctx, c, &g.shards[i%len(g.shards)], now)
			}
		})
	}
	wg.Wait()
}

// request does one request that was due at the given moment, and counts it.
func (g *goroutines) request(ctx context.Context, c *client, s *shard, due int64) {
	o := outcome{due: due, sent: g.now()}
	err := c.do(ctx, g.first, &o, 0)
	if err != nil {
		g.unended.Add(1)
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
	if g.plan.Samples > 0 {
		before := g.ended.Add(1) - 1
		if o.kind == stats.KindNone && g.wanted(o.status) {
			g.c.Keep(g.answer(&o, before, c.last))
		}
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

// open sends each request when it is due, over a connection that is free or a new one.
// While all allowed are busy, the requests that become due wait their turn, and their
// waiting counts as response time.
func (g *goroutines) open(ctx context.Context) {
	var (
		wg    sync.WaitGroup
		mu    sync.Mutex
		idle  []chan int64 // the latest to become free is the first to be used
		count int
	)
	freed := make(chan struct{}, 1)
	start := func(first int64) {
		s := &g.shards[count%len(g.shards)]
		count++
		wg.Go(func() {
			c := newClient(g.run)
			defer c.closeAll()
			defer context.AfterFunc(ctx, c.abort)()
			jobs := make(chan int64, 1)
			for due, ok := first, true; ok; due, ok = <-jobs {
				g.request(ctx, c, s, due)
				mu.Lock()
				idle = append(idle, jobs)
				mu.Unlock()
				select {
				case freed <- struct{}{}:
				default:
				}
			}
		})
	}
	var sent uint64
	for k := uint64(0); g.plan.Requests == 0 || k < g.plan.Requests; k++ {
		due := g.dueAt(k)
		if due >= g.endAt || !g.awaitTurn(ctx, due, &mu, &idle, freed, func() bool { return count < g.plan.MaxConnections }) {
			break
		}
		mu.Lock()
		var jobs chan int64
		if n := len(idle); n > 0 {
			jobs, idle = idle[n-1], idle[:n-1]
		}
		mu.Unlock()
		if jobs != nil {
			jobs <- due
		} else {
			start(due)
		}
		sent++
	}
	g.result.Unsent = g.scheduled(min(g.endAt, g.now())) - min(sent, g.scheduled(min(g.endAt, g.now())))
	// Every worker puts itself back before it waits for a job, so closing what is idle
	// until all have gone ends them all.
	done := make(chan struct{})
	go func() { wg.Wait(); close(done) }()
	for {
		mu.Lock()
		for _, jobs := range idle {
			close(jobs)
		}
		idle = nil
		mu.Unlock()
		select {
		case <-done:
			return
		case <-freed:
		}
	}
}

// awaitTurn waits until a request is due and there is a connection for it. It reports
// false when the run ends before.
func (g *goroutines) awaitTurn(ctx context.Context, due int64, mu *sync.Mutex, idle *[]chan int64, freed <-chan struct{}, more func() bool) bool {
	if wait := due - g.now(); wait > 0 {
		g.sleep(ctx, due)
	}
	end := time.NewTimer(time.Duration(g.endAt - g.now()))
	defer end.Stop()
	for ctx.Err() == nil {
		mu.Lock()
		free := len(*idle) > 0
		mu.Unlock()
		if free || more() {
			return true
		}
		select {
		case <-freed:
		case <-end.C:
			return false
		case <-ctx.Done():
		}
	}
	return false
}
