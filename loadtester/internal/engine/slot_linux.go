package engine

import (
	"time"

	"golang.org/x/sys/unix"

	"github.com/senior-backend/toolkit/loadtester/internal/http1"
	"github.com/senior-backend/toolkit/loadtester/internal/stats"
)

// slot is where requests follow each other, one at a time: with HTTP/1 over a connection
// of its own, which may be closed and opened again, with HTTP/2 over a link.
type slot struct {
	socket    // not used with HTTP/2
	state     slotState
	parser    http1.Parser
	hop       *hop   // what is sent now
	number    uint64 // of the request in the run
	outcome   outcome
	deadline  int64
	restUntil int64
	begunAt   int64 // when the answer began
	wrote     int   // bytes of the request
	served    bool
	large     bool // the latest answer's body was long
	retried   bool
	unended   bool       // the run ended while its redirects were followed
	sendError unix.Errno // why the request could not be sent whole
	follower  *client    // follows redirects; nil until there is one
	lane      *lane      // nil with HTTP/1

	before, after *slot
}

type slotState uint8

const (
	slotFree       slotState = iota // no request
	slotConnecting                  // for a request
	slotSending
	slotReading
	slotSecuring // a goroutine opens its connection
	slotWaiting  // for its link to be opened, or to take another stream
	slotAway     // its redirects are followed elsewhere
	slotResting  // it may not connect for a moment
	slotThinking // it pauses before its next request
)

// readsInARow is how many full buffers are read from one connection before the others
// have their turn.
const readsInARow = 4

// readsInARow counts records with TLS, which gives out one at a time: of 16 KiB at most.
func (c *socket) readsInARow() int {
	if c.tls != nil {
		return readsInARow * loopBuffer / (16 << 10)
	}
	return readsInARow
}

// handle does what an event of the slot's socket allows.
func (s *slot) handle(l *eventLoop, events uint32) {
	switch s.state {
	case slotSending:
		if events&(unix.EPOLLOUT|hungUp) != 0 {
			l.send(s)
		}
		if events&(unix.EPOLLIN|hungUp) != 0 {
			s.read(l)
		}
	case slotReading:
		if events&(unix.EPOLLIN|hungUp) != 0 {
			s.read(l)
		}
	default: // nothing was asked for: the server closes the connection, or makes no sense
		if events&(unix.EPOLLIN|hungUp) != 0 {
			l.disconnect(&s.socket)
		}
	}
}

// opened sends the request that the connection was opened for.
func (s *slot) opened(l *eventLoop) {
	s.served = false
	if s.state == slotSecuring {
		l.inFlight.insert(s)
	}
	l.send(s)
}

// unopened ends it.
func (s *slot) unopened(l *eventLoop, kind stats.Kind) {
	if s.state == slotSecuring {
		l.inFlight.insert(s)
	}
	l.fail(s, kind)
}

// cutOff leaves it unended.
func (s *slot) cutOff(l *eventLoop) {
	s.state = slotFree
	l.unended++
}

// send sends what is left of the request.
func (l *eventLoop) send(s *slot) {
	if s.tls != nil {
		l.sendTLS(s)
		return
	}
	wire := l.wires.fill(l.r.source, s.number, s.hop)
	s.state = slotSending
	for s.wrote < len(wire) {
		n, errno := send(s.fd, wire[s.wrote:])
		switch errno {
		case 0:
			s.wrote += n
			l.tally.WireOut += uint64(n)
		case unix.EINTR:
		case unix.EAGAIN:
			return
		default:
			// Even a server that stopped reading may have answered, so that is looked for.
			s.sendError = errno
			s.state, s.hungUp = slotReading, true
			s.read(l)
			return
		}
	}
	s.state = slotReading
}

// read takes what has come of the answer.
func (s *slot) read(l *eventLoop) {
	if s.state != slotReading && s.state != slotSending {
		return
	}
	for range s.readsInARow() {
		asked, skip := s.toAsk(len(l.buf))
		var n int
		var errno unix.Errno
		switch {
		case skip:
			n, errno = discard(s.fd, l.buf[:asked])
		case s.tls != nil:
			n, errno = l.receiveTLS(&s.socket)
		default:
			n, errno = receive(s.fd, l.buf[:asked])
		}
		switch {
		case errno == unix.EINTR:
			continue
		case errno == unix.EAGAIN && s.sendError != 0:
			l.lost(s, classifyErrno(s.sendError, whileWaiting))
			return
		case errno == unix.EAGAIN:
			return
		case errno == noErrno && s.tls != nil:
			l.lost(s, stats.KindTLS)
			return
		case errno != 0:
			l.lost(s, classifyErrno(errno, whileReading))
			return
		case n == 0:
			s.hungUp = true
			if s.parser.Close() == nil {
				l.complete(s)
			} else {
				l.lost(s, stats.KindClosed)
			}
			return
		}
		if skip && l.skip(s, n) || !skip && l.feed(s, l.buf[:n], n == asked) {
			return
		}
		// A buffer that was not filled means that nothing more has come, and the next
		// event tells when it does; but after the end of the stream there is no other.
		// TLS gives out one record after the other, however many have come.
		if n < asked && !s.hungUp && s.tls == nil {
			return
		}
	}
	l.ready = append(l.ready, &s.socket)
}

const (
	// leastSkipped is how many bytes of a body must be to come for it to be thrown away
	// unseen, which costs a system call more than reading it with what follows.
	leastSkipped = 16 << 10
	// firstAsked is how many bytes are asked for at the beginning of an answer when the
	// one before was large, so that no more than its head is copied.
	firstAsked = 4 << 10
)

// toAsk is how many bytes, of a whole buffer's at most, are to be asked for, and whether
// they are thrown away.
func (s *slot) toAsk(whole int) (int, bool) {
	if s.tls != nil {
		return whole, false
	}
	if !s.parser.Begun() && s.large {
		return firstAsked, false
	}
	if n := s.parser.Skippable(); n >= leastSkipped {
		return int(min(n, int64(whole))), true
	}
	return whole, false
}

// checkSurplus looks whether more has come than the answer, which must not be taken for
// the next one.
func (l *eventLoop) checkSurplus(s *slot) {
	for {
		n, errno := receive(s.fd, l.buf)
		switch errno {
		case unix.EINTR:
			continue
		case unix.EAGAIN:
			return
		}
		l.tally.WireIn += uint64(n)
		s.parser.Spoil()
		return
	}
}

// skip counts bytes of the body that were thrown away. It reports whether the request
// has ended.
func (l *eventLoop) skip(s *slot, n int) bool {
	l.thrown = true
	l.tally.WireIn += uint64(n)
	l.tally.BodyIn += uint64(n)
	done, err := s.parser.Skip(int64(n))
	switch {
	case err != nil:
		l.disconnect(&s.socket)
		l.fail(s, classify(err, whileReading))
		return true
	case done:
		l.checkSurplus(s)
		if s.state == slotSending {
			s.parser.Spoil()
		}
		l.complete(s)
		return true
	}
	return false
}

// feed parses a piece of the answer, after which more may have come already when full. It
// reports whether the request has ended.
func (l *eventLoop) feed(s *slot, piece []byte, full bool) bool {
	if !s.parser.Begun() {
		s.begunAt = l.now
		after := time.Duration(l.now - s.outcome.sent)
		l.tally.FirstByte.Record(after)
		l.answered(after)
	}
	l.tally.WireIn += uint64(len(piece))
	before := s.parser.BodyBytes()
	taken, done, err := s.parser.Feed(piece)
	l.tally.BodyIn += uint64(s.parser.BodyBytes() - before)
	switch {
	case err != nil:
		l.disconnect(&s.socket)
		l.fail(s, classify(err, whileReading))
		return true
	case done:
		if taken < len(piece) || s.state == slotSending || s.stream != nil && len(s.stream.unsent)+len(s.stream.incoming) > 0 || full && s.tls != nil {
			s.parser.Spoil()
		} else if full {
			l.checkSurplus(s)
		}
		l.complete(s)
		return true
	}
	return false
}
