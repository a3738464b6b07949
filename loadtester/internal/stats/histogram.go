package stats

import (
	"math"
	"math/bits"
	"time"
)

// The layout of a Histogram: values below 2048 ns have a bucket each, and every
// doubling above them is cut into 1024 equal buckets, so that a bucket is never
// wider than 1/1024 of its values: three significant digits. It is the layout of
// HdrHistogram with a unit of 1 ns and three digits, so counts can be carried over
// index by index.
const (
	subBits  = 11
	halfSub  = 1 << (subBits - 1)
	maxValue = int64(time.Hour)
)

// buckets is how many buckets reach maxValue.
const buckets = 31*halfSub + int(maxValue>>31) + 1

// Histogram counts durations from 0 to one hour; longer ones count as one hour.
// Its memory, about 270 KB, is taken at the first value and doesn't grow. It is
// not safe for concurrent use. The zero value is empty and ready.
type Histogram struct {
	counts   []uint64
	low      int // lowest index in use, valid when n > 0
	high     int // highest index in use
	n        uint64
	min, max int64
	sum      float64
	squares  float64
}

// Record counts one duration. Negative ones count as 0.
func (h *Histogram) Record(d time.Duration) { h.RecordCount(d, 1) }

// RecordCount counts a duration that came count times.
func (h *Histogram) RecordCount(d time.Duration, count uint64) {
	v := int64(d)
	if v < 0 {
		v = 0
	} else if v > maxValue {
		v = maxValue
	}
	if h.counts == nil {
		h.counts = make([]uint64, buckets)
	}
	i := bucketOf(v)
	h.counts[i] += count
	if h.n == 0 {
		h.low, h.high, h.min, h.max = i, i, v, v
	} else {
		h.low, h.high = min(h.low, i), max(h.high, i)
		h.min, h.max = min(h.min, v), max(h.max, v)
	}
	h.n += count
	f, times := float64(v), float64(count)
	h.sum += f * times
	h.squares += f * f * times
}

// Merge adds the counts of other, which is left as it is.
func (h *Histogram) Merge(other *Histogram) {
	if other.n == 0 {
		return
	}
	if h.counts == nil {
		h.counts = make([]uint64, buckets)
	}
	for i := other.low; i <= other.high; i++ {
		h.counts[i] += other.counts[i]
	}
	if h.n == 0 {
		h.low, h.high, h.min, h.max = other.low, other.high, other.min, other.max
	} else {
		h.low, h.high = min(h.low, other.low), max(h.high, other.high)
		h.min, h.max = min(h.min, other.min), max(h.max, other.max)
	}
	h.n += other.n
	h.sum += other.sum
	h.squares += other.squares
}

// Reset empties the histogram and keeps its memory.
func (h *Histogram) Reset() {
	if h.n > 0 {
		clear(h.counts[h.low : h.high+1])
	}
	*h = Histogram{counts: h.counts}
}

// Count is how many durations were recorded.
func (h *Histogram) Count() uint64 { return h.n }

// Min is the shortest duration, exactly; 0 when there is none.
func (h *Histogram) Min() time.Duration { return time.Duration(h.min) }

// Max is the longest duration, exactly; 0 when there is none.
func (h *Histogram) Max() time.Duration { return time.Duration(h.max) }

// Mean is the arithmetic mean, exactly; 0 when there is none.
func (h *Histogram) Mean() time.Duration {
	if h.n == 0 {
		return 0
	}
	return time.Duration(h.sum / float64(h.n))
}

// Deviation is the standard deviation of the whole population.
func (h *Histogram) Deviation() time.Duration {
	if h.n == 0 {
		return 0
	}
	mean := h.sum / float64(h.n)
	return time.Duration(math.Sqrt(max(0, h.squares/float64(h.n)-mean*mean)))
}

// Quantile is the nearest-rank quantile: the smallest recorded duration that at
// least the share q (0 to 1) of all durations doesn't exceed. It is the middle of
// that duration's bucket, kept within the shortest and the longest one recorded,
// and so at most 0.05% off. 0 when nothing was recorded.
func (h *Histogram) Quantile(q float64) time.Duration {
	if h.n == 0 {
		return 0
	}
	rank := uint64(math.Ceil(q * float64(h.n)))
	rank = min(max(rank, 1), h.n)
	if rank == h.n {
		return time.Duration(h.max)
	}
	var seen uint64
	for i := h.low; i <= h.high; i++ {
		seen += h.counts[i]
		if seen >= rank {
			from, width := boundsOf(i)
			return time.Duration(min(max(from+width/2, h.min), h.max))
		}
	}
	return time.Duration(h.max)
}

// CountAbove is how many durations are longer than d, to the width of a bucket.
func (h *Histogram) CountAbove(d time.Duration) uint64 {
	if h.n == 0 {
		return 0
	}
	var above uint64
	for i := max(h.low, bucketOf(min(int64(d), maxValue))+1); i <= h.high; i++ {
		above += h.counts[i]
	}
	return above
}

// Fingerprint is a number that two histograms have in common when their buckets do; that
// of a merged one is the sum of those it was merged from.
func (h *Histogram) Fingerprint() uint64 {
	var sum uint64
	if h.n == 0 {
		return 0
	}
	for i := h.low; i <= h.high; i++ {
		if n := h.counts[i]; n > 0 {
			sum += n * (uint64(i)*0x9e3779b97f4a7c15 | 1)
		}
	}
	return sum
}

// Bar is one filled bucket: durations from From to To, both included.
type Bar struct {
	From, To time.Duration
	Count    uint64
}

// Bars yields the filled buckets in ascending order.
func (h *Histogram) Bars(yield func(Bar) bool) {
	if h.n == 0 {
		return
	}
	for i := h.low; i <= h.high; i++ {
		if h.counts[i] == 0 {
			continue
		}
		from, width := boundsOf(i)
		if !yield(Bar{From: time.Duration(from), To: time.Duration(from + width - 1), Count: h.counts[i]}) {
			return
		}
	}
}

// bucketOf is the index of the bucket that holds v, which must not be negative.
func bucketOf(v int64) int {
	shift := bits.Len64(uint64(v)) - subBits
	if shift <= 0 {
		return int(v)
	}
	return shift*halfSub + int(v>>shift)
}

// boundsOf is the first value of a bucket and how many values it holds.
func boundsOf(i int) (from, width int64) {
	if i < 2*halfSub {
		return int64(i), 1
	}
	shift := i/halfSub - 1
	return int64(i%halfSub+halfSub) << shift, 1 << shift
}
