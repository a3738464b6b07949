package verdict

import (
	"encoding/json"
	"math"
	"math/rand/v2"
	"slices"

	"github.com/senior-backend/toolkit/loadtester/internal/result"
)

// What a difference comes to.
const (
	Better = "better"
	Worse  = "worse"
	Same   = "same" // as far as can be told
)

// Difference is how a metric of B compares with that of A.
type Difference struct {
	Metric  string
	Unit    string // "time" in milliseconds, "share" or "number"
	A, B    float64
	Paired  float64 // B/A of what ran next to each other, on average; 0 when nothing did
	Low     float64 // of the interval for B/A; NaN when there is none
	High    float64
	Verdict string // Better, Worse or Same, from B's side
}

// MarshalJSON writes the difference with null for an interval that there isn't.
func (d Difference) MarshalJSON() ([]byte, error) {
	known := func(v float64) *float64 {
		if math.IsNaN(v) || math.IsInf(v, 0) {
			return nil
		}
		return &v
	}
	return json.Marshal(struct {
		Metric  string   `json:"metric"`
		Unit    string   `json:"unit"`
		A       float64  `json:"a"`
		B       float64  `json:"b"`
		Ratio   *float64 `json:"ratio"`
		Low     *float64 `json:"ratio_low"`
		High    *float64 `json:"ratio_high"`
		Verdict string   `json:"verdict"`
	}{d.Metric, d.Unit, d.A, d.B, known(d.Ratio()), known(d.Low), known(d.High), d.Verdict})
}

// Ratio is B/A, without what drift of the machine did to A and B where that is known.
func (d Difference) Ratio() float64 {
	if d.Paired > 0 {
		return d.Paired
	}
	return d.B / d.A
}

// Words are A and B as a person reads them.
func (d Difference) Words() (a, b string) { return words(d.A, d.Unit), words(d.B, d.Unit) }

// comparedMetric is a metric that comparisons look at.
type comparedMetric struct {
	name         string
	unit         string
	moreIsBetter bool
	of           func(*result.Record) float64
	second       func(result.Point) float64 // its value in a second; nil when seconds don't tell
}

func compared() []comparedMetric {
	return []comparedMetric{
		{"rps", unitPlain, true, func(r *result.Record) float64 { return r.RequestsPerSecond }, func(p result.Point) float64 { return float64(p.Requests) }},
		// The fast requests tell a difference of the code where a busy machine hides it.
		{"p10", unitTime, false, (*result.Record).LatencyP10, nil},
		{"p50", unitTime, false, func(r *result.Record) float64 { return r.LatencyP50 }, func(p result.Point) float64 { return p.P50 }},
		{"p90", unitTime, false, func(r *result.Record) float64 { return r.LatencyP90 }, func(p result.Point) float64 { return p.P90 }},
		{"p99", unitTime, false, func(r *result.Record) float64 { return r.LatencyP99 }, func(p result.Point) float64 { return p.P99 }},
		{"error_rate", unitShare, false, func(r *result.Record) float64 { return r.ErrorRate }, nil},
	}
}

const (
	// leastSlices is how many slices a bootstrap needs to say anything.
	leastSlices = 4
	// confidence is that of each interval. It is high since a comparison looks at five
	// metrics: all together still hold in more than 95 of 100 comparisons.
	confidence = 0.995
	resamples  = 10_000
	// errorSlack is the share of failures that is worth a word.
	errorSlack = 0.001
)

// judge decides, given how much worse is tolerable. Without an interval the tolerance
// alone decides. Shares of errors have no useful ratio: they are worse when they grew
// by more than the tolerance and by more than one in a thousand.
func (d *Difference) judge(m comparedMetric, tolerance float64) {
	d.Verdict = Same
	if m.unit == unitShare {
		switch slack := max(errorSlack, min(d.A, d.B)*tolerance); {
		case d.B > d.A+slack:
			d.Verdict = Worse
		case d.A > d.B+slack:
			d.Verdict = Better
		}
		return
	}
	ratio := d.Ratio()
	if d.A <= 0 || math.IsNaN(ratio) {
		return
	}
	up := ratio > 1+tolerance && !(d.Low <= 1)
	down := ratio < 1/(1+tolerance) && !(d.High >= 1)
	switch {
	case up && m.moreIsBetter, down && !m.moreIsBetter:
		d.Verdict = Better
	case up, down:
		d.Verdict = Worse
	}
}

// Pairs compares two targets by slices of load that alternated between them: a[i] and
// b[i] ran next to each other. A difference counts when its interval leaves out 1.
func Pairs(allA, allB *result.Record, a, b []*result.Record) []Difference {
	var differences []Difference
	for _, m := range compared() {
		d := Difference{Metric: m.name, Unit: m.unit, A: m.of(allA), B: m.of(allB), Low: math.NaN(), High: math.NaN()}
		var logs []float64
		for i := range a {
			x, y := m.of(a[i]), m.of(b[i])
			if x > 0 && y > 0 {
				logs = append(logs, math.Log(y/x))
			}
		}
		if m.unit != unitShare {
			if len(logs) < leastSlices {
				d.Verdict = Same
				differences = append(differences, d)
				continue
			}
			d.Low, d.High = bootstrapMean(logs)
			d.Paired = math.Exp(center(logs)) // what the interval belongs to
		}
		d.judge(m, 0)
		differences = append(differences, d)
	}
	return differences
}

// bootstrapMean is the interval of exp(center) by resampling.
func bootstrapMean(values []float64) (low, high float64) {
	random := rand.New(rand.NewPCG(1, 2)) //nolint:gosec // the same data must give the same verdict
	centers, from := make([]float64, resamples), newResampler(values)
	for i := range centers {
		centers[i] = from.center(random)
	}
	low, high = interval(centers, center(values), kept(len(values))-1)
	return math.Exp(low), math.Exp(high)
}

// bootstrapUnpaired is the interval of the ratio of the centers of b and a, as those of
// their logarithms, by resampling each. Values must be above 0.
func bootstrapUnpaired(a, b []float64) (low, high float64) {
	random := rand.New(rand.NewPCG(1, 2)) //nolint:gosec // the same data must give the same verdict
	a, b = blocks(logs(a)), blocks(logs(b))
	apart, fromA, fromB := make([]float64, resamples), newResampler(a), newResampler(b)
	for i := range apart {
		apart[i] = fromB.center(random) - fromA.center(random)
	}
	low, high = interval(apart, center(b)-center(a), kept(len(a))+kept(len(b))-2)
	return math.Exp(low), math.Exp(high)
}

// mostBlocks is how many values are resampled at most.
const mostBlocks = 120

// blocks are the values, or the means of stretches of them when they are many: seconds
// next to each other are alike, and to take them for independent makes too narrow an
// interval.
func blocks(values []float64) []float64 {
	if len(values) <= mostBlocks {
		return values
	}
	var means []float64
	for i := range mostBlocks {
		means = append(means, mean(values[i*len(values)/mostBlocks:(i+1)*len(values)/mostBlocks]))
	}
	return means
}

func logs(values []float64) []float64 {
	out := make([]float64, len(values))
	for i, v := range values {
		out[i] = math.Log(v)
	}
	return out
}

// trimmed is the share of the least and of the greatest values that a center leaves out.
const trimmed = 0.2

// kept is how many of n values a center is the mean of.
func kept(n int) int { return n - 2*int(trimmed*float64(n)) }

// center is the trimmed mean: a moment in which this machine had other things to do makes
// a slice that is far off, and a mean that no other slice supports.
func center(values []float64) float64 {
	sorted := slices.Sorted(slices.Values(values))
	cut := int(trimmed * float64(len(sorted)))
	return mean(sorted[cut : len(sorted)-cut])
}

// resampler draws centers of as many of its values as there are, with replacement.
type resampler struct {
	sorted []float64
	times  []int // how often each was drawn
}

func newResampler(values []float64) *resampler {
	return &resampler{sorted: slices.Sorted(slices.Values(values)), times: make([]int, len(values))}
}

// center counts how often each value is drawn rather than sorting those that are.
func (r *resampler) center(random *rand.Rand) float64 {
	clear(r.times)
	n := len(r.sorted)
	for range n {
		r.times[random.Uint32N(uint32(n))]++
	}
	left, skip := kept(n), (n-kept(n))/2
	sum := 0.0
	for i, times := range r.times {
		skipped := min(times, skip)
		skip -= skipped
		used := min(times-skipped, left)
		left -= used
		sum += float64(used) * r.sorted[i]
	}
	return sum / float64(kept(n))
}

// interval is that of the resampled values around what was measured. Resampling few
// values makes too narrow a one; as with Student's distribution it is widened by what the
// degrees of freedom ask for.
func interval(samples []float64, measured float64, freedom int) (low, high float64) {
	slices.Sort(samples)
	tail := (1 - confidence) / 2
	low, high = samples[int(tail*float64(len(samples)))], samples[int((1-tail)*float64(len(samples)-1))]
	wider := studentFactor(float64(max(freedom, 3)))
	return measured - wider*(measured-low), measured + wider*(high-measured)
}

// studentFactor is how much wider than a normal distribution's the interval of Student's
// is: the expansion of its quantile by M. Abramowitz, I. Stegun, "Handbook of
// Mathematical Functions", 26.7.5.
func studentFactor(freedom float64) float64 {
	const z = 2.807 // the normal quantile of confidence, two-sided
	const z2 = z * z
	return 1 + (z2+1)/(4*freedom) + (5*z2*z2+16*z2+3)/(96*freedom*freedom) +
		(3*z2*z2*z2+19*z2*z2+17*z2-15)/(384*freedom*freedom*freedom)
}

func mean(values []float64) float64 {
	sum := 0.0
	for _, v := range values {
		sum += v
	}
	return sum / float64(len(values))
}
