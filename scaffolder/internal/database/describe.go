package database

import (
	"net/url"
	"slices"
	"strconv"
	"strings"

	"github.com/senior-backend/toolkit/scaffolder/internal/api"
)

// describer builds the API of one database.
type describer struct {
	api     *api.API
	taken   map[string]bool   // names of schemas, and of operations
	types   map[*Type]string  // schemas of types
	filters map[string]string // schemas of filters
	secret  bool              // secrets are treated like other columns
	notes   []string
}

// Describe returns the API over db's tables, and notes on what a person should
// know of it: columns taken for secrets, tables without a key.
func Describe(db *Database, includeSensitive bool) (*api.API, []string) {
	d := &describer{
		api: &api.API{
			Title: db.Name, Version: "1.0.0",
			Description: "The tables of the database " + db.Name + ".",
		},
		taken:   map[string]bool{"Error": true},
		types:   map[*Type]string{},
		filters: map[string]string{},
		secret:  includeSensitive,
	}
	qualified := false
	for _, t := range db.Tables {
		qualified = qualified || t.Schema != db.Tables[0].Schema
	}
	for _, t := range db.Tables {
		d.table(t, qualified)
	}
	d.api.Schemas = append(d.api.Schemas, &api.NamedSchema{Name: "Error", Schema: errorSchema()})
	return d.api, d.notes
}

// free is name, with a number when it is taken.
func (d *describer) free(name string) string {
	unique := name
	for i := 2; d.taken[unique]; i++ {
		unique = name + strconv.Itoa(i)
	}
	d.taken[unique] = true
	return unique
}

// names are what a table is called in the API.
type names struct{ path, tag, row, fresh, change string }

func (d *describer) names(t *Table, qualified bool) names {
	name, path := t.Name, "/"+url.PathEscape(t.Name)
	if qualified && t.Schema != "public" {
		name, path = t.Schema+"_"+t.Name, "/"+url.PathEscape(t.Schema)+"/"+url.PathEscape(t.Name)
	}
	row := d.free(pascal(name))
	return names{path: path, tag: name, row: row, fresh: d.free("New" + row), change: d.free(row + "Change")}
}

func (d *describer) table(t *Table, qualified bool) {
	n := d.names(t, qualified)
	d.api.Tags = append(d.api.Tags, api.Tag{Name: n.tag, Description: t.Comment})
	columns := d.columns(t)
	d.api.Schemas = append(d.api.Schemas, &api.NamedSchema{Name: n.row, Schema: rowSchema(t, columns)})
	if !t.View {
		d.api.Schemas = append(d.api.Schemas,
			&api.NamedSchema{Name: n.fresh, Schema: writeSchema(t, columns, true)},
			&api.NamedSchema{Name: n.change, Schema: writeSchema(t, columns, false)})
	}
	add := func(op *api.Operation) {
		op.Tags = []string{n.tag}
		d.api.Operations = append(d.api.Operations, op)
	}
	add(d.listOperation(n, columns))
	if !t.View {
		add(createOperation(n))
	}
	key := keyParameters(t, columns)
	if key == nil {
		if !t.View {
			d.notes = append(d.notes, "table "+t.Schema+"."+t.Name+" has no primary key: its rows can be listed and created, not addressed")
		}
		return
	}
	for _, p := range key {
		n.path += "/{" + p.Name + "}"
	}
	for _, op := range rowOperations(n, key) {
		add(op)
	}
}

// column is a column with its schema.
type column struct {
	*Column
	schema *api.Schema
	secret bool
}

func (d *describer) columns(t *Table) []column {
	var out []column
	for _, col := range t.Columns {
		c := column{Column: col, schema: d.columnSchema(col, !col.NotNull)}
		if !d.secret && isSecret(col.Name) && !slices.Contains(t.Key, col.Name) {
			c.secret = true
			d.notes = append(d.notes, "column "+t.Schema+"."+t.Name+"."+col.Name+" looks like a secret: it is written, and never in a response")
		}
		out = append(out, c)
	}
	for _, check := range t.Checks {
		constrain(check, func(name string) *api.Schema {
			for _, c := range out {
				if c.Name == name && c.schema.Ref == "" && c.schema.AnyOf == nil {
					return c.schema
				}
			}
			return nil
		})
	}
	return out
}

// rowSchema is a row as it is answered.
func rowSchema(t *Table, columns []column) *api.Schema {
	s := &api.Schema{Types: []string{"object"}, Description: t.Comment}
	for _, c := range columns {
		if c.secret {
			continue
		}
		property := *c.schema
		property.Default = ""
		s.Properties = append(s.Properties, api.Property{Name: c.Name, Schema: &property})
		s.Required = append(s.Required, c.Name)
	}
	return s
}

// writeSchema is a row as it is sent: whole, or with all left out that stays.
func writeSchema(t *Table, columns []column, whole bool) *api.Schema {
	never := false
	s := &api.Schema{Types: []string{"object"}, Description: t.Comment, AdditionalProperties: &api.Schema{Always: &never}}
	for _, c := range columns {
		if c.Generated {
			continue
		}
		property := *c.schema
		property.WriteOnly = c.secret
		if !whole {
			property.Default = ""
		}
		s.Properties = append(s.Properties, api.Property{Name: c.Name, Schema: &property})
		if whole && c.NotNull && !c.HasDefault {
			s.Required = append(s.Required, c.Name)
		}
	}
	if !whole {
		one := 1
		s.MinProperties = &one
	}
	return s
}

// keyParameters are the primary key's columns as path parameters, or nil.
func keyParameters(t *Table, columns []column) []*api.Parameter {
	var out []*api.Parameter
	for _, name := range t.Key {
		i := slices.IndexFunc(columns, func(c column) bool { return c.Name == name })
		if i < 0 || strings.ContainsAny(name, "{}/?#") {
			return nil
		}
		schema := *columns[i].schema
		schema.Default = ""
		out = append(out, &api.Parameter{
			Name: name, In: api.InPath, Required: true, Style: api.StyleSimple, Description: columns[i].Comment, Schema: &schema,
		})
	}
	return out
}

func errorSchema() *api.Schema {
	object := func(required []string, properties ...api.Property) *api.Schema {
		return &api.Schema{Types: []string{"object"}, Required: required, Properties: properties}
	}
	str := func(name string) api.Property { return api.Property{Name: name, Schema: text("")} }
	detail := object([]string{"field", "message"}, str("field"), str("message"))
	inner := object([]string{"code", "message"}, str("code"), str("message"),
		api.Property{Name: "details", Schema: &api.Schema{Types: []string{"array"}, Items: detail}})
	return object([]string{"error", "meta"}, api.Property{Name: "error", Schema: inner},
		api.Property{Name: "meta", Schema: object([]string{"requestId"}, str("requestId"))})
}
