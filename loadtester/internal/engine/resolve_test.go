package engine

import (
	"context"
	"fmt"
	"net"
	"net/http"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"golang.org/x/net/dns/dnsmessage"

	"github.com/senior-backend/toolkit/loadtester/internal/stats"
)

// nameServer answers every name with 127.0.0.1, as long as it knows any.
func nameServer(t *testing.T, knows *atomic.Bool) *net.Resolver {
	t.Helper()
	conn, err := net.ListenPacket("udp", "127.0.0.1:0")
	require.NoError(t, err)
	t.Cleanup(func() { conn.Close() })
	go func() {
		buf := make([]byte, 2048)
		for {
			n, from, err := conn.ReadFrom(buf)
			if err != nil {
				return
			}
			var m dnsmessage.Message
			if m.Unpack(buf[:n]) != nil || len(m.Questions) == 0 {
				continue
			}
			q := m.Questions[0]
			m.Response, m.RecursionAvailable, m.Additionals = true, true, nil
			switch {
			case !knows.Load():
				m.RCode = dnsmessage.RCodeNameError
			case q.Type == dnsmessage.TypeA:
				m.Answers = []dnsmessage.Resource{{
					Header: dnsmessage.ResourceHeader{Name: q.Name, Class: q.Class, TTL: 1},
					Body:   &dnsmessage.AResource{A: [4]byte{127, 0, 0, 1}},
				}}
			}
			if answer, err := m.Pack(); err == nil {
				conn.WriteTo(answer, from)
			}
		}
	}()
	return &net.Resolver{PreferGo: true, Dial: func(ctx context.Context, _, _ string) (net.Conn, error) {
		return new(net.Dialer).DialContext(ctx, "udp", conn.LocalAddr().String())
	}}
}

// A name that stops resolving in mid-run: what has a connection goes on, what needs a new
// one fails, and goes on when the name is back.
func TestNameThatStopsResolving(t *testing.T) {
	url := serve(t, func(http.ResponseWriter, *http.Request) {})
	url = strings.Replace(url, "127.0.0.1", "api.example", 1)
	for name, transport := range transports() {
		for _, keepAlive := range []bool{true, false} {
			t.Run(fmt.Sprintf("%s, keep-alive %v", name, keepAlive), func(t *testing.T) {
				t.Parallel()
				loseName(t, transport, url, keepAlive)
			})
		}
	}
}

func loseName(t *testing.T, transport func(*run, context.Context) error, url string, keepAlive bool) {
	var knows atomic.Bool
	knows.Store(true)
	o := options(url)
	o.NoKeepAlive, o.Concurrency, o.Duration = !keepAlive, 3, "2.5"
	p, err := o.Validate()
	require.NoError(t, err)
	resolver := nameServer(t, &knows)
	e, err := newWith(context.Background(), p, &p.Targets[0], func(d *dialer) {
		d.names.resolver, d.names.age = resolver, 10*time.Millisecond
	})
	require.NoError(t, err)
	c := stats.NewCollector(0)
	r := newRun(p, e, c)
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		time.Sleep(500 * time.Millisecond)
		knows.Store(false)
		time.Sleep(500 * time.Millisecond)
		knows.Store(true)
	}()
	require.NoError(t, transport(r, context.Background()))
	<-ended
	s := c.Close()
	require.Greater(t, s.Tally.OK.Count(), uint64(50))
	if keepAlive {
		require.Empty(t, errorsOf(s))
		return
	}
	require.Positive(t, errorsOf(s)["dns"], "%v", errorsOf(s))
	require.Len(t, errorsOf(s), 1, "%v", errorsOf(s))
	require.Greater(t, s.Seconds[2].Requests, s.Seconds[2].Failed, "it comes back")
	require.Greater(t, e.dialer.names.spent().Count, uint64(2))
}
