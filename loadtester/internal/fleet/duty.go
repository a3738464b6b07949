package fleet

import (
	"context"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"strings"
	"sync"
	"time"

	"github.com/nats-io/nats.go"

	"github.com/senior-backend/toolkit/loadtester/internal/engine"
	"github.com/senior-backend/toolkit/loadtester/internal/plan"
	"github.com/senior-backend/toolkit/loadtester/internal/stats"
)

// duty is an agent's part in one run.
type duty struct {
	agent  *Agent
	run    string
	share  plan.Share
	linger bool
	orphan time.Duration
	ctx    context.Context // of all that it does
	cancel context.CancelFunc
	beat   *nats.Subscription
	inbox  string
	acks   *nats.Subscription

	mu       sync.Mutex
	last     time.Time // of the coordinator's latest sign
	sessions map[int]*session
	round    *round // the latest; nil before the first
	all      stats.Histogram
}

// session is a plan and the target that was reached.
type session struct {
	done   chan struct{} // closed when what follows is known
	plan   *plan.Plan    // of all agents
	engine *engine.Engine
	fault  reply
}

func newDuty(a *Agent, c *command) (*duty, error) {
	d := &duty{
		agent: a, run: c.Run, share: plan.Share{Index: c.Index, Of: c.Of}, linger: c.Linger, orphan: c.Orphan,
		last: time.Now(), sessions: map[int]*session{}, inbox: a.conn.NewInbox(),
	}
	if d.orphan <= 0 {
		d.orphan = orphanAfter
	}
	d.ctx, d.cancel = context.WithCancel(context.Background())
	var err error
	if d.beat, err = a.conn.Subscribe(subjectBeat(a.Link.Group, d.run), func(*nats.Msg) { d.sign() }); err != nil {
		return nil, err
	}
	if d.acks, err = a.conn.Subscribe(d.inbox, d.acknowledged); err != nil {
		d.beat.Unsubscribe() //nolint:errcheck // it ends with the connection
		return nil, err
	}
	go d.watch()
	return d, nil
}

// sign notes that the coordinator is there.
func (d *duty) sign() {
	d.mu.Lock()
	d.last = time.Now()
	d.mu.Unlock()
}

// watch gives signs of life and ends the duty when the coordinator gives none.
func (d *duty) watch() {
	ticker := time.NewTicker(100 * time.Millisecond)
	defer ticker.Stop()
	beaten := time.Now()
	for {
		select {
		case <-d.ctx.Done():
			return
		case <-ticker.C:
		}
		d.mu.Lock()
		last, r := d.last, d.round
		d.mu.Unlock()
		if d.agent.abandoned(last, d) {
			d.agent.Log.Warn().Stringer("silent for", time.Since(last).Round(time.Millisecond)).Msg("the coordinator is gone: load stopped")
			d.agent.release(d, "the coordinator is gone")
			return
		}
		if time.Since(beaten) >= beatEvery {
			beaten = time.Now()
			d.send(&message{Agent: d.agent.id})
		}
		if r != nil {
			r.resend()
		}
	}
}

// send sends a message once, if there is a connection.
func (d *duty) send(m *message) {
	text, err := m.encode()
	if err == nil {
		err = d.agent.conn.PublishRequest(subjectTally(d.agent.Link.Group, d.run), d.inbox, text)
	}
	if err != nil {
		d.agent.Log.Debug().Err(err).Msg("not sent")
	}
}

func (d *duty) acknowledged(m *nats.Msg) {
	var r receipt
	if json.Unmarshal(m.Data, &r) != nil {
		return
	}
	d.sign()
	d.mu.Lock()
	current := d.round
	d.mu.Unlock()
	if r.Stop {
		d.agent.Log.Warn().Msg("the coordinator counts this agent as lost: load stopped")
		d.agent.release(d, "it was silent for too long")
		return
	}
	if current != nil && current.number == r.Round {
		current.accepted(r.Accepted)
	}
}

// prepare takes a plan and reaches its target. Asked again, it answers the same.
func (d *duty) prepare(c *command) reply {
	d.mu.Lock()
	s := d.sessions[c.Session]
	known := s != nil
	if !known {
		s = &session{done: make(chan struct{})}
		d.sessions[c.Session] = s
	}
	d.mu.Unlock()
	if known {
		<-s.done
		return s.fault
	}
	defer close(s.done)
	if err := d.open(s, c); err != nil {
		s.fault = faultReply(err)
		d.agent.Log.Warn().Err(err).Msg("plan refused")
	}
	return s.fault
}

func (d *duty) open(s *session, c *command) error {
	ctx, cancel := context.WithTimeout(d.ctx, askFor)
	defer cancel()
	text, err := d.fetch(ctx, c.Parcel, want{Session: c.Session})
	if err != nil {
		return err
	}
	parcel, err := openParcel(text)
	if err != nil {
		return err
	}
	var rows *plan.Data
	if c.Rows.Size > 0 {
		if text, err = d.fetch(ctx, c.Rows, want{Session: c.Session, Rows: true, Index: d.share.Index}); err != nil {
			return err
		}
		rows = &plan.Data{}
		if err := rows.UnmarshalBinary(text); err != nil {
			return err
		}
	}
	if s.plan, err = parcel.Unpack(rows); err != nil {
		return err
	}
	if c.Target < 0 || c.Target >= len(s.plan.Targets) {
		return errors.New("the plan has no such target")
	}
	var ends []string
	for _, e := range s.plan.Ends() {
		ends = append(ends, e.String())
	}
	if why := d.agent.refuses(ends); why != "" {
		return errors.New(why)
	}
	s.plan.Network.Allow = d.agent.Allowed.Has
	s.plan.Targets = s.plan.Targets[c.Target : c.Target+1]
	s.plan.Together, s.plan.Observe = d.agent.Together, d.agent.Observe
	part := s.plan.Take(d.share)
	s.engine, err = engine.New(ctx, part, &part.Targets[0])
	return err
}

// fetch gets a blob, piece by piece.
func (d *duty) fetch(ctx context.Context, b blob, w want) ([]byte, error) {
	if b.Size < 0 || b.Size > maxParcel {
		return nil, errors.New("the plan is too large")
	}
	var text []byte
	for len(text) < b.Size {
		w.Offset = len(text)
		question, err := json.Marshal(w)
		if err != nil {
			return nil, err
		}
		one, cancel := context.WithTimeout(ctx, 2*time.Second)
		m, err := d.agent.conn.RequestWithContext(one, subjectParcel(d.agent.Link.Group, d.run), question)
		cancel()
		switch {
		case ctx.Err() != nil:
			return nil, fmt.Errorf("fetch the plan: %w", ctx.Err())
		case err != nil:
			pause(ctx, 100*time.Millisecond)
			continue
		case len(m.Data) == 0:
			return nil, errors.New("fetch the plan: the coordinator doesn't have it")
		}
		text = append(text, m.Data...)
	}
	if sha256.Sum256(text) != b.Sum {
		return nil, errors.New("fetch the plan: it came damaged")
	}
	return text, nil
}

// stop ends the load that goes on, if there is one, and waits for nothing.
func (d *duty) stop(why string) {
	d.mu.Lock()
	r := d.round
	d.mu.Unlock()
	if r != nil {
		r.stop(why)
	}
}

// leave ends the load and gives the coordinator the time to hear of it.
func (d *duty) leave() {
	d.stop("the agent was stopped")
	d.mu.Lock()
	r := d.round
	d.mu.Unlock()
	if r != nil {
		select {
		case <-r.delivered:
		case <-time.After(2 * time.Second):
		}
	}
	d.agent.release(d, "the agent was stopped")
}

// end ends everything.
func (d *duty) end() {
	d.cancel()
	d.beat.Unsubscribe() //nolint:errcheck // it ends with the connection
	d.acks.Unsubscribe() //nolint:errcheck // likewise
}

// splitEnd is the inverse of plan.End's String.
func splitEnd(text string) (host, port string) {
	if path, ok := strings.CutPrefix(text, "unix:"); ok {
		return "unix", path
	}
	host, port, err := net.SplitHostPort(text)
	if err != nil {
		return text, ""
	}
	return host, port
}
