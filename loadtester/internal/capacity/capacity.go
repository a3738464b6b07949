// Package capacity finds where the capacity of a server ends: which loads to try, and
// what they say.
//
// A Search is asked which number of connections to try next and told what came of it;
// an Estimate comes out: the knee, the ceiling, a fit of the Universal Scalability Law,
// the highest load within an objective, and how many instances a rate needs. It knows
// neither the network nor the clock. Nothing is refused; an Estimate says what it could
// not find.
//
// The knee is where the two lines meet that bound every closed system: the rate can't
// grow faster than the number of connections, and not beyond the ceiling. It is the
// ceiling divided by the rate of one connection that needn't wait for others (P. Denning,
// J. Buzen, "The Operational Analysis of Queueing Network Models", Computing Surveys
// 10:3, 1978). A server with eight workers has its knee at eight.
package capacity

import (
	"cmp"
	"math"
	"slices"
)

// Step is a stretch of load with one number of connections. When it is tried again,
// latencies and the objective are those of all that was measured with that number.
type Step struct {
	Connections int     `json:"connections"`
	Rate        float64 `json:"requests_per_second"` // of successes
	P50         float64 `json:"latency_p50"`         // milliseconds
	P99         float64 `json:"latency_p99"`
	ErrorRate   float64 `json:"error_rate"`       // 0 to 1
	Within      bool    `json:"within_objective"` // true where there is no objective
	ClientBusy  float64 `json:"client_busy"`      // 0 to 1
	Errors      string  `json:"errors,omitempty"` // the most frequent ones, for a person
}

// Point is a load: connections, which need not be whole, and the rate that they make.
type Point struct {
	Connections float64 `json:"connections"`
	Rate        float64 `json:"requests_per_second"`
}

// Estimate is what the steps say. Pointers are nil for what could not be found, or was
// not asked for.
type Estimate struct {
	Knee      *Point  `json:"knee"`      // nil while the rate still grew at the most connections tried
	Ceiling   float64 `json:"ceiling"`   // the highest rate that lasted, requests a second
	Objective *Point  `json:"objective"` // the highest load within the objective
	Fit       *USL    `json:"usl"`
	// Spread is by how much two passes over the same loads differ, as a share of their
	// mean: the larger of the knees' and the ceilings'. Negative when there was one pass.
	Spread     float64 `json:"spread"`
	Repeatable bool    `json:"repeatable"`
	ErrorsFrom *Step   `json:"errors_from"` // the first load at which requests failed
	Steps      []Step  `json:"steps"`       // by connections, both passes in one
}

const (
	// tolerableSpread is the spread up to which two passes agree.
	tolerableSpread = 0.15
	// failing is the share of failures from which a load counts as too much.
	failing = 0.01
	// level is how close to the greatest a value counts as just as great.
	levelRate, levelShare = 0.95, 0.9
)

// estimate computes what the steps of the passes say.
func estimate(passes [][]Step, hasObjective bool) Estimate {
	e := Estimate{Steps: merged(passes), Spread: -1, Repeatable: true}
	e.Knee, e.Ceiling = knee(e.Steps)
	e.Fit = fitUSL(e.Steps)
	for i := range e.Steps {
		if e.Steps[i].ErrorRate >= failing {
			e.ErrorsFrom = &e.Steps[i]
			break
		}
	}
	if hasObjective {
		e.Objective = within(e.Steps)
	}
	if len(passes) == 2 {
		e.Spread = spread(common(passes[0], passes[1]), common(passes[1], passes[0]))
		e.Repeatable = e.Spread <= tolerableSpread
	}
	return e
}

// knee finds the knee and the ceiling. The knee is nil unless loads clearly beyond it
// were tried.
func knee(steps []Step) (*Point, float64) {
	most, best, last := 0.0, 0.0, 0
	for _, s := range steps {
		most = max(most, s.Rate)
		best = max(best, s.Rate/float64(s.Connections))
		last = max(last, s.Connections)
	}
	if most == 0 {
		return nil, 0
	}
	ceiling := average(steps, func(s Step) (float64, bool) { return s.Rate, s.Rate >= levelRate*most })
	alone := average(steps, func(s Step) (float64, bool) {
		each := s.Rate / float64(s.Connections)
		return each, each >= levelShare*best
	})
	at := &Point{Connections: ceiling / alone, Rate: ceiling}
	if float64(last) < 1.25*at.Connections {
		return nil, ceiling
	}
	return at, ceiling
}

// average is the mean of what value picks.
func average(steps []Step, value func(Step) (float64, bool)) float64 {
	sum, n := 0.0, 0
	for _, s := range steps {
		if v, ok := value(s); ok {
			sum += v
			n++
		}
	}
	return sum / float64(max(n, 1))
}

// kept is how many of the steps, by load, are within the objective. Since a load can be
// within or outside of it by chance, it is where the fewest steps are on the wrong side.
func kept(steps []Step) int {
	best, wrong := 0, 0
	for _, s := range steps {
		if s.Within {
			wrong++ // if nothing were kept
		}
	}
	least := wrong
	for i, s := range steps {
		if s.Within {
			wrong--
		} else {
			wrong++
		}
		if wrong <= least { // it is rather a failure that is due to chance
			best, least = i+1, wrong
		}
	}
	return best
}

// within is the highest load within the objective: of those that make about the highest
// rate, the one with the most connections. nil when already the least load is outside.
func within(steps []Step) *Point {
	var best *Point
	most := 0.0
	for _, s := range steps[:kept(steps)] {
		most = max(most, s.Rate)
		if s.Within && s.Rate >= levelRate*most {
			best = &Point{Connections: float64(s.Connections), Rate: s.Rate}
		}
	}
	return best
}

// spread is by how much two passes over the same loads disagree.
func spread(a, b []Step) float64 {
	kneeA, ceilingA := knee(a)
	kneeB, ceilingB := knee(b)
	apart := func(x, y float64) float64 { return math.Abs(x-y) / max((x+y)/2, 1e-9) }
	s := apart(ceilingA, ceilingB)
	switch {
	case kneeA != nil && kneeB != nil:
		return max(s, apart(kneeA.Connections, kneeB.Connections))
	case kneeA != nil || kneeB != nil:
		return max(s, 1)
	default:
		return s
	}
}

// common are the steps of a at loads that b has as well.
func common(a, b []Step) []Step {
	var both []Step
	for _, s := range a {
		if slices.ContainsFunc(b, func(o Step) bool { return o.Connections == s.Connections }) {
			both = append(both, s)
		}
	}
	return both
}

// merged are the steps of all passes, those of the same load in one, by load. Latencies
// and the objective of the latest are those of all.
func merged(passes [][]Step) []Step {
	groups := map[int][]Step{}
	for _, pass := range passes {
		for _, s := range pass {
			groups[s.Connections] = append(groups[s.Connections], s)
		}
	}
	steps := []Step{}
	for _, group := range groups {
		one := group[0]
		for _, s := range group[1:] {
			one.Rate += s.Rate
			one.P50, one.P99, one.Within = s.P50, s.P99, s.Within
			one.ErrorRate += s.ErrorRate
			one.ClientBusy = max(one.ClientBusy, s.ClientBusy)
			one.Errors = cmp.Or(one.Errors, s.Errors)
		}
		n := float64(len(group))
		one.Rate, one.ErrorRate = one.Rate/n, one.ErrorRate/n
		steps = append(steps, one)
	}
	slices.SortFunc(steps, func(a, b Step) int { return a.Connections - b.Connections })
	return steps
}

// Operating is the load that an instance should carry: that of the knee, or the
// highest within the objective when that ends before it; nil when neither was found.
func (e *Estimate) Operating(hasObjective bool) *Point {
	switch {
	case hasObjective && e.Objective == nil:
		return nil
	case e.Objective != nil && (e.Knee == nil || e.Objective.Connections <= e.Knee.Connections):
		return e.Objective
	case e.Knee != nil:
		return &Point{Connections: max(1, math.Round(e.Knee.Connections)), Rate: e.Knee.Rate}
	default:
		return nil
	}
}

// Instances is how many instances, each carrying share (0 to 1) of the load, a rate needs.
func (p *Point) Instances(rate, share float64) int {
	return int(math.Ceil(rate/(p.Rate*share) - 1e-9))
}
