package emit_test

import (
	"encoding/binary"
	"io"
	"net"
	"net/url"
	"path/filepath"
	"sync/atomic"
	"testing"

	"github.com/stretchr/testify/require"
)

// wire stands between a server and its database, and counts the statements.
type wire struct {
	statements atomic.Int64
	address    string // URL of the database by way of the wire
}

// newWire listens for connections to the database at a URL with a unix socket.
func newWire(t *testing.T, database string) *wire {
	t.Helper()
	to, err := url.Parse(database)
	require.NoError(t, err)
	socket := filepath.Join(to.Query().Get("host"), ".s.PGSQL."+to.Query().Get("port"))
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	t.Cleanup(func() { _ = listener.Close() })
	w := &wire{address: (&url.URL{Scheme: "postgres", User: to.User, Host: listener.Addr().String(), Path: to.Path}).String()}
	go func() {
		for {
			client, err := listener.Accept()
			if err != nil {
				return
			}
			server, err := net.Dial("unix", socket)
			if err != nil {
				_ = client.Close()
				continue
			}
			go func() {
				_, _ = io.Copy(client, server)
				_ = client.Close()
			}()
			go func() {
				w.forward(server, client)
				_ = server.Close()
			}()
		}
	}()
	return w
}

// forward passes on the messages of a client: the first has no type, each later one
// a letter and a length. P (parse) and Q (query) bring a statement.
func (w *wire) forward(server io.Writer, client io.Reader) {
	head := make([]byte, 5)
	for first := true; ; first = false {
		part := head
		if first {
			part = head[1:]
		}
		if _, err := io.ReadFull(client, part); err != nil {
			return
		}
		if !first && (head[0] == 'P' || head[0] == 'Q') {
			w.statements.Add(1)
		}
		if _, err := server.Write(part); err != nil {
			return
		}
		if _, err := io.CopyN(server, client, int64(binary.BigEndian.Uint32(head[1:]))-4); err != nil {
			return
		}
	}
}

// counts sees that the number of statements of a request does not grow with
// the number of rows.
func (w *wire) counts(c client) {
	for request, most := range map[string]int64{
		"/books?limit=50":                                                    1,
		"/books?limit=50&include=author,editor":                              3,
		"/books?limit=50&include=author,editor,author&count=true":            4,
		"/authors?limit=30&include=books,books_by_editor_id":                 3,
		"/authors/1?include=books":                                           2,
		"/books?title[like]=%25&isbn[in]=1001&isbn[in]=1002&sort=price,kind": 1,
	} {
		before := w.statements.Load()
		c.want(200, "GET", request, "")
		require.Equal(c.t, most, w.statements.Load()-before, request)
	}
}
