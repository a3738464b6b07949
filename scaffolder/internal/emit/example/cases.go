package example

import (
	"slices"
	"strconv"
	"strings"

	"github.com/senior-backend/toolkit/scaffolder/internal/api"
	"github.com/senior-backend/toolkit/scaffolder/internal/emit/plan"
)

// cases writes the prepared values, and breaks them one by one.
func (b *builder) cases(limit int) []Case {
	var list []Case
	if len(b.bodies) == 0 {
		list = append(list, Case{Request: b.request(b.parameters, nil)})
	}
	for i := range b.bodies {
		list = append(list, Case{Request: b.request(b.parameters, &b.bodies[i]), Media: b.bodies[i].media.Type})
	}
	valid := len(list)
	add := func(one Case) {
		if len(list)-valid < limit {
			list = append(list, one)
		}
	}
	var usual *body
	if len(b.bodies) > 0 {
		usual = &b.bodies[0]
	}
	for i := range b.parameters {
		b.brokenParameter(i, usual, add)
	}
	if usual != nil && b.operation.Body.Required {
		add(Case{Request: b.request(b.parameters, nil), Keyword: "missing", Field: "body"})
	}
	for i := range b.bodies {
		b.brokenBody(&b.bodies[i], limit, add)
	}
	return list
}

// brokenParameter leaves a parameter out, and breaks its value.
func (b *builder) brokenParameter(index int, usual *body, add func(Case)) {
	one := b.parameters[index]
	with := func(changed given) []given {
		list := append([]given(nil), b.parameters...)
		list[index] = changed
		return list
	}
	if !one.set {
		return
	}
	if one.Required && one.In != api.InPath && !b.spread(one) {
		missing := one
		missing.set = false
		add(Case{Request: b.request(with(missing), usual), Keyword: "missing", Field: one.Name})
	}
	for _, fault := range b.faults(one.schema, one.value, 40) {
		back, ok := one.read(fault.Value)
		if !ok || b.spread(one) && fault.Keyword == "additionalProperties" || b.adjacent(one) || b.valid(one.schema, back, 0) || !one.writable(fault.Value) {
			continue
		}
		changed := one
		changed.value = fault.Value
		field := strings.Join(append([]string{one.Name}, fault.Path...), ".")
		add(Case{Request: b.request(with(changed), usual), Keyword: fault.Keyword, Field: field, Within: fault.Within})
	}
}

// adjacent tells parameters of the path that another one stands beside: which of
// them a wrong text belongs to cannot be told.
func (b *builder) adjacent(one given) bool {
	parts := b.operation.Parts
	for i, part := range parts {
		if one.In == api.InPath && part.Parameter && part.Text == one.Name &&
			(i > 0 && parts[i-1].Parameter || i+1 < len(parts) && parts[i+1].Parameter) {
			return true
		}
	}
	return false
}

// spread tells parameters whose members stand in the query on their own.
func (b *builder) spread(one given) bool {
	_, object := one.value.(Object)
	return object && one.Explode && one.Style == api.StyleForm
}

func (b *builder) brokenBody(one *body, limit int, add func(Case)) {
	if one.form == plan.Binary || one.form == plan.Text && one.media.Schema == nil {
		return
	}
	if one.form == plan.Text && plan.MediaType(one.media.Type) != "text/plain" {
		return
	}
	c := *b.checker
	c.files = one.form == plan.Multipart
	for _, fault := range c.faults(b.schemaOf(*one), one.value, limit) {
		if one.form != plan.JSON && (b.carries(*one, fault.Value) || !b.sends(*one, fault.Value)) {
			continue
		}
		changed := *one
		changed.value = fault.Value
		field := strings.Join(fault.Path, ".")
		if field == "" {
			field = "body"
		}
		add(Case{
			Request: b.request(b.parameters, &changed), Keyword: fault.Keyword, Field: field,
			Within: fault.Within, Media: one.media.Type,
		})
	}
}

// sends tells whether a value that is wrong arrives as one that is wrong, and
// not as none at all.
func (b *builder) sends(one body, value any) bool {
	if one.form == plan.Text {
		return scalar(value)
	}
	object, ok := value.(Object)
	if !ok || len(object) == 0 {
		return false
	}
	_, ok = b.readForm(one, object)
	return ok
}

// readForm is what a server reads out of a form.
func (b *builder) readForm(one body, object Object) (any, bool) {
	shape := b.plan.ShapeOf(b.schemaOf(one), one.form == plan.Multipart)
	if one.form == plan.Form {
		return read(shape, object, true)
	}
	var out Object
	for _, member := range object {
		inner := shape.Additional
		for _, property := range shape.Properties {
			if property.Name == member.Name {
				inner = property.Shape
			}
		}
		if inner == nil {
			inner = &plan.Shape{}
		}
		list, isList := member.Value.([]any)
		if isList && (inner.Items == nil || len(list) == 0) || strings.ContainsAny(member.Name, "\"\\\r\n") {
			return nil, false
		}
		if _, structured := member.Value.(Object); structured || isList && inner.Items != nil && inner.Items.Object {
			if !isList && !inner.Object {
				return nil, false
			}
			out = append(out, member)
			continue
		}
		value, ok := read(inner, member.Value, false)
		if !ok {
			return nil, false
		}
		out = append(out, Member{member.Name, value})
	}
	return out, true
}

const boundary = "----example-boundary"

// request writes a request.
func (b *builder) request(parameters []given, one *body) Request {
	r := Request{Method: b.operation.Method}
	values := map[string]string{}
	var query, cookies []string
	for _, p := range parameters {
		if !p.set {
			continue
		}
		value := p.value
		if p.Content != nil && plan.FormOf(p.Content.Type) == plan.JSON {
			value = JSON(value)
		}
		switch p.In {
		case api.InPath:
			values[p.Name] = inPath(p.Parameter, value)
		case api.InQuery:
			query = append(query, inPairs(p.Parameter, value)...)
		case api.InCookie:
			cookies = append(cookies, inPairs(p.Parameter, value)...)
		case api.InHeader:
			r.Headers = append(r.Headers, Header{p.Name, inHeader(p.Parameter, value)})
		}
	}
	for _, part := range b.operation.Parts {
		if part.Parameter {
			r.Target += values[part.Text]
		} else {
			r.Target += plan.EncodedPath(part.Text)
		}
	}
	if query != nil {
		r.Target += "?" + strings.Join(query, "&")
	}
	if cookies != nil {
		r.Headers = append(r.Headers, Header{"Cookie", strings.Join(cookies, "; ")})
	}
	if one != nil {
		r.body(b, *one)
	}
	return r
}

func (r *Request) body(b *builder, one body) {
	contentType := plan.MediaType(one.media.Type)
	switch one.form {
	case plan.JSON:
		r.Body = []byte(JSON(one.value))
	case plan.Form:
		object, _ := one.value.(Object)
		var pairs []string
		for _, member := range object {
			p := &api.Parameter{Name: member.Name, Style: api.StyleForm, Explode: true}
			for _, encoding := range one.media.Encoding {
				if encoding.Property == member.Name && encoding.Style != "" {
					p.Style, p.Explode = encoding.Style, encoding.Explode != nil && *encoding.Explode || encoding.Style == api.StyleForm && encoding.Explode == nil
				}
			}
			_, structured := member.Value.(Object)
			if list, ok := member.Value.([]any); ok && slices.ContainsFunc(list, func(item any) bool { return !flat(item) }) {
				structured = true
			}
			if structured {
				p.Style = api.StyleDeepObject
			}
			pairs = append(pairs, inPairs(p, member.Value)...)
		}
		r.Body = []byte(strings.Join(pairs, "&"))
	case plan.Multipart:
		object, _ := one.value.(Object)
		r.Body = multipart(object, boundary)
		contentType += "; boundary=" + strconv.Quote(boundary)
	default:
		r.Body = []byte(plainText(one.value))
	}
	r.Headers = append(r.Headers, Header{"Content-Type", contentType})
}
