package main

import (
	"bufio"
	"encoding/json"
	"flag"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/senior-backend/toolkit/loadtester/internal/verdict"
)

var (
	runs    = flag.Int("runs", 2, "comparisons of a server with itself, and with a slower one")
	seconds = flag.String("seconds", "1.5", "of each of them")
	slower  = flag.Float64("slower", 1.6, "how many times as long the slower server takes")
)

// jittering takes so long for a request, and a little longer by chance.
func jittering(usual time.Duration) http.HandlerFunc {
	return func(http.ResponseWriter, *http.Request) {
		time.Sleep(usual + time.Duration(rand.ExpFloat64()*float64(usual)/10))
	}
}

// serveJittering is a command of its own, since a server in the process of the client
// competes with it for the scheduler: it serves /a, /b and /slower, which takes as many
// times as long as its argument says, prints its URL, and ends when its input does.
func serveJittering() {
	factor, err := strconv.ParseFloat(os.Args[1], 64)
	if err != nil {
		panic(err)
	}
	mux := http.NewServeMux()
	mux.HandleFunc("/a", jittering(20*time.Millisecond))
	mux.HandleFunc("/b", jittering(20*time.Millisecond))
	mux.HandleFunc("/slower", jittering(time.Duration(20e6*factor)))
	server := httptest.NewServer(mux)
	fmt.Println(server.URL)
	io.Copy(io.Discard, os.Stdin) //nolint:errcheck // either way it has ended
}

// startJittering returns the URL of a server that ends with the test.
func startJittering(t *testing.T) string {
	command := exec.Command("jittering", fmt.Sprint(*slower))
	input, err := command.StdinPipe()
	require.NoError(t, err)
	output, err := command.StdoutPipe()
	require.NoError(t, err)
	require.NoError(t, command.Start())
	t.Cleanup(func() {
		require.NoError(t, input.Close())
		require.NoError(t, command.Wait())
	})
	url, err := bufio.NewReader(output).ReadString('\n')
	require.NoError(t, err)
	return strings.TrimSpace(url)
}

// differs tells whether a comparison of two URLs finds any difference.
func differs(t *testing.T, a, b string) bool {
	var said struct {
		Comparison []struct{ Metric, Verdict string }
	}
	text, err := exec.Command("loadtester", a, b, "--compare", "-c", "4", "-d", *seconds, "--json", "--quiet").Output()
	require.NoError(t, err)
	require.NoError(t, json.Unmarshal(text, &said))
	require.NotEmpty(t, said.Comparison)
	for _, d := range said.Comparison {
		if d.Verdict != verdict.Same {
			t.Logf("%s of %s is %s", d.Metric, b, d.Verdict)
			return true
		}
	}
	return false
}

// A server that is compared with itself has no difference, and one that takes a tenth
// longer has: each in 95 of 100 runs, which bench/compare.sh does. A few here, with a
// server that is so much slower that it shows on a busy machine, find a comparison that
// always says the same.
func TestComparisonsAreRight(t *testing.T) {
	t.Parallel()
	takeTurn(t.Cleanup)
	url := startJittering(t)
	wronglyDifferent, missed := 0, 0
	for range *runs {
		if differs(t, url+"/a", url+"/b") {
			wronglyDifferent++
		}
		if !differs(t, url+"/a", url+"/slower") {
			missed++
		}
	}
	t.Logf("of %d comparisons each: %d of a server with itself found a difference, %d of a slower one found none", *runs, wronglyDifferent, missed)
	tolerable := max(1, *runs/20)
	require.LessOrEqual(t, wronglyDifferent, tolerable)
	require.LessOrEqual(t, missed, tolerable)
}

// A baseline that the Python script wrote, or this tool, is compared with a server that
// is as it was, one that is slower, and one that fails.
func TestBaselines(t *testing.T) {
	t.Parallel()
	takeTurn(t.Cleanup)
	mux := http.NewServeMux()
	mux.HandleFunc("/", pause(10*time.Millisecond))
	mux.HandleFunc("/slower", pause(40*time.Millisecond))
	mux.HandleFunc("/failing", sometimes(10, pause(10*time.Millisecond), answer(500)))
	server := httptest.NewServer(mux)
	t.Cleanup(server.Close)
	dir := t.TempDir()
	ours, python := filepath.Join(dir, "ours.json"), filepath.Join(dir, "python.json")
	resultOf(t, server.URL+"/", "-c", "4", "-d", "1.5", "-o", ours)
	writePythonResult(t, ours, python, server.URL+"/")
	for _, baseline := range []string{ours, python} {
		for path, want := range map[string]int{"/": 0, "/slower": 3, "/failing": 3} {
			status, said := 0, ""
			for range 3 { // other work of this machine may make a server look slower
				cmd := exec.Command("loadtester", server.URL+path, "--compare", baseline, "-c", "4", "-d", "1.5", "--tolerance", "50%")
				out, err := cmd.CombinedOutput()
				status, said = 0, string(out)
				if err != nil {
					require.IsType(t, &exec.ExitError{}, err)
					status = cmd.ProcessState.ExitCode()
				}
				if status == want {
					break
				}
			}
			require.Equal(t, want, status, "%s with %s: %s", path, filepath.Base(baseline), said)
			if path == "/failing" {
				require.Contains(t, said, "error_rate")
			}
		}
	}
}

// writePythonResult writes a result as the Python script did: its keys and no others.
func writePythonResult(t *testing.T, from, to, url string) {
	t.Helper()
	text, err := os.ReadFile(from)
	require.NoError(t, err)
	var saved struct{ Results []map[string]any }
	require.NoError(t, json.Unmarshal(text, &saved))
	old := map[string]any{"target_url": url}
	for _, key := range []string{
		"method", "duration_seconds", "concurrency", "total_requests", "successful_requests", "failed_requests",
		"requests_per_second", "latency_min", "latency_max", "latency_avg", "latency_p50", "latency_p90", "latency_p95",
		"latency_p99", "latency_stddev", "errors_by_type", "total_bytes_received", "throughput_mbps",
	} {
		require.Contains(t, saved.Results[0], key)
		old[key] = saved.Results[0][key]
	}
	written, err := json.Marshal(map[string]any{"status": "success", "results": []any{old}})
	require.NoError(t, err)
	require.NoError(t, os.WriteFile(to, written, 0o600))
}
