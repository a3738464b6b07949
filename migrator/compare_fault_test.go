package main

import (
	"context"
	"encoding/binary"
	"io"
	"net"
	"net/url"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/rs/zerolog"
	"github.com/stretchr/testify/require"

	"github.com/senior-backend/toolkit/migrator/internal/scratch"
	"github.com/senior-backend/toolkit/migrator/internal/scratch/scratchtest"
)

// cutter stands between the tool and its server and cuts the connection that
// sends the message of a number.
type cutter struct {
	server string // path of the server's socket
	at     int64
	seen   atomic.Int64
}

// listen returns the directory of a socket that leads through the cutter.
func (c *cutter) listen(t *testing.T) string {
	t.Helper()
	dir, err := os.MkdirTemp("/tmp", "cut-")
	require.NoError(t, err)
	listener, err := net.Listen("unix", filepath.Join(dir, filepath.Base(c.server)))
	require.NoError(t, err)
	t.Cleanup(func() {
		_ = listener.Close()
		_ = os.RemoveAll(dir)
	})
	go func() {
		for {
			client, err := listener.Accept()
			if err != nil {
				return
			}
			go c.pass(client)
		}
	}()
	return dir
}

// pass forwards one connection, message by message in the client's direction.
func (c *cutter) pass(client net.Conn) {
	defer client.Close()
	server, err := net.Dial("unix", c.server)
	if err != nil {
		return
	}
	defer server.Close()
	go func() {
		_, _ = io.Copy(client, server)
		_ = client.Close()
	}()
	for first := true; ; first = false {
		head := make([]byte, 5)
		if first { // the startup message has no type
			head = head[1:]
		}
		if _, err := io.ReadFull(client, head); err != nil {
			return
		}
		body := make([]byte, binary.BigEndian.Uint32(head[len(head)-4:])-4)
		if _, err := io.ReadFull(client, body); err != nil {
			return
		}
		if !first && (head[0] == 'Q' || head[0] == 'P') && c.seen.Add(1) == c.at {
			return
		}
		if _, err := server.Write(append(head, body...)); err != nil {
			return
		}
	}
}

// faults is a database and a schema file that it is to become.
type faults struct {
	url, target string
	server      *scratch.Server
}

func newFaults(t *testing.T) faults {
	t.Helper()
	server := scratchtest.Server(t)
	database := scratchtest.In(t, server, "CREATE TABLE t (id int PRIMARY KEY, v text); CREATE VIEW w AS SELECT v FROM t;")
	target := filepath.Join(t.TempDir(), "target.sql")
	require.NoError(t, os.WriteFile(target, []byte("CREATE TABLE t (id bigint PRIMARY KEY, v varchar(9), n int DEFAULT 1); CREATE VIEW w AS SELECT v FROM t; CREATE INDEX i ON t (n);"), 0o600))
	return faults{url: database.URL(), target: target, server: server}
}

// compare runs the tool and returns the files it wrote.
func (f faults) compare(t *testing.T, connection string) ([]string, error) {
	t.Helper()
	o := options{Connection: connection, Compare: f.target, Output: filepath.Join(t.TempDir(), "out"), Comparing: compareOptions{Plan: "online"}}
	s := streams{in: strings.NewReader(""), out: io.Discard, err: io.Discard, log: zerolog.Nop(), now: time.Now}
	err := run(context.Background(), o, s)
	files, globErr := filepath.Glob(filepath.Join(o.Output, "*"))
	require.NoError(t, globErr)
	return files, err
}

func (f faults) leftDatabases(t *testing.T) int {
	t.Helper()
	db, err := scratch.Connect(context.Background(), f.server.URL())
	require.NoError(t, err)
	defer db.Close()
	var n int
	require.NoError(t, db.QueryRow("SELECT count(*) FROM pg_database WHERE datname LIKE 'migrator_scratch_%'").Scan(&n))
	return n
}

// A connection that is lost at any statement leaves no half of a migration, and
// what the run left on the server is gone after the next. MIGRATOR_TEST_FAULTS=all
// loses it at each message, a number such as 3 at every third, otherwise at some.
func TestConnectionLostDuringCompare(t *testing.T) {
	f := newFaults(t)
	through := func(at int) (string, *cutter) {
		parsed, err := url.Parse(f.url)
		require.NoError(t, err)
		query := parsed.Query()
		c := &cutter{server: filepath.Join(query.Get("host"), ".s.PGSQL."+query.Get("port")), at: int64(at)}
		query.Set("host", c.listen(t))
		parsed.RawQuery = query.Encode()
		return parsed.String(), c
	}
	whole, counter := through(0)
	files, err := f.compare(t, whole)
	require.NoError(t, err)
	require.Len(t, files, 2)
	messages := int(counter.seen.Load())
	require.Greater(t, messages, 50)

	step := messages/10 + 1
	switch every := os.Getenv("MIGRATOR_TEST_FAULTS"); every {
	case "":
	case "all":
		step = 1
	default:
		step, err = strconv.Atoi(every)
		require.NoError(t, err, "MIGRATOR_TEST_FAULTS")
	}
	for at := 1; at <= messages; at += step {
		t.Logf("message %d of %d", at, messages)
		cut, _ := through(at)
		files, err := f.compare(t, cut)
		if err == nil { // all was written by then, or it was opened anew
			require.Len(t, files, 2, "message %d", at)
			continue
		}
		require.Empty(t, files, "message %d: %v", at, err)
	}
	require.Eventually(t, func() bool { // the server notices the death of a connection by and by
		_, err := f.compare(t, f.url)
		require.NoError(t, err)
		return f.leftDatabases(t) == 1
	}, time.Minute, 100*time.Millisecond)
}

// Runs at once on one server do not disturb each other.
func TestComparesAtOnce(t *testing.T) {
	f := newFaults(t)
	var group sync.WaitGroup
	errs := make([]error, 4)
	written := make([][]string, len(errs))
	for n := range errs {
		group.Go(func() { written[n], errs[n] = f.compare(t, f.url) })
	}
	group.Wait()
	for n, err := range errs {
		require.NoError(t, err)
		require.Len(t, written[n], 2)
	}
	require.Equal(t, 1, f.leftDatabases(t))
}

// A role that may not make databases gets a private server, where the roles that
// the schema names are known, too.
func TestCompareWithoutTheRightToMakeDatabases(t *testing.T) {
	f := newFaults(t)
	db, err := scratch.Connect(context.Background(), f.url)
	require.NoError(t, err)
	defer db.Close()
	_, err = db.Exec("CREATE ROLE plain LOGIN; CREATE ROLE \"some reader\"; GRANT SELECT ON t TO \"some reader\"; ALTER TABLE t OWNER TO plain; ALTER VIEW w OWNER TO plain; GRANT CREATE, USAGE ON SCHEMA public TO plain")
	require.NoError(t, err)
	defer func() {
		_, err := db.Exec("DROP OWNED BY plain; DROP OWNED BY \"some reader\"; DROP ROLE plain, \"some reader\"")
		require.NoError(t, err)
	}()
	files, err := f.compare(t, strings.Replace(f.url, "postgres@", "plain@", 1))
	require.NoError(t, err)
	require.Len(t, files, 2)
	up, err := os.ReadFile(files[0])
	require.NoError(t, err)
	require.Contains(t, string(up), `REVOKE SELECT ON TABLE public.t FROM "some reader"`)
}
