package scripts

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

func TestQuickstart(t *testing.T) {
	directory := t.TempDir()
	run := startQuickstart(t, directory)
	require.Equal(t, 0, run.wait(), run.output())
	require.Contains(t, run.output(), "Done in ")
	for _, name := range []string{"analysis", "comparison", "rehearsal", "migration", "load", "load-invalid", "load-refused"} {
		page, err := os.ReadFile(filepath.Join(directory, "reports", name+".html"))
		require.NoError(t, err)
		require.Contains(t, string(page), "</html>")
	}
	requireNothingRuns(t, directory)
}

func TestQuickstartStopsEverythingWhenInterrupted(t *testing.T) {
	for heading, test := range map[string]struct {
		signal syscall.Signal
		status int
	}{
		"1. Build":   {syscall.SIGTERM, 143},
		"3. Analyse": {syscall.SIGINT, 130},
		"9. Load":    {syscall.SIGINT, 130},
	} {
		t.Run(heading, func(t *testing.T) {
			directory := t.TempDir()
			run := startQuickstart(t, directory)
			require.Eventually(t, func() bool {
				return strings.Contains(run.output(), "\n"+heading)
			}, 10*time.Minute, 20*time.Millisecond, run.output)
			require.NoError(t, run.command.Process.Signal(test.signal))
			require.Equal(t, test.status, run.wait(), run.output())
			requireNothingRuns(t, directory)
		})
	}
}

func TestQuickstartSaysWhatIsMissing(t *testing.T) {
	path := t.TempDir()
	dirname, err := exec.LookPath("dirname")
	require.NoError(t, err)
	require.NoError(t, os.Symlink(dirname, filepath.Join(path, "dirname")))
	command := exec.Command("/bin/bash", "quickstart.sh")
	command.Env = []string{"PATH=" + path}
	out, err := command.CombinedOutput()
	require.Error(t, err)
	require.Equal(t, 1, command.ProcessState.ExitCode())
	require.Contains(t, string(out), "quickstart: there is no ")
}

// quickstart is a run of the script.
type quickstart struct {
	command *exec.Cmd
	lock    sync.Mutex
	written bytes.Buffer
}

func (q *quickstart) Write(data []byte) (int, error) {
	q.lock.Lock()
	defer q.lock.Unlock()
	return q.written.Write(data)
}

func (q *quickstart) output() string {
	q.lock.Lock()
	defer q.lock.Unlock()
	return q.written.String()
}

func (q *quickstart) wait() int {
	_ = q.command.Wait()
	return q.command.ProcessState.ExitCode()
}

func startQuickstart(t *testing.T, directory string) *quickstart {
	t.Helper()
	run := &quickstart{command: exec.Command("./quickstart.sh", directory)}
	run.command.Stdout, run.command.Stderr = run, run
	require.NoError(t, run.command.Start())
	t.Cleanup(func() { _ = run.command.Process.Signal(syscall.SIGTERM) })
	return run
}

// requireNothingRuns looks for processes whose program or working directory is
// in the directory.
func requireNothingRuns(t *testing.T, directory string) {
	t.Helper()
	links, err := filepath.Glob("/proc/[0-9]*/[ce][wx][de]") // cwd and exe
	require.NoError(t, err)
	require.NotEmpty(t, links)
	for _, link := range links {
		if target, err := os.Readlink(link); err == nil { // others' processes may not be looked at
			require.False(t, strings.HasPrefix(target, directory+"/") || target == directory, "%s: %s", link, target)
		}
	}
}
