package fleet

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"sync"
	"time"

	"github.com/nats-io/nats.go"

	"github.com/senior-backend/toolkit/loadtester/internal/plan"
	"github.com/senior-backend/toolkit/loadtester/internal/stats"
)

// reception takes what agents send of one load.
type reception struct {
	number  int
	members []*member
	into    *stats.Collector
	start   time.Time
	plan    *plan.Plan
	news    chan struct{} // an agent has ended or was lost
	lost    func(*member)

	mu    sync.Mutex
	spare stats.Tally // read into
	ends  []*end
}

func newReception(number int, members []*member, into *stats.Collector, start time.Time, p *plan.Plan) *reception {
	return &reception{number: number, members: members, into: into, start: start, plan: p, news: make(chan struct{}, 1)}
}

func (r *reception) changed() {
	select {
	case r.news <- struct{}{}:
	default:
	}
}

// received takes a message of an agent.
func (c *Coordinator) received(msg *nats.Msg) {
	m, err := decodeMessage(msg.Data)
	if err != nil {
		return
	}
	c.mu.Lock()
	from, active := c.byID[m.Agent], c.active
	c.mu.Unlock()
	if from == nil {
		return
	}
	answer := receipt{Round: m.Round}
	switch {
	case !from.isLive():
		answer.Stop = true
	case m.Sequence == 0:
		from.sign()
		return // a sign of life; nothing is to be acknowledged
	case active == nil || m.Round != active.number:
		from.sign()
		answer.Accepted = m.Sequence // of a load that is over
	default:
		from.sign()
		answer.Accepted = active.take(from, m)
	}
	if text, err := json.Marshal(answer); err == nil {
		msg.Respond(text) //nolint:errcheck // the agent sends again what isn't acknowledged
	}
}

// take counts a message, once and in order, and returns up to which number all have come.
func (r *reception) take(from *member, m *message) uint64 {
	from.mu.Lock()
	expected := from.next
	from.mu.Unlock()
	if m.Sequence != expected {
		return expected - 1
	}
	var sum counted
	r.mu.Lock()
	for _, t := range m.Tallies {
		if err := r.spare.UnmarshalBinary(t.tally); err != nil {
			r.mu.Unlock()
			r.lose(from, "sent what can't be read: "+err.Error())
			return expected - 1
		}
		sum.requests += r.spare.Requests()
		sum.failed += r.spare.Failed.Count()
		sum.fingerprint += r.spare.OK.Fingerprint() + r.spare.Failed.Fingerprint()
		r.into.Add(t.second, &r.spare)
	}
	r.mu.Unlock()
	from.mu.Lock()
	from.next++
	for _, into := range []*counted{&from.counted, &from.round} {
		into.requests += sum.requests
		into.failed += sum.failed
		into.fingerprint += sum.fingerprint
	}
	from.through = max(from.through, m.Through)
	from.mu.Unlock()
	if m.End != nil {
		r.ended(from, m.End)
	}
	r.into.Complete(r.through())
	return expected
}

// lose counts an agent as lost.
func (r *reception) lose(m *member, why string) {
	if m.lose(why) {
		r.lost(m)
	}
}

// ended takes how a load went on an agent, and holds its sums against what came.
func (r *reception) ended(from *member, e *end) {
	for _, a := range e.Answers {
		a.Before *= uint64(len(r.members)) // of all agents, about
		r.into.Keep(a)
	}
	for kind, cause := range e.Causes {
		if int(kind) < stats.Kinds {
			r.into.Note(kind, from.name+": "+cause)
		}
	}
	from.mu.Lock()
	from.latest, from.ended, from.busy = *e, true, max(from.busy, e.Run.Busy)
	from.began = time.Unix(0, e.Began).Add(-from.offset).Sub(r.start)
	got := from.round
	from.mu.Unlock()
	switch {
	case e.Requests != got.requests || e.Failed != got.failed || e.Fingerprint != got.fingerprint:
		r.lose(from, fmt.Sprintf("counted %d requests, of which %d came", e.Requests, got.requests))
	case e.Fault != "":
		r.lose(from, e.Fault)
	}
	r.mu.Lock()
	r.ends = append(r.ends, e)
	r.mu.Unlock()
	r.changed()
}

// through is how many seconds have come of all agents that are still at it.
func (r *reception) through() int {
	least := -1
	for _, m := range r.members {
		m.mu.Lock()
		at, counts := m.through, m.gone == "" && !m.ended
		m.mu.Unlock()
		if counts && (least < 0 || at < least) {
			least = at
		}
	}
	return max(least, 0)
}

// open tells whether there are agents whose end is still to come.
func (r *reception) open() bool {
	return slices.ContainsFunc(r.members, func(m *member) bool {
		m.mu.Lock()
		defer m.mu.Unlock()
		return m.gone == "" && !m.ended
	})
}

// await waits until all agents have ended or are lost. When ctx ends they are stopped.
func (r *reception) await(ctx context.Context, c *Coordinator) {
	const slack = 10 * time.Second
	deadline := time.NewTimer(time.Until(r.start) + r.plan.Warmup + r.plan.Duration + r.plan.Grace + slack + outageLimit)
	defer deadline.Stop()
	done := ctx.Done()
	for r.open() {
		select {
		case <-r.news:
		case <-done:
			done = nil
			deadline.Reset(3 * time.Second)
			for _, m := range r.members {
				go c.tell(m.id, command{Op: opStop})
			}
		case <-deadline.C:
			for _, m := range r.members {
				m.mu.Lock()
				open := m.gone == "" && !m.ended
				m.mu.Unlock()
				if open {
					r.lose(m, "did not say how it ended")
				}
			}
		}
	}
}

// summary sums up how the load went on all agents.
func (r *reception) summary(ctx context.Context) stats.Run {
	r.mu.Lock()
	defer r.mu.Unlock()
	all := stats.Run{Started: r.start.Add(r.plan.Warmup)}
	for _, e := range r.ends {
		all.Elapsed = max(all.Elapsed, e.Run.Elapsed)
		all.Unended += e.Run.Unended
		all.Unsent += e.Run.Unsent
		all.Busy = max(all.Busy, e.Run.Busy)
		all.Streams = max(all.Streams, e.Run.Streams)
		for _, a := range e.Run.Addresses {
			if !slices.Contains(all.Addresses, a) {
				all.Addresses = append(all.Addresses, a)
			}
		}
		if e.Run.Transport != "" {
			all.Transport, all.Protocol = e.Run.Transport, e.Run.Protocol
		}
	}
	if all.Elapsed == 0 { // nobody has told
		all.Elapsed = max(0, min(time.Since(all.Started), r.plan.Duration))
	}
	return all
}

// Report is what is known of the agents, and of those that had no part.
func (c *Coordinator) Report() (agents []State, absent []Absent) {
	for _, m := range c.all() {
		agents = append(agents, m.state())
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	return agents, slices.Clone(c.others)
}
