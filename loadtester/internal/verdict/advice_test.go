package verdict_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/senior-backend/toolkit/loadtester/internal/plan"
	"github.com/senior-backend/toolkit/loadtester/internal/result"
	"github.com/senior-backend/toolkit/loadtester/internal/stats"
	"github.com/senior-backend/toolkit/loadtester/internal/verdict"
)

// healthy is a run of ten seconds in which nothing is wrong, before change changes it.
func healthy(change func(*plan.Plan, *stats.Summary)) (*plan.Plan, *result.Record, *stats.Summary) {
	p := &plan.Plan{Concurrency: 10, Duration: 10 * time.Second, KeepAlive: true, Threads: 1}
	p.Success.AddRange(200, 399)
	s := &stats.Summary{Tally: &stats.Tally{}, Run: stats.Run{Elapsed: 10 * time.Second, Busy: 0.5}}
	for range 2000 {
		s.Tally.OK.Record(10 * time.Millisecond)
		s.Tally.Status[200]++
	}
	s.Tally.Opened = 10
	for range 10 {
		s.Seconds = append(s.Seconds, stats.Second{Requests: 200, P50: 10 * time.Millisecond})
	}
	change(p, s)
	t := &plan.Target{Name: "http://h/", Method: "GET", Requests: []plan.Request{{}}}
	return p, result.Of(p, t, s), s
}

// fail counts n failed answers with a status.
func fail(s *stats.Summary, status int, n uint64) {
	for range n {
		s.Tally.Failed.Record(time.Millisecond)
		s.Tally.Status[status]++
	}
}

func slow(s *stats.Summary, latency time.Duration, n int) {
	for range n {
		s.Tally.OK.Record(latency)
		s.Tally.Status[200]++
	}
}

func TestAdviceAndItsNearMisses(t *testing.T) {
	type change = func(*plan.Plan, *stats.Summary)
	for name, tt := range map[string]struct{ provoked, missed change }{
		"client-busy": {
			func(_ *plan.Plan, s *stats.Summary) { s.Busy = 0.97 },
			func(_ *plan.Plan, s *stats.Summary) { s.Busy = 0.85 },
		},
		"client-limit": {
			func(_ *plan.Plan, s *stats.Summary) {
				s.Tally.Errors[stats.KindLimit] = 3
				fail(s, 0, 3)
			},
			func(_ *plan.Plan, s *stats.Summary) {
				s.Tally.Errors[stats.KindReset] = 3
				fail(s, 0, 3)
			},
		},
		"schedule-missed": {
			func(p *plan.Plan, s *stats.Summary) { p.Rate, s.Unsent, s.Tally.Late = 300, 1000, 500 },
			func(p *plan.Plan, s *stats.Summary) { p.Rate, s.Tally.Late = 200, 5 },
		},
		"server-errors": {
			func(_ *plan.Plan, s *stats.Summary) { fail(s, 503, 20) },
			func(_ *plan.Plan, s *stats.Summary) { fail(s, 404, 20) },
		},
		"errors-begin": {
			func(_ *plan.Plan, s *stats.Summary) {
				fail(s, 404, 50)
				s.Seconds[6].Failed = 50
			},
			func(_ *plan.Plan, s *stats.Summary) {
				fail(s, 404, 50)
				s.Seconds[0].Failed, s.Seconds[6].Failed = 20, 30
			},
		},
		"rate-limited": {
			func(_ *plan.Plan, s *stats.Summary) { fail(s, 429, 5) },
			func(_ *plan.Plan, s *stats.Summary) { fail(s, 403, 5) },
		},
		"connection-churn": {
			func(_ *plan.Plan, s *stats.Summary) { s.Tally.Opened = 2000 },
			func(p *plan.Plan, s *stats.Summary) { p.KeepAlive, s.Tally.Opened = false, 2000 },
		},
		"handshakes": {
			func(_ *plan.Plan, s *stats.Summary) {
				s.Tally.Handshake = stats.Span{Count: 1000, Sum: 10 * time.Second, Max: time.Second}
			},
			func(_ *plan.Plan, s *stats.Summary) {
				s.Tally.Handshake = stats.Span{Count: 100, Sum: time.Second, Max: time.Second}
			},
		},
		"long-tail": {
			func(_ *plan.Plan, s *stats.Summary) { slow(s, 500*time.Millisecond, 40) },
			func(_ *plan.Plan, s *stats.Summary) { slow(s, 500*time.Millisecond, 10) },
		},
		"stalls": {
			func(_ *plan.Plan, s *stats.Summary) { s.Seconds[4].Requests = 3 },
			func(_ *plan.Plan, s *stats.Summary) { s.Seconds[4].Requests = 90 },
		},
	} {
		t.Run(name, func(t *testing.T) {
			require.Contains(t, codes(tt.provoked), name)
			require.NotContains(t, codes(tt.missed), name)
		})
	}
	require.Empty(t, codes(func(*plan.Plan, *stats.Summary) {}))
}

func codes(change func(*plan.Plan, *stats.Summary)) []string {
	var found []string
	for _, a := range verdict.Advise(healthy(change)) {
		found = append(found, a.Code)
	}
	return found
}
