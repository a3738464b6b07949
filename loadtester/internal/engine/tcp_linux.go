package engine

import (
	"unsafe"

	"golang.org/x/sys/unix"
)

// measuredASecond is how many connections a loop asks each second what TCP had to repeat;
// with more, each is asked in its turn.
const measuredASecond = 1000

// measureSome asks some of the connections.
func (l *eventLoop) measureSome() {
	for range min(measuredASecond, len(l.sockets)) {
		l.measured++
		if l.measured >= len(l.sockets) {
			l.measured = 0
		}
		l.measureTCP(l.sockets[l.measured])
	}
}

// measureTCP adds what TCP has had to repeat, and what came in disorder, since the
// connection was asked before. Sockets that aren't TCP's, and kernels that don't tell,
// leave it at nothing.
func (l *eventLoop) measureTCP(c *socket) {
	if c.fd < 0 || c.connecting {
		return
	}
	size := uint32(unsafe.Sizeof(l.tcp))
	_, _, errno := unix.RawSyscall6(unix.SYS_GETSOCKOPT, uintptr(c.fd), unix.IPPROTO_TCP, unix.TCP_INFO,
		uintptr(unsafe.Pointer(&l.tcp)), uintptr(unsafe.Pointer(&size)), 0)
	if errno != 0 || size <= uint32(unsafe.Offsetof(l.tcp.Total_retrans)) {
		return
	}
	l.tally.Resent += uint64(l.tcp.Total_retrans - c.resent)
	c.resent = l.tcp.Total_retrans
	if size > uint32(unsafe.Offsetof(l.tcp.Rcv_ooopack)) {
		l.tally.Unordered += uint64(l.tcp.Rcv_ooopack - c.unordered)
		c.unordered = l.tcp.Rcv_ooopack
	}
}
