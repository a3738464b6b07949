package scratch

import (
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"time"
)

// recover ends a server that a killed run left running and removes its marks.
// It returns whether the data directory can be trusted: not after the machine
// itself went down, since nothing was flushed to disk. The caller holds the
// cluster's lock, so whoever started that server is gone.
func (c *cluster) recover() (clean bool, err error) {
	mark := filepath.Join(c.data(), "postmaster.pid")
	text, err := os.ReadFile(mark)
	if os.IsNotExist(err) {
		return true, nil
	}
	if err != nil {
		return false, fmt.Errorf("read the mark of a running server: %w", err)
	}
	first, _, _ := strings.Cut(string(text), "\n")
	if pid, err := strconv.Atoi(strings.TrimSpace(first)); err == nil && pid > 1 && c.runs(pid) {
		if err := endOrphan(pid, c.runs); err != nil {
			return false, err
		}
	}
	if err := os.Remove(mark); err != nil && !os.IsNotExist(err) {
		return false, fmt.Errorf("remove the mark of a dead server: %w", err)
	}
	boot, _ := os.ReadFile(filepath.Join(c.dir, "boot"))
	return string(boot) == bootID(), nil
}

// runs says whether the process is a postgres on our data directory, and not
// one that got the number of a dead one.
func (c *cluster) runs(pid int) bool {
	command, err := os.ReadFile(fmt.Sprintf("/proc/%d/cmdline", pid))
	if err != nil {
		if command, err = exec.Command("ps", "-o", "command=", "-p", strconv.Itoa(pid)).Output(); err != nil {
			return false
		}
	}
	return bytes.Contains(command, []byte(c.data()))
}

func endOrphan(pid int, runs func(int) bool) error {
	for _, how := range []syscall.Signal{syscall.SIGQUIT, syscall.SIGKILL} {
		_ = syscall.Kill(pid, how)
		for deadline := time.Now().Add(stopping); time.Now().Before(deadline); time.Sleep(5 * time.Millisecond) {
			if !runs(pid) {
				return nil
			}
		}
	}
	return fmt.Errorf("a left-over server (process %d) does not stop", pid)
}
