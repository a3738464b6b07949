package diff

import (
	"slices"

	"github.com/senior-backend/toolkit/migrator/internal/schema"
)

// parted returns the schemas with those constraints as a table's own that it
// has from a parent on one side only: they stay with a table that leaves, and
// have to be there before it comes.
func (c *comparison) parted() (from, to *schema.Schema) {
	source, target := c.was, c.is
	var here, there []schema.Object
	for _, old := range source.Tables() {
		wanted, ok := target.Object(old.ID()).(*schema.Table)
		if ok && (old.PartitionOf != wanted.PartitionOf || !slices.Equal(old.Inherits, wanted.Inherits) || c.relinked[old.ID()]) {
			kept := common(old.Inherits, wanted.Inherits)
			if c.relinked[old.ID()] {
				kept = nil
			}
			here, there = append(here, ownConstraints(source, old, kept)...), append(there, ownConstraints(target, wanted, kept)...)
			for _, column := range source.Columns(old.ID()) {
				if column.NotNullNotes.Inherited {
					alone := *column
					alone.NotNullNotes.Inherited = false
					here = append(here, &alone)
				}
			}
		}
	}
	if len(here) > 0 {
		source = source.With(here...)
	}
	if len(there) > 0 {
		target = target.With(there...)
	}
	return source, target
}

func ownConstraints(s *schema.Schema, table *schema.Table, kept []schema.ID) []schema.Object {
	var own []schema.Object
	for _, constraint := range s.Constraints(table.ID()) {
		if constraint.Inherited && !constraint.HasIndex() && !provided(s, kept, constraint.ID()) {
			alone := *constraint
			alone.Inherited = false
			own = append(own, &alone)
		}
	}
	for _, foreign := range table.Copies {
		own = append(own, foreign)
	}
	return own
}

// links are what a table belongs to: the parent of a partition, the parents of
// an ordinary inheritance, the type of a typed table.
func links(table *schema.Table) []schema.ID {
	switch {
	case table.IsPartition():
		return []schema.ID{table.PartitionOf}
	case !table.OfType.IsZero():
		return []schema.ID{table.OfType}
	}
	return table.Inherits
}

// loose are the links of the first table that it does not keep: those that the
// other one lacks, and those to what is made again or altered in between.
func (c *comparison) loose(table, other *schema.Table) []schema.ID {
	var some []schema.ID
	kept := links(other)
	if c.relinked[table.ID()] {
		kept = nil
	}
	for _, link := range links(table) {
		keeps := slices.Contains(kept, link) && table.Bound == other.Bound
		switch fate := c.fates[link]; {
		case !keeps, fate == replace, fate == rebuild, link.IsType() && fate == alter:
			some = append(some, link)
		}
	}
	return some
}

// typedTables are the tables of a composite type, which have to leave it while
// it changes.
func (c *comparison) typedTables(id schema.ID) []schema.ID {
	if id.Kind != schema.KindComposite || SameBody(c.source.Object(id), c.target.Object(id)) && c.fates[id] == alter {
		return nil
	}
	var touched []schema.ID
	for _, table := range c.source.Tables() {
		wanted, ok := c.target.Object(table.ID()).(*schema.Table)
		if table.OfType != id || !ok || c.fates[table.ID()] == replace {
			continue
		}
		c.reattached[table.ID()] = true
		if wanted.OfType == id && !c.appended(table.ID()) {
			c.fates[table.ID()] = replace
			touched = append(touched, table.ID())
		}
	}
	return touched
}

// appended reports whether a table's columns will stand as they should when
// new ones are added at the end.
func (c *comparison) appended(table schema.ID) bool {
	var order []string
	for _, column := range c.source.Columns(table) {
		if c.target.Has(column.ID()) && c.fates[column.ID()] != replace {
			order = append(order, column.ID().Name)
		}
	}
	wanted := c.target.Columns(table)
	for n, name := range order {
		if wanted[n].ID().Name != name {
			return false
		}
	}
	return true
}
