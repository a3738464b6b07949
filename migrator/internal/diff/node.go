package diff

import "github.com/senior-backend/toolkit/migrator/internal/schema"

// step is what a node does with its object.
type step int

const (
	stepDetach step = iota
	stepDrop
	stepSetAside
	stepAlter
	stepCreate
	stepAttach
	stepRefill
	stepSettle
	stepDiscard
)

type nodeKey struct {
	step step
	id   schema.ID
}

// node is one change and what has to come before it.
type node struct {
	key     nodeKey
	object  schema.Object // as it shall be or, for what goes, as it was
	old     schema.Object
	parts   []schema.Object
	partIDs []nodeKey
	after   map[*node]bool // comes after these; the value says whether it must
	before  int            // how many come after this one
	again   bool           // it goes only to come back
	phase   int            // the part of the migration that it is for
	kind    int            // the place of its kind within that
	waits   int            // how many of after are not yet done
}

// graph is the changes with their order.
type graph struct {
	c     *comparison
	nodes map[nodeKey]*node // parts lead to the node that they go with
	all   []*node
	apart map[nodeKey]bool // parts that need a statement of their own
	done  map[*node]bool
}

// build makes the nodes; apart names the parts that may not go with their whole.
func (c *comparison) build(apart map[nodeKey]bool) *graph {
	g := &graph{c: c, nodes: map[nodeKey]*node{}, apart: apart, done: map[*node]bool{}}
	for _, object := range c.source.Objects() {
		g.addOld(object)
	}
	for _, object := range c.target.Objects() {
		g.addNew(object)
	}
	g.absorbOld()
	g.absorbNew()
	g.link()
	return g
}

func (g *graph) add(step step, id schema.ID, old, object schema.Object) {
	n := &node{key: nodeKey{step, id}, object: object, old: old, after: map[*node]bool{}}
	n.again = step == stepDrop && g.c.target.Has(id)
	g.nodes[n.key] = n
	g.all = append(g.all, n)
}

func (g *graph) addOld(old schema.Object) {
	id := old.ID()
	switch g.c.fates[id] {
	case drop, replace:
		if table, ok := old.(*schema.Table); ok && g.c.fates[id] == drop && g.detachFirst(table) {
			g.add(stepDetach, id, old, old)
		}
		g.add(stepDrop, id, old, old)
	case rebuild:
		g.add(stepSetAside, id, old, old)
		g.add(stepDiscard, id, old, old)
	case alter:
		g.add(stepAlter, id, old, g.c.target.Object(id))
	}
	if table, ok := g.c.target.Object(id).(*schema.Table); ok && g.c.reattached[id] && g.c.fates[id] != drop && g.c.fates[id] != replace {
		if before := old.(*schema.Table); len(g.c.loose(before, table)) > 0 {
			g.add(stepDetach, id, table, old)
		}
		if len(g.c.loose(table, old.(*schema.Table))) > 0 {
			g.add(stepAttach, id, old, table)
		}
	}
	if needsSettling(old, g.c.target.Object(id)) && g.c.fates[id] != create {
		g.add(stepSettle, id, old, g.c.target.Object(id))
	}
}

// detachFirst is reserved for partitions that go while their parent stays; a
// plain DROP does it, so none has to be detached.
func (g *graph) detachFirst(*schema.Table) bool { return false }

func (g *graph) addNew(object schema.Object) {
	id := object.ID()
	if old := g.c.renamed[id]; old != nil {
		g.add(stepAlter, id, old, object)
		return
	}
	switch g.c.fates[id] {
	case create, replace, rebuild:
		if g.c.comesWithTable(object) {
			return
		}
		g.add(stepCreate, id, nil, object)
		g.addRefill(object)
		if g.c.attached[id] {
			g.add(stepAttach, id, nil, object)
		}
		if _, ok := g.nodes[nodeKey{stepSettle, id}]; !ok && needsSettling(nil, object) {
			g.add(stepSettle, id, nil, object)
		}
	}
}

// needsSettling reports whether something can only be set once parts are there.
func needsSettling(old, object schema.Object) bool {
	switch o := object.(type) {
	case *schema.Table:
		return o.ClusterOn != "" || o.ReplicaIndex != ""
	case *schema.View:
		return o.ClusterOn != ""
	case *schema.Sequence:
		if old, ok := old.(*schema.Sequence); ok && old.OwnedBy == o.OwnedBy {
			return false
		}
		return !o.OwnedBy.IsZero()
	}
	return false
}

// absorb makes one node part of another.
func (g *graph) absorb(part, whole nodeKey) {
	into, from := g.nodes[whole], g.nodes[part]
	if into == nil || from == nil || into == from || g.apart[part] || from.key != part {
		return
	}
	into.parts = append(into.parts, from.object)
	into.partIDs = append(into.partIDs, part)
	into.parts = append(into.parts, from.parts...)
	for _, key := range from.partIDs {
		g.nodes[key] = into
	}
	into.partIDs = append(into.partIDs, from.partIDs...)
	g.nodes[part] = into
	from.object = nil // gone
}

// absorbOld lets the parts of what is dropped go with it.
func (g *graph) absorbOld() {
	for _, object := range g.c.source.Objects() {
		id := object.ID()
		part := nodeKey{stepDrop, id}
		if g.nodes[part] == nil {
			continue
		}
		if owner, ok := ownerOf(object); ok {
			g.absorb(part, nodeKey{stepDrop, owner})
		}
		if table, ok := object.(*schema.Table); ok && g.c.carriedAbove(table) {
			g.absorb(part, nodeKey{stepDrop, table.PartitionOf})
		}
		switch o := object.(type) {
		case *schema.Default:
			column := schema.ColumnID(o.Table, id.Name)
			g.absorb(part, nodeKey{stepDrop, column})
			if before, ok := g.c.source.Object(column).(*schema.Column); ok && before.Generated != "" {
				g.absorb(part, nodeKey{stepAlter, column}) // DROP EXPRESSION
			}
		case *schema.Sequence:
			g.absorbSequence(part, o)
		case *schema.Index:
			if !g.c.moves(o.Table) { // it stays with a partition that leaves
				g.absorb(part, nodeKey{stepDrop, o.Parent})
			}
			if o.Constraint != "" {
				g.absorb(part, nodeKey{stepDrop, constraintOf(o)})
			}
		case *schema.Constraint:
			if !g.c.moves(o.Table) {
				g.absorb(part, nodeKey{stepDrop, o.Parent})
			}
		case *schema.Column:
			for _, parent := range g.parents(g.c.source, o.Table) {
				if o.Inherited && !o.Local && !g.c.moves(o.Table) && g.c.goesWith(parent, o) {
					g.absorb(part, nodeKey{stepDrop, schema.ColumnID(parent, id.Name)})
				}
			}
		}
	}
}

// absorbSequence: an owned sequence goes with its column.
func (g *graph) absorbSequence(part nodeKey, sequence *schema.Sequence) {
	if sequence.OwnedBy.IsZero() {
		return
	}
	g.absorb(part, nodeKey{stepDrop, sequence.OwnedBy})
}

// constraintOf is the constraint that an index enforces.
func constraintOf(index *schema.Index) schema.ID {
	return schema.ID{Kind: schema.KindConstraint, Schema: index.ID().Schema, Parent: index.Table.Name, Name: index.Constraint}
}

// parents are the tables that a table inherits from.
func (g *graph) parents(s *schema.Schema, id schema.ID) []schema.ID {
	table, ok := s.Object(id).(*schema.Table)
	if !ok {
		return nil
	}
	if table.IsPartition() {
		return []schema.ID{table.PartitionOf}
	}
	return table.Inherits
}

// absorbNew lets what can be made together be made together.
func (g *graph) absorbNew() {
	for _, object := range g.c.target.Objects() {
		id := object.ID()
		switch o := object.(type) {
		case *schema.Column:
			g.absorb(nodeKey{stepCreate, id}, nodeKey{stepCreate, o.Table})
			for _, parent := range g.parents(g.c.target, o.Table) {
				for _, step := range []step{stepCreate, stepAlter} {
					if !g.c.comesFrom(parent, o, step) {
						continue
					}
					g.absorb(nodeKey{step, id}, nodeKey{step, schema.ColumnID(parent, id.Name)})
				}
			}
		case *schema.Default:
			column := schema.ColumnID(o.Table, id.Name)
			if g.generated(o) {
				g.absorb(nodeKey{stepAlter, id}, nodeKey{stepAlter, column})
			}
			if o.Table.Kind == schema.KindTable || o.Table.Kind == schema.KindForeignTable { // CREATE VIEW has no place for it
				g.absorb(nodeKey{stepCreate, id}, nodeKey{stepCreate, column})
			}
		case *schema.Constraint:
			if o.Type != schema.ForeignKey && o.Parent.IsZero() && o.Validated && g.plain(o) {
				g.absorb(nodeKey{stepCreate, id}, nodeKey{stepCreate, o.Table})
			}
		case *schema.Index:
			if o.Constraint != "" {
				g.absorb(nodeKey{stepCreate, id}, nodeKey{stepCreate, constraintOf(o)})
			}
		}
	}
}

func (g *graph) generated(o *schema.Default) bool {
	column := g.c.target.Column(o.Table, o.ID().Name)
	return column != nil && column.Generated != ""
}

// plain reports whether a constraint can stand in CREATE TABLE. Keys of
// partitioned tables are made one by one, so that each gets its name.
func (g *graph) plain(o *schema.Constraint) bool {
	table, ok := g.c.target.Object(o.Table).(*schema.Table)
	if !ok {
		return true
	}
	return !o.HasIndex() || !table.IsPartitioned()
}
