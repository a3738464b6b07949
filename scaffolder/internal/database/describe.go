package database

import (
	"net/url"
	"slices"
	"strconv"
	"strings"

	"github.com/senior-backend/toolkit/scaffolder/internal/api"
	"github.com/senior-backend/toolkit/scaffolder/internal/relation"
)

// Choice is how a database is shown.
type Choice struct {
	// Sensitive shows columns too that look like secrets.
	Sensitive bool
	// Auth is what every request must prove: "", AuthBearer or AuthKey.
	Auth string
}

// What requests may have to prove.
const (
	AuthBearer = "bearer"
	AuthKey    = "api-key"
)

// Description is a database as an API.
type Description struct {
	API *api.API
	// Rows are what the API's operations work on.
	Rows *relation.Source
	// Notes are what a person should know: columns taken for secrets, tables
	// without a key.
	Notes []string
}

// describer builds the API of one database.
type describer struct {
	api     *api.API
	rows    *relation.Source
	taken   map[string]bool   // names of schemas, and of operations
	types   map[*Type]string  // schemas of types
	filters map[string]string // schemas of filters
	secret  bool              // secrets are treated like other columns
	notes   []string
}

// Describe returns the API over db's tables and functions, and what it works on.
func Describe(db *Database, choice Choice) *Description {
	d := &describer{
		api: &api.API{
			Title: db.Name, Version: "1.0.0",
			Description: "The tables of the database " + db.Name + ".",
		},
		rows:    &relation.Source{},
		taken:   map[string]bool{"Error": true},
		types:   map[*Type]string{},
		filters: map[string]string{},
		secret:  choice.Sensitive,
	}
	d.secure(choice.Auth)
	qualified := false
	for _, t := range db.Tables {
		qualified = qualified || t.Schema != db.Tables[0].Schema
	}
	shown := make([]*shown, 0, len(db.Tables))
	for _, t := range db.Tables {
		shown = append(shown, d.show(t, qualified))
	}
	d.relate(shown)
	for _, t := range shown {
		d.table(t)
	}
	if len(db.Functions) > 0 {
		d.api.Tags = append(d.api.Tags, api.Tag{Name: functionsTag, Description: "The functions of the database."})
	}
	for _, f := range db.Functions {
		d.function(f, qualified)
	}
	d.api.Schemas = append(d.api.Schemas, &api.NamedSchema{Name: "Error", Schema: errorSchema()})
	return &Description{API: d.api, Rows: d.rows, Notes: d.notes}
}

// secure makes every operation ask for a proof.
func (d *describer) secure(auth string) {
	var scheme *api.SecurityScheme
	switch auth {
	case AuthBearer:
		scheme = &api.SecurityScheme{Name: "bearer", Kind: api.SecurityHTTP, Scheme: "bearer", BearerFormat: "JWT"}
	case AuthKey:
		scheme = &api.SecurityScheme{Name: "apiKey", Kind: api.SecurityAPIKey, In: api.InHeader, Parameter: "X-API-Key"}
	default:
		return
	}
	d.api.SecuritySchemes = []*api.SecurityScheme{scheme}
	d.api.Security = []api.Requirement{{{Scheme: scheme.Name}}}
}

// add takes an operation into the API.
func (d *describer) add(tag string, op *api.Operation) {
	op.Tags = []string{tag}
	op.Security = d.api.Security
	d.api.Operations = append(d.api.Operations, op)
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

// shown is a table with its columns and what it is called.
type shown struct {
	*Table
	names
	columns []column
	key     []string // columns that tell a row from all others; nil for none
	version string   // see relation.Table
	links   []relation.Relation
	targets []string // for each of links the schema of its rows
}

func (d *describer) show(t *Table, qualified bool) *shown {
	return &shown{Table: t, names: d.names(t, qualified), columns: d.columns(t), key: keyOf(t), version: versionOf(t)}
}

// keyOf is the primary key, or a unique index over columns that are never null.
func keyOf(t *Table) []string {
	whole := func(names []string) bool {
		return len(names) > 0 && !slices.ContainsFunc(names, func(name string) bool {
			col := t.column(name)
			return col == nil || !col.NotNull || !col.Readable
		})
	}
	if whole(t.Key) {
		return t.Key
	}
	for _, u := range t.Unique {
		if u.Whole && whole(u.Columns) {
			return u.Columns
		}
	}
	return nil
}

// versionOf is what tells that a row has changed. Only rows that are stored in
// the table itself have the system column.
func versionOf(t *Table) string {
	if t.Plain {
		return "xmin"
	}
	for _, name := range []string{"lock_version", "row_version", "updated_at", "modified_at", "last_update"} {
		if col := t.column(name); col != nil && !t.View && col.NotNull && col.Readable {
			return name
		}
	}
	return ""
}

func (t *Table) column(name string) *Column {
	for _, col := range t.Columns {
		if col.Name == name {
			return col
		}
	}
	return nil
}

func (d *describer) table(t *shown) {
	n := t.names
	d.api.Tags = append(d.api.Tags, api.Tag{Name: n.tag, Description: t.Comment})
	d.api.Schemas = append(d.api.Schemas, &api.NamedSchema{Name: n.row, Schema: rowSchema(t)})
	if !t.View {
		d.api.Schemas = append(d.api.Schemas,
			&api.NamedSchema{Name: n.fresh, Schema: writeSchema(t.Table, t.columns, true)},
			&api.NamedSchema{Name: n.change, Schema: writeSchema(t.Table, t.columns, false)})
	}
	rows := t.rows()
	d.rows.Tables = append(d.rows.Tables, rows)
	list := d.listOperation(t)
	rows.List = list.ID
	d.add(n.tag, list)
	if !t.View {
		create := createOperation(t)
		rows.Create = create.ID
		d.add(n.tag, create)
	}
	key := keyParameters(t.key, t.columns)
	if key == nil {
		if !t.View {
			d.notes = append(d.notes, "table "+t.Schema+"."+t.Name+" has no primary key: its rows can be listed and created, not addressed")
		}
		return
	}
	for _, p := range key {
		n.path += "/{" + p.Name + "}"
	}
	get := getOperation(t, n.path, key)
	rows.Get = get.ID
	d.add(n.tag, get)
	if t.View {
		return
	}
	for _, op := range changeOperations(t, n.path, key) {
		d.add(n.tag, op)
		switch op.Method {
		case "PUT":
			rows.Replace = op.ID
		case "PATCH":
			rows.Update = op.ID
		default:
			rows.Delete = op.ID
		}
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
		if t.View && !col.Readable {
			d.notes = append(d.notes, "column "+t.Schema+"."+t.Name+"."+col.Name+" may not be read by this role, and is left out")
			continue
		}
		c := column{Column: col, schema: d.columnSchema(col, !col.NotNull)}
		if isJSON(col.Type) && c.schema.Ref == "" && c.schema.AnyOf == nil {
			d.commented(c.schema, col.Comment, pascal(t.Name)+pascal(col.Name), "column "+t.Schema+"."+t.Name+"."+col.Name)
		}
		c.secret = !col.Readable
		if !d.secret && isSecret(col.Name) && !slices.Contains(t.Key, col.Name) {
			c.secret = true
			d.notes = append(d.notes, "column "+t.Schema+"."+t.Name+"."+col.Name+" looks like a secret: it is written, and never in a response")
		}
		out = append(out, c)
	}
	for _, check := range t.Checks {
		constrain(check.Expression, func(name string) *api.Schema {
			for _, c := range out {
				if c.Name == name && c.schema.Ref == "" && c.schema.AnyOf == nil {
					return c.schema
				}
			}
			return nil
		})
	}
	for _, c := range out {
		if s := c.schema; isJSON(c.Type) && !c.NotNull && (s.Ref != "" || len(s.Types) > 0) && !slices.Contains(s.Types, "null") {
			*s = *orNull(&api.Schema{Types: s.Types, Items: s.Items, Ref: s.Ref, Description: s.Description})
		}
	}
	return out
}

// commented says in the schema of JSON values what a comment does.
func (d *describer) commented(s *api.Schema, comment, named, whose string) {
	said, rest, err := d.jsonSchema(comment, named)
	switch {
	case err != nil:
		d.notes = append(d.notes, whose+": its comment does not say what JSON it holds: "+err.Error())
	case said != nil:
		*s = *said
		s.Description = rest
	}
}

// rowSchema is a row as it is answered, with the related rows that may come along.
func rowSchema(t *shown) *api.Schema {
	s := &api.Schema{Types: []string{"object"}, Description: t.Comment}
	for _, c := range t.columns {
		if c.secret {
			continue
		}
		property := *c.schema
		property.Default = ""
		s.Properties = append(s.Properties, api.Property{Name: c.Name, Schema: &property})
		s.Required = append(s.Required, c.Name)
	}
	for i, l := range t.links {
		related := &api.Schema{Description: "With include=" + l.Name + ".", AnyOf: []*api.Schema{{Ref: t.targets[i]}, {Types: []string{"null"}}}}
		if l.Many {
			related = &api.Schema{Description: "With include=" + l.Name + ": the first of them.", Types: []string{"array"}, Items: &api.Schema{Ref: t.targets[i]}}
		}
		s.Properties = append(s.Properties, api.Property{Name: l.Name, Schema: related})
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

// keyParameters are the key's columns as path parameters, or nil.
func keyParameters(names []string, columns []column) []*api.Parameter {
	var out []*api.Parameter
	for _, name := range names {
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
