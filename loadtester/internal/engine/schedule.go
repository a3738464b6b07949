package engine

import (
	"context"
	"sync"
	"time"
)

// crew is the goroutines that send the requests of a schedule, each over connections of
// its own.
type crew struct {
	*goroutines
	ctx   context.Context // of the run
	wg    sync.WaitGroup
	count int           // members so far
	pool  *pool         // of the latest of them
	freed chan struct{} // tells that somebody has become idle

	mu   sync.Mutex
	idle []chan int64 // who is free; the latest to become free is the first to be used
}

// open sends each request when it is due, over a connection that is free or a new one.
// While all allowed are busy, the requests that become due wait their turn, and their
// waiting counts as response time.
func (g *goroutines) open(ctx context.Context) {
	c := &crew{goroutines: g, ctx: ctx, freed: make(chan struct{}, 1)}
	var sent uint64
	for k := uint64(0); g.plan.Requests == 0 || k < g.plan.Requests; k++ {
		due := g.dueAt(k)
		if due >= g.endAt || !c.awaitTurn(due) {
			break
		}
		if jobs := c.take(); jobs != nil {
			jobs <- due
		} else {
			c.join(due)
		}
		sent++
	}
	if due := g.scheduled(min(g.endAt, g.now())); due > sent {
		g.result.Unsent = due - sent
	}
	c.dismiss()
}

// join adds a member that begins with a request that is due.
func (c *crew) join(first int64) {
	s := &c.shards[c.count%len(c.shards)]
	if c.count%c.streams() == 0 {
		c.pool = newPool()
	}
	p := c.pool
	c.count++
	c.wg.Go(func() {
		worker := newClient(c.run, p)
		defer worker.leave()
		defer context.AfterFunc(c.ctx, worker.abort)()
		jobs := make(chan int64, 1)
		for due, ok := first, true; ok; due, ok = <-jobs {
			c.request(c.ctx, worker, s, due)
			c.mu.Lock()
			c.idle = append(c.idle, jobs)
			c.mu.Unlock()
			select {
			case c.freed <- struct{}{}:
			default:
			}
		}
	})
}

// take returns the way to an idle member, nil when there is none.
func (c *crew) take() chan int64 {
	c.mu.Lock()
	defer c.mu.Unlock()
	n := len(c.idle)
	if n == 0 {
		return nil
	}
	jobs := c.idle[n-1]
	c.idle = c.idle[:n-1]
	return jobs
}

// awaitTurn waits until a request is due and there may be a connection for it. It
// reports false when the run ends before.
func (c *crew) awaitTurn(due int64) bool {
	if due > c.now() {
		c.sleep(c.ctx, due)
	}
	end := time.NewTimer(time.Duration(c.endAt - c.now()))
	defer end.Stop()
	for c.ctx.Err() == nil {
		c.mu.Lock()
		free := len(c.idle) > 0
		c.mu.Unlock()
		if free || c.count < c.plan.MaxConnections*c.streams() {
			return true
		}
		select {
		case <-c.freed:
		case <-end.C:
			return false
		case <-c.ctx.Done():
		}
	}
	return false
}

// dismiss ends all members once they are done. Each puts itself back before it waits for
// the next request, so closing the ways to those who are idle until all have gone does.
func (c *crew) dismiss() {
	done := make(chan struct{})
	go func() {
		c.wg.Wait()
		close(done)
	}()
	for {
		for jobs := c.take(); jobs != nil; jobs = c.take() {
			close(jobs)
		}
		select {
		case <-done:
			return
		case <-c.freed:
		}
	}
}
