package database

import (
	"context"
	"database/sql"
	"net/url"
	"slices"
	"strconv"

	"github.com/lib/pq"

	"github.com/senior-backend/toolkit/scaffolder/internal/api"
	"github.com/senior-backend/toolkit/scaffolder/internal/relation"
)

// Function is a function that a request can call: all its parameters have names.
type Function struct {
	Schema, Name string
	Comment      string
	Parameters   []*Column
	Returns      *Type
	Set          bool      // it returns rows
	Fields       []*Column // of the rows, when they are of no named type

	row *Table // whose rows it returns
}

// readFunctions reads the functions that the role may execute. Left out are those
// of extensions and triggers, and those that take or return pseudo-types or
// parameters without names.
func (c *catalog) readFunctions(ctx context.Context) error {
	const query = `
SELECT n.nspname, p.proname, coalesce(obj_description(p.oid, 'pg_proc'), ''), p.prorettype, p.proretset, p.pronargs, p.pronargdefaults,
       ARRAY(SELECT unnest(coalesce(p.proallargtypes, p.proargtypes::oid[]))::bigint), coalesce(p.proargnames, '{}')::text[], coalesce(p.proargmodes, '{}')::text[]
FROM pg_proc p JOIN pg_namespace n ON n.oid = p.pronamespace
WHERE p.prokind = 'f' AND n.nspname <> 'information_schema' AND n.nspname !~ '^pg_' AND p.provariadic = 0
  AND p.prorettype NOT IN ('trigger'::regtype, 'event_trigger'::regtype)
  AND NOT EXISTS (SELECT FROM pg_depend d WHERE d.classid = 'pg_proc'::regclass AND d.objid = p.oid AND d.deptype = 'e')
  AND has_schema_privilege(n.oid, 'USAGE') AND has_function_privilege(p.oid, 'EXECUTE')
ORDER BY n.nspname, p.proname, p.oid`
	return c.each(ctx, query, func(rows *sql.Rows) error {
		f := &Function{}
		var returns int64
		var count, defaults int
		var types []int64
		var names, modes []string
		if err := rows.Scan(&f.Schema, &f.Name, &f.Comment, &returns, &f.Set, &count, &defaults, pq.Array(&types), pq.Array(&names), pq.Array(&modes)); err != nil {
			return err
		}
		f.Returns = c.types[returns]
		if c.arguments(f, types, names, modes, count-defaults) {
			f.row = c.tables[f.Returns.relationOID]
			c.functions = append(c.functions, f)
		}
		return nil
	})
}

// arguments reads a function's parameters and tells whether it can be called.
// Those from the one numbered optional on have defaults.
func (c *catalog) arguments(f *Function, types []int64, names, modes []string, optional int) bool {
	given := 0
	for i, oid := range types {
		mode := "i"
		if i < len(modes) {
			mode = modes[i]
		}
		if i >= len(names) || names[i] == "" || c.types[oid] == nil || c.types[oid].Kind == kindPseudo {
			return false
		}
		col := &Column{Name: names[i], Type: c.types[oid], Readable: true}
		if mode == "i" || mode == "b" {
			col.HasDefault = given >= optional
			given++
			f.Parameters = append(f.Parameters, col)
		}
		if mode == "o" || mode == "b" || mode == "t" {
			f.Fields = append(f.Fields, col)
		}
	}
	switch {
	case f.Returns == nil:
		return false
	case f.Returns.Kind == kindPseudo:
		return f.Returns.Name == "void" || f.Returns.Name == "record" && len(f.Fields) > 0
	}
	return true
}

const functionsTag = "functions"

// function adds the operation that calls a function.
func (d *describer) function(f *Function, qualified bool) {
	name := f.Name
	if qualified && f.Schema != "public" {
		name = f.Schema + "_" + f.Name
	}
	id := d.free("call" + pascal(name))
	out := &relation.Function{Schema: f.Schema, Name: f.Name, Operation: id, Many: f.Set, Void: f.Returns.Name == "void"}
	path := "/rpc/" + url.PathEscape(name)
	for i := 2; slices.ContainsFunc(d.api.Operations, func(op *api.Operation) bool { return op.Path == path }); i++ {
		path = "/rpc/" + url.PathEscape(name) + "-" + strconv.Itoa(i)
	}
	op := &api.Operation{ID: id, Method: "POST", Path: path, Summary: "Call the function " + name, Description: f.Comment}
	never := false
	sent := &api.Schema{Types: []string{"object"}, AdditionalProperties: &api.Schema{Always: &never}}
	out.Parameters = carriedAll(f.Parameters)
	for _, p := range f.Parameters {
		sent.Properties = append(sent.Properties, api.Property{Name: p.Name, Schema: d.columnSchema(p, true)})
		if !p.HasDefault {
			sent.Required = append(sent.Required, p.Name)
		}
	}
	if len(f.Parameters) > 0 {
		op.Body = &api.Body{Required: true, Content: jsonContent(sent)}
	}
	if out.Void {
		op.Responses = []*api.Response{{Status: "204", Description: "It was called."}, invalid(), unprocessable()}
	} else {
		result := d.returned(f, out)
		if f.Set {
			result = &api.Schema{Types: []string{"array"}, Items: result}
		}
		op.Responses = []*api.Response{answer("200", "What it returns.", envelope(result)), invalid(), unprocessable()}
	}
	d.rows.Functions = append(d.rows.Functions, out)
	d.add(functionsTag, op)
}

// returned is the schema of one result.
func (d *describer) returned(f *Function, out *relation.Function) *api.Schema {
	fields := f.Fields
	if f.row != nil {
		fields = slices.DeleteFunc(slices.Clone(f.row.Columns), func(col *Column) bool { return !d.secret && isSecret(col.Name) })
	}
	if f.row == nil && len(fields) < 2 {
		out.Result = carried(f.Returns)
		out.Result.Compared = true
		return orNull(d.typeSchema(f.Returns))
	}
	s := &api.Schema{Types: []string{"object"}}
	for _, field := range fields {
		s.Properties = append(s.Properties, api.Property{Name: field.Name, Schema: orNull(d.typeSchema(field.Type))})
	}
	out.Fields = carriedAll(fields)
	if f.row != nil && !f.Set { // which may be null as a whole
		out.Result = relation.Column{Type: f.Returns.SQL, Form: relation.Record, Fields: out.Fields, Compared: true}
		out.Fields = nil
		return orNull(s)
	}
	return s
}
