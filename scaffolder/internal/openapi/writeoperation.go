package openapi

import (
	"strings"

	"github.com/pb33f/go-yaml"

	"github.com/senior-backend/toolkit/scaffolder/internal/api"
)

// paths groups operations by path, in the order in which paths first appear.
func (w *documentWriter) paths(operations []*api.Operation) object {
	out := newObject()
	items := map[string]object{}
	extras := map[string]object{}
	for _, op := range operations {
		item, ok := items[op.Path]
		if !ok {
			item = newObject()
			items[op.Path] = item
			out.set(op.Path, item.node)
		}
		if w.old && !isOldMethod(op.Method) {
			w.leaveOut(op.Position, "the operation "+op.Method+" "+op.Path)
			continue
		}
		key := strings.ToLower(op.Method)
		switch {
		case isOldMethod(op.Method):
			item.set(key, w.operation(op))
		case op.Method == "QUERY":
			w.newer = true
			item.set(key, w.operation(op))
		default:
			w.newer = true
			extra, ok := extras[op.Path]
			if !ok {
				extra = newObject()
				extras[op.Path] = extra
				item.set("additionalOperations", extra.node)
			}
			extra.set(op.Method, w.operation(op))
		}
	}
	return out
}

// isOldMethod says that a path can have the method in every version.
func isOldMethod(method string) bool {
	switch method {
	case "GET", "PUT", "POST", "DELETE", "OPTIONS", "HEAD", "PATCH", "TRACE":
		return true
	}
	return false
}

func (w *documentWriter) operation(op *api.Operation) *yaml.Node {
	out := newObject()
	out.texts("tags", op.Tags)
	out.text("summary", op.Summary)
	out.text("description", op.Description)
	out.externalDocs(op.ExternalDocs)
	out.text("operationId", op.ID)
	if len(op.Parameters) > 0 {
		list := listNode(nil)
		for _, p := range op.Parameters {
			if w.old && p.In == api.InQueryString {
				w.leaveOut(p.Position, "the querystring parameter "+p.Name)
				continue
			}
			list.Content = append(list.Content, w.parameters.refer("parameters", p.Component, func() *yaml.Node { return w.parameter(p) }))
		}
		out.set("parameters", list)
	}
	if op.Body != nil {
		out.set("requestBody", w.bodies.refer("requestBodies", op.Body.Component, func() *yaml.Node { return w.body(op.Body) }))
	}
	responses := newObject()
	for _, response := range op.Responses {
		responses.set(response.Status, w.responses.refer("responses", response.Component, func() *yaml.Node { return w.response(response) }))
	}
	if w.old && responses.empty() { // which 3.0 requires
		responses.set("default", w.response(&api.Response{Description: "Not described."}))
	}
	out.set("responses", responses.orNil())
	out.set("callbacks", w.callbacks(op.Callbacks))
	out.flag("deprecated", op.Deprecated)
	if op.SecurityDeclared {
		out.set("security", w.requirements(op.Security))
	}
	out.set("servers", w.servers(op.Servers))
	out.extensions(op.Extensions)
	return out.node
}

func (w *documentWriter) callbacks(list []*api.Callback) *yaml.Node {
	out := newObject()
	byName := map[string]object{}
	for _, callback := range list {
		expressions, ok := byName[callback.Name]
		if !ok {
			expressions = newObject()
			byName[callback.Name] = expressions
			out.set(callback.Name, expressions.node)
		}
		item := w.paths(callback.Operations)
		if len(item.node.Content) == 2 {
			expressions.set(callback.Expression, item.node.Content[1])
		} else {
			expressions.set(callback.Expression, newObject().node)
		}
	}
	return out.orNil()
}

func (w *documentWriter) parameter(p *api.Parameter) *yaml.Node {
	out := newObject()
	out.set("name", textNode(p.Name))
	out.set("in", textNode(p.In))
	out.text("description", p.Description)
	out.flag("required", p.Required)
	out.flag("deprecated", p.Deprecated)
	out.flag("allowEmptyValue", p.AllowEmptyValue)
	w.newer = w.newer || p.In == api.InQueryString
	usual := map[string]string{
		api.InPath: api.StyleSimple, api.InHeader: api.StyleSimple, api.InQuery: api.StyleForm, api.InCookie: api.StyleForm,
	}[p.In]
	w.serialised(out, p.Schema, p.Content, p.Style, usual, p.Explode)
	out.flag("allowReserved", p.AllowReserved)
	if p.Content == nil { // examples of content stand in it
		w.examples(out, p.Examples)
	}
	out.extensions(p.Extensions)
	return out.node
}

// serialised writes how a parameter or header looks: its content, or its schema
// and, where they are not the usual ones, style and explode.
func (w *documentWriter) serialised(out object, schema *api.Schema, content *api.Media, style, usual string, explode bool) {
	if content != nil {
		out.set("content", w.content([]*api.Media{content}))
		return
	}
	if style != "" && style != usual {
		out.text("style", style)
	}
	if style != "" && explode != (style == api.StyleForm) {
		out.set("explode", boolNode(explode))
	}
	out.set("schema", w.schema(schema))
}

func (w *documentWriter) body(body *api.Body) *yaml.Node {
	out := newObject()
	out.text("description", body.Description)
	content := w.content(body.Content)
	if content == nil {
		content = newObject().node
	}
	out.set("content", content)
	out.flag("required", body.Required)
	out.extensions(body.Extensions)
	return out.node
}

func (w *documentWriter) content(list []*api.Media) *yaml.Node {
	out := newObject()
	for _, media := range list {
		out.set(media.Type, w.media(media))
	}
	return out.orNil()
}

func (w *documentWriter) media(media *api.Media) *yaml.Node {
	out := newObject()
	out.set("schema", w.schema(media.Schema))
	switch {
	case media.ItemSchema != nil && w.old:
		w.leaveOut(media.ItemSchema.Position, "the itemSchema of "+media.Type)
	case media.ItemSchema != nil:
		w.newer = true
		out.set("itemSchema", w.schema(media.ItemSchema))
	}
	w.examples(out, media.Examples)
	encodings := newObject()
	for _, e := range media.Encoding {
		encoding := newObject()
		encoding.text("contentType", e.ContentType)
		encoding.set("headers", w.headerMap(e.Headers))
		encoding.text("style", e.Style)
		if e.Explode != nil {
			encoding.set("explode", boolNode(*e.Explode))
		}
		encoding.flag("allowReserved", e.AllowReserved)
		encodings.set(e.Property, encoding.node)
	}
	out.set("encoding", encodings.orNil())
	out.extensions(media.Extensions)
	return out.node
}

func (w *documentWriter) response(response *api.Response) *yaml.Node {
	out := newObject()
	if response.Summary != "" && !w.old {
		w.newer = true
		out.text("summary", response.Summary)
	}
	out.set("description", textNode(response.Description))
	out.set("headers", w.headerMap(response.Headers))
	out.set("content", w.content(response.Content))
	links := newObject()
	for _, link := range response.Links {
		links.value(link.Name, link.Value)
	}
	out.set("links", links.orNil())
	out.extensions(response.Extensions)
	return out.node
}

func (w *documentWriter) headerMap(headers []*api.Header) *yaml.Node {
	out := newObject()
	for _, h := range headers {
		out.set(h.Name, w.headers.refer("headers", h.Component, func() *yaml.Node { return w.header(h) }))
	}
	return out.orNil()
}

func (w *documentWriter) header(h *api.Header) *yaml.Node {
	out := newObject()
	out.text("description", h.Description)
	out.flag("required", h.Required)
	out.flag("deprecated", h.Deprecated)
	w.serialised(out, h.Schema, h.Content, h.Style, api.StyleSimple, h.Explode)
	if h.Content == nil {
		w.examples(out, h.Examples)
	}
	out.extensions(h.Extensions)
	return out.node
}

func (w *documentWriter) examples(out object, examples []api.Example) {
	named := newObject()
	for _, e := range examples {
		if e.Name == "" {
			out.value("example", e.Value)
			continue
		}
		example := newObject()
		example.text("summary", e.Summary)
		example.text("description", e.Description)
		example.value("value", e.Value)
		example.text("externalValue", e.External)
		named.set(e.Name, example.node)
	}
	out.set("examples", named.orNil())
}
