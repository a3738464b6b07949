package engine

import (
	"bytes"
	"os"
	"strconv"
	"time"

	"golang.org/x/sys/unix"
)

// threadTime is how long this thread has computed or waited for a processor to compute
// on: in both cases it was this machine that the requests waited for.
func threadTime() time.Duration {
	// Two numbers of nanoseconds, on the processor and in its queue, and a count; see
	// Documentation/scheduler/sched-stats.rst of Linux.
	if text, err := os.ReadFile("/proc/thread-self/schedstat"); err == nil {
		if fields := bytes.Fields(text); len(fields) >= 2 {
			ran, errRan := strconv.ParseInt(string(fields[0]), 10, 64)
			waited, errWaited := strconv.ParseInt(string(fields[1]), 10, 64)
			if errRan == nil && errWaited == nil && ran > 0 {
				return time.Duration(ran + waited)
			}
		}
	}
	var used unix.Rusage
	if unix.Getrusage(unix.RUSAGE_THREAD, &used) != nil {
		return 0
	}
	return time.Duration(used.Utime.Nano() + used.Stime.Nano())
}
