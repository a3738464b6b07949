package engine

import (
	"bufio"
	"context"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/senior-backend/toolkit/loadtester/internal/plan"
	"github.com/senior-backend/toolkit/loadtester/internal/stats"
)

// options are those of a run of one connection. Its times are such that a machine which
// has no time for the tests for seconds does no harm.
func options(url string) plan.Options {
	return plan.Options{
		URLs: []string{url}, Method: "GET", Concurrency: 1, Threads: 1,
		Duration: "120", Timeout: "20", Grace: "20", Warmup: "0", UserAgent: "test",
	}
}

// refusing is an address on which nothing listens: no server that other tests start
// gets so low a port.
const refusing = "127.0.0.1:1"

// onceQuiet calls try until it holds, five times at most. It is for what is true of a
// machine that keeps up, which a busy one does not always do.
func onceQuiet(t *testing.T, try func() (why string)) {
	t.Helper()
	var whys []string
	for range 5 {
		why := try()
		if why == "" {
			return
		}
		whys = append(whys, why)
	}
	require.Fail(t, "never held", "%s", strings.Join(whys, "\n"))
}

// transports are the ways to carry out a run.
func transports() map[string]func(*run, context.Context) error {
	all := map[string]func(*run, context.Context) error{"goroutines": (*run).portable}
	if loopFits(&run{plan: &plan.Plan{}, engine: &Engine{dialer: newDialer(&plan.Network{}, nil, nil)}}) {
		all["loops"] = (*run).loops
	}
	return all
}

// onEach runs a test on each transport.
func onEach(t *testing.T, test func(t *testing.T, load loader)) {
	for name, transport := range transports() {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			test(t, func(ctx context.Context, o plan.Options, adjust ...func(*plan.Plan)) *stats.Summary {
				t.Helper()
				return loadBy(ctx, t, transport, o, adjust...)
			})
		})
	}
}

// loader carries out a run and returns what was measured.
type loader func(ctx context.Context, o plan.Options, adjust ...func(*plan.Plan)) *stats.Summary

func loadBy(ctx context.Context, t *testing.T, transport func(*run, context.Context) error, o plan.Options, adjust ...func(*plan.Plan)) *stats.Summary {
	t.Helper()
	p, err := o.Validate()
	require.NoError(t, err)
	for _, change := range adjust {
		change(p)
	}
	e, err := New(context.Background(), p, &p.Targets[0])
	require.NoError(t, err)
	c := stats.NewCollector(p.Samples)
	r := newRun(p, e, c)
	require.NoError(t, transport(r, ctx))
	c.SetRun(r.finish(ctx))
	return c.Close()
}

// errorsOf are the kinds of error of a run with their counts.
func errorsOf(s *stats.Summary) map[string]uint64 {
	found := map[string]uint64{}
	for kind, n := range s.Tally.Errors {
		if n > 0 {
			found[stats.Kind(kind).String()] = n
		}
	}
	return found
}

// serve starts an HTTP server for a handler.
func serve(t *testing.T, handler http.HandlerFunc) string {
	t.Helper()
	server := httptest.NewServer(handler)
	t.Cleanup(server.Close)
	return server.URL
}

// rawServer calls answer for each request that comes over TCP, with its first line and
// the connection, which is closed after it, unless answer returns true.
func rawServer(t *testing.T, answer func(line string, conn *net.TCPConn) (more bool)) string {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	var wg sync.WaitGroup
	var mu sync.Mutex
	open := map[net.Conn]bool{}
	wg.Go(func() {
		for {
			conn, err := listener.Accept()
			if err != nil {
				return
			}
			mu.Lock()
			open[conn] = true
			mu.Unlock()
			wg.Go(func() {
				defer conn.Close()
				in := bufio.NewReader(conn)
				for {
					r, err := http.ReadRequest(in)
					if err != nil {
						return
					}
					if !answer(strings.TrimPrefix(r.RequestURI, "/"), conn.(*net.TCPConn)) {
						return
					}
				}
			})
		}
	})
	t.Cleanup(func() {
		listener.Close()
		mu.Lock()
		for conn := range open {
			conn.Close()
		}
		mu.Unlock()
		wg.Wait()
	})
	return "http://" + listener.Addr().String() + "/"
}

// write sends text in pieces of size bytes.
func write(conn net.Conn, text string, size int) {
	for at := 0; at < len(text); at += size {
		if _, err := conn.Write([]byte(text[at:min(at+size, len(text))])); err != nil {
			return
		}
		if size < len(text) {
			time.Sleep(time.Microsecond) // so that the pieces don't arrive as one
		}
	}
}
