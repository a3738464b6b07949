package diff

import (
	"slices"

	"github.com/senior-backend/toolkit/migrator/internal/schema"
)

// spread carries what happens to an object over to those that need it: what
// stands on something that is dropped, made again or has its type changed must
// go first and come back afterwards.
func (c *comparison) spread() {
	queue := make([]schema.ID, 0, len(c.fates))
	for id := range c.fates {
		queue = append(queue, id)
	}
	slices.SortFunc(queue, schema.ID.Compare)
	for len(queue) > 0 {
		id := queue[0]
		queue = queue[1:]
		queue = append(queue, c.spreadFrom(id)...)
	}
	c.chooseAttached()
}

// spreadFrom returns the objects whose fate changed because of id's.
func (c *comparison) spreadFrom(id schema.ID) []schema.ID {
	switch c.fates[id] {
	case drop, replace, rebuild:
		return append(append(c.spreadLoss(id), c.tightened(id)...), c.typedTables(id)...)
	case alter:
		return append(append(c.spreadAlter(id), c.tightened(id)...), c.typedTables(id)...)
	case create:
		return c.tightened(id)
	}
	return nil
}

// spreadLoss: id will not be there for a while.
func (c *comparison) spreadLoss(id schema.ID) []schema.ID {
	var touched []schema.ID
	for _, dependent := range c.dependents[id] {
		if c.fates[dependent] == drop || c.fates[dependent] == replace || c.fates[dependent] == rebuild {
			continue
		}
		wanted := c.target.Object(dependent)
		if wanted == nil {
			continue
		}
		if column, ok := wanted.(*schema.Column); ok && column.Table.Kind != schema.KindTable && column.Table.Kind != schema.KindForeignTable {
			if column.Table == id {
				if c.fates[dependent] != replace {
					c.fates[dependent] = replace // what stands on it stands on the view
					touched = append(touched, dependent)
				}
				continue
			}
			dependent = column.Table // a view's column is the view's
			if dependent == id || c.fates[dependent] == replace || c.fates[dependent] == drop || !c.target.Has(dependent) {
				continue
			}
			wanted = c.target.Object(dependent)
		}
		before := c.retyped[dependent]
		if c.loosen(id, dependent, wanted) {
			if c.retyped[dependent] && !before {
				touched = append(touched, dependent)
			}
			continue
		}
		c.fates[dependent] = replace
		touched = append(touched, dependent)
		touched = append(touched, c.generatedBy(wanted)...)
	}
	if c.fates[id] == replace && setsAside(id) && c.inUse(id, map[schema.ID]bool{}) {
		c.fates[id] = rebuild
	}
	if c.fates[id] == drop && id.IsType() && c.succeeded(id) && c.inUse(id, map[schema.ID]bool{}) {
		c.fates[id] = rebuild
	}
	if c.fates[id] == replace && id.Kind == schema.KindTable {
		touched = append(touched, c.ownedSequences(id)...)
	}
	return touched
}

// loosen reports whether a dependent can stay while id goes: because it can be
// altered so that it needs id no more, or detached from it for the time.
func (c *comparison) loosen(id, dependent schema.ID, wanted schema.Object) bool {
	switch o := wanted.(type) {
	case *schema.Column:
		if !setsAside(id) && id.Kind != schema.KindExtension {
			return !c.isPart(dependent, id)
		}
		if (c.fates[id] != drop || c.succeeded(id)) && o.Generated == "" {
			c.retyped[dependent] = true
			if c.fates[dependent] == keep {
				c.fates[dependent] = alter
			}
		}
		return o.Generated == ""
	case *schema.Table:
		if (id.Kind == schema.KindTable || id == o.OfType) && c.fates[id] != drop {
			c.reattached[dependent] = true
		}
		return id.Kind != schema.KindServer
	case *schema.Sequence, *schema.Namespace, *schema.Extension:
		return true
	case *schema.Index:
		return c.parentOf(dependent) == id && (c.moves(o.Table) || o.Parent == id && c.reparented(id))
	case *schema.Constraint:
		return c.parentOf(dependent) == id && (c.moves(o.Table) || o.Parent == id && c.reparented(id))
	case *schema.Default:
		column := c.target.Column(o.Table, dependent.Name)
		if c.fates[dependent] == alter && (column == nil || column.Generated == "") {
			// SET DEFAULT frees it, unless what it still needs is made again.
			return !slices.Contains(c.target.Depends[dependent], id)
		}
	}
	return false
}

// parentOf is what an index or constraint was attached to.
func (c *comparison) parentOf(id schema.ID) schema.ID {
	switch o := c.source.Object(id).(type) {
	case *schema.Index:
		return o.Parent
	case *schema.Constraint:
		return o.Parent
	}
	return schema.ID{}
}

// reparented reports whether an index goes because its partitioned table is
// made again: its parts on the partitions stay with those, and are matched when
// they are attached.
func (c *comparison) reparented(parent schema.ID) bool {
	return c.fates[schema.ID{Kind: schema.KindTable, Schema: parent.Schema, Name: parent.Parent}] == replace
}

// disturb replaces what stands on a column whose type is about to change. It
// is idempotent; what it touches is spread by the caller's loop.
func (c *comparison) disturb(column schema.ID) []schema.ID {
	var touched []schema.ID
	for _, dependent := range c.dependents[column] {
		if c.fates[dependent] != keep && c.fates[dependent] != alter {
			continue
		}
		wanted := c.target.Object(dependent)
		if wanted == nil || !c.disturbed(column, dependent, wanted) {
			continue
		}
		c.fates[dependent] = replace
		touched = append(touched, dependent)
		touched = append(touched, c.generatedBy(wanted)...)
	}
	return touched
}

// generatedBy replaces the column that an expression generates: the expression
// cannot go without it.
func (c *comparison) generatedBy(object schema.Object) []schema.ID {
	value, ok := object.(*schema.Default)
	if !ok {
		return nil
	}
	id := schema.ColumnID(value.Table, value.ID().Name)
	of, _ := c.target.Object(id).(*schema.Column)
	if of == nil || of.Generated == "" || c.fates[id] != keep && c.fates[id] != alter {
		return nil
	}
	c.fates[id] = replace
	return []schema.ID{id}
}

// disturbed reports whether the server would refuse to change a column's type,
// or would carry the dependent over in a way of its own.
func (c *comparison) disturbed(column, dependent schema.ID, wanted schema.Object) bool {
	switch o := wanted.(type) {
	case *schema.Default:
		return !c.carried(column, o)
	case *schema.View, *schema.Rule, *schema.Policy, *schema.Trigger, *schema.Routine, *schema.Definition:
		return true
	case *schema.Constraint:
		return o.Type == schema.ForeignKey || o.Type == schema.Check || o.Type == schema.Exclusion || c.retyped[column]
	case *schema.Index:
		if o.Predicate != "" || c.retyped[column] {
			return true
		}
		return slices.ContainsFunc(o.Keys, func(key schema.IndexKey) bool { return key.Column == "" })
	}
	return false
}

// carried reports whether the server takes a column's own default along when
// the column's type changes: it casts the expression anew, as it would cast the
// same expression in SET DEFAULT. So a serial keeps its numbers all the time.
func (c *comparison) carried(column schema.ID, wanted *schema.Default) bool {
	id := wanted.ID()
	old, ok := c.source.Object(id).(*schema.Default)
	of, found := c.target.Object(column).(*schema.Column)
	own := found && id == schema.DefaultID(of.Table, column.Name)
	return ok && own && of.Generated == "" && !c.retyped[column] && old.Expr == wanted.Expr
}

// spreadAlter: some changes in place are refused while others look on.
func (c *comparison) spreadAlter(id schema.ID) []schema.ID {
	old, isColumn := c.source.Object(id).(*schema.Column)
	if !isColumn {
		return nil
	}
	wanted, ok := c.target.Object(id).(*schema.Column)
	if !ok || old.Table.Kind == schema.KindView || old.Table.Kind == schema.KindMaterialized {
		return nil
	}
	if old.Type == wanted.Type && old.Collation == wanted.Collation && !c.retyped[id] {
		return nil
	}
	if old.PartitionKey && c.fates[old.Table] != replace {
		// The server refuses: the table has to be made again around its partitions.
		c.fates[old.Table] = replace
		return []schema.ID{old.Table}
	}
	return c.disturb(id)
}

// setsAside reports whether an object of the kind can make room for its
// successor while columns still have it.
func setsAside(id schema.ID) bool { return id.IsType() || id.Kind == schema.KindCollation }

// succeeded reports whether a type of another kind takes a type's name.
func (c *comparison) succeeded(id schema.ID) bool {
	for _, kind := range []schema.Kind{schema.KindEnum, schema.KindDomain, schema.KindComposite, schema.KindRange} {
		if kind != id.Kind && c.target.Has(schema.ID{Kind: kind, Schema: id.Schema, Name: id.Name}) {
			return true
		}
	}
	return false
}

// inUse reports whether columns that stay have the type or collation, directly
// or through another type.
func (c *comparison) inUse(id schema.ID, seen map[schema.ID]bool) bool {
	seen[id] = true
	for _, dependent := range c.dependents[id] {
		if dependent.Kind == schema.KindColumn && c.target.Has(dependent) && c.fates[dependent] != replace {
			return true
		}
		if dependent.IsType() && !seen[dependent] && c.target.Has(dependent) && c.inUse(dependent, seen) {
			return true
		}
	}
	return false
}

// ownedSequences replaces the sequences that go with a table that is made again.
func (c *comparison) ownedSequences(table schema.ID) []schema.ID {
	var touched []schema.ID
	for _, sequence := range c.source.Sequences() {
		id := sequence.ID()
		if sequence.OwnedBy.IsZero() || sequence.OwnedBy.Schema != table.Schema || sequence.OwnedBy.Parent != table.Name {
			continue
		}
		if c.target.Has(id) && c.fates[id] != replace {
			c.fates[id] = replace
			touched = append(touched, id)
		}
	}
	return touched
}

// isPart reports whether an object is a part of a relation or domain.
func (c *comparison) isPart(part, whole schema.ID) bool {
	owner, ok := ownerOf(c.source.Object(part))
	return ok && owner == whole
}

// ownerOf is the relation or domain that an object is a part of.
func ownerOf(object schema.Object) (schema.ID, bool) {
	switch o := object.(type) {
	case *schema.Column:
		return o.Table, true
	case *schema.Default:
		return o.Table, true
	case *schema.Constraint:
		return o.Table, true
	case *schema.Index:
		return o.Table, true
	case *schema.Trigger:
		return o.Table, true
	case *schema.Rule:
		return o.Table, true
	case *schema.Policy:
		return o.Table, true
	}
	return schema.ID{}, false
}

// chooseAttached finds the new partitions that cannot be made by CREATE TABLE …
// PARTITION OF, because what they then inherit would not have its right name
// or because they were not made that way.
func (c *comparison) chooseAttached() {
	for id, fate := range c.fates {
		table, ok := c.target.Object(id).(*schema.Table)
		if !ok || !table.IsPartition() || fate != create && fate != replace {
			continue
		}
		parent := c.fates[table.PartitionOf]
		if !samePositions(c.target, table) {
			c.attached[id] = true
		}
		if parent == create || parent == replace {
			continue
		}
		// The parent is there and has indexes: each of ours must be matched by name.
		for _, index := range c.target.Indexes(id) {
			if !index.Parent.IsZero() {
				c.attached[id] = true
			}
		}
	}
}

// samePositions reports whether a partition's columns stand as its parent's do.
func samePositions(s *schema.Schema, table *schema.Table) bool {
	own, parents := s.Columns(table.ID()), s.Columns(table.PartitionOf)
	if len(own) != len(parents) {
		return false
	}
	for n := range own {
		if own[n].ID().Name != parents[n].ID().Name {
			return false
		}
	}
	return true
}
