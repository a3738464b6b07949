package result

import (
	"encoding/csv"
	"fmt"
	"io"
	"math"
	"strconv"
)

// columns of a table of figures; times are milliseconds but for start and seconds.
var columns = []string{
	"target", "concurrency", "start", "seconds", "requests", "failed", "requests_per_second",
	"p50", "p90", "p99", "max", "bytes", "1xx", "2xx", "3xx", "4xx", "5xx", "no_answer",
}

// Rows writes figures as CSV with a head line: a row for each second of the records, and
// for a record without a series, such as one of a slice or of a step, one row. Names tell
// the records apart; nil means their methods and URLs.
func Rows(to io.Writer, records []*Record, names []string) error {
	w := csv.NewWriter(to)
	w.Write(columns) //nolint:errcheck // kept for w.Error
	for i, r := range records {
		name := title(r)
		if names != nil {
			name = names[i]
		}
		start := r.StartedAt.Sub(records[0].StartedAt).Seconds()
		if len(r.Series) == 0 {
			w.Write(r.row(name, start)) //nolint:errcheck // kept for w.Error
		}
		for k, p := range r.Series {
			length := min(1, max(r.DurationSeconds-float64(k), 0))
			w.Write(p.row(name, r.Concurrency, start+float64(k), length)) //nolint:errcheck // kept for w.Error
		}
	}
	w.Flush()
	if err := w.Error(); err != nil {
		return fmt.Errorf("write CSV: %w", err)
	}
	return nil
}

func (p Point) row(name string, concurrency int, start, length float64) []string {
	rate := 0.0
	if length > 0 {
		rate = float64(p.Requests) / length
	}
	row := []string{
		name, strconv.Itoa(concurrency), decimal(start), decimal(length), whole(p.Requests), whole(p.Failed), decimal(rate),
		decimal(p.P50), decimal(p.P90), decimal(p.P99), decimal(p.Max), whole(p.Bytes),
	}
	for _, key := range []string{"1xx", "2xx", "3xx", "4xx", "5xx", NoAnswer} {
		row = append(row, whole(p.Outcomes[key]))
	}
	return row
}

func (r *Record) row(name string, start float64) []string {
	p := Point{
		Requests: r.TotalRequests, Failed: r.FailedRequests, P50: r.LatencyP50, P90: r.LatencyP90, P99: r.LatencyP99,
		Max: r.LatencyMax, Bytes: r.WireBytesReceived, Outcomes: map[string]uint64{},
	}
	answered := uint64(0)
	for status, n := range r.StatusCodes {
		p.Outcomes[status[:1]+"xx"] += n
		answered += n
	}
	if r.TotalRequests > answered {
		p.Outcomes[NoAnswer] = r.TotalRequests - answered
	}
	return p.row(name, r.Concurrency, start, r.DurationSeconds)
}

func decimal(v float64) string { return strconv.FormatFloat(math.Round(v*1e6)/1e6, 'f', -1, 64) }
func whole(n uint64) string    { return strconv.FormatUint(n, 10) }
