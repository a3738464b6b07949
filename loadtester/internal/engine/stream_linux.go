package engine

import (
	"errors"
	"time"

	"golang.org/x/sys/unix"

	"github.com/senior-backend/toolkit/loadtester/internal/http2"
	"github.com/senior-backend/toolkit/loadtester/internal/stats"
)

// handle does what an event of the link's socket allows.
func (k *link) handle(l *eventLoop, events uint32) {
	if events&(unix.EPOLLIN|hungUp) != 0 {
		k.read(l)
	}
	if k.state == linkOpen && events&unix.EPOLLOUT != 0 {
		l.soil(k)
	}
	if !l.hold() {
		l.clean()
	}
}

// read takes what has come.
func (k *link) read(l *eventLoop) {
	for range k.readsInARow() {
		n, errno := l.receive(&k.socket)
		switch {
		case errno == unix.EINTR:
			continue
		case errno == unix.EAGAIN && k.sendError != 0:
			l.lose(k, classifyErrno(k.sendError, whileWaiting))
			return
		case errno == unix.EAGAIN:
			return
		case errno == noErrno && k.tls != nil:
			l.lose(k, stats.KindTLS)
			return
		case errno != 0:
			l.lose(k, classifyErrno(errno, whileReading))
			return
		case n == 0:
			l.lose(k, stats.KindClosed)
			return
		}
		if !l.feedLink(k, l.buf[:n]) {
			return
		}
		// As with slots: a buffer that was not filled means that nothing more has come.
		if n < len(l.buf) && !k.hungUp && k.tls == nil {
			return
		}
	}
	l.ready = append(l.ready, &k.socket)
}

// feedLink takes in a piece of what the server sends, and goes on with the requests
// that it ends. It reports whether the link is still open.
func (l *eventLoop) feedLink(k *link, piece []byte) bool {
	k.heardAt = l.now
	k.http2.Now = l.now
	l.tally.WireIn += uint64(len(piece))
	err := k.http2.Feed(piece)
	l.tally.BodyIn += k.http2.BodyIn
	l.tally.Resets += k.http2.Resets
	l.tally.GoAways += k.http2.GoAways
	k.http2.BodyIn, k.http2.Resets, k.http2.GoAways = 0, 0, 0
	for _, stream := range k.http2.Ended() {
		l.ended(l.slots[stream.Tag])
	}
	if err != nil {
		l.flushLink(k) // which tells the server why
		l.lose(k, classify(err, whileReading))
		return false
	}
	l.advance(k)
	if (k.retired || k.http2.Draining()) && k.http2.Active() == 0 && len(k.waiting) == 0 {
		l.flushLink(k)
		l.release(k)
		return false
	}
	l.soil(k)
	return true
}

// ended goes on after the stream of a slot's request has ended.
func (l *eventLoop) ended(s *slot) {
	stream := &s.lane.stream
	l.countFirstByte(s)
	switch err := stream.Err(); {
	case err == nil:
		l.tally.Body.Record(time.Duration(l.now - stream.BegunAt))
		l.finishRequest(s, stream.Status(), stream.Location())
	case errors.Is(err, http2.ErrRefused) && !s.retried:
		l.retry(s)
	default:
		l.fail(s, classify(err, whileReading))
	}
}

// countFirstByte records when an answer over a link began.
func (l *eventLoop) countFirstByte(s *slot) {
	if stream := &s.lane.stream; stream.Begun() {
		l.tally.FirstByte.Record(time.Duration(stream.BegunAt - s.outcome.sent))
	}
}

// lose ends a link that broke. As with slots, when it had served before and nothing of
// an answer has come, idempotent requests are sent again, once; those that were never
// sent are sent over the next link.
func (l *eventLoop) lose(k *link, kind stats.Kind) {
	var broken []*slot
	k.http2.Each(func(stream *http2.Stream) { broken = append(broken, l.slots[stream.Tag]) })
	waiting := l.takeWaiting(k)
	silent := kind == stats.KindClosed || kind == stats.KindReset
	stale := silent && k.http2.Served
	k.http2.Abandon()
	l.release(k)
	for _, s := range broken {
		l.countFirstByte(s)
		if stale && !s.retried && !s.lane.stream.Begun() && s.hop.idempotent {
			l.retry(s)
			continue
		}
		l.fail(s, kind)
	}
	if len(broken) > 0 {
		l.transmitAll(waiting)
		return
	}
	// Nobody was answered: without this a server that closes at once would be asked for ever.
	for _, s := range waiting {
		l.fail(s, kind)
	}
}

// retry sends a slot's request again.
func (l *eventLoop) retry(s *slot) {
	s.retried = true
	l.tally.Retried++
	l.transmit(s)
}

// giveUp takes a request that is not waited for any more off its link.
func (l *eventLoop) giveUp(s *slot) {
	k := s.lane.link
	if s.state == slotWaiting {
		for i, other := range k.waiting {
			if other == s {
				k.waiting = append(k.waiting[:i], k.waiting[i+1:]...)
				break
			}
		}
		if k.state == linkOpening && len(k.waiting) == 0 {
			l.release(k)
		}
		return
	}
	l.countFirstByte(s)
	k.http2.Cancel(&s.lane.stream)
	// A connection on which nothing has come since is likely to be dead.
	if k.heardAt < s.outcome.sent {
		k.retired = true
	}
	if k.retired && k.http2.Active() == 0 {
		l.flushLink(k)
		waiting := l.takeWaiting(k)
		l.release(k)
		l.transmitAll(waiting)
		return
	}
	l.soil(k)
}
