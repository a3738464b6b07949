package stats_test

import (
	"math"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/senior-backend/toolkit/loadtester/internal/stats"
)

// samples are durations of several shapes, from a microsecond to an hour.
func samples() map[string][]time.Duration {
	random := rand.New(rand.NewPCG(7, 7))
	draw := func(n int, next func() float64) []time.Duration {
		list := make([]time.Duration, n)
		for i := range list {
			list[i] = time.Duration(next())
		}
		return list
	}
	return map[string][]time.Duration{
		"one":         {1234567},
		"equal":       draw(1000, func() float64 { return 5e6 }),
		"uniform":     draw(20_000, func() float64 { return 1e3 + random.Float64()*1e9 }),
		"lognormal":   draw(20_000, func() float64 { return math.Exp(15 + 2*random.NormFloat64()) }),
		"exponential": draw(20_000, func() float64 { return random.ExpFloat64() * 2e6 }),
		"bimodal":     draw(20_000, func() float64 { return []float64{1e5, 1e9}[random.IntN(2)] * (1 + random.Float64()/10) }),
		"tiny":        draw(5000, func() float64 { return random.Float64() * 3000 }),
		"hours":       draw(500, func() float64 { return random.Float64() * 3.6e12 }),
	}
}

func TestHistogramAgreesWithExactComputation(t *testing.T) {
	for name, list := range samples() {
		t.Run(name, func(t *testing.T) {
			var h stats.Histogram
			sum := 0.0
			for _, d := range list {
				h.Record(d)
				sum += float64(d)
			}
			sorted := slices.Sorted(slices.Values(list))
			mean := sum / float64(len(list))
			squares := 0.0
			for _, d := range list {
				squares += (float64(d) - mean) * (float64(d) - mean)
			}
			require.Equal(t, uint64(len(list)), h.Count())
			require.Equal(t, sorted[0], h.Min())
			require.Equal(t, sorted[len(sorted)-1], h.Max())
			require.InDelta(t, mean, float64(h.Mean()), 1)
			require.InDelta(t, math.Sqrt(squares/float64(len(list))), float64(h.Deviation()), mean*1e-5+1)
			for _, q := range []float64{0, 0.01, 0.25, 0.5, 0.9, 0.95, 0.99, 0.999, 0.9999, 1} {
				rank := min(max(int(math.Ceil(q*float64(len(sorted)))), 1), len(sorted))
				want := float64(sorted[rank-1])
				require.InDelta(t, want, float64(h.Quantile(q)), want*0.0005+1, "quantile %v", q)
			}
			above := uint64(0)
			for _, d := range list {
				if d > sorted[len(sorted)/2]*2 {
					above++
				}
			}
			require.InDelta(t, above, h.CountAbove(sorted[len(sorted)/2]*2), float64(len(list))*0.002)
		})
	}
}

func TestMergingLosesNothing(t *testing.T) {
	var all []time.Duration
	for _, list := range samples() {
		all = append(all, list...)
	}
	var whole, merged stats.Histogram
	parts := make([]stats.Histogram, 7)
	for i, d := range all {
		whole.Record(d)
		parts[i%7].Record(d)
	}
	for i := range parts {
		merged.Merge(&parts[len(parts)-1-i])
	}
	require.Equal(t, slices.Collect(whole.Bars), slices.Collect(merged.Bars))
	require.Equal(t, whole.Count(), merged.Count())
	require.Equal(t, whole.Min(), merged.Min())
	require.Equal(t, whole.Max(), merged.Max())
	require.InDelta(t, float64(whole.Mean()), float64(merged.Mean()), 1e3)
}

func TestBarsHoldEveryValueOnce(t *testing.T) {
	for _, d := range []time.Duration{0, 1, 2047, 2048, 2049, 4095, 4096, 1e6, 123456789, time.Hour - 1, time.Hour} {
		var h stats.Histogram
		h.Record(d)
		bars := slices.Collect(h.Bars)
		require.Len(t, bars, 1)
		require.Equal(t, uint64(1), bars[0].Count)
		require.LessOrEqual(t, bars[0].From, d)
		require.GreaterOrEqual(t, bars[0].To, d)
		require.LessOrEqual(t, float64(bars[0].To-bars[0].From), float64(d)/1024+1)
	}
}

func TestHistogramTakesWhatIsOutOfRange(t *testing.T) {
	var h stats.Histogram
	require.Zero(t, h.Quantile(0.5))
	require.Zero(t, h.Mean())
	h.Record(-5)
	h.Record(10 * time.Hour)
	require.Equal(t, time.Duration(0), h.Min())
	require.Equal(t, time.Hour, h.Max())
	h.Reset()
	require.Zero(t, h.Count())
	require.Empty(t, slices.Collect(h.Bars))
	h.Record(7)
	require.Equal(t, time.Duration(7), h.Min())
	require.Equal(t, time.Duration(7), h.Max())
}

func TestRecordingAllocatesNothing(t *testing.T) {
	var h stats.Histogram
	h.Record(1)
	d := time.Duration(1)
	require.Zero(t, testing.AllocsPerRun(1000, func() {
		d = d*3 + 1
		h.Record(d % time.Hour)
	}))
}

func TestCollectorKeepsSecondsApart(t *testing.T) {
	c := stats.NewCollector(2)
	add := func(second int, latency time.Duration, status int) {
		var tally stats.Tally
		tally.OK.Record(latency)
		tally.Status[status]++
		c.Add(second, &tally)
		require.Zero(t, tally.Requests(), "a tally that was handed over is empty")
	}
	add(0, 10, 200)
	add(1, 20, 200) // a worker that is ahead
	add(0, 30, 404) // one that is behind
	add(9, 50, 500)
	add(0, 70, 200) // one that is so far behind that its second is closed
	for i := range 4 {
		c.Keep(stats.Answer{Status: 500, Before: uint64(i)})
		c.Keep(stats.Answer{Status: 429, Before: uint64(i)})
	}
	c.SetRun(stats.Run{Elapsed: time.Minute})
	s := c.Close()
	require.Equal(t, uint64(5), s.Tally.Requests())
	require.Len(t, s.Seconds, 10)
	require.Equal(t, uint64(2), s.Seconds[0].Requests)
	require.Equal(t, uint64(1), s.Seconds[0].Classes[4])
	require.Equal(t, time.Duration(30), s.Seconds[0].Max)
	require.Equal(t, uint64(1), s.Seconds[1].Requests)
	require.Equal(t, uint64(1), s.Seconds[7].Requests, "late samples go to the earliest open second")
	require.Equal(t, uint64(1), s.Seconds[9].Requests)
	require.Zero(t, s.Seconds[5].Requests)
	require.Len(t, s.Answers, 4)
	require.Equal(t, time.Minute, s.Elapsed)
}

func TestKindsHaveNames(t *testing.T) {
	seen := map[string]bool{}
	for k := range stats.Kinds {
		kind := stats.Kind(k)
		require.NotEmpty(t, kind.Explain())
		require.False(t, seen[kind.String()], kind.String())
		seen[kind.String()] = true
	}
}
