package engine

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"
)

func writeFile(t *testing.T, name, text string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), name)
	require.NoError(t, os.WriteFile(path, []byte(text), 0o600))
	return path
}

// recorded is what a server was asked, in the order of the requests' numbers.
type recorded struct {
	mu  sync.Mutex
	all []string
}

func (r *recorded) add(text string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.all = append(r.all, text)
}

// sorted empties the record.
func (r *recorded) sorted() []string {
	r.mu.Lock()
	defer r.mu.Unlock()
	all := r.all
	r.all = nil
	slices.Sort(all)
	return all
}

// Each request is filled in with its own values: every number and, in order, every row
// is sent as often as the others; a seed makes a run the same as another.
func TestRequestsAreFilledIn(t *testing.T) {
	onEach(t, func(t *testing.T, load loader) {
		var asked recorded
		url := serve(t, func(_ http.ResponseWriter, r *http.Request) {
			body, err := io.ReadAll(r.Body)
			if err == nil {
				asked.add(r.URL.Path + "?" + r.URL.Query().Get("q") + " " + r.Header.Get("X-Id") + " " + string(body))
			}
		})
		o := options(url + "/u/{{.name}}?q={{seq}}")
		o.Method, o.Body = "POST", `{"n": {{randInt 1 1000}}, "name": "{{.name}}"}`
		o.Headers = []string{"X-Id: {{uuid}}"}
		o.DataFile = writeFile(t, "users.csv", "name\n\"a/b\"\"c\"\nd d\nü\n")
		o.Requests, o.Concurrency, o.Threads, o.Seed = 300, 7, 2, 5
		s := load(context.Background(), o)
		require.Equal(t, uint64(300), s.Tally.OK.Count())
		first := asked.sorted()
		require.Len(t, slices.Compact(slices.Clone(first)), 300)
		names := map[string]int{}
		for _, line := range first {
			for _, name := range []string{`/u/a/b"c?`, "/u/d d?", "/u/ü?"} {
				if strings.HasPrefix(line, name) {
					names[name]++
				}
			}
		}
		require.Equal(t, map[string]int{`/u/a/b"c?`: 100, "/u/d d?": 100, "/u/ü?": 100}, names)
		require.Contains(t, first[0], `"name": "a/b\"c"`)

		load(context.Background(), o)
		require.Equal(t, first, asked.sorted(), "the same seed")
		o.Seed = 6
		load(context.Background(), o)
		require.NotEqual(t, first, asked.sorted())
	})
}

// A request that can't be sent at once is the same one when the rest of it is sent.
func TestLargeFilledRequestsArriveWhole(t *testing.T) {
	const rows, size = 3, 4 << 20
	var data strings.Builder
	data.WriteString("x\n")
	for i := range rows {
		data.WriteString(strings.Repeat(fmt.Sprint(i), size) + "\n")
	}
	path := writeFile(t, "large.csv", data.String())
	onEach(t, func(t *testing.T, load loader) {
		var wrong recorded
		url := serve(t, func(_ http.ResponseWriter, r *http.Request) {
			body, err := io.ReadAll(r.Body)
			if err != nil || len(body) != size+3 || strings.Count(string(body), string(body[1])) != size {
				wrong.add(fmt.Sprint(len(body), err))
			}
		})
		o := options(url)
		o.Method, o.Body, o.Headers = "PUT", "<{{.x}}>{{randInt 9 9}}", []string{"Content-Type: text/plain"}
		o.DataFile, o.Requests, o.Concurrency = path, 9, 3
		s := load(context.Background(), o)
		require.Equal(t, uint64(9), s.Tally.OK.Count())
		require.Empty(t, wrong.sorted())
	})
}

// Requests that are sent together come as their weights say, are judged each by its own
// expectation and told apart in the figures.
func TestMixIsSentByWeight(t *testing.T) {
	onEach(t, func(t *testing.T, load loader) {
		url := serve(t, func(w http.ResponseWriter, r *http.Request) {
			switch r.URL.Path {
			case "/api/missing":
				w.WriteHeader(http.StatusNotFound)
			case "/api/moved":
				http.Redirect(w, r, "/nowhere", http.StatusFound)
			case "/nowhere":
				w.WriteHeader(http.StatusTeapot)
			}
		})
		o := options(url + "/api/")
		o.RequestsFile = writeFile(t, "plan.jsonl", `{"url": "/users", "weight": 3}
{"url": "missing", "expect": 404}

{"url": "/moved", "expect": [302]}
{"url": "/missing", "method": "post", "body": {"a": 1}}
`)
		o.Requests, o.Concurrency, o.Threads = 600, 4, 2
		s := load(context.Background(), o)
		require.Equal(t, uint64(500), s.Tally.OK.Count())
		require.Equal(t, uint64(100), s.Tally.Failed.Count())
		require.Equal(t, uint64(200), s.Tally.Status[404])
		require.Equal(t, uint64(100), s.Tally.Bad[404])
		require.Len(t, s.Tally.Parts, 4)
		var ok, failed []uint64
		for i := range s.Tally.Parts {
			ok = append(ok, s.Tally.Parts[i].OK.Count())
			failed = append(failed, s.Tally.Parts[i].Failed)
		}
		require.Equal(t, []uint64{300, 100, 100, 0}, ok)
		require.Equal(t, []uint64{0, 0, 0, 100}, failed)
		require.Zero(t, s.Tally.Redirects)
	})
}

// Requests to several servers go each to its own.
func TestMixOverServers(t *testing.T) {
	var a, b recorded
	first := serve(t, func(_ http.ResponseWriter, r *http.Request) { a.add(r.Host) })
	second := serve(t, func(_ http.ResponseWriter, r *http.Request) { b.add(r.Host) })
	o := options(first + "/x")
	o.URLs, o.Spread, o.Requests, o.Concurrency = append(o.URLs, second+"/y"), true, 100, 5
	s := loadBy(context.Background(), t, (*run).portable, o)
	require.Equal(t, uint64(100), s.Tally.OK.Count())
	require.Equal(t, slices.Repeat([]string{strings.TrimPrefix(first, "http://")}, 50), a.sorted())
	require.Equal(t, slices.Repeat([]string{strings.TrimPrefix(second, "http://")}, 50), b.sorted())
	require.LessOrEqual(t, s.Tally.Opened, uint64(10))
}
