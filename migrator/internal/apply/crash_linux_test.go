package apply_test

import (
	"context"
	"database/sql"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/senior-backend/toolkit/migrator/internal/apply"
	"github.com/senior-backend/toolkit/migrator/internal/scratch"
	"github.com/senior-backend/toolkit/migrator/internal/scratch/scratchtest"
)

// postmaster is a server that a test may kill and start again.
type postmaster struct {
	directory string
	program   string
	account   *syscall.SysProcAttr
	process   *exec.Cmd
}

// newPostmaster starts a server of its own, from the programs of another one.
func newPostmaster(t *testing.T, like *sql.DB) *postmaster {
	t.Helper()
	data := value[string](t, like, "SHOW data_directory")
	text, err := os.ReadFile(filepath.Join(data, "postmaster.pid"))
	require.NoError(t, err)
	pid, _, _ := strings.Cut(string(text), "\n")
	line, err := os.ReadFile("/proc/" + pid + "/cmdline")
	require.NoError(t, err)
	program, _, _ := strings.Cut(string(line), "\x00")
	info, err := os.Stat(data)
	require.NoError(t, err)
	owner, isStat := info.Sys().(*syscall.Stat_t)
	require.True(t, isStat)

	p := &postmaster{directory: t.TempDir(), program: program}
	if os.Getuid() == 0 {
		p.account = &syscall.SysProcAttr{Credential: &syscall.Credential{Uid: owner.Uid, Gid: owner.Gid}}
		require.NoError(t, os.Chmod(filepath.Dir(p.directory), 0o755))
		require.NoError(t, os.Chown(p.directory, int(owner.Uid), int(owner.Gid)))
	}
	out, err := p.command("initdb", "-D", p.data(), "-U", "postgres", "-A", "trust", "-E", "UTF8", "--locale=C", "-N").CombinedOutput()
	require.NoError(t, err, "%s", out)
	t.Cleanup(func() { p.end(syscall.SIGQUIT) }) // which waits for its sessions, that write into the directory
	p.start(t)
	return p
}

func (p *postmaster) data() string { return filepath.Join(p.directory, "data") }

func (p *postmaster) url() string {
	return "postgres://postgres@/postgres?sslmode=disable&host=" + url.QueryEscape(p.directory)
}

func (p *postmaster) command(name string, arguments ...string) *exec.Cmd {
	command := exec.Command(filepath.Join(filepath.Dir(p.program), name), arguments...)
	command.SysProcAttr, command.Dir = p.account, p.directory
	return command
}

// start starts the server once the sessions of a killed one have ended, which no
// new one may share its memory with.
func (p *postmaster) start(t *testing.T) {
	t.Helper()
	require.Eventually(t, func() bool {
		p.end(syscall.SIGKILL)
		p.process = p.command("postgres", "-D", p.data(), "-c", "listen_addresses=", "-c", "unix_socket_directories="+p.directory, "-c", "fsync=off", "-c", "shared_buffers=16MB")
		if p.process.Start() != nil {
			p.process = nil
			return false
		}
		for range 100 {
			db, err := scratch.Connect(context.Background(), p.url())
			if err == nil {
				return db.Close() == nil
			}
			if syscall.Kill(p.process.Process.Pid, 0) != nil {
				return false
			}
			time.Sleep(20 * time.Millisecond)
		}
		return false
	}, 2*time.Minute, 10*time.Millisecond)
}

// end ends the server; killed, it can clean up nothing.
func (p *postmaster) end(how syscall.Signal) {
	if p.process == nil {
		return
	}
	sessions := p.sessions()
	_ = p.process.Process.Signal(how)
	if how == syscall.SIGKILL { // sessions that are busy would not notice, and go on
		for _, pid := range sessions {
			_ = syscall.Kill(pid, syscall.SIGKILL)
		}
	}
	_ = p.process.Wait()
	p.process = nil
}

// sessions are the processes that the server has started.
func (p *postmaster) sessions() []int {
	pid := strconv.Itoa(p.process.Process.Pid)
	text, err := os.ReadFile("/proc/" + pid + "/task/" + pid + "/children")
	if err != nil {
		return nil
	}
	var list []int
	for _, word := range strings.Fields(string(text)) {
		if child, err := strconv.Atoi(word); err == nil {
			list = append(list, child)
		}
	}
	return list
}

// The server is killed at one step after the other, and started again.
func TestServerKilledAtEachStep(t *testing.T) {
	server := scratchtest.Server(t)
	dir := work(t)
	want, events := undisturbed(t, server, dir)
	p := newPostmaster(t, scratchtest.In(t, server, "").DB())
	killed := 0
	for at := 1; at <= events; at += 3 { // the next run begins where this one ended
		seen, lost := 0, false
		o := defaults()
		o.Observe = func(apply.Event) {
			if seen++; seen == at%5+2 {
				lost = true
				p.end(syscall.SIGKILL)
			}
		}
		err := childUp(p.url(), o, read(t, dir))
		if err != nil {
			require.True(t, lost, "%v", err)
			require.ErrorContains(t, err, "run the same command again", "at %d", at)
		}
		if lost {
			killed++
			p.start(t)
		}
	}
	require.Greater(t, killed, 10)
	require.NoError(t, childUp(p.url(), defaults(), read(t, dir)))
	db, err := scratch.Connect(context.Background(), p.url())
	require.NoError(t, err)
	defer db.Close()
	require.Equal(t, want, state(t, db))
}
