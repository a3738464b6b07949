package diff

import (
	"cmp"
	"slices"

	"github.com/senior-backend/toolkit/migrator/internal/schema"
)

// gaps are the times in which something is not there that was there before and
// will be again. What ends them comes first, so that they are short.
type gaps struct {
	graph  *graph
	wanted map[*node]bool // what has to be done before all is back
	ready  map[*node]bool // what may come next
	now    map[*node]bool // what is both
}

// note follows what was chosen.
func (p *gaps) note(n *node) {
	p.graph.done[n] = true
	delete(p.wanted, n)
	delete(p.ready, n)
	delete(p.now, n)
	if n.key.step != stepDrop || !n.again {
		return
	}
	for _, key := range append([]nodeKey{n.key}, n.partIDs...) {
		if back := p.graph.nodes[nodeKey{stepCreate, key.id}]; back != nil {
			p.want(back)
		}
		if rows := p.graph.nodes[nodeKey{stepRefill, key.id}]; rows != nil {
			p.want(rows)
		}
	}
}

func (p *gaps) want(n *node) {
	if p.wanted[n] || p.graph.done[n] {
		return
	}
	p.wanted[n] = true
	if p.ready[n] {
		p.now[n] = true
	}
	for before := range n.after {
		p.want(before)
	}
}

// first is what best ends a gap next: what is done at once before what reads a
// whole table. It is nil when there is nothing to end.
func (p *gaps) first() *node {
	var best *node
	better := func(a, b *node) int { return cmp.Or(cmp.Compare(turn(a), turn(b)), rank(a, b)) }
	for n := range p.now {
		if best == nil || better(n, best) < 0 {
			best = n
		}
	}
	return best
}

// turn is the order within a gap: what goes, so that all that changes a table
// can be done at once; then what is done in a moment; then what reads a table.
func turn(n *node) int {
	switch {
	case n.key.step == stepDrop || n.key.step == stepDetach:
		return 0
	case n.key.step == stepCreate && slices.Contains(slow, n.key.id.Kind):
		return 2
	}
	return 1
}

var slow = []schema.Kind{schema.KindIndex, schema.KindConstraint, schema.KindMaterialized}
