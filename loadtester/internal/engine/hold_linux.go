package engine

import "time"

// A server that answers the streams of a connection one by one would have each answered
// by one more request, in a system call of its own for either side. So the requests that
// follow on answers wait for each other: as long as the server has more than a third of
// the connection's streams still to answer, and no longer than holdMost. They count as
// sent, and due, when they are. With a schedule nothing waits.
const holdMost = 50 * time.Microsecond

// held notes that a request was begun on the link and is not sent yet.
func (l *eventLoop) held(k *link, s *slot) {
	k.unsent++
	if s.outcome.sent == l.now && !s.retried && l.r.plan.Rate == 0 {
		k.begun = append(k.begun, s)
	}
}

// stamp makes the moment at which a link's requests are sent theirs.
func (l *eventLoop) stamp(k *link) {
	k.unsent = 0
	if len(k.begun) == 0 {
		return
	}
	l.tick()
	for _, s := range k.begun {
		if o := &s.outcome; s.state == slotReading && s.lane.link == k {
			o.due += l.now - o.sent
			o.sent = l.now
		}
	}
	k.begun = k.begun[:0]
}

// holds tells whether what the link has to send may wait.
func (k *link) holds() bool { return k.unsent > 0 && 3*k.unsent < 2*k.http2.Active() }

// hold tells whether all links may wait, which they do until heldUntil.
func (l *eventLoop) hold() bool {
	if len(l.dirty) == 0 || l.r.plan.Rate > 0 {
		l.heldUntil = 0
		return false
	}
	for _, k := range l.dirty {
		if k.state == linkOpen && !k.holds() {
			l.heldUntil = 0
			return false
		}
	}
	if l.heldUntil == 0 {
		l.heldUntil = l.now + int64(holdMost)
	}
	if l.now >= l.heldUntil {
		l.heldUntil = 0
		return false
	}
	return true
}
