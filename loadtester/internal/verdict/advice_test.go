package verdict_test

import (
	"math"
	"strings"
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
		s.Seconds = append(s.Seconds, stats.Second{
			Requests: 200, P50: 10 * time.Millisecond, Tenths: [10]uint32{20, 19, 21, 20, 20, 22, 18, 20, 20, 20},
		})
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

// quiet makes a run answer next to nothing in some tenths of a second.
func quiet(s *stats.Summary, at, length int) {
	for i := at; i < at+length; i++ {
		s.Seconds[i/10].Tenths[i%10] = 1
	}
}

// large makes all bodies 1 MiB, whose first byte comes after a while.
func large(s *stats.Summary, first time.Duration) {
	s.Tally.BodyIn = 2000 << 20
	for range 2000 {
		s.Tally.FirstByte.Record(first)
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
			func(p *plan.Plan, s *stats.Summary) { p.Rate, s.Tally.Late = 200, 15 },
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
			func(_ *plan.Plan, s *stats.Summary) { quiet(s, 43, 3) },
			func(_ *plan.Plan, s *stats.Summary) { quiet(s, 43, 1) },
		},
		"stalls once": {
			func(_ *plan.Plan, s *stats.Summary) { quiet(s, 43, 3) },
			func(_ *plan.Plan, s *stats.Summary) { // the same at even intervals has another code
				for at := 5; at < 100; at += 15 {
					quiet(s, at, 3)
				}
			},
		},
		"periodic-stalls": {
			func(_ *plan.Plan, s *stats.Summary) {
				for at := 5; at < 100; at += 15 {
					quiet(s, at, 3)
				}
			},
			func(_ *plan.Plan, s *stats.Summary) { // uneven intervals
				for _, at := range []int{5, 12, 40, 47, 90} {
					quiet(s, at, 3)
				}
			},
		},
		"periodic-stalls that leave something over": {
			func(_ *plan.Plan, s *stats.Summary) {
				for at := range 100 {
					s.Seconds[at/10].Tenths[at%10] = uint32(20 + 10*math.Sin(float64(at)/12*2*math.Pi))
				}
			},
			func(_ *plan.Plan, s *stats.Summary) { // a steady rise
				for at := range 100 {
					s.Seconds[at/10].Tenths[at%10] = uint32(10 + at/2)
				}
			},
		},
		"saturated": {
			func(_ *plan.Plan, s *stats.Summary) { s.Tally.OK.Record(time.Millisecond) },
			func(_ *plan.Plan, s *stats.Summary) { // a cache that hits often makes no queue
				for i := range 400 {
					s.Tally.OK.Record(time.Millisecond + time.Duration(i)*10*time.Microsecond)
				}
			},
		},
		"large-bodies": {
			func(_ *plan.Plan, s *stats.Summary) { large(s, 2*time.Millisecond) },
			func(_ *plan.Plan, s *stats.Summary) { large(s, 8*time.Millisecond) },
		},
		"two-kinds": {
			func(_ *plan.Plan, s *stats.Summary) { slow(s, 40*time.Millisecond, 300) },
			func(_ *plan.Plan, s *stats.Summary) { slow(s, 15*time.Millisecond, 300) },
		},
	} {
		t.Run(name, func(t *testing.T) {
			code, _, _ := strings.Cut(name, " ")
			require.Contains(t, codes(tt.provoked), code)
			require.NotContains(t, codes(tt.missed), code)
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
