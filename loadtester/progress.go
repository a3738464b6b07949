package main

import (
	"fmt"
	"time"

	"github.com/senior-backend/toolkit/loadtester/internal/capacity"
	"github.com/senior-backend/toolkit/loadtester/internal/plan"
	"github.com/senior-backend/toolkit/loadtester/internal/result"
	"github.com/senior-backend/toolkit/loadtester/internal/stats"
)

// showProgress shows on a terminal how a run goes, until the returned function is called.
// With --verbose it is told in one line a second instead, whatever standard error is.
func showProgress(o *options, p *plan.Plan, t *plan.Target, c *stats.Collector, s streams) (stop func()) {
	view := newBoard(o, s)
	if view == nil && (!o.Lines || o.Quiet) {
		return func() {}
	}
	ended, done := make(chan struct{}), make(chan struct{})
	every := 250 * time.Millisecond
	if view == nil {
		every = time.Second
	}
	began := time.Now()
	go func() {
		defer close(done)
		ticker := time.NewTicker(every)
		defer ticker.Stop()
		for {
			select {
			case <-ended:
				view.clear()
				return
			case <-ticker.C:
				if view == nil {
					tell(p, c.Live(), time.Since(began), s)
					continue
				}
				view.draw(append([]string{t.Method + " " + t.Name}, liveLines(p, c.Live(), time.Since(began), view.columns())...)...)
			}
		}
	}()
	return func() {
		close(ended)
		<-done
	}
}

// tell logs the state of a run.
func tell(p *plan.Plan, l stats.Live, elapsed time.Duration, s streams) {
	e := s.log.Debug().Stringer("left", timeLeft(p, elapsed))
	if elapsed >= p.Warmup && l.Seconds > 0 {
		e = e.Int("second", l.Seconds).Uint64("requests", l.Last.Requests).Uint64("failed", l.Last.Failed).
			Str("p50", millis(l.Last.P50)).Str("p99", millis(l.Last.P99))
	}
	e.Msg("load goes on")
}

func timeLeft(p *plan.Plan, elapsed time.Duration) time.Duration {
	return max(0, p.Warmup+p.Duration-elapsed).Round(time.Second)
}

func millis(d time.Duration) string { return result.Millis(float64(d) / float64(time.Millisecond)) }

// liveLines word the state of a run: the latest second, everything so far, the rate of
// the latest seconds and the time left.
func liveLines(p *plan.Plan, l stats.Live, elapsed time.Duration, columns int) []string {
	left := timeLeft(p, elapsed).String() + " left"
	switch {
	case elapsed < p.Warmup:
		return []string{"  warming up, " + left}
	case l.Seconds == 0:
		return []string{"  " + left}
	}
	mean := float64(l.Requests) / max(float64(l.Seconds), 1)
	lines := align(
		liveRow("now", float64(l.Last.Requests), l.Last.P50, l.Last.P99, l.Last.Failed),
		liveRow("so far", mean, l.P50, l.P99, l.Failed),
	)
	rates := make([]float64, len(l.History))
	for i, n := range l.History {
		rates[i] = float64(n)
	}
	return append(lines, "  "+spark(rates, columns-len(left)-6)+"  "+left)
}

func liveRow(name string, rate float64, p50, p99 time.Duration, failed uint64) []string {
	latency := func(d time.Duration) string {
		if d == 0 {
			return "-"
		}
		return millis(d)
	}
	return []string{name, result.Number(rate) + "/s", "p50 " + latency(p50), "p99 " + latency(p99), "failed " + result.Count(failed)}
}

// pairProgress shows how a comparison goes.
type pairProgress struct {
	view        *board
	to          streams
	plan        *plan.Plan
	began       time.Time
	done, total int // slices
	rows        [2][]string
	rates       []float64
}

func showPairProgress(o *options, p *plan.Plan, pairs int, s streams) *pairProgress {
	return &pairProgress{view: newBoard(o, s), to: s, plan: p, began: time.Now(), total: 2 * pairs, rows: [2][]string{{"A"}, {"B"}}}
}

// step tells that a slice of one side is done.
func (g *pairProgress) step(k int, d side) {
	g.done++
	all := d.all.Tally
	latest := d.slices[len(d.slices)-1]
	g.rates = append(g.rates, latest.RequestsPerSecond)
	g.rows[k] = append([]string{string("AB"[k])},
		liveRow("", latest.RequestsPerSecond, all.OK.Quantile(0.5), all.OK.Quantile(0.99), all.Failed.Count())[1:]...)
	g.to.log.Debug().Str("target", string("AB"[k])).Int("slice", g.done).Int("of", g.total).
		Float64("rate", latest.RequestsPerSecond).Float64("p50", latest.LatencyP50).Msg("slice ended")
	if g.view == nil {
		return
	}
	left := fmt.Sprintf("slice %d of %d", g.done, g.total)
	g.view.draw(append([]string{"A " + g.plan.Targets[0].Name, "B " + g.plan.Targets[1].Name},
		append(align(g.rows[0], g.rows[1]), "  "+spark(g.rates, g.view.columns()-len(left)-6)+"  "+left)...)...)
}

// end takes the view away; calling it again does nothing.
func (g *pairProgress) end() { g.view.clear() }

// searchProgress shows how a search for the capacity goes: the load that is tried, and
// what the one before it made.
type searchProgress struct {
	view   *board
	to     streams
	target *plan.Target
	last   []string
	rates  []float64
}

func showSearch(o *options, t *plan.Target, s streams) *searchProgress {
	return &searchProgress{view: newBoard(o, s), to: s, target: t}
}

func (g *searchProgress) loading(connections int) {
	if g.view == nil {
		return
	}
	lines := []string{g.target.Method + " " + g.target.Name}
	if g.last != nil {
		lines = append(lines, align(g.last)...)
	}
	now := "trying " + count(connections, "connection")
	g.view.draw(append(lines, "  "+spark(g.rates, g.view.columns()-len(now)-6)+"  "+now)...)
}

func (g *searchProgress) loaded(step capacity.Step) {
	g.rates = append(g.rates, step.Rate)
	g.last = []string{
		count(step.Connections, "connection"), result.Number(step.Rate) + "/s",
		"p50 " + result.Millis(step.P50), "p99 " + result.Millis(step.P99),
	}
	g.to.log.Debug().Int("connections", step.Connections).Float64("rate", step.Rate).
		Float64("p50", step.P50).Float64("p99", step.P99).Msg("load tried")
}

// end takes the view away; calling it again does nothing.
func (g *searchProgress) end() { g.view.clear() }
