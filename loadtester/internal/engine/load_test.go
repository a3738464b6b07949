package engine

import (
	"context"
	"io"
	"net"
	"net/http"
	"runtime"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/senior-backend/toolkit/loadtester/internal/plan"

	"github.com/senior-backend/toolkit/shared/fault"
)

func TestEveryRequestIsCounted(t *testing.T) {
	onEach(t, func(t *testing.T, load loader) {
		var asked atomic.Uint64
		url := serve(t, func(w http.ResponseWriter, r *http.Request) {
			n := asked.Add(1)
			if n%10 == 0 {
				w.WriteHeader(http.StatusNotFound)
			}
			io.WriteString(w, "hello")
		})
		o := options(url)
		o.Concurrency, o.Threads, o.Duration = 20, 2, "1.2"
		s := load(context.Background(), o)
		require.Empty(t, errorsOf(s))
		require.Equal(t, asked.Load(), s.Tally.Requests()+s.Unended)
		require.Equal(t, asked.Load()/10, s.Tally.Status[404])
		require.Equal(t, s.Tally.Status[404], s.Tally.Failed.Count())
		require.Equal(t, s.Tally.Requests()*5, s.Tally.BodyIn)
		require.Equal(t, uint64(20), s.Tally.Opened)
		require.Equal(t, s.Tally.Requests()-20, s.Tally.Reused)
		require.GreaterOrEqual(t, s.Elapsed, 1200*time.Millisecond)

		var inSeconds uint64
		for _, second := range s.Seconds {
			inSeconds += second.Requests
		}
		require.Equal(t, s.Tally.Requests(), inSeconds)
		require.Greater(t, s.Seconds[0].Requests, uint64(0))
	})
}

func TestBudgetIsExact(t *testing.T) {
	onEach(t, func(t *testing.T, load loader) {
		var asked atomic.Uint64
		url := serve(t, func(http.ResponseWriter, *http.Request) { asked.Add(1) })
		for _, n := range []int64{1, 7, 1003} {
			asked.Store(0)
			o := options(url)
			o.Concurrency, o.Threads, o.Requests, o.Duration = 10, 3, n, "60"
			s := load(context.Background(), o)
			require.Equal(t, uint64(n), s.Tally.OK.Count())
			require.Equal(t, uint64(n), asked.Load())
			require.Less(t, s.Elapsed, 50*time.Second, "the budget ends the run")
		}
	})
}

func TestWhatIsInFlightAtTheEnd(t *testing.T) {
	release := make(chan struct{})
	url := serve(t, func(_ http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/never" {
			select {
			case <-r.Context().Done():
			case <-release:
			}
			return
		}
		time.Sleep(1100 * time.Millisecond)
	})
	t.Cleanup(func() { close(release) }) // before the server is closed, which waits
	onEach(t, func(t *testing.T, load loader) {
		o := options(url + "/never")
		o.Concurrency, o.Duration, o.Grace = 5, "0.8", "0.1"
		began := time.Now()
		s := load(context.Background(), o)
		require.Equal(t, uint64(5), s.Unended)
		require.Zero(t, s.Tally.Requests())
		require.Less(t, time.Since(began), 15*time.Second, "before the timeout")

		o = options(url + "/late")
		o.Concurrency, o.Duration = 5, "0.8"
		s = load(context.Background(), o)
		require.Zero(t, s.Unended)
		require.Equal(t, uint64(5), s.Tally.OK.Count())
		require.Greater(t, s.Elapsed, 1090*time.Millisecond)
	})
}

// What came of answers that were cut short was received, whoever cut them short.
func TestBytesOfUnendedAnswersCount(t *testing.T) {
	const part = 100_000
	url := rawServer(t, func(path string, conn *net.TCPConn) bool {
		write(conn, "HTTP/1.1 200 OK\r\nContent-Length: 1000000\r\n\r\n"+strings.Repeat("x", part), 1<<20)
		if path == "stall" {
			io.Copy(io.Discard, conn) // until the client goes away
		}
		return false
	})
	onEach(t, func(t *testing.T, load loader) {
		for _, tt := range []struct{ path, timeout, kind string }{
			{"stall", "60", ""}, {"stall", "0.8", "timeout_body"}, {"close", "60", "connection_closed"},
		} {
			o := options(url + tt.path)
			o.Concurrency, o.Requests, o.Duration, o.Grace, o.Timeout = 3, 3, "1", "0.2", tt.timeout
			s := load(context.Background(), o)
			if tt.kind == "" {
				require.Equal(t, uint64(3), s.Unended, tt)
			} else {
				require.Equal(t, map[string]uint64{tt.kind: 3}, errorsOf(s), tt)
			}
			require.Equal(t, uint64(3*part), s.Tally.BodyIn, tt)
			require.Greater(t, s.Tally.WireIn, uint64(3*part), tt)
		}
	})
}

func TestInterruptEndsTheRun(t *testing.T) {
	release := make(chan struct{})
	url := serve(t, func(_ http.ResponseWriter, r *http.Request) {
		if r.URL.RawQuery == "slow" {
			<-release
		}
	})
	t.Cleanup(func() { close(release) }) // before the server is closed, which waits
	onEach(t, func(t *testing.T, load loader) {
		for _, query := range []string{"", "?slow"} {
			ctx, cancel := context.WithTimeout(context.Background(), time.Second)
			began := time.Now()
			o := options(url + "/" + query)
			o.Concurrency, o.Duration = 3, "60"
			s := load(ctx, o)
			cancel()
			require.Less(t, time.Since(began), 15*time.Second, "before the timeout")
			if query == "" {
				require.Greater(t, s.Tally.OK.Count(), uint64(0))
			} else {
				require.Equal(t, uint64(3), s.Unended)
			}
		}
	})
}

func TestWarmupIsNotCounted(t *testing.T) {
	onEach(t, func(t *testing.T, load loader) {
		var asked atomic.Uint64
		began := time.Now()
		url := serve(t, func(w http.ResponseWriter, _ *http.Request) {
			asked.Add(1)
			if time.Since(began) < 200*time.Millisecond {
				w.WriteHeader(500)
			}
		})
		o := options(url)
		o.Warmup, o.Duration, o.Concurrency = "0.5", "0.5", 4
		s := load(context.Background(), o, func(p *plan.Plan) { p.Samples = 3 })
		require.Zero(t, s.Tally.Failed.Count())
		require.Empty(t, s.Answers, "failures of the warm-up aren't shown")
		require.Greater(t, s.Tally.OK.Count(), uint64(0))
		require.Less(t, s.Tally.OK.Count(), asked.Load())
		require.Zero(t, s.Tally.Opened)
		require.GreaterOrEqual(t, s.Elapsed, 500*time.Millisecond)
		require.Less(t, s.Elapsed, 10*time.Second)
	})
}

// A server that dies in mid-run and comes back: what failed is told, and the rest goes on.
func TestServerRestart(t *testing.T) {
	onEach(t, func(t *testing.T, load loader) {
		start := func(address string) (*http.Server, string) {
			listener, err := net.Listen("tcp", address)
			require.NoError(t, err)
			server := &http.Server{Handler: http.HandlerFunc(func(http.ResponseWriter, *http.Request) {})}
			go server.Serve(listener)
			return server, listener.Addr().String()
		}
		server, address := start("127.0.0.1:0")
		stopped := make(chan time.Duration)
		go func() {
			time.Sleep(500 * time.Millisecond)
			began := time.Now()
			server.Close()
			time.Sleep(500 * time.Millisecond)
			server, _ = start(address)
			stopped <- time.Since(began)
		}()
		o := options("http://" + address)
		o.Concurrency, o.Duration = 8, "2.5"
		s := load(context.Background(), o)
		attempts := uint64(<-stopped/retryAfter) + 2 // of each connection, at most
		server.Close()
		require.Greater(t, errorsOf(s)["connection_refused"], uint64(8))
		require.LessOrEqual(t, errorsOf(s)["connection_refused"], 8*attempts)
		require.Greater(t, s.Tally.OK.Count(), uint64(100))
		require.GreaterOrEqual(t, s.Tally.Opened, uint64(9))
	})
}

func TestBodiesAreSentAndReceivedWhole(t *testing.T) {
	const size = 3 << 20
	onEach(t, func(t *testing.T, load loader) {
		var wrong atomic.Uint64
		url := serve(t, func(w http.ResponseWriter, r *http.Request) {
			n, err := io.Copy(io.Discard, r.Body)
			if n != size || err != nil || r.Header.Get("Content-Type") != "application/json" || r.Header.Get("X-Two") != "a:b, c" {
				wrong.Add(1)
			}
			io.CopyN(w, endlessReader{}, size)
		})
		o := options(url)
		o.Method, o.Body, o.Requests, o.Concurrency = "POST", strings.Repeat("x", size), 20, 4
		o.Headers = []string{"X-Two: a:b, c"}
		s := load(context.Background(), o)
		require.Empty(t, errorsOf(s))
		require.Zero(t, wrong.Load())
		require.Equal(t, uint64(20*size), s.Tally.BodyIn)
		require.Greater(t, s.Tally.WireOut, uint64(20*size))
	})
}

type endlessReader struct{}

func (endlessReader) Read(p []byte) (int, error) { return len(p), nil }

func TestNoKeepAliveOpensAConnectionForEach(t *testing.T) {
	url := serve(t, func(http.ResponseWriter, *http.Request) {})
	onEach(t, func(t *testing.T, load loader) {
		o := options(url)
		o.Requests, o.NoKeepAlive, o.Concurrency = 40, true, 4
		s := load(context.Background(), o)
		require.Equal(t, uint64(40), s.Tally.OK.Count())
		require.Equal(t, uint64(40), s.Tally.Opened)
	})
}

// What a run holds in memory doesn't grow with its requests, and nothing is allocated
// for one.
func TestMemoryIsConstant(t *testing.T) {
	url := rawServer(t, func(_ string, conn *net.TCPConn) bool {
		write(conn, "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok", 1<<20)
		return true
	})
	for name, transport := range transports() {
		allocated := func(requests int64) uint64 {
			var before, after runtime.MemStats
			o := options(url)
			o.Requests, o.Duration = requests, "60"
			// The server's allocations for the requests are in the same process, so a
			// bare one that reuses what it has would be needed to see none at all; what
			// is held after the run is what counts here.
			runtime.GC()
			runtime.ReadMemStats(&before)
			s := loadBy(context.Background(), t, transport, o)
			require.Equal(t, uint64(requests), s.Tally.OK.Count(), name)
			runtime.GC()
			runtime.ReadMemStats(&after)
			runtime.KeepAlive(s)
			return after.HeapAlloc - min(before.HeapAlloc, after.HeapAlloc)
		}
		allocated(100)
		few, many := allocated(1000), allocated(20_000)
		require.Less(t, many, few+(1<<20), name)
	}
}

func TestNewExplainsFailures(t *testing.T) {
	tlsOnly := rawServer(t, func(string, *net.TCPConn) bool { return false })
	for _, tt := range []struct{ name, url, want string }{
		{"closed port", "http://" + refusing, "connect to " + refusing + ": connection refused; start the server"},
		// No resolver has to be asked for a name with an empty part in it.
		{"unknown host", "http://does-not..exist/", "unknown host does-not..exist; check the name's spelling"},
		{"https to http", strings.Replace(tlsOnly, "http:", "https:", 1), "TLS handshake failed"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			p, err := options(tt.url).Validate()
			require.NoError(t, err)
			_, err = New(context.Background(), p, &p.Targets[0])
			require.ErrorContains(t, err, tt.want)
			require.Equal(t, fault.StatusFailed, fault.Status(err))
		})
	}
	t.Run("more connections than files", func(t *testing.T) {
		err := checkFileLimit(1 << 30)
		require.ErrorContains(t, err, "ulimit -n "+strconv.Itoa(1<<30+spareFiles))
	})
}
