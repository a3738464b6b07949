package engine

import (
	"fmt"
	"time"
	"unsafe"

	"golang.org/x/sys/unix"
)

// poller is an epoll with an eventfd to wake it. It belongs to one thread; wake alone
// may be called from elsewhere.
type poller struct {
	fd, waker int
	events    []unix.EpollEvent
	noNanos   bool // the kernel has no epoll_pwait2
}

// wakeSlot is the slot under which the waker's events come.
const wakeSlot = -1

// spin is how long a wait may hold the processor. While requests are answered, the
// next event is nearly always closer than that, and a plain system call spares the
// scheduler's part of it; a longer wait gives the processor back.
const spin = 500 * time.Microsecond

func newPoller(batch int) (*poller, error) {
	fd, err := unix.EpollCreate1(unix.EPOLL_CLOEXEC)
	if err != nil {
		return nil, fmt.Errorf("create epoll: %w", err)
	}
	waker, err := unix.Eventfd(0, unix.EFD_NONBLOCK|unix.EFD_CLOEXEC)
	if err != nil {
		unix.Close(fd) //nolint:errcheck // nothing was done with it
		return nil, fmt.Errorf("create eventfd: %w", err)
	}
	p := &poller{fd: fd, waker: waker, events: make([]unix.EpollEvent, batch)}
	event := unix.EpollEvent{Events: unix.EPOLLIN, Fd: wakeSlot}
	if err := unix.EpollCtl(fd, unix.EPOLL_CTL_ADD, waker, &event); err != nil {
		p.close()
		return nil, fmt.Errorf("watch eventfd: %w", err)
	}
	return p, nil
}

func (p *poller) close() {
	unix.Close(p.fd)    //nolint:errcheck // nothing can be done
	unix.Close(p.waker) //nolint:errcheck // nothing can be done
}

// add watches a socket, once for its whole life: each change is told once.
func (p *poller) add(fd int, slot, generation int32) error {
	event := unix.EpollEvent{
		Events: unix.EPOLLIN | unix.EPOLLOUT | unix.EPOLLRDHUP | unix.EPOLLET,
		Fd:     slot, Pad: generation,
	}
	return unix.EpollCtl(p.fd, unix.EPOLL_CTL_ADD, fd, &event)
}

// wake ends the current or the next wait.
func (p *poller) wake() {
	one := [8]byte{1}
	unix.Write(p.waker, one[:]) //nolint:errcheck // when the counter is full, a wake is pending anyway
}

// woken takes back what wake did.
func (p *poller) woken() {
	var count [8]byte
	unix.Read(p.waker, count[:]) //nolint:errcheck // nothing to read is as good
}

// wait returns the events that came within the timeout.
func (p *poller) wait(timeout time.Duration) []unix.EpollEvent {
	timeout = max(timeout, 0)
	if n := p.poll(min(timeout, spin), true); n > 0 || timeout <= spin {
		return p.events[:max(n, 0)]
	}
	return p.events[:max(p.poll(timeout-spin, false), 0)]
}

// poll makes the system call. With raw it keeps the processor.
func (p *poller) poll(timeout time.Duration, raw bool) int {
	if p.noNanos {
		return p.pollMillis(timeout, raw)
	}
	limit := unix.NsecToTimespec(int64(timeout))
	var n uintptr
	var errno unix.Errno
	if raw {
		n, _, errno = unix.RawSyscall6(unix.SYS_EPOLL_PWAIT2, uintptr(p.fd), uintptr(unsafe.Pointer(&p.events[0])),
			uintptr(len(p.events)), uintptr(unsafe.Pointer(&limit)), 0, 0)
	} else {
		n, _, errno = unix.Syscall6(unix.SYS_EPOLL_PWAIT2, uintptr(p.fd), uintptr(unsafe.Pointer(&p.events[0])),
			uintptr(len(p.events)), uintptr(unsafe.Pointer(&limit)), 0, 0)
	}
	switch errno {
	case 0:
		return int(n)
	case unix.ENOSYS, unix.EPERM: // before Linux 5.11, or filtered
		p.noNanos = true
		return p.pollMillis(timeout, raw)
	default:
		return 0
	}
}

// pollMillis waits with the older call, whose unit is a millisecond: rounded up, so
// that it doesn't turn into a busy loop.
func (p *poller) pollMillis(timeout time.Duration, raw bool) int {
	if raw && timeout > 0 {
		timeout = 0
	}
	millis := int((timeout + time.Millisecond - 1) / time.Millisecond)
	n, err := unix.EpollWait(p.fd, p.events, millis)
	if err != nil {
		return 0
	}
	return n
}

// receive reads what has come for a socket. EAGAIN means nothing has.
func receive(fd int, buf []byte) (int, unix.Errno) {
	n, _, errno := unix.RawSyscall6(unix.SYS_RECVFROM, uintptr(fd), uintptr(unsafe.Pointer(&buf[0])), uintptr(len(buf)),
		unix.MSG_DONTWAIT, 0, 0)
	if errno != 0 {
		return 0, errno
	}
	return int(n), 0
}

// discard throws away as many bytes as buf has of what has come for a socket. TCP doesn't
// copy them then, see MSG_TRUNC in tcp(7); other sockets leave them in buf.
func discard(fd int, buf []byte) (int, unix.Errno) {
	n, _, errno := unix.RawSyscall6(unix.SYS_RECVFROM, uintptr(fd), uintptr(unsafe.Pointer(&buf[0])),
		uintptr(len(buf)), unix.MSG_DONTWAIT|unix.MSG_TRUNC, 0, 0)
	if errno != 0 {
		return 0, errno
	}
	return int(n), 0
}

// send writes as much as a socket takes. EAGAIN means nothing.
func send(fd int, data []byte) (int, unix.Errno) {
	n, _, errno := unix.RawSyscall6(unix.SYS_SENDTO, uintptr(fd), uintptr(unsafe.Pointer(&data[0])), uintptr(len(data)),
		unix.MSG_DONTWAIT|unix.MSG_NOSIGNAL, 0, 0)
	if errno != 0 {
		return 0, errno
	}
	return int(n), 0
}
