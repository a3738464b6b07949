package verdict

import (
	"fmt"
	"slices"
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
	allowed := s.Tally.Answers() - limited
	details := []string{fmt.Sprintf("allowed: %s requests in %s, %s/s",
		result.Count(allowed), result.Millis(r.DurationSeconds*1000), result.Number(float64(allowed)/max(r.DurationSeconds, 1e-9)))}
	first := FirstLimited(s)
	if first == nil {
		return details
	}
	details = append(details, fmt.Sprintf("first 429 after %s requests and %s",
		result.Count(first.Before), result.Millis(float64(first.At)/1e6)))
	a := announced(first.Headers, r.StartedAt.Add(first.At))
	if a.window < 0 && a.reset >= 0 { // a window that began with the run
		a.window = max((first.At + a.reset).Round(time.Second), time.Second)
	}
	return append(details, a.words(), a.against(allowed, r.DurationSeconds))
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

// RetryAfter is how long a 429 asks to wait; ok is false when it doesn't say.
func RetryAfter(a *stats.Answer, now time.Time) (wait time.Duration, ok bool) {
	wait = announced(a.Headers, now).retry
	return max(wait, 0), wait >= 0
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

// Unchecked is the recovery that was not tried, and why; it holds nothing against the
// server.
func Unchecked(why string) Check {
	return Check{Name: "recovers after Retry-After", Holds: true, Text: "not checked: " + why}
}

// Spree is a short load whose requests claimed to come from other addresses, or nothing
// of the kind.
type Spree struct {
	Forwarded bool // with a new X-Forwarded-For each time
	Allowed   uint64
	Limited   uint64
}

// Bypass judges whether a limit can be passed by varying X-Forwarded-For: whether those
// that claim new addresses are let through while those that don't are limited. The median
// spree decides, since a new window of the limit may begin in one of them.
func Bypass(sprees []Spree) Check {
	const mostly = 0.5
	c := Check{Name: "not passed by X-Forwarded-For"}
	with, without := shareAllowed(sprees, true), shareAllowed(sprees, false)
	words := fmt.Sprintf("of requests that claimed new addresses %.3g%% were allowed, of others %.3g%%", with*100, without*100)
	switch {
	case len(sprees) < 2:
		c.Text = "could not be tried"
	case without > mostly:
		c.Text = "could not be told: the limit was hardly in force any more when it was tried (" + words + ")"
	case with > mostly:
		c.Text = "the limit can be passed: " + words
		c.Details = []string{"take the client's address from X-Forwarded-For only behind a proxy that sets it"}
	default:
		c.Holds, c.Text = true, words
	}
	return c
}

// shareAllowed is the median share of requests that were allowed in sprees of a kind.
func shareAllowed(sprees []Spree, forwarded bool) float64 {
	var shares []float64
	for _, s := range sprees {
		if all := s.Allowed + s.Limited; s.Forwarded == forwarded && all > 0 {
			shares = append(shares, float64(s.Allowed)/float64(all))
		}
	}
	if len(shares) == 0 {
		return 0
	}
	slices.Sort(shares)
	return shares[(len(shares)-1)/2]
}
