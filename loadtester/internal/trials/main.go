// Command trials holds loadtester to servers and networks whose conduct is known.
//
//	go run ./internal/trials [flags]
//
// The servers run in processes of their own on 127.0.0.1, or in network namespaces. Printed
// is, for each trial, what should be, what was, and whether that holds; the status is 1 when
// one doesn't. On a machine that has other work, latencies are above what the servers made.
//
// The trials are stall (a server that stalls for one of ten seconds at 1,000 requests a
// second), uniform, exponential and bimodal (known distributions of latency), restart (a
// server that is killed and comes back), expiry (a certificate that expires), name (a name
// that stops resolving; needs root), loss (1% of the packets lost; needs root) and many
// (10,000 connections at once).
package main

import (
	"encoding/json"
	"flag"
	"fmt"
	"io"
	"math"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"time"
)

func main() {
	if len(os.Args) > 1 && os.Args[1] == "serve" {
		if err := serve(os.Args[2:]); err != nil {
			fmt.Fprintf(os.Stderr, "trials: %v\n", err)
			os.Exit(1)
		}
		return
	}
	only := flag.String("only", "", "only the trials in this list, such as stall,loss")
	flag.Parse()
	failed, err := run(*only, os.Stderr)
	if err != nil {
		fmt.Fprintf(os.Stderr, "trials: %v\n", err)
		os.Exit(1)
	}
	if failed {
		os.Exit(1)
	}
}

// bench is what the trials have in common.
type bench struct {
	diag   io.Writer // what the programs say on the side
	dir    string
	tool   string // the loadtester
	failed bool
}

// result is what is read of a run's JSON.
type result struct {
	Total    uint64            `json:"total_requests"`
	Failed   uint64            `json:"failed_requests"`
	P50      float64           `json:"latency_p50"`
	P90      float64           `json:"latency_p90"`
	P99      float64           `json:"latency_p99"`
	P999     float64           `json:"latency_p999"`
	Max      float64           `json:"latency_max"`
	Late     uint64            `json:"late_requests"`
	Unsent   uint64            `json:"unsent_requests"`
	Errors   map[string]uint64 `json:"errors_by_type"`
	Duration float64           `json:"duration_seconds"`
	Opened   struct {
		Opened uint64 `json:"opened"`
	} `json:"connections"`
	TCP struct {
		Retransmits uint64 `json:"retransmits"`
		OutOfOrder  uint64 `json:"out_of_order"`
	} `json:"tcp"`
	Events []event `json:"events"`
}

type event struct {
	Type  string  `json:"type"`
	From  float64 `json:"from"`
	To    float64 `json:"to"`
	Count uint64  `json:"count"`
	Cause string  `json:"cause"`
}

func run(only string, diag io.Writer) (failed bool, err error) {
	dir, err := os.MkdirTemp("", "trials")
	if err != nil {
		return false, err
	}
	defer os.RemoveAll(dir)
	b := &bench{diag: diag, dir: dir, tool: filepath.Join(dir, "loadtester")}
	build := exec.Command("go", "build", "-o", b.tool, ".")
	if out, err := build.CombinedOutput(); err != nil {
		return false, fmt.Errorf("build loadtester in the current directory: %w\n%s", err, out)
	}
	wanted := strings.FieldsFunc(only, func(c rune) bool { return c == ',' })
	for _, t := range []struct {
		name string
		do   func() error
	}{
		{"stall", b.stall},
		{"uniform", b.distribution("uniform")},
		{"exponential", b.distribution("exponential")},
		{"bimodal", b.distribution("bimodal")},
		{"restart", b.restart},
		{"expiry", b.expiry},
		{"name", b.name},
		{"loss", b.loss},
		{"many", b.many},
	} {
		if len(wanted) > 0 && !slices.Contains(wanted, t.name) {
			continue
		}
		fmt.Println(t.name)
		if err := t.do(); err != nil {
			return false, fmt.Errorf("%s: %w", t.name, err)
		}
	}
	return b.failed, nil
}

// holds prints and counts one expectation.
func (b *bench) holds(ok bool, what, format string, args ...any) {
	verdict := "ok    "
	if !ok {
		verdict, b.failed = "FAILED", true
	}
	fmt.Printf("  %s  %-46s %s\n", verdict, what, fmt.Sprintf(format, args...))
}

// within holds a value to another one.
func (b *bench) within(what string, got, want, tolerance float64) {
	off := got/want - 1
	b.holds(math.Abs(off) <= tolerance, fmt.Sprintf("%s %.4g ms ± %g%%", what, want, tolerance*100), "%.4g ms (%+.2f%%)", got, off*100)
}

// load runs loadtester, in front of which a command may stand, and reads its result.
func (b *bench) load(front []string, args ...string) (result, error) {
	words := append(append(slices.Clone(front), b.tool), args...)
	c := exec.Command(words[0], append(words[1:], "--json")...)
	c.Stderr = b.diag
	out, err := c.Output()
	var document struct{ Results []result }
	if jsonErr := json.Unmarshal(out, &document); jsonErr != nil || len(document.Results) != 1 {
		return result{}, fmt.Errorf("%s: %w: no result", strings.Join(words, " "), err)
	}
	return document.Results[0], nil
}

// server is this program as a server.
type server struct {
	cmd     *exec.Cmd
	address string
}

// serve starts a server, in front of which a command may stand.
func (b *bench) serve(front []string, args ...string) (*server, error) {
	self, err := os.Executable()
	if err != nil {
		return nil, err
	}
	words := append(append(slices.Clone(front), self, "serve"), args...)
	s := &server{cmd: exec.Command(words[0], words[1:]...)}
	s.cmd.Stderr = b.diag
	out, err := s.cmd.StdoutPipe()
	if err != nil {
		return nil, err
	}
	if err := s.cmd.Start(); err != nil {
		return nil, err
	}
	line := make([]byte, 256)
	n, err := out.Read(line)
	if err != nil {
		s.stop()
		return nil, fmt.Errorf("start a server: %w", err)
	}
	go io.Copy(io.Discard, out) //nolint:errcheck // nothing more is said
	s.address = strings.TrimSpace(string(line[:n]))
	return s, nil
}

func (s *server) stop() {
	s.cmd.Process.Signal(syscall.SIGKILL) //nolint:errcheck // it has ended
	s.cmd.Wait()                          //nolint:errcheck // it was killed
}

// find is the first event of a type.
func (r *result) find(kind string) *event {
	for i := range r.Events {
		if r.Events[i].Type == kind {
			return &r.Events[i]
		}
	}
	return nil
}

func (e *event) String() string {
	if e == nil {
		return "not told"
	}
	text := fmt.Sprintf("%s from %.3g to %.3g s, %d times", e.Type, e.From, e.To, e.Count)
	if e.Cause != "" {
		text += ": " + e.Cause
	}
	return text
}

// lasted tells whether an event was there from about one second to about another.
func (e *event) lasted(from, to time.Duration) bool {
	const about = 1.6
	return e != nil && math.Abs(e.From-from.Seconds()) <= about && math.Abs(e.To-to.Seconds()) <= about
}
