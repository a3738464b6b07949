// Package verdict judges finished runs: against expectations, against a saved result,
// and one target against another.
//
// Records and summaries go in, with what was expected of them; out come Checks, which
// hold or don't, each with the figures that decided it, and Differences with the
// interval in which the truth most likely lies. Refused are thresholds that can't be
// read, and saved results that aren't results or aren't alike to the run.
package verdict

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/senior-backend/toolkit/loadtester/internal/result"
	"github.com/senior-backend/toolkit/loadtester/internal/stats"
	"github.com/senior-backend/toolkit/shared/fault"
)

// Check is one expectation and whether it held.
type Check struct {
	Name    string   `json:"name"`
	Holds   bool     `json:"holds"`
	Text    string   `json:"text"`              // what was seen, in one sentence
	Details []string `json:"details,omitempty"` // the evidence; may come from the server
}

// Expectations are what a run is judged by.
type Expectations struct {
	Status     string  // the statuses expected, as given; empty when any success will do
	Ratio      float64 // the share of requests that must succeed with Status, 0 to 1
	RateLimit  bool    // 429 must be met
	Thresholds []Threshold
}

// ParseRatio reads a share, such as 99.5% or 0.995.
func ParseRatio(flag, text string) (float64, error) {
	number, isPercent := strings.CutSuffix(strings.TrimSpace(text), "%")
	v, err := strconv.ParseFloat(strings.TrimSpace(number), 64)
	if isPercent {
		v /= 100
	}
	if err != nil || !(v >= 0 && v <= 1) && flag == "--expect-ratio" || !(v >= 0 && v <= 100) {
		return 0, fault.Usagef("%s %q: not a share; write such as 10%% or 0.1", flag, text)
	}
	return v, nil
}

// Judge checks one target's run.
func Judge(x Expectations, r *result.Record, s *stats.Summary) []Check {
	var checks []Check
	if x.Status != "" {
		checks = append(checks, statusCheck(x, r, s))
	}
	if c := requestsCheck(x, r); c != nil {
		checks = append(checks, *c)
	}
	if x.RateLimit {
		checks = append(checks, rateLimitChecks(r, s)...)
	}
	for _, t := range x.Thresholds {
		checks = append(checks, t.check(r))
	}
	return checks
}

// statusCheck demands that enough requests were answered with an expected status.
func statusCheck(x Expectations, r *result.Record, s *stats.Summary) Check {
	c := Check{Name: "--expect-status " + x.Status}
	share := 0.0
	if r.TotalRequests > 0 {
		share = float64(r.SuccessfulRequests) / float64(r.TotalRequests)
	}
	c.Holds = r.TotalRequests > 0 && share >= x.Ratio
	switch {
	case r.TotalRequests == 0:
		c.Text = "no request ended"
	case r.FailedRequests == 0:
		c.Text = fmt.Sprintf("all %s requests were answered with %s", result.Count(r.TotalRequests), x.Status)
	default:
		c.Text = fmt.Sprintf("%s of %s requests were not answered with %s (%.4g%% were, %.4g%% are expected): %s",
			result.Count(r.FailedRequests), result.Count(r.TotalRequests), x.Status, share*100, x.Ratio*100, r.ErrorsText())
	}
	c.Details = differing(s.Answers)
	return c
}

// differing words the answers that were kept, those that are alike once.
func differing(answers []stats.Answer) []string {
	type looks struct {
		status int
		body   string
	}
	count := map[looks]int{}
	for _, a := range answers {
		count[looks{a.Status, headOf(a.Body)}]++
	}
	var details []string
	for _, a := range answers {
		l := looks{a.Status, headOf(a.Body)}
		alike := ""
		switch n := count[l]; {
		case n == 0:
			continue
		case n > 1:
			alike = fmt.Sprintf(" (1 of %d alike)", n)
		}
		count[l] = 0
		details = append(details, fmt.Sprintf("HTTP %d after %s%s: %s", l.status, result.Millis(float64(a.At)/1e6), alike, l.body))
	}
	return details
}

// headOf is the beginning of a body on one line.
func headOf(body string) string {
	const most = 160
	text := strings.Join(strings.Fields(strings.ToValidUTF8(body, "?")), " ")
	if runes := []rune(text); len(runes) > most {
		return string(runes[:most]) + "…"
	}
	if text == "" {
		return "(empty body)"
	}
	return text
}

// Failed returns the fault of the checks that don't hold, nil when all do.
func Failed(checks []Check) error {
	var failed []string
	for _, c := range checks {
		if !c.Holds {
			failed = append(failed, c.Name+": "+c.Text)
		}
	}
	if len(failed) == 0 {
		return nil
	}
	return fault.Verdictf("%s", strings.Join(failed, "; "))
}
