package diff

import (
	"cmp"
	"container/heap"
	"slices"

	"github.com/senior-backend/toolkit/migrator/internal/schema"
)

// queue holds the nodes that may come next and gives the one that reads best:
// first what makes room, then changes, then what is new table by table, and
// what only goes at the end; before all that, what ends a gap.
type queue struct {
	gaps   gaps
	sorted byRank
	groups map[schema.ID][]*node // those of a table
	gone   map[*node]bool        // taken, but still in sorted
	last   schema.ID             // the table that the last one was about
	size   int
}

func newQueue(g *graph) *queue {
	return &queue{
		gaps:   gaps{graph: g, wanted: map[*node]bool{}, ready: map[*node]bool{}, now: map[*node]bool{}},
		groups: map[schema.ID][]*node{}, gone: map[*node]bool{},
	}
}

func (q *queue) len() int { return q.size }

func (q *queue) add(n *node) {
	q.size++
	n.phase, n.kind = phase(n), kindOrder(n)
	heap.Push(&q.sorted, n)
	of := group(n)
	q.groups[of] = append(q.groups[of], n)
	q.gaps.ready[n] = true
	if q.gaps.wanted[n] {
		q.gaps.now[n] = true
	}
}

func (q *queue) take() *node {
	best := q.gaps.first()
	if best == nil {
		for q.gone[q.sorted[0]] {
			heap.Pop(&q.sorted)
		}
		best = q.sorted[0]
		if _, isSame := q.groups[q.last]; isSame {
			if near := slices.MinFunc(q.groups[q.last], rank); near.phase == best.phase {
				best = near
			}
		}
	}
	q.size--
	q.gone[best] = true
	of := group(best)
	if q.groups[of] = slices.DeleteFunc(q.groups[of], func(n *node) bool { return n == best }); len(q.groups[of]) == 0 {
		delete(q.groups, of)
	}
	q.last = of
	q.gaps.note(best)
	return best
}

// rank is the order of nodes, whatever came before.
func rank(a, b *node) int {
	return cmp.Or(
		cmp.Compare(a.phase, b.phase),
		cmp.Compare(a.kind, b.kind),
		a.key.id.Compare(b.key.id),
		cmp.Compare(a.key.step, b.key.step),
	)
}

// byRank is a heap.
type byRank []*node

func (h byRank) Len() int           { return len(h) }
func (h byRank) Less(a, b int) bool { return rank(h[a], h[b]) < 0 }
func (h byRank) Swap(a, b int)      { h[a], h[b] = h[b], h[a] }
func (h *byRank) Push(n any)        { *h = append(*h, n.(*node)) }

func (h *byRank) Pop() any {
	last := len(*h) - 1
	n := (*h)[last]
	*h = (*h)[:last]
	return n
}
