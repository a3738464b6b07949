package engine

import (
	"context"
	"crypto/tls"
	"fmt"
	"io"
	"log"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/senior-backend/toolkit/loadtester/internal/plan"
	"github.com/senior-backend/toolkit/loadtester/internal/stats"
)

// onEachHTTP2 runs a test on each transport, in the clear and over TLS.
func onEachHTTP2(t *testing.T, test func(t *testing.T, load loader, serve func(http.HandlerFunc) string)) {
	for name, transport := range transports() {
		for _, secure := range []bool{false, true} {
			t.Run(fmt.Sprintf("%s, TLS %v", name, secure), func(t *testing.T) {
				t.Parallel()
				load := func(ctx context.Context, o plan.Options, adjust ...func(*plan.Plan)) *stats.Summary {
					t.Helper()
					o.HTTP2, o.Insecure = !secure, true // over TLS the server chooses it
					return loadBy(ctx, t, transport, o, adjust...)
				}
				test(t, load, func(h http.HandlerFunc) string { return serveHTTP2(t, secure, h) })
			})
		}
	}
}

// serveHTTP2 starts a server that speaks HTTP/2 only.
func serveHTTP2(t *testing.T, secure bool, handler http.HandlerFunc) string {
	t.Helper()
	server := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.ProtoMajor != 2 {
			w.WriteHeader(http.StatusHTTPVersionNotSupported)
			return
		}
		handler(w, r)
	}))
	server.Config.Protocols = new(http.Protocols)
	server.Config.Protocols.SetUnencryptedHTTP2(!secure)
	server.Config.Protocols.SetHTTP2(secure)
	if secure {
		server.TLS = &tls.Config{NextProtos: []string{"h2"}}
		server.StartTLS()
	} else {
		server.Start()
	}
	t.Cleanup(server.Close)
	return server.URL
}

func TestHTTP2CountsEveryRequest(t *testing.T) {
	onEachHTTP2(t, func(t *testing.T, load loader, serve func(http.HandlerFunc) string) {
		var asked atomic.Uint64
		conns := sync.Map{}
		url := serve(func(w http.ResponseWriter, r *http.Request) {
			conns.Store(r.RemoteAddr, true)
			if asked.Add(1)%10 == 0 {
				w.WriteHeader(http.StatusNotFound)
			}
			io.WriteString(w, "hello")
		})
		o := options(url)
		o.Concurrency, o.Streams, o.Threads, o.Duration = 6, 5, 2, "1.2"
		s := load(context.Background(), o)
		require.Empty(t, errorsOf(s))
		require.Equal(t, asked.Load(), s.Tally.Requests()+s.Unended)
		require.Equal(t, asked.Load()/10, s.Tally.Status[404])
		require.Equal(t, s.Tally.Requests()*5, s.Tally.BodyIn)
		require.Equal(t, uint64(6), s.Tally.Opened)
		require.Greater(t, s.Tally.Requests(), uint64(60))
		found := 0
		conns.Range(func(any, any) bool { found++; return true })
		require.Equal(t, 6, found)
	})
}

// A body as large as several windows goes both ways.
func TestHTTP2BodiesAreSentAndReceivedWhole(t *testing.T) {
	const size = 1 << 20
	onEachHTTP2(t, func(t *testing.T, load loader, serve func(http.HandlerFunc) string) {
		var wrong atomic.Uint64
		url := serve(func(w http.ResponseWriter, r *http.Request) {
			n, err := io.Copy(io.Discard, r.Body)
			if n != size || err != nil || r.Header.Get("Content-Type") != "application/json" || r.Header.Get("X-Two") != "a:b, c" ||
				r.ContentLength != size || r.UserAgent() != "test" || r.URL.RequestURI() != "/a?b=c" || r.Method != "POST" {
				wrong.Add(1)
			}
			io.CopyN(w, endlessReader{}, size)
		})
		o := options(url + "/a?b=c")
		o.Method, o.Body, o.Requests, o.Concurrency, o.Streams = "POST", strings.Repeat("x", size), 20, 2, 2
		o.Headers = []string{"X-Two: a:b, c"}
		s := load(context.Background(), o)
		require.Empty(t, errorsOf(s))
		require.Zero(t, wrong.Load())
		require.Equal(t, uint64(20), s.Tally.OK.Count())
		require.Equal(t, uint64(20*size), s.Tally.BodyIn)
		require.Greater(t, s.Tally.WireOut, uint64(20*size))
	})
}

// The request reads the same as one of net/http's client, whichever form of the header
// block carries it.
func TestHTTP2RequestsArriveAsMeant(t *testing.T) {
	onEachHTTP2(t, func(t *testing.T, load loader, serve func(http.HandlerFunc) string) {
		var mu sync.Mutex
		seen := map[string]int{}
		url := serve(func(_ http.ResponseWriter, r *http.Request) {
			mu.Lock()
			defer mu.Unlock()
			user, password, _ := r.BasicAuth()
			seen[fmt.Sprint(r.Method, " ", r.Host, " ", r.URL, " ", user, ":", password, " ", len(r.Header.Get("X-Long")), r.Header["Cookie"], r.Header["Connection"])]++
		})
		o := options(strings.Replace(url, "://", "://me:secret@", 1) + "/path?x=%20y")
		// The long one is more than a dynamic table holds.
		o.Headers = []string{"X-Long: " + strings.Repeat("v", 5000), "Cookie: a=b", "Host: example.org:99", "Connection: keep-alive"}
		o.Requests = 5
		s := load(context.Background(), o)
		require.Equal(t, uint64(5), s.Tally.OK.Count())
		mu.Lock()
		defer mu.Unlock()
		require.Equal(t, map[string]int{"GET example.org:99 /path?x=%20y me:secret 5000 [a=b] []": 5}, seen)
	})
}

func TestHTTP2KeepsToASchedule(t *testing.T) {
	onEachHTTP2(t, func(t *testing.T, load loader, serve func(http.HandlerFunc) string) {
		var asked atomic.Uint64
		url := serve(func(http.ResponseWriter, *http.Request) {
			if asked.Add(1) == 50 {
				time.Sleep(500 * time.Millisecond)
			}
		})
		o := options(url)
		o.Rate, o.Duration, o.Streams, o.MaxConnections = 200, "1", 10, 3
		s := load(context.Background(), o)
		require.Empty(t, errorsOf(s))
		require.Equal(t, uint64(200), s.Tally.OK.Count()+s.Unsent)
		require.LessOrEqual(t, s.Tally.Opened, uint64(3))
		require.GreaterOrEqual(t, s.Tally.OK.Max(), 500*time.Millisecond)
	})
}

func TestHTTP2TimeoutsEndTheirStreamsOnly(t *testing.T) {
	onEachHTTP2(t, func(t *testing.T, load loader, serve func(http.HandlerFunc) string) {
		var asked atomic.Uint64
		url := serve(func(w http.ResponseWriter, r *http.Request) {
			switch asked.Add(1) {
			case 3:
				<-r.Context().Done() // until the client resets the stream
			case 4:
				io.WriteString(w, "begun")
				w.(http.Flusher).Flush()
				<-r.Context().Done()
			default:
				time.Sleep(time.Millisecond) // so that the connection is not silent meanwhile
			}
		})
		o := options(url)
		o.Timeout, o.Requests, o.Streams = "1.5", 3000, 4
		s := load(context.Background(), o)
		require.Equal(t, map[string]uint64{"timeout_first_byte": 1, "timeout_body": 1}, errorsOf(s))
		require.Equal(t, uint64(2998), s.Tally.OK.Count())
		require.Equal(t, uint64(1), s.Tally.Opened)
	})
}

func TestHTTP2FollowsRedirects(t *testing.T) {
	onEachHTTP2(t, func(t *testing.T, load loader, serve func(http.HandlerFunc) string) {
		// Where redirects lead, HTTP/2 may be unknown.
		there := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { w.WriteHeader(200 + r.ProtoMajor) })
		plain, secure := httptest.NewServer(there), httptest.NewTLSServer(there)
		t.Cleanup(plain.Close)
		t.Cleanup(secure.Close)
		url := serve(func(w http.ResponseWriter, r *http.Request) {
			switch r.URL.Path {
			case "/":
				http.Redirect(w, r, "/next", http.StatusFound)
			case "/loop":
				http.Redirect(w, r, "/loop", http.StatusFound)
			case "/plain":
				http.Redirect(w, r, plain.URL, http.StatusFound)
			case "/secure":
				http.Redirect(w, r, secure.URL, http.StatusFound)
			}
		})
		o := options(url)
		o.Requests, o.Streams = 10, 2
		s := load(context.Background(), o)
		require.Empty(t, errorsOf(s))
		require.Equal(t, uint64(10), s.Tally.Status[200])
		require.Equal(t, uint64(10), s.Tally.Redirects)

		for _, path := range []string{"/plain", "/secure"} {
			o = options(url + path)
			o.Requests = 5
			s = load(context.Background(), o)
			require.Empty(t, errorsOf(s), path)
			require.Equal(t, uint64(5), s.Tally.Status[201], path)
		}

		o = options(url + "/loop")
		o.Requests = 2
		s = load(context.Background(), o)
		require.Equal(t, map[string]uint64{"redirects": 2}, errorsOf(s))
	})
}

func TestHTTP2HeadAndEmptyAnswers(t *testing.T) {
	onEachHTTP2(t, func(t *testing.T, load loader, serve func(http.HandlerFunc) string) {
		url := serve(func(w http.ResponseWriter, r *http.Request) {
			w.Header().Set("Content-Length", "1000")
			if r.Method != "HEAD" {
				w.Header().Del("Content-Length")
				w.WriteHeader(http.StatusNoContent)
			}
		})
		for method, status := range map[string]int{"HEAD": 200, "DELETE": 204} {
			o := options(url)
			o.Method, o.Requests = method, 5
			s := load(context.Background(), o)
			require.Empty(t, errorsOf(s))
			require.Equal(t, uint64(5), s.Tally.Status[status])
			require.Zero(t, s.Tally.BodyIn)
		}
	})
}

func TestHTTP2NoKeepAliveOpensAConnectionForEach(t *testing.T) {
	onEachHTTP2(t, func(t *testing.T, load loader, serve func(http.HandlerFunc) string) {
		url := serve(func(http.ResponseWriter, *http.Request) {})
		o := options(url)
		o.Requests, o.NoKeepAlive, o.Concurrency = 20, true, 4
		s := load(context.Background(), o)
		require.Empty(t, errorsOf(s))
		require.Equal(t, uint64(20), s.Tally.OK.Count())
		require.Equal(t, uint64(20), s.Tally.Opened)
	})
}

// What a handler aborts is a stream that the server resets; its connection goes on.
func TestHTTP2ResetsAreCounted(t *testing.T) {
	onEachHTTP2(t, func(t *testing.T, load loader, serve func(http.HandlerFunc) string) {
		var asked atomic.Uint64
		url := serve(func(w http.ResponseWriter, _ *http.Request) {
			if n := asked.Add(1); n%3 == 0 {
				if n%2 == 0 {
					io.WriteString(w, "begun")
					w.(http.Flusher).Flush()
				}
				panic(http.ErrAbortHandler)
			}
		})
		o := options(url)
		o.Requests = 30
		s := load(context.Background(), o)
		require.Equal(t, map[string]uint64{"stream_reset": 10}, errorsOf(s))
		require.Equal(t, uint64(10), s.Tally.Resets)
		require.Equal(t, uint64(20), s.Tally.OK.Count())
		require.Equal(t, uint64(1), s.Tally.Opened)
	})
}

func TestNewExplainsMissingHTTP2(t *testing.T) {
	url := serve(t, func(http.ResponseWriter, *http.Request) {})
	secure := httptest.NewUnstartedServer(nil)
	secure.Config.ErrorLog = log.New(io.Discard, "", 0)
	secure.StartTLS()
	t.Cleanup(secure.Close)
	for _, tt := range []struct{ url, want string }{
		{url, "the server answers in another protocol"},
		{secure.URL, "the server offers no HTTP/2 over TLS"},
	} {
		o := options(tt.url)
		o.HTTP2, o.Insecure = true, true
		p, err := o.Validate()
		require.NoError(t, err)
		_, err = New(context.Background(), p, &p.Targets[0])
		require.ErrorContains(t, err, tt.want)
		require.ErrorContains(t, err, "leave out --http2")
	}
}

// What is filled in anew each time is the same as over HTTP/1.1.
func TestHTTP2RequestsAreFilledIn(t *testing.T) {
	onEachHTTP2(t, func(t *testing.T, load loader, serve2 func(http.HandlerFunc) string) {
		var asked recorded
		handler := func(_ http.ResponseWriter, r *http.Request) {
			if body, err := io.ReadAll(r.Body); err == nil {
				asked.add(fmt.Sprint(r.Method, r.URL, r.ContentLength, r.Header["X-Id"], r.Header["User-Agent"], r.Header["Content-Type"], string(body)))
			}
		}
		for _, change := range []func(*plan.Options){
			func(o *plan.Options) { o.URLs[0] += "/{{seq}}/x?q={{uuid}}" },
			func(o *plan.Options) { o.Headers = []string{"X-Id: {{uuid}}", "Connection: close"} },
			func(o *plan.Options) { o.Method, o.Body = "POST", `{"n": {{seq}}}` },
			func(o *plan.Options) { o.Method, o.Body, o.Headers = "PUT", "[]", []string{"X-Id: {{seq}}"} },
			func(o *plan.Options) { o.Headers = []string{"Host: h{{seq}}"} },
		} {
			o := options(serve2(handler))
			change(&o)
			o.Requests, o.Concurrency, o.Streams, o.Seed = 120, 2, 3, 5
			s := load(context.Background(), o)
			require.Equal(t, uint64(120), s.Tally.OK.Count(), "%v", errorsOf(s))
			second := asked.sorted()
			o = options(serve(t, handler))
			change(&o)
			o.Requests, o.Concurrency, o.Seed = 120, 6, 5
			s = loadBy(context.Background(), t, (*run).portable, o)
			require.Equal(t, uint64(120), s.Tally.OK.Count())
			require.Equal(t, asked.sorted(), second)
		}
	})
}
