package database

import (
	"cmp"
	"slices"
	"strings"

	"github.com/senior-backend/toolkit/scaffolder/internal/api"
)

// maxLimit is how many rows one page may have.
const maxLimit = "100"

func (d *describer) listOperation(n names, columns []column) *api.Operation {
	limit := query("limit", "How many rows to return.", &api.Schema{Types: []string{"integer"}, Minimum: "1", Maximum: maxLimit, Default: "20"})
	cursor := query("cursor", "The nextCursor of the page before.", text(""))
	limit.Component, cursor.Component = "Limit", "Cursor"
	op := &api.Operation{
		ID: "list" + n.row, Method: "GET", Path: n.path, Summary: "List rows of " + n.tag,
		Parameters: []*api.Parameter{limit, cursor},
		Responses:  []*api.Response{answer("200", "One page of rows.", page(n.row)), invalid()},
	}
	sortable := &api.Schema{Types: []string{"string"}}
	reserved := []string{"limit", "cursor", "sort"}
	for _, c := range columns {
		if c.secret || !isComparable(c) {
			continue
		}
		sortable.Enum = append(sortable.Enum, jsonText(c.Name), jsonText("-"+c.Name))
		if !slices.Contains(reserved, c.Name) {
			op.Parameters = append(op.Parameters, d.filter(c))
		}
	}
	if sortable.Enum != nil {
		sort := query("sort", "Columns to sort by; with a minus from the greatest.", &api.Schema{Types: []string{"array"}, Items: sortable, UniqueItems: true})
		sort.Explode = false
		op.Parameters = slices.Insert(op.Parameters, 2, sort)
	}
	return op
}

func query(name, description string, schema *api.Schema) *api.Parameter {
	return &api.Parameter{Name: name, In: api.InQuery, Description: description, Style: api.StyleForm, Explode: true, Schema: schema}
}

// isComparable says that a column's values can be compared in a query.
func isComparable(c column) bool {
	t := c.Type
	for t != nil && t.Kind == kindDomain {
		t = t.Base
	}
	switch {
	case t == nil, t.Element != nil, t.Kind == kindComposite:
		return false
	case t.Kind == kindEnum:
		return true
	}
	return !slices.Contains([]string{"json", "jsonb", "xml", "hstore", "bytea", "point", "box", "path", "polygon", "line", "lseg", "circle", "tsvector"}, t.Name)
}

// filter compares a column: ?price[gte]=5&price[lt]=10. Limits on what a column
// holds do not limit what one may ask for.
func (d *describer) filter(c column) *api.Parameter {
	return &api.Parameter{
		Name: c.Name, In: api.InQuery, Description: "Only rows whose " + c.Name + " compares so.",
		Style: api.StyleDeepObject, Explode: true, Schema: &api.Schema{Ref: d.filterName(c)},
	}
}

// filterName returns the name of the schema that filters columns like c.
func (d *describer) filterName(c column) string {
	compared := comparedSchema(c)
	name := compared.Ref
	if name == "" {
		name = pascal(strings.ReplaceAll(cmp.Or(compared.Format, compared.Types[0]), "-", "_"))
	}
	name += "Filter"
	if !c.NotNull {
		name = "Nullable" + name
	}
	if known, ok := d.filters[name]; ok {
		return known
	}
	d.filters[name] = d.free(name)
	d.api.Schemas = append(d.api.Schemas, &api.NamedSchema{Name: d.filters[name], Schema: filterSchema(compared, c.NotNull)})
	return d.filters[name]
}

// comparedSchema is what a column is compared with.
func comparedSchema(c column) *api.Schema {
	switch {
	case c.schema.Ref != "":
		return &api.Schema{Ref: c.schema.Ref}
	case c.schema.AnyOf != nil:
		return &api.Schema{Ref: c.schema.AnyOf[0].Ref}
	}
	return &api.Schema{Types: c.schema.Types[:1], Format: c.schema.Format}
}

func filterSchema(compared *api.Schema, notNull bool) *api.Schema {
	never := false
	operators := &api.Schema{Types: []string{"object"}, AdditionalProperties: &api.Schema{Always: &never}}
	names := []string{"eq", "ne", "lt", "lte", "gt", "gte"}
	if slices.Contains(compared.Types, "boolean") {
		names = names[:2]
	}
	for _, name := range names {
		operators.Properties = append(operators.Properties, api.Property{Name: name, Schema: compared})
	}
	if !notNull {
		operators.Properties = append(operators.Properties, api.Property{Name: "null", Schema: &api.Schema{Types: []string{"boolean"}}})
	}
	return operators
}

func createOperation(n names) *api.Operation {
	return &api.Operation{
		ID: "create" + n.row, Method: "POST", Path: n.path, Summary: "Create a row of " + n.tag, Body: body(n.fresh),
		Responses: []*api.Response{
			answer("201", "The row as it is now.", one(n.row)), invalid(), conflict(),
		},
	}
}

// rowOperations are what is done with one row by its key.
func rowOperations(n names, key []*api.Parameter) []*api.Operation {
	missing := problem("404", "NotFound", "There is no such row.")
	return []*api.Operation{
		{
			ID: "get" + n.row, Method: "GET", Path: n.path, Summary: "Fetch a row of " + n.tag, Parameters: key,
			Responses: []*api.Response{answer("200", "The row.", one(n.row)), invalid(), missing},
		},
		{
			ID: "replace" + n.row, Method: "PUT", Path: n.path, Summary: "Replace a row of " + n.tag, Parameters: key, Body: body(n.fresh),
			Responses: []*api.Response{answer("200", "The row as it is now.", one(n.row)), invalid(), missing, conflict()},
		},
		{
			ID: "update" + n.row, Method: "PATCH", Path: n.path, Summary: "Change columns of a row of " + n.tag, Parameters: key, Body: body(n.change),
			Responses: []*api.Response{answer("200", "The row as it is now.", one(n.row)), invalid(), missing, conflict()},
		},
		{
			ID: "delete" + n.row, Method: "DELETE", Path: n.path, Summary: "Delete a row of " + n.tag, Parameters: key,
			Responses: []*api.Response{{Status: "204", Description: "The row is gone."}, invalid(), missing, conflict()},
		},
	}
}

func body(schema string) *api.Body {
	return &api.Body{Required: true, Content: jsonContent(&api.Schema{Ref: schema})}
}

func jsonContent(schema *api.Schema) []*api.Media {
	return []*api.Media{{Type: "application/json", Schema: schema}}
}

func answer(status, description string, schema *api.Schema) *api.Response {
	return &api.Response{Status: status, Description: description, Content: jsonContent(schema)}
}

// problem is a response that every operation shares.
func problem(status, component, description string) *api.Response {
	out := answer(status, description, &api.Schema{Ref: "Error"})
	out.Component = component
	return out
}

func invalid() *api.Response {
	return problem("400", "BadRequest", "The request is not valid; the details name each field.")
}

func conflict() *api.Response {
	return problem("409", "Conflict", "The row contradicts what is stored.")
}

// one is the envelope of a row.
func one(row string) *api.Schema {
	return envelope(&api.Schema{Ref: row})
}

// page is the envelope of rows, with where the next page begins.
func page(row string) *api.Schema {
	next := api.Property{Name: "nextCursor", Schema: &api.Schema{Types: []string{"string", "null"}}}
	return envelope(&api.Schema{Types: []string{"array"}, Items: &api.Schema{Ref: row}}, next)
}

func envelope(data *api.Schema, further ...api.Property) *api.Schema {
	meta := &api.Schema{Types: []string{"object"}, Required: []string{"requestId"}, Properties: []api.Property{{Name: "requestId", Schema: text("")}}}
	meta.Properties = append(meta.Properties, further...)
	return &api.Schema{
		Types: []string{"object"}, Required: []string{"data", "meta"},
		Properties: []api.Property{{Name: "data", Schema: data}, {Name: "meta", Schema: meta}},
	}
}
