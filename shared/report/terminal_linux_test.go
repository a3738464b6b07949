package report_test

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"testing"

	"github.com/stretchr/testify/require"
	"golang.org/x/sys/unix"

	"github.com/senior-backend/toolkit/shared/report"
)

func TestOptionsFitTheTerminal(t *testing.T) {
	terminal := openTerminal(t, 97)
	if terminal == nil {
		return
	}
	for _, test := range []struct {
		noColor, kind, columns string
		want                   report.TextOptions
	}{
		{"", "xterm", "", report.TextOptions{Width: 97, Color: true}},
		{"", "xterm", "60", report.TextOptions{Width: 97, Color: true}},
		{"1", "xterm", "", report.TextOptions{Width: 97}},
		{"", "dumb", "", report.TextOptions{Width: 97}},
	} {
		t.Setenv("NO_COLOR", test.noColor)
		t.Setenv("TERM", test.kind)
		t.Setenv("COLUMNS", test.columns)
		require.Equal(t, test.want, report.TextOptionsFor(terminal))
	}
}

func TestOptionsOfWhatIsNoTerminal(t *testing.T) {
	file, err := os.Create(t.TempDir() + "/out")
	require.NoError(t, err)
	defer file.Close()
	t.Setenv("NO_COLOR", "")
	t.Setenv("TERM", "xterm")
	for columns, width := range map[string]int{"": 80, "132": 132, "wide": 80, "-4": 80} {
		t.Setenv("COLUMNS", columns)
		require.Equal(t, report.TextOptions{Width: width}, report.TextOptionsFor(file), columns)
	}
}

// openTerminal returns a pseudoterminal of that many columns.
// Where users get none (ptmxmode=000, in some containers) it is nil.
func openTerminal(t *testing.T, columns uint16) *os.File {
	t.Helper()
	master, err := os.OpenFile("/dev/ptmx", os.O_RDWR, 0)
	if errors.Is(err, fs.ErrPermission) {
		t.Logf("no pseudo terminal here: %v", err)
		return nil
	}
	require.NoError(t, err)
	t.Cleanup(func() { _ = master.Close() })
	fd := int(master.Fd())
	require.NoError(t, unix.IoctlSetPointerInt(fd, unix.TIOCSPTLCK, 0))
	number, err := unix.IoctlGetInt(fd, unix.TIOCGPTN)
	require.NoError(t, err)
	require.NoError(t, unix.IoctlSetWinsize(fd, unix.TIOCSWINSZ, &unix.Winsize{Row: 24, Col: columns}))
	terminal, err := os.OpenFile(fmt.Sprintf("/dev/pts/%d", number), os.O_RDWR|unix.O_NOCTTY, 0)
	require.NoError(t, err)
	t.Cleanup(func() { _ = terminal.Close() })
	return terminal
}
