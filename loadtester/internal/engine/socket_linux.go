package engine

import (
	"crypto/tls"
	"net/netip"
	"time"

	"golang.org/x/sys/unix"

	"github.com/senior-backend/toolkit/loadtester/internal/stats"
)

// socket is one of a loop's connections, without what is spoken over it. It may be
// closed and opened again.
type socket struct {
	owner      owner
	index      int32 // in the loop's sockets
	generation int32 // to tell apart late events of an earlier connection
	fd         int   // -1 when there is no connection
	dialledAt  int64
	addrs      []netip.AddrPort // that this connection may lead to
	tries      int              // addresses tried for this connection
	turn       int              // which address is the first
	connecting bool             // the loop opens it
	hungUp     bool             // the server sends nothing more after what has come
	tls        *tls.Conn        // nil without TLS
	stream     *tlsStream       // below tls
	resent     uint32           // what TCP had to repeat, as far as it was asked
	unordered  uint32
	secured    secured // what a goroutine made, until the loop takes it
}

// owner is who talks over a socket.
type owner interface {
	// opened tells that the connection is there.
	opened(l *eventLoop)
	// unopened tells that it could not be opened.
	unopened(l *eventLoop, kind stats.Kind)
	// cutOff tells that the end of the run kept it from being opened.
	cutOff(l *eventLoop)
	// handle does what an event of the open connection allows.
	handle(l *eventLoop, events uint32)
	// read takes what has come.
	read(l *eventLoop)
}

// hungUp are the events after which the server sends nothing more.
const hungUp = unix.EPOLLRDHUP | unix.EPOLLHUP | unix.EPOLLERR

// addSocket makes a socket known to the loop.
func (l *eventLoop) addSocket(c *socket, by owner) {
	c.owner, c.index, c.fd = by, int32(len(l.sockets)), -1
	l.sockets = append(l.sockets, c)
}

// connect begins to open a connection by the given moment; its owner is told how it ends.
func (l *eventLoop) connect(c *socket, deadline int64) {
	c.dialledAt = l.now
	l.connecting++
	if l.r.engine.opensAway() {
		l.connectAway(c, deadline)
		return
	}
	c.connecting = true
	var err error
	d := l.r.engine.dialer
	if c.addrs, err = d.resolve(l.ctx, d.diverted(l.r.engine.home)); err != nil { // known since the beginning
		l.r.note(stats.KindDNS, err)
		l.disconnect(c)
		c.owner.unopened(l, stats.KindDNS)
		return
	}
	c.tries, c.turn = 0, d.nextTurn(len(c.addrs))
	l.tryAddress(c)
}

// tryAddress connects to the socket's next address.
func (l *eventLoop) tryAddress(c *socket) {
	for {
		to := c.addrs[(c.turn+c.tries)%len(c.addrs)]
		c.tries++
		errno := l.dial(c, to)
		if errno == 0 {
			return
		}
		if c.tries == len(c.addrs) {
			l.disconnect(c)
			c.owner.unopened(l, classifyErrno(errno, whileConnecting))
			return
		}
		l.close(c)
	}
}

// dial makes the socket and begins to connect it.
func (l *eventLoop) dial(c *socket, to netip.AddrPort) unix.Errno {
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
	c.fd = fd
	c.generation++
	c.hungUp = false
	unix.SetsockoptInt(fd, unix.IPPROTO_TCP, unix.TCP_NODELAY, 1) //nolint:errcheck // only costs time
	if err := unix.Connect(fd, address); err != nil && errnoOf(err) != unix.EINPROGRESS {
		return errnoOf(err)
	}
	return errnoOf(l.poller.add(fd, c.index, c.generation))
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

func (l *eventLoop) close(c *socket) {
	if c.fd >= 0 {
		l.measureTCP(c)
		c.resent, c.unordered = 0, 0
		unix.Close(c.fd) //nolint:errcheck // nothing more is expected of it
		c.fd, c.tls, c.stream = -1, nil, nil
	}
}

// disconnect closes the connection, also one that is just being opened.
func (l *eventLoop) disconnect(c *socket) {
	l.close(c)
	if c.connecting {
		c.connecting = false
		l.connecting--
	}
}

// event does what an event of a socket allows.
func (l *eventLoop) event(c *socket, events uint32) {
	if events&hungUp != 0 {
		c.hungUp = true
	}
	if c.stream != nil {
		c.stream.drained = false
		if len(c.stream.unsent) > 0 {
			c.stream.flush() // an error shows again when the answer is read
		}
	}
	if !c.connecting {
		c.owner.handle(l, events)
		return
	}
	if events&(unix.EPOLLOUT|hungUp) != 0 {
		l.connected(c)
	}
}

// connected goes on after connecting has ended, well or not.
func (l *eventLoop) connected(c *socket) {
	code, err := unix.GetsockoptInt(c.fd, unix.SOL_SOCKET, unix.SO_ERROR)
	if err != nil {
		code = int(errnoOf(err))
	}
	if code != 0 {
		if c.tries < len(c.addrs) {
			l.close(c)
			l.tryAddress(c)
			return
		}
		l.disconnect(c)
		c.owner.unopened(l, classifyErrno(unix.Errno(code), whileConnecting))
		return
	}
	c.connecting = false
	l.connecting--
	l.tally.Opened++
	l.tally.Connect.Record(time.Duration(l.now - c.dialledAt))
	c.owner.opened(l)
}

// receive reads what has come for a socket into the loop's buffer, decrypted. EAGAIN
// means that nothing has come, and nothing without an error the end of the stream.
func (l *eventLoop) receive(c *socket) (int, unix.Errno) {
	if c.tls != nil {
		return l.receiveTLS(c)
	}
	return receive(c.fd, l.buf)
}

// resume goes on reading where reading was put off.
func (l *eventLoop) resume() {
	ready := l.ready
	l.ready = nil
	for _, c := range ready {
		l.tick()
		if c.fd >= 0 && !c.connecting {
			c.owner.read(l)
		}
	}
}
