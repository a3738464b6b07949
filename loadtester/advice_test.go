package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/senior-backend/toolkit/shared/cmdline"
)

// provocation is a server that gives a reason for an advice, and one that nearly does.
type provocation struct {
	server, nearMiss http.HandlerFunc
	args, missedArgs []string // missedArgs are args where there are none
	tls              bool
}

func pause(d time.Duration) http.HandlerFunc {
	return func(http.ResponseWriter, *http.Request) { time.Sleep(d) }
}

func answer(status int) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(status) }
}

// sometimes answers with the second handler once in n times, else with the first.
func sometimes(n int64, usual, rare http.HandlerFunc) http.HandlerFunc {
	var count atomic.Int64
	return func(w http.ResponseWriter, r *http.Request) {
		if count.Add(1)%n == 0 {
			rare(w, r)
			return
		}
		usual(w, r)
	}
}

// after answers with the second handler once d has passed since the first request.
func after(d time.Duration, before, then http.HandlerFunc) http.HandlerFunc {
	var once sync.Once
	var begun time.Time
	return func(w http.ResponseWriter, r *http.Request) {
		once.Do(func() { begun = time.Now() })
		if time.Since(begun) > d {
			then(w, r)
			return
		}
		before(w, r)
	}
}

// tiring has two workers, who take longer with every connection that was made. A search
// makes those of each load anew, so that its second pass meets a slower server than the
// first, however long that took.
func tiring() http.HandlerFunc {
	var lock sync.Mutex
	made := map[string]bool{}
	workers := make(chan struct{}, 2)
	return func(_ http.ResponseWriter, r *http.Request) {
		lock.Lock()
		made[r.RemoteAddr] = true
		wait := 5*time.Millisecond + time.Duration(len(made))*time.Millisecond
		lock.Unlock()
		workers <- struct{}{}
		time.Sleep(wait)
		<-workers
	}
}

// pool answers with so many workers that take 5 ms each.
func pool(size int) http.HandlerFunc {
	workers := make(chan struct{}, size)
	return func(http.ResponseWriter, *http.Request) {
		workers <- struct{}{}
		time.Sleep(5 * time.Millisecond)
		<-workers
	}
}

// stopping takes 5 ms, and stands still for a while whenever one of the moments, counted
// from the first request, has come.
func stopping(length time.Duration, moments ...time.Duration) http.HandlerFunc {
	var once sync.Once
	var begun time.Time
	return func(http.ResponseWriter, *http.Request) {
		once.Do(func() { begun = time.Now() })
		since := time.Since(begun)
		for _, at := range moments {
			if since >= at && since < at+length {
				time.Sleep(at + length - since)
			}
		}
		time.Sleep(5 * time.Millisecond)
	}
}

// body sends 256 KiB: it takes thinking before, and sending while it does.
func body(thinking, sending time.Duration) http.HandlerFunc {
	part := bytes.Repeat([]byte("x"), 64<<10)
	return func(w http.ResponseWriter, _ *http.Request) {
		time.Sleep(thinking)
		for range 4 {
			if _, err := w.Write(part); err != nil {
				return
			}
			if f, ok := w.(http.Flusher); ok {
				f.Flush()
			}
			time.Sleep(sending / 4)
		}
	}
}

func provocations() map[string]provocation {
	short := []string{"--requests", "300", "-d", "60", "-c", "4"}
	ok := pause(2 * time.Millisecond)
	ms := time.Millisecond
	return map[string]provocation{
		"server-errors":   {server: sometimes(10, ok, answer(503)), nearMiss: sometimes(10, ok, answer(404)), args: short},
		"rate-limited":    {server: sometimes(10, ok, answer(429)), nearMiss: sometimes(10, ok, answer(403)), args: short},
		"errors-begin":    {server: after(2200*ms, ok, answer(500)), nearMiss: sometimes(10, ok, answer(500)), args: []string{"-d", "3", "-c", "4"}},
		"schedule-missed": {server: pause(20 * ms), nearMiss: pause(20 * ms), args: []string{"-d", "1", "-c", "2", "--rate", "400", "--max-connections", "2"}, missedArgs: []string{"-d", "1.5", "-c", "20", "--rate", "100"}},
		"saturated":       {server: pool(2), nearMiss: pool(2), args: []string{"-d", "1", "-c", "20"}, missedArgs: []string{"-d", "1", "-c", "2"}},
		"connection-churn": {
			server: func(w http.ResponseWriter, _ *http.Request) { w.Header().Set("Connection", "close") },
			// Closing one in ten is what servers do that bound the requests of a connection.
			nearMiss: sometimes(10, ok, func(w http.ResponseWriter, _ *http.Request) { w.Header().Set("Connection", "close") }),
			args:     short,
		},
		"handshakes":   {server: answer(200), nearMiss: answer(200), args: []string{"--requests", "200", "-d", "60", "-c", "4", "--no-keepalive", "--no-verify-ssl"}, missedArgs: []string{"--requests", "1000", "-d", "60", "-c", "4", "--no-verify-ssl"}, tls: true},
		"large-bodies": {server: body(0, 20*ms), nearMiss: body(40*ms, 4*ms), args: []string{"-d", "1.5", "-c", "4"}},
		"long-tail":    {server: sometimes(50, ok, pause(200*ms)), nearMiss: sometimes(500, ok, pause(200*ms)), args: []string{"--requests", "2000", "-c", "10", "-d", "60"}},
		"two-kinds":    {server: sometimes(4, ok, pause(50*ms)), nearMiss: sometimes(50, ok, pause(50*ms)), args: []string{"--requests", "800", "-c", "10", "-d", "60"}},
		"stalls": {
			server: stopping(600*ms, 900*ms), nearMiss: stopping(100*ms, 900*ms),
			args: []string{"-d", "2.5", "-c", "8"},
		},
		"periodic-stalls": {
			server:   stopping(400*ms, 500*ms, 1500*ms, 2500*ms, 3500*ms),
			nearMiss: stopping(400*ms, 500*ms, 1000*ms, 2500*ms, 3200*ms),
			args:     []string{"-d", "4.2", "-c", "8"},
		},
	}
}

// Each advice is given where a server provokes it, and not where it nearly does. Since
// other work of this machine can make stalls and tails of its own, each has three tries.
func TestAdviceOnServers(t *testing.T) {
	for code, p := range provocations() {
		t.Run(code, func(t *testing.T) {
			t.Parallel()
			takeTurn(t.Cleanup)
			start := httptest.NewServer
			if p.tls {
				start = httptest.NewTLSServer
			}
			missed := p.missedArgs
			if missed == nil {
				missed = p.args
			}
			// Handlers remember, so each try has new ones.
			requireAdvice(t, code, true, func() string { return answers(t, start, provocations()[code].server, p.args) })
			requireAdvice(t, code, false, func() string { return answers(t, start, provocations()[code].nearMiss, missed) })
		})
	}
}

func requireAdvice(t *testing.T, code string, wanted bool, run func() string) {
	t.Helper()
	var said string
	for range 3 {
		if said = run(); slices.Contains(codesIn(t, said), code) == wanted {
			return
		}
	}
	_, advice, _ := strings.Cut(said, "\n  \"advice\":")
	require.Fail(t, "advice", "%s: given %v, wanted %v: %s", code, !wanted, wanted, advice)
}

func answers(t *testing.T, start func(http.Handler) *httptest.Server, handler http.HandlerFunc, args []string) string {
	server := start(handler)
	defer server.Close()
	server.Config.ErrorLog = nil
	return resultOf(t, append([]string{server.URL}, args...)...)
}

// resultOf is the JSON result of a run.
func resultOf(t *testing.T, args ...string) string {
	t.Helper()
	var out, diag bytes.Buffer
	status := cmdline.Run(context.Background(), newApp(), append([]string{"loadtester", "--json"}, args...), nil, &out, &diag)
	require.Contains(t, []int{0, 3}, status, "%v: %s", args, diag.String())
	return out.String()
}

func codesIn(t *testing.T, document string) []string {
	t.Helper()
	var said struct {
		Advice []struct{ Code, Message, Evidence, Action string }
	}
	require.NoError(t, json.Unmarshal([]byte(document), &said))
	var codes []string
	for _, a := range said.Advice {
		codes = append(codes, a.Code)
		for _, text := range []string{a.Message, a.Evidence, a.Action} {
			require.NotEmpty(t, text)
			require.NotContains(t, text, "NaN")
			require.NotContains(t, text, "%!")
		}
	}
	return codes
}

// A server can send what costs the client far more to read than itself to send: a body
// in chunks of one byte.
func TestAdviceOnABusyClient(t *testing.T) {
	t.Parallel()
	takeTurn(t.Cleanup)
	chunked := []byte("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n" + strings.Repeat("1\r\nx\r\n", 1<<16) + "0\r\n\r\n")
	serve := func(wait time.Duration) string {
		listener, err := net.Listen("tcp", "127.0.0.1:0")
		require.NoError(t, err)
		t.Cleanup(func() { listener.Close() })
		go func() {
			for {
				conn, err := listener.Accept()
				if err != nil {
					return
				}
				go func() {
					defer conn.Close()
					for buffer := make([]byte, 4096); ; {
						if _, err := conn.Read(buffer); err != nil {
							return
						}
						time.Sleep(wait)
						if _, err := io.Copy(conn, bytes.NewReader(chunked)); err != nil {
							return
						}
					}
				}()
			}
		}()
		return fmt.Sprintf("http://%s/", listener.Addr())
	}
	busy, paced := serve(0), serve(200*time.Millisecond)
	args := []string{"-d", "1.5", "-c", "8", "--threads", "1"}
	requireAdvice(t, "client-busy", true, func() string { return resultOf(t, append([]string{busy}, args...)...) })
	var page, diag bytes.Buffer
	require.Zero(t, cmdline.Run(context.Background(), newApp(), append([]string{"loadtester", busy}, args...), nil, &page, &diag))
	require.Contains(t, page.String(), "a floor: this machine was the limit")
	requireAdvice(t, "client-busy", false, func() string { return resultOf(t, paced, "-d", "1.5", "-c", "1", "--threads", "1", "--rate", "2") })

	search := []string{"--find-capacity", "-d", "2", "-c", "4", "--threads", "1"}
	requireAdvice(t, "client-busy", true, func() string { return resultOf(t, append([]string{busy}, search...)...) })
	idle := httptest.NewServer(pause(20 * time.Millisecond))
	t.Cleanup(idle.Close)
	requireAdvice(t, "client-busy", false, func() string { return resultOf(t, append([]string{idle.URL}, search...)...) })
}

// overloaded refuses what exceeds so many requests at once.
func overloaded(most int64) http.HandlerFunc {
	var inside atomic.Int64
	return func(w http.ResponseWriter, _ *http.Request) {
		defer inside.Add(-1)
		if inside.Add(1) > most {
			w.WriteHeader(http.StatusServiceUnavailable)
			return
		}
		time.Sleep(5 * time.Millisecond)
	}
}

// collapsing takes longer the more requests there are: more than in proportion if steep.
func collapsing(steep bool) http.HandlerFunc {
	var inside atomic.Int64
	var lock sync.Mutex
	return func(http.ResponseWriter, *http.Request) {
		n := inside.Add(1)
		defer inside.Add(-1)
		lock.Lock()
		defer lock.Unlock()
		wait := 2 * time.Millisecond
		if steep {
			wait += time.Duration(n) * time.Millisecond
		}
		time.Sleep(wait)
	}
}

func provocationsOfSearches() map[string]provocation {
	return map[string]provocation{
		"errors-at-load": {server: overloaded(6), nearMiss: overloaded(1000)},
		"rate-falls":     {server: collapsing(true), nearMiss: collapsing(false)},
		"rate-limited":   {server: sometimes(10, pause(5*time.Millisecond), answer(429)), nearMiss: sometimes(10, pause(5*time.Millisecond), answer(403))},
		"not-repeatable": {server: tiring(), nearMiss: pool(2), args: []string{"--find-capacity", "-d", "4", "-c", "32"}},
	}
}

func TestAdviceOnCapacity(t *testing.T) {
	for code, p := range provocationsOfSearches() {
		t.Run(code, func(t *testing.T) {
			t.Parallel()
			takeTurn(t.Cleanup)
			args := p.args
			if args == nil {
				args = []string{"--find-capacity", "-d", "2", "-c", "32"}
			}
			requireAdvice(t, code, true, func() string {
				return answers(t, httptest.NewServer, provocationsOfSearches()[code].server, args)
			})
			requireAdvice(t, code, false, func() string {
				return answers(t, httptest.NewServer, provocationsOfSearches()[code].nearMiss, args)
			})
		})
	}
}

// A server of which the capacity is known has it found to within a tenth.
func TestKnownCapacityIsFound(t *testing.T) {
	t.Parallel()
	takeTurn(t.Cleanup)
	const workers, service = 6, 20 * time.Millisecond
	slots := make(chan struct{}, workers)
	server := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) {
		slots <- struct{}{}
		time.Sleep(service)
		<-slots
	}))
	t.Cleanup(server.Close)
	var said string
	for range 3 { // other work of this machine may disturb one
		var result struct {
			Capacity struct {
				Knee *struct {
					Connections float64
					Rate        float64 `json:"requests_per_second"`
				}
				Target struct{ Instances int }
			}
		}
		said = resultOf(t, server.URL, "--find-capacity", "-d", "6", "-c", "32", "--target-rate", "1000")
		require.NoError(t, json.Unmarshal([]byte(said), &result))
		c := result.Capacity
		const rate = workers / 0.020
		if c.Knee != nil && near(c.Knee.Connections, workers) && near(c.Knee.Rate, rate) {
			require.InDelta(t, 4, c.Target.Instances, 1) // 1,000/s of 300/s each
			return
		}
	}
	require.Fail(t, "not within a tenth", said)
}

func near(got, want float64) bool { return got > 0.9*want && got < 1.1*want }
