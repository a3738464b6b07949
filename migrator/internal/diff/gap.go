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
}

// note follows what was chosen.
func (p *gaps) note(n *node) {
	delete(p.wanted, n)
	if n.key.step != stepDrop || !n.again {
		return
	}
	for _, key := range append([]nodeKey{n.key}, n.partIDs...) {
		if back := p.graph.nodes[nodeKey{stepCreate, key.id}]; back != nil {
			p.want(back)
		}
	}
}

func (p *gaps) want(n *node) {
	if p.wanted[n] || p.graph.done[n] {
		return
	}
	p.wanted[n] = true
	for before := range n.after {
		p.want(before)
	}
}

// compare puts what ends a gap before all else and, among that, what is done at
// once before what reads a whole table.
func (p *gaps) compare(a, b *node) int {
	rank := func(n *node) int {
		switch {
		case !p.wanted[n]:
			return 2
		case n.key.step == stepCreate && slices.Contains(slow, n.key.id.Kind):
			return 1
		}
		return 0
	}
	return cmp.Compare(rank(a), rank(b))
}

var slow = []schema.Kind{schema.KindIndex, schema.KindConstraint, schema.KindMaterialized}
