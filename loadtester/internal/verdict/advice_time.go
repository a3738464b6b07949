package verdict

import (
	"fmt"
	"math"
	"slices"
	"time"

	"github.com/senior-backend/toolkit/loadtester/internal/plan"
	"github.com/senior-backend/toolkit/loadtester/internal/result"
	"github.com/senior-backend/toolkit/loadtester/internal/stats"
)

// errorsBegin: the run was clean until some second and failed from then on.
func errorsBegin(_ *plan.Plan, r *result.Record, _ *stats.Summary) *Advice {
	first := -1
	for i, second := range r.Series {
		if second.Failed > 0 {
			first = i
			break
		}
	}
	if first < 2 || r.ErrorRate < 0.001 {
		return nil
	}
	return &Advice{
		Code: "errors-begin", Serious: true,
		Message: "Requests began to fail in mid-run.",
		Evidence: fmt.Sprintf("none failed in the first %d s, %s (%.3g%%) afterwards: %s",
			first, result.Count(r.FailedRequests), r.ErrorRate*100, r.ErrorsText()),
		Action: "look for what fills up in the server: connections, memory, a pool, a quota",
	}
}

// tenth is the length of the parts of a run that its course is known by.
const tenth = 100 * time.Millisecond

// gap is a stretch in which nearly nothing was answered.
type gap struct{ at, length time.Duration }

// stalls: for moments nearly nothing was answered, or the rate rises and falls in step.
func stalls(_ *plan.Plan, r *result.Record, _ *stats.Summary) *Advice {
	tenths := r.Tenths()
	if len(tenths) < 20 {
		return nil
	}
	p50, p99 := time.Duration(r.LatencyP50*1e6), time.Duration(r.LatencyP99*1e6)
	gaps := gapsOf(tenths, p50)
	if len(gaps) == 0 {
		return swings(tenths, p99)
	}
	var all, longest time.Duration
	for _, g := range gaps {
		all += g.length
		longest = max(longest, g.length)
	}
	a := &Advice{
		Code:    "stalls",
		Message: "The server stood still for a while.",
		Evidence: fmt.Sprintf("nearly nothing was answered for %v in all, at %v for the first time, for up to %v",
			all, gaps[0].at, longest),
		Action: "look for pauses at that time: garbage collection, checkpoints, backups, failovers",
	}
	if every, ok := regular(gaps); ok {
		a.Code, a.Message = "periodic-stalls", "The server stands still at regular intervals."
		a.Evidence = fmt.Sprintf("nearly nothing was answered for %v in all, in %d stalls of up to %v, one every %v",
			all, len(gaps), longest, every)
		a.Action = "look for what runs that often: garbage collection, checkpoints, flushes, cron jobs, health checks"
	}
	return a
}

// gapsOf finds stretches with less than a tenth of the usual count. They must be longer
// than two tenths and than a few requests take, since answers to requests that were sent
// together come together.
func gapsOf(tenths []uint32, p50 time.Duration) []gap {
	sorted := slices.Sorted(slices.Values(tenths))
	usual := float64(sorted[len(sorted)/2])
	if usual < 2 {
		return nil
	}
	least := max(2*tenth, 3*p50)
	var gaps []gap
	begun := -1
	for i, n := range append(slices.Clone(tenths), math.MaxUint32) {
		quiet := float64(n) < 0.1*usual
		switch {
		case quiet && begun < 0:
			begun = i
		case !quiet && begun >= 0:
			if length := time.Duration(i-begun) * tenth; length >= least {
				gaps = append(gaps, gap{at: time.Duration(begun) * tenth, length: length})
			}
			begun = -1
		}
	}
	return gaps
}

// regular tells whether gaps come at even intervals, and at which.
func regular(gaps []gap) (every time.Duration, ok bool) {
	if len(gaps) < 4 {
		return 0, false
	}
	var between []float64
	for i := 1; i < len(gaps); i++ {
		between = append(between, (gaps[i].at - gaps[i-1].at).Seconds())
	}
	m, squares := mean(between), 0.0
	for _, v := range between {
		squares += (v - m) * (v - m)
	}
	uneven := math.Sqrt(squares/float64(len(between))) / m
	return time.Duration(m * float64(time.Second)).Round(tenth / 10), uneven < 0.2
}

// swings: one frequency stands out of the spectrum of the rate. Whether it does by chance
// is told by R. Fisher's test, "Tests of Significance in Harmonic Analysis", Proceedings
// of the Royal Society A 125, 1929.
func swings(tenths []uint32, p99 time.Duration) *Advice {
	const (
		leastShare     = 0.25 // of the variance
		leastAmplitude = 0.15 // of the mean
		chance         = 0.001
	)
	if len(tenths) < 40 {
		return nil
	}
	power, average := spectrum(tenths)
	total, best, powers := 0.0, 0, 0
	for k := 3; k < len(power); k++ { // fewer than three periods are no period
		period := time.Duration(float64(len(tenths))/float64(k)) * tenth
		if period < 3*tenth || period < 3*p99 {
			break // answers to requests that were sent together come together
		}
		total += power[k]
		powers++
		if best == 0 || power[k] > power[best] {
			best = k
		}
	}
	if best == 0 || total == 0 || average < 2 {
		return nil
	}
	share, amplitude := power[best]/total, math.Sqrt(2*power[best])/average
	if share < leastShare || amplitude < leastAmplitude || float64(powers)*math.Pow(1-share, float64(powers-1)) > chance {
		return nil
	}
	period := time.Duration(float64(len(tenths)) / float64(best) * float64(tenth))
	return &Advice{
		Code:    "periodic-stalls",
		Message: "The rate rises and falls at regular intervals.",
		Evidence: fmt.Sprintf("every %v, by %.0f%% of the mean up and down; that is %.0f%% of all variation",
			period.Round(tenth/10), amplitude*100, share*100),
		Action: "look for what runs that often: garbage collection, checkpoints, flushes, cron jobs, health checks",
	}
}

// longestSpectrum bounds the work of a spectrum; longer runs are looked at in coarser parts.
const longestSpectrum = 4096

// spectrum is the power of each frequency, in periods in the whole of the run, once the
// mean and a steady rise or fall are taken out. A sine of amplitude a has the power a²/2.
func spectrum(tenths []uint32) (power []float64, average float64) {
	n := min(len(tenths), longestSpectrum)
	x := make([]float64, n)
	for i, v := range tenths {
		x[i*n/len(tenths)] += float64(v) * float64(n) / float64(len(tenths))
	}
	average = mean(x)
	slope, squares := 0.0, 0.0
	for i := range x {
		t := float64(i) - float64(n-1)/2
		slope += t * x[i]
		squares += t * t
	}
	slope /= squares
	for i := range x {
		x[i] -= average + slope*(float64(i)-float64(n-1)/2)
	}
	power = make([]float64, n/3+1) // shorter periods than three parts are not looked at
	for k := range power {
		sine, cosine := math.Sincos(2 * math.Pi * float64(k) / float64(n))
		re, im, c, s := 0.0, 0.0, 1.0, 0.0
		for _, v := range x {
			re += v * c
			im += v * s
			c, s = c*cosine-s*sine, s*cosine+c*sine
		}
		power[k] = 2 * (re*re + im*im) / float64(n*n)
	}
	return power, average
}
