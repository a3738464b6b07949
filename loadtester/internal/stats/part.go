package stats

import (
	"math"
	"math/bits"
	"time"
)

// Part is what was counted of one of several requests that are sent together. It is a
// small Tally: its histogram has two to three significant digits, so that there may be
// thousands of them. The zero value is empty and ready.
type Part struct {
	OK      Sketch
	Failed  uint64
	Answers []AnswerCount
	Errors  [kindCount]uint64
}

// AnswerCount is how often a status came.
type AnswerCount struct {
	Status int
	Good   bool // it counts as success
	Count  uint64
}

// RecordAnswer counts an answer.
func (p *Part) RecordAnswer(status int, good bool, took time.Duration) {
	p.answer(status, good, 1)
	if good {
		p.OK.Record(took)
	} else {
		p.Failed++
	}
}

// RecordError counts a request without an answer.
func (p *Part) RecordError(k Kind) {
	p.Errors[k]++
	p.Failed++
}

func (p *Part) answer(status int, good bool, n uint64) {
	for i := range p.Answers {
		if a := &p.Answers[i]; a.Status == status && a.Good == good {
			a.Count += n
			return
		}
	}
	p.Answers = append(p.Answers, AnswerCount{Status: status, Good: good, Count: n})
}

// Requests is how many requests ended, well or not.
func (p *Part) Requests() uint64 { return p.OK.n + p.Failed }

func (p *Part) merge(other *Part) {
	p.OK.merge(&other.OK)
	p.Failed += other.Failed
	for _, a := range other.Answers {
		p.answer(a.Status, a.Good, a.Count)
	}
	for i, n := range other.Errors {
		p.Errors[i] += n
	}
}

// reset empties the part and keeps its memory.
func (p *Part) reset() {
	if p.Requests() == 0 {
		return
	}
	p.OK.reset()
	*p = Part{OK: p.OK, Answers: p.Answers[:0]}
}

// The layout of a Sketch is that of Histogram with 128 buckets for every doubling.
const (
	sketchBits   = 8
	sketchHalf   = 1 << (sketchBits - 1)
	sketchBlocks = 36 // as many as reach maxValue
)

// Sketch is a Histogram whose quantiles are at most 0.4% off and whose memory, a KiB for
// each doubling that is in use, is taken when it is needed.
type Sketch struct {
	blocks   [sketchBlocks]*[sketchHalf]uint64
	n        uint64
	min, max int64
	sum      float64
}

// Record counts one duration, within 0 and one hour.
func (s *Sketch) Record(d time.Duration) {
	v := min(max(int64(d), 0), maxValue)
	i := sketchBucket(v)
	block := s.blocks[i/sketchHalf]
	if block == nil {
		block = new([sketchHalf]uint64)
		s.blocks[i/sketchHalf] = block
	}
	block[i%sketchHalf]++
	if s.n == 0 {
		s.min, s.max = v, v
	}
	s.min, s.max = min(s.min, v), max(s.max, v)
	s.n++
	s.sum += float64(v)
}

func sketchBucket(v int64) int {
	shift := bits.Len64(uint64(v)) - sketchBits
	if shift <= 0 {
		return int(v)
	}
	return shift*sketchHalf + int(v>>shift)
}

func (s *Sketch) merge(other *Sketch) {
	if other.n == 0 {
		return
	}
	for i, block := range other.blocks {
		if block == nil {
			continue
		}
		if s.blocks[i] == nil {
			s.blocks[i] = new([sketchHalf]uint64)
		}
		for j, n := range block {
			s.blocks[i][j] += n
		}
	}
	if s.n == 0 {
		s.min, s.max = other.min, other.max
	}
	s.min, s.max = min(s.min, other.min), max(s.max, other.max)
	s.n += other.n
	s.sum += other.sum
}

func (s *Sketch) reset() {
	for _, block := range s.blocks {
		if block != nil {
			clear(block[:])
		}
	}
	*s = Sketch{blocks: s.blocks}
}

// Count is how many durations were recorded.
func (s *Sketch) Count() uint64 { return s.n }

// Max is the longest duration, exactly; 0 when there is none.
func (s *Sketch) Max() time.Duration { return time.Duration(s.max) }

// Mean is the arithmetic mean, exactly; 0 when there is none.
func (s *Sketch) Mean() time.Duration {
	if s.n == 0 {
		return 0
	}
	return time.Duration(s.sum / float64(s.n))
}

// Quantile is the nearest-rank quantile, as that of Histogram.
func (s *Sketch) Quantile(q float64) time.Duration {
	if s.n == 0 {
		return 0
	}
	rank := min(max(uint64(math.Ceil(q*float64(s.n))), 1), s.n)
	var seen uint64
	for i, block := range s.blocks {
		if block == nil {
			continue
		}
		for j, n := range block {
			if seen += n; seen < rank || n == 0 {
				continue
			}
			from, width := int64(i*sketchHalf+j), int64(1)
			if i >= 2 {
				from, width = int64(j+sketchHalf)<<(i-1), 1<<(i-1)
			}
			return time.Duration(min(max(from+width/2, s.min), s.max))
		}
	}
	return time.Duration(s.max)
}
