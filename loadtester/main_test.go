package main

import (
	"context"
	"encoding/json"
	"flag"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"runtime"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/rogpeppe/go-internal/testscript"
	"github.com/stretchr/testify/require"

	"github.com/senior-backend/toolkit/shared/cmdline"
)

// waiting is how many tests may wait at once for what takes its time, such as noticing
// that an agent is silent.
const waiting = 6

// turns are for tests that measure: as many at once as there are processors.
var turns = make(chan struct{}, runtime.GOMAXPROCS(0))

// takeTurn waits for a turn, and gives it back in the end.
func takeTurn(atEnd func(func())) {
	turns <- struct{}{}
	atEnd(func() { <-turns })
}

func TestMain(m *testing.M) {
	_ = flag.Set("test.parallel", strconv.Itoa(max(waiting, runtime.GOMAXPROCS(0)))) // unless the command line says otherwise
	testscript.Main(m, map[string]func(){"loadtester": main, "jittering": serveJittering, "nats": serveNATS})
}

// TestScripts runs the command against real servers: $URL answers as its handler says,
// $TLS the same over TLS with a certificate that nobody trusts, $HTTP2 and $TLS2 speak
// HTTP/2, $CLOSED is a port on which nothing listens.
func TestScripts(t *testing.T) {
	plain := httptest.NewServer(handler())
	t.Cleanup(plain.Close)
	secure := httptest.NewTLSServer(handler())
	t.Cleanup(secure.Close)
	plain2, secure2 := httptest.NewUnstartedServer(handler()), httptest.NewUnstartedServer(handler())
	plain2.Config.Protocols = new(http.Protocols)
	plain2.Config.Protocols.SetUnencryptedHTTP2(true)
	plain2.Start()
	t.Cleanup(plain2.Close)
	secure2.EnableHTTP2 = true
	secure2.StartTLS()
	t.Cleanup(secure2.Close)
	testscript.Run(t, testscript.Params{
		Dir: "testdata/script",
		Setup: func(env *testscript.Env) error {
			takeTurn(env.Defer)
			env.Setenv("URL", plain.URL)
			env.Setenv("HOSTPORT", plain.Listener.Addr().String())
			env.Setenv("TLS", secure.URL)
			env.Setenv("HTTP2", plain2.URL)
			env.Setenv("TLS2", secure2.URL)
			env.Setenv("CLOSED", "http://127.0.0.1:1") // no server that other tests start gets so low a port
			return nil
		},
		Cmds: map[string]func(*testscript.TestScript, bool, []string){"status": exitStatus, "holds": holds},
	})
}

// handler is the server that the scripts load.
func handler() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("/", func(w http.ResponseWriter, _ *http.Request) { fmt.Fprint(w, "hello") })
	mux.HandleFunc("/slow", func(w http.ResponseWriter, _ *http.Request) { time.Sleep(20 * time.Millisecond) })
	mux.HandleFunc("/slower", func(http.ResponseWriter, *http.Request) { time.Sleep(400 * time.Millisecond) })
	mux.HandleFunc("/stuck", func(_ http.ResponseWriter, r *http.Request) { <-r.Context().Done() })
	mux.HandleFunc("/missing", func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusNotFound) })
	mux.HandleFunc("/validated", func(w http.ResponseWriter, r *http.Request) {
		var body struct{ Email string }
		if err := json.NewDecoder(r.Body).Decode(&body); err != nil || r.Header.Get("Content-Type") != "application/json" {
			w.WriteHeader(http.StatusUnsupportedMediaType)
			return
		}
		http.Error(w, `{"error":"email \x1b[31m is invalid"}`, http.StatusBadRequest)
	})
	mux.HandleFunc("/insecure", func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "text/html")
		w.Header().Set("Server", "nginx/1.2")
		w.Header().Set("X-Powered-By", "Express")
		w.Header().Add("Set-Cookie", "session=s3cret; Path=/")
		fmt.Fprint(w, "<p>")
	})
	mux.HandleFunc("/secure", func(w http.ResponseWriter, _ *http.Request) {
		for name, value := range map[string]string{
			"Content-Type": "application/json", "Strict-Transport-Security": "max-age=31536000; includeSubDomains",
			"Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'", "X-Content-Type-Options": "nosniff",
			"Referrer-Policy": "no-referrer", "Cross-Origin-Opener-Policy": "same-origin", "Cross-Origin-Resource-Policy": "same-origin",
			"Set-Cookie": "__Host-id=s3cret; Path=/; Secure; HttpOnly; SameSite=Lax",
		} {
			w.Header().Set(name, value)
		}
		fmt.Fprint(w, "{}")
	})
	mux.HandleFunc("/echo", func(w http.ResponseWriter, r *http.Request) {
		if r.Header.Get("X-Token") != "a:b, c" || r.Header.Get("Accept") != "text/plain" {
			w.WriteHeader(http.StatusForbidden)
		}
	})
	mux.HandleFunc("/form", func(w http.ResponseWriter, r *http.Request) {
		wrong := r.ParseMultipartForm(1<<20) != nil && r.ParseForm() != nil
		kind, _, _ := strings.Cut(r.Header.Get("Content-Type"), ";")
		if wrong || r.Method != "POST" || kind != r.URL.Query().Get("kind") || r.PostForm.Get("a") != "x & y" || len(r.PostForm.Get("b")) == 0 {
			w.WriteHeader(http.StatusBadRequest)
		}
	})
	mux.HandleFunc("/json", func(w http.ResponseWriter, r *http.Request) {
		if r.Method != "DELETE" || r.Header.Get("Content-Type") != "application/json" || json.NewDecoder(r.Body).Decode(new(struct {
			ID   int
			User string
		})) != nil {
			w.WriteHeader(http.StatusBadRequest)
		}
	})
	mux.HandleFunc("/user/{id}", func(w http.ResponseWriter, r *http.Request) {
		var body struct{ Name string }
		if json.NewDecoder(r.Body).Decode(&body) != nil || body.Name == "" || r.PathValue("id") != r.Header.Get("X-Id") {
			w.WriteHeader(http.StatusBadRequest)
		}
	})
	mux.Handle("/api/", http.StripPrefix("/api", mux))
	mux.HandleFunc("/flaky", func(w http.ResponseWriter, _ *http.Request) {
		if time.Now().Second()%2 == 0 {
			w.WriteHeader(http.StatusServiceUnavailable)
		}
	})
	mux.HandleFunc("/old", func(w http.ResponseWriter, r *http.Request) { http.Redirect(w, r, "/", http.StatusFound) })
	workers := make(chan struct{}, 2)
	mux.HandleFunc("/two", func(http.ResponseWriter, *http.Request) {
		workers <- struct{}{}
		time.Sleep(10 * time.Millisecond)
		<-workers
	})
	mux.HandleFunc("/windows", limited(func(r *http.Request) string { return "all" }))
	mux.HandleFunc("/trusting", limited(func(r *http.Request) string { return r.Header.Get("X-Forwarded-For") }))
	var asked atomic.Int64
	mux.HandleFunc("/limited", func(w http.ResponseWriter, _ *http.Request) {
		if n := asked.Add(1); n > 20 && n <= 50 {
			w.Header().Set("Retry-After", "0")
			w.Header().Set("RateLimit-Limit", "20")
			w.WriteHeader(http.StatusTooManyRequests)
		}
	})
	return mux
}

// limited lets each client, as key knows it, send 20 requests in a second.
func limited(key func(*http.Request) string) http.HandlerFunc {
	const limit = 20
	var lock sync.Mutex
	sent := map[string]int{}
	window := time.Now()
	return func(w http.ResponseWriter, r *http.Request) {
		lock.Lock()
		defer lock.Unlock()
		if time.Since(window) > time.Second {
			window = time.Now()
			clear(sent)
		}
		who := key(r)
		sent[who]++
		w.Header().Set("RateLimit-Policy", `"default";q=20;w=1`)
		if sent[who] > limit {
			w.Header().Set("Retry-After", "1")
			w.WriteHeader(http.StatusTooManyRequests)
		}
	}
}

// exitStatus is `status N command…`: the command must end with that exit status, its
// output is then that of the last exec.
func exitStatus(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 2 {
		ts.Fatalf("usage: status N command [args...]")
	}
	err := ts.Exec(args[1], args[2:]...)
	got := "0"
	if err != nil {
		got = fmt.Sprint(err)
		var code int
		if _, scanErr := fmt.Sscanf(got, "exit status %d", &code); scanErr == nil {
			got = fmt.Sprint(code)
		}
	}
	if got != args[0] {
		ts.Fatalf("exit status %s, wanted %s", got, args[0])
	}
}

// holds is `holds FILE key…`: the first result in the JSON file has the keys.
func holds(ts *testscript.TestScript, neg bool, args []string) {
	var document struct {
		Status  string
		Results []map[string]any
	}
	ts.Check(json.Unmarshal([]byte(ts.ReadFile(args[0])), &document))
	if len(document.Results) == 0 {
		ts.Fatalf("%s holds no result", args[0])
	}
	for _, key := range args[1:] {
		if _, ok := document.Results[0][key]; ok == neg {
			ts.Fatalf("%s: key %s: present %v", args[0], key, ok)
		}
	}
}

// An interrupt ends the run with what was measured and status 130, be it early in a
// comparison, when only one of the targets was loaded.
func TestInterruptReports(t *testing.T) {
	for name, tt := range map[string]struct {
		args    []string
		after   int64 // requests; more than there are connections, so some were answered
		results int
	}{
		"one target":             {[]string{"/"}, 100, 1},
		"several targets":        {[]string{"/", "/b"}, 100, 1},
		"comparison, just begun": {[]string{"/", "/b", "--compare", "--rate", "200"}, 125, 1},
		"comparison":             {[]string{"/", "/b", "--compare", "--rate", "100", "-d", "20"}, 300, 2},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			ctx, cancel := context.WithCancel(context.Background())
			t.Cleanup(cancel)
			var asked atomic.Int64
			server := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) {
				if asked.Add(1) == tt.after {
					cancel()
				}
			}))
			t.Cleanup(server.Close)
			path := t.TempDir() + "/result.json"
			out, err := os.Create(t.TempDir() + "/out.txt")
			require.NoError(t, err)
			defer out.Close()
			args := []string{"loadtester", "-d", "300", "-o", path}
			for _, a := range tt.args {
				if strings.HasPrefix(a, "/") {
					a = server.URL + a
				}
				args = append(args, a)
			}
			status := cmdline.Run(ctx, newApp(), args, nil, out, io.Discard)
			require.Equal(t, 130, status)
			text, err := os.ReadFile(path)
			require.NoError(t, err)
			var document struct {
				Status  string
				Results []struct {
					Total       uint64 `json:"total_requests"`
					Interrupted bool
				}
			}
			require.NoError(t, json.Unmarshal(text, &document))
			require.Equal(t, "interrupted", document.Status)
			require.Len(t, document.Results, tt.results)
			require.True(t, document.Results[0].Interrupted)
			require.Positive(t, document.Results[0].Total)
			report, err := os.ReadFile(out.Name())
			require.NoError(t, err)
			require.Contains(t, string(report), "Interrupted: this is what was measured so far.")
		})
	}
}

// The help of the command and of what it has below it is one screen.
func TestHelpIsOneScreen(t *testing.T) {
	for _, args := range [][]string{{"loadtester", "--help"}, {"loadtester", "agent", "--help"}} {
		var out strings.Builder
		require.Zero(t, cmdline.Run(context.Background(), newApp(), args, nil, &out, io.Discard))
		require.Contains(t, out.String(), "--nats")
		require.LessOrEqual(t, strings.Count(out.String(), "\n"), 54)
	}
}

// The documentation names every flag.
func TestDocumentationNamesEveryFlag(t *testing.T) {
	text, err := os.ReadFile("../docs/loadtester.md")
	require.NoError(t, err)
	for _, option := range newApp().Flags {
		for _, name := range option.Names() {
			dashes := "--"
			if len(name) == 1 {
				dashes = "-"
			}
			require.Contains(t, string(text), dashes+name)
		}
	}
}
