package verdict

import (
	"fmt"
	"regexp"
	"strconv"
	"strings"
	"time"

	"github.com/senior-backend/toolkit/loadtester/internal/result"
)

// announcement is what a limited answer says of the limit. Numbers that it doesn't say
// are negative.
type announcement struct {
	fields []string // as they came
	limit  float64  // requests in a window
	window time.Duration
	retry  time.Duration // until another request will do
	reset  time.Duration // until the window ends
}

var (
	// quota and span are the parameters of RateLimit-Policy: "100;w=60" in drafts 3 to 7
	// of draft-ietf-httpapi-ratelimit-headers, "\"default\";q=100;w=60" since.
	quota = regexp.MustCompile(`(?:^|[;,\s])(?:q=|limit=)?(\d+)\b`)
	span  = regexp.MustCompile(`[;,\s]w=(\d+)`)
	named = regexp.MustCompile(`[;,\s](?:q|limit)=(\d+)`)
	reset = regexp.MustCompile(`(?:^|[;,\s])(?:reset|t)=(\d+)`)
)

// announced reads the header fields that tell a client how it is limited: those of the
// IETF's drafts, Retry-After of RFC 9110, and the older X- ones, whose reset is seconds
// or a moment as Unix time.
func announced(headers string, now time.Time) announcement {
	a := announcement{limit: -1, window: -1, retry: -1, reset: -1}
	for _, line := range strings.Split(headers, "\n") {
		name, value, ok := strings.Cut(strings.TrimRight(line, "\r"), ":")
		value = strings.TrimSpace(value)
		lower := strings.TrimPrefix(strings.ToLower(name), "x-")
		if !ok || lower != "retry-after" && !strings.HasPrefix(lower, "ratelimit") {
			continue
		}
		a.fields = append(a.fields, name+": "+value)
		switch lower {
		case "retry-after":
			a.retry = retryAfter(value, now)
		case "ratelimit-limit":
			a.limit = number(quota, value, a.limit)
			a.window = seconds(number(span, value, -1), a.window)
		case "ratelimit-policy":
			a.limit = number(named, " "+value, number(quota, value, a.limit))
			a.window = seconds(number(span, value, -1), a.window)
		case "ratelimit":
			a.limit = number(named, " "+value, a.limit)
			a.reset = seconds(number(reset, value, -1), a.reset)
		case "ratelimit-reset":
			if at, err := strconv.ParseFloat(value, 64); err == nil && at > 1e9 {
				a.reset = time.Unix(int64(at), 0).Sub(now)
			} else if err == nil && at >= 0 {
				a.reset = time.Duration(at * float64(time.Second))
			}
		}
	}
	if a.retry < 0 && a.reset >= 0 {
		a.retry = a.reset // RateLimit fields alone say it as well
	}
	return a
}

func retryAfter(value string, now time.Time) time.Duration {
	if s, err := strconv.ParseFloat(value, 64); err == nil {
		if s < 0 || s >= 1e6 {
			return -1
		}
		return time.Duration(s * float64(time.Second))
	}
	if when, err := time.Parse(time.RFC1123, value); err == nil {
		return max(0, when.Sub(now))
	}
	return -1
}

func number(pattern *regexp.Regexp, text string, otherwise float64) float64 {
	found := pattern.FindStringSubmatch(text)
	if found == nil {
		return otherwise
	}
	v, err := strconv.ParseFloat(found[1], 64)
	if err != nil || v > 1e12 {
		return otherwise
	}
	return v
}

func seconds(v float64, otherwise time.Duration) time.Duration {
	if v < 0 || v > 1e9 {
		return otherwise
	}
	return time.Duration(v * float64(time.Second))
}

// words are the fields, for a person.
func (a announcement) words() string {
	if len(a.fields) == 0 {
		return "announced: nothing (no RateLimit, X-RateLimit or Retry-After header)"
	}
	return "announced: " + strings.Join(a.fields, ", ")
}

// against says what was announced against what was allowed. A window may begin in the
// middle of the run, so one more than the run holds is no contradiction.
func (a announcement) against(allowed uint64, ran float64) string {
	switch {
	case a.limit < 0:
		return "no limit is announced, so clients can't tell how much they may send"
	case a.window <= 0:
		return fmt.Sprintf("the announced limit is %s; %s were allowed, but no window is announced to compare them by", result.Count(uint64(a.limit)), result.Count(allowed))
	}
	windows := float64(int(ran/a.window.Seconds())) + 2
	rate := result.Count(uint64(a.limit)) + " in " + result.Millis(float64(a.window)/1e6)
	if float64(allowed) > a.limit*windows*1.05 {
		return fmt.Sprintf("more than announced: %s would allow at most %s in this time, %s were", rate, result.Count(uint64(a.limit*windows)), result.Count(allowed))
	}
	return "in keeping with the announced " + rate
}
