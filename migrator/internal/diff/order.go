package diff

import (
	"cmp"
	"slices"
	"unicode/utf8"

	"github.com/senior-backend/toolkit/migrator/internal/schema"
)

// order turns the fates into changes, each after what it needs.
func (c *comparison) order() []Change {
	apart := map[nodeKey]bool{}
	for range 20 {
		g := c.build(apart)
		circles := g.circles()
		if len(circles) == 0 {
			return g.changes()
		}
		if c.unrename(circles) {
			c.spread()
			continue
		}
		grown := false
		for _, circle := range circles {
			grown = g.loosenCircle(circle, apart) || grown
		}
		if !grown {
			for _, circle := range circles {
				breakCircle(circle)
			}
			return g.changes()
		}
	}
	return c.build(apart).changes()
}

// loosenCircle gives the parts of a circle's nodes statements of their own:
// constraints first, which is what circular foreign keys need, then defaults.
func (g *graph) loosenCircle(circle []*node, apart map[nodeKey]bool) bool {
	for _, kind := range []schema.Kind{schema.KindConstraint, schema.KindSequence, schema.KindDefault, schema.KindIndex, schema.KindColumn} {
		grown := false
		for _, n := range circle {
			for _, part := range n.partIDs {
				if part.id.Kind == kind && !apart[part] && !g.inseparable(part) {
					apart[part], grown = true, true
				}
			}
		}
		if grown {
			return true
		}
	}
	return false
}

// inseparable: a generated column has its expression or is another column.
func (g *graph) inseparable(part nodeKey) bool {
	if column, ok := g.c.target.Object(part.id).(*schema.Column); ok && part.step == stepCreate && g.c.comesDown(column) {
		return true // it comes with its parent's
	}
	if part.step == stepDrop { // what is a parent's goes with that or with its table
		switch o := g.c.source.Object(part.id).(type) {
		case *schema.Index:
			return !o.Parent.IsZero()
		case *schema.Constraint:
			return !o.Parent.IsZero()
		case *schema.Column:
			return o.Inherited
		}
	}
	value, ok := g.c.target.Object(part.id).(*schema.Default)
	return ok && g.generated(value)
}

// breakCircle forgets the rules within a circle that are not firm and, where
// that is not enough, those that would let something be made before it goes.
func breakCircle(circle []*node) {
	for _, n := range circle {
		for _, other := range circle {
			if firm, ok := n.after[other]; ok && !firm {
				delete(n.after, other)
			}
		}
	}
}

// circles are the sets of nodes that each have to come before the others
// (Tarjan, Depth-first search and linear graph algorithms, 1972).
func (g *graph) circles() [][]*node {
	t := tarjan{index: map[*node]int{}, low: map[*node]int{}, on: map[*node]bool{}}
	for _, n := range g.all {
		if n.object != nil && t.index[n] == 0 {
			t.visit(n)
		}
	}
	return t.found
}

type tarjan struct {
	index, low map[*node]int
	on         map[*node]bool
	stack      []*node
	next       int
	found      [][]*node
}

func (t *tarjan) visit(n *node) {
	t.next++
	t.index[n], t.low[n] = t.next, t.next
	t.stack, t.on[n] = append(t.stack, n), true
	for other := range n.after {
		if t.index[other] == 0 {
			t.visit(other)
			t.low[n] = min(t.low[n], t.low[other])
		} else if t.on[other] {
			t.low[n] = min(t.low[n], t.index[other])
		}
	}
	if t.low[n] != t.index[n] {
		return
	}
	var circle []*node
	for {
		last := t.stack[len(t.stack)-1]
		t.stack, t.on[last] = t.stack[:len(t.stack)-1], false
		circle = append(circle, last)
		if last == n {
			break
		}
	}
	if len(circle) > 1 {
		t.found = append(t.found, circle)
	}
}

// changes lists the nodes so that each comes after what it waits for and,
// among those that may come next, the one that reads best.
func (g *graph) changes() []Change {
	followers := map[*node][]*node{}
	left := map[*node]bool{}
	var at []*node
	for _, n := range g.all {
		if n.object == nil {
			continue
		}
		left[n] = true
		n.waits = len(n.after)
		for before := range n.after {
			before.before++
			followers[before] = append(followers[before], n)
		}
		if n.waits == 0 {
			at = append(at, n)
		}
	}
	next := newQueue(g)
	for _, n := range at {
		next.add(n)
	}
	var list []Change
	for len(left) > 0 {
		if next.len() == 0 {
			next.add(fewest(left))
		}
		best := next.take()
		delete(left, best)
		list = append(list, g.change(best))
		for _, n := range followers[best] {
			if n.waits--; n.waits == 0 && left[n] {
				next.add(n)
			}
		}
	}
	return list
}

// fewest is the node of a circle that waits for the fewest others.
func fewest(left map[*node]bool) *node {
	var all []*node
	for n := range left {
		all = append(all, n)
	}
	best := slices.MinFunc(all, func(a, b *node) int {
		return cmp.Or(cmp.Compare(a.waits, b.waits), a.key.id.Compare(b.key.id), cmp.Compare(a.key.step, b.key.step))
	})
	best.waits = 0
	return best
}

func phase(n *node) int {
	switch n.key.step {
	case stepDetach, stepDrop, stepSetAside:
		switch {
		case n.before == 0:
			return 6
		case n.again:
			return 3 // as late as can be
		}
		return 0
	case stepAlter:
		if n.key.id.Kind == schema.KindDefaultGrants {
			return 5
		}
		return 1
	case stepCreate:
		if n.key.id.Kind == schema.KindDefaultGrants {
			return 5
		}
		return 2
	case stepDiscard:
		return 6
	}
	return 4
}

func group(n *node) schema.ID {
	if owner, ok := ownerOf(n.object); ok {
		return owner
	}
	return n.key.id
}

// kindOrder is the order in which kinds are made.
func kindOrder(n *node) int {
	order := slices.Index(kinds, n.key.id.Kind)
	if n.key.step == stepDrop || n.key.step == stepDiscard {
		return -order
	}
	return order
}

var kinds = []schema.Kind{
	schema.KindSchema, schema.KindExtension, schema.KindLanguage, schema.KindCollation, schema.KindEnum, schema.KindComposite,
	schema.KindDomain, schema.KindRange, schema.KindSequence, schema.KindFunction, schema.KindProcedure, schema.KindAggregate,
	schema.KindOperator, schema.KindFamily, schema.KindClass, schema.KindFamilyMember, schema.KindCast, schema.KindTransform, schema.KindForeignData,
	schema.KindServer, schema.KindUserMapping, schema.KindTable, schema.KindForeignTable, schema.KindColumn, schema.KindDefault,
	schema.KindIndex, schema.KindConstraint, schema.KindStatistics, schema.KindTrigger, schema.KindRule, schema.KindPolicy,
	schema.KindView, schema.KindMaterialized, schema.KindPublication, schema.KindPublished, schema.KindEventTrigger,
}

func (g *graph) change(n *node) Change {
	id := n.key.id
	again := g.c.source.Has(id) && g.c.target.Has(id)
	switch n.key.step {
	case stepDetach:
		table := n.object.(*schema.Table)
		return g.c.detaching(table, n.old.(*schema.Table))
	case stepDrop:
		column, isColumn := n.object.(*schema.Column)
		return Drop{Object: n.object, Parts: n.parts, Again: again, Only: isColumn && g.c.only(column), Rows: g.c.copied[id]}
	case stepRefill:
		return Refill{Old: n.old.(*schema.Table), New: n.object.(*schema.Table)}
	case stepSetAside:
		return SetAside{Object: n.object, As: g.c.aside(id)}
	case stepDiscard:
		return Discard{Object: n.object, As: g.c.aside(id)}
	case stepAlter:
		return Alter{Old: n.old, New: n.object, Retype: g.c.retyped[id]}
	case stepAttach:
		table := n.object.(*schema.Table)
		if old, ok := n.old.(*schema.Table); ok && g.c.fates[id] != replace {
			return Attach{Table: table, To: g.c.loose(table, old)}
		}
		return Attach{Table: table, To: links(table)}
	case stepSettle:
		return Settle{Old: n.old, New: n.object}
	}
	return Create{Object: n.object, Parts: n.parts, Again: again, Attach: g.c.attached[id], Down: g.c.comesDown(n.object)}
}

// aside is a free name for a type that makes room for its successor.
func (c *comparison) aside(id schema.ID) string {
	name := id.Name
	if len(name) > 55 {
		name = name[:55]
		for !utf8.ValidString(name) {
			name = name[:len(name)-1]
		}
	}
	name += "__old"
	for _, kind := range []schema.Kind{schema.KindEnum, schema.KindDomain, schema.KindComposite, schema.KindRange, schema.KindTable} {
		if c.source.Has(schema.ID{Kind: kind, Schema: id.Schema, Name: name}) {
			return name + "er"
		}
	}
	return name
}
