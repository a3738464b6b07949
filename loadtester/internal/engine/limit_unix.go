//go:build unix

package engine

import (
	"fmt"
	"syscall"

	"github.com/senior-backend/toolkit/shared/fault"
)

// spareFiles is how many files are open besides connections: streams, epoll, report.
const spareFiles = 32

// checkFileLimit fails when this process may not open that many connections. Go has
// raised the soft limit to the hard one by now.
func checkFileLimit(connections int) error {
	var limit syscall.Rlimit
	if err := syscall.Getrlimit(syscall.RLIMIT_NOFILE, &limit); err != nil {
		return nil //nolint:nilerr // unknown is no reason to refuse; a real lack shows as an error kind
	}
	if uint64(connections)+spareFiles <= uint64(limit.Cur) { //nolint:unconvert // its type differs by system
		return nil
	}
	return &fault.Environment{
		Message: fmt.Sprintf("%d connections need more open files than the limit of %d", connections, limit.Cur),
		Hint:    fmt.Sprintf("run `ulimit -n %d` first, or use fewer", connections+spareFiles),
	}
}
