package stats

import (
	"encoding/binary"
	"errors"
	"fmt"
	"math"
	"time"
)

// tallyVersion is the first byte of an encoded tally.
const tallyVersion = 1

// ErrEncoding says that bytes are no encoded tally.
var ErrEncoding = errors.New("not a tally")

// AppendBinary appends the tally to b, without loss. Only what is in use takes room: a
// few bytes for each filled bucket of a histogram, each status and each kind of error.
func (t *Tally) AppendBinary(b []byte) ([]byte, error) {
	return t.append(b, 0, len(t.Parts)), nil
}

// Encode yields the tally in pieces that are no longer than limit, if they can be: tallies
// that merge to what it is.
func (t *Tally) Encode(limit int, yield func(piece []byte)) {
	t.encode(0, len(t.Parts), limit, yield)
}

func (t *Tally) encode(from, to, limit int, yield func([]byte)) {
	piece := t.append(nil, from, to)
	if len(piece) <= limit || to-from < 2 {
		yield(piece)
		return
	}
	middle := (from + to) / 2
	t.encode(from, middle, limit, yield)
	t.encode(middle, to, limit, yield)
}

// append appends some of the parts, and with the first of them all that is not in parts.
func (t *Tally) append(b []byte, from, to int) []byte {
	parts := t.Parts
	if from > 0 {
		t = &Tally{}
	}
	w := writer{b: append(b, tallyVersion)}
	for _, h := range []*Histogram{&t.OK, &t.Failed, &t.Service} {
		w.histogram(h)
	}
	w.sparse(t.Status[:])
	w.sparse(t.Bad[:])
	w.sparse(t.Errors[:])
	for _, n := range t.Tenths {
		w.number(uint64(n))
	}
	for _, n := range t.counters() {
		w.number(*n)
	}
	for _, s := range t.spans() {
		w.number(s.Count)
		w.number(uint64(s.Sum))
		w.number(uint64(s.Max))
	}
	used := 0
	for i := from; i < to; i++ {
		if parts[i].Requests() > 0 {
			used++
		}
	}
	w.number(uint64(used))
	for i := from; i < to; i++ {
		if p := &parts[i]; p.Requests() > 0 {
			w.number(uint64(i))
			w.part(p)
		}
	}
	return w.b
}

// UnmarshalBinary makes t what AppendBinary wrote. The memory that t has is used again.
func (t *Tally) UnmarshalBinary(b []byte) error {
	t.Reset()
	r := reader{rest: b}
	if r.byte() != tallyVersion {
		return fmt.Errorf("%w: another version", ErrEncoding)
	}
	for _, h := range []*Histogram{&t.OK, &t.Failed, &t.Service} {
		r.histogram(h)
	}
	r.sparse(t.Status[:])
	r.sparse(t.Bad[:])
	r.sparse(t.Errors[:])
	for i := range t.Tenths {
		t.Tenths[i] = uint32(r.number())
	}
	for _, n := range t.counters() {
		*n = r.number()
	}
	for _, s := range t.spans() {
		s.Count, s.Sum, s.Max = r.number(), time.Duration(r.number()), time.Duration(r.number())
	}
	for range r.count() {
		i := r.number()
		if i >= mostParts {
			r.fail()
			break
		}
		r.part(t.Part(int(i)))
	}
	if r.bad || len(r.rest) > 0 {
		t.Reset()
		return ErrEncoding
	}
	return nil
}

// mostParts is how many parts a tally may have, at most.
const mostParts = 10_000

// counters are the plain counts, in the order in which they are encoded.
func (t *Tally) counters() []*uint64 {
	return []*uint64{
		&t.WireIn, &t.WireOut, &t.BodyIn, &t.Opened, &t.Reused, &t.Retried, &t.Redirects,
		&t.Resets, &t.GoAways, &t.Late, &t.Resent, &t.Unordered,
	}
}

func (t *Tally) spans() []*Span {
	return []*Span{&t.Lookup, &t.Connect, &t.Handshake, &t.FirstByte, &t.Body}
}

// writer appends numbers as varints and fractions as their bits.
type writer struct{ b []byte }

func (w *writer) number(n uint64) { w.b = binary.AppendUvarint(w.b, n) }

func (w *writer) float(f float64) { w.b = binary.LittleEndian.AppendUint64(w.b, math.Float64bits(f)) }

func (w *writer) histogram(h *Histogram) {
	w.number(h.n)
	if h.n == 0 {
		return
	}
	w.number(uint64(h.min))
	w.number(uint64(h.max))
	w.float(h.sum)
	w.float(h.squares)
	w.sparse(h.counts[h.low : h.high+1])
	w.number(uint64(h.low))
}

// sparse writes how many counts are above 0, and each with its distance from the one
// before.
func (w *writer) sparse(counts []uint64) {
	used := 0
	for _, n := range counts {
		if n > 0 {
			used++
		}
	}
	w.number(uint64(used))
	last := -1
	for i, n := range counts {
		if n > 0 {
			w.number(uint64(i - last - 1))
			w.number(n)
			last = i
		}
	}
}

func (w *writer) part(p *Part) {
	s := &p.OK
	w.number(s.n)
	if s.n > 0 {
		w.number(uint64(s.min))
		w.number(uint64(s.max))
		w.float(s.sum)
		blocks := 0
		for _, block := range s.blocks {
			if block != nil {
				blocks++
			}
		}
		w.number(uint64(blocks))
		for i, block := range s.blocks {
			if block != nil {
				w.number(uint64(i))
				w.sparse(block[:])
			}
		}
	}
	w.number(p.Failed)
	w.number(uint64(len(p.Answers)))
	for _, a := range p.Answers {
		good := uint64(0)
		if a.Good {
			good = 1
		}
		w.number(uint64(a.Status)<<1 | good)
		w.number(a.Count)
	}
	w.sparse(p.Errors[:])
}

// reader reads what a writer wrote; once it is bad, it reads zeros.
type reader struct {
	rest []byte
	bad  bool
}

func (r *reader) fail() { r.bad, r.rest = true, nil }

func (r *reader) byte() byte {
	if len(r.rest) == 0 {
		r.fail()
		return 0
	}
	b := r.rest[0]
	r.rest = r.rest[1:]
	return b
}

func (r *reader) number() uint64 {
	n, size := binary.Uvarint(r.rest)
	if size <= 0 {
		r.fail()
		return 0
	}
	r.rest = r.rest[size:]
	return n
}

// count is a number of things that take a byte each at least.
func (r *reader) count() int {
	n := r.number()
	if n > uint64(len(r.rest)) {
		r.fail()
		return 0
	}
	return int(n)
}

func (r *reader) float() float64 {
	if len(r.rest) < 8 {
		r.fail()
		return 0
	}
	f := math.Float64frombits(binary.LittleEndian.Uint64(r.rest))
	r.rest = r.rest[8:]
	return f
}

// sparse adds counts up and returns their sum; what is already there is kept.
func (r *reader) sparse(into []uint64) (sum uint64) {
	at := -1
	for range r.count() {
		gap, n := r.number(), r.number()
		if r.bad || gap >= uint64(len(into)) || at+1+int(gap) >= len(into) || n == 0 {
			r.fail()
			return sum
		}
		at += 1 + int(gap)
		into[at] += n
		sum += n
	}
	return sum
}

// histogram reads into an empty histogram.
func (r *reader) histogram(h *Histogram) {
	n := r.number()
	if n == 0 {
		return
	}
	if h.counts == nil {
		h.counts = make([]uint64, buckets)
	}
	low, high := int64(r.number()), int64(r.number())
	sum, squares := r.float(), r.float()
	if r.bad || low < 0 || high > maxValue || low > high || !finite(sum) || !finite(squares) {
		r.fail()
		return
	}
	h.n, h.min, h.max, h.sum, h.squares = n, low, high, sum, squares
	h.low, h.high = bucketOf(low), bucketOf(high)
	if counted := r.sparse(h.counts[h.low : h.high+1]); counted != n || r.number() != uint64(h.low) {
		r.fail()
	}
}

func finite(f float64) bool { return f >= 0 && !math.IsInf(f, 0) }

func (r *reader) part(p *Part) {
	s := &p.OK
	if s.n = r.number(); s.n > 0 {
		s.min, s.max, s.sum = int64(r.number()), int64(r.number()), r.float()
		if s.min < 0 || s.max > maxValue || s.min > s.max || !finite(s.sum) {
			r.fail()
			s.n = 0
			return
		}
		var counted uint64
		for range r.count() {
			i := r.number()
			if i >= sketchBlocks {
				r.fail()
				break
			}
			if s.blocks[i] == nil {
				s.blocks[i] = new([sketchHalf]uint64)
			}
			counted += r.sparse(s.blocks[i][:])
		}
		if counted != s.n {
			r.fail()
		}
	}
	p.Failed = r.number()
	for range r.count() {
		code, n := r.number(), r.number()
		if code>>1 >= uint64(len(Tally{}.Status)) {
			r.fail()
			return
		}
		p.answer(int(code>>1), code&1 == 1, n)
	}
	r.sparse(p.Errors[:])
}
