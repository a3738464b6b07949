// Package diff compares two schemas and says which changes, in which order,
// turn the first into the second.
//
// Two schema.Schema go in, best read from servers of one version; an ordered
// list of changes comes out, each a value of one of the types of the sealed
// interface Change. The order comes from what needs what in both schemas:
// whatever has to be dropped so that something below it can change is dropped
// first and made again afterwards. The package is pure, writes no SQL and
// refuses nothing.
package diff

import (
	"slices"

	"github.com/senior-backend/toolkit/migrator/internal/schema"
)

// Options say what counts as a difference.
type Options struct {
	Owner bool // the owners of objects
}

// Result is what Compare found.
type Result struct {
	Changes     []Change
	Differences []Difference // per object, ordered by identity
}

// Difference is one object that is not the same on both sides.
type Difference struct {
	ID       schema.ID
	Old, New schema.Object // nil when it is not there
}

// Change is one step of a migration. The interface is sealed.
type Change interface{ change() }

// Create makes an object together with its parts, such as a table's columns.
type Create struct {
	Object schema.Object
	Parts  []schema.Object
	Again  bool // it was dropped only because something that it needs had to change
	Attach bool // a partition that is made as a table of its own and attached later, by a change Attach
	Down   bool // a column or check of a table that is there, which shall be a parent's alone: it comes through a stand-in
}

// Drop unmakes an object. Its parts go with it, without statements of their own.
type Drop struct {
	Object schema.Object
	Parts  []schema.Object
	Again  bool // it is made again later
	Only   bool // of a parent's column: those of the children stay
	Rows   bool // of a table: the rows are put aside and come back with a change Refill
}

// Refill brings the rows of a table that was made again back.
type Refill struct{ Old, New *schema.Table }

// Alter changes an object in place. New holds the object as it shall be; its
// name may be another.
type Alter struct {
	Old, New schema.Object
	Retype   bool // of a column: its type was made anew under the same name
}

// SetAside renames a type that columns still have, so that its successor can
// take its name.
type SetAside struct {
	Object schema.Object
	As     string
}

// Discard drops a type that was set aside.
type Discard struct {
	Object schema.Object
	As     string
}

// Settle brings about what an object can only have once its parts are there: a
// table's clustered index and replica identity, a sequence's owning column.
type Settle struct {
	Old, New schema.Object // Old is nil when the object is new
}

// Detach takes a partition from its parent, an inheriting table from some of its
// parents, or a typed table from its type.
type Detach struct {
	Table *schema.Table
	From  []schema.ID

	// What the table keeps as a parent's alone until it is attached again.
	Columns []*schema.Column
	Checks  []*schema.Constraint
}

// Attach gives a partition to its parent, an inheriting table to some parents,
// or a table to a type.
type Attach struct {
	Table *schema.Table
	To    []schema.ID
}

func (Create) change()   {}
func (Drop) change()     {}
func (Alter) change()    {}
func (SetAside) change() {}
func (Discard) change()  {}
func (Settle) change()   {}
func (Refill) change()   {}
func (Detach) change()   {}
func (Attach) change()   {}

// Compare returns the changes that turn source into target.
func Compare(source, target *schema.Schema, options Options) Result {
	c := &comparison{was: source, is: target, options: options, relinked: map[schema.ID]bool{}}
	c.relink()
	differences := c.decide()
	for len(differences) > 0 && c.orphaned() {
		c.decide()
	}
	result := Result{Differences: differences}
	if len(differences) > 0 {
		result.Changes = c.order()
	}
	return result
}

// decide gives each object its fate. What differs comes out.
func (c *comparison) decide() []Difference {
	c.source, c.target = c.parted()
	c.fates, c.dependents = map[schema.ID]fate{}, c.source.Dependents()
	c.flows, c.copied = map[schema.ID]bool{}, map[schema.ID]bool{}
	renames := c.keyRenames()
	c.foresee(renames)
	c.judge()
	c.handDown()
	differences := c.differences()
	if len(differences) == 0 {
		return nil
	}
	c.renameKeys(renames)
	c.pairRenames()
	c.spread()
	for c.remake() {
		c.spread()
	}
	c.undoRenames()
	c.carry()
	return differences
}

// fate is what becomes of an object.
type fate int

const (
	keep fate = iota
	drop
	create
	alter
	replace // drop and create
	rebuild // a type: set aside, create, discard
)

// comparison is one run of Compare.
type comparison struct {
	was, is        *schema.Schema // as they were given
	source, target *schema.Schema // the same, with what tables have from parents that they leave, or come to, as their own
	options        Options
	fates          map[schema.ID]fate
	retyped        map[schema.ID]bool          // columns whose type is rebuilt
	reattached     map[schema.ID]bool          // tables that leave a parent or type, or come to one, or whose parent is made again
	renamed        map[schema.ID]schema.Object // by its new identity, the object as it was
	dependents     map[schema.ID][]schema.ID   // in the source
	attached       map[schema.ID]bool          // new partitions that are attached once they are complete
	relinked       map[schema.ID]bool          // tables that leave all parents and come back
	flows          map[schema.ID]bool          // checks that shall be a parent's alone and have to come from a stand-in
	copied         map[schema.ID]bool          // tables that are made again with their rows
}

// judge gives each object the fate that it has on its own account.
func (c *comparison) judge() {
	c.renamed = map[schema.ID]schema.Object{}
	c.retyped, c.reattached, c.attached = map[schema.ID]bool{}, map[schema.ID]bool{}, map[schema.ID]bool{}
	for _, old := range c.source.Objects() {
		id := old.ID()
		if c.ignored(old) {
			continue
		}
		wanted := c.target.Object(id)
		if wanted == nil || c.ignored(wanted) {
			c.fates[id] = drop
			continue
		}
		if fate := c.verdict(old, wanted); fate != keep {
			c.fates[id] = fate
		}
		if table, ok := old.(*schema.Table); ok && c.fates[id] == alter {
			after := wanted.(*schema.Table)
			c.reattached[id] = table.PartitionOf != after.PartitionOf || table.Bound != after.Bound || !slices.Equal(table.Inherits, after.Inherits) ||
				table.OfType != after.OfType
		}
	}
	for id := range c.relinked {
		c.reattached[id] = true
	}
	for _, wanted := range c.target.Objects() {
		id := wanted.ID()
		if old := c.source.Object(id); !c.ignored(wanted) && (old == nil || c.ignored(old)) {
			c.fates[id] = create
		}
	}
}

// ignored reports whether an object only follows from others: it is made and
// unmade with them.
func (c *comparison) ignored(object schema.Object) bool {
	constraint, ok := object.(*schema.Constraint)
	return ok && constraint.Inherited && !constraint.HasIndex()
}

// differences lists what is not the same, before anything is dropped for
// another's sake.
func (c *comparison) differences() []Difference {
	var all []Difference
	for id := range c.fates {
		all = append(all, Difference{ID: id, Old: c.source.Object(id), New: c.target.Object(id)})
	}
	slices.SortFunc(all, func(a, b Difference) int { return a.ID.Compare(b.ID) })
	return all
}
