package engine

import (
	"context"
	"time"

	"github.com/senior-backend/toolkit/loadtester/internal/stats"
)

// start begins the requests that are due.
func (l *eventLoop) start() {
	for len(l.fresh) > 0 && l.connecting < maxConnecting && l.mayBegin() && l.active < l.allowed() {
		l.active++
		n := len(l.fresh) - 1
		s := l.fresh[n]
		l.fresh = l.fresh[:n]
		l.proceed(s)
	}
	if l.r.plan.Rate == 0 {
		return
	}
	for l.mayBegin() && l.nextDue() <= l.now {
		s := l.free()
		if s == nil {
			return
		}
		l.proceed(s)
	}
}

// free is a slot for a request of a schedule, nil when all there may be are busy.
func (l *eventLoop) free() *slot {
	if n := len(l.idle); n > 0 {
		s := l.idle[n-1]
		l.idle = l.idle[:n-1]
		return s
	}
	if len(l.slots) < l.most {
		return l.addSlot()
	}
	return nil
}

func (l *eventLoop) mayBegin() bool {
	return l.budget > 0 && l.now < l.r.endAt && !l.stopped.Load()
}

// nextDue is when this loop's next request of the schedule is due: it has every of-th.
func (l *eventLoop) nextDue() int64 {
	return l.r.dueAt(l.next*uint64(l.of) + uint64(l.id))
}

// proceed gives a slot that is free its next request, if there is one.
func (l *eventLoop) proceed(s *slot) {
	s.state = slotFree
	due := l.now
	if l.r.plan.Rate > 0 {
		due = l.nextDue()
		if due > l.now || due >= l.r.endAt || !l.mayBegin() {
			l.idle = append(l.idle, s)
			return
		}
		if l.now-due > int64(stats.LateAfter) && due >= l.r.measureAt {
			l.tally.Late++
		}
		l.next++
	} else if !l.mayBegin() {
		return
	} else if l.active > l.allowed() {
		l.disconnect(&s.socket)
		l.fresh = append(l.fresh, s)
		l.active--
		return
	}
	l.budget--
	s.number, s.hop = l.r.source.draw()
	s.outcome = outcome{request: s.hop.index, due: due, sent: l.now}
	s.deadline = l.now + int64(l.r.plan.Timeout)
	s.retried = false
	l.inFlight.push(s)
	if l.reuses(s) {
		l.tally.Reused++
	}
	l.transmit(s)
}

// reuses tells whether a slot has a connection that has served before.
func (l *eventLoop) reuses(s *slot) bool {
	if s.lane == nil {
		return s.fd >= 0
	}
	k := l.linkOf(s.lane.group)
	return k.state == linkOpen && k.http2.Used()
}

// transmit sends the slot's request, over its connection or a new one.
func (l *eventLoop) transmit(s *slot) {
	if s.lane != nil {
		l.transmitOn(s)
		return
	}
	s.parser.Reset(s.hop.head)
	s.wrote, s.sendError = 0, 0
	if s.fd >= 0 {
		l.send(s)
		return
	}
	s.state = slotConnecting
	if l.r.engine.opensAway() {
		// A goroutine minds the deadline.
		s.state = slotSecuring
		l.inFlight.remove(s)
	}
	l.connect(&s.socket, s.deadline)
}

// complete ends a request that has its answer.
func (l *eventLoop) complete(s *slot) {
	s.served, s.large = true, s.parser.BodyBytes() >= 2*leastSkipped
	reusable := s.parser.Reusable() && !s.hungUp && l.r.plan.KeepAlive && s.sendError == 0
	if !reusable {
		l.disconnect(&s.socket)
	}
	l.tally.Body.Record(time.Duration(l.now - s.begunAt))
	l.finishRequest(s, s.parser.Status(), s.parser.Location())
}

// finishRequest counts a request that has its answer, or follows where that leads.
func (l *eventLoop) finishRequest(s *slot, status int, location []byte) {
	s.outcome.status, s.outcome.end = status, l.now
	if l.r.plan.FollowRedirects && isRedirect(status) && s.hop.follows(status, string(location)) {
		l.follow(s, string(location))
		return
	}
	l.inFlight.remove(s)
	l.count(s)
	l.pause(s)
}

// count records a slot's outcome.
func (l *eventLoop) count(s *slot) {
	o := &s.outcome
	l.r.record(&l.tally, o)
	l.lastEnd = max(l.lastEnd, o.end)
	before, ok := l.r.endsMeasured(o)
	if !ok || !l.r.wanted(o) {
		return
	}
	var last shown = &s.parser
	switch {
	case s.follower != nil && s.follower.last != nil && s.state == slotAway:
		last = s.follower.last
	case s.lane != nil:
		last = &s.lane.stream
	}
	l.r.c.Keep(l.r.answer(o, before, last))
}

// lost ends a request whose connection broke. When the connection had served before
// and nothing of the answer has come, the server had closed it while it was idle, and
// an idempotent request is sent again, once.
func (l *eventLoop) lost(s *slot, kind stats.Kind) {
	stale := s.served && !s.retried && !s.parser.Begun() && (kind == stats.KindClosed || kind == stats.KindReset)
	if !s.parser.Begun() && isTimeout(kind) {
		kind = stats.KindTimeoutFirstByte
	}
	l.disconnect(&s.socket)
	if stale && s.hop.idempotent {
		s.retried = true
		l.tally.Retried++
		l.transmit(s)
		return
	}
	l.fail(s, kind)
}

// fail ends a request that gets no answer.
func (l *eventLoop) fail(s *slot, kind stats.Kind) {
	l.disconnect(&s.socket)
	l.inFlight.remove(s)
	s.outcome.kind, s.outcome.end = kind, l.now
	l.count(s)
	if kind.MeansUnreachable() {
		l.repose(s)
		return
	}
	l.pause(s)
}

// repose keeps a slot from connecting again at once.
func (l *eventLoop) repose(s *slot) {
	s.state, s.restUntil = slotResting, l.now+int64(retryAfter)
	l.resting.push(s)
}

// rest wakes the slots that have rested long enough.
func (l *eventLoop) rest() {
	for len(l.thinking) > 0 && l.thinking[0].restUntil <= l.now {
		l.proceed(l.thinking.pop())
	}
	for !l.resting.empty() && l.resting.first().restUntil <= l.now {
		s := l.resting.first()
		l.resting.remove(s)
		l.proceed(s)
	}
}

// expire ends the requests whose time is up.
func (l *eventLoop) expire() {
	for !l.inFlight.empty() && l.inFlight.first().deadline <= l.now {
		s := l.inFlight.first()
		kind := stats.KindTimeoutFirstByte
		switch {
		case s.state == slotConnecting, s.state == slotWaiting && s.lane.link.state == linkOpening:
			kind = stats.KindTimeoutConnect
		case s.state == slotWaiting:
		case s.lane == nil && s.parser.Begun(), s.lane != nil && s.lane.stream.Begun():
			kind = stats.KindTimeoutBody
		}
		if s.lane != nil {
			l.giveUp(s)
		}
		l.fail(s, kind)
	}
}

// follow hands a request that was redirected to a goroutine, which may need another
// origin or TLS, and waits for its return.
func (l *eventLoop) follow(s *slot, location string) {
	l.inFlight.remove(s)
	now := l.r.source.frozen(s.number, s.hop)
	h, ok := now.next(s.outcome.status, location)
	if !ok {
		s.outcome.kind = stats.KindRedirects
		l.count(s)
		l.pause(s)
		return
	}
	if s.follower == nil {
		s.follower = newClient(l.r, newPool())
	}
	s.state = slotAway
	l.away++
	l.tally.Redirects++
	go func() {
		stop := context.AfterFunc(l.ctx, s.follower.abort)
		err := s.follower.do(l.ctx, s.number, &h, &s.outcome, 1)
		stop()
		s.unended = err != nil
		l.giveBack(s)
	}()
}

// giveBack returns a slot to its loop; goroutines that worked for a slot call it.
func (l *eventLoop) giveBack(s *slot) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.returned = append(l.returned, s)
	l.poller.wake() // before the loop can see that none is away any more, and end
}

// comeBack goes on with what goroutines have worked for.
func (l *eventLoop) comeBack() {
	l.poller.woken()
	l.mu.Lock()
	returned, opened := l.returned, l.openedAway
	l.returned, l.openedAway = nil, nil
	l.mu.Unlock()
	for _, c := range opened {
		l.away--
		l.takeSecured(c)
	}
	for _, s := range returned {
		l.away--
		s.follower.count.flush(&l.tally)
		if s.unended {
			l.unended++
			continue
		}
		l.count(s)
		if s.outcome.kind.MeansUnreachable() {
			l.repose(s)
			continue
		}
		l.pause(s)
	}
}
