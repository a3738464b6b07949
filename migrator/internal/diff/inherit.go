package diff

import (
	"slices"

	"github.com/senior-backend/toolkit/migrator/internal/schema"
)

// What a table has from its parents alone, and what it has besides as its own,
// no statement says: a column or check is the parents' alone only if it came
// from one of them. ALTER TABLE … INHERIT takes what there is, as the table's
// own; NO INHERIT makes it the table's own again. So a table that comes to a
// parent gets what shall be the parent's alone through a stand-in: a table
// without rows that it inherits from for a while.

// heirs are the tables that inherit from others in both schemas, or come to, by
// ordinary inheritance.
func heirs(source, target *schema.Schema) (pairs [][2]*schema.Table) {
	for _, wanted := range target.Tables() {
		old, ok := source.Object(wanted.ID()).(*schema.Table)
		if ok && len(wanted.Inherits) > 0 {
			pairs = append(pairs, [2]*schema.Table{old, wanted})
		}
	}
	return pairs
}

// relink finds the tables that leave all their parents and come back: because
// the parents' order, or what is the table's own, would not be right otherwise.
func (c *comparison) relink() {
	for _, pair := range heirs(c.was, c.is) {
		old, wanted := pair[0], pair[1]
		if len(old.Inherits) == 0 {
			continue
		}
		kept, order := common(old.Inherits, wanted.Inherits), []schema.ID{}
		order = append(order, kept...)
		for _, parent := range wanted.Inherits {
			if !slices.Contains(kept, parent) {
				order = append(order, parent)
			}
		}
		if !slices.Equal(order, wanted.Inherits) || c.turnsOwn(old, kept) {
			c.relinked[old.ID()] = true
		}
	}
}

func common(a, b []schema.ID) []schema.ID {
	var both []schema.ID
	for _, id := range a {
		if slices.Contains(b, id) {
			both = append(both, id)
		}
	}
	return both
}

// turnsOwn reports whether a table that keeps some parents shall have as its own
// what is theirs alone, or the other way round.
func (c *comparison) turnsOwn(old *schema.Table, kept []schema.ID) bool {
	id := old.ID()
	for _, column := range c.is.Columns(id) {
		was := c.was.Column(id, column.ID().Name)
		if was != nil && column.Inherited && column.Local && !was.Local && provided(c.was, kept, column.ID()) {
			return true
		}
	}
	for _, constraint := range c.is.Constraints(id) {
		was, ok := c.was.Object(constraint.ID()).(*schema.Constraint)
		if ok && constraint.Inherited && !constraint.HasIndex() && !was.Inherited {
			return true
		}
	}
	return false
}

// provided reports whether one of the parents has the column, or a check of the
// name that it hands down.
func provided(s *schema.Schema, parents []schema.ID, part schema.ID) bool {
	return slices.ContainsFunc(parents, func(parent schema.ID) bool {
		at := part
		at.Schema, at.Parent = parent.Schema, parent.Name
		switch o := s.Object(at).(type) {
		case *schema.Column:
			return true
		case *schema.Constraint:
			return o.Type == schema.Check && !o.NoInherit
		}
		return false
	})
}

// orphaned finds the tables that lose a parent for a while because that is made
// again, and reports whether there are any that were not known.
func (c *comparison) orphaned() bool {
	found := false
	for _, pair := range heirs(c.source, c.target) {
		id := pair[0].ID()
		if c.relinked[id] || !c.stays(id) || !slices.ContainsFunc(pair[0].Inherits, func(parent schema.ID) bool { return c.fates[parent] == replace }) {
			continue
		}
		c.relinked[id] = true
		found = true
	}
	return found
}

// handDown finds the checks that have to come from a parent to a table that is
// there, and are not yet, or no more, such.
func (c *comparison) handDown() {
	source, target := c.was, c.is
	for _, pair := range heirs(source, target) {
		old, wanted := pair[0], pair[1]
		if slices.Equal(old.Inherits, wanted.Inherits) && !c.relinked[old.ID()] {
			continue
		}
		for _, constraint := range target.Constraints(wanted.ID()) {
			id := constraint.ID()
			now, own := c.target.Object(id).(*schema.Constraint)
			if !constraint.Inherited || constraint.HasIndex() || !own || now.Inherited {
				continue // its own, or a parent's that stays one
			}
			was, ok := source.Object(id).(*schema.Constraint)
			if ok && was.Inherited && !old.IsPartition() && SameBody(was, constraint) {
				continue // the stand-in keeps it
			}
			c.flows[id] = true
			if c.source.Has(id) {
				c.fates[id] = replace
			}
		}
	}
}

// remake replaces the tables whose columns cannot become a parent's alone in any
// other way than by new ones. It reports whether there were any.
func (c *comparison) remake() bool {
	found := false
	for _, pair := range heirs(c.source, c.target) {
		old, wanted := pair[0], pair[1]
		if fate := c.fates[old.ID()]; (fate == keep || fate == alter) && c.columnsRemade(old, wanted) {
			c.fates[old.ID()] = replace
			found = true
		}
	}
	return found
}

func (c *comparison) columnsRemade(old, wanted *schema.Table) bool {
	for _, column := range c.target.Columns(wanted.ID()) {
		was := c.source.Column(old.ID(), column.ID().Name)
		if was == nil || !column.Inherited || column.Local || c.fates[column.ID()] == replace {
			continue
		}
		if was.Local || !c.held(old, wanted, was.ID()) && !c.keptByStandIn(old, wanted, was, column) {
			return true
		}
	}
	return false
}

// held reports whether a column is some parent's all the time.
func (c *comparison) held(old, wanted *schema.Table, column schema.ID) bool {
	away := c.loose(old, wanted)
	return slices.ContainsFunc(old.Inherits, func(parent schema.ID) bool {
		above := schema.ColumnID(parent, column.Name)
		return !slices.Contains(away, parent) && c.source.Has(above) && c.fates[above] != drop && c.fates[above] != replace
	})
}

// keptByStandIn reports whether a stand-in can be a column's parent while the
// table has no other. It could not have its type changed.
func (c *comparison) keptByStandIn(old, wanted *schema.Table, was, column *schema.Column) bool {
	return !old.IsPartition() && len(c.loose(old, wanted)) > 0 && was.Type == column.Type && was.Collation == column.Collation &&
		was.Generated == column.Generated && !c.retyped[column.ID()]
}

// standIn is what a table that leaves its parents for a while keeps as theirs.
func (c *comparison) standIn(old, wanted *schema.Table) (columns []*schema.Column, checks []*schema.Constraint) {
	if len(wanted.Inherits) == 0 || old.IsPartition() || wanted.IsPartition() {
		return nil, nil
	}
	for _, column := range c.source.Columns(old.ID()) {
		now := c.target.Column(wanted.ID(), column.ID().Name)
		fate := c.fates[column.ID()]
		if now != nil && fate != drop && fate != replace && column.Inherited && !column.Local && now.Inherited && !now.Local && !c.held(old, wanted, column.ID()) {
			columns = append(columns, column)
		}
	}
	for _, constraint := range c.was.Constraints(old.ID()) {
		id := constraint.ID()
		now, ok := c.is.Object(id).(*schema.Constraint)
		if ok && constraint.Inherited && now.Inherited && !constraint.HasIndex() && !c.flows[id] && !c.ignored(c.source.Object(id)) {
			checks = append(checks, constraint)
		}
	}
	return columns, checks
}

// comesDown reports whether a new part of a table that is there has to come from
// a parent, and comes from none that the table has by then.
func (c *comparison) comesDown(part schema.Object) bool {
	column, ok := part.(*schema.Column)
	if !ok {
		return c.flows[part.ID()]
	}
	table, _ := c.target.Object(column.Table).(*schema.Table)
	return table != nil && !table.IsPartition() && column.Inherited && !column.Local && c.stays(column.Table)
}

// stays reports whether a relation is there all the time.
func (c *comparison) stays(id schema.ID) bool {
	fate := c.fates[id]
	return c.source.Has(id) && (fate == keep || fate == alter)
}

// comesFrom reports whether a column that a table gets, or that changes, does so
// with the one of that parent.
func (c *comparison) comesFrom(parent schema.ID, column *schema.Column, step step) bool {
	old, _ := c.source.Object(column.Table).(*schema.Table)
	wanted, _ := c.target.Object(column.Table).(*schema.Table)
	if !column.Inherited || c.moves(column.Table) || old == nil || wanted == nil || !c.stays(parent) {
		return false
	}
	if wanted.IsPartition() {
		return true
	}
	attached := slices.Contains(old.Inherits, parent) && !slices.Contains(c.loose(old, wanted), parent)
	if step == stepAlter {
		return attached
	}
	return !column.Local
}

// only reports whether a column is dropped from a parent alone, because a child
// that has it from nowhere else keeps it.
func (c *comparison) only(column *schema.Column) bool {
	if c.fates[column.ID()] != drop && c.fates[column.ID()] != replace || !c.stays(column.Table) {
		return false
	}
	for _, table := range c.source.Tables() {
		wanted, _ := c.target.Object(table.ID()).(*schema.Table)
		child := c.source.Column(table.ID(), column.ID().Name)
		if wanted == nil || child == nil || child.Local || !slices.Contains(table.Inherits, column.Table) || !c.stays(table.ID()) ||
			slices.Contains(c.loose(table, wanted), column.Table) {
			continue
		}
		if fate := c.fates[child.ID()]; (fate == keep || fate == alter) && !c.held(table, wanted, child.ID()) {
			return true
		}
	}
	return false
}

// linkLineage orders what happens to a table's columns and checks and to those
// of its parents.
func (g *graph) linkLineage() {
	for _, table := range g.c.source.Tables() {
		for _, parent := range table.Inherits {
			if !g.c.stays(table.ID()) || !g.c.stays(parent) {
				continue // it goes as a whole
			}
			for _, part := range g.c.source.Parts(table.ID()) {
				above := part
				above.Schema, above.Parent = parent.Schema, parent.Name
				if part.Kind == schema.KindColumn || part.Kind == schema.KindConstraint {
					g.order(nodeKey{stepDrop, above}, nodeKey{stepDrop, part}, false)
					g.order(nodeKey{stepDrop, part}, nodeKey{stepCreate, above}, false)
				}
			}
		}
	}
	for _, table := range g.c.target.Tables() {
		id := table.ID()
		for _, parent := range table.Inherits {
			for _, part := range g.c.target.Columns(parent) {
				above := part.ID()
				own := g.c.target.Column(id, above.Name)
				switch {
				case !g.c.stays(id):
					for _, step := range []step{stepDrop, stepAlter, stepCreate} {
						g.order(nodeKey{step, above}, nodeKey{stepCreate, id}, false)
					}
				case own != nil && own.Local:
					g.order(nodeKey{stepCreate, own.ID()}, nodeKey{stepCreate, above}, false)
				}
			}
			if !g.c.stays(id) {
				for _, part := range g.c.source.Columns(parent) {
					g.order(nodeKey{stepDrop, part.ID()}, nodeKey{stepCreate, id}, false)
				}
			}
		}
	}
}

// goesWith reports whether a column that is a parent's alone goes with the parent's.
func (c *comparison) goesWith(parent schema.ID, column *schema.Column) bool {
	old, _ := c.source.Object(column.Table).(*schema.Table)
	wanted, _ := c.target.Object(column.Table).(*schema.Table)
	if above := c.source.Column(parent, column.ID().Name); above != nil && c.only(above) {
		return false
	}
	return old == nil || wanted == nil || old.IsPartition() || !slices.Contains(c.loose(old, wanted), parent)
}

// detaching is the change that takes a table from what it does not keep.
func (c *comparison) detaching(old, wanted *schema.Table) Detach {
	detach := Detach{Table: old, From: c.loose(old, wanted)}
	detach.Columns, detach.Checks = c.standIn(old, wanted)
	return detach
}

// comesWithTable reports whether a check comes with a table that is made, since
// it shall be a parent's alone.
func (c *comparison) comesWithTable(object schema.Object) bool {
	constraint, ok := c.is.Object(object.ID()).(*schema.Constraint)
	if !ok || !c.ignored(constraint) || c.stays(constraint.Table) {
		return false
	}
	table, _ := c.is.Object(constraint.Table).(*schema.Table)
	return table != nil && len(table.Inherits) > 0
}
