package fleet

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"fmt"
	"os"
	"runtime"
	"strings"
	"sync"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/rs/zerolog"

	"github.com/senior-backend/toolkit/loadtester/internal/plan"
	"github.com/senior-backend/toolkit/shared/fault"
)

// Agent does what coordinators ask, one at a time.
type Agent struct {
	Link     Link
	Name     string  // for a person; empty takes the host's
	Allowed  Targets // where it may connect to
	Patterns []string
	Skew     time.Duration // added to this machine's clock, to try out what that does
	Together bool          // others are in this process
	Files    int           // how many may be opened; 0 is unknown
	Observe  func(plan.Sample)
	Log      zerolog.Logger

	id   string
	host string
	conn *nats.Conn

	mu   sync.Mutex
	duty *duty // nil while it is free
	cut  cutAt
}

// cutAt is since when there is no connection to NATS.
type cutAt struct {
	since time.Time // zero while there is one
	stale bool      // it went silent, rather than being closed
}

// Serve works until ctx ends. A load that goes on then is ended and told.
func (a *Agent) Serve(ctx context.Context) error {
	a.id = strings.ToLower(rand.Text()[:12])
	a.host, _ = os.Hostname() //nolint:errcheck // then it has no name
	if a.Name == "" {
		a.Name = a.host
	}
	conn, err := a.Link.connect("loadtester agent "+a.Name, true, events{
		cut: func(stale bool) {
			a.mu.Lock()
			a.cut = cutAt{since: time.Now(), stale: stale}
			a.mu.Unlock()
			if ctx.Err() == nil {
				a.Log.Warn().Msg("connection to NATS lost; trying again")
			}
		},
		back: func() {
			a.mu.Lock()
			a.cut = cutAt{}
			a.mu.Unlock()
			a.announce()
		},
		refused: func(err error) { a.Log.Warn().Err(err).Msg("no connection; trying again") },
	})
	if err != nil {
		return err
	}
	defer conn.Close()
	a.conn = conn
	if !conn.IsConnected() {
		a.Log.Info().Str("nats", a.Link.shown()).Msg("waiting for NATS")
	}
	if !awaitConnection(ctx, conn) {
		return nil
	}
	if err := a.Link.checkOpen(conn); err != nil {
		return err
	}
	for subject, handler := range map[string]nats.MsgHandler{
		subjectCall(a.Link.Group): a.called, subjectAgent(a.Link.Group, a.id): a.told,
	} {
		if _, err := conn.Subscribe(subject, handler); err != nil {
			return fmt.Errorf("listen to NATS: %w", err)
		}
	}
	if err := conn.FlushTimeout(askFor); err != nil {
		return fmt.Errorf("listen to NATS: %w", err)
	}
	a.announce()
	a.Log.Info().Str("name", a.Name).Str("nats", a.Link.shown()).Str("group", a.Link.Group).Strs("allowed", a.Patterns).
		Msg("ready")
	<-ctx.Done()
	if d := a.current(); d != nil {
		d.leave()
	}
	return nil
}

// announce says that the agent is there.
func (a *Agent) announce() { a.present(&call{}) }

// called answers a call, if it may.
func (a *Agent) called(m *nats.Msg) {
	var c call
	if json.Unmarshal(m.Data, &c) == nil && c.Run != "" {
		a.present(&c)
	}
}

func (a *Agent) present(c *call) {
	if a.conn == nil {
		return
	}
	h := here{Version: version, Run: c.Run, Agent: a.id, Name: a.Name, Host: a.host, CPUs: runtime.NumCPU(), Files: a.Files}
	if c.Run != "" && c.Version != version {
		h.Refuses = "it is another version of loadtester"
	} else {
		h.Refuses = a.refuses(c.Ends)
	}
	if d := a.current(); d != nil {
		h.Busy = d.run != c.Run
	}
	a.publish(subjectHere(a.Link.Group), h)
}

// refuses says why the agent may not connect to one of the ends; empty when it may.
func (a *Agent) refuses(ends []string) string {
	for _, e := range ends {
		host, port := splitEnd(e)
		if !a.Allowed.Has(host, port) {
			return fmt.Sprintf("it may not load %s; start it with --allow-target %s", e, e)
		}
	}
	return ""
}

func (a *Agent) publish(subject string, v any) {
	text, err := json.Marshal(v)
	if err == nil {
		err = a.conn.Publish(subject, text)
	}
	if err != nil {
		a.Log.Debug().Err(err).Msg("not sent")
	}
}

func (a *Agent) current() *duty {
	a.mu.Lock()
	defer a.mu.Unlock()
	return a.duty
}

// now is this machine's time.
func (a *Agent) now() time.Time { return time.Now().Add(a.Skew) }

// told carries out a command. Those that take time don't hold up the others.
func (a *Agent) told(m *nats.Msg) {
	var c command
	if json.Unmarshal(m.Data, &c) != nil {
		return
	}
	answer := func(r reply) {
		r.Clock = a.now().UnixNano()
		text, err := json.Marshal(r)
		if err == nil && m.Reply != "" {
			err = m.Respond(text)
		}
		if err != nil {
			a.Log.Debug().Err(err).Msg("not answered")
		}
	}
	if c.Op == opClock {
		answer(reply{})
		return
	}
	if c.Op == opLate {
		a.Log.Warn().Str("coordinator", c.From).Msg("a run has begun without this agent")
		return
	}
	if c.Op == opEnlist {
		answer(a.enlist(&c))
		return
	}
	d := a.current()
	if d == nil || d.run != c.Run {
		answer(reply{Fault: "it no longer belongs to this run"})
		return
	}
	d.sign()
	switch c.Op {
	case opPrepare:
		go func() { answer(d.prepare(&c)) }()
	case opRun:
		go func() { answer(d.begin(&c)) }()
	case opStop:
		d.stop("")
		answer(reply{})
	case opRelease:
		a.release(d, "the run is over")
		answer(reply{})
	}
}

// enlist makes the agent belong to a run, unless it belongs to another one.
func (a *Agent) enlist(c *command) reply {
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.duty != nil && a.duty.run != c.Run {
		return reply{Fault: "it works for another coordinator"}
	}
	if a.duty == nil {
		d, err := newDuty(a, c)
		if err != nil {
			return reply{Fault: "it can't listen to NATS: " + err.Error()}
		}
		a.duty = d
		a.Log.Info().Str("coordinator", c.From).Msg("belongs to a run")
	}
	return reply{}
}

// release makes the agent free again.
func (a *Agent) release(d *duty, why string) {
	a.mu.Lock()
	mine := a.duty == d
	if mine {
		a.duty = nil
	}
	a.mu.Unlock()
	if mine {
		d.end()
		a.Log.Info().Str("why", why).Msg("free again")
	}
}

// abandoned tells whether the coordinator has been silent for too long since its last
// sign.
func (a *Agent) abandoned(last time.Time, d *duty) bool {
	a.mu.Lock()
	cut := a.cut
	a.mu.Unlock()
	limit := d.orphan
	if !cut.since.IsZero() && !cut.stale && d.linger {
		limit = outageLimit // nobody could have told it anything
	}
	return time.Since(last) > limit
}

// faultReply is the reply for an error.
func faultReply(err error) reply {
	return reply{Fault: err.Error(), Usage: fault.Status(err) == fault.StatusUsage}
}
