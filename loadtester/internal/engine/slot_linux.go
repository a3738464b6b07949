package engine

import (
	"crypto/tls"
	"net/netip"
	"time"

	"golang.org/x/sys/unix"

	"github.com/senior-backend/toolkit/loadtester/internal/http1"
	"github.com/senior-backend/toolkit/loadtester/internal/stats"
)

// slot is one of a loop's connections, which may be closed and opened again. Requests
// follow each other in it, one at a time.
type slot struct {
	index      int32
	generation int32 // of the socket, to tell apart late events of an earlier one
	fd         int   // -1 when there is no connection
	state      slotState
	parser     http1.Parser
	hop        *hop   // what is sent now
	number     uint64 // of the request in the run
	outcome    outcome
	deadline   int64
	restUntil  int64
	dialledAt  int64
	wrote      int // bytes of the request
	tries      int // addresses tried for this connection
	turn       int // which address is the first
	served     bool
	retried    bool
	unended    bool       // the run ended while its redirects were followed
	hungUp     bool       // the server sends nothing more after what has come
	sendError  unix.Errno // why the request could not be sent whole
	secured    secured    // what a goroutine made, until the loop takes it
	tls        *tls.Conn  // nil without TLS
	stream     *tlsStream // below tls
	follower   *client    // follows redirects; nil until there is one

	before, after *slot
}

type slotState uint8

const (
	slotFree       slotState = iota // no request
	slotConnecting                  // for a request
	slotSending
	slotReading
	slotSecuring // a goroutine opens its connection
	slotAway     // its redirects are followed elsewhere
	slotResting  // it may not connect for a moment
)

// readsInARow is how many full buffers are read from one connection before the others
// have their turn.
const readsInARow = 4

// connect begins to open the slot's connection.
func (l *eventLoop) connect(s *slot) {
	s.state = slotConnecting
	s.dialledAt = l.now
	s.tries, s.turn = 0, l.r.engine.dialer.nextTurn(len(l.r.engine.addrs))
	l.connecting++
	if l.r.engine.home.tls {
		l.connectTLS(s)
		return
	}
	l.tryAddress(s)
}

// tryAddress connects to the slot's next address.
func (l *eventLoop) tryAddress(s *slot) {
	addrs := l.r.engine.addrs
	for {
		to := addrs[(s.turn+s.tries)%len(addrs)]
		s.tries++
		errno := l.dial(s, to)
		if errno == 0 {
			return
		}
		l.disconnect(s)
		if s.tries == len(addrs) {
			l.connecting--
			l.fail(s, classifyErrno(errno, whileConnecting))
			return
		}
	}
}

// dial makes the socket and begins to connect it.
func (l *eventLoop) dial(s *slot, to netip.AddrPort) unix.Errno {
	family := unix.AF_INET6
	var address unix.Sockaddr = &unix.SockaddrInet6{Addr: to.Addr().As16(), Port: int(to.Port())}
	if to.Addr().Is4() {
		family = unix.AF_INET
		address = &unix.SockaddrInet4{Addr: to.Addr().As4(), Port: int(to.Port())}
	}
	fd, err := unix.Socket(family, unix.SOCK_STREAM|unix.SOCK_NONBLOCK|unix.SOCK_CLOEXEC, 0)
	if err != nil {
		return errnoOf(err)
	}
	s.fd = fd
	s.generation++
	s.served, s.hungUp = false, false
	unix.SetsockoptInt(fd, unix.IPPROTO_TCP, unix.TCP_NODELAY, 1) //nolint:errcheck // only costs time
	if err := unix.Connect(fd, address); err != nil && errnoOf(err) != unix.EINPROGRESS {
		return errnoOf(err)
	}
	return errnoOf(l.poller.add(fd, s.index, s.generation))
}

func errnoOf(err error) unix.Errno {
	if err == nil {
		return 0
	}
	if errno, ok := err.(unix.Errno); ok { //nolint:errorlint // package unix returns it bare
		return errno
	}
	return unix.EINVAL
}

func (l *eventLoop) disconnect(s *slot) {
	if s.fd >= 0 {
		unix.Close(s.fd) //nolint:errcheck // nothing more is expected of it
		s.fd, s.tls, s.stream = -1, nil, nil
	}
}

// handle does what an event of a slot's socket allows.
func (l *eventLoop) handle(s *slot, events uint32) {
	const ended = unix.EPOLLRDHUP | unix.EPOLLHUP | unix.EPOLLERR
	if events&ended != 0 {
		s.hungUp = true
	}
	if s.stream != nil && len(s.stream.unsent) > 0 {
		s.stream.flush() // an error shows again when the answer is read
	}
	switch s.state {
	case slotConnecting:
		if events&(unix.EPOLLOUT|ended) != 0 {
			l.connected(s)
		}
	case slotSending:
		if events&(unix.EPOLLOUT|ended) != 0 {
			l.send(s)
		}
		if (s.state == slotSending || s.state == slotReading) && events&(unix.EPOLLIN|ended) != 0 {
			l.read(s)
		}
	case slotReading:
		if events&(unix.EPOLLIN|ended) != 0 {
			l.read(s)
		}
	default: // nothing was asked for: the server closes the connection, or makes no sense
		if events&(unix.EPOLLIN|ended) != 0 {
			l.disconnect(s)
		}
	}
}

// connected goes on after connecting has ended, well or not.
func (l *eventLoop) connected(s *slot) {
	code, err := unix.GetsockoptInt(s.fd, unix.SOL_SOCKET, unix.SO_ERROR)
	if err != nil {
		code = int(errnoOf(err))
	}
	if code != 0 {
		l.disconnect(s)
		if s.tries < len(l.r.engine.addrs) {
			l.tryAddress(s)
			return
		}
		l.connecting--
		l.fail(s, classifyErrno(unix.Errno(code), whileConnecting))
		return
	}
	l.connecting--
	l.tally.Opened++
	l.tally.Connect.Record(time.Duration(l.now - s.dialledAt))
	l.send(s)
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
			l.read(s)
			return
		}
	}
	s.state = slotReading
}

// read takes what has come of the answer.
func (l *eventLoop) read(s *slot) {
	for range readsInARow {
		n, errno := l.receive(s)
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
		if l.feed(s, l.buf[:n]) {
			return
		}
		// A buffer that was not filled means that nothing more has come, and the next
		// event tells when it does; but after the end of the stream there is no other.
		// TLS gives out one record after the other, however many have come.
		if n < len(l.buf) && !s.hungUp && s.tls == nil {
			return
		}
	}
	l.ready = append(l.ready, s)
}

// receive reads what has come for a slot, decrypted.
func (l *eventLoop) receive(s *slot) (int, unix.Errno) {
	if s.tls != nil {
		return l.receiveTLS(s)
	}
	return receive(s.fd, l.buf)
}

// feed parses a piece of the answer. It reports whether the request has ended.
func (l *eventLoop) feed(s *slot, piece []byte) bool {
	if !s.parser.Begun() {
		l.tally.FirstByte.Record(time.Duration(l.now - s.outcome.sent))
	}
	l.tally.WireIn += uint64(len(piece))
	before := s.parser.BodyBytes()
	taken, done, err := s.parser.Feed(piece)
	l.tally.BodyIn += uint64(s.parser.BodyBytes() - before)
	switch {
	case err != nil:
		l.disconnect(s)
		l.fail(s, classify(err, whileReading))
		return true
	case done:
		if taken < len(piece) || len(piece) == len(l.buf) || s.state == slotSending || s.stream != nil && len(s.stream.unsent) > 0 {
			s.parser.Spoil()
		}
		l.complete(s)
		return true
	}
	return false
}

// resume goes on reading where reading was put off.
func (l *eventLoop) resume() {
	ready := l.ready
	l.ready = nil
	for _, s := range ready {
		l.tick()
		if s.fd >= 0 && (s.state == slotReading || s.state == slotSending) {
			l.read(s)
		}
	}
}
