package main

import (
	"bytes"
	"fmt"
	"math"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"golang.org/x/net/html"

	"github.com/senior-backend/toolkit/loadtester/internal/plan"
	"github.com/senior-backend/toolkit/loadtester/internal/result"
	"github.com/senior-backend/toolkit/loadtester/internal/stats"
	"github.com/senior-backend/toolkit/loadtester/internal/verdict"
	"github.com/senior-backend/toolkit/shared/report"
)

// hostile is what a server or a URL may hold to get out of where it is shown.
const hostile = `"'></td></svg></title></style><script>console.error("out")</script><img src=x onerror=console.error(1)>${1}`

// keepPage leaves a page to be looked at in the directory that $PAGES names; bench/pages.sh
// shows them to a browser.
func keepPage(t *testing.T, name string, page []byte) {
	t.Helper()
	if dir := os.Getenv("PAGES"); dir != "" {
		require.NoError(t, os.WriteFile(filepath.Join(dir, name), page, 0o600))
	}
}

// requireInert fails for a page that runs anything, loads anything, or holds what it must
// not as markup.
func requireInert(t *testing.T, page []byte) {
	t.Helper()
	root, err := html.Parse(bytes.NewReader(page))
	require.NoError(t, err)
	for node := range root.Descendants() {
		if node.Type != html.ElementNode {
			continue
		}
		require.NotContains(t, []string{"script", "img", "iframe", "object", "link", "base", "form"}, node.Data)
		for _, a := range node.Attr {
			require.False(t, strings.HasPrefix(a.Key, "on"), a.Key)
			require.False(t, strings.HasPrefix(strings.ToLower(a.Val), "javascript:"), a.Val)
		}
	}
}

// hour is a run of an hour with failures of every kind.
func hour() outcome {
	p := &plan.Plan{Concurrency: 100, Duration: time.Hour, Timeout: time.Second, KeepAlive: true, Threads: 1}
	p.Success.AddRange(200, 399)
	s := &stats.Summary{Tally: &stats.Tally{}, Run: stats.Run{Elapsed: time.Hour, Transport: "test", Started: time.Unix(1e9, 0)}}
	random := rand.New(rand.NewPCG(1, 2))
	for i := range 3600 {
		level := 1 + 0.4*math.Sin(float64(i)/300) + 0.1*random.NormFloat64()
		ms := func(f float64) time.Duration {
			return time.Duration(f * level * (1 + 0.1*random.Float64()) * float64(time.Millisecond))
		}
		second := stats.Second{
			Requests: uint64(2000 * level), Failed: uint64(60 * level),
			P50: ms(8), P90: ms(20), P99: ms(80), Max: ms(300), WireIn: 1e6,
		}
		second.Classes[2] = second.Requests - second.Failed
		second.Classes[4], second.Classes[5], second.Errors = second.Failed/3, second.Failed/3, second.Failed/3
		for k := range second.Tenths {
			second.Tenths[k] = uint32(second.Requests / 10)
		}
		s.Seconds = append(s.Seconds, second)
		for range 30 {
			s.Tally.OK.Record(ms(8 + 8*random.ExpFloat64()))
			s.Tally.Status[200]++
		}
		s.Tally.Failed.Record(ms(8))
		s.Tally.Status[503]++
	}
	t := &plan.Target{Name: "http://localhost/" + hostile, Method: "GET", Requests: make([]plan.Request, 1)}
	r := result.Of(p, t, s)
	out := outcome{records: []*result.Record{r}, baseline: r, names: [2]string{"saved", "now"}}
	out.differences, _ = verdict.Regressions(r, r, 0.1)
	out.checks = verdict.Judge(verdict.Expectations{Status: "200", Ratio: 1}, r, &stats.Summary{
		Tally: s.Tally, Answers: []stats.Answer{{Status: 503, Body: hostile}},
	})
	out.advise(p, t, r, s)
	return out
}

func TestPageOfAnHour(t *testing.T) {
	var page, text bytes.Buffer
	out := hour()
	require.NoError(t, pageOf(out, true).HTML(&page))
	require.Less(t, page.Len(), 2<<20, "bytes of the page of an hour")
	requireInert(t, page.Bytes())
	for _, title := range []string{"Throughput", "Latency over time", "p99 over time", "Answers and errors", "Latency by percentile", "no answer"} {
		require.Contains(t, page.String(), title)
	}
	keepPage(t, "hour.html", page.Bytes())
	require.NoError(t, pageOf(out, false).Text(&text, report.TextOptions{Width: 80}))
	require.NotContains(t, text.String(), "\x1b")
}

// Whatever a server sends is text in the report.
func TestPagesOfHostileServers(t *testing.T) {
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("RateLimit-Limit", hostile)
		w.Header().Set("X-RateLimit-Policy", "\u00e9"+hostile)
		w.Header().Set("Retry-After", "0")
		w.WriteHeader(http.StatusTooManyRequests)
		fmt.Fprint(w, hostile+"\x1b]0;title\x07\x1b[2J")
	}))
	t.Cleanup(server.Close)
	dir := t.TempDir()
	one, two := filepath.Join(dir, "one-second.html"), filepath.Join(dir, "pair.html")
	resultOf(t, server.URL+"/?q="+hostile, "-d", "1", "--html", one, "--expect-rate-limit", "--expect-status", "200", "-c", "2")
	resultOf(t, server.URL+"/?q="+hostile, server.URL+"/b", "--compare", "-d", "1", "--html", two, "-c", "2", "--expect-status", "429")
	three := filepath.Join(dir, "capacity.html")
	resultOf(t, server.URL+"/?q="+hostile, "--find-capacity", "-d", "1", "-c", "8", "--html", three, "--expect-status", "429", "--slo", "p99<1s")
	for _, path := range []string{one, two, three} {
		page, err := os.ReadFile(path)
		require.NoError(t, err)
		requireInert(t, page)
		require.NotContains(t, string(page), "\x1b")
		require.Contains(t, string(page), "console.error", "it is shown")
		keepPage(t, filepath.Base(path), page)
	}
}
