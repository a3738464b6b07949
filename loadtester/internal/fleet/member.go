package fleet

import (
	"sync"
	"time"
)

// member is an agent that belongs to the run.
type member struct {
	id, name, host string
	index          int
	cpus           int

	mu      sync.Mutex
	heard   time.Time
	gone    string // why it is lost; empty while it isn't
	offset  time.Duration
	trip    time.Duration // of the quickest message there and back; 0 before the first
	next    uint64        // the number of its next message in this round
	counted counted       // in all rounds
	round   counted       // in this one
	through int           // seconds of this round that came
	sofar   int           // seconds of all rounds before
	ended   bool          // its end of this round has come
	began   time.Duration // after the moment that was agreed, in the latest round
	latest  end
	busy    float64
}

// counted is what came of an agent.
type counted struct{ requests, failed, fingerprint uint64 }

func newMember(h *here, index int) *member {
	return &member{id: h.Agent, name: h.title(), host: h.Host, index: index, cpus: h.CPUs, heard: time.Now(), next: 1}
}

func (m *member) sign() {
	m.mu.Lock()
	m.heard = time.Now()
	m.mu.Unlock()
}

// silentFor is how long it has been silent; 0 when it is lost anyway.
func (m *member) silentFor() time.Duration {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.gone != "" {
		return 0
	}
	return time.Since(m.heard)
}

func (m *member) isLive() bool {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.gone == ""
}

// lose counts it as lost, and reports whether that is new.
func (m *member) lose(why string) bool {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.gone != "" {
		return false
	}
	m.gone = why
	return true
}

// measured takes a measurement of its clock; the one with the quickest answer counts,
// which is wrong by half of that time at most.
func (m *member) measured(offset, trip time.Duration) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.trip == 0 || trip < m.trip {
		m.offset, m.trip = offset, trip
	}
}

// start prepares for a round.
func (m *member) start() {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.sofar += m.through
	m.next, m.round, m.through, m.ended = 1, counted{}, 0, false
}

// State is what is known of an agent.
type State struct {
	Name       string
	Host       string
	Index      int
	CPUs       int
	Requests   uint64
	Failed     uint64
	P50, P99   time.Duration // 0 when it didn't tell
	Offset     time.Duration // of its clock from the coordinator's
	Trip       time.Duration // of a message there and back
	Began      time.Duration // after the moment that was agreed
	LastSecond int           // seconds of it that are in the figures
	Busy       float64
	Why        string // it was lost, or left early; empty when all of it is there
}

func (m *member) state() State {
	m.mu.Lock()
	defer m.mu.Unlock()
	return State{
		Name: m.name, Host: m.host, Index: m.index, CPUs: m.cpus, Requests: m.counted.requests, Failed: m.counted.failed,
		P50: m.latest.P50, P99: m.latest.P99, Offset: m.offset, Trip: m.trip, Began: m.began,
		LastSecond: m.sofar + m.through, Busy: m.busy, Why: m.gone,
	}
}
