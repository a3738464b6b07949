package engine

import (
	"bytes"
	"context"
	"crypto/tls"
	"errors"
	"io"
	"net"
	"syscall"

	"golang.org/x/sys/unix"

	"github.com/senior-backend/toolkit/loadtester/internal/stats"
)

// tlsStream is what a tls.Conn of a loop reads from and writes to: a blocking
// connection until the handshake is done, and then the bare socket. crypto/tls goes on
// after a read that failed with EAGAIN, since that error is temporary, but not after
// such a write; so what the socket doesn't take is kept here. crypto/tls asks for half
// a kilobyte at a time; so all that has come is taken at once, into a buffer of the loop.
type tlsStream struct {
	net.Conn            // nil after the handshake
	fd       int        // valid then
	unsent   []byte     // what the socket has not taken yet
	incoming []byte     // what crypto/tls has not taken yet
	drained  bool       // nothing more has come; when it does, an event tells
	ending   bool       // no event comes any more
	into     *tlsBuffer // the loop's
}

// tlsBuffer is what the TLS connections of a loop receive into.
type tlsBuffer struct {
	bytes []byte
	user  *tlsStream // whose incoming is in it
}

// receive takes what has come of a stream. What another one has left in the buffer is
// kept for it.
func (b *tlsBuffer) receive(s *tlsStream) (int, unix.Errno) {
	if b.user != nil && b.user != s && len(b.user.incoming) > 0 {
		b.user.incoming = bytes.Clone(b.user.incoming)
	}
	b.user = s
	n, errno := receive(s.fd, b.bytes)
	s.incoming = b.bytes[:n]
	return n, errno
}

func (s *tlsStream) Read(p []byte) (int, error) {
	if s.Conn != nil {
		return s.Conn.Read(p)
	}
	if len(s.incoming) == 0 {
		if s.drained {
			return 0, unix.EAGAIN
		}
		n, errno := s.into.receive(s)
		switch {
		case errno != 0:
			return 0, errno
		case n == 0:
			return 0, io.EOF
		}
		s.drained = n < len(s.into.bytes) && !s.ending
	}
	n := copy(p, s.incoming)
	s.incoming = s.incoming[n:]
	return n, nil
}

func (s *tlsStream) Write(p []byte) (int, error) {
	if s.Conn != nil {
		return s.Conn.Write(p)
	}
	s.unsent = append(s.unsent, p...)
	if errno := s.flush(); errno != 0 && errno != unix.EAGAIN {
		return 0, errno
	}
	return len(p), nil
}

// flush sends what is unsent. EAGAIN means that some of it remains.
func (s *tlsStream) flush() unix.Errno {
	for len(s.unsent) > 0 {
		n, errno := send(s.fd, s.unsent)
		if errno == unix.EINTR {
			continue
		}
		if errno != 0 {
			return errno
		}
		s.unsent = s.unsent[:copy(s.unsent, s.unsent[n:])]
	}
	return 0
}

// takeSocket makes the stream use the bare socket from now on.
func (s *tlsStream) takeSocket() error {
	fd, err := takeSocket(s.Conn)
	if err != nil {
		return err
	}
	s.fd, s.Conn = fd, nil
	return nil
}

// takeSocket makes a connection a bare socket.
func takeSocket(conn net.Conn) (int, error) {
	bare, ok := conn.(syscall.Conn)
	if !ok {
		return -1, errors.New("not a socket")
	}
	raw, err := bare.SyscallConn()
	if err != nil {
		return -1, err
	}
	fd, dupErr := -1, error(nil)
	if err := raw.Control(func(its uintptr) {
		fd, dupErr = unix.FcntlInt(its, unix.F_DUPFD_CLOEXEC, 0)
	}); err != nil {
		return -1, err
	}
	if dupErr != nil {
		return -1, dupErr
	}
	conn.Close() //nolint:errcheck // the socket stays open through its other descriptor
	return fd, nil
}

// secured is a connection that a goroutine has opened for a slot.
type secured struct {
	conn   *tls.Conn  // nil without TLS
	stream *tlsStream // below conn
	fd     int
	took   phases
	kind   stats.Kind
	cutOff bool // by the end of the run
}

// opensAway tells whether connections are opened by goroutines: those with TLS, whose
// handshakes are computed where they don't keep the others waiting, and those that don't
// simply go to an address.
func (e *Engine) opensAway() bool { return e.home.tls || !e.dialer.direct(e.home) }

// connectAway has a goroutine open the connection.
func (l *eventLoop) connectAway(c *socket, deadline int64) {
	l.away++
	by := min(deadline, l.r.cutAt)
	go func() {
		ctx, cancel := context.WithDeadline(l.ctx, l.r.at(by))
		made := l.secure(ctx)
		cancel()
		made.cutOff = l.ctx.Err() != nil || isTimeout(made.kind) && by < deadline
		c.secured = made
		l.mu.Lock()
		defer l.mu.Unlock()
		l.openedAway = append(l.openedAway, c)
		l.poller.wake() // before the loop can see that none is away any more, and end
	}()
}

func (l *eventLoop) secure(ctx context.Context) secured {
	d := l.r.engine.dialer
	tcp, took, kind, err := d.connect(ctx, l.r.engine.home)
	if err != nil {
		l.r.note(kind, err)
		return secured{kind: kind}
	}
	if !l.r.engine.home.tls {
		fd, err := takeSocket(tcp)
		if err != nil {
			tcp.Close() //nolint:errcheck // given up
			return secured{kind: classify(err, whileConnecting)}
		}
		return secured{fd: fd, took: took}
	}
	stream := &tlsStream{Conn: tcp, fd: -1}
	conn, handshake, kind, err := d.handshake(ctx, stream, l.r.engine.home)
	if err != nil {
		l.r.note(kind, err)
		return secured{kind: kind}
	}
	took.handshake = handshake
	if (conn.ConnectionState().NegotiatedProtocol == alpnHTTP2) != l.r.engine.http2 {
		tcp.Close() //nolint:errcheck // given up
		return secured{kind: stats.KindTLS}
	}
	if err := stream.takeSocket(); err != nil {
		tcp.Close() //nolint:errcheck // given up
		return secured{kind: classify(err, whileConnecting)}
	}
	return secured{conn: conn, stream: stream, fd: stream.fd, took: took}
}

// takeSecured tells a socket's owner of the connection that was opened for it.
func (l *eventLoop) takeSecured(c *socket) {
	l.connecting--
	made := c.secured
	c.secured = secured{}
	if made.cutOff || l.finished {
		if made.kind == stats.KindNone {
			unix.Close(made.fd) //nolint:errcheck // not used any more
		}
		c.owner.cutOff(l)
		return
	}
	if made.kind != stats.KindNone {
		c.owner.unopened(l, made.kind)
		return
	}
	c.fd, c.tls, c.stream = made.fd, made.conn, made.stream
	c.generation++
	c.hungUp = false
	if c.stream != nil {
		c.stream.into = &l.received
	}
	l.tally.Opened++
	l.tally.Connect.Record(made.took.connect)
	if made.conn != nil {
		l.tally.Handshake.Record(made.took.handshake)
	}
	if err := l.poller.add(c.fd, c.index, c.generation); err != nil {
		l.disconnect(c)
		c.owner.unopened(l, classifyErrno(errnoOf(err), whileConnecting))
		return
	}
	c.owner.opened(l)
}

// sendTLS encrypts and sends the whole request; what the socket doesn't take follows
// when it does.
func (l *eventLoop) sendTLS(s *slot) {
	s.state = slotReading
	n, err := s.tls.Write(l.wires.fill(l.r.source, s.number, s.hop))
	l.tally.WireOut += uint64(max(n, 0))
	s.wrote = n
	if err != nil {
		s.sendError, s.hungUp = asErrno(err), true
		s.read(l)
	}
}

// receiveTLS reads and decrypts. As with receive, EAGAIN means that nothing has come,
// and nothing without an error the end of the stream.
func (l *eventLoop) receiveTLS(c *socket) (int, unix.Errno) {
	if c.hungUp {
		c.stream.ending, c.stream.drained = true, false
	}
	n, err := c.tls.Read(l.buf)
	if n > 0 || err == nil {
		return n, 0
	}
	if errno, ok := err.(unix.Errno); ok { //nolint:errorlint // as it is after all that came, and so often
		return 0, errno
	}
	if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
		return 0, 0
	}
	return 0, asErrno(err)
}

// noErrno stands for an error of TLS itself.
const noErrno = unix.EPROTO

func asErrno(err error) unix.Errno {
	var errno unix.Errno
	if errors.As(err, &errno) {
		return errno
	}
	return noErrno
}

// insert puts a slot where its deadline belongs, seen from the end.
func (q *list) insert(s *slot) {
	after := q.tail
	for after != nil && after.deadline > s.deadline {
		after = after.before
	}
	if after == q.tail {
		q.push(s)
		return
	}
	s.before = after
	if after == nil {
		s.after, q.head = q.head, s
	} else {
		s.after, after.after = after.after, s
	}
	s.after.before = s
}
