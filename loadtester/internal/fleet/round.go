package fleet

import (
	"context"
	"sync"
	"time"

	"github.com/senior-backend/toolkit/loadtester/internal/plan"
	"github.com/senior-backend/toolkit/loadtester/internal/stats"
)

// round is one load on an agent: what is counted in it, and what of that the
// coordinator has.
type round struct {
	duty   *duty
	number int
	cancel context.CancelFunc

	measuring time.Time // when counting begins
	delivered chan struct{}

	mu        sync.Mutex
	reply     reply
	why       string // it was stopped
	sequence  uint64
	unsent    []*pending // and not acknowledged
	complete  bool       // the end is among what was sent
	delivery  sync.Once
	answering chan struct{} // closed when reply is known
}

// pending is a message that the coordinator has not acknowledged.
type pending struct {
	message *message
	sent    time.Time
}

// resendAfter is how long an acknowledgement is waited for.
const resendAfter = time.Second

// begin begins a load at its moment. Asked again, it answers the same.
func (d *duty) begin(c *command) reply {
	d.mu.Lock()
	if r := d.round; r != nil && r.number == c.Round {
		d.mu.Unlock()
		<-r.answering
		return r.reply
	}
	s := d.sessions[c.Session]
	r := &round{duty: d, number: c.Round, delivered: make(chan struct{}), answering: make(chan struct{})}
	d.round = r
	d.mu.Unlock()
	defer close(r.answering)
	if s == nil {
		r.reply = reply{Fault: "it has no such plan"}
		return r.reply
	}
	<-s.done
	if s.engine == nil {
		r.reply = s.fault
		return r.reply
	}
	wait := time.Unix(0, c.Start).Sub(d.agent.now())
	if wait < 0 {
		d.agent.Log.Warn().Stringer("by", -wait).Msg("the start came too late: left out")
		r.reply = reply{Late: true}
		return r.reply
	}
	whole := c.Numbers.apply(s.plan)
	part := whole.Take(d.share)
	ctx, cancel := context.WithCancel(d.ctx)
	r.mu.Lock()
	r.cancel = cancel
	r.mu.Unlock()
	start := time.Now().Add(wait)
	r.measuring = start.Add(part.Warmup)
	d.agent.Log.Info().Str("target", part.Targets[0].Name).Int("connections", part.MaxConnections).Int("agents", d.share.Of).
		Stringer("for", part.Warmup+part.Duration).Msg("load begins")
	go r.load(ctx, s, part, part.Idle(whole), start)
	return r.reply
}

// load carries the load out and sends what it counts each second.
func (r *round) load(ctx context.Context, s *session, part *plan.Plan, idle bool, start time.Time) {
	defer r.cancel()
	c := stats.NewCollector(part.Samples)
	c.Relay()
	ended := make(chan error, 1)
	var began time.Time
	go func() {
		pause(ctx, time.Until(start))
		began = r.duty.agent.now()
		switch {
		case ctx.Err() != nil:
			ended <- nil
		case idle: // there is less to do than there are agents
			c.SetRun(stats.Run{Started: r.measuring})
			ended <- nil
		default:
			ended <- s.engine.Run(ctx, part, c)
		}
	}()
	next := r.measuring.Add(time.Second + settle)
	for {
		timer := time.NewTimer(time.Until(next))
		select {
		case err := <-ended:
			timer.Stop()
			r.finish(c, began, err)
			return
		case now := <-timer.C:
			r.relay(c, int(now.Sub(r.measuring)/time.Second))
			next = next.Add(time.Second)
		}
	}
}

// finish sends the rest and how it went.
func (r *round) finish(c *stats.Collector, began time.Time, err error) {
	r.relay(c, 0)
	last := &end{Began: began.UnixNano()}
	c.Total(func(t *stats.Tally) {
		r.duty.all.Merge(&t.OK)
		last.Requests, last.Failed = t.Requests(), t.Failed.Count()
		last.Fingerprint = t.OK.Fingerprint() + t.Failed.Fingerprint()
	})
	last.P50, last.P99 = r.duty.all.Quantile(0.5), r.duty.all.Quantile(0.99)
	summary := c.Close()
	last.Run, last.Answers, last.Causes = summary.Run, summary.Answers, summary.Causes
	r.mu.Lock()
	last.Fault = r.why
	r.complete = true
	r.mu.Unlock()
	if err != nil {
		last.Fault = err.Error()
	}
	r.queue(&message{End: last, Through: int((summary.Elapsed + time.Second - 1) / time.Second)})
	r.duty.agent.Log.Info().Uint64("requests", last.Requests).Uint64("failed", last.Failed).Msg("load ended")
}

// relay sends what was counted since it was last called.
func (r *round) relay(c *stats.Collector, through int) {
	limit := int(min(r.duty.agent.conn.MaxPayload()/2, 512<<10))
	if limit <= 0 {
		limit = 512 << 10
	}
	m, size := &message{}, 0
	c.Drain(func(second int, t *stats.Tally) {
		t.Encode(limit, func(piece []byte) {
			if size > 0 && size+len(piece) > limit {
				r.queue(m)
				m, size = &message{}, 0
			}
			m.Tallies = append(m.Tallies, tallyOf{second: second, tally: piece})
			size += len(piece)
		})
	})
	m.Through = through
	if through > 0 || size > 0 {
		r.queue(m)
	}
}

// queue sends a message and keeps it until it is acknowledged.
func (r *round) queue(m *message) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.sequence++
	m.Agent, m.Round, m.Sequence = r.duty.agent.id, r.number, r.sequence
	r.unsent = append(r.unsent, &pending{message: m, sent: time.Now()})
	r.duty.send(m)
}

// resend sends again what should have been acknowledged by now.
func (r *round) resend() {
	r.mu.Lock()
	defer r.mu.Unlock()
	if len(r.unsent) == 0 || time.Since(r.unsent[0].sent) < resendAfter || !r.duty.agent.conn.IsConnected() {
		return
	}
	const atOnce = 16
	for _, p := range r.unsent[:min(atOnce, len(r.unsent))] {
		p.sent = time.Now()
		r.duty.send(p.message)
	}
}

// accepted forgets what the coordinator has.
func (r *round) accepted(sequence uint64) {
	r.mu.Lock()
	defer r.mu.Unlock()
	for len(r.unsent) > 0 && r.unsent[0].message.Sequence <= sequence {
		r.unsent = r.unsent[1:]
	}
	if r.complete && len(r.unsent) == 0 && sequence >= r.sequence {
		r.delivery.Do(func() { close(r.delivered) })
	} else if len(r.unsent) > 0 && time.Since(r.unsent[0].sent) > resendAfter {
		r.unsent[0].sent = time.Time{} // the next of those that were missed
	}
}

// stop ends the load.
func (r *round) stop(why string) {
	r.mu.Lock()
	if why != "" {
		r.why = why
	}
	cancel := r.cancel
	r.mu.Unlock()
	if cancel != nil {
		cancel()
	}
}
