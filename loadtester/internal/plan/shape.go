package plan

import (
	"fmt"
	"math"
	"strconv"
	"strings"
	"time"

	"github.com/senior-backend/toolkit/shared/fault"
)

// Shape is how the load changes during a run: connections of a closed model, requests a
// second of an open one, over the time since the run began, warm-up included. After its
// last stage the load stays as it is.
type Shape struct {
	stages []stage
	last   stage // without an end
}

// stage is a stretch of time in which the load goes evenly from one level to another.
type stage struct {
	begin, length float64 // seconds
	from, to      float64
	before        float64 // requests that are due before it, with a rate
}

// newShape begins at a level and goes through stages, each a length and a level to reach.
func newShape(level float64, stages []stage) *Shape {
	s := &Shape{}
	var begin, before float64
	for _, st := range stages {
		if st.length > 0 {
			st.begin, st.from, st.before = begin, level, before
			s.stages = append(s.stages, st)
			begin += st.length
			before += st.length * (st.from + st.to) / 2
		}
		level = st.to
	}
	s.last = stage{begin: begin, from: level, to: level, before: before}
	return s
}

// length is the time of all stages.
func (s *Shape) length() time.Duration { return time.Duration(s.last.begin * float64(time.Second)) }

// at is the stage of a moment.
func (s *Shape) at(seconds float64) *stage {
	for i := range s.stages {
		if st := &s.stages[i]; seconds < st.begin+st.length {
			return st
		}
	}
	return &s.last
}

func (st *stage) level(seconds float64) float64 {
	if st.length == 0 {
		return st.to
	}
	return st.from + (st.to-st.from)*(seconds-st.begin)/st.length
}

// Connections is how many connections there may be at a moment.
func (s *Shape) Connections(moment time.Duration) int {
	seconds := moment.Seconds()
	return int(s.at(seconds).level(seconds) + 1e-6)
}

// never is a moment that doesn't come.
const never = time.Duration(math.MaxInt64)

// Reach is the first moment, not before the given one, at which there may be so many
// connections; never is further away than any run's end.
func (s *Shape) Reach(connections int, from time.Duration) time.Duration {
	if s.Connections(from) >= connections {
		return from
	}
	seconds, want := from.Seconds(), float64(connections)
	for i := range s.stages {
		st := &s.stages[i]
		if st.begin+st.length <= seconds {
			continue
		}
		switch {
		case st.begin >= seconds && st.from >= want:
			return after(st.begin, from)
		case st.to >= want && st.to > st.from:
			return after(st.begin+st.length*(want-st.from)/(st.to-st.from), from)
		}
	}
	if s.last.to >= want {
		return after(s.last.begin, from)
	}
	return never
}

func after(seconds float64, from time.Duration) time.Duration {
	return max(from, time.Duration(math.Ceil(seconds*float64(time.Second))))
}

// Due is when request k, from 0, of a schedule with this rate is due.
func (s *Shape) Due(k uint64) time.Duration {
	n := float64(k)
	st := &s.last
	for i := range s.stages {
		if next := &s.stages[i]; n < next.before+next.length*(next.from+next.to)/2 {
			st = next
			break
		}
	}
	n -= st.before
	// Over a time t of the stage, from·t + slope·t²/2 requests are due.
	slope := 0.0
	if st.length > 0 {
		slope = (st.to - st.from) / st.length
	}
	var t float64
	switch root := st.from*st.from + 2*slope*n; {
	case n <= 0:
	case st.from+math.Sqrt(max(root, 0)) == 0:
		return never
	default: // the form of the quadratic's solution that also holds for slope 0
		t = 2 * n / (st.from + math.Sqrt(max(root, 0)))
	}
	return time.Duration((st.begin + t) * float64(time.Second))
}

// Count is how many requests of a schedule with this rate are due before a moment, or one
// less.
func (s *Shape) Count(moment time.Duration) uint64 {
	seconds := moment.Seconds()
	st := s.at(seconds)
	return uint64(max(0, st.before+(seconds-st.begin)*(st.from+st.level(seconds))/2-1))
}

// parseStages reads "30s:100,1m:500".
func parseStages(text string) ([]stage, error) {
	var stages []stage
	for _, item := range strings.Split(text, ",") {
		length, level, found := strings.Cut(strings.TrimSpace(item), ":")
		d, err := ParseSeconds(length)
		n, err2 := strconv.ParseFloat(level, 64)
		if !found || err != nil || err2 != nil || d < 0 || !(n >= 0 && n <= MaxRate) {
			return nil, fault.Usagef("--stages %q: %q is no stage; write TIME:LEVEL, such as 30s:100,1m:500", text, item)
		}
		stages = append(stages, stage{length: d.Seconds(), to: n})
	}
	return stages, nil
}

// shape sets how the load changes, and what follows from it: the most connections, the
// highest rate and how long the run takes.
func (o Options) shape(p *Plan) error {
	if o.Ramp != "" && o.Stages != "" {
		return fault.Usagef("--ramp and --stages exclude each other; a ramp is a stage too")
	}
	switch {
	case o.Ramp != "":
		d, err := ParseSeconds(o.Ramp)
		if err != nil || d <= 0 || d > MaxDuration {
			return fault.Usagef("--ramp %q: not a time; write seconds such as 10 or 0.5, or 30s, 2m, 1h", o.Ramp)
		}
		from, to := 1.0, float64(p.Concurrency)
		if p.Rate > 0 {
			from, to = 0, p.Rate
		}
		p.Shape, p.Stages = newShape(from, []stage{{length: d.Seconds(), to: to}}), fmt.Sprintf("%s:%v", o.Ramp, to)
	case o.Stages != "":
		return o.stages(p)
	}
	return nil
}

func (o Options) stages(p *Plan) error {
	stages, err := parseStages(o.Stages)
	if err != nil {
		return err
	}
	from := 1.0
	if o.ConcurrencySet {
		from = float64(o.Concurrency)
	}
	if p.Rate > 0 {
		from = p.Rate
	}
	p.Shape, p.Stages = newShape(from, stages), o.Stages
	highest := from
	for _, s := range stages {
		highest = max(highest, s.to)
	}
	switch {
	case p.Rate > 0:
		p.Rate = highest
	case highest > MaxConcurrency:
		return fault.Usagef("--stages %q: %v connections are more than %d; with --rate the levels are rates", o.Stages, highest, MaxConcurrency)
	default:
		p.Concurrency = int(highest)
		p.MaxConnections, p.Threads = p.Concurrency, o.threads(p.Concurrency)
	}
	length := p.Shape.length() - p.Warmup
	if length <= 0 {
		return fault.Usagef("--stages %q: nothing is left of them after a warm-up of %v", o.Stages, p.Warmup)
	}
	if o.Duration == "" || length < p.Duration {
		p.Duration = length
	}
	return nil
}

// Span is a range of time; both ends may be the same.
type Span struct{ Least, Most time.Duration }

// think sets the pause between the requests of a connection: "100ms" or "50ms-200ms".
func (o Options) think(p *Plan) error {
	if o.Think == "" {
		return nil
	}
	low, high, isRange := strings.Cut(o.Think, "-")
	if !isRange {
		high = low
	}
	least, err := ParseSeconds(low)
	most, err2 := ParseSeconds(high)
	switch {
	case err != nil || err2 != nil || least < 0 || most < least || most > MaxDuration:
		return fault.Usagef("--think %q: no time; write such as 0.5, 100ms or 50ms-200ms", o.Think)
	case p.Rate > 0:
		return fault.Usagef("--think and --rate exclude each other: a schedule waits for no answer")
	}
	p.Think, p.ThinkText = Span{Least: least, Most: most}, o.Think
	return nil
}
