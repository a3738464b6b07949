package engine

import (
	"slices"

	"golang.org/x/sys/unix"

	"github.com/senior-backend/toolkit/loadtester/internal/http2"
	"github.com/senior-backend/toolkit/loadtester/internal/stats"
)

// lane is what a slot has to itself with HTTP/2.
type lane struct {
	stream  http2.Stream
	scratch scratch2
	group   int   // of slots that share a link
	link    *link // that of the request
}

// link is an HTTP/2 connection, which the slots of a group share. When the server ends
// it, the group goes on over another one, while what it still answers is waited for.
type link struct {
	socket
	http2     http2.Conn
	state     linkState
	group     int
	waiting   []*slot // for the connection, or for the server to take another stream
	heardAt   int64   // when the latest bytes came
	retired   bool    // it begins no more requests
	dirty     bool    // it is in the loop's dirty ones
	unsent    int     // requests that were begun since the last flush
	begun     []*slot // those of them that were due at once
	sendError unix.Errno
}

type linkState uint8

const (
	linkClosed linkState = iota
	linkOpening
	linkOpen
)

// linkOf is the link over which a group sends its next request.
func (l *eventLoop) linkOf(group int) *link {
	for len(l.links) <= group {
		l.links = append(l.links, nil)
	}
	k := l.links[group]
	if k != nil && !k.retired && !k.http2.Draining() {
		return k
	}
	if n := len(l.spare); n > 0 {
		k = l.spare[n-1]
		l.spare = l.spare[:n-1]
	} else {
		k = new(link)
		l.addSocket(&k.socket, k)
		k.http2.MaxBody = l.r.plan.MaxBody
		if l.r.plan.Samples > 0 {
			k.http2.SampleBody, k.http2.SampleHeaders = sampledBody, true
		}
	}
	k.group, k.retired, k.sendError, k.heardAt = group, false, 0, 0
	k.http2.Start()
	l.links[group] = k
	return k
}

// transmitOn sends a slot's request over its group's link, once that takes it.
func (l *eventLoop) transmitOn(s *slot) {
	k := l.linkOf(s.lane.group)
	s.lane.link = k
	if k.state == linkOpen && len(k.waiting) == 0 && k.http2.Takes() {
		l.begin(k, s)
		return
	}
	s.state = slotWaiting
	k.waiting = append(k.waiting, s)
	if k.state != linkOpen && l.r.engine.opensAway() {
		l.inFlight.remove(s) // a goroutine minds the deadline
		s.state = slotSecuring
	}
	if k.state == linkClosed {
		k.state = linkOpening
		l.connect(&k.socket, s.deadline)
	}
}

// begin opens the stream of a slot's request.
func (l *eventLoop) begin(k *link, s *slot) {
	s.state = slotReading
	k.http2.Open(&s.lane.stream, s.lane.scratch.fill(l.r.source, s.number, s.hop))
	if !l.r.plan.KeepAlive {
		k.retired = true
	}
	l.held(k, s)
	l.soil(k)
}

// advance begins the requests that wait for the link, as far as it takes them. Those
// that it won't ever take go elsewhere.
func (l *eventLoop) advance(k *link) {
	n := 0
	for n < len(k.waiting) && k.http2.Takes() && !k.retired {
		l.begin(k, k.waiting[n])
		n++
	}
	k.waiting = k.waiting[:copy(k.waiting, k.waiting[n:])]
	if len(k.waiting) > 0 && (k.retired || k.http2.Draining()) {
		l.transmitAll(l.takeWaiting(k))
	}
}

// takeWaiting empties the link's queue.
func (l *eventLoop) takeWaiting(k *link) []*slot {
	waiting := slices.Clone(k.waiting)
	k.waiting = k.waiting[:0]
	return waiting
}

func (l *eventLoop) transmitAll(slots []*slot) {
	for _, s := range slots {
		l.transmit(s)
	}
}

// soil notes that the link has something to send.
func (l *eventLoop) soil(k *link) {
	if !k.dirty {
		k.dirty = true
		l.dirty = append(l.dirty, k)
	}
}

// clean sends what the links have to send: once for all that happened to a link.
func (l *eventLoop) clean() {
	for i := 0; i < len(l.dirty); i++ {
		k := l.dirty[i]
		k.dirty = false
		if k.state == linkOpen {
			l.flushLink(k)
		}
	}
	l.dirty = l.dirty[:0]
}

// flushLink sends as much as the socket takes.
func (l *eventLoop) flushLink(k *link) {
	l.stamp(k)
	for k.sendError == 0 {
		pending := k.http2.Pending()
		if len(pending) == 0 {
			return
		}
		n, errno := l.sendOn(k, pending)
		switch errno {
		case 0:
			l.tally.WireOut += uint64(n)
			k.http2.Sent(n)
		case unix.EINTR:
		case unix.EAGAIN:
			return
		default:
			// Even a server that stopped reading may have answered, so that is looked for.
			k.sendError, k.hungUp = errno, true
			l.ready = append(l.ready, &k.socket)
		}
	}
}

// sendOn sends over the link, encrypted where it is to be.
func (l *eventLoop) sendOn(k *link, data []byte) (int, unix.Errno) {
	if k.tls == nil {
		return send(k.fd, data)
	}
	if len(k.stream.unsent) > 0 {
		return 0, unix.EAGAIN
	}
	n, err := k.tls.Write(data)
	if err != nil {
		return 0, asErrno(err)
	}
	return n, 0
}

// opened begins the requests that waited.
func (k *link) opened(l *eventLoop) {
	k.state = linkOpen
	l.soil(k)
	if l.r.engine.opensAway() {
		for _, s := range k.waiting {
			l.inFlight.insert(s)
			s.state = slotWaiting
		}
	}
	l.advance(k)
}

// unopened ends them.
func (k *link) unopened(l *eventLoop, kind stats.Kind) {
	waiting := l.takeWaiting(k)
	for _, s := range waiting {
		if s.state == slotSecuring {
			l.inFlight.insert(s)
		}
	}
	l.release(k)
	for _, s := range waiting {
		l.fail(s, kind)
	}
}

// cutOff leaves them unended.
func (k *link) cutOff(l *eventLoop) {
	for _, s := range l.takeWaiting(k) {
		s.state = slotFree
		l.unended++
	}
	l.release(k)
}

// release gives back a link that is closed.
func (l *eventLoop) release(k *link) {
	l.disconnect(&k.socket)
	k.state, k.retired, k.unsent, k.begun = linkClosed, true, 0, k.begun[:0]
	if l.links[k.group] == k {
		l.links[k.group] = nil
	}
	l.spare = append(l.spare, k)
}
