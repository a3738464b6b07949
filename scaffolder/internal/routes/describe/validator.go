package describe

import (
	"slices"
	"strings"

	"github.com/senior-backend/toolkit/scaffolder/internal/api"
	"github.com/senior-backend/toolkit/scaffolder/internal/routes/framework"
	"github.com/senior-backend/toolkit/scaffolder/internal/routes/interpret"
)

// validators finds the schemas in the middleware before a handler.
func (d *describer) validators(op *operation) {
	for _, v := range append(slices.Clone(op.route.Before), op.route.Handlers...) {
		d.validator(op, v)
	}
}

func (d *describer) validator(op *operation, v interpret.Value) {
	name, args := "", []interpret.Value(nil)
	switch o := v.(type) {
	case *interpret.Symbol:
		if d.expressValidator(op, o) {
			return
		}
		if o.Op == interpret.Called || o.Op == interpret.Created {
			if o.Base != nil {
				name = o.Base.Name
			}
			args = o.Args
		}
	case *interpret.Func:
		if o.Made == nil {
			return
		}
		if callee, ok := o.Made.Callee.(*interpret.Func); ok {
			name = callee.Name
		}
		args = o.Made.Args
	case *interpret.Object:
		if o.Made != nil {
			if callee, ok := o.Made.Callee.(*interpret.Func); ok {
				name = callee.Name
			}
			args = o.Made.Args
		}
		for _, e := range o.Elems {
			d.validator(op, e)
		}
	}
	for i, arg := range args {
		d.validatorArg(op, name, arg, args, i)
	}
}

// renamed is the path of a route, with its parameters. Where the router cannot
// call a parameter what it is called, the generated validator is told its name:
// validate(request, { p1: "book-id" }).
func renamed(r *framework.Route) (string, []framework.PathParameter) {
	names := map[string]string{}
	for _, v := range r.Handlers {
		fn, ok := v.(*interpret.Func)
		if !ok || fn.Made == nil || len(fn.Made.Args) < 2 {
			continue
		}
		callee, ok := fn.Made.Callee.(*interpret.Func)
		if !ok || callee.Name != "validate" || callee.Module == nil || !inMiddleware(callee.Module.Path) {
			continue
		}
		if table, ok := fn.Made.Args[1].(*interpret.Object); ok {
			for _, key := range table.Keys {
				names[key] = textOf(table.Get(key))
			}
		}
	}
	if len(names) == 0 {
		return r.Path, r.Parameters
	}
	path, parameters := r.Path, slices.Clone(r.Parameters)
	for i, p := range parameters {
		if name := names[p.Name]; name != "" {
			path = strings.Replace(path, "{"+p.Name+"}", "{"+name+"}", 1)
			parameters[i].Name = name
		}
	}
	return path, parameters
}

// validatorArg takes one argument of validate(…) for what it is.
func (d *describer) validatorArg(op *operation, name string, arg interpret.Value, args []interpret.Value, at int) {
	if o, ok := arg.(*interpret.Object); ok && !o.Array && o.Native == nil {
		if _, generated := o.Get("operation").(interpret.Str); generated {
			d.generated(op, o)
			return
		}
		if looksLikeJSONSchema(o) {
			if s, ok := d.jsonSchema(o); ok {
				d.place(op, placeNamed(name, "body"), s)
			}
			return
		}
		for _, key := range o.Keys {
			if place := placeOf(key); place != "" {
				inner := d.Machine.Get(o, key, o.Place)
				if s, ok := d.schema(inner); ok {
					d.place(op, place, s)
				} else if shape, ok := inner.(*interpret.Object); ok && !shape.Array {
					if s := d.shapeOf(shape); s != nil {
						d.place(op, place, s)
					}
				}
			}
		}
		return
	}
	s, ok := d.schema(arg)
	if !ok {
		return
	}
	// One schema for all places, such as z.object({body: …, query: …}).
	if whole := d.resolved(s); whole != nil && len(whole.Properties) > 0 && !slices.ContainsFunc(whole.Properties, func(p api.Property) bool { return placeOf(p.Name) == "" }) {
		for _, p := range whole.Properties {
			d.place(op, placeOf(p.Name), p.Schema)
		}
		return
	}
	place := placeNamed(name, "body")
	for i, other := range args {
		if text, ok := other.(interpret.Str); ok && i != at && placeOf(string(text)) != "" {
			place = placeOf(string(text))
		}
	}
	if place == "body" && (op.Method == "GET" || op.Method == "DELETE" || op.Method == "HEAD") && !strings.Contains(strings.ToLower(name), "body") {
		place = api.InQuery
	}
	d.place(op, place, s)
}

// shapeOf is the schema of a plain object whose values are schemas.
func (d *describer) shapeOf(o *interpret.Object) *api.Schema {
	library := ""
	for _, key := range o.Keys {
		s, ok := o.Get(key).(*interpret.Symbol)
		if !ok {
			return nil
		}
		module, _ := chain(s)
		if library == "" {
			library = schemaLibrary(module)
		}
	}
	switch library {
	case "zod":
		return d.zodObject(o)
	case "joi":
		shape := newObject()
		d.joiKeys(shape, o)
		return shape.Schema
	case "typebox":
		return d.typeboxObject(o)
	}
	return nil
}

// placeOf is the place that a key or argument names.
func placeOf(key string) string {
	switch key {
	case "body", "json", "data", "form":
		return "body"
	case "query", "querystring", "queryString", "searchParams":
		return api.InQuery
	case "params", "param", "path", "pathParams":
		return api.InPath
	case "headers", "header":
		return api.InHeader
	case "cookies", "cookie", "signedCookies":
		return api.InCookie
	}
	return ""
}

func placeNamed(name, otherwise string) string {
	lower := strings.ToLower(name)
	switch {
	case strings.Contains(lower, "query"):
		return api.InQuery
	case strings.Contains(lower, "param"):
		return api.InPath
	case strings.Contains(lower, "header"):
		return api.InHeader
	case strings.Contains(lower, "cookie"):
		return api.InCookie
	}
	return otherwise
}

// place declares what one place of a request holds.
func (d *describer) place(op *operation, place string, s *api.Schema) {
	if s == nil {
		return
	}
	if place == "body" {
		if op.Body == nil && op.Method != "GET" && op.Method != "HEAD" {
			whole := d.resolved(s)
			op.Body = &api.Body{Required: whole == nil || !slices.Contains(whole.Types, "null"), Content: []*api.Media{{Type: "application/json", Schema: s}}}
		}
		return
	}
	whole := d.flattened(s, 0)
	if whole == nil {
		return
	}
	for _, property := range whole.Properties {
		if place == api.InPath && !slices.ContainsFunc(op.Parameters, func(p *api.Parameter) bool { return p.In == api.InPath && p.Name == property.Name }) {
			continue
		}
		p, added := op.parameter(place, property.Name)
		if !added && place != api.InPath {
			continue
		}
		p.Schema = property.Schema
		p.Required = place == api.InPath || slices.Contains(whole.Required, property.Name)
		if p.Schema.Ref == "" && p.Schema.Description != "" {
			p.Schema = beside(p.Schema)
			p.Description, p.Schema.Description = p.Schema.Description, ""
		}
	}
}

// flattened lays open references and intersections.
func (d *describer) flattened(s *api.Schema, depth int) *api.Schema {
	whole := d.resolved(s)
	if whole == nil || depth > 10 || len(whole.AllOf) == 0 {
		return whole
	}
	out := zodSchema{schema: whole}
	for _, part := range whole.AllOf {
		if flat := d.flattened(part, depth+1); flat != nil {
			out = d.zodExtend(out, flat)
		}
	}
	return out.schema
}

// generated reads the request validator of a generated operation.
func (d *describer) generated(op *operation, o *interpret.Object) {
	for _, place := range []struct{ key, in string }{
		{"path", api.InPath}, {"query", api.InQuery}, {"headers", api.InHeader}, {"cookies", api.InCookie},
	} {
		table, ok := o.Get(place.key).(*interpret.Object)
		if !ok {
			continue
		}
		for _, name := range table.Keys {
			if entry, ok := table.Get(name).(*interpret.Object); ok {
				d.generatedParameter(op, place.in, name, entry)
			}
		}
	}
	body, ok := o.Get("body").(*interpret.Object)
	if !ok {
		return
	}
	op.Body = &api.Body{Required: body.Get("required") == interpret.Value(interpret.Bool(true))}
	content, _ := body.Get("content").(*interpret.Object)
	if content == nil {
		return
	}
	for _, media := range content.Keys {
		m := &api.Media{Type: media}
		if entry, ok := content.Get(media).(*interpret.Object); ok {
			for _, key := range []string{"schema", "described"} {
				if v := entry.Get(key); v != nil {
					m.Schema = d.zodOf(v).schema
				}
			}
		}
		op.Body.Content = append(op.Body.Content, m)
	}
}

func (d *describer) generatedParameter(op *operation, in, name string, entry *interpret.Object) {
	p, _ := op.parameter(in, name)
	z := d.zodOf(entry.Get("schema"))
	p.Required = entry.Get("required") == interpret.Value(interpret.Bool(true))
	p.Schema = z.schema
	if entry.Get("json") == interpret.Value(interpret.Bool(true)) {
		p.Content, p.Schema, p.Style, p.Explode = &api.Media{Type: "application/json", Schema: z.schema}, nil, "", false
		return
	}
	if style, ok := entry.Get("style").(interpret.Str); ok {
		p.Style = string(style)
		p.Explode = false
	}
	if explode, ok := entry.Get("explode").(interpret.Bool); ok {
		p.Explode = bool(explode)
	}
	if reserved, ok := entry.Get("allowReserved").(interpret.Bool); ok {
		p.AllowReserved = bool(reserved)
	}
}
