package scratch

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"syscall"
	"time"
)

const (
	starting = 60 * time.Second // a server may replay what a killed run left
	stopping = 10 * time.Second
)

// process is a running postgres.
type process struct {
	cmd  *exec.Cmd
	done chan struct{} // closed when it ended
	err  error         // valid after done
}

// start runs the server and waits until it takes connections.
func (c *cluster) start(ctx context.Context, o Options) error {
	if err := c.makeSockets(); err != nil {
		return err
	}
	path := filepath.Join(c.dir, "server.log")
	log, err := os.OpenFile(path, os.O_CREATE|os.O_TRUNC|os.O_WRONLY, 0o600)
	if err != nil {
		return fmt.Errorf("open the server's log: %w", err)
	}
	defer log.Close()
	if !o.again {
		if err := c.admit(); err != nil {
			return err
		}
	}
	_ = os.WriteFile(filepath.Join(c.dir, "boot"), []byte(bootID()), 0o600)
	cmd := exec.Command(filepath.Join(c.bin.dir, "postgres"), c.settings(o)...)
	c.program(cmd)
	cmd.Stdout, cmd.Stderr = log, log
	if c.process, err = launch(cmd); err != nil {
		return fmt.Errorf("start the server: %w", err)
	}
	if err := c.awaitReady(ctx); err != nil {
		_ = c.process.end()
		if ctx.Err() != nil {
			return context.Cause(ctx)
		}
		text, _ := os.ReadFile(path)
		return fmt.Errorf("start the server: %w: %s", err, lastLine(text))
	}
	return nil
}

// admit lets everybody in who can reach the socket, with our settings, whatever
// an earlier run changed.
func (c *cluster) admit() error {
	if err := os.Truncate(filepath.Join(c.data(), "postgresql.auto.conf"), 0); err != nil {
		return fmt.Errorf("forget settings: %w", err)
	}
	path := filepath.Join(c.data(), "pg_hba.conf")
	if err := os.WriteFile(path, []byte("local all all trust\n"), 0o600); err != nil {
		return fmt.Errorf("let connections in: %w", err)
	}
	return c.account.own(path)
}

// settings make a server that is fast and alone, and forgets when it crashes.
func (c *cluster) settings(o Options) []string {
	settings := []string{
		"listen_addresses=", "unix_socket_directories=" + c.sockets, "unix_socket_permissions=0700", "port=5432",
		"fsync=off", "synchronous_commit=off", "full_page_writes=off", "autovacuum=off",
		"wal_level=minimal", "max_wal_senders=0", "archive_mode=off", "max_wal_size=1GB",
		"max_connections=50", "max_locks_per_transaction=512", "shared_buffers=64MB",
		"jit=off", "logging_collector=off", "log_destination=stderr", "log_min_messages=error",
		"lc_messages=C", "timezone=UTC", "restart_after_crash=on",
	}
	if o.Preload != "" {
		// What was counted before is another's: a cluster is used again.
		settings = append(settings, "shared_preload_libraries="+o.Preload, "pg_stat_statements.save=off")
	}
	args := []string{"-D", c.data()}
	for _, s := range append(settings, o.Settings...) {
		if name, _, _ := strings.Cut(s, "="); !slices.Contains(o.left, name) {
			args = append(args, "-c", s)
		}
	}
	return args
}

// makeSockets chooses a directory for the unix socket whose path is not too long.
func (c *cluster) makeSockets() error {
	note := filepath.Join(c.dir, "sockets-elsewhere")
	if old, err := os.ReadFile(note); err == nil {
		if strings.HasPrefix(filepath.Base(string(old)), "migrator-pg-") {
			_ = os.RemoveAll(string(old))
		}
		_ = os.Remove(note)
	}
	c.sockets = filepath.Join(c.dir, "socket")
	if len(filepath.Join(c.sockets, socketName)) > maxSocketPath {
		dir, err := os.MkdirTemp("/tmp", "migrator-pg-")
		if err != nil {
			return fmt.Errorf("make a directory for the socket: %w", err)
		}
		c.sockets = dir
		if err := os.WriteFile(note, []byte(dir), 0o600); err != nil {
			return fmt.Errorf("note the socket's directory: %w", err)
		}
	} else if err := os.Mkdir(c.sockets, 0o700); err != nil && !errors.Is(err, os.ErrExist) {
		return fmt.Errorf("make a directory for the socket: %w", err)
	}
	return c.account.own(c.sockets)
}

// awaitReady waits until the server answers a query.
func (c *cluster) awaitReady(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, starting)
	defer cancel()
	socket := filepath.Join(c.sockets, socketName)
	for {
		if _, err := os.Stat(socket); err == nil {
			db, err := Connect(ctx, c.url(superuser))
			if err == nil {
				return db.Close()
			}
		}
		select {
		case <-c.process.done:
			return errors.New("it ended at once")
		case <-ctx.Done():
			return errors.New("it does not answer")
		case <-time.After(3 * time.Millisecond):
		}
	}
}

// launch starts cmd from a thread that lives as long as cmd does: the kernel
// takes the death of the starting thread for the death of this process.
func launch(cmd *exec.Cmd) (*process, error) {
	p := &process{cmd: cmd, done: make(chan struct{})}
	started := make(chan error)
	go func() {
		runtime.LockOSThread()
		defer runtime.UnlockOSThread()
		err := cmd.Start()
		started <- err
		if err != nil {
			return
		}
		p.err = cmd.Wait()
		close(p.done)
	}()
	return p, <-started
}

// runHeld runs cmd to its end, likewise, and returns what it printed.
func runHeld(cmd *exec.Cmd) ([]byte, error) {
	var out bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &out
	p, err := launch(cmd)
	if err != nil {
		return nil, err
	}
	<-p.done
	return out.Bytes(), p.err
}

// end shuts the server down: in order, then at once, then by force.
func (p *process) end() error {
	for _, how := range []syscall.Signal{syscall.SIGINT, syscall.SIGQUIT, syscall.SIGKILL} {
		_ = p.cmd.Process.Signal(how)
		select {
		case <-p.done:
			return nil
		case <-time.After(stopping):
		}
	}
	return errors.New("the private server does not stop")
}

func lastLine(text []byte) string {
	lines := strings.Split(strings.TrimSpace(string(text)), "\n")
	for i := len(lines) - 1; i >= 0; i-- {
		if strings.Contains(lines[i], "FATAL") || strings.Contains(lines[i], "error:") {
			return lines[i]
		}
	}
	return lines[len(lines)-1]
}
