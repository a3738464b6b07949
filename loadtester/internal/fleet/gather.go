package fleet

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/senior-backend/toolkit/loadtester/internal/plan"
	"github.com/senior-backend/toolkit/shared/fault"
)

// gather calls agents until there are enough, and has them belong to the run.
func (c *Coordinator) gather(ctx context.Context, ends []plan.End) error {
	asked := call{Version: version, Run: c.run, From: c.host}
	for _, e := range ends {
		asked.Ends = append(asked.Ends, e.String())
	}
	text, err := json.Marshal(asked)
	if err != nil {
		return err
	}
	until := time.Now().Add(c.o.Wait)
	var chosen []*member
	tried := map[string]string{} // why an agent could not be had
	for len(chosen) < c.o.Agents {
		if err := c.conn.Publish(subjectCall(c.o.Link.Group), text); err != nil {
			c.o.Log.Debug().Err(err).Msg("not sent")
		}
		select {
		case <-ctx.Done():
			return fault.ErrInterrupted
		case <-c.news:
		case <-time.After(300 * time.Millisecond):
		}
		for _, h := range c.usable(chosen, tried) {
			if len(chosen) == c.o.Agents {
				break
			}
			m := newMember(&h, len(chosen))
			if why := c.enlist(ctx, m); why != "" {
				tried[h.Agent] = why
				continue
			}
			chosen = append(chosen, m)
			c.mu.Lock()
			c.members, c.byID[m.id] = chosen, m
			c.mu.Unlock()
		}
		if time.Now().After(until) && len(chosen) < c.o.Agents {
			return c.tooFew(len(chosen), tried)
		}
	}
	c.mu.Lock()
	c.joined = true
	for id, h := range c.heard {
		if c.byID[id] == nil && !h.Busy {
			c.o.Log.Debug().Str("agent", h.title()).Msg("not needed")
		}
	}
	c.mu.Unlock()
	c.measureClocks(ctx)
	return ctx.Err()
}

// usable are the agents that were heard and may be asked, in the order of their names.
func (c *Coordinator) usable(chosen []*member, tried map[string]string) []here {
	c.mu.Lock()
	defer c.mu.Unlock()
	var list []here
	for id, h := range c.heard {
		known := slices.ContainsFunc(chosen, func(m *member) bool { return m.id == id })
		if !known && tried[id] == "" && h.Refuses == "" && !h.Busy {
			list = append(list, h)
		}
	}
	slices.SortFunc(list, func(a, b here) int { return strings.Compare(a.title()+a.Agent, b.title()+b.Agent) })
	return list
}

// enlist has an agent belong to the run, and returns why that can't be.
func (c *Coordinator) enlist(ctx context.Context, m *member) string {
	ctx, cancel := context.WithTimeout(ctx, 3*time.Second)
	defer cancel()
	r, err := c.ask(ctx, m, command{
		Op: opEnlist, Index: m.index, Of: c.o.Agents, Linger: c.o.Linger, Orphan: max(orphanAfter, c.o.Silence),
	})
	if err != nil {
		return err.Error()
	}
	return r.Fault
}

// tooFew is the fault of not having found enough agents.
func (c *Coordinator) tooFew(found int, tried map[string]string) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	why := map[string]int{}
	for id, h := range c.heard {
		switch {
		case h.Refuses != "":
			why[h.title()+": "+h.Refuses]++
		case h.Busy:
			why[h.title()+" works for another coordinator"]++
		case tried[id] != "":
			why[h.title()+": "+tried[id]]++
		}
	}
	message := fmt.Sprintf("%d of %d agents came within %v", found, c.o.Agents, c.o.Wait)
	const most = 5
	for i, text := range slices.Sorted(maps.Keys(why)) {
		if i == most {
			message += fmt.Sprintf("; and %d more refused", len(why)-most)
			break
		}
		message += "; " + text
	}
	if len(why) > 0 {
		return errors.New(message)
	}
	hint := "start them with loadtester agent --nats " + c.o.Link.shown() + " --allow-target HOST:PORT"
	if c.o.Link.Group != "default" {
		hint += " --group " + c.o.Link.Group
	}
	return &fault.Environment{Message: message, Hint: hint}
}

// measureClocks finds out how far the agents' clocks are from this machine's.
func (c *Coordinator) measureClocks(ctx context.Context) {
	const tries = 8
	c.each(c.all(), func(m *member) {
		for range tries {
			one, cancel := context.WithTimeout(ctx, 2*time.Second)
			before := time.Now()
			r, err := c.ask(one, m, command{Op: opClock})
			took := time.Since(before)
			cancel()
			if err == nil {
				m.measured(time.Unix(0, r.Clock).Sub(before.Add(took/2)), took)
			}
		}
	})
}
