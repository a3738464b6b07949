// Package databasetest gives tests a real PostgreSQL.
//
// A test goes in; the URL of a running private server comes out, and the server
// is gone when the test ends. It needs PostgreSQL's programs on this machine,
// in PATH or where packages put them, and refuses to go on without.
package databasetest

import (
	"database/sql"
	"net/url"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"slices"
	"strconv"
	"syscall"
	"testing"
	"time"

	"github.com/lib/pq"
	"github.com/stretchr/testify/require"
)

// Server starts a server and returns a function that makes a database in it
// with the given SQL run, and returns its URL.
func Server(t testing.TB) func(t testing.TB, name, sql string) string {
	t.Helper()
	dir, err := os.MkdirTemp("", "scaffolder-pg-") // short: a socket's path may have 107 bytes
	require.NoError(t, err)
	t.Cleanup(func() { os.RemoveAll(dir) })
	account := unprivileged(t, dir)
	data := filepath.Join(dir, "data")
	initdb := exec.Command(program(t, "initdb"), "--pgdata", data, "--username", "postgres", "--auth", "trust", "--encoding", "UTF8", "--locale", "C", "--no-sync")
	initdb.SysProcAttr, initdb.Dir = account, dir
	output, err := initdb.CombinedOutput()
	require.NoError(t, err, "%s", output)

	server := exec.Command(program(t, "postgres"), "-D", data, "-k", dir, "-c", "listen_addresses=", "-c", "fsync=off")
	server.SysProcAttr, server.Dir = account, dir
	require.NoError(t, server.Start())
	t.Cleanup(func() {
		_ = server.Process.Signal(syscall.SIGINT)
		_ = server.Wait()
	})
	return func(t testing.TB, name, statements string) string {
		t.Helper()
		admin := open(t, dir, "postgres")
		_, err := admin.Exec("CREATE DATABASE " + pq.QuoteIdentifier(name))
		require.NoError(t, err)
		_, err = open(t, dir, name).Exec(statements)
		require.NoError(t, err)
		return address(dir, name)
	}
}

func address(dir, name string) string {
	u := url.URL{Scheme: "postgres", User: url.User("postgres"), Path: "/" + name, RawQuery: url.Values{"host": {dir}}.Encode()}
	return u.String()
}

func open(t testing.TB, dir, name string) *sql.DB {
	db, err := sql.Open("postgres", address(dir, name)+"&sslmode=disable")
	require.NoError(t, err)
	t.Cleanup(func() { db.Close() })
	require.Eventually(t, func() bool { return db.Ping() == nil }, 20*time.Second, 20*time.Millisecond)
	return db
}

// unprivileged is how to run as nobody, who then owns dir, since PostgreSQL
// refuses root; nil for other users.
func unprivileged(t testing.TB, dir string) *syscall.SysProcAttr {
	if os.Geteuid() != 0 {
		return nil
	}
	nobody, err := user.Lookup("nobody")
	require.NoError(t, err)
	uid, err := strconv.Atoi(nobody.Uid)
	require.NoError(t, err)
	gid, err := strconv.Atoi(nobody.Gid)
	require.NoError(t, err)
	require.NoError(t, os.Chown(dir, uid, gid))
	return &syscall.SysProcAttr{Credential: &syscall.Credential{Uid: uint32(uid), Gid: uint32(gid)}}
}

// program finds one of PostgreSQL's programs, the newest where there are several.
func program(t testing.TB, name string) string {
	t.Helper()
	if path, err := exec.LookPath(name); err == nil {
		return path
	}
	for _, pattern := range []string{"/usr/lib/postgresql/*/bin/", "/usr/pgsql-*/bin/", "/opt/homebrew/opt/postgresql*/bin/", "/usr/local/opt/postgresql*/bin/"} {
		found, err := filepath.Glob(pattern + name)
		require.NoError(t, err)
		if len(found) > 0 {
			slices.Sort(found)
			return found[len(found)-1]
		}
	}
	require.Failf(t, "no PostgreSQL", "%s is neither in PATH nor where packages put it: install PostgreSQL 13 or newer", name)
	return ""
}
