package database

import (
	"slices"
	"strings"

	"github.com/senior-backend/toolkit/scaffolder/internal/relation"
)

// rows is how the table's rows are read and written.
func (t *shown) rows() *relation.Table {
	out := &relation.Table{
		Schema: t.Schema, Name: t.Name, Row: t.row,
		Key: t.key, Version: t.version, Relations: t.links,
	}
	if !t.View {
		out.New, out.Change = t.fresh, t.change
	}
	for _, c := range t.columns {
		one := carried(c.Type)
		one.Name, one.Nullable, one.Generated = c.Name, !c.NotNull, c.Generated
		one.Hidden, one.Compared = c.secret, !c.secret && isComparable(c)
		out.Columns = append(out.Columns, one)
	}
	for _, u := range t.Unique {
		if len(u.Columns) > 0 {
			out.Constraints = append(out.Constraints, relation.Constraint{Name: u.Name, Kind: relation.Unique, Columns: u.Columns})
		}
	}
	for _, f := range t.Foreign {
		out.Constraints = append(out.Constraints, relation.Constraint{Name: f.Name, Kind: relation.Foreign, Columns: f.Columns})
	}
	for _, c := range t.Checks {
		out.Constraints = append(out.Constraints, relation.Constraint{Name: c.Name, Kind: relation.Check, Columns: c.Columns})
	}
	return out
}

// carried is how SQL writes a type in a cast, and how JSON carries its values.
// Domains are written as what they are over: the column's own type checks them.
func carried(t *Type) relation.Column {
	t = baseOf(t)
	switch {
	case t == nil:
		return relation.Column{Type: "text", Form: relation.Text}
	case t.Element != nil:
		return carriedArray(baseOf(t.Element))
	case t.Kind == kindComposite:
		return relation.Column{Type: t.SQL, Form: relation.Record, Fields: fieldsOf(t)}
	}
	out := relation.Column{Type: t.SQL}
	switch t.Name {
	case "numeric", "int8":
		out.Form = relation.Text
	case "timestamp":
		out.Form = relation.UTC
	case "bytea":
		out.Form = relation.Base64
	case "json", "jsonb":
		out.Form = relation.JSON
	case "hstore":
		out.Form = relation.Pairs
	}
	return out
}

func carriedArray(element *Type) relation.Column {
	switch {
	case element == nil:
		return relation.Column{Type: "text[]"}
	case element.Kind == kindComposite:
		return relation.Column{Type: element.SQL, Form: relation.Records, Fields: fieldsOf(element)}
	case isExact(element):
		return relation.Column{Type: element.SQL + "[]", Form: relation.Text}
	case element.Name == "hstore":
		return relation.Column{Type: element.SQL + "[]", Form: relation.Pairs}
	case element.Name == "json", element.Name == "jsonb":
		return relation.Column{Type: element.SQL + "[]", Form: relation.JSON}
	}
	return relation.Column{Type: element.SQL + "[]"}
}

// fieldsOf are the fields of a composite type; nil where PostgreSQL's own
// conversion to and from JSON carries all of them.
func fieldsOf(t *Type) []relation.Column {
	for _, field := range carriedAll(t.Fields) {
		switch field.Form {
		case relation.Plain, relation.JSON:
			continue
		case relation.Record, relation.Records:
			if field.Fields == nil {
				continue
			}
		}
		return carriedAll(t.Fields)
	}
	return nil
}

func carriedAll(columns []*Column) []relation.Column {
	var out []relation.Column
	for _, col := range columns {
		one := carried(col.Type)
		one.Name, one.Compared = col.Name, true
		out = append(out, one)
	}
	return out
}

// relate finds the ways from table to table along foreign keys, there and back.
func (d *describer) relate(tables []*shown) {
	for _, t := range tables {
		for _, f := range t.Foreign {
			at := slices.IndexFunc(tables, func(other *shown) bool { return other.Schema == f.Schema && other.Name == f.Table })
			if at < 0 || !t.matches(f.Columns) || !tables[at].matches(f.References) {
				continue
			}
			other := tables[at]
			t.link(other, relation.Relation{Columns: f.Columns, References: f.References},
				strings.TrimSuffix(f.Columns[0], "_id"), f.Table)
			back := relation.Relation{Columns: f.References, References: f.Columns, Many: !t.isUnique(f.Columns)}
			other.link(t, back, t.tag, t.tag+"_by_"+strings.Join(f.Columns, "_"))
		}
	}
}

// matches says that rows may be matched by the columns.
func (t *shown) matches(names []string) bool {
	for _, name := range names {
		at := slices.IndexFunc(t.columns, func(c column) bool { return c.Name == name })
		if at < 0 || t.columns[at].secret || !isComparable(t.columns[at]) {
			return false
		}
	}
	return len(names) > 0
}

// isUnique says that no two rows have the same values in the columns.
func (t *shown) isUnique(names []string) bool {
	return slices.ContainsFunc(t.Unique, func(u Unique) bool {
		return u.Whole && len(u.Columns) > 0 && !slices.ContainsFunc(u.Columns, func(c string) bool { return !slices.Contains(names, c) })
	})
}

// link adds a relation to other under the first of the names that is free.
func (t *shown) link(other *shown, r relation.Relation, candidates ...string) {
	for _, name := range candidates {
		taken := t.column(name) != nil || slices.ContainsFunc(t.links, func(l relation.Relation) bool { return l.Name == name })
		if name == "" || taken || strings.ContainsAny(name, ",") {
			continue
		}
		r.Name, r.Schema, r.Table = name, other.Schema, other.Name
		t.links = append(t.links, r)
		t.targets = append(t.targets, other.row)
		return
	}
}
