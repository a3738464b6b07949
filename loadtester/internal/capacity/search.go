package capacity

import (
	"math"
	"slices"
)

// Search decides which loads to try. It climbs by doubling until more connections bring
// no more, then looks closer at the knee and at the end of the objective, and then tries
// everything once more from the top down, so that what is due to the moment shows.
type Search struct {
	most         int  // connections
	hasObjective bool // tells that steps may be outside of it

	passes  [][]Step
	again   []int // what the second pass has still to try
	looks   int   // closer looks at the knee so far
	climbed bool
}

// NewSearch begins a search with up to most connections.
func NewSearch(most int, hasObjective bool) *Search {
	return &Search{most: most, hasObjective: hasObjective, passes: [][]Step{nil}}
}

// Most is how many steps the search takes at most, about.
func (s *Search) Most() int {
	const looks = 6
	return 2 * (int(math.Ceil(math.Log2(float64(s.most)))) + 1 + looks)
}

// Next is the number of connections to try next; false when everything is known.
func (s *Search) Next() (connections int, ok bool) {
	if len(s.passes) == 2 {
		if len(s.again) == 0 {
			return 0, false
		}
		return s.again[0], true
	}
	for _, choose := range []func() int{s.climb, s.nearKnee, s.nearObjective} {
		if n := choose(); n > 0 {
			return n, true
		}
	}
	if len(s.passes[0]) < 2 {
		return 0, false
	}
	for _, step := range merged(s.passes) {
		s.again = append(s.again, step.Connections)
	}
	slices.Reverse(s.again)
	s.passes = append(s.passes, nil)
	return s.again[0], true
}

// Left is how many steps are left; known only in the second pass, before it 0.
func (s *Search) Left() int { return len(s.again) }

// Add tells what came of the step that Next asked for.
func (s *Search) Add(step Step) {
	last := len(s.passes) - 1
	s.passes[last] = append(s.passes[last], step)
	if last == 1 && len(s.again) > 0 {
		s.again = s.again[1:]
	}
}

// Estimate is what is known so far.
func (s *Search) Estimate() Estimate { return estimate(s.passes, s.hasObjective) }

// enough is how many steps in a row must bring nothing more to end the climb.
const enough = 2

func (s *Search) climb() int {
	steps := s.passes[0]
	if len(steps) == 0 {
		return 1
	}
	if s.climbed {
		return 0
	}
	best, idle := 0.0, 0
	for _, step := range steps {
		if step.Rate > 1.05*best {
			idle = 0
		} else {
			idle++
		}
		best = max(best, step.Rate)
	}
	last := steps[len(steps)-1]
	if idle >= enough || last.Connections >= s.most || last.ErrorRate > 0.5 {
		s.climbed = true
		return 0
	}
	return min(last.Connections*2, s.most)
}

// nearKnee is a load near the knee that was not tried yet; 0 when there is none.
func (s *Search) nearKnee() int {
	const most = 4
	at, _ := knee(merged(s.passes))
	if at == nil || s.looks >= most {
		return 0
	}
	for _, factor := range []float64{1, 0.75, 1.25} {
		if n := int(math.Round(at.Connections * factor)); n >= 1 && n <= s.most && !s.tried(n) {
			s.looks++
			return n
		}
	}
	return 0
}

// nearObjective is a load between the last within the objective and the first outside
// of it; 0 when they are close.
func (s *Search) nearObjective() int {
	steps := merged(s.passes)
	n := kept(steps)
	if n == 0 || n == len(steps) {
		return 0
	}
	inside, outside := steps[n-1].Connections, steps[n].Connections
	if float64(outside-inside) <= max(1, 0.08*float64(inside)) {
		return 0
	}
	return (inside + outside) / 2
}

func (s *Search) tried(connections int) bool {
	return slices.ContainsFunc(s.passes[0], func(step Step) bool { return step.Connections == connections })
}
