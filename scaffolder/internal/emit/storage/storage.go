// Package storage writes what of a server belongs to its database: the folder db
// with the tables and the statements over them, and the bodies of the handlers that
// use them.
//
// A relation.Source and the plan of the API that describes it go in; sources come
// out. Operations that the source knows nothing of have no body here.
package storage

import (
	"embed"
	"slices"
	"strings"

	"github.com/senior-backend/toolkit/scaffolder/internal/emit/plan"
	"github.com/senior-backend/toolkit/scaffolder/internal/emit/script"
	"github.com/senior-backend/toolkit/scaffolder/internal/relation"
)

// Files are the sources that are the same for every database.
//
//go:embed files/*.ts
var Files embed.FS

// Folder is where the sources stand, beside routes.
const Folder = "db"

// Pool is the source that belongs to the user.
const Pool = "pool.ts"

// Dependencies are the packages that the sources need, with their versions.
func Dependencies() (run, develop map[string]string) {
	return map[string]string{"pg": "8.23.1"}, map[string]string{"@types/pg": "8.23.1"}
}

// Storage is the database's part of a server.
type Storage struct {
	tables    []*table
	functions []*function
	handlers  map[string]Handler // by the operation's ID
}

// Handler is what serves one operation.
type Handler struct {
	Import string // a line
	Body   string // statements, indented by two blanks
}

// table is a table and what it is called.
type table struct {
	*relation.Table
	constant           string // the exported identifier
	file               string // without folder and extension
	row, fresh, change string // types, "never" for none
	links              []link
}

// link is a relation to a table that is there.
type link struct {
	relation.Relation
	to *table
}

// function is a function and what it is called.
type function struct {
	*relation.Function
	constant string
}

// New names the tables and writes the handlers. A nil source gives an empty Storage.
func New(source *relation.Source, p *plan.Plan) *Storage {
	s := &Storage{handlers: map[string]Handler{}}
	if source == nil {
		return s
	}
	constants := plan.Constants("context", "page", "request", "result", "row", "Table", "api", "call")
	files := plan.FileNames()
	typeOf := func(wire string) string {
		if schema := p.Schema(wire); schema != nil {
			return schema.Type
		}
		return "never"
	}
	requestType := func(wire string) string {
		if schema := p.Schema(wire); schema != nil {
			return schema.RequestType
		}
		return "never"
	}
	for _, t := range source.Tables {
		s.tables = append(s.tables, &table{
			Table: t, constant: constants(t.Row), file: files(t.Row),
			row: typeOf(t.Row), fresh: requestType(t.New), change: requestType(t.Change),
		})
	}
	for _, t := range s.tables {
		for _, r := range t.Relations {
			at := slices.IndexFunc(s.tables, func(other *table) bool { return other.Schema == r.Schema && other.Name == r.Table })
			if at >= 0 {
				t.links = append(t.links, link{Relation: r, to: s.tables[at]})
			}
		}
		s.handle(t)
	}
	for _, f := range source.Functions {
		one := &function{Function: f, constant: constants(f.Name)}
		s.functions = append(s.functions, one)
		s.handlers[f.Operation] = callHandler(one)
	}
	return s
}

// Empty says that there is no database.
func (s *Storage) Empty() bool { return len(s.tables) == 0 && len(s.functions) == 0 }

// Handler returns what serves the operation with an ID.
func (s *Storage) Handler(operation string) (Handler, bool) {
	if operation == "" {
		return Handler{}, false
	}
	h, ok := s.handlers[operation]
	return h, ok
}

// Sources are the files of the tables and functions: names within Folder, and contents.
func (s *Storage) Sources() map[string]string {
	sources := map[string]string{}
	for _, t := range s.tables {
		sources["tables/"+t.file+".ts"] = t.source()
	}
	if len(s.functions) > 0 {
		sources["functions.ts"] = functionsSource(s.functions)
	}
	return sources
}

// source is the file of one table.
func (t *table) source() string {
	var b strings.Builder
	others := map[*table]bool{}
	for _, l := range t.links {
		others[l.to] = l.to != t
	}
	b.WriteString(script.Import("../table.js", "type Definition", "Table"))
	b.WriteString("import type * as api from \"../../types.js\";\n")
	for _, l := range t.links {
		if others[l.to] {
			others[l.to] = false
			b.WriteString(script.Import("./"+l.to.file+".js", l.to.constant))
		}
	}
	b.WriteString("\nconst definition: Definition = ")
	script.Print(&b, t.definition(), 0, 0, 1)
	b.WriteString(";\n")
	what := "The table "
	if t.New == "" {
		what = "The view "
	}
	b.WriteString("\n" + script.Comment("", what+t.Schema+"."+t.Name+"."))
	head := "export const " + t.constant + " = new Table<"
	names := []string{t.typeName(t.row), t.typeName(t.fresh), t.typeName(t.change)}
	switch line := head + strings.Join(names, ", ") + ">("; {
	case script.Width(line+"definition);") <= 80:
		b.WriteString(line + "definition);\n")
	case script.Width(line) <= 80:
		b.WriteString(line + "\n  definition,\n);\n")
	default:
		b.WriteString(head + "\n  " + strings.Join(names, ",\n  ") + "\n>(definition);\n")
	}
	return b.String()
}

// typeName is a type as the file imports it.
func (t *table) typeName(name string) string {
	if name == "never" {
		return name
	}
	return "api." + name
}

func (t *table) definition() *script.Node {
	fields := []script.Field{
		{Key: "schema", Value: script.String(t.Schema)},
		{Key: "name", Value: script.String(t.Name)},
	}
	fields = append(fields,
		script.Field{Key: "columns", Value: columnsNode(t.Columns)},
		script.Field{Key: "key", Value: texts(t.Key)})
	if t.Version != "" {
		fields = append(fields, script.Field{Key: "version", Value: script.String(t.Version)})
	}
	if len(t.Constraints) > 0 {
		var constraints []script.Field
		for _, c := range t.Constraints {
			constraints = append(constraints, named(c.Name, script.Object(false,
				script.Field{Key: "kind", Value: script.String(string(c.Kind))},
				script.Field{Key: "columns", Value: texts(c.Columns)})))
		}
		fields = append(fields, script.Field{Key: "constraints", Value: script.Object(true, constraints...)})
	}
	if len(t.links) > 0 {
		var links []script.Field
		for _, l := range t.links {
			inner := []script.Field{
				{Key: "table", Value: script.Text("() => " + l.to.constant)},
				{Key: "columns", Value: texts(l.Columns)},
				{Key: "references", Value: texts(l.References)},
			}
			if l.Many {
				inner = append(inner, script.Field{Key: "many", Value: script.Text("true")})
			}
			links = append(links, named(l.Name, script.Object(true, inner...)))
		}
		fields = append(fields, script.Field{Key: "relations", Value: script.Object(true, links...)})
	}
	return script.Object(true, fields...)
}

// named is an entry of an object in which names are looked up. TypeScript takes
// the type of what has the name of one of Object's own members from there, so that
// literals lose theirs.
func named(name string, value *script.Node) script.Field {
	switch name {
	case "__proto__", "constructor", "hasOwnProperty", "isPrototypeOf", "propertyIsEnumerable", "toLocaleString", "toString", "valueOf":
		value = script.Suffix(value, "", " as const")
	}
	return script.Field{Key: script.LiteralKey(name), Value: value}
}

func columnsNode(columns []relation.Column) *script.Node {
	fields := make([]script.Field, 0, len(columns))
	for _, c := range columns {
		fields = append(fields, named(c.Name, columnNode(c)))
	}
	return script.Object(true, fields...)
}

func columnNode(c relation.Column) *script.Node {
	fields := []script.Field{{Key: "type", Value: script.String(c.Type)}}
	if c.Form != relation.Plain {
		fields = append(fields, script.Field{Key: "form", Value: script.String(string(c.Form))})
	}
	for _, flag := range []struct {
		name string
		on   bool
	}{
		{"nullable", c.Nullable},
		{"generated", c.Generated},
		{"hidden", c.Hidden},
		{"uncompared", !c.Compared},
	} {
		if flag.on {
			fields = append(fields, script.Field{Key: flag.name, Value: script.Text("true")})
		}
	}
	if c.Fields != nil {
		fields = append(fields, script.Field{Key: "fields", Value: columnsNode(c.Fields)})
	}
	return script.Object(false, fields...)
}

func texts(list []string) *script.Node {
	nodes := make([]*script.Node, 0, len(list))
	for _, one := range list {
		nodes = append(nodes, script.String(one))
	}
	return script.Array(nodes...)
}
