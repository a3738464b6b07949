package database

import (
	"cmp"
	"slices"
	"strings"

	"github.com/senior-backend/toolkit/scaffolder/internal/api"
)

// maxLimit is how many rows one page may have.
const maxLimit = "100"

// reserved are the parameters of lists that no column's filter may take.
var reserved = []string{"limit", "cursor", "sort", "fields", "include", "count"}

func (d *describer) listOperation(t *shown) *api.Operation {
	limit := query("limit", "How many rows to return.", &api.Schema{Types: []string{"integer"}, Minimum: "1", Maximum: maxLimit, Default: "20"})
	cursor := query("cursor", "The nextCursor of the page before; empty for the first.", &api.Schema{Types: []string{"string"}, Examples: []api.Value{`""`}})
	count := query("count", "Whether to count the rows on all pages.", &api.Schema{Types: []string{"boolean"}, Default: "false"})
	limit.Component, cursor.Component, count.Component = "Limit", "Cursor", "Count"
	op := &api.Operation{
		ID: "list" + t.row, Method: "GET", Path: t.path, Summary: "List rows of " + t.tag,
		Parameters: []*api.Parameter{limit, cursor, count},
		Responses:  []*api.Response{answer("200", "One page of rows.", page(t.row)), invalid()},
	}
	sortable := &api.Schema{Types: []string{"string"}}
	var filters []*api.Parameter
	for _, c := range t.columns {
		if c.secret || !isComparable(c) {
			continue
		}
		sortable.Enum = append(sortable.Enum, jsonText(c.Name), jsonText("-"+c.Name))
		if !slices.Contains(reserved, c.Name) {
			filters = append(filters, d.filter(c))
		}
	}
	if sortable.Enum != nil {
		op.Parameters = append(op.Parameters, listed("sort", "Columns to sort by; with a minus from the greatest.", sortable))
	}
	op.Parameters = append(op.Parameters, t.choices()...)
	op.Parameters = append(op.Parameters, filters...)
	return op
}

// choices are the parameters that say what of a row is answered.
func (t *shown) choices() []*api.Parameter {
	var out []*api.Parameter
	fields := &api.Schema{Types: []string{"string"}}
	for _, c := range t.columns {
		if !c.secret {
			fields.Enum = append(fields.Enum, jsonText(c.Name))
		}
	}
	if fields.Enum != nil {
		out = append(out, listed("fields", "The columns to answer; all without it.", fields))
	}
	related := &api.Schema{Types: []string{"string"}}
	for _, l := range t.links {
		related.Enum = append(related.Enum, jsonText(l.Name))
	}
	if related.Enum != nil {
		out = append(out, listed("include", "The related rows to answer besides.", related))
	}
	return out
}

// listed is a parameter of several words with commas between them.
func listed(name, description string, item *api.Schema) *api.Parameter {
	p := query(name, description, &api.Schema{Types: []string{"array"}, Items: item})
	p.Explode = false
	return p
}

func query(name, description string, schema *api.Schema) *api.Parameter {
	return &api.Parameter{Name: name, In: api.InQuery, Description: description, Style: api.StyleForm, Explode: true, Schema: schema}
}

// baseOf is a type, or what a domain is over; nil for none.
func baseOf(t *Type) *Type {
	for t != nil && t.Kind == kindDomain {
		t = t.Base
	}
	return t
}

// isComparable says that a column's values can be compared in a query.
func isComparable(c column) bool {
	t := baseOf(c.Type)
	switch {
	case t == nil, t.Element != nil, t.Kind == kindComposite, !t.Ordered:
		return false
	}
	return !slices.Contains([]string{"jsonb", "hstore", "bytea", "tsvector", "tsquery"}, t.Name)
}

// filter compares a column: ?price[gte]=5&price[lt]=10. Limits on what a column
// holds do not limit what one may ask for.
func (d *describer) filter(c column) *api.Parameter {
	return &api.Parameter{
		Name: c.Name, In: api.InQuery, Description: "Only rows whose " + c.Name + " compares so.",
		Style: api.StyleDeepObject, Explode: true, Schema: &api.Schema{Ref: d.filterName(c), Examples: d.filterExample(comparedSchema(c))},
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

// filterExample is a filter as one would write it: rows that have a value.
func (d *describer) filterExample(compared *api.Schema) []api.Value {
	value := api.Value(`"text"`)
	switch {
	case compared.Ref != "":
		named := d.api.Schema(compared.Ref)
		if named == nil || named.Enum == nil {
			return nil
		}
		value = named.Enum[0]
	case slices.Contains(compared.Types, "boolean"):
		value = "true"
	case slices.Contains(compared.Types, "integer"), slices.Contains(compared.Types, "number"):
		value = "1"
	case compared.Format == "date":
		value = `"2024-05-17"`
	case compared.Format == "date-time":
		value = `"2024-05-17T09:30:00Z"`
	case compared.Format == "uuid":
		value = `"00000000-0000-4000-8000-000000000000"`
	case compared.Format == "decimal", compared.Format == "int64":
		value = `"1"`
	case len(compared.Examples) > 0:
		value = compared.Examples[0]
	}
	return []api.Value{`{"eq":` + value + `}`}
}

// comparedSchema is what a column is compared with.
func comparedSchema(c column) *api.Schema {
	switch {
	case c.schema.Ref != "":
		return &api.Schema{Ref: c.schema.Ref}
	case c.schema.AnyOf != nil:
		return &api.Schema{Ref: c.schema.AnyOf[0].Ref}
	}
	compared := &api.Schema{Types: c.schema.Types[:1], Format: c.schema.Format, Examples: c.schema.Examples}
	if isWhole(compared) {
		compared.Pattern = wholePattern
	}
	return compared
}

func filterSchema(compared *api.Schema, notNull bool) *api.Schema {
	never := false
	compared.Examples = nil // they are of one column
	operators := &api.Schema{Types: []string{"object"}, AdditionalProperties: &api.Schema{Always: &never}}
	names := []string{"eq", "ne", "lt", "lte", "gt", "gte"}
	if slices.Contains(compared.Types, "boolean") {
		names = names[:2]
	}
	for _, name := range names {
		operators.Properties = append(operators.Properties, api.Property{Name: name, Schema: compared})
	}
	most := 100
	operators.Properties = append(operators.Properties, api.Property{Name: "in", Schema: &api.Schema{
		Types: []string{"array"}, Items: compared, MaxItems: &most,
		Description: "One of these: repeat the parameter for each.",
	}})
	if slices.Contains(compared.Types, "string") && compared.Format == "" {
		operators.Properties = append(operators.Properties, api.Property{Name: "like", Schema: &api.Schema{
			Types: []string{"string"}, Description: "A pattern in which % is any text and _ any character; case does not count.",
		}})
	}
	if !notNull {
		operators.Properties = append(operators.Properties, api.Property{Name: "null", Schema: &api.Schema{Types: []string{"boolean"}}})
	}
	return operators
}

func createOperation(t *shown) *api.Operation {
	return &api.Operation{
		ID: "create" + t.row, Method: "POST", Path: t.path, Summary: "Create a row of " + t.tag, Body: body(t.fresh),
		Responses: []*api.Response{
			t.tagged(answer("201", "The row as it is now.", one(&api.Schema{Ref: t.row}))), invalid(), conflict(), unprocessable(),
		},
	}
}

func getOperation(t *shown, path string, key []*api.Parameter) *api.Operation {
	return &api.Operation{
		ID: "get" + t.row, Method: "GET", Path: path, Summary: "Fetch a row of " + t.tag,
		Parameters: append(slices.Clone(key), t.choices()...),
		Responses:  []*api.Response{t.tagged(answer("200", "The row.", one(partly(t.row)))), invalid(), missing()},
	}
}

// changeOperations are what is done to one row by its key.
func changeOperations(t *shown, path string, key []*api.Parameter) []*api.Operation {
	replaced := []*api.Response{t.tagged(answer("200", "The row as it is now.", one(&api.Schema{Ref: t.row}))), invalid(), missing(), conflict()}
	gone := []*api.Response{{Status: "204", Description: "The row is gone."}, invalid(), missing(), conflict()}
	if t.version != "" {
		key = append(slices.Clone(key), &api.Parameter{
			Name: "If-Match", In: api.InHeader, Description: "The ETag of the row as it was read: it is left alone when it has changed since.",
			Style: api.StyleSimple, Schema: text(""), Component: "IfMatch",
		})
		changed := problem("412", "PreconditionFailed", "The row has changed since it was read.")
		replaced, gone = append(replaced, changed), append(gone, changed)
	}
	replaced = append(replaced, unprocessable())
	return []*api.Operation{
		{ID: "replace" + t.row, Method: "PUT", Path: path, Summary: "Replace a row of " + t.tag, Parameters: key, Body: body(t.fresh), Responses: replaced},
		{ID: "update" + t.row, Method: "PATCH", Path: path, Summary: "Change columns of a row of " + t.tag, Parameters: key, Body: body(t.change), Responses: replaced},
		{ID: "delete" + t.row, Method: "DELETE", Path: path, Summary: "Delete a row of " + t.tag, Parameters: key, Responses: gone},
	}
}

// tagged says that a response has the row's tag.
func (t *shown) tagged(r *api.Response) *api.Response {
	if t.version != "" {
		r.Headers = []*api.Header{{Name: "ETag", Description: "Changes whenever the row does.", Style: api.StyleSimple, Schema: text(""), Component: "ETag"}}
	}
	return r
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

func missing() *api.Response { return problem("404", "NotFound", "There is no such row.") }

func unprocessable() *api.Response {
	return problem("422", "Unprocessable", "The row breaks a rule of the database, or refers to a row that is not there.")
}

// one is the envelope of a row.
func one(row *api.Schema) *api.Schema { return envelope(row) }

// partly is a row, or of it the columns that were asked for.
func partly(row string) *api.Schema {
	return &api.Schema{AnyOf: []*api.Schema{
		{Ref: row}, {Types: []string{"object"}, Description: "With fields: the columns that were asked for."},
	}}
}

// page is the envelope of rows, with where the next page begins.
func page(row string) *api.Schema {
	next := api.Property{Name: "nextCursor", Schema: &api.Schema{Types: []string{"string", "null"}}}
	total := api.Property{Name: "total", Schema: &api.Schema{Types: []string{"integer"}, Description: "With count: how many rows there are on all pages."}}
	return envelope(&api.Schema{Types: []string{"array"}, Items: partly(row)}, next, total)
}

func envelope(data *api.Schema, further ...api.Property) *api.Schema {
	meta := &api.Schema{Types: []string{"object"}, Required: []string{"requestId"}, Properties: []api.Property{{Name: "requestId", Schema: text("")}}}
	meta.Properties = append(meta.Properties, further...)
	return &api.Schema{
		Types: []string{"object"}, Required: []string{"data", "meta"},
		Properties: []api.Property{{Name: "data", Schema: data}, {Name: "meta", Schema: meta}},
	}
}
