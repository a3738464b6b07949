package openapi

import (
	"cmp"
	"strings"

	"github.com/senior-backend/toolkit/scaffolder/internal/api"
)

// swaggerServers turns host, basePath and schemes into servers.
func (r *reader) swaggerServers() []api.Server {
	host, base := r.root.get("host").text(), strings.TrimSuffix(r.root.get("basePath").text(), "/")
	if host == "" {
		if base == "" {
			return nil
		}
		return []api.Server{{URL: base}}
	}
	schemes := r.optionalStrings("schemes", r.root.get("schemes"))
	if len(schemes) == 0 {
		return []api.Server{{URL: "//" + host + base}}
	}
	var out []api.Server
	for _, scheme := range schemes {
		out = append(out, api.Server{URL: scheme + "://" + host + base})
	}
	return out
}

// swaggerOperation reads what differs in Swagger 2.0: bodies are parameters,
// and media types are listed beside them.
func (r *reader) swaggerOperation(op *api.Operation, v, path value, names template) {
	consumes := r.mediaTypes(v, "consumes")
	produces := r.mediaTypes(v, "produces")
	own, bodies := r.swaggerParameters(v.get("parameters"))
	shared, sharedBodies := r.swaggerParameters(path.get("parameters"))
	if len(bodies) == 0 {
		bodies = sharedBodies
	}
	op.Parameters = r.completeParameters(v, op.Path, mergeParameters(shared, own), names)
	op.Body = r.swaggerBody(bodies, consumes)
	for _, e := range lastWins(v.get("responses").entries()) {
		if strings.HasPrefix(e.key, "x-") {
			continue
		}
		status := strings.ToLower(e.key)
		if status != "default" && !statusPattern.MatchString(status) {
			r.invalid(e.at, "%q is no status; the response is left out", e.key)
			continue
		}
		if response := r.swaggerResponse(status, e.value, produces); response != nil {
			op.Responses = append(op.Responses, response)
		}
	}
}

// mediaTypes are the operation's or else the document's.
func (r *reader) mediaTypes(v value, key string) []string {
	list := v.get(key)
	if !list.exists() {
		list = r.root.get(key)
	}
	return r.optionalStrings(key, list)
}

// swaggerParameters reads a list of parameters and sets apart those that make
// up the body.
func (r *reader) swaggerParameters(list value) (parameters []*api.Parameter, bodies []value) {
	for _, item := range list.items() {
		v, ok := r.component(item, "parameter")
		if !ok {
			continue
		}
		if in := v.get("in").text(); in == "body" || in == "formData" {
			bodies = append(bodies, v)
			continue
		}
		if p := r.swaggerParameter(v); p != nil {
			parameters = append(parameters, p)
		}
	}
	return parameters, bodies
}

func (r *reader) swaggerParameter(v value) *api.Parameter {
	if known, ok := r.shared.parameters[v.node]; ok {
		return known
	}
	name, in := v.get("name").text(), v.get("in").text()
	if name == "" || (in != api.InPath && in != api.InQuery && in != api.InHeader) {
		r.invalid(v, "parameter %q is in %q, which is no place for one; it is left out", name, in)
		return nil
	}
	p := &api.Parameter{
		Name: name, In: in, Description: v.get("description").text(),
		Required: v.get("required").isTrue() || in == api.InPath, AllowEmptyValue: v.get("allowEmptyValue").isTrue(),
		Schema: r.swaggerItems(v), Examples: r.swaggerExamples(v), Extensions: r.extensions(v),
		Component: r.shared.names[v.node], Position: v.position(),
	}
	p.Style, p.Explode = r.collection(v, in)
	r.shared.parameters[v.node] = p
	return p
}

// swaggerExamples reads the vendor extensions in common use for what Swagger
// 2.0 lacks.
func (r *reader) swaggerExamples(v value) []api.Example {
	for _, key := range []string{"x-example", "example"} {
		if given := v.get(key); given.exists() {
			return []api.Example{{Value: given.jsonValue()}}
		}
	}
	return nil
}

// collection turns collectionFormat into a style.
func (r *reader) collection(v value, in string) (style string, explode bool) {
	style = api.StyleSimple
	if in == api.InQuery {
		style = api.StyleForm
	}
	format := v.get("collectionFormat")
	switch format.text() {
	case "", "csv":
	case "multi":
		explode = in == api.InQuery
	case "ssv":
		if in == api.InQuery {
			return api.StyleSpaceDelimited, false
		}
		r.unsupported(format, "collectionFormat ssv is only supported in a query; commas are taken")
	case "pipes":
		if in == api.InQuery {
			return api.StylePipeDelimited, false
		}
		r.unsupported(format, "collectionFormat pipes is only supported in a query; commas are taken")
	default:
		r.unsupported(format, "collectionFormat %q is not supported; commas are taken", format.text())
	}
	return style, explode
}

// swaggerItems reads the schema that a parameter or header is itself.
func (r *reader) swaggerItems(v value) *api.Schema {
	if schema := v.get("schema"); schema.exists() { // invalid, but common
		return r.schemaAt(schema)
	}
	schema := &api.Schema{Position: v.position()}
	s := &schemaReader{reader: r, outer: []value{v}}
	legacy := legacyKeywords{}
	for _, e := range v.entries() {
		switch e.key {
		case "name", "in", "description", "required", "x-example", "example", "allowEmptyValue", "collectionFormat":
		default:
			_ = s.annotation(schema, e) || s.assertion(schema, e) || s.arrayKeyword(schema, e) || s.combination(schema, e) || legacy.take(e)
		}
	}
	s.translate(schema, legacy)
	return schema
}

// swaggerBody makes a body of a body parameter, or of the fields of a form.
func (r *reader) swaggerBody(parts []value, consumes []string) *api.Body {
	if len(parts) == 0 {
		return nil
	}
	for _, v := range parts {
		if v.get("in").text() == "body" {
			return r.swaggerWholeBody(v, consumes)
		}
	}
	body := &api.Body{Position: parts[0].position()}
	form := &api.Schema{Types: []string{"object"}, Position: body.Position}
	media := &api.Media{Schema: form}
	files := false
	for _, v := range parts {
		name := v.get("name").text()
		field := r.swaggerItems(v)
		field.Description = cmp.Or(field.Description, v.get("description").text())
		form.Properties = append(form.Properties, api.Property{Name: name, Schema: field})
		if v.get("required").isTrue() {
			form.Required = append(form.Required, name)
			body.Required = true
		}
		files = files || v.get("type").text() == "file"
		if v.get("type").text() == "array" {
			style, explode := r.collection(v, api.InQuery)
			media.Encoding = append(media.Encoding, api.Encoding{Property: name, Style: style, Explode: &explode})
		}
	}
	for _, name := range formTypes(consumes, files) {
		typed := *media
		typed.Type = name
		body.Content = append(body.Content, &typed)
	}
	return body
}

// formTypes are those of consumes that can carry a form, or the usual one.
func formTypes(consumes []string, files bool) []string {
	var out []string
	for _, name := range consumes {
		if name == "multipart/form-data" || name == "application/x-www-form-urlencoded" && !files {
			out = append(out, name)
		}
	}
	switch {
	case len(out) > 0:
		return out
	case files:
		return []string{"multipart/form-data"}
	default:
		return []string{"application/x-www-form-urlencoded"}
	}
}

func (r *reader) swaggerWholeBody(v value, consumes []string) *api.Body {
	schema := r.schemaAt(v.get("schema"))
	if schema == nil {
		r.invalid(v, "a body parameter needs a schema; it accepts anything")
		schema = &api.Schema{Position: v.position()}
	}
	body := &api.Body{
		Description: v.get("description").text(),
		Required:    v.get("required").isTrue(),
		Extensions:  r.extensions(v),
		Position:    v.position(),
	}
	if len(consumes) == 0 {
		consumes = []string{"application/json"}
	}
	for _, name := range consumes {
		body.Content = append(body.Content, &api.Media{Type: name, Schema: schema, Examples: r.swaggerExamples(v)})
	}
	return body
}

func (r *reader) swaggerResponse(status string, own value, produces []string) *api.Response {
	v, ok := r.component(own, "response")
	if !ok {
		return nil
	}
	response := &api.Response{
		Status:      status,
		Description: v.get("description").text(),
		Headers:     r.headers(v.get("headers")),
		Extensions:  r.extensions(v),
		Position:    v.position(),
	}
	examples := v.get("examples")
	schema := r.schemaAt(v.get("schema"))
	if schema == nil && !examples.isMapping() {
		return response
	}
	if len(produces) == 0 {
		produces = []string{"application/json"}
		if v.get("schema").get("type").text() == "file" {
			produces = []string{"application/octet-stream"}
		}
	}
	for _, name := range produces {
		media := &api.Media{Type: name, Schema: schema}
		if example := examples.get(name); example.exists() {
			media.Examples = []api.Example{{Value: example.jsonValue()}}
		}
		response.Content = append(response.Content, media)
	}
	return response
}
