package verdict

import (
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/senior-backend/toolkit/loadtester/internal/result"
	"github.com/senior-backend/toolkit/loadtester/internal/stats"
)

// rateLimitChecks demand that the server limited the rate, and that it didn't break
// down instead.
func rateLimitChecks(r *result.Record, s *stats.Summary) []Check {
	limited := s.Tally.Status[429]
	met := Check{Name: "--expect-rate-limit", Holds: limited > 0}
	if limited == 0 {
		met.Text = fmt.Sprintf("no rate limit was seen in %s requests", result.Count(r.TotalRequests))
	} else {
		met.Text = fmt.Sprintf("%s of %s requests were answered with 429", result.Count(limited), result.Count(r.TotalRequests))
		met.Details = limitDetails(r, s, limited)
	}
	var broken uint64
	for status := 500; status < 600; status++ {
		broken += s.Tally.Status[status]
	}
	intact := Check{Name: "no 5xx under the limit", Holds: broken == 0, Text: "no answer was a 5xx"}
	if broken > 0 {
		intact.Text = fmt.Sprintf("%s answers were 5xx", result.Count(broken))
	}
	return []Check{met, intact}
}

func limitDetails(r *result.Record, s *stats.Summary, limited uint64) []string {
	details := []string{fmt.Sprintf("allowed: %s requests in %s, %s/s",
		result.Count(s.Tally.Answers()-limited), result.Millis(r.DurationSeconds*1000),
		result.Number(float64(s.Tally.Answers()-limited)/max(r.DurationSeconds, 1e-9)))}
	first := FirstLimited(s)
	if first == nil {
		return details
	}
	details = append(details, fmt.Sprintf("first 429 after %s requests and %s",
		result.Count(first.Before), result.Millis(float64(first.At)/1e6)))
	announced := announcedLimits(first.Headers)
	if len(announced) == 0 {
		return append(details, "announced: nothing (no RateLimit, X-RateLimit or Retry-After header)")
	}
	return append(details, "announced: "+strings.Join(announced, ", "))
}

// FirstLimited is the first answer with 429 that was kept, nil when none was.
func FirstLimited(s *stats.Summary) *stats.Answer {
	var first *stats.Answer
	for i := range s.Answers {
		if a := &s.Answers[i]; a.Status == 429 && (first == nil || a.At < first.At) {
			first = a
		}
	}
	return first
}

// announcedLimits are the header fields that tell a client how it is limited: those of
// the IETF's drafts, of RFC 9110, and the older X- ones.
func announcedLimits(headers string) []string {
	var found []string
	for _, line := range strings.Split(headers, "\n") {
		name, value, ok := strings.Cut(line, ": ")
		lower := strings.ToLower(name)
		if ok && (lower == "retry-after" || strings.HasPrefix(lower, "ratelimit") || strings.HasPrefix(lower, "x-ratelimit")) {
			found = append(found, name+": "+value)
		}
	}
	return found
}

// RetryAfter is how long a 429 asks to wait; ok is false when it doesn't say.
func RetryAfter(a *stats.Answer, now time.Time) (wait time.Duration, ok bool) {
	for _, line := range strings.Split(a.Headers, "\n") {
		name, value, _ := strings.Cut(line, ": ")
		if !strings.EqualFold(name, "Retry-After") {
			continue
		}
		if seconds, err := strconv.ParseFloat(value, 64); err == nil && seconds >= 0 && seconds < 1e6 {
			return time.Duration(seconds * float64(time.Second)), true
		}
		if when, err := time.Parse(time.RFC1123, value); err == nil {
			return max(0, when.Sub(now)), true
		}
	}
	return 0, false
}

// Recovery judges whether the limit let requests through again after the wait that it
// had asked for.
func Recovery(wait time.Duration, status int) Check {
	c := Check{Name: "recovers after Retry-After", Holds: status != 429 && status > 0}
	c.Text = fmt.Sprintf("after %v the next request was answered with %d", wait.Round(time.Millisecond), status)
	if status == 0 {
		c.Text = fmt.Sprintf("after %v the next request got no answer", wait.Round(time.Millisecond))
	}
	return c
}
