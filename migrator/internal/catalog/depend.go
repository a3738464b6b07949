package catalog

import (
	"fmt"
	"slices"

	"github.com/senior-backend/toolkit/migrator/internal/schema"
)

type dependRow struct {
	Class    string
	Oid      int64
	Sub      int
	RefClass string `json:"ref_class"`
	RefOid   int64  `json:"ref_oid"`
	RefSub   int    `json:"ref_sub"`
	Type     string
}

// depends turns pg_depend into what needs what among the objects of the model.
func (r *reader) depends() error {
	found, err := rows[dependRow](r, `SELECT c.relname AS class, d.objid::int8 AS oid, d.objsubid AS sub, rc.relname AS ref_class,
		d.refobjid::int8 AS ref_oid, d.refobjsubid AS ref_sub, d.deptype::text AS type
		FROM pg_catalog.pg_depend d JOIN pg_catalog.pg_class c ON c.oid = d.classid JOIN pg_catalog.pg_class rc ON rc.oid = d.refclassid
		WHERE d.deptype <> 'e' AND d.objid >= 16384`)
	if err != nil {
		return fmt.Errorf("dependencies: %w", err)
	}
	r.adopt(found)
	needs := r.schema.Depends
	for _, d := range found {
		from, ok := r.at(d.Class, d.Oid, d.Sub)
		to, known := r.at(d.RefClass, d.RefOid, d.RefSub)
		if d.Class == d.RefClass && d.Oid == d.RefOid && d.Sub > 0 && d.RefSub == 0 && d.Type == "i" {
			if column, isColumn := r.schema.Object(from).(*schema.Column); isColumn {
				column.PartitionKey = true
			}
		}
		if !ok || !known || from == to || !r.schema.Has(from) {
			continue
		}
		if sequence, ok := r.schema.Object(from).(*schema.Sequence); ok && sequence.OwnedBy == to {
			continue
		}
		needs[r.expression(from, d)] = append(needs[r.expression(from, d)], to)
	}
	for _, object := range r.schema.Objects() {
		r.implied(object)
	}
	for id, all := range needs {
		slices.SortFunc(all, schema.ID.Compare)
		needs[id] = slices.Compact(all)
	}
	return nil
}

// expression is what needs something on a generated column's behalf: servers
// before 15 write down what its expression uses as the column's own.
func (r *reader) expression(from schema.ID, d dependRow) schema.ID {
	column, ok := r.schema.Object(from).(*schema.Column)
	if !ok || column.Generated == "" || d.RefClass == "pg_type" || d.RefClass == "pg_collation" || d.RefClass == "pg_class" && d.RefSub == 0 {
		return from
	}
	return schema.DefaultID(column.Table, from.Name)
}

// adopt gives the rows that have no identity of their own, such as the members
// of an operator class, that of the object that they are an inner part of.
func (r *reader) adopt(found []dependRow) {
	for range 3 {
		for _, d := range found {
			if d.Type != "i" && d.Type != "a" {
				continue
			}
			if _, known := r.ids[address{class: d.Class, oid: d.Oid}]; known || d.Class == "pg_class" && d.Sub > 0 {
				continue
			}
			if to, ok := r.at(d.RefClass, d.RefOid, d.RefSub); ok {
				r.ids[address{class: d.Class, oid: d.Oid}] = to
			}
		}
	}
}

// at is the object behind an address; a column that is not in the model stands for its relation.
func (r *reader) at(class string, oid int64, sub int) (schema.ID, bool) {
	id, ok := r.ids[address{class: class, oid: oid, sub: sub}]
	if !ok && sub != 0 {
		id, ok = r.ids[address{class: class, oid: oid}]
	}
	return id, ok
}

// implied adds what the server knows without a row in pg_depend.
func (r *reader) implied(object schema.Object) {
	id := object.ID()
	need := func(to schema.ID) {
		if !to.IsZero() && to != id && r.schema.Has(to) {
			r.schema.Depends[id] = append(r.schema.Depends[id], to)
		}
	}
	switch o := object.(type) {
	case *schema.Extension:
		need(schema.ID{Kind: schema.KindSchema, Name: o.In})
	case *schema.Column:
		need(o.Table)
	case *schema.Default:
		need(schema.ColumnID(o.Table, id.Name))
	case *schema.Constraint:
		need(o.Table)
		need(o.Parent)
		for _, column := range o.Columns {
			need(schema.ColumnID(o.Table, column))
		}
	case *schema.Index:
		need(o.Table)
		need(o.Parent)
		if o.Constraint != "" {
			need(schema.ID{Kind: schema.KindConstraint, Schema: id.Schema, Parent: id.Parent, Name: o.Constraint})
		}
	case *schema.Trigger:
		need(o.Table)
	case *schema.Rule:
		need(o.Table)
	case *schema.Policy:
		need(o.Table)
	case *schema.Table:
		need(o.PartitionOf)
		need(o.OfType)
		for _, parent := range o.Inherits {
			need(parent)
		}
	}
	if id.Schema != "" {
		need(schema.ID{Kind: schema.KindSchema, Name: id.Schema})
	}
}

// comments reads all comments at once.
func (r *reader) comments() error {
	type row struct {
		Class string
		Oid   int64
		Sub   int
		Text  string
	}
	found, err := rows[row](r, `SELECT c.relname AS class, d.objoid::int8 AS oid, d.objsubid AS sub, d.description AS text
		FROM pg_catalog.pg_description d JOIN pg_catalog.pg_class c ON c.oid = d.classoid
		WHERE d.objoid >= 16384 OR c.relname = 'pg_namespace'`)
	if err != nil {
		return fmt.Errorf("comments: %w", err)
	}
	for _, c := range found {
		if r.isMember(c.Class, c.Oid) {
			continue
		}
		id, ok := r.ids[address{class: "index", oid: c.Oid}]
		if !ok || c.Class != "pg_class" {
			id, ok = r.ids[address{class: c.Class, oid: c.Oid, sub: c.Sub}]
		}
		object := r.schema.Object(id)
		if !ok || object == nil {
			continue
		}
		if composite, isType := object.(*schema.Composite); isType && c.Sub > 0 {
			for n := range composite.Attributes {
				if r.attribute(c.Oid, c.Sub) == composite.Attributes[n].Name {
					composite.Attributes[n].Comment = c.Text
				}
			}
			continue
		}
		if column, ok := object.(*schema.Column); ok && c.Class == "pg_constraint" {
			column.NotNullNotes.Comment = c.Text
			continue
		}
		object.Common().Comment = c.Text
	}
	return nil
}

// attribute is the name of a composite type's field by its number.
func (r *reader) attribute(oid int64, number int) string {
	return r.attributes[address{class: "pg_class", oid: oid, sub: number}]
}

// uncovered names what the database holds and the model does not.
func (r *reader) uncovered() error {
	type row struct{ What string }
	found, err := rows[row](r, `
		SELECT 'security label on ' || objtype || ' ' || objname AS what FROM pg_catalog.pg_seclabels WHERE provider <> ''
		UNION SELECT 'subscription ' || s.subname FROM pg_catalog.pg_subscription s JOIN pg_catalog.pg_database d ON d.oid = s.subdbid WHERE d.datname = pg_catalog.current_database()
		UNION SELECT 'privileges on ' || c.oid::regclass FROM pg_catalog.pg_class c LEFT JOIN pg_catalog.pg_init_privs i ON i.objoid = c.oid AND i.classoid = 'pg_catalog.pg_class'::pg_catalog.regclass AND i.objsubid = 0
			WHERE (c.oid < 16384 AND c.relnamespace = 'pg_catalog'::pg_catalog.regnamespace OR NOT `+notMember("pg_class", "c.oid")+`) AND c.relacl::text[] IS DISTINCT FROM i.initprivs::text[]
		UNION SELECT 'privileges on ' || p.oid::regprocedure FROM pg_catalog.pg_proc p LEFT JOIN pg_catalog.pg_init_privs i ON i.objoid = p.oid AND i.classoid = 'pg_catalog.pg_proc'::pg_catalog.regclass
			WHERE (p.oid < 16384 AND p.pronamespace = 'pg_catalog'::pg_catalog.regnamespace OR NOT `+notMember("pg_proc", "p.oid")+`) AND p.proacl::text[] IS DISTINCT FROM i.initprivs::text[]`)
	if err != nil {
		return fmt.Errorf("what is not covered: %w", err)
	}
	for _, u := range found {
		r.schema.Uncovered = append(r.schema.Uncovered, u.What)
	}
	return nil
}
