package result_test

import (
	"bytes"
	"encoding/json"
	"testing"
	"time"

	"github.com/HdrHistogram/hdrhistogram-go"
	"github.com/stretchr/testify/require"

	"github.com/senior-backend/toolkit/loadtester/internal/plan"
	"github.com/senior-backend/toolkit/loadtester/internal/result"
	"github.com/senior-backend/toolkit/loadtester/internal/stats"
	"github.com/senior-backend/toolkit/shared/report"
)

func TestConnectionsOfTheWarmUp(t *testing.T) {
	p, target, s := finished()
	p.Warmup, s.Tally.Opened = time.Second, 0
	var out bytes.Buffer
	require.NoError(t, result.Document([]*result.Record{result.Of(p, target, s)}, nil, false).Text(&out, report.TextOptions{Width: 200}))
	require.Contains(t, out.String(), "The connections were opened in the warm-up.")
}

// finished is a run of two seconds with two kinds of failure.
func finished() (*plan.Plan, *plan.Target, *stats.Summary) {
	p := &plan.Plan{Concurrency: 5, Duration: 2 * time.Second, Timeout: time.Second, KeepAlive: true}
	p.Success.AddRange(200, 399)
	s := &stats.Summary{Tally: &stats.Tally{}, Run: stats.Run{Elapsed: 2 * time.Second, Transport: "test"}}
	for i := range 1000 {
		s.Tally.OK.Record(time.Duration(i+1) * time.Millisecond)
		s.Tally.Status[200]++
	}
	for range 3 {
		s.Tally.Failed.Record(time.Second)
		s.Tally.Status[404]++
		s.Tally.Bad[404]++
	}
	s.Tally.Failed.Record(time.Second)
	s.Tally.Errors[stats.KindReset]++
	s.Tally.BodyIn, s.Tally.WireIn, s.Tally.Opened = 1_000_000, 1_200_000, 5
	return p, &plan.Target{Name: "http://h/<script>\x1b[31m", Method: "GET", Requests: []plan.Request{{}}}, s
}

func TestRecord(t *testing.T) {
	r := result.Of(finished())
	require.Equal(t, uint64(1004), r.TotalRequests)
	require.Equal(t, uint64(1000), r.SuccessfulRequests)
	require.Equal(t, uint64(4), r.FailedRequests)
	require.Equal(t, map[string]uint64{"HTTP 404": 3, "connection_reset": 1}, r.ErrorsByType)
	require.Equal(t, map[string]uint64{"200": 1000, "404": 3}, r.StatusCodes)
	require.InDelta(t, 502, r.RequestsPerSecond, 1e-9)
	require.InDelta(t, 4, r.ThroughputMbps, 1e-9)
	require.InDelta(t, 500, r.LatencyP50, 0.5)
	require.InDelta(t, 990, r.LatencyP99, 1)
	require.InDelta(t, 500.5, r.LatencyAvg, 1e-6)
	require.InDelta(t, 288.675, r.LatencyStddev, 0.01)
	require.InDelta(t, 1, r.LatencyMin, 0)
	require.InDelta(t, 1000, r.LatencyMax, 0)
	require.InDelta(t, 4.0/1004, r.ErrorRate, 1e-12)
}

func TestRecordOfNothing(t *testing.T) {
	p, target, _ := finished()
	r := result.Of(p, target, &stats.Summary{Tally: &stats.Tally{}})
	text, err := json.Marshal(r)
	require.NoError(t, err, "no figure may be infinite or not a number")
	require.Contains(t, string(text), `"errors_by_type":{}`)
	require.Contains(t, string(text), `"series":[]`)
	var out bytes.Buffer
	require.NoError(t, result.Document([]*result.Record{r}, nil, false).Text(&out, report.TextOptions{}))
	require.Contains(t, out.String(), "No request succeeded")
}

func TestHistogramIsReadByHdrHistogram(t *testing.T) {
	r := result.Of(finished())
	h, err := hdrhistogram.Decode([]byte(r.LatencyHistogram))
	require.NoError(t, err)
	require.Equal(t, int64(1000), h.TotalCount())
	require.InEpsilon(t, r.LatencyP99*1e6, h.ValueAtQuantile(99), 0.001)
	require.InEpsilon(t, r.LatencyAvg*1e6, h.Mean(), 0.001)
}

func TestDocumentEscapes(t *testing.T) {
	a, b := result.Of(finished()), result.Of(finished())
	for _, tt := range []struct {
		records []*result.Record
		names   []string
		title   string
	}{
		{[]*result.Record{a}, nil, "GET http://h/<script>"},
		{[]*result.Record{a, b}, nil, "Load test of 2 targets"},
		{[]*result.Record{a, b}, []string{"A", "B"}, "Comparison of A and B"},
	} {
		records, names := tt.records, tt.names
		var text, page bytes.Buffer
		require.NoError(t, result.Document(records, names, false).Text(&text, report.TextOptions{Width: 60}))
		require.NotContains(t, text.String(), "\x1b")
		require.Contains(t, text.String(), "connection_reset")
		require.Contains(t, text.String(), tt.title)
		require.NoError(t, result.Document(records, names, true).HTML(&page))
		require.NotContains(t, page.String(), "h/<script>")
	}
}

func TestWords(t *testing.T) {
	for v, want := range map[float64]string{
		0: "0 µs", 0.0123: "12.3 µs", 0.9999: "1000 µs", 1: "1.00 ms", 12.345: "12.3 ms", 999: "999 ms", 1500: "1.50 s", 61_000: "61.0 s",
	} {
		require.Equal(t, want, result.Millis(v))
	}
	for n, want := range map[uint64]string{0: "0", 999: "999", 1000: "1,000", 1234567: "1,234,567"} {
		require.Equal(t, want, result.Count(n))
	}
	require.Equal(t, "1,235", result.Number(1234.6))
	require.Equal(t, "12.3", result.Number(12.34))
}
