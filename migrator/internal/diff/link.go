package diff

import (
	"strings"

	"github.com/senior-backend/toolkit/migrator/internal/schema"
)

// order puts the later node behind the earlier one. A rule that is not firm
// yields when it would make a circle.
func (g *graph) order(earlier, later nodeKey, firm bool) {
	a, b := g.nodes[earlier], g.nodes[later]
	if a == nil || b == nil || a == b {
		return
	}
	b.after[a] = b.after[a] || firm
}

// link derives the order from what needs what, in both schemas.
func (g *graph) link() {
	for id, needs := range g.c.source.Depends {
		for _, need := range needs {
			g.linkOld(id, need)
		}
	}
	for id, needs := range g.c.target.Depends {
		for _, need := range needs {
			g.linkNew(id, need)
		}
	}
	for _, n := range g.all {
		g.linkSame(n.key.id)
	}
	g.linkSlots()
	g.linkTables()
	g.linkSequences()
	g.linkReferences()
	g.linkOverloads()
	g.linkCasts()
	g.linkRetypes()
	g.linkLineage()
	g.linkRenamed()
	g.linkRefills()
}

// linkRetypes: the types of a table's columns change together, once nothing is
// in the way of any of them: so the rows are written anew only once.
func (g *graph) linkRetypes() {
	tables := map[schema.ID][]*node{}
	for _, n := range g.all {
		column, ok := n.object.(*schema.Column)
		old, _ := n.old.(*schema.Column)
		if ok && old != nil && n.key.step == stepAlter && column.Table.Kind == schema.KindTable && (old.Type != column.Type || g.c.retyped[n.key.id]) {
			tables[column.Table] = append(tables[column.Table], n)
		}
	}
	for _, columns := range tables {
		for _, n := range columns {
			for before := range n.after {
				if before.key.step != stepDrop || !before.again {
					continue
				}
				for _, other := range columns {
					g.order(before.key, other.key, false)
				}
			}
		}
	}
}

// linkCasts: an expression that was cast does not say so in the catalogs, but it
// needs the types or the function of the cast.
func (g *graph) linkCasts() {
	casts := map[schema.ID][]nodeKey{}
	for _, n := range g.all {
		if n.key.step != stepCreate || n.key.id.Kind != schema.KindCast {
			continue
		}
		for _, need := range g.c.target.Depends[n.key.id] {
			casts[need] = append(casts[need], n.key)
		}
	}
	if len(casts) == 0 {
		return
	}
	for id, needs := range g.c.target.Depends {
		switch id.Kind {
		case schema.KindDefault, schema.KindConstraint, schema.KindIndex, schema.KindView, schema.KindMaterialized, schema.KindPolicy, schema.KindRule, schema.KindTrigger:
			for _, need := range needs {
				for _, cast := range casts[need] {
					g.order(cast, nodeKey{stepCreate, id}, false)
					g.order(cast, nodeKey{stepAlter, id}, false)
				}
			}
		}
	}
}

// linkOverloads: where arguments may be left out, a call fits the routine that
// goes as well as the one that comes, so they are never there together.
func (g *graph) linkOverloads() {
	for _, old := range g.c.source.Objects() {
		for _, wanted := range g.c.overloads(old) {
			g.order(nodeKey{stepDrop, old.ID()}, nodeKey{stepCreate, wanted.ID()}, false)
		}
	}
}

// linkOld: what needs something goes, or stops needing it, before that goes.
func (g *graph) linkOld(id, need schema.ID) {
	for _, away := range []nodeKey{{stepDrop, need}, {stepSetAside, need}} {
		g.order(nodeKey{stepDrop, id}, away, true)
		g.order(nodeKey{stepDetach, id}, away, true)
	}
	for _, gone := range []nodeKey{{stepDrop, need}, {stepDiscard, need}} {
		if !g.recreated(id) && !g.apartFromParent(id, need) {
			g.order(nodeKey{stepAlter, id}, gone, true)
		}
	}
	g.order(nodeKey{stepSetAside, id}, nodeKey{stepSetAside, need}, true)
	g.order(nodeKey{stepDiscard, id}, nodeKey{stepDiscard, need}, true)
	g.order(nodeKey{stepDiscard, id}, nodeKey{stepDrop, need}, !g.freed(id, need))
	if need.Kind != schema.KindEnum { // what uses an enum does not mind new values
		g.order(nodeKey{stepDrop, id}, nodeKey{stepAlter, need}, true)
	}
}

// freed: a domain that is set aside gives up its default, which is all that it
// can need of what is no type.
func (g *graph) freed(id, need schema.ID) bool {
	return id.Kind == schema.KindDomain && !setsAside(need)
}

// apartFromParent: detaching and attaching, not altering, is what has to do
// with a partition's parent.
func (g *graph) apartFromParent(id, need schema.ID) bool {
	return g.c.reattached[id] && (need.Kind == schema.KindTable || need.Kind == schema.KindComposite)
}

func (g *graph) recreated(id schema.ID) bool { return g.c.fates[id] == replace }

// linkNew: what needs something is made, or starts to need it, after that is there.
func (g *graph) linkNew(id, need schema.ID) {
	for _, there := range []nodeKey{{stepCreate, need}, {stepAlter, need}} {
		firm := there.step == stepCreate || g.c.renamed[need] != nil
		g.order(there, nodeKey{stepCreate, id}, true)
		if !g.apartFromParent(id, need) {
			g.order(there, nodeKey{stepAlter, id}, firm)
		}
		if !g.c.rebound(id) {
			g.order(there, nodeKey{stepAttach, id}, firm)
		}
		g.order(there, nodeKey{stepSettle, id}, firm)
	}
}

// linkSame orders the steps of one object.
func (g *graph) linkSame(id schema.ID) {
	chain := []step{stepDetach, stepDrop, stepSetAside, stepAlter, stepCreate, stepAttach, stepRefill, stepSettle, stepDiscard}
	for n, earlier := range chain {
		for _, later := range chain[n+1:] {
			if earlier == stepAlter && later == stepAttach && g.c.rebound(id) {
				continue
			}
			g.order(nodeKey{earlier, id}, nodeKey{later, id}, earlier != stepAlter)
		}
	}
}

// slot is a name that only one object can have at a time.
type slot struct{ space, schema, name string }

// linkSlots frees names before they are taken anew.
func (g *graph) linkSlots() {
	freed := map[slot][]nodeKey{}
	renamedTo := map[schema.ID]schema.ID{}
	for to, old := range g.c.renamed {
		renamedTo[old.ID()] = to
	}
	for _, object := range g.c.source.Objects() {
		key := nodeKey{stepDrop, object.ID()}
		if _, isColumn := object.(*schema.Column); isColumn && g.nodes[key] == nil {
			key.step = stepAlter // it may stop being an identity column
		}
		if g.c.fates[object.ID()] == rebuild {
			key.step = stepSetAside
		}
		if to, ok := renamedTo[object.ID()]; ok {
			key = nodeKey{stepAlter, to}
		}
		if g.nodes[key] == nil {
			continue
		}
		for _, s := range slots(object) {
			freed[s] = append(freed[s], key)
		}
	}
	for _, object := range g.c.target.Objects() {
		key := nodeKey{stepCreate, object.ID()}
		if _, isColumn := object.(*schema.Column); (isColumn || g.c.renamed[object.ID()] != nil) && g.nodes[key] == nil {
			key.step = stepAlter
		}
		if g.nodes[key] == nil {
			continue
		}
		for _, s := range slots(object) {
			for _, free := range freed[s] {
				g.order(free, key, true)
			}
		}
	}
}

// slots are the names that an object takes: relations and types share theirs.
func slots(object schema.Object) []slot {
	id := object.ID()
	relation := slot{"relation", id.Schema, id.Name}
	kind := slot{"type", id.Schema, id.Name}
	switch o := object.(type) {
	case *schema.Table, *schema.View, *schema.Composite:
		return []slot{relation, kind}
	case *schema.Sequence:
		return []slot{relation}
	case *schema.Index:
		return []slot{relation}
	case *schema.Enum, *schema.Domain:
		return []slot{kind}
	case *schema.Constraint:
		taken := []slot{}
		if o.HasIndex() {
			taken = append(taken, relation)
		}
		if o.Type == schema.PrimaryKey {
			taken = append(taken, slot{"primary key of", id.Schema, id.Parent})
		}
		return append(taken, slot{"constraint of " + id.Parent, id.Schema, id.Name})
	case *schema.Routine:
		return []slot{{"routine", id.Schema, id.Name + "(" + id.Args + ")"}}
	case *schema.Column:
		if o.Sequence != nil {
			_, name, _ := strings.Cut(o.Sequence.Name, ".")
			return []slot{{"relation", id.Schema, name}}
		}
	case *schema.Definition:
		if id.Kind == schema.KindRange {
			return []slot{kind}
		}
		if id.Kind == schema.KindAggregate {
			return []slot{{"routine", id.Schema, id.Name + "(" + id.Args + ")"}}
		}
	}
	return nil
}

// linkTables: a partition's place must be free before another takes it, a new
// partition is complete before it is attached, and indexes come before what
// refers to them by name.
func (g *graph) linkTables() {
	leaving := map[schema.ID][]nodeKey{}
	for _, table := range g.c.source.Tables() {
		if !table.IsPartition() {
			continue
		}
		id := table.ID()
		leaving[table.PartitionOf] = append(leaving[table.PartitionOf], nodeKey{stepDrop, id}, nodeKey{stepDetach, id})
		if wanted, ok := g.c.target.Object(id).(*schema.Table); ok && wanted.PartitionOf != table.PartitionOf {
			leaving[table.PartitionOf] = append(leaving[table.PartitionOf], nodeKey{stepAlter, id})
		}
	}
	for _, table := range g.c.target.Tables() {
		id := table.ID()
		for _, step := range []step{stepCreate, stepAttach, stepAlter} {
			for _, away := range leaving[table.PartitionOf] {
				if away.id != id {
					g.order(away, nodeKey{step, id}, away.step != stepAlter || step != stepAlter)
				}
			}
		}
		for _, part := range g.c.target.Parts(id) {
			g.order(nodeKey{stepCreate, part}, nodeKey{stepSettle, id}, true)
		}
		g.linkAttached(table)
	}
}

// linkAttached: what a table brings along is there before it is attached.
func (g *graph) linkAttached(table *schema.Table) {
	id := table.ID()
	attach := nodeKey{stepAttach, id}
	if g.c.rebound(id) {
		// Back at once, it takes part in what becomes of its parent.
		for _, whole := range []schema.ID{id, table.PartitionOf} {
			for _, part := range append(g.c.source.Parts(whole), g.c.target.Parts(whole)...) {
				for _, step := range []step{stepDrop, stepAlter, stepCreate} {
					g.order(attach, nodeKey{step, part}, false)
				}
			}
		}
		return
	}
	for _, part := range g.c.source.Parts(id) {
		for _, step := range []step{stepDrop, stepAlter, stepCreate} {
			g.order(nodeKey{stepDetach, id}, nodeKey{step, part}, false)
		}
		if part.Kind == schema.KindColumn {
			g.order(nodeKey{stepDrop, part}, attach, false)
		}
	}
	for _, part := range g.c.target.Parts(id) {
		if part.Kind == schema.KindIndex || part.Kind == schema.KindConstraint {
			g.order(nodeKey{stepCreate, part}, attach, false)
			g.order(nodeKey{stepAlter, part}, attach, false)
		}
		if part.Kind == schema.KindColumn {
			g.linkColumn(table, part)
		}
	}
	if !table.IsPartition() {
		return
	}
	for _, part := range g.c.target.Parts(table.PartitionOf) {
		if part.Kind == schema.KindIndex || part.Kind == schema.KindConstraint {
			// Made before the parent's indexes, it gets its own by their names.
			g.order(nodeKey{stepCreate, part}, attach, false)
			if !g.c.attached[id] {
				g.order(nodeKey{stepCreate, id}, nodeKey{stepCreate, part}, false)
			}
		}
	}
}

// linkColumn: a table has its parent's or type's columns before it comes to it,
// except those that it only gets from there.
func (g *graph) linkColumn(table *schema.Table, column schema.ID) {
	attach := nodeKey{stepAttach, table.ID()}
	for _, step := range []step{stepCreate, stepAlter} {
		if key := (nodeKey{step, column}); g.nodes[key] != nil && g.nodes[key].key == key {
			g.order(key, attach, false)
		}
		for _, parent := range g.parents(g.c.target, table.ID()) {
			above := nodeKey{step, schema.ColumnID(parent, column.Name)}
			if g.nodes[nodeKey{step, column}] != nil && g.nodes[nodeKey{step, column}] == g.nodes[above] {
				g.order(attach, above, false)
			} else {
				g.order(above, attach, false)
			}
		}
	}
}

// linkSequences: a sequence gets its owner once that is there, and loses it
// before it goes.
func (g *graph) linkSequences() {
	for _, sequence := range g.c.target.Sequences() {
		g.order(nodeKey{stepCreate, sequence.OwnedBy}, nodeKey{stepSettle, sequence.ID()}, true)
		g.order(nodeKey{stepAlter, sequence.OwnedBy}, nodeKey{stepSettle, sequence.ID()}, false)
	}
	for _, sequence := range g.c.source.Sequences() {
		g.order(nodeKey{stepAlter, sequence.ID()}, nodeKey{stepDrop, sequence.OwnedBy}, true)
	}
}

// linkReferences: a foreign key takes whichever unique index it finds, so those
// that go are gone before it is made, and it goes before any of them.
func (g *graph) linkReferences() {
	leaving := map[schema.ID][]nodeKey{}
	for _, object := range g.c.source.Objects() {
		key := nodeKey{stepDrop, object.ID()}
		switch o := object.(type) {
		case *schema.Constraint:
			if o.Type == schema.PrimaryKey || o.Type == schema.Unique {
				leaving[o.Table] = append(leaving[o.Table], key)
			}
		case *schema.Index:
			if o.Unique && o.Constraint == "" {
				leaving[o.Table] = append(leaving[o.Table], key)
			}
		}
	}
	for _, object := range g.c.target.Objects() {
		if o, ok := object.(*schema.Constraint); ok && o.Type == schema.ForeignKey {
			for _, key := range leaving[o.RefTable] {
				g.order(key, nodeKey{stepCreate, o.ID()}, false)
			}
		}
	}
	// Where several would do, another one may have been taken when this schema
	// came about by a migration.
	for _, object := range g.c.source.Objects() {
		if o, ok := object.(*schema.Constraint); ok && o.Type == schema.ForeignKey {
			for _, key := range leaving[o.RefTable] {
				g.order(nodeKey{stepDrop, o.ID()}, key, false)
			}
		}
	}
}
