package fleet

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"time"

	"github.com/senior-backend/toolkit/loadtester/internal/plan"
	"github.com/senior-backend/toolkit/loadtester/internal/stats"
	"github.com/senior-backend/toolkit/shared/fault"
)

// Session is a target that all agents have reached and that they can load, also several
// times.
type Session struct {
	c      *Coordinator
	number int
}

// Open has all agents take a plan and reach one of its targets. The plan is the one that
// the options describe.
func (c *Coordinator) Open(ctx context.Context, o plan.Options, p *plan.Plan, target int) (*Session, error) {
	if err := c.complete(); err != nil {
		return nil, err
	}
	parcel, err := o.Pack(p)
	if err != nil {
		return nil, err
	}
	text, err := packed(parcel)
	if err != nil {
		return nil, err
	}
	c.mu.Lock()
	c.sessions++
	s := &Session{c: c, number: c.sessions}
	load := &cargo{parcel: text, data: p.Targets[target].Data, of: c.o.Agents}
	c.cargo[s.number] = load
	c.mu.Unlock()
	defer func() {
		c.mu.Lock()
		delete(c.cargo, s.number)
		c.mu.Unlock()
	}()
	ctx, cancel := context.WithTimeout(ctx, askFor+5*time.Second)
	defer cancel()
	parcelBlob := blobOf(text)
	var first sync.Mutex
	var failed error
	c.each(c.live(), func(m *member) {
		cmd := command{Op: opPrepare, Session: s.number, Target: target, Parcel: parcelBlob}
		if rows := load.rowsOf(m.index); rows != nil {
			cmd.Rows = blobOf(rows)
		}
		r, err := c.ask(ctx, m, cmd)
		load.drop(m.index)
		switch {
		case err != nil:
		case r.Usage:
			err = fault.Usagef("agent %s: %s", m.name, r.Fault)
		case r.Fault != "":
			err = &fault.Environment{Message: "agent " + m.name + ": " + r.Fault}
		}
		if err != nil {
			first.Lock()
			failed = errors.Join(failed, err)
			first.Unlock()
		}
	})
	if ctx.Err() != nil && errors.Is(context.Cause(ctx), context.Canceled) {
		return nil, fault.ErrInterrupted
	}
	if failed != nil {
		return nil, firstOf(failed)
	}
	return s, nil
}

// complete fails when an agent was lost before anything was sent.
func (c *Coordinator) complete() error {
	c.mu.Lock()
	begun := !c.began.IsZero()
	c.mu.Unlock()
	for _, m := range c.all() {
		if !begun && !m.isLive() {
			return &fault.Environment{Message: "agent " + m.name + " was lost before the load began: " + m.state().Why, Hint: "see what it logs"}
		}
	}
	return nil
}

// firstOf is the first of joined errors, and how many there were.
func firstOf(err error) error {
	joined, ok := err.(interface{ Unwrap() []error })
	if !ok {
		return err
	}
	list := flatten(joined.Unwrap())
	if len(list) == 1 {
		return list[0]
	}
	return fmt.Errorf("%w (and %d more agents failed)", list[0], len(list)-1)
}

func flatten(list []error) []error {
	var flat []error
	for _, err := range list {
		if joined, ok := err.(interface{ Unwrap() []error }); ok {
			flat = append(flat, flatten(joined.Unwrap())...)
		} else {
			flat = append(flat, err)
		}
	}
	return flat
}

func (c *Coordinator) live() []*member {
	return slices.DeleteFunc(c.all(), func(m *member) bool { return !m.isLive() })
}

// Run has the agents load the target for p's time, and adds what they count to the
// collector. Cancelling ctx ends the run; what was measured stays, and Run returns nil. An
// agent that is lost on the way is told by Report.
func (s *Session) Run(ctx context.Context, p *plan.Plan, into *stats.Collector) error {
	c := s.c
	members := c.live()
	if len(members) == 0 {
		return &fault.Environment{Message: "all agents are lost", Hint: "see what they log"}
	}
	// Time for the word to reach everybody before the moment comes.
	lead := 300*time.Millisecond + time.Duration(len(members))*time.Millisecond/4
	for _, m := range members {
		lead = max(lead, 4*m.state().Trip+200*time.Millisecond)
		m.start()
	}
	into.Hold()
	c.mu.Lock()
	c.rounds++
	start := time.Now().Add(lead)
	r := newReception(c.rounds, members, into, start, p)
	r.lost = c.lost
	c.active = r
	if c.began.IsZero() {
		c.began = start
	}
	c.mu.Unlock()
	defer func() {
		c.mu.Lock()
		c.active = nil
		c.mu.Unlock()
	}()
	s.send(members, r, p)
	r.await(ctx, c)
	into.SetRun(r.summary(ctx))
	return nil
}

// send tells the agents to begin.
func (s *Session) send(members []*member, r *reception, p *plan.Plan) {
	s.c.each(members, func(m *member) {
		// Without an answer by then it isn't known whether it has begun.
		ctx, cancel := context.WithDeadline(context.Background(), r.start.Add(2*time.Second))
		defer cancel()
		answer, err := s.c.ask(ctx, m, command{
			Op: opRun, Session: s.number, Round: r.number, Numbers: numbersOf(p), Start: r.start.Add(m.state().Offset).UnixNano(),
		})
		why := ""
		switch {
		case err != nil:
			why = "did not answer when the load was to begin"
		case answer.Late:
			why = "left out: the word to begin reached it too late"
		case answer.Fault != "":
			why = "did not begin: " + answer.Fault
		}
		if why != "" && m.lose(why) {
			s.c.lost(m)
		}
	})
}
