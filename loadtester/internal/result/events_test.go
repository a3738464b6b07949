package result_test

import (
	"bytes"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/senior-backend/toolkit/loadtester/internal/plan"
	"github.com/senior-backend/toolkit/loadtester/internal/result"
	"github.com/senior-backend/toolkit/loadtester/internal/stats"
	"github.com/senior-backend/toolkit/shared/report"
)

// ran is a run of so many seconds with 100 requests in each, changed by the tests.
func ran(seconds int, change func(s *stats.Summary)) *result.Record {
	s := &stats.Summary{Tally: &stats.Tally{}, Run: stats.Run{
		Elapsed: time.Duration(seconds)*time.Second - 500*time.Millisecond, Started: time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC),
	}}
	for range seconds {
		s.Seconds = append(s.Seconds, stats.Second{Requests: 100})
		for range 100 {
			s.Tally.OK.Record(time.Millisecond)
			s.Tally.Status[200]++
		}
	}
	change(s)
	return result.Of(&plan.Plan{}, &plan.Target{Name: "http://h/", Method: "GET", Requests: []plan.Request{{}}}, s)
}

func fails(k stats.Kind, n uint64) stats.Trouble { return stats.Trouble{Kind: k, Count: n} }

// A server that is killed and comes back: what connections met, in its order.
func TestEventsOfARestart(t *testing.T) {
	r := ran(12, func(s *stats.Summary) {
		s.Seconds[3].Troubles = []stats.Trouble{fails(stats.KindRefused, 40), fails(stats.KindReset, 10)}
		s.Seconds[4].Troubles = []stats.Trouble{fails(stats.KindRefused, 100)}
		s.Seconds[6].Troubles = []stats.Trouble{fails(stats.KindRefused, 20)}
		s.Seconds[11].Troubles = []stats.Trouble{{Status: 503, Count: 1}, fails(stats.KindTLSVerify, 5)}
		s.Causes = map[stats.Kind]string{stats.KindTLSVerify: "certificate has \x1b[31mexpired"}
	})
	type event struct {
		what     string
		from, to float64
		count    uint64
		share    float64
	}
	var got []event
	for _, e := range r.Events {
		got = append(got, event{e.Type, e.From, e.To, e.Count, e.Share})
	}
	require.Equal(t, []event{
		{"connection_refused", 3, 7, 160, 0.4},
		{"connection_reset", 3, 4, 10, 0.1},
		{"tls_verification", 11, 11.5, 5, 0.05},
		{"HTTP 503", 11, 11.5, 1, 0.01},
	}, sorted(got, func(a event) float64 { return a.from*10 - a.share }))
	require.Equal(t, "2026-01-02T03:04:08Z", r.Events[0].At.Format(time.RFC3339))
	var out bytes.Buffer
	require.NoError(t, result.Document([]*result.Record{r}, nil, false).Text(&out, report.TextOptions{Width: 100}))
	require.Regexp(t, `3 s +7 s +connection_refused +160 +40%`, out.String())
	require.Contains(t, out.String(), "has")
	require.NotContains(t, out.String(), "\x1b")
}

func sorted[T any](list []T, by func(T) float64) []T {
	for i := range list {
		for j := i + 1; j < len(list); j++ {
			if by(list[j]) < by(list[i]) {
				list[i], list[j] = list[j], list[i]
			}
		}
	}
	return list
}

func TestEventsOfALossyNetworkAndAStall(t *testing.T) {
	r := ran(20, func(s *stats.Summary) {
		for i := range s.Seconds {
			s.Seconds[i].Resent = 2
		}
		s.Seconds[7].Requests, s.Seconds[8].Requests = 0, 0
		s.Tally.Resent, s.Tally.Unordered = 40, 3
	})
	require.Len(t, r.Events, 2)
	require.Equal(t, "tcp_retransmits", r.Events[0].Type)
	require.Equal(t, uint64(40), r.Events[0].Count)
	require.InDelta(t, 40.0/1800, r.Events[0].Share, 1e-9)
	require.Equal(t, "no_answers", r.Events[1].Type)
	require.InDelta(t, 7, r.Events[1].From, 0)
	require.InDelta(t, 9, r.Events[1].To, 0)
	var out bytes.Buffer
	require.NoError(t, result.Document([]*result.Record{r}, nil, false).Text(&out, report.TextOptions{Width: 100}))
	require.Regexp(t, `40 TCP\s+segments sent again, 3 came out of order`, out.String())

	quiet := ran(20, func(s *stats.Summary) { s.Seconds[4].Resent = 1; s.Seconds[4].Requests = 100_000 })
	require.Empty(t, quiet.Events, "networks do that on a good day")
}

// What comes and goes all the time makes one event, not thousands.
func TestEventsAreFew(t *testing.T) {
	r := ran(2000, func(s *stats.Summary) {
		for i := 0; i < len(s.Seconds); i += 5 {
			s.Seconds[i].Troubles = []stats.Trouble{fails(stats.KindTimeoutBody, 1)}
		}
	})
	require.Len(t, r.Events, 1)
	require.Equal(t, uint64(400), r.Events[0].Count)
	require.InDelta(t, 1996, r.Events[0].To, 0)
}
