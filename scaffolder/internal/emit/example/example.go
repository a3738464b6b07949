// Package example makes requests to the operations of a plan: valid ones, and
// ones that break one rule each.
//
// A plan goes in; requests come out, each with what a server has to say to it.
// Values that the document gives as examples are preferred to made ones.
// Operations for which no valid request is found (a pattern that cannot be
// inverted, say) come back without one; nothing is guessed.
package example

import (
	"slices"
	"strings"

	"github.com/senior-backend/toolkit/scaffolder/internal/api"
	"github.com/senior-backend/toolkit/scaffolder/internal/emit/plan"
)

// Request is a request, relative to where the API is served.
type Request struct {
	Method  string
	Target  string // path and query
	Headers []Header
	Body    []byte // nil for none
}

// Header is one header of a request.
type Header struct{ Name, Value string }

// Case is a request and what comes of it.
type Case struct {
	Request
	// Keyword is the rule that the request breaks: a keyword of JSON Schema, or
	// "missing"; "" for a valid request.
	Keyword string
	Field   string // the field that the answer has to name
	Within  bool   // or any field inside of it
	Media   string // the media type of the body
}

// Cases makes the cases of one operation: the valid requests, one for each
// media type of the body, and after them at most limit invalid ones. Without
// valid ones there are none at all.
func Cases(p *plan.Plan, operation *plan.Operation, limit int) []Case {
	b := &builder{plan: p, operation: operation, checker: newChecker(p)}
	for _, minimal := range []bool{false, true} {
		if b.prepare(minimal) {
			return b.cases(limit)
		}
	}
	return nil
}

// Usual makes the valid requests that callers make most: those with what is
// required alone, one for each media type of the body, and then one with each of
// the optional query parameters. Without a valid one there are none at all.
func Usual(p *plan.Plan, operation *plan.Operation) []Case {
	b := &builder{plan: p, operation: operation, checker: newChecker(p)}
	if !b.prepare(false) && !b.prepare(true) {
		return nil
	}
	all := b.parameters
	bare := slices.Clone(all)
	for i := range bare {
		bare[i].set = bare[i].set && bare[i].Required
	}
	var list []Case
	var usual *body
	for i := range b.bodies {
		list = append(list, Case{Request: b.request(bare, &b.bodies[i]), Media: b.bodies[i].media.Type})
		usual = &b.bodies[0]
	}
	if len(list) == 0 {
		list = append(list, Case{Request: b.request(bare, nil)})
	}
	for i, one := range all {
		if one.set && !one.Required && one.In == api.InQuery {
			with := slices.Clone(bare)
			with[i] = one
			list = append(list, Case{Request: b.request(with, usual)})
		}
	}
	return list
}

// given is a parameter and its value.
type given struct {
	*api.Parameter
	schema *api.Schema
	shape  *plan.Shape
	value  any
	set    bool
}

type builder struct {
	*checker
	plan       *plan.Plan
	operation  *plan.Operation
	parameters []given
	bodies     []body
}

// body is the value of the body in one media type.
type body struct {
	media *api.Media
	form  plan.MediaForm
	value any
}

func (b *builder) maker(minimal, files bool) *maker {
	c := *b.checker
	c.files = files
	return &maker{checker: &c, minimal: minimal, deep: 3, work: 20_000}
}

// prepare finds a value for everything that a request needs.
func (b *builder) prepare(minimal bool) bool {
	b.parameters, b.bodies = nil, nil
	for _, in := range []string{api.InPath, api.InQuery, api.InHeader, api.InCookie} {
		for _, parameter := range b.operation.Served(in) {
			one, ok := b.given(parameter, minimal)
			if !ok && parameter.Required {
				return false
			}
			b.parameters = append(b.parameters, one)
		}
	}
	for _, part := range b.operation.Parts {
		known := slices.ContainsFunc(b.parameters, func(g given) bool { return g.In == api.InPath && g.Name == part.Text })
		if part.Parameter && !known {
			b.parameters = append(b.parameters, given{
				Parameter: &api.Parameter{Name: part.Text, In: api.InPath, Required: true, Style: api.StyleSimple}, value: "text", set: true,
			})
		}
	}
	for _, media := range b.operation.Accepts() {
		if one, ok := b.body(media, minimal); ok {
			b.bodies = append(b.bodies, one)
		}
	}
	return len(b.bodies) > 0 || b.operation.Body == nil || !b.operation.Body.Required
}

func (b *builder) given(parameter *api.Parameter, minimal bool) (given, bool) {
	schema := parameter.Schema
	if parameter.Content != nil {
		schema = parameter.Content.Schema
	}
	one := given{Parameter: parameter, schema: schema}
	if parameter.Content == nil {
		one.shape = b.plan.ShapeOf(schema, false)
	}
	if minimal && !parameter.Required {
		return one, true
	}
	for _, small := range []bool{minimal, true} {
		m := b.maker(small, false)
		for variant := range 6 {
			value, ok := m.make(schema, 1, variant)
			if !ok {
				break
			}
			if object, ok := value.(Object); ok && one.Explode && one.Style == api.StyleForm {
				value = slices.DeleteFunc(slices.Clone(object), func(m Member) bool { return b.named(m.Name) })
			}
			if back, ok := one.read(value); ok && b.valid(schema, back, 0) && one.writable(value) {
				one.value, one.set = value, true
				return one, true
			}
		}
	}
	if one.shape != nil && one.shape.Object && one.shape.Additional != nil && len(one.shape.Properties) == 0 {
		if value := (Object{{"key", "text"}}); b.valid(schema, value, 0) {
			one.value, one.set = value, true
			return one, true
		}
	}
	return one, false
}

// named tells names of query parameters: members of objects give way to them.
func (b *builder) named(name string) bool {
	return slices.ContainsFunc(b.operation.Served(api.InQuery), func(p *api.Parameter) bool { return p.Name == name })
}

// read is what a server makes of a value of the parameter.
func (g given) read(v any) (any, bool) {
	if g.Content != nil {
		return v, plan.FormOf(g.Content.Type) == plan.JSON || scalar(v)
	}
	return read(g.shape, v, g.In == api.InQuery && g.Style == api.StyleDeepObject)
}

// writable tells values whose text does not fall apart in another way.
func (g given) writable(v any) bool {
	if g.Content != nil {
		return g.In == api.InQuery || g.In == api.InPath || sendable(JSON(v))
	}
	text := inHeader(g.Parameter, v)
	switch g.In {
	case api.InPath:
		return text != "" && !strings.ContainsAny(text, "/\\") && text != "." && text != ".." && g.separable(v)
	case api.InHeader:
		return sendable(text) && strings.TrimSpace(text) == text && text != "" && g.separable(v)
	case api.InCookie:
		return sendable(text) && !strings.ContainsAny(text, ";,\" ") && text != ""
	}
	return g.Explode || g.separable(v)
}

// separable tells whether the separator of a list stands in none of its items.
func (g given) separable(v any) bool {
	separators := ",|.;= "
	if g.In == api.InQuery {
		separators = map[string]string{api.StyleForm: ",", api.StyleSpaceDelimited: " ", api.StylePipeDelimited: "|"}[g.Style]
	}
	switch v := v.(type) {
	case []any:
		return !slices.ContainsFunc(v, func(item any) bool { return strings.ContainsAny(plainText(item), separators) })
	case Object:
		return !slices.ContainsFunc(v, func(m Member) bool { return strings.ContainsAny(m.Name+plainText(m.Value), separators) })
	case string:
		return g.In != api.InPath || g.Style == api.StyleSimple || !strings.ContainsAny(v, ".;")
	}
	return true
}

func (b *builder) body(media *api.Media, minimal bool) (body, bool) {
	one := body{media: media, form: plan.FormOf(media.Type)}
	if strings.Contains(media.Type, "*") && one.form == plan.JSON {
		one.media = &api.Media{Type: "application/json", Schema: media.Schema}
	} else if strings.Contains(media.Type, "*") {
		one.media = &api.Media{Type: strings.ReplaceAll(plan.MediaType(media.Type), "*", "plain"), Schema: media.Schema}
	}
	switch one.form {
	case plan.Binary:
		one.value = "bytes"
		return one, true
	case plan.Text:
		if media.Schema == nil || plan.MediaType(media.Type) != "text/plain" {
			one.value = "text"
			return one, true
		}
	}
	value, ok := b.example(media, one.form)
	if !ok || minimal {
		value, ok = b.made(one, minimal)
	}
	one.value = value
	if !ok || !b.carries(one, value) {
		return one, false
	}
	return one, true
}

// readable is how many values a body has that a person still reads through.
const readable = 150

// made makes a body: of objects that hold many others, the inner ones come with
// what they require alone.
func (b *builder) made(one body, minimal bool) (any, bool) {
	m := b.maker(minimal, one.form == plan.Multipart)
	whole := m.work
	for m.deep = 3; ; m.deep-- {
		m.work = whole
		if m.deep > 0 && !minimal {
			m.work = 10 * readable
		}
		value, ok := m.make(b.schemaOf(one), 0, 0)
		if ok && size(value) <= readable || minimal || m.deep == 0 {
			return value, ok
		}
	}
}

// schemaOf is the schema of a body, which in forms is always written in place.
func (b *builder) schemaOf(one body) *api.Schema {
	if one.form == plan.Multipart {
		return b.plan.Inline(one.media.Schema)
	}
	return one.media.Schema
}

// example takes an example of the document, where it is valid.
func (b *builder) example(media *api.Media, form plan.MediaForm) (any, bool) {
	for _, one := range media.Examples {
		if value, ok := parseValue(one.Value); one.Value != "" && ok && form == plan.JSON && b.valid(media.Schema, value, 0) {
			return value, true
		}
	}
	return nil, false
}

// carries tells whether a body arrives as the value that it was written from.
func (b *builder) carries(one body, value any) bool {
	c := *b.checker
	c.files = one.form == plan.Multipart
	switch one.form {
	case plan.Form, plan.Multipart:
		object, ok := value.(Object)
		if !ok {
			return false
		}
		back, ok := b.readForm(one, object)
		return ok && c.valid(b.schemaOf(one), back, 0)
	case plan.Text:
		return scalar(value) && c.valid(one.media.Schema, asType(b.plan.ShapeOf(one.media.Schema, false).Types, plainText(value)), 0)
	}
	return true
}
