package stats

import (
	"maps"
	"slices"
)

// A run of several machines has a collector on each that relays what was counted, and
// one that sums it all up, which others may send late.

// Relay makes the collector keep what is added until Drain takes it. Call it before the
// run.
func (c *Collector) Relay() { c.relays = true }

// Drain calls f with what was counted in each second since it was last called, in order,
// and forgets that. f must not keep the tally, and must not call the collector.
func (c *Collector) Drain(f func(second int, t *Tally)) {
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, second := range slices.Sorted(maps.Keys(c.open)) {
		t := c.open[second]
		f(second, t)
		delete(c.open, second)
		t.Reset()
		c.spare = append(c.spare, t)
	}
}

// Total calls f with all that was counted so far, which f must not keep.
func (c *Collector) Total(f func(t *Tally)) {
	c.mu.Lock()
	defer c.mu.Unlock()
	f(&c.total)
}

// Hold makes seconds end only when Complete says so. Call it before the run.
func (c *Collector) Hold() { c.held = true }

// Complete says that all machines have sent the first seconds of the run. The last of
// them stays open for a machine that finds something more of it.
func (c *Collector) Complete(seconds int) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.complete = max(c.complete, seconds)
	for len(c.seconds) < c.complete-1 {
		c.closeSecond()
	}
}

// lastOfAll fills in the latest second that all machines have sent.
func (c *Collector) lastOfAll(l *Live) {
	if c.complete == 0 {
		return
	}
	l.Seconds = c.complete
	if t := c.open[c.complete-1]; t != nil {
		l.Last = secondOf(t)
	} else if len(c.seconds) >= c.complete {
		l.Last = c.seconds[c.complete-1]
	}
}
