package result

import (
	"fmt"
	"slices"
	"strings"

	"github.com/senior-backend/toolkit/loadtester/internal/plan"
	"github.com/senior-backend/toolkit/loadtester/internal/stats"
	"github.com/senior-backend/toolkit/shared/report"
)

// Request is the result of one of several requests that were sent together. Its latencies
// are in milliseconds, of successes, and at most 0.4% off.
type Request struct {
	Name         string            `json:"name"`
	Method       string            `json:"method"`
	Line         int               `json:"line,omitempty"` // in the requests file
	Weight       int               `json:"weight"`
	Expect       string            `json:"expect,omitempty"`
	Total        uint64            `json:"total_requests"`
	Successful   uint64            `json:"successful_requests"`
	Failed       uint64            `json:"failed_requests"`
	LatencyAvg   float64           `json:"latency_avg"`
	LatencyP50   float64           `json:"latency_p50"`
	LatencyP90   float64           `json:"latency_p90"`
	LatencyP99   float64           `json:"latency_p99"`
	LatencyMax   float64           `json:"latency_max"`
	StatusCodes  map[string]uint64 `json:"status_codes"`
	ErrorsByType map[string]uint64 `json:"errors_by_type"`
}

// parts fills in the results by request.
func (r *Record) parts(t *plan.Target, n *stats.Tally) {
	if !t.ByRequest() {
		return
	}
	for i := range t.Requests {
		request, part := &t.Requests[i], &stats.Part{}
		if i < len(n.Parts) {
			part = &n.Parts[i]
		}
		q := Request{
			Name: request.Name, Method: request.Method, Line: request.Line, Weight: request.Weight, Expect: request.Expect,
			Total: part.Requests(), Successful: part.OK.Count(), Failed: part.Failed,
			LatencyAvg: ms(part.OK.Mean()), LatencyMax: ms(part.OK.Max()),
			LatencyP50: ms(part.OK.Quantile(0.5)), LatencyP90: ms(part.OK.Quantile(0.9)), LatencyP99: ms(part.OK.Quantile(0.99)),
			StatusCodes: map[string]uint64{}, ErrorsByType: map[string]uint64{},
		}
		for _, a := range part.Answers {
			q.StatusCodes[fmt.Sprint(a.Status)] += a.Count
			if !a.Good {
				q.ErrorsByType[fmt.Sprintf("HTTP %d", a.Status)] += a.Count
			}
		}
		for kind, count := range part.Errors {
			if count > 0 {
				q.ErrorsByType[stats.Kind(kind).String()] = count
			}
		}
		r.Requests = append(r.Requests, q)
	}
}

// Title is how the request is called.
func (q *Request) Title() string { return q.Method + " " + q.Name }

// ErrorsText words what went wrong, most frequent first, in half a line.
func (q *Request) ErrorsText() string { return errorsText(q.ErrorsByType) }

// shownRequests is how many requests a report shows; the JSON result has all.
const shownRequests = 40

// requestsSection shows the requests that were sent together: all, or those that failed
// most and took longest.
func requestsSection(r *Record) report.Section {
	table := report.Table{Columns: []report.Column{
		{Head: "request"},
		{Head: "requests", Numeric: true},
		{Head: "p50", Numeric: true},
		{Head: "p99", Numeric: true},
		{Head: "failed", Numeric: true},
		{Head: "answers"},
	}}
	shown := slices.Clone(r.Requests)
	s := report.Section{Heading: "Requests"}
	if len(shown) > shownRequests {
		slices.SortStableFunc(shown, func(a, b Request) int {
			switch {
			case a.Failed != b.Failed && a.Failed > b.Failed, a.Failed == b.Failed && a.LatencyP99 > b.LatencyP99:
				return -1
			default:
				return 1
			}
		})
		shown = shown[:shownRequests]
		s.Heading = fmt.Sprintf("Requests: the %d of %s that failed most and took longest", shownRequests, Count(uint64(len(r.Requests))))
	}
	for i := range shown {
		q := &shown[i]
		failed := report.Cell{Text: Count(q.Failed)}
		if q.Failed > 0 {
			failed.Level = report.LevelBad
		}
		p50, p99 := "none", "none"
		if q.Successful > 0 {
			p50, p99 = Millis(q.LatencyP50), Millis(q.LatencyP99)
		}
		table.Rows = append(table.Rows, []report.Cell{
			{Text: q.Method + " " + below(r.TargetURL, q.Name)},
			{Text: Count(q.Total)},
			{Text: p50},
			{Text: p99},
			failed,
			{Text: q.answersText()},
		})
	}
	s.Blocks = append(s.Blocks, table)
	return s
}

// below is the name of a request without the origin that it shares with its target.
func below(target, name string) string {
	scheme, rest, ok := strings.Cut(target, "://")
	if !ok {
		return name
	}
	if end := strings.IndexAny(rest, "/?# "); end >= 0 {
		rest = rest[:end]
	}
	if path, ok := strings.CutPrefix(name, scheme+"://"+rest+"/"); ok {
		return "/" + path
	}
	return name
}

// answersText words the answers of a request, most frequent first.
func (q *Request) answersText() string {
	if q.Total == 0 {
		return "never sent, or not ended"
	}
	all := map[string]uint64{}
	for status, n := range q.StatusCodes {
		all[status] = n
	}
	for name, n := range q.ErrorsByType {
		var status int
		if _, err := fmt.Sscanf(name, "HTTP %d", &status); err != nil {
			all[name] = n
		}
	}
	return errorsText(all)
}
