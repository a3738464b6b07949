package plan

import (
	"sort"

	"github.com/senior-backend/toolkit/loadtester/internal/template"
)

// Ordinals of the random numbers that choose, far from those of the templates.
const (
	ordinalOfRow = 1 << 40
	ordinalOfMix = 1<<40 + 1
)

// longestRound is how many requests a round of a mix has at most. In each round every
// request comes as often as its weight says.
const longestRound = 1 << 16

// Mix tells which request of a target is sent when. The zero value is that of a target
// with one request.
type Mix struct {
	round []uint16 // the requests in turn; empty when their weights are too large for that
	upTo  []uint64 // the sums of the weights up to each request
}

// newMix spreads requests by their weights: as evenly as it goes, as nginx does with its
// upstreams (smooth weighted round robin), so that none comes in bursts.
func newMix(weights []int) Mix {
	var m Mix
	var total uint64
	divisor := 0
	for _, w := range weights {
		divisor = gcd(w, divisor)
	}
	for _, w := range weights {
		total += uint64(w / max(divisor, 1))
		m.upTo = append(m.upTo, total)
	}
	if len(weights) < 2 {
		return Mix{}
	}
	if total > longestRound || len(weights) > 2000 { // the second bounds the time this takes
		return m
	}
	current := make([]int, len(weights))
	for range total {
		best := 0
		for i, w := range weights {
			current[i] += w / divisor
			if current[i] > current[best] {
				best = i
			}
		}
		current[best] -= int(total)
		m.round = append(m.round, uint16(best))
	}
	return m
}

func gcd(a, b int) int {
	for b != 0 {
		a, b = b, a%b
	}
	return a
}

// pick is which request is sent with the values as the k-th of this machine.
func (m *Mix) pick(v *template.Values, k uint64) int {
	switch {
	case len(m.upTo) == 0:
		return 0
	case len(m.round) > 0:
		return int(m.round[k%uint64(len(m.round))])
	}
	n := v.Random(ordinalOfMix) % m.upTo[len(m.upTo)-1]
	return sort.Search(len(m.upTo), func(i int) bool { return n < m.upTo[i] })
}

// Draw fills in the row of the request with v's index, and returns which of the target's
// requests it is.
func (t *Target) Draw(v *template.Values) int {
	k := t.Share.own(v.Index)
	if t.Data != nil {
		v.Row = t.Data.row(v, k, uint64(len(t.Mix.round)))
	}
	if t.Share.Of > 1 { // each machine begins elsewhere in the round
		k += uint64(len(t.Mix.round)) * uint64(t.Share.Index) / uint64(t.Share.Of)
	}
	return t.Mix.pick(v, k)
}
