package openapi

import (
	"strings"

	"github.com/senior-backend/toolkit/scaffolder/internal/api"
)

func (r *reader) parameters(list value) []*api.Parameter {
	list = r.group(list, "parameters")
	if list.exists() && !list.isNull() && !list.isSequence() {
		r.invalid(list, "parameters should be an array, not %s; they are ignored", list.kind())
	}
	var out []*api.Parameter
	seen := map[string]bool{}
	for _, item := range list.items() {
		p := r.parameter(item)
		if p == nil {
			continue
		}
		key := p.In + " " + p.Name
		if seen[key] {
			r.invalid(item, "%s parameter %q is there twice; the first counts", p.In, p.Name)
			continue
		}
		seen[key] = true
		out = append(out, p)
	}
	return out
}

// parameter reads a parameter, or returns nil when it cannot be one.
func (r *reader) parameter(own value) *api.Parameter {
	v, ok := r.component(own, "parameter")
	if !ok {
		return nil
	}
	p, known := r.shared.parameters[v.node]
	if !known {
		p = r.newParameter(v)
		r.shared.parameters[v.node] = p
	}
	if description := own.get("description").text(); p != nil && own.node != v.node && description != "" && r.dialect == dialect31 {
		described := *p
		described.Description, described.Component = description, ""
		return &described
	}
	return p
}

func (r *reader) newParameter(v value) *api.Parameter {
	name, in := v.get("name").text(), v.get("in").text()
	switch in {
	case api.InPath, api.InQuery, api.InHeader, api.InCookie, api.InQueryString:
	default:
		r.invalid(v, "parameter %q is in %q, which is no place for one; it is left out", name, in)
		return nil
	}
	if name == "" {
		r.invalid(v, "a parameter needs a name; it is left out")
		return nil
	}
	p := &api.Parameter{
		Name: name, In: in, Description: v.get("description").text(),
		Required: v.get("required").isTrue() || in == api.InPath, Deprecated: v.get("deprecated").isTrue(),
		AllowEmptyValue: v.get("allowEmptyValue").isTrue(), AllowReserved: v.get("allowReserved").isTrue(),
		Examples: r.examples(v), Extensions: r.extensions(v), Component: r.shared.names[v.node], Position: v.position(),
	}
	if in == api.InPath && !v.get("required").isTrue() {
		r.invalid(v, "path parameter %q should be required; it is taken to be", name)
	}
	if p.Content = r.onlyMedia(v); p.Content != nil {
		return p
	}
	p.Schema = r.schemaAt(v.get("schema"))
	if p.Schema == nil {
		r.invalid(v, "parameter %q has neither schema nor content; it accepts anything", name)
		p.Schema = &api.Schema{Position: v.position()}
	}
	p.Style, p.Explode = r.style(v, in)
	return p
}

// onlyMedia is the one media type of a parameter or header, or nil.
func (r *reader) onlyMedia(v value) *api.Media {
	content := r.content(v.get("content"))
	if len(content) == 0 {
		return nil
	}
	if len(content) > 1 {
		r.invalid(v.get("content"), "a parameter has one media type, not %d; the first counts", len(content))
	}
	return content[0]
}

// style returns a parameter's style and explode, or those of its place.
func (r *reader) style(v value, in string) (style string, explode bool) {
	allowed := map[string][]string{
		api.InPath:   {api.StyleSimple, api.StyleLabel, api.StyleMatrix},
		api.InQuery:  {api.StyleForm, api.StyleSpaceDelimited, api.StylePipeDelimited, api.StyleDeepObject},
		api.InHeader: {api.StyleSimple},
		api.InCookie: {api.StyleForm, "cookie"},
	}[in]
	if len(allowed) == 0 {
		return "", false
	}
	style = allowed[0]
	if given := v.get("style"); given.exists() {
		ok := false
		for _, name := range allowed {
			ok = ok || name == given.text()
		}
		switch {
		case !ok:
			r.invalid(given, "style %q is not for a parameter in %s; %s is taken", given.text(), in, style)
		case given.text() == "cookie": // 3.2: form without percent-encoding
			style = api.StyleForm
		default:
			style = given.text()
		}
	}
	explode = style == api.StyleForm
	if given := v.get("explode"); given.exists() {
		explode = r.flag(entry{key: "explode", value: given})
	}
	return style, explode
}

func (r *reader) header(name string, own value) *api.Header {
	v, ok := r.component(own, "header")
	if !ok {
		return nil
	}
	h, known := r.shared.headers[v.node]
	if !known {
		h = r.newHeader(v)
		r.shared.headers[v.node] = h
	}
	named := *h
	named.Name = name
	if description := own.get("description").text(); own.node != v.node && description != "" && r.dialect == dialect31 {
		named.Description, named.Component = description, ""
	}
	return &named
}

func (r *reader) newHeader(v value) *api.Header {
	h := &api.Header{
		Description: v.get("description").text(),
		Required:    v.get("required").isTrue(),
		Deprecated:  v.get("deprecated").isTrue(),
		Examples:    r.examples(v),
		Extensions:  r.extensions(v),
		Component:   r.shared.names[v.node],
	}
	if r.dialect == dialectSwagger {
		h.Style, h.Explode = api.StyleSimple, false
		h.Schema = r.swaggerItems(v)
		return h
	}
	if h.Content = r.onlyMedia(v); h.Content != nil {
		return h
	}
	h.Schema = r.schemaAt(v.get("schema"))
	if h.Schema == nil {
		h.Schema = &api.Schema{Position: v.position()}
	}
	h.Style, h.Explode = r.style(v, api.InHeader)
	return h
}

func (r *reader) headers(v value) []*api.Header {
	v = r.group(v, "headers")
	var out []*api.Header
	for _, e := range lastWins(v.entries()) {
		if strings.HasPrefix(e.key, "x-") && e.value.isScalar() {
			continue
		}
		if h := r.header(e.key, e.value); h != nil {
			out = append(out, h)
		}
	}
	return out
}

// examples reads example and examples.
func (r *reader) examples(v value) []api.Example {
	var out []api.Example
	if single := v.get("example"); single.exists() {
		out = append(out, api.Example{Value: single.jsonValue()})
	}
	for _, e := range lastWins(r.group(v.get("examples"), "examples").entries()) {
		example, ok := r.component(e.value, "example")
		if !ok {
			continue
		}
		read := api.Example{Name: e.key, Summary: example.get("summary").text(), Description: example.get("description").text()}
		switch {
		case example.get("value").exists():
			read.Value = example.get("value").jsonValue()
		case example.get("dataValue").exists(): // 3.2
			read.Value = example.get("dataValue").jsonValue()
		case example.get("externalValue").isText():
			read.External = example.get("externalValue").text()
		default:
			continue
		}
		out = append(out, read)
	}
	return out
}
