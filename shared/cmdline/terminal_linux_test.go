package cmdline

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"testing"

	"github.com/stretchr/testify/require"
	"golang.org/x/sys/unix"
)

// openTerminal returns both ends of a pseudo terminal of 97 columns.
// Where users get none (ptmxmode=000, in some containers) both are nil.
func openTerminal(t *testing.T) (master, terminal *os.File) {
	t.Helper()
	master, err := os.OpenFile("/dev/ptmx", os.O_RDWR|unix.O_NOCTTY, 0)
	if errors.Is(err, fs.ErrPermission) {
		t.Logf("no pseudo terminal here, only what is none is tried: %v", err)
		return nil, nil
	}
	require.NoError(t, err)
	t.Cleanup(func() { master.Close() })
	fd := int(master.Fd())
	require.NoError(t, unix.IoctlSetPointerInt(fd, unix.TIOCSPTLCK, 0))
	number, err := unix.IoctlGetInt(fd, unix.TIOCGPTN)
	require.NoError(t, err)
	terminal, err = os.OpenFile(fmt.Sprintf("/dev/pts/%d", number), os.O_RDWR|unix.O_NOCTTY, 0)
	require.NoError(t, err)
	t.Cleanup(func() { terminal.Close() })
	require.NoError(t, unix.IoctlSetWinsize(fd, unix.TIOCSWINSZ, &unix.Winsize{Row: 24, Col: 97}))
	return master, terminal
}

func TestTerminal(t *testing.T) {
	t.Setenv("NO_COLOR", "")
	t.Setenv("TERM", "xterm")
	if _, terminal := openTerminal(t); terminal != nil {
		columns, ok := Terminal(newStream(terminal))
		require.True(t, ok)
		require.Equal(t, 97, columns)
		require.True(t, Color(terminal))

		t.Setenv("NO_COLOR", "1")
		require.False(t, Color(terminal))
		t.Setenv("NO_COLOR", "")
		t.Setenv("TERM", "dumb")
		require.False(t, Color(terminal))
	}

	_, ok := Terminal(new(bytes.Buffer))
	require.False(t, ok)
	null, err := os.Open(os.DevNull)
	require.NoError(t, err)
	defer null.Close()
	_, ok = Terminal(null)
	require.False(t, ok)
}

func TestLogIsColouredOnATerminal(t *testing.T) {
	for noColor, want := range map[string]string{"": "\x1b[32mINF\x1b[0m", "1": "INF open"} {
		master, terminal := openTerminal(t)
		if terminal == nil {
			return
		}
		command := demoProcess(t, "log")
		command.Env = append(command.Env, "TERM=xterm", "NO_COLOR="+noColor)
		command.Stderr = terminal
		require.NoError(t, command.Run())
		buffer := make([]byte, 4096)
		n, err := master.Read(buffer)
		require.NoError(t, err)
		require.Contains(t, string(buffer[:n]), want)
	}
}
