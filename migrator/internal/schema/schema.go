// Package schema is the model of a whole PostgreSQL schema: every object that
// `pg_dump --schema-only` would write, by identity, and which object needs
// which.
//
// Facts go in (package catalog reads them from a server); nothing comes out but
// lookups. Expressions and bodies are kept as the server deparses them with an
// empty search_path, so that two schemas are comparable when they were read
// from the same server version. The package imports nothing of ours, knows no
// SQL statements and refuses only a second object of the same identity.
package schema

import (
	"cmp"
	"fmt"
	"slices"
)

// Schema is all that a database holds, apart from its rows and from what
// belongs to an extension.
type Schema struct {
	Version  int    // the server's version number, such as 150004
	Role     string // the role that the schema was read as
	Database string // the database's name

	// Depends says what an object needs, as pg_depend records it: the object
	// can be created once all of these exist, and must go before any of them.
	// A sequence's owner is not among them; see Sequence.OwnedBy.
	Depends map[ID][]ID

	// Uncovered names what the database holds and this model does not, such
	// as "security label on table public.a", sorted.
	Uncovered []string

	objects map[ID]Object
	sorted  []Object             // by ID; rebuilt when dirty
	parts   map[ID]map[Kind][]ID // sub-objects of a relation or type, by kind
	dirty   bool
}

// New returns an empty schema of a server of the given version number.
func New(version int) *Schema {
	return &Schema{
		Version: version,
		Depends: map[ID][]ID{},
		objects: map[ID]Object{},
		parts:   map[ID]map[Kind][]ID{},
	}
}

// Add puts an object into the schema. It refuses a second one of the same ID.
func (s *Schema) Add(object Object) error {
	id := object.ID()
	if _, taken := s.objects[id]; taken {
		return fmt.Errorf("add %s: it is there already", id)
	}
	s.objects[id] = object
	if owner, ok := s.owner(object); ok {
		kinds := s.parts[owner]
		if kinds == nil {
			kinds = map[Kind][]ID{}
			s.parts[owner] = kinds
		}
		kinds[id.Kind] = append(kinds[id.Kind], id)
	}
	s.dirty = true
	return nil
}

// With returns a copy of the schema that holds the given objects besides its
// own, or in the place of those of the same identity. The rest is shared.
func (s *Schema) With(objects ...Object) *Schema {
	instead := make(map[ID]Object, len(objects))
	for _, object := range objects {
		instead[object.ID()] = object
	}
	with := New(s.Version)
	with.Role, with.Database, with.Uncovered = s.Role, s.Database, s.Uncovered
	for id, needs := range s.Depends {
		with.Depends[id] = needs
	}
	for _, object := range s.Objects() {
		if instead[object.ID()] == nil {
			_ = with.Add(object) // it was unique before
		}
	}
	for _, object := range instead {
		_ = with.Add(object)
	}
	return with
}

// Subset returns a copy of the schema that has only the objects wanted.
func (s *Schema) Subset(wanted func(Object) bool) *Schema {
	some := New(s.Version)
	some.Role, some.Database, some.Uncovered = s.Role, s.Database, s.Uncovered
	for _, object := range s.Objects() {
		if wanted(object) {
			_ = some.Add(object) // it was unique before
			if needs, ok := s.Depends[object.ID()]; ok {
				some.Depends[object.ID()] = needs
			}
		}
	}
	return some
}

// owner is the relation or type that an object is a part of.
func (s *Schema) owner(object Object) (ID, bool) {
	switch o := object.(type) {
	case *Column:
		return o.Table, true
	case *Default:
		return o.Table, true
	case *Constraint:
		return o.Table, true
	case *Index:
		return o.Table, true
	case *Trigger:
		return o.Table, true
	case *Rule:
		return o.Table, true
	case *Policy:
		return o.Table, true
	}
	return ID{}, false
}

// Object returns the object of that identity, or nil.
func (s *Schema) Object(id ID) Object { return s.objects[id] }

// Has reports whether there is an object of that identity.
func (s *Schema) Has(id ID) bool {
	_, ok := s.objects[id]
	return ok
}

// Len is the number of objects.
func (s *Schema) Len() int { return len(s.objects) }

// Objects returns every object, ordered by identity. The slice is the schema's own.
func (s *Schema) Objects() []Object {
	if s.dirty {
		s.sorted = s.sorted[:0]
		for _, object := range s.objects {
			s.sorted = append(s.sorted, object)
		}
		slices.SortFunc(s.sorted, func(a, b Object) int { return a.ID().Compare(b.ID()) })
		s.dirty = false
	}
	return s.sorted
}

// Tables returns the tables, also partitioned and foreign ones, ordered by identity.
func (s *Schema) Tables() []*Table { return all[*Table](s) }

// Sequences returns the sequences that are no identity column's, ordered by identity.
func (s *Schema) Sequences() []*Sequence { return all[*Sequence](s) }

// Enums returns the enumerated types, ordered by identity.
func (s *Schema) Enums() []*Enum { return all[*Enum](s) }

// Views returns the views and materialised views, ordered by identity.
func (s *Schema) Views() []*View { return all[*View](s) }

// Routines returns the functions, procedures and aggregates, ordered by identity.
func (s *Schema) Routines() []*Routine { return all[*Routine](s) }

// Columns returns a relation's columns in the order of the relation.
func (s *Schema) Columns(relation ID) []*Column {
	columns := partsOf[*Column](s, relation, KindColumn)
	slices.SortFunc(columns, func(a, b *Column) int { return cmp.Compare(a.Position, b.Position) })
	return columns
}

// Column returns a relation's column, or nil.
func (s *Schema) Column(relation ID, name string) *Column {
	column, _ := s.objects[ColumnID(relation, name)].(*Column)
	return column
}

// Default returns a column's default, or nil.
func (s *Schema) Default(relation ID, column string) *Default {
	value, _ := s.objects[DefaultID(relation, column)].(*Default)
	return value
}

// Constraints returns a table's or a domain's constraints, ordered by name.
func (s *Schema) Constraints(owner ID) []*Constraint {
	return partsOf[*Constraint](s, owner, KindConstraint)
}

// Indexes returns a relation's indexes, also those behind its constraints, ordered by name.
func (s *Schema) Indexes(relation ID) []*Index {
	return partsOf[*Index](s, relation, KindIndex)
}

// Triggers returns a relation's triggers, ordered by name.
func (s *Schema) Triggers(relation ID) []*Trigger {
	return partsOf[*Trigger](s, relation, KindTrigger)
}

// Policies returns a table's row security policies, ordered by name.
func (s *Schema) Policies(relation ID) []*Policy {
	return partsOf[*Policy](s, relation, KindPolicy)
}

// Parts returns the identities of everything that is a part of a relation or
// domain: columns, defaults, constraints, indexes, triggers, rules, policies.
func (s *Schema) Parts(owner ID) []ID {
	var ids []ID
	for _, of := range s.parts[owner] {
		ids = append(ids, of...)
	}
	slices.SortFunc(ids, ID.Compare)
	return ids
}

// Dependents turns Depends round: what needs an object.
func (s *Schema) Dependents() map[ID][]ID {
	dependents := make(map[ID][]ID, len(s.Depends))
	for id, needs := range s.Depends {
		for _, need := range needs {
			dependents[need] = append(dependents[need], id)
		}
	}
	for _, ids := range dependents {
		slices.SortFunc(ids, ID.Compare)
	}
	return dependents
}

func all[T Object](s *Schema) []T {
	var of []T
	for _, object := range s.Objects() {
		if o, ok := object.(T); ok {
			of = append(of, o)
		}
	}
	return of
}

func partsOf[T Object](s *Schema, owner ID, kind Kind) []T {
	ids := slices.Clone(s.parts[owner][kind])
	slices.SortFunc(ids, ID.Compare)
	of := make([]T, 0, len(ids))
	for _, id := range ids {
		of = append(of, s.objects[id].(T))
	}
	return of
}
