package main

import (
	"bytes"
	"encoding/csv"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/HdrHistogram/hdrhistogram-go"
	"github.com/nats-io/nats-server/v2/server"
	"github.com/stretchr/testify/require"

	"github.com/senior-backend/toolkit/loadtester/internal/result"
	"github.com/senior-backend/toolkit/loadtester/internal/stats"
)

// program is the tool itself, as a process of its own, or another program that TestMain knows.
func program(t *testing.T, name string, args ...string) *exec.Cmd {
	t.Helper()
	self, err := os.Executable()
	require.NoError(t, err)
	command := exec.Command(self)
	command.Args = append([]string{name}, args...) // by this name the test binary is the program
	return command
}

// startNATS starts a server in this process, on a port of its own choice unless one is given.
func startNATS(t *testing.T, port int) *server.Server {
	t.Helper()
	if port == 0 {
		port = server.RANDOM_PORT
	}
	s, err := server.NewServer(&server.Options{Host: "127.0.0.1", Port: port, NoLog: true, NoSigs: true})
	require.NoError(t, err)
	s.Start()
	require.True(t, s.ReadyForConnections(20*time.Second))
	t.Cleanup(s.Shutdown)
	return s
}

// output is what a process prints, to be read while it does.
type output struct {
	mu   sync.Mutex
	text bytes.Buffer
}

func (o *output) Write(p []byte) (int, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.text.Write(p)
}

func (o *output) String() string {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.text.String()
}

// running is a process with what it printed.
type running struct {
	*exec.Cmd
	out, log output
	ended    chan struct{}
}

func start(t *testing.T, args ...string) *running {
	t.Helper()
	return startAs(t, "loadtester", args...)
}

func startAs(t *testing.T, name string, args ...string) *running {
	t.Helper()
	p := &running{Cmd: program(t, name, args...), ended: make(chan struct{})}
	p.Stdout, p.Stderr = &p.out, &p.log
	require.NoError(t, p.Start())
	go func() {
		p.Wait() //nolint:errcheck // the state tells
		close(p.ended)
	}()
	t.Cleanup(func() {
		p.Process.Kill() //nolint:errcheck // it may have ended
		<-p.ended
	})
	return p
}

// says waits until the process has logged a text so many times.
func (p *running) says(t *testing.T, text string, times int) {
	t.Helper()
	require.Eventually(t, func() bool { return strings.Count(p.log.String(), text) >= times }, time.Minute, 20*time.Millisecond,
		"%q in %s", text, &p.log)
}

// status waits for the process's end.
func (p *running) status(t *testing.T) int {
	t.Helper()
	select {
	case <-p.ended:
	case <-time.After(2 * time.Minute):
		require.Fail(t, "still running", p.log.String())
	}
	return p.ProcessState.ExitCode()
}

// fleetResult is what tests look at in the JSON result.
type fleetResult struct {
	Status  string           `json:"status"`
	Results []*result.Record `json:"results"`
	Agents  []agentRecord    `json:"agents"`
	Absent  []struct {
		Name, Why string
	} `json:"agents_left_out"`
}

func (p *running) result(t *testing.T) fleetResult {
	t.Helper()
	var r fleetResult
	require.NoError(t, json.Unmarshal([]byte(p.out.String()), &r), "%s%s", &p.out, &p.log)
	return r
}

// patient makes agents count as lost only after long: what isn't about that must not
// depend on how busy the machine is.
const patient = "--agent-timeout=60"

// counting is a server that counts what the requests say they are.
func counting(t *testing.T) (url string, seen func() map[string]int) {
	var mu sync.Mutex
	counts := map[string]int{}
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		mu.Lock()
		counts["seq "+r.URL.Query().Get("seq")]++
		counts["row "+r.Header.Get("X-Row")]++
		mu.Unlock()
		fmt.Fprint(w, "ok")
	}))
	t.Cleanup(s.Close)
	return s.URL, func() map[string]int {
		mu.Lock()
		defer mu.Unlock()
		return counts
	}
}

// TestEightAgentsAreOneRun: rates, requests and rows of eight agents make up the whole,
// and the histogram is that of all samples.
func TestEightAgentsAreOneRun(t *testing.T) {
	url, seen := counting(t)
	dir := t.TempDir()
	nats := startNATS(t, 0).ClientURL()
	host := strings.TrimPrefix(url, "http://")
	var agents []*running
	var logs []string
	for i := range 2 {
		logs = append(logs, filepath.Join(dir, fmt.Sprint("samples", i)))
		agents = append(agents, start(t, "agent", "--nats", nats, "--allow-target", host, "--name", fmt.Sprint("m", i), "--instances", "4", "--samples", logs[i]))
	}
	const rate, seconds = 300, 3
	rows := []string{"id"}
	for i := range rate * seconds {
		rows = append(rows, fmt.Sprint("r", i))
	}
	data := filepath.Join(dir, "rows.csv")
	require.NoError(t, os.WriteFile(data, []byte(strings.Join(rows, "\n")), 0o600))
	run := start(t, url+"/?seq={{seq}}", "-H", "X-Row: {{.id}}", "--data", data, "--rate", strconv.Itoa(rate),
		"--requests", strconv.Itoa(rate*seconds), "-d", "30", // the number ends it, so that a busy machine is only late
		"--nats", nats, "--agents", "8", "--agents-wait", "60", patient, "--json", "--threshold", "rps>1")
	require.Zero(t, run.status(t), run.log.String())
	r := run.result(t)

	require.Equal(t, "success", r.Status)
	require.EqualValues(t, rate*seconds, r.Results[0].TotalRequests)
	require.Zero(t, r.Results[0].FailedRequests)
	require.Len(t, r.Agents, 8)
	sum := 0.0
	for _, a := range r.Agents {
		sum += a.Rate
		require.InDelta(t, rate*seconds/8, float64(a.Requests), 1, a.Name)
		require.Empty(t, a.Missing)
	}
	require.Equal(t, float64(rate), sum)
	counts := seen()
	for i := range rate * seconds {
		require.Equal(t, 1, counts[fmt.Sprint("seq ", i+1)], "request %d", i)
		require.Equal(t, 1, counts[fmt.Sprint("row r", i)], "row %d", i)
	}

	var union []time.Duration
	for i, p := range agents {
		require.NoError(t, p.Process.Signal(os.Interrupt))
		p.status(t)
		union = append(union, samples(t, logs[i])...)
	}
	requireHistogram(t, histogramOf(union), r.Results[0])
}

func histogramOf(all []time.Duration) *stats.Histogram {
	h := &stats.Histogram{}
	for _, took := range all {
		h.Record(took)
	}
	return h
}

// samples are the durations in a log of samples.
func samples(t *testing.T, path string) []time.Duration {
	file, err := os.Open(path)
	require.NoError(t, err)
	defer file.Close()
	lines, err := csv.NewReader(file).ReadAll()
	require.NoError(t, err)
	var took []time.Duration
	for _, line := range lines[1:] {
		n, err := strconv.ParseInt(line[2], 10, 64)
		require.NoError(t, err)
		require.Equal(t, "true", line[4])
		took = append(took, time.Duration(n))
	}
	return took
}

// requireHistogram holds a result to the histogram of what was logged.
func requireHistogram(t *testing.T, want *stats.Histogram, got *result.Record) {
	t.Helper()
	millis := func(d time.Duration) float64 { return float64(d) / float64(time.Millisecond) }
	require.Equal(t, want.Count(), got.SuccessfulRequests)
	require.Equal(t, millis(want.Min()), got.LatencyMin)
	require.Equal(t, millis(want.Max()), got.LatencyMax)
	for q, value := range map[float64]float64{0.5: got.LatencyP50, 0.9: got.LatencyP90, 0.95: got.LatencyP95, 0.99: got.LatencyP99, 0.999: got.LatencyP999} {
		require.Equal(t, millis(want.Quantile(q)), value, "p%v", q*100)
	}
	require.InEpsilon(t, millis(want.Mean()), got.LatencyAvg, 1e-6)
	h := hdrhistogram.New(1, int64(time.Hour), 3)
	for bar := range want.Bars {
		require.NoError(t, h.RecordValues(int64(bar.From), int64(bar.Count)))
	}
	encoded, err := h.Encode(hdrhistogram.V2CompressedEncodingCookieBase)
	require.NoError(t, err)
	require.Equal(t, string(encoded), got.LatencyHistogram)
}
