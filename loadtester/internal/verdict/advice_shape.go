package verdict

import (
	"fmt"
	"math"
	"time"

	"github.com/senior-backend/toolkit/loadtester/internal/plan"
	"github.com/senior-backend/toolkit/loadtester/internal/result"
	"github.com/senior-backend/toolkit/loadtester/internal/stats"
)

// tail: the slowest hundredth takes very much longer than most.
func tail(_ *plan.Plan, r *result.Record, _ *stats.Summary) *Advice {
	const long = 10
	if r.SuccessfulRequests < 10*leastForAdvice || r.LatencyP50 <= 0 || r.LatencyP99 < long*r.LatencyP50 || r.LatencyP99 < 20 {
		return nil
	}
	return &Advice{
		Code:     "long-tail",
		Message:  "One request in a hundred takes very much longer than most.",
		Evidence: fmt.Sprintf("p99 %s is %.0f times p50 %s", result.Millis(r.LatencyP99), r.LatencyP99/r.LatencyP50, result.Millis(r.LatencyP50)),
		Action:   "look for what only some requests wait for: locks, garbage collection, a pool that is too small, a cold cache",
	}
}

// twoKinds: the latencies have two peaks with hardly anything between them.
func twoKinds(_ *plan.Plan, r *result.Record, s *stats.Summary) *Advice {
	if r.SuccessfulRequests < 5*leastForAdvice {
		return nil
	}
	split, ok := valley(&s.Tally.OK)
	if !ok {
		return nil
	}
	var fast, slow stats.Histogram
	for bar := range s.Tally.OK.Bars {
		into := &fast
		if bar.From >= split {
			into = &slow
		}
		into.RecordCount(bar.From, bar.Count)
	}
	share := float64(slow.Count()) / float64(slow.Count()+fast.Count()) * 100
	return &Advice{
		Code:    "two-kinds",
		Message: "There are two kinds of request, a fast and a slow one; an average of them describes neither.",
		Evidence: fmt.Sprintf("%.0f%% take about %s, %.0f%% about %s, hardly any something in between",
			100-share, result.Millis(fast.Quantile(0.5).Seconds()*1000), share, result.Millis(slow.Quantile(0.5).Seconds()*1000)),
		Action: "find what tells them apart: cache hits and misses, two kinds of answer, one slow instance among several",
	}
}

// valley finds the latency that parts two peaks, in a histogram of logarithmic bins. Both
// sides must have a twentieth of the requests, the peaks be a factor of two apart, and
// the valley be a tenth as high as the lower of them.
func valley(h *stats.Histogram) (split time.Duration, ok bool) {
	const (
		bins       = 20 // for each factor of ten
		leastShare = 0.05
		depth      = 0.1
	)
	apart := int(math.Ceil(bins * math.Log10(2)))
	position := func(d time.Duration) int { return int(math.Log10(float64(max(d, 1))) * bins) }
	counts := make([]float64, position(time.Hour)+2)
	for bar := range h.Bars {
		counts[position(bar.From)+1] += float64(bar.Count)
	}
	heights := smooth(counts)
	total := float64(h.Count())
	below := 0.0
	deepest := 1.0
	for i := range heights {
		left, right := highest(heights[:i], 0), highest(heights[i:], i)
		ratio := heights[i] / max(min(heights[left], heights[right]), 1e-9)
		if below >= leastShare*total && total-below >= leastShare*total && right-left >= apart && ratio <= depth && ratio < deepest {
			deepest, split, ok = ratio, time.Duration(math.Pow(10, float64(i-1)/bins)), true
		}
		below += counts[i]
	}
	return split, ok
}

func smooth(counts []float64) []float64 {
	out := make([]float64, len(counts))
	for i := range counts {
		out[i] = counts[i] / 2
		if i > 0 {
			out[i] += counts[i-1] / 4
		}
		if i+1 < len(counts) {
			out[i] += counts[i+1] / 4
		}
	}
	return out
}

// highest is the index of the greatest value, counted from first; first when there is none.
func highest(values []float64, first int) int {
	best := 0
	for i, v := range values {
		if v > values[best] {
			best = i
		}
	}
	return first + best
}

// saturated: the requests wait for each other most of the time. A queue makes all of them
// wait alike, other than a mix of fast and slow ones: so the lower half lies close
// together, and far from the fastest, which found no queue.
func saturated(p *plan.Plan, r *result.Record, s *stats.Summary) *Advice {
	const (
		waiting = 3   // times the fastest
		alike   = 0.5 // p10 against p50
	)
	p10 := s.Tally.OK.Quantile(0.1).Seconds() * 1000
	if p.Concurrency < 2 && p.Rate == 0 || r.LatencyMin <= 0 || r.ErrorRate > 0.1 || s.Busy >= busy ||
		r.LatencyP50 < waiting*r.LatencyMin || p10 < alike*r.LatencyP50 {
		return nil
	}
	served := r.RequestsPerSecond * r.LatencyMin / 1000
	inside := r.RequestsPerSecond * r.LatencyAvg / 1000
	return &Advice{
		Code:    "saturated",
		Message: "The server is saturated: requests wait for each other most of the time.",
		Evidence: fmt.Sprintf("p50 %s is %.1f times the fastest answer, %s; by Little's law %s/s of %s each keep %s busy, of %s",
			result.Millis(r.LatencyP50), r.LatencyP50/r.LatencyMin, result.Millis(r.LatencyMin),
			result.Number(r.RequestsPerSecond), result.Millis(r.LatencyMin), Connections(max(served, 0.1)), Connections(math.Round(inside))),
		Action: "more connections only add waiting; load with fewer to see the latency without a queue, or look with --find-capacity for where it begins",
	}
}

// bodies: most of the time passes between the first and the last byte of an answer.
func bodies(_ *plan.Plan, r *result.Record, s *stats.Summary) *Advice {
	const (
		large = 32 << 10 // bytes
		most  = 0.5      // of the time
	)
	answers := s.Tally.Answers()
	all, first := s.Tally.OK.Mean(), s.Tally.FirstByte.Mean()
	if answers == 0 || all <= 0 || first <= 0 || s.Tally.BodyIn/answers < large {
		return nil
	}
	share := 1 - float64(first)/float64(all)
	if share < most {
		return nil
	}
	return &Advice{
		Code:    "large-bodies",
		Message: "Most of the time is spent on sending the bodies.",
		Evidence: fmt.Sprintf("a body has %s on average; %.0f%% of the time passes after the first byte, at %s Mbit/s in all",
			result.Bytes(s.Tally.BodyIn/answers), share*100, result.Number(r.ThroughputMbps)),
		Action: "send less (pages, fields, compression), or look at the network's and the proxy's speed",
	}
}
