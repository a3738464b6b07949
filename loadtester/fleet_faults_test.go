package main

import (
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// slack is what a busy machine may add to the times in which faults are noticed.
const slack = 6 * time.Second

// field is a server to load and agents that may, with what is needed to call them.
type field struct {
	url    string
	hits   *atomic.Int64
	nats   string
	agents []*running
}

// newField starts agents, whose flags are given one agent a string.
func newField(t *testing.T, nats string, flags ...string) *field {
	t.Helper()
	f := &field{hits: new(atomic.Int64), nats: nats}
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		f.hits.Add(1)
		switch r.URL.Path {
		case "/away":
			http.Redirect(w, r, "http://127.0.0.1:1/", http.StatusFound)
		case "/slow":
			time.Sleep(20 * time.Millisecond)
		case "/steady": // far more than what else the machine does adds
			time.Sleep(150 * time.Millisecond)
		}
	}))
	t.Cleanup(s.Close)
	f.url = s.URL
	for i, more := range flags {
		args := []string{"agent", "--nats", nats, "--allow-target", f.host(), "--name", fmt.Sprint("m", i)}
		f.agents = append(f.agents, start(t, append(args, strings.Fields(more)...)...))
	}
	return f
}

func (f *field) host() string { return strings.TrimPrefix(f.url, "http://") }

// load begins a load that all agents do.
func (f *field) load(t *testing.T, args ...string) *running {
	t.Helper()
	fixed := []string{f.url, "--nats", f.nats, "--agents", fmt.Sprint(len(f.agents)), "--agents-wait", "60", "--json", "-v"}
	return start(t, append(fixed, args...)...)
}

// quiet waits until the server gets nothing any more.
func (f *field) quiet(t *testing.T) {
	t.Helper()
	require.Eventually(t, func() bool {
		before := f.hits.Load()
		time.Sleep(300 * time.Millisecond)
		return f.hits.Load() == before
	}, time.Minute, time.Millisecond)
}

// requireLost holds a result to the first agent being lost and the second one whole.
func requireLost(t *testing.T, run *running, why string) {
	t.Helper()
	require.Equal(t, 1, run.status(t), run.log.String())
	r := run.result(t)
	require.Equal(t, "partial", r.Status)
	require.Len(t, r.Agents, 2)
	for _, a := range r.Agents {
		if a.Name == "m1" {
			require.Empty(t, a.Missing)
			continue
		}
		require.Contains(t, a.Missing, why)
		require.GreaterOrEqual(t, a.LastSecond, 1)
		require.Positive(t, a.Requests, "what it sent before counts")
	}
	require.Equal(t, r.Agents[0].Requests+r.Agents[1].Requests, r.Results[0].TotalRequests)
	require.Contains(t, run.log.String(), "PARTIAL: 1 of 2 agents lost: m0")
}

func TestAnAgentThatDiesOrStalls(t *testing.T) {
	t.Parallel()
	for name, signal := range map[string]syscall.Signal{"dies": syscall.SIGKILL, "stalls": syscall.SIGSTOP, "is stopped": syscall.SIGTERM} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			f := newField(t, startNATS(t, 0).ClientURL(), "", "")
			run := f.load(t, "--rate", "100", "-d", "6")
			run.says(t, "second=2", 1)
			began := time.Now()
			require.NoError(t, f.agents[0].Process.Signal(signal))
			run.says(t, "agent lost", 1)
			require.Less(t, time.Since(began), 3*time.Second+slack)
			why := "silent for"
			if signal == syscall.SIGTERM {
				why = "the agent was stopped"
			}
			requireLost(t, run, why)
			if signal == syscall.SIGSTOP {
				require.NoError(t, f.agents[0].Process.Signal(syscall.SIGCONT))
				f.agents[0].says(t, "load stopped", 1)
				f.quiet(t)
			}
		})
	}
}

func TestAnAgentThatIsCutOff(t *testing.T) {
	t.Parallel()
	nats := startNATS(t, 0)
	wall := newWall(t, nats.Addr().String())
	f := newField(t, nats.ClientURL(), "", "")
	f.agents[0].Process.Kill() //nolint:errcheck // another one takes its place, behind the wall
	f.agents[0] = start(t, "agent", "--nats", "nats://"+wall.address, "--allow-target", f.host(), "--name", "m0")
	f.agents[0].says(t, "ready", 1)
	run := f.load(t, "--rate", "100", "-d", "7")
	run.says(t, "second=2", 1)
	began := time.Now()
	wall.up.Store(true)
	run.says(t, "agent lost", 1)
	require.Less(t, time.Since(began), 3*time.Second+slack)
	f.agents[0].says(t, "the coordinator is gone: load stopped", 1)
	require.Less(t, time.Since(began), 5*time.Second+slack)
	requireLost(t, run, "silent for")
}

// wall is a way to a server on which everything is dropped once it is up, and
// connections stay open, as when packets are.
type wall struct {
	address string
	up      atomic.Bool
}

func newWall(t *testing.T, to string) *wall {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	w := &wall{address: l.Addr().String()}
	var mu sync.Mutex
	var open []net.Conn
	t.Cleanup(func() {
		l.Close() //nolint:errcheck // it ends
		mu.Lock()
		defer mu.Unlock()
		for _, conn := range open {
			conn.Close() //nolint:errcheck // likewise
		}
	})
	pass := func(from, to net.Conn) {
		buf := make([]byte, 1<<16)
		for {
			n, err := from.Read(buf)
			if err != nil {
				return
			}
			if w.up.Load() {
				continue
			}
			if _, err := to.Write(buf[:n]); err != nil {
				return
			}
		}
	}
	go func() {
		for {
			in, err := l.Accept()
			if err != nil {
				return
			}
			out, err := net.Dial("tcp", to)
			if err != nil {
				in.Close() //nolint:errcheck // it ends
				continue
			}
			mu.Lock()
			open = append(open, in, out)
			mu.Unlock()
			go pass(in, out)
			go pass(out, in)
		}
	}()
	return w
}

func TestACoordinatorThatDies(t *testing.T) {
	t.Parallel()
	for name, embedded := range map[string]bool{"alone": false, "with its NATS": true} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var f *field
			var run *running
			if embedded {
				address := freeAddress(t)
				f = newField(t, "nats://"+address, "", "")
				run = start(t, f.url, "--nats-listen", address, "--agents", "2", "--agents-wait", "60", "--rate", "100", "-d", "60", "-v")
			} else {
				f = newField(t, startNATS(t, 0).ClientURL(), "", "")
				run = f.load(t, "--rate", "100", "-d", "60")
			}
			run.says(t, "second=1", 1)
			began := time.Now()
			require.NoError(t, run.Process.Kill())
			for _, a := range f.agents {
				a.says(t, "the coordinator is gone: load stopped", 1)
			}
			require.Less(t, time.Since(began), 5*time.Second+slack)
			f.quiet(t)
			require.Less(t, time.Since(began), 30*time.Second)
		})
	}
}

// TestNATSThatIsKilled: the server is a process that ends without a word, and another one
// takes its place.
func TestNATSThatIsKilled(t *testing.T) {
	t.Parallel()
	address := freeAddress(t)
	nats := startNATSProcess(t, address)
	dir := t.TempDir()
	logs := []string{filepath.Join(dir, "0"), filepath.Join(dir, "1")}
	f := newField(t, "nats://"+address, "--samples "+logs[0], "--samples "+logs[1])
	run := f.load(t, "--rate", "100", "-d", "60", "--requests", "500", patient)
	run.says(t, "second=1", 1)
	require.NoError(t, nats.Process.Kill())
	<-nats.ended
	before := f.hits.Load()
	require.Eventually(t, func() bool { return f.hits.Load() > before+100 }, time.Minute, 10*time.Millisecond, "the load goes on meanwhile")
	startNATSProcess(t, address)
	require.Zero(t, run.status(t), run.log.String())
	r := run.result(t)
	require.EqualValues(t, 500, r.Results[0].TotalRequests)
	requireSamples(t, f, logs, r)
}

// requireSamples ends the agents and holds a result to what they logged.
func requireSamples(t *testing.T, f *field, logs []string, r fleetResult) {
	t.Helper()
	var union []time.Duration
	for i, a := range f.agents {
		require.NoError(t, a.Process.Signal(os.Interrupt))
		a.status(t)
		union = append(union, samples(t, logs[i])...)
	}
	requireHistogram(t, histogramOf(union), r.Results[0])
}

// TestClocksThatAreWrong: two agents whose clocks are 0.6 s apart begin together, and
// the report says by how much each is wrong.
func TestClocksThatAreWrong(t *testing.T) {
	t.Parallel()
	f := newField(t, startNATS(t, 0).ClientURL(), "--clock-skew 300ms", "--clock-skew=-300ms")
	run := f.load(t, "--rate", "100", "-d", "2", patient)
	require.Zero(t, run.status(t), run.log.String())
	for _, a := range run.result(t).Agents {
		want := map[string]float64{"m0": 300, "m1": -300}[a.Name]
		require.InDelta(t, want, a.Offset, a.Trip/2+1, "an offset is known to half the time of a message there and back")
		require.InDelta(t, 0, a.Began, 250, "%s began with the others", a.Name)
	}
}

func TestALateAgentIsLeftOut(t *testing.T) {
	t.Parallel()
	f := newField(t, startNATS(t, 0).ClientURL(), "", "")
	run := f.load(t, "--rate", "100", "-d", "4", patient)
	run.says(t, "second=1", 1)
	late := start(t, "agent", "--nats", f.nats, "--allow-target", f.host(), "--name", "late")
	late.says(t, "a run has begun without this agent", 1)
	require.Zero(t, run.status(t), run.log.String())
	r := run.result(t)
	require.Len(t, r.Agents, 2)
	require.Len(t, r.Absent, 1)
	require.Equal(t, "late", r.Absent[0].Name)
	require.Contains(t, r.Absent[0].Why, "after the start")
}

func TestAnInterruptReachesAgents(t *testing.T) {
	t.Parallel()
	f := newField(t, startNATS(t, 0).ClientURL(), "", "")
	run := f.load(t, "--rate", "100", "-d", "60", patient)
	run.says(t, "second=1", 1)
	require.NoError(t, run.Process.Signal(os.Interrupt))
	require.Equal(t, 130, run.status(t))
	require.Equal(t, "interrupted", run.result(t).Status)
	require.Positive(t, run.result(t).Results[0].TotalRequests)
	for _, a := range f.agents {
		a.says(t, "free again", 1)
	}
	f.quiet(t)
}

// TestAgentsLoadWhatTheyMay: neither a URL nor a redirect nor any option leads an agent
// to where it may not connect.
func TestAgentsLoadWhatTheyMay(t *testing.T) {
	t.Parallel()
	f := newField(t, startNATS(t, 0).ClientURL(), "")
	f.agents[0].says(t, "ready", 1)
	for _, args := range [][]string{
		{"http://127.0.0.1:1/"},
		{f.url, "--connect-to", ":::1"},
		{f.url, "--connect-to", f.host() + ":127.0.0.2:"},
		{f.url, "--proxy", "http://127.0.0.1:1"},
		{f.url, "--proxy", "socks5://127.0.0.1:1"},
		{f.url, "--unix-socket", "/run/no.sock"},
		{f.url, "http://localhost:1/", "--spread"},
	} {
		run := start(t, append(args, "--nats", f.nats, "--agents", "1", "--agents-wait", "1", "-d", "1")...)
		require.Equal(t, 1, run.status(t), "%v", args)
		require.Contains(t, run.log.String(), "m0: it may not load ", "%v", args)
		require.Contains(t, run.log.String(), "start it with --allow-target ", "%v", args)
	}
	run := f.load(t, "--requests", "4", "--threads", "1")
	require.Zero(t, run.status(t), run.log.String())
	before := f.hits.Load()
	run = start(t, f.url+"/away", "--nats", f.nats, "--agents", "1", "--agents-wait", "60", "--requests", "4", "-c", "1", "--json", patient)
	run.status(t)
	require.EqualValues(t, 4, run.result(t).Results[0].ErrorsByType["not_allowed"])
	require.EqualValues(t, 4, f.hits.Load()-before)
}

// TestModesWithAgents: what there is for one machine there is for many.
func TestModesWithAgents(t *testing.T) {
	t.Parallel()
	takeTurn(t.Cleanup)
	f := newField(t, startNATS(t, 0).ClientURL(), "", "")
	steady := *f
	steady.url += "/steady"
	saved := filepath.Join(t.TempDir(), "saved.json")
	for _, c := range []struct {
		at     *field
		status int
		args   []string
	}{
		{&steady, 0, []string{"--stages", "0.5:4,0.5:8", "-o", saved}},
		{&steady, 0, []string{"--stages", "0.5:4,0.5:8", "--compare", saved, "--tolerance", "100%"}},
		{f, 3, []string{"--requests", "20", "-c", "4", "--threshold", "p50<1ns"}},
		{f, 3, []string{"--requests", "20", "-c", "4", "--expect-status", "404"}},
		{f, 0, []string{f.url + "/slow", "--compare", "-d", "1", "-c", "2"}},
		{f, 0, []string{"--find-capacity", "-d", "1", "-c", "4", "--slo", "p99<60s"}},
		{f, 0, []string{"--warmup", "0.5", "-d", "0.5", "-c", "3"}},
	} {
		run := c.at.load(t, append(c.args, patient)...)
		require.Equal(t, c.status, run.status(t), "%v: %s", c.args, &run.log)
		r := run.result(t)
		require.Len(t, r.Agents, 2)
		for _, a := range r.Agents {
			require.Empty(t, a.Missing, "%v", c.args)
		}
		require.Positive(t, r.Results[0].TotalRequests, "%v", c.args)
	}
}

// TestNATSThatAsksForAToken: an embedded server that others can reach makes a token,
// which nobody prints, and lets nobody in without.
func TestNATSThatAsksForAToken(t *testing.T) {
	t.Parallel()
	token := filepath.Join(t.TempDir(), "token")
	address := freeAddress(t)
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { io.WriteString(w, "ok") })) //nolint:errcheck // the client may have gone
	t.Cleanup(s.Close)
	run := start(t, s.URL, "--nats-listen", strings.Replace(address, "127.0.0.1", "0.0.0.0", 1), "--nats-token", token, "--agents", "1", "--agents-wait", "60",
		"--requests", "10", "--json", patient)
	run.says(t, "agents may come", 1)
	stranger := start(t, "agent", "--nats", "nats://me:s3cret@"+address, "--allow-target", "*:*")
	require.Equal(t, 1, stranger.status(t), stranger.log.String())
	require.Contains(t, stranger.log.String(), "refuses these credentials")
	require.NotContains(t, stranger.log.String(), "s3cret")
	agent := start(t, "agent", "--nats", "nats://"+address, "--nats-token", token, "--allow-target", strings.TrimPrefix(s.URL, "http://"))
	require.Zero(t, run.status(t), run.log.String())
	secret, err := os.ReadFile(token)
	require.NoError(t, err)
	for _, text := range []string{run.log.String(), run.out.String(), agent.log.String()} {
		require.NotContains(t, text, strings.TrimSpace(string(secret)))
	}
	info, err := os.Stat(token)
	require.NoError(t, err)
	require.Equal(t, os.FileMode(0o600), info.Mode().Perm())
}
