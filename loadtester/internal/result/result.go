// Package result is what a finished run means: the record that scripts read, with the
// keys they have always had, and the report that people read.
//
// A plan, a target and a summary go in; a Record comes out, and from Records the JSON
// document and a report.Document. Nothing is refused.
//
// Times in records are milliseconds, rates are per second, sizes are bytes. Latencies
// are those of successful requests; a request succeeds when its status is one of those
// expected, which without --expect-status are 200 to 399. Percentiles are nearest-rank,
// see stats.Histogram.Quantile.
package result

import (
	"fmt"
	"net/http"
	"slices"
	"time"

	"github.com/senior-backend/toolkit/loadtester/internal/plan"
	"github.com/senior-backend/toolkit/loadtester/internal/stats"
)

// Record is the result of one target.
type Record struct {
	TargetURL          string            `json:"target_url"`
	Method             string            `json:"method"`
	DurationSeconds    float64           `json:"duration_seconds"`
	Concurrency        int               `json:"concurrency"`
	TotalRequests      uint64            `json:"total_requests"`
	SuccessfulRequests uint64            `json:"successful_requests"`
	FailedRequests     uint64            `json:"failed_requests"`
	RequestsPerSecond  float64           `json:"requests_per_second"`
	LatencyMin         float64           `json:"latency_min"`
	LatencyMax         float64           `json:"latency_max"`
	LatencyAvg         float64           `json:"latency_avg"`
	LatencyP50         float64           `json:"latency_p50"`
	LatencyP90         float64           `json:"latency_p90"`
	LatencyP95         float64           `json:"latency_p95"`
	LatencyP99         float64           `json:"latency_p99"`
	LatencyStddev      float64           `json:"latency_stddev"`
	ErrorsByType       map[string]uint64 `json:"errors_by_type"`
	TotalBytesReceived uint64            `json:"total_bytes_received"`
	ThroughputMbps     float64           `json:"throughput_mbps"`

	LatencyP999       float64           `json:"latency_p999"`
	StatusCodes       map[string]uint64 `json:"status_codes"`
	ErrorRate         float64           `json:"error_rate"` // 0 to 1
	StartedAt         time.Time         `json:"started_at"`
	PlannedSeconds    float64           `json:"planned_seconds"`
	TimeoutSeconds    float64           `json:"timeout_seconds"`
	WarmupSeconds     float64           `json:"warmup_seconds"`
	Rate              float64           `json:"rate"`             // asked for; 0 without a schedule
	Stages            string            `json:"stages,omitempty"` // the load's, when it changed
	Think             string            `json:"think,omitempty"`  // pause of a connection
	Transport         string            `json:"transport"`
	Protocol          string            `json:"protocol"`
	Streams           int               `json:"streams,omitempty"` // requests at once on a connection; 0 where there is only one
	GoAways           uint64            `json:"goaways,omitempty"`
	StreamResets      uint64            `json:"stream_resets,omitempty"`
	Addresses         []string          `json:"addresses"`
	WireBytesReceived uint64            `json:"wire_bytes_received"`
	WireBytesSent     uint64            `json:"wire_bytes_sent"`
	Connections       Connections       `json:"connections"`
	Phases            map[string]Phase  `json:"phases"`
	Redirects         uint64            `json:"redirects"`
	UnendedRequests   uint64            `json:"unended_requests"` // in flight at the end; in no other figure
	LateRequests      uint64            `json:"late_requests"`
	UnsentRequests    uint64            `json:"unsent_requests"`
	ClientBusy        float64           `json:"client_busy"` // 0 to 1; from 0.9 on this machine was the bottleneck
	ServiceP50        float64           `json:"service_p50,omitempty"`
	ServiceP99        float64           `json:"service_p99,omitempty"`
	Requests          []Request         `json:"requests,omitempty"` // where several are sent together
	Events            []Event           `json:"events"`
	TCP               TCP               `json:"tcp"`
	Seed              uint64            `json:"seed,omitempty"` // where it has a part in what is sent
	Series            []Point           `json:"series"`
	Interrupted       bool              `json:"interrupted"`
	// LatencyHistogram is that of the successes in nanoseconds, in HdrHistogram's
	// compressed V2 encoding, base64.
	LatencyHistogram string `json:"latency_histogram"`

	bars   []stats.Bar
	p10    float64  // milliseconds
	tenths []uint32 // requests that ended in each tenth of a second
}

// Connections counts connections.
type Connections struct {
	Opened uint64 `json:"opened"`
	Reused uint64 `json:"reused"` // requests over a connection that had served one before
	// Retried is requests sent again since a connection turned out to be closed.
	Retried uint64 `json:"retried"`
}

// TCP is what the network did to the connections, as far as this machine's TCP knows.
type TCP struct {
	Retransmits uint64 `json:"retransmits"` // segments sent again
	OutOfOrder  uint64 `json:"out_of_order"`
}

// Phase sums up one phase of requests, in milliseconds.
type Phase struct {
	Count uint64  `json:"count"`
	Avg   float64 `json:"avg"`
	Max   float64 `json:"max"`
}

// Point is one second of a run.
type Point struct {
	Requests uint64  `json:"requests"`
	Failed   uint64  `json:"failed"`
	P50      float64 `json:"p50"`
	P90      float64 `json:"p90"`
	P99      float64 `json:"p99"`
	Max      float64 `json:"max"`
	Bytes    uint64  `json:"bytes"`
	// Outcomes counts its requests by "2xx" and the like, and "none" without an answer.
	Outcomes map[string]uint64 `json:"outcomes"`
}

// Of returns the record of a finished run.
func Of(p *plan.Plan, t *plan.Target, s *stats.Summary) *Record {
	n := s.Tally
	r := &Record{
		TargetURL: t.Name, Method: t.Method, Concurrency: p.Concurrency,
		DurationSeconds: s.Elapsed.Seconds(), PlannedSeconds: p.Duration.Seconds(),
		TimeoutSeconds: p.Timeout.Seconds(), WarmupSeconds: p.Warmup.Seconds(),
		TotalRequests: n.Requests(), SuccessfulRequests: n.OK.Count(), FailedRequests: n.Failed.Count(),
		TotalBytesReceived: n.BodyIn, WireBytesReceived: n.WireIn, WireBytesSent: n.WireOut,
		Rate: p.Rate, Stages: p.Stages, Think: p.ThinkText, Addresses: s.Addresses, StartedAt: s.Started.UTC(),
		Transport: s.Transport, Protocol: s.Protocol, Streams: s.Streams, GoAways: n.GoAways, StreamResets: n.Resets,
		Connections: Connections{Opened: n.Opened, Reused: n.Reused, Retried: n.Retried},
		Redirects:   n.Redirects, UnendedRequests: s.Unended, LateRequests: n.Late, UnsentRequests: s.Unsent,
		ClientBusy: s.Busy,
	}
	if seconds := s.Elapsed.Seconds(); seconds > 0 {
		r.RequestsPerSecond = float64(r.TotalRequests) / seconds
		r.ThroughputMbps = float64(n.BodyIn) * 8 / 1e6 / seconds
	}
	if r.TotalRequests > 0 {
		r.ErrorRate = float64(r.FailedRequests) / float64(r.TotalRequests)
	}
	r.latencies(n)
	r.answers(n)
	r.details(n, s)
	r.parts(t, n)
	r.Events = append([]Event{}, events(s)...)
	r.TCP = TCP{Retransmits: n.Resent, OutOfOrder: n.Unordered}
	if t.Random() {
		r.Seed = t.Seed
	}
	return r
}

func (r *Record) latencies(n *stats.Tally) {
	ok := &n.OK
	r.LatencyMin, r.LatencyMax, r.LatencyAvg = ms(ok.Min()), ms(ok.Max()), ms(ok.Mean())
	r.LatencyStddev = ms(ok.Deviation())
	r.p10 = ms(ok.Quantile(0.1))
	r.LatencyP50, r.LatencyP90, r.LatencyP95 = ms(ok.Quantile(0.5)), ms(ok.Quantile(0.9)), ms(ok.Quantile(0.95))
	r.LatencyP99, r.LatencyP999 = ms(ok.Quantile(0.99)), ms(ok.Quantile(0.999))
	r.ServiceP50, r.ServiceP99 = ms(n.Service.Quantile(0.5)), ms(n.Service.Quantile(0.99))
}

// answers fills in what came back by status and by kind of error. Answers whose status
// is no success are errors of the type "HTTP <status>".
func (r *Record) answers(n *stats.Tally) {
	r.StatusCodes, r.ErrorsByType = map[string]uint64{}, map[string]uint64{}
	for status, count := range n.Status {
		if count == 0 {
			continue
		}
		r.StatusCodes[fmt.Sprint(status)] = count
		if bad := n.Bad[status]; bad > 0 {
			r.ErrorsByType[fmt.Sprintf("HTTP %d", status)] = bad
		}
	}
	for kind, count := range n.Errors {
		if count > 0 {
			r.ErrorsByType[stats.Kind(kind).String()] = count
		}
	}
}

func (r *Record) details(n *stats.Tally, s *stats.Summary) {
	r.Phases = map[string]Phase{}
	for name, span := range map[string]stats.Span{
		"dns": n.Lookup, "connect": n.Connect, "tls": n.Handshake, "first_byte": n.FirstByte, "body": n.Body,
	} {
		if span.Count > 0 {
			r.Phases[name] = Phase{Count: span.Count, Avg: ms(span.Mean()), Max: ms(span.Max)}
		}
	}
	r.Series = make([]Point, 0, len(s.Seconds))
	for _, sec := range s.Seconds {
		r.Series = append(r.Series, Point{
			Requests: sec.Requests, Failed: sec.Failed, Bytes: sec.WireIn,
			P50: ms(sec.P50), P90: ms(sec.P90), P99: ms(sec.P99), Max: ms(sec.Max),
			Outcomes: outcomes(sec),
		})
		r.tenths = append(r.tenths, sec.Tenths[:]...)
	}
	r.bars = slices.Collect(n.OK.Bars)
	r.LatencyHistogram = encodeHistogram(r.bars)
}

// NoAnswer is the key of Point.Outcomes for requests without an answer.
const NoAnswer = "none"

func outcomes(sec stats.Second) map[string]uint64 {
	counts := map[string]uint64{}
	for class, n := range sec.Classes {
		if n > 0 {
			counts[fmt.Sprintf("%dxx", class)] = n
		}
	}
	if sec.Errors > 0 {
		counts[NoAnswer] = sec.Errors
	}
	return counts
}

// LatencyP10 is the 10th percentile in milliseconds; 0 of a record that was read from a
// file. What this machine does besides makes few requests faster, so it is the latency
// that is least disturbed by that.
func (r *Record) LatencyP10() float64 { return r.p10 }

// Tenths is how many requests ended in each whole tenth of a second of the run; empty
// for runs in slices.
func (r *Record) Tenths() []uint32 { return r.tenths[:min(len(r.tenths), int(r.DurationSeconds*10))] }

func ms(d time.Duration) float64 { return float64(d) / float64(time.Millisecond) }

// explain is what a key of ErrorsByType means, for a person.
func explain(name string) string {
	var status int
	if _, err := fmt.Sscanf(name, "HTTP %d", &status); err == nil {
		return http.StatusText(status)
	}
	for kind := range stats.Kinds {
		if k := stats.Kind(kind); k.String() == name {
			return k.Explain()
		}
	}
	return ""
}
