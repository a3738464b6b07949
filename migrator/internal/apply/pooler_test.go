package apply_test

import (
	"bytes"
	"context"
	"encoding/binary"
	"fmt"
	"io"
	"net"
	"net/url"
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/senior-backend/toolkit/migrator/internal/apply"
	"github.com/senior-backend/toolkit/migrator/internal/scratch"
	"github.com/senior-backend/toolkit/migrator/internal/scratch/scratchtest"
	"github.com/senior-backend/toolkit/shared/fault"
)

// pooler stands between clients and a server, as PgBouncer does: it keeps server
// connections and gives one to a client for a transaction, or for as long as the
// client stays.
type pooler struct {
	server  string // path of the unix socket
	startup []byte
	mode    poolMode
	mu      sync.Mutex
	idle    []net.Conn // those that nobody uses
}

type poolMode int

const (
	perSession         poolMode = iota
	perTransaction              // the one that was used last
	perTransactionTurn          // one after the other
)

// take returns an idle connection, or nil.
func (p *pooler) take() (conn net.Conn) {
	p.mu.Lock()
	defer p.mu.Unlock()
	switch last := len(p.idle) - 1; {
	case last < 0:
	case p.mode == perTransactionTurn:
		conn, p.idle = p.idle[0], p.idle[1:]
	default:
		conn, p.idle = p.idle[last], p.idle[:last]
	}
	return conn
}

func (p *pooler) give(conn net.Conn) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.idle = append(p.idle, conn)
}

func (p *pooler) connect() (net.Conn, error) {
	if conn := p.take(); conn != nil {
		return conn, nil
	}
	conn, err := net.Dial("unix", p.server)
	if err == nil {
		_, err = conn.Write(p.startup)
	}
	if err == nil {
		_, err = relay(conn, io.Discard, 'Z')
	}
	return conn, err
}

// relay copies messages up to one of the type and returns its body.
func relay(from io.Reader, to io.Writer, until byte) ([]byte, error) {
	for {
		head := make([]byte, 5)
		if _, err := io.ReadFull(from, head); err != nil {
			return nil, err
		}
		body := make([]byte, binary.BigEndian.Uint32(head[1:])-4)
		if _, err := io.ReadFull(from, body); err != nil {
			return nil, err
		}
		if _, err := to.Write(append(head, body...)); err != nil {
			return nil, err
		}
		if head[0] == until || head[0] == 'Q' || head[0] == 'X' {
			return append(head[:1], body...), nil
		}
	}
}

// serve talks to one client. Each request is forwarded up to its end, and the
// answer up to the server's being ready again.
func (p *pooler) serve(client net.Conn) {
	defer client.Close()
	length := make([]byte, 4)
	if _, err := io.ReadFull(client, length); err != nil {
		return
	}
	if _, err := io.CopyN(io.Discard, client, int64(binary.BigEndian.Uint32(length))-4); err != nil {
		return
	}
	_, _ = client.Write([]byte("R\x00\x00\x00\x08\x00\x00\x00\x00K\x00\x00\x00\x0c\x00\x00\x00\x01\x00\x00\x00\x01Z\x00\x00\x00\x05I"))
	var server net.Conn
	for {
		var request bytes.Buffer
		last, err := relay(client, &request, 'S')
		if err != nil || last[0] == 'X' {
			break
		}
		if server == nil {
			if server, err = p.connect(); err != nil {
				return
			}
		}
		_, _ = server.Write(request.Bytes())
		ready, err := relay(server, client, 'Z')
		if err != nil {
			return
		}
		if ready[1] == 'I' && p.mode != perSession {
			p.give(server)
			server = nil
		}
	}
	if server != nil {
		_ = server.Close() // with what its session had left
	}
}

// behind starts a pooler and returns the database's URL through it.
func behind(t *testing.T, database *scratch.Database, mode poolMode) string {
	t.Helper()
	target, err := url.Parse(database.URL())
	require.NoError(t, err)
	parameters := fmt.Sprintf("user\x00%s\x00database\x00%s\x00\x00", target.User.Username(), target.Path[1:])
	startup := binary.BigEndian.AppendUint32(nil, uint32(8+len(parameters)))
	startup = append(binary.BigEndian.AppendUint32(startup, 196608), parameters...)
	p := &pooler{server: target.Query().Get("host") + "/.s.PGSQL.5432", startup: startup, mode: mode}
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	t.Cleanup(func() {
		_ = listener.Close()
		for conn := p.take(); conn != nil; conn = p.take() {
			_ = conn.Close()
		}
	})
	go func() {
		for {
			client, err := listener.Accept()
			if err != nil {
				return
			}
			go p.serve(client)
		}
	}()
	return fmt.Sprintf("postgres://%s@%s%s?sslmode=disable", target.User.Username(), listener.Addr(), target.Path)
}

func TestPoolersInTransactionModeAreRefused(t *testing.T) {
	database := scratchtest.Database(t, "")
	dir := directory(t, "1.sql", "CREATE TABLE t ();")

	for _, mode := range []poolMode{perTransaction, perTransactionTurn} {
		through, err := scratch.Connect(context.Background(), behind(t, database, mode))
		require.NoError(t, err)
		_, err = apply.Open(context.Background(), through, defaults())
		var environment *fault.Environment
		require.ErrorAs(t, err, &environment, mode)
		require.Contains(t, environment.Message, "a pooler in transaction mode")
		require.Contains(t, environment.Hint, "connect to the PostgreSQL server itself")
		require.ErrorContains(t, apply.Direct(context.Background(), through), "a pooler in transaction mode")
		require.Equal(t, "0", value[string](t, through, "SELECT current_setting('lock_timeout')"), "no setting stays behind for others")
		require.NoError(t, through.Close())
	}
	require.True(t, value[bool](t, database.DB(), "SELECT to_regnamespace('migrator') IS NULL"))

	through, err := scratch.Connect(context.Background(), behind(t, database, perSession))
	require.NoError(t, err)
	defer through.Close()
	_, err = up(t, through, defaults(), read(t, dir))
	require.NoError(t, err)
	require.True(t, value[bool](t, database.DB(), "SELECT to_regclass('t') IS NOT NULL"))
}

func TestOneConnectionIsEnough(t *testing.T) {
	server := scratchtest.Server(t)
	database := scratchtest.In(t, server, "")
	_, err := database.DB().Exec("CREATE ROLE single LOGIN CONNECTION LIMIT 1; GRANT ALL ON SCHEMA public TO single")
	require.NoError(t, err)
	_, err = database.DB().Exec("DO $$ BEGIN EXECUTE format('GRANT ALL ON DATABASE %I TO single', current_database()); END $$")
	require.NoError(t, err)
	db, err := scratch.Connect(context.Background(), strings.Replace(database.URL(), "postgres@", "single@", 1))
	require.NoError(t, err)
	defer db.Close()
	_, err = up(t, db, defaults(), read(t, directory(t, "1.sql", "CREATE TABLE t ();\nSELECT pg_sleep(0.5);")))
	require.NoError(t, err)
	_, err = database.DB().Exec("DROP OWNED BY single; DROP ROLE single")
	require.NoError(t, err)
}
