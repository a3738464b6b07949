// Package fleet has a run done by agents on many machines and sums up what they count.
//
// A plan goes into a Coordinator, which finds agents over NATS, gives each its share, has
// all begin at one moment, and adds what they send, a tally a second, to a stats.Collector,
// as if one engine had counted it. An Agent waits for coordinators and does what they
// ask: only one at a time, and only against targets that it was allowed.
//
// Nothing is taken on trust: what is not acknowledged is sent again, sums are compared in
// the end, and an agent that falls silent is lost, with all that is known of it. Refused are
// targets that an agent isn't allowed, plans of another version, and NATS servers that let
// anybody in, unless that is wanted.
package fleet

import (
	"context"
	"regexp"
	"time"

	"github.com/senior-backend/toolkit/loadtester/internal/plan"
	"github.com/senior-backend/toolkit/shared/fault"
)

// version is that of the messages; both sides must have the same.
const version = 1

// The times that decide who is there.
const (
	beatEvery   = time.Second            // how often either side gives a sign of life
	orphanAfter = 5 * time.Second        // without a sign of the coordinator an agent stops
	outageLimit = 30 * time.Second       // how long a NATS that is down is waited for
	askFor      = 15 * time.Second       // how long an agent may take for a command
	settle      = 100 * time.Millisecond // how long after a second it is sent
)

// DefaultSilence is how long an agent may be silent before it is lost.
const DefaultSilence = 3 * time.Second

// MaxAgents is how many agents a run may have.
const MaxAgents = 10_000

var groupPattern = regexp.MustCompile(`^[A-Za-z0-9_-]{1,64}$`)

// CheckGroup refuses what is no name of a group.
func CheckGroup(name string) error {
	if !groupPattern.MatchString(name) {
		return fault.Usagef("--group %q: a name of letters, digits, - and _", name)
	}
	return nil
}

// The subjects of a group. What agents send ends in here, tally or parcel; the rest is
// what they listen to.
func subjectCall(group string) string         { return "loadtester." + group + ".call" }
func subjectHere(group string) string         { return "loadtester." + group + ".here" }
func subjectAgent(group, agent string) string { return "loadtester." + group + ".agent." + agent }
func subjectBeat(group, run string) string    { return "loadtester." + group + ".run." + run + ".beat" }

func subjectTally(group, run string) string { return "loadtester." + group + ".run." + run + ".tally" }

func subjectParcel(group, run string) string {
	return "loadtester." + group + ".run." + run + ".parcel"
}

// call asks which agents are there.
type call struct {
	Version int
	Run     string
	From    string   // the coordinator's host, for a person
	Ends    []string // where connections will lead
}

// here is an agent's answer to a call, or, with no run, what it says when it comes.
type here struct {
	Version int
	Run     string
	Agent   string // its id, which is new each time that it starts
	Name    string
	Host    string
	CPUs    int
	Files   int    // how many it may open; 0 when it doesn't know
	Refuses string // why it won't; empty when it will
	Busy    bool   // it works for another coordinator
}

// operation is what a command wants.
type operation string

const (
	opClock   operation = "clock"   // what time is it?
	opEnlist  operation = "enlist"  // belong to this run
	opPrepare operation = "prepare" // take a plan and reach its target
	opRun     operation = "run"     // load it
	opStop    operation = "stop"    // end the load at once
	opRelease operation = "release" // be free again
	opLate    operation = "late"    // a run has begun without you
)

// command is what a coordinator tells one agent.
type command struct {
	Op      operation
	Run     string
	From    string
	Linger  bool // NATS outlives the coordinator, so it may be down for a while
	Orphan  time.Duration
	Index   int // of the share
	Of      int
	Session int // a plan and one of its targets
	Target  int
	Parcel  blob
	Rows    blob
	Round   int // one load of a session
	Numbers numbers
	Start   int64 // in the agent's own time, nanoseconds since 1970
}

// blob says what a coordinator has to be asked for.
type blob struct {
	Size int
	Sum  [32]byte // SHA-256
}

// reply is an agent's answer to a command.
type reply struct {
	Clock int64  // the agent's time, nanoseconds since 1970
	Fault string // why it could not be done; empty when it was
	Usage bool   // the fault is one of the command line
	Late  bool   // the moment to start has gone by
}

// want asks for a piece of a blob.
type want struct {
	Session int
	Rows    bool
	Index   int // whose rows
	Offset  int
}

// numbers are what differs from one load of a session to the next.
type numbers struct {
	Concurrency, MaxConnections      int
	Duration, Warmup, Timeout, Grace time.Duration
	Requests                         uint64
	Rate                             float64
	Samples                          int
	Steady                           bool
	Think                            plan.Span
}

func numbersOf(p *plan.Plan) numbers {
	return numbers{
		Concurrency: p.Concurrency, MaxConnections: p.MaxConnections, Duration: p.Duration, Warmup: p.Warmup,
		Timeout: p.Timeout, Grace: p.Grace, Requests: p.Requests, Rate: p.Rate, Samples: p.Samples,
		Steady: p.Shape == nil, Think: p.Think,
	}
}

// apply is the session's plan with the numbers of one load.
func (n *numbers) apply(session *plan.Plan) *plan.Plan {
	p := *session
	if n.Steady {
		p = *session.Steady()
	}
	p.Concurrency, p.MaxConnections, p.Duration, p.Warmup = n.Concurrency, n.MaxConnections, n.Duration, n.Warmup
	p.Timeout, p.Grace, p.Requests, p.Rate, p.Samples, p.Think = n.Timeout, n.Grace, n.Requests, n.Rate, n.Samples, n.Think
	return &p
}

// pause waits, and reports false when ctx ends before.
func pause(ctx context.Context, d time.Duration) bool {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-ctx.Done():
		return false
	case <-timer.C:
		return true
	}
}
