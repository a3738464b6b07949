package engine

import (
	"time"
	"unsafe"

	"golang.org/x/sys/unix"
)

// A server that sends a large body wakes its reader for every piece of some 32 KiB, and
// the waking costs more than taking the piece when it isn't copied. So a loop that has
// just thrown away a part of a body sleeps for a moment before it looks again, in which
// several pieces come. What ends in that moment is seen late by half of it on average:
// the moment is as short as the answers are quick.
const (
	// gatherMost is the longest moment.
	gatherMost = 50 * time.Microsecond
	// gatherLeast is the shortest that is worth a system call.
	gatherLeast = 20 * time.Microsecond
	// gatherShare is how many times longer than the moment the first bytes of answers
	// take to come, in the harmonic mean: times are wrong by 0.25% then on average.
	gatherShare = 200
)

// gathering is what a loop knows of its large bodies.
type gathering struct {
	thrown bool    // something was thrown away since the last moment
	haste  float64 // the mean of 1 / the nanoseconds until the first byte, of the latest answers; 0 before the first
}

// answered notes after how long an answer began.
func (g *gathering) answered(after time.Duration) {
	rate := 1 / float64(max(after, 1))
	if g.haste == 0 {
		g.haste = rate
	}
	g.haste += (rate - g.haste) / 16
}

// moment is how long to sleep, of the time that is left until there is something to do.
func (g *gathering) moment(left time.Duration) time.Duration {
	if !g.thrown || g.haste == 0 {
		return 0
	}
	g.thrown = false
	moment := min(gatherMost, time.Duration(1/(g.haste*gatherShare)), left)
	if moment < gatherLeast {
		return 0
	}
	return moment
}

// gather sleeps for the moment that is due, and returns how long it was.
func (l *eventLoop) gather(left time.Duration) time.Duration {
	moment := l.gathering.moment(left)
	if moment > 0 {
		limit := unix.NsecToTimespec(int64(moment))
		unix.RawSyscall6(unix.SYS_CLOCK_NANOSLEEP, unix.CLOCK_MONOTONIC, 0, uintptr(unsafe.Pointer(&limit)), 0, 0, 0) //nolint:errcheck // then it is shorter
	}
	return moment
}
