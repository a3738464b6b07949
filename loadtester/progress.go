package main

import (
	"fmt"
	"strings"
	"time"

	"github.com/senior-backend/toolkit/loadtester/internal/capacity"
	"github.com/senior-backend/toolkit/loadtester/internal/plan"
	"github.com/senior-backend/toolkit/loadtester/internal/result"
	"github.com/senior-backend/toolkit/loadtester/internal/stats"
	"github.com/senior-backend/toolkit/shared/cmdline"
)

// showProgress shows on a terminal how a run goes, in one line that is written over
// again, until the returned function is called. Elsewhere nothing is shown.
func showProgress(o *options, p *plan.Plan, t *plan.Target, c *stats.Collector, s streams) (stop func()) {
	columns, terminal := cmdline.Terminal(s.err)
	if !terminal || o.Quiet {
		return func() {}
	}
	ended, done := make(chan struct{}), make(chan struct{})
	began := time.Now()
	go func() {
		defer close(done)
		ticker := time.NewTicker(250 * time.Millisecond)
		defer ticker.Stop()
		for {
			select {
			case <-ended:
				fmt.Fprintf(s.err, "\r%s\r", strings.Repeat(" ", columns-1))
				return
			case <-ticker.C:
				line := []rune(progressLine(p, c.Live(), time.Since(began)))
				line = line[:min(len(line), columns-1)]
				fmt.Fprintf(s.err, "\r%s%s", string(line), strings.Repeat(" ", columns-1-len(line)))
			}
		}
	}()
	fmt.Fprintf(s.err, "%s %s\n", t.Method, t.Name)
	return func() {
		close(ended)
		<-done
	}
}

// progressLine words the state of a run.
func progressLine(p *plan.Plan, l stats.Live, elapsed time.Duration) string {
	left := max(0, p.Warmup+p.Duration-elapsed).Round(time.Second)
	if elapsed < p.Warmup {
		return fmt.Sprintf("warming up, %v left", left)
	}
	if l.Seconds == 0 {
		return fmt.Sprintf("%v left", left)
	}
	ms := func(d time.Duration) string { return result.Millis(float64(d) / float64(time.Millisecond)) }
	return fmt.Sprintf("%s/s  p50 %s  p99 %s  failed %s  %v left",
		result.Count(l.Last.Requests), ms(l.P50), ms(l.P99), result.Count(l.Failed), left)
}

// pairProgress shows how many slices of a comparison are done.
type pairProgress struct {
	to          streams
	done, total int
	shown       bool
}

func showPairProgress(o *options, p *plan.Plan, pairs int, s streams) *pairProgress {
	_, terminal := cmdline.Terminal(s.err)
	g := &pairProgress{to: s, total: pairs, shown: terminal && !o.Quiet}
	if g.shown {
		fmt.Fprintf(s.err, "A %s\nB %s\n", p.Targets[0].Name, p.Targets[1].Name)
	}
	return g
}

func (g *pairProgress) step() {
	g.done++
	if g.shown {
		fmt.Fprintf(g.to.err, "\r%d of %d pairs of slices", g.done, g.total)
	}
}

// end clears the line; calling it again does nothing.
func (g *pairProgress) end() {
	if g.shown {
		fmt.Fprintf(g.to.err, "\r%s\r", strings.Repeat(" ", 40))
		g.shown = false
	}
}

// searchProgress shows how a search for the capacity goes: the load that is tried, and
// the loads that were.
type searchProgress struct {
	to       streams
	done     int
	terminal bool
	lines    bool
}

func showSearch(o *options, search *capacity.Search, t *plan.Target, s streams) *searchProgress {
	_, terminal := cmdline.Terminal(s.err)
	g := &searchProgress{to: s, terminal: terminal && !o.Quiet && !o.Lines, lines: o.Lines && !o.Quiet}
	if g.terminal {
		fmt.Fprintf(s.err, "%s %s\n", t.Method, t.Name)
	}
	return g
}

func (g *searchProgress) loading(connections int) {
	if g.terminal {
		fmt.Fprintf(g.to.err, "\r\x1b[K%s …", count(connections, "connection"))
	}
}

func (g *searchProgress) loaded(step capacity.Step) {
	g.done++
	text := fmt.Sprintf("%s  %s/s  p50 %s  p99 %s", count(step.Connections, "connection"), result.Number(step.Rate), result.Millis(step.P50), result.Millis(step.P99))
	switch {
	case g.terminal:
		fmt.Fprintf(g.to.err, "\r\x1b[K%s", text)
	case g.lines:
		fmt.Fprintln(g.to.err, text)
	}
}

// end clears the line; calling it again does nothing.
func (g *searchProgress) end() {
	if g.terminal {
		fmt.Fprint(g.to.err, "\r\x1b[K")
		g.terminal = false
	}
}
