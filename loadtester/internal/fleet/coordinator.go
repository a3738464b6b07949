package fleet

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"fmt"
	"os"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/rs/zerolog"

	"github.com/senior-backend/toolkit/loadtester/internal/plan"
	"github.com/senior-backend/toolkit/shared/fault"
)

// Options are what a coordinator is to do.
type Options struct {
	Link    Link
	Agents  int           // how many
	Wait    time.Duration // how long to wait for them
	Silence time.Duration // after which an agent is lost
	Linger  bool          // NATS outlives the coordinator
	Log     zerolog.Logger
}

// Coordinator has a run done by agents.
type Coordinator struct {
	o    Options
	run  string
	host string
	conn *nats.Conn
	stop context.CancelFunc

	mu       sync.Mutex
	members  []*member
	byID     map[string]*member
	cargo    map[int]*cargo
	sessions int
	rounds   int
	active   *reception // the load that goes on; nil between loads
	joined   bool       // the agents have been chosen
	began    time.Time  // when the first load did
	others   []Absent
	heard    map[string]here
	news     chan struct{} // an agent has been heard of
	cut      cutAt
}

// Absent is an agent that was there and had no part.
type Absent struct {
	Name string `json:"name"`
	Why  string `json:"why"`
}

// Join finds agents that may load the ends, and has them belong to a run. Close lets
// them go.
func Join(ctx context.Context, o Options, ends []plan.End) (*Coordinator, error) {
	c := &Coordinator{
		o: o, run: strings.ToLower(rand.Text()[:16]), byID: map[string]*member{}, cargo: map[int]*cargo{},
		heard: map[string]here{}, news: make(chan struct{}, 1),
	}
	c.host, _ = os.Hostname() //nolint:errcheck // then it has no name
	conn, err := o.Link.connect("loadtester coordinator", false, events{
		cut: func(stale bool) {
			c.mu.Lock()
			c.cut = cutAt{since: time.Now(), stale: stale}
			c.mu.Unlock()
		},
		back: c.reconnected,
	}, nats.SyncQueueLen(1<<20))
	if err != nil {
		return nil, err
	}
	c.conn = conn
	group := o.Link.Group
	for subject, handler := range map[string]nats.MsgHandler{
		subjectHere(group): c.met, subjectTally(group, c.run): c.received, subjectParcel(group, c.run): c.asked,
	} {
		s, err := conn.Subscribe(subject, handler)
		if err == nil {
			err = s.SetPendingLimits(-1, -1)
		}
		if err != nil {
			conn.Close()
			return nil, fmt.Errorf("listen to NATS: %w", err)
		}
	}
	beating, stop := context.WithCancel(context.Background())
	c.stop = stop
	go c.beat(beating)
	if err := c.gather(ctx, ends); err != nil {
		c.Close()
		return nil, err
	}
	return c, nil
}

// Close lets the agents go.
func (c *Coordinator) Close() {
	c.stop()
	if c.conn.IsConnected() {
		c.each(c.all(), func(m *member) {
			ctx, cancel := context.WithTimeout(context.Background(), time.Second)
			defer cancel()
			if m.isLive() {
				c.ask(ctx, m, command{Op: opRelease}) //nolint:errcheck // it frees itself after a while
			}
		})
		c.conn.FlushTimeout(time.Second) //nolint:errcheck // likewise
	}
	c.conn.Close()
}

// beat gives signs of life and looks for agents that give none.
func (c *Coordinator) beat(ctx context.Context) {
	ticker := time.NewTicker(100 * time.Millisecond)
	defer ticker.Stop()
	var beaten time.Time
	for {
		if time.Since(beaten) >= beatEvery {
			beaten = time.Now()
			c.conn.Publish(subjectBeat(c.o.Link.Group, c.run), nil) //nolint:errcheck // without a connection the next one goes
		}
		select {
		case <-ctx.Done():
			return
		case <-ticker.C:
			c.findSilent()
		}
	}
}

// findSilent counts those as lost that have been silent for too long. While NATS is down
// nobody can be heard.
func (c *Coordinator) findSilent() {
	c.mu.Lock()
	cut := c.cut
	c.mu.Unlock()
	// What is done at once is noticed within the time that was promised.
	limit := c.o.Silence - 300*time.Millisecond
	if !cut.since.IsZero() && !cut.stale {
		if time.Since(cut.since) < outageLimit {
			return
		}
	}
	for _, m := range c.all() {
		if silent := m.silentFor(); silent > limit && m.lose(fmt.Sprintf("silent for %.1f s: dead, stalled or cut off", silent.Seconds())) {
			c.lost(m)
		}
	}
}

func (c *Coordinator) lost(m *member) {
	c.o.Log.Warn().Str("agent", m.name).Str("why", m.state().Why).Msg("agent lost")
	c.mu.Lock()
	active := c.active
	c.mu.Unlock()
	if active != nil {
		active.changed()
	}
}

// reconnected gives agents the time to be heard again.
func (c *Coordinator) reconnected() {
	c.mu.Lock()
	c.cut = cutAt{}
	c.mu.Unlock()
	for _, m := range c.all() {
		m.sign()
	}
}

func (c *Coordinator) all() []*member {
	c.mu.Lock()
	defer c.mu.Unlock()
	return slices.Clone(c.members)
}

// met notes an agent that says it is there.
func (c *Coordinator) met(msg *nats.Msg) {
	var h here
	if json.Unmarshal(msg.Data, &h) != nil || h.Agent == "" || h.Run != "" && h.Run != c.run {
		return
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.byID[h.Agent] != nil {
		return
	}
	if !c.joined {
		if h.Run != "" {
			c.heard[h.Agent] = h
			select {
			case c.news <- struct{}{}:
			default:
			}
		}
		return
	}
	if _, known := c.heard[h.Agent]; known || h.Run != "" {
		return
	}
	c.heard[h.Agent] = h
	why := "came after the agents had been chosen"
	if !c.began.IsZero() {
		why = fmt.Sprintf("came %.1f s after the start", time.Since(c.began).Seconds())
	}
	c.others = append(c.others, Absent{Name: h.title(), Why: "late: " + why})
	c.o.Log.Warn().Str("agent", h.title()).Msg("late: left out")
	go c.tell(h.Agent, command{Op: opLate})
}

// title is how an agent is called.
func (h *here) title() string {
	if h.Name == h.Host || h.Name == "" {
		return h.Host
	}
	return h.Name
}

// tell sends a command without waiting for an answer.
func (c *Coordinator) tell(agent string, cmd command) {
	cmd.Run, cmd.From = c.run, c.host
	if text, err := json.Marshal(cmd); err == nil {
		c.conn.Publish(subjectAgent(c.o.Link.Group, agent), text) //nolint:errcheck // it was for a person only
	}
}

// asked answers agents that fetch their plan.
func (c *Coordinator) asked(msg *nats.Msg) {
	var w want
	if json.Unmarshal(msg.Data, &w) != nil {
		return
	}
	c.mu.Lock()
	cargo := c.cargo[w.Session]
	c.mu.Unlock()
	var piece []byte
	if cargo != nil {
		piece = cargo.piece(&w)
	}
	msg.Respond(piece) //nolint:errcheck // it asks again
}

// ask has an agent carry out a command and returns its answer. It is asked again until
// ctx ends; agents do the same thing once.
func (c *Coordinator) ask(ctx context.Context, m *member, cmd command) (reply, error) {
	cmd.Run, cmd.From = c.run, c.host
	text, err := json.Marshal(cmd)
	if err != nil {
		return reply{}, err
	}
	for {
		one, cancel := context.WithTimeout(ctx, 5*time.Second)
		msg, err := c.conn.RequestWithContext(one, subjectAgent(c.o.Link.Group, m.id), text)
		cancel()
		var r reply
		switch {
		case err == nil && json.Unmarshal(msg.Data, &r) == nil:
			m.sign()
			return r, nil
		case ctx.Err() != nil:
			return reply{}, &fault.Environment{Message: "agent " + m.name + " does not answer", Hint: "see what it logs"}
		case !m.isLive():
			return reply{}, &fault.Environment{Message: "agent " + m.name + " was lost: " + m.state().Why, Hint: "see what it logs"}
		}
		if !pause(ctx, 50*time.Millisecond) {
			return reply{}, context.Cause(ctx)
		}
	}
}

// each calls f for each member, many at once, and waits.
func (c *Coordinator) each(members []*member, f func(*member)) {
	const atOnce = 64
	var wg sync.WaitGroup
	slots := make(chan struct{}, atOnce)
	for _, m := range members {
		slots <- struct{}{}
		wg.Go(func() {
			defer func() { <-slots }()
			f(m)
		})
	}
	wg.Wait()
}
