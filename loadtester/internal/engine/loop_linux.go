package engine

import (
	"context"
	"runtime"
	"sync"
	"sync/atomic"
	"time"

	"golang.org/x/sys/unix"

	"github.com/senior-backend/toolkit/loadtester/internal/plan"
	"github.com/senior-backend/toolkit/loadtester/internal/stats"
)

// loopFits tells whether the run can be done by event loops: HTTP, with TLS or without,
// over TCP to addresses that need no zone.
func loopFits(r *run) bool {
	if r.engine.severalOrigins() || r.engine.plan != nil && r.engine.plan.Protocol == plan.ProtocolHTTP3 {
		return false
	}
	if r.plan.Cookies || r.engine.dialer.overTLSProxy(r.engine.home) {
		return false
	}
	for _, a := range r.engine.addrs {
		if a.Addr().Zone() != "" {
			return false
		}
	}
	return true
}

// loops carries out the run on event loops, each on a thread of its own with an even
// share of the connections and of the requests.
func (r *run) loops(ctx context.Context) error {
	n := r.plan.Threads
	loops := make([]*eventLoop, n)
	for i := range loops {
		l, err := newEventLoop(r, ctx, i, n)
		if err != nil {
			return err
		}
		defer l.poller.close()
		loops[i] = l
	}
	// One more than the loops, which hold theirs: for the collector and the report.
	if !r.plan.Together {
		defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(n + 1))
	}
	woken := make(chan struct{})
	stop := context.AfterFunc(ctx, func() {
		defer close(woken)
		for _, l := range loops {
			l.stopped.Store(true)
			l.poller.wake()
		}
	})
	defer func() {
		if !stop() {
			<-woken // the pollers are closed next
		}
	}()
	var wg sync.WaitGroup
	for _, l := range loops {
		wg.Go(l.run)
	}
	wg.Wait()
	for _, l := range loops {
		r.result.Unended += l.unended
		r.result.Unsent += l.unsent
		r.lastEnd = max(r.lastEnd, l.lastEnd)
		r.result.Busy += l.busy / float64(n)
	}
	return nil
}

// eventLoop drives its share of the connections. Everything in it belongs to its
// thread, except what mu guards and stopped.
type eventLoop struct {
	r      *run
	ctx    context.Context // for the goroutines that follow redirects
	poller *poller
	id, of int

	now     int64 // read once for each event
	flushAt int64
	buf     []byte
	wires   scratch
	tally   stats.Tally
	gathering
	received tlsBuffer

	sockets    []*socket // all there are, by the numbers that events tell
	slots      []*slot   // all there are
	most       int       // how many there may be
	links      []*link   // by the group of slots that uses them now; nil where there is none
	spare      []*link   // closed, to be used again
	dirty      []*link   // with something to send
	heldUntil  int64     // until when they wait with it; 0 when they don't
	fresh      []*slot   // not started yet
	idle       []*slot   // with a schedule: free; the latest to become free is the last
	ready      []*socket // with more to read, put off to be fair to the others
	inFlight   list      // ordered by when they were sent, and so by deadline
	resting    list      // after a failure to connect, ordered by when they may try again
	thinking   thinking
	active     int // slots of the closed model that are not fresh
	connecting int
	measured   int          // the socket whose TCP is asked next
	tcp        unix.TCPInfo // asked into

	budget  uint64 // requests that may still be begun
	next    uint64 // with a schedule: the next of this loop's requests, from 0
	unended uint64
	unsent  uint64
	lastEnd int64
	busy    float64 // share of its time in which the thread computed

	stopped    atomic.Bool
	mu         sync.Mutex
	returned   []*slot // whose redirects have been followed
	openedAway []*socket
	away       int
	finished   bool
}

const (
	// loopBuffer is the size of the buffer that all connections of a loop read into.
	loopBuffer = 256 << 10
	// tlsReceived is the size of the buffer that its TLS connections receive into.
	tlsReceived = 128 << 10
	// maxConnecting is how many connections a loop opens at once at the beginning, so
	// that the server's queue of new connections, often 128 to 511, doesn't overflow:
	// a connection that doesn't fit there is tried again only after a second.
	maxConnecting = 256
	// unlimited is a budget that no run uses up.
	unlimited = 1 << 62
)

// share is the part of total that falls to one of n.
func share(total uint64, i, n int) uint64 {
	part := total / uint64(n)
	if uint64(i) < total%uint64(n) {
		part++
	}
	return part
}

func newEventLoop(r *run, ctx context.Context, i, n int) (*eventLoop, error) {
	l := &eventLoop{r: r, ctx: ctx, id: i, of: n, buf: make([]byte, loopBuffer), budget: unlimited}
	if r.engine.home.tls {
		l.received.bytes = make([]byte, tlsReceived)
	}
	l.most = int(share(uint64(r.plan.MaxConnections), i, n)) * r.streams()
	if r.plan.Requests > 0 {
		l.budget = share(r.plan.Requests, i, n)
	}
	if r.plan.Rate == 0 {
		for range int(share(uint64(r.plan.Concurrency), i, n)) * r.streams() {
			l.fresh = append(l.fresh, l.addSlot())
		}
	}
	var err error
	l.poller, err = newPoller(max(1, min(l.most, 512)))
	return l, err
}

func (l *eventLoop) addSlot() *slot {
	s := &slot{socket: socket{fd: -1}}
	if l.r.engine.http2 {
		s.lane = &lane{group: len(l.slots) / l.r.streams()}
		s.lane.stream.Tag = len(l.slots)
		l.slots = append(l.slots, s)
		return s
	}
	l.addSocket(&s.socket, s)
	s.parser.MaxBody = l.r.plan.MaxBody
	if l.r.plan.Samples > 0 {
		s.parser.SampleBody, s.parser.SampleHeaders = sampledBody, true
	}
	l.slots = append(l.slots, s)
	return s
}

// run is the loop.
func (l *eventLoop) run() {
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	// Timers of a thread are late by 50 µs unless it asks for better; a schedule does.
	unix.Prctl(unix.PR_SET_TIMERSLACK, 1, 0, 0, 0) //nolint:errcheck // then they are late
	l.flushAt = l.r.measureAt
	if l.flushAt == 0 {
		l.flushAt = int64(time.Second)
	}
	l.now = l.r.now()
	before := threadTime()
	for !l.over() {
		l.rest()
		l.start()
		left := time.Duration(l.wakeAt() - l.now)
		if l.hold() {
			left = min(left, time.Duration(l.heldUntil-l.now))
		} else {
			l.clean()
		}
		left -= l.gather(left)
		for _, event := range l.poller.wait(left) {
			l.tick()
			if event.Fd == wakeSlot {
				l.comeBack()
				continue
			}
			if c := l.sockets[event.Fd]; c.generation == event.Pad && c.fd >= 0 {
				l.event(c, event.Events)
			}
		}
		l.tick()
		l.resume()
		l.expire()
	}
	l.busy = (threadTime() - before).Seconds() / max(l.r.at(l.now).Sub(l.r.base).Seconds(), 1e-9)
	l.finish()
}

// over tells whether the loop has nothing left to do or to wait for.
func (l *eventLoop) over() bool {
	switch {
	case l.stopped.Load(), l.now >= l.r.cutAt && l.now >= l.r.endAt:
		return true
	case l.now >= l.r.endAt, l.budget == 0:
		return l.inFlight.empty() && l.away == 0
	default:
		return false
	}
}

// wakeAt is the next moment at which something has to be done without an event.
func (l *eventLoop) wakeAt() int64 {
	if len(l.ready) > 0 {
		return l.now
	}
	at := max(l.flushAt, l.now) // a second at most
	if l.now < l.r.endAt {
		at = min(at, l.r.endAt)
		if !l.resting.empty() {
			at = min(at, l.resting.first().restUntil)
		}
		if len(l.thinking) > 0 {
			at = min(at, l.thinking[0].restUntil)
		}
		if l.r.plan.Shape != nil && l.r.plan.Rate == 0 && len(l.fresh) > 0 && l.active >= l.allowed() {
			at = min(at, l.nextAllowed())
		}
		if l.r.plan.Rate > 0 && l.budget > 0 && (len(l.idle) > 0 || len(l.slots) < l.most) {
			at = min(at, l.nextDue())
		}
	} else {
		at = min(at, l.r.cutAt)
	}
	if !l.inFlight.empty() {
		at = min(at, l.inFlight.first().deadline)
	}
	return at
}

// tick reads the clock.
func (l *eventLoop) tick() {
	if l.now = l.r.now(); l.now >= l.flushAt {
		l.flush()
	}
}

// flush hands the tally over at the end of a second; what the warm-up used is forgotten.
func (l *eventLoop) flush() {
	l.measureSome()
	if l.flushAt <= l.r.measureAt {
		l.tally.Reset()
	} else {
		l.r.c.Add(l.r.second(l.flushAt-1), &l.tally)
	}
	for l.flushAt <= l.now {
		l.flushAt += int64(time.Second)
	}
}

// finish counts what is still in flight and closes everything.
func (l *eventLoop) finish() {
	for !l.inFlight.empty() {
		l.inFlight.remove(l.inFlight.first())
		l.unended++
	}
	l.finished = true
	l.awaitAway()
	for _, c := range l.sockets {
		l.disconnect(c)
	}
	for _, s := range l.slots {
		if s.follower != nil {
			s.follower.leave()
		}
	}
	if l.now >= l.r.measureAt {
		l.r.c.Add(l.r.second(l.now), &l.tally)
	}
	if l.r.plan.Rate > 0 {
		due := l.r.scheduled(min(l.now, l.r.endAt))
		if mine := share(due, l.id, l.of); mine > l.next {
			l.unsent = mine - l.next
		}
	}
}

// awaitAway waits for the goroutines that follow redirects; they end at the run's end.
func (l *eventLoop) awaitAway() {
	for l.away > 0 {
		l.poller.wait(100 * time.Millisecond)
		l.tick()
		l.comeBack()
	}
}

// list is a list of slots in order of time, through the slots themselves.
type list struct{ head, tail *slot }

func (q *list) empty() bool  { return q.head == nil }
func (q *list) first() *slot { return q.head }

func (q *list) push(s *slot) {
	s.before, s.after = q.tail, nil
	if q.tail == nil {
		q.head = s
	} else {
		q.tail.after = s
	}
	q.tail = s
}

func (q *list) remove(s *slot) {
	if s.before == nil {
		q.head = s.after
	} else {
		s.before.after = s.after
	}
	if s.after == nil {
		q.tail = s.before
	} else {
		s.after.before = s.before
	}
	s.before, s.after = nil, nil
}
