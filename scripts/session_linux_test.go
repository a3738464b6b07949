package scripts

import (
	"bufio"
	"fmt"
	"io"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// session is a shell that lasts: directories, variables and background processes of one
// command are there for the next.
type session struct {
	directory string
	scratch   string
	kill      func(syscall.Signal)
	commands  io.WriteCloser
	statuses  *bufio.Reader
	n         int
}

// begin starts a shell in a directory; it ends with the test, and all that it started.
func begin(t *testing.T, env []string, directory string) *session {
	t.Helper()
	shell := exec.Command("bash")
	shell.Dir = directory
	shell.Env = append(slices.Clone(env), "COLUMNS=100", "NO_COLOR=1", "GOWORK=")
	shell.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	commands, err := shell.StdinPipe()
	require.NoError(t, err)
	statuses, err := shell.StdoutPipe()
	require.NoError(t, err)
	require.NoError(t, shell.Start())
	_, err = io.WriteString(commands, "umask 022\n")
	require.NoError(t, err)
	kill := func(signal syscall.Signal) { _ = syscall.Kill(-shell.Process.Pid, signal) }
	t.Cleanup(func() {
		_ = commands.Close()
		kill(syscall.SIGKILL)
		_ = shell.Wait()
	})
	return &session{directory: directory, scratch: t.TempDir(), kill: kill, commands: commands, statuses: bufio.NewReader(statuses)}
}

// run runs a command and returns what it says on both streams. Its status must be one of
// the statuses.
func (s *session) run(t *testing.T, command string, statuses []string) string {
	t.Helper()
	s.n++
	name := filepath.Join(s.scratch, fmt.Sprint(s.n))
	require.NoError(t, os.WriteFile(name, []byte(command+"\n"), 0o600))
	_, err := fmt.Fprintf(s.commands, ". %s </dev/null >%s.out 2>&1; echo $?\n", name, name)
	require.NoError(t, err)
	late := time.AfterFunc(5*time.Minute, func() { s.kill(syscall.SIGKILL) })
	defer late.Stop()
	status, err := s.statuses.ReadString('\n')
	said, unread := os.ReadFile(name + ".out")
	require.NoError(t, err, "$ %s\n%s", command, said)
	require.NoError(t, unread)
	require.Contains(t, statuses, strings.TrimSpace(status), "$ %s\n%s", command, said)
	return string(said)
}

// listens waits until somebody listens at an address.
func listens(t *testing.T, address string) {
	t.Helper()
	require.Eventually(t, func() bool {
		connection, err := net.Dial("tcp", address)
		if err == nil {
			_ = connection.Close()
		}
		return err == nil
	}, 2*time.Minute, 50*time.Millisecond, "nobody listens at %s", address)
}

// free is an address of this machine that nobody listens at.
func free(t *testing.T) string {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	require.NoError(t, listener.Close())
	return listener.Addr().String()
}
