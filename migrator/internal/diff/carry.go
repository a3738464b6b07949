package diff

import "github.com/senior-backend/toolkit/migrator/internal/schema"

// carry finds the tables whose rows are put aside while they are made again.
// Those of a partitioned table are its partitions': where these stay, they bring
// them along.
func (c *comparison) carry() {
	for _, old := range c.source.Tables() {
		id := old.ID()
		if id.Kind == schema.KindTable && c.fates[id] == replace && !(old.IsPartitioned() && c.someStay(id)) {
			c.copied[id] = true
		}
	}
	for id := range c.copied {
		if table, ok := c.source.Object(id).(*schema.Table); ok && c.carriedAbove(table) {
			delete(c.copied, id)
		}
	}
}

// someStay reports whether some partition of a table stays, at whatever depth.
func (c *comparison) someStay(id schema.ID) bool {
	for _, table := range c.source.Tables() {
		if table.PartitionOf == id && (c.stays(table.ID()) || c.someStay(table.ID())) {
			return true
		}
	}
	return false
}

// carriedAbove reports whether a partition's rows are put aside with its parent's.
func (c *comparison) carriedAbove(table *schema.Table) bool {
	for table != nil && table.IsPartition() {
		if c.copied[table.PartitionOf] {
			return true
		}
		table, _ = c.source.Object(table.PartitionOf).(*schema.Table)
	}
	return false
}

// addRefill brings the rows of a table back.
func (g *graph) addRefill(object schema.Object) {
	if g.c.copied[object.ID()] {
		g.add(stepRefill, object.ID(), g.c.source.Object(object.ID()), object)
	}
}

// linkRefills: the rows are back once there are partitions for them, and before
// anything looks at them or is told of them.
func (g *graph) linkRefills() {
	if len(g.c.copied) == 0 {
		return
	}
	for _, object := range g.c.target.Objects() {
		created := nodeKey{stepCreate, object.ID()}
		switch o := object.(type) {
		case *schema.Table:
			for above := o; above != nil && above.IsPartition(); above, _ = g.c.target.Object(above.PartitionOf).(*schema.Table) {
				g.order(created, nodeKey{stepRefill, above.PartitionOf}, true)
				g.order(nodeKey{stepAttach, o.ID()}, nodeKey{stepRefill, above.PartitionOf}, true)
			}
		case *schema.Column:
			g.order(created, nodeKey{stepRefill, o.Table}, true)
			g.order(nodeKey{stepAlter, object.ID()}, nodeKey{stepRefill, o.Table}, false)
		case *schema.Constraint:
			g.refilledBefore(created, o.Table, o.RefTable)
		case *schema.Index:
			g.refilledBefore(created, o.Table)
		case *schema.Trigger:
			g.refilledBefore(created, o.Table)
		case *schema.Rule:
			g.refilledBefore(created, o.Table)
		case *schema.Policy:
			g.refilledBefore(created, o.Table)
		case *schema.View:
			if object.ID().Kind == schema.KindMaterialized {
				for id := range g.c.copied {
					g.order(nodeKey{stepRefill, id}, created, false)
				}
			}
		case *schema.Sequence:
			for id := range g.c.copied {
				if o.OwnedBy.Schema == id.Schema && o.OwnedBy.Parent == id.Name {
					g.order(nodeKey{stepRefill, id}, nodeKey{stepSettle, object.ID()}, false)
				}
			}
		}
	}
}

// refilledBefore: a table, or the partitioned one that it is a part of, has its
// rows before something is made.
func (g *graph) refilledBefore(created nodeKey, tables ...schema.ID) {
	for _, id := range tables {
		for !id.IsZero() {
			g.order(nodeKey{stepRefill, id}, created, false)
			table, _ := g.c.target.Object(id).(*schema.Table)
			if table == nil {
				break
			}
			id = table.PartitionOf
		}
	}
}
