package zod

import (
	"slices"
	"strings"

	"github.com/senior-backend/toolkit/scaffolder/internal/api"
	"github.com/senior-backend/toolkit/scaffolder/internal/emit/plan"
	"github.com/senior-backend/toolkit/scaffolder/internal/emit/script"
)

// File writes validators.ts: the schemas that requests use, and what the
// request of each operation must be like.
func File(p *plan.Plan) string {
	printer := New(p)
	var body strings.Builder
	count := 0
	for _, schema := range p.Schemas {
		if schema.Requested {
			printer.declaration(&body, schema)
			count++
		}
	}
	for _, operation := range p.Operations {
		body.WriteString(script.Comment("", "The request of "+operation.Name+": "+operation.Method+" "+operation.Path))
		script.PrintConstant(&body, "export const "+operation.Validator+": RequestValidator =", printer.operation(operation))
	}
	var b strings.Builder
	text := body.String()
	if strings.Contains(text, "z.") || strings.Contains(text, " z\n") {
		b.WriteString("import { z } from \"zod\";\n")
	}
	if printer.uploads {
		b.WriteString("import { upload } from \"./body.js\";\n")
	}
	b.WriteString(printer.integers(p.UsesInt64(), text))
	if len(p.Operations) > 0 {
		b.WriteString("import type { RequestValidator } from \"./request.js\";\n")
	}
	b.WriteString(script.Import("./schema.js", printer.Helpers()...))
	if b.Len() > 0 {
		b.WriteByte('\n')
	} else if count == 0 {
		return "export {};\n"
	}
	b.WriteString(strings.TrimRight(text, "\n") + "\n")
	return b.String()
}

// integers imports what reads and checks integers of 64 bits. Where only answers hold
// such, whoever writes them needs nothing of it.
func (p *Printer) integers(used bool, text string) string {
	var names []string
	if used && strings.Contains(text, "parse: exactly") {
		names = append(names, "exactly")
	}
	if p.int64 {
		names = append(names, "int64")
	}
	if names == nil {
		return ""
	}
	return script.Import("./int64.js", names...)
}

func (p *Printer) declaration(b *strings.Builder, schema *plan.Schema) {
	annotation := ""
	if schema.Recursive {
		// Without it the compiler cannot find the type of what refers to itself.
		annotation = ": z.ZodType"
	}
	head := "export const " + schema.Validator + annotation + " ="
	b.WriteString(script.Comment("", schema.Schema.Title))
	script.PrintConstant(b, head, p.Declare(schema))
}

func (p *Printer) operation(operation *plan.Operation) *script.Node {
	fields := []script.Field{{Key: "operation", Value: script.String(operation.Name)}}
	if types := operation.Answered(); len(types) != 1 || types[0] != "application/json" {
		fields = append(fields, script.Field{Key: "answers", Value: quoted(types)})
	}
	for _, place := range []struct{ in, name string }{
		{api.InPath, "path"}, {api.InQuery, "query"}, {api.InHeader, "headers"}, {api.InCookie, "cookies"},
	} {
		var parameters []script.Field
		for _, parameter := range operation.Served(place.in) {
			parameters = append(parameters, entry(parameter.Name, p.parameter(parameter)))
		}
		if parameters != nil {
			fields = append(fields, script.Field{Key: place.name, Value: script.Object(true, parameters...)})
		}
	}
	if accepted := operation.Accepts(); len(accepted) > 0 {
		var body []script.Field
		if operation.Body.Required {
			body = append(body, script.Field{Key: "required", Value: script.Text("true")})
		}
		var content []script.Field
		for _, media := range accepted {
			name := plan.MediaType(media.Type)
			content = append(content, entry(name, p.media(media)))
		}
		body = append(body, script.Field{Key: "content", Value: script.Object(true, content...)})
		fields = append(fields, script.Field{Key: "body", Value: script.Object(true, body...)})
	}
	return script.Object(true, fields...)
}

func (p *Printer) parameter(parameter *api.Parameter) *script.Node {
	schema := parameter.Schema
	if parameter.Content != nil {
		schema = parameter.Content.Schema
	}
	node := p.Expression(schema)
	if !parameter.Required {
		node = p.Optional(node, schema)
	}
	fields := []script.Field{{Key: "schema", Value: node}}
	if parameter.Required {
		fields = append(fields, script.Field{Key: "required", Value: script.Text("true")})
	}
	if parameter.Content != nil {
		if plan.FormOf(parameter.Content.Type) == plan.JSON {
			fields = append(fields, script.Field{Key: "json", Value: script.Text("true")})
			fields = append(fields, p.parse(schema)...)
		}
		return script.Object(false, fields...)
	}
	if shape := p.shapeNode(p.plan.ShapeOf(schema, false)); shape != nil {
		fields = append(fields, script.Field{Key: "shape", Value: shape})
	}
	return script.Object(false, append(fields, written(parameter)...)...)
}

// parse names what reads JSON in which there may be integers of 64 bits.
func (p *Printer) parse(s *api.Schema) []script.Field {
	if !p.plan.HoldsInt64(s) {
		return nil
	}
	return []script.Field{{Key: "parse", Value: script.Text("exactly")}}
}

// written says how a parameter is written, where it is not as usual.
func written(parameter *api.Parameter) []script.Field {
	usual := api.StyleSimple
	if parameter.In == api.InQuery || parameter.In == api.InCookie {
		usual = api.StyleForm
	}
	style := parameter.Style
	switch style {
	case api.StyleSimple, api.StyleLabel, api.StyleMatrix, api.StyleForm, api.StyleSpaceDelimited,
		api.StylePipeDelimited, api.StyleDeepObject:
	default:
		style = usual
	}
	var fields []script.Field
	if style != usual {
		fields = append(fields, script.Field{Key: "style", Value: script.String(style)})
	}
	if parameter.Explode != (style == api.StyleForm) {
		text := "false"
		if parameter.Explode {
			text = "true"
		}
		fields = append(fields, script.Field{Key: "explode", Value: script.Text(text)})
	}
	return fields
}

// shapeNode writes a shape; nil for plain text.
func (p *Printer) shapeNode(shape *plan.Shape) *script.Node {
	switch {
	case shape.Object:
		var properties []script.Field
		for _, property := range shape.Properties {
			properties = append(properties, entry(property.Name, p.shapeOrText(property.Shape)))
		}
		fields := []script.Field{{Key: "properties", Value: script.Object(false, properties...)}}
		if shape.Additional != nil {
			fields = append(fields, script.Field{Key: "additional", Value: p.shapeOrText(shape.Additional)})
		}
		return script.Object(false, fields...)
	case shape.Items != nil:
		return script.Object(false, script.Field{Key: "items", Value: p.shapeOrText(shape.Items)})
	case len(shape.Types) == 0 || len(shape.Types) == 1 && shape.Types[0] == "string":
		return nil
	case len(shape.Types) == 1:
		return script.String(shape.Types[0])
	}
	return quoted(shape.Types)
}

func (p *Printer) shapeOrText(shape *plan.Shape) *script.Node {
	if node := p.shapeNode(shape); node != nil {
		return node
	}
	return script.String("string")
}

// entry is a member of a table by names from the document. For names that every
// object answers to, the compiler has to be told what kind of member it is.
func entry(name string, node *script.Node) script.Field {
	if isInherited(name) {
		node = script.Suffix(node, "", " as const")
	}
	return script.Field{Key: script.LiteralKey(name), Value: node}
}

// media writes how a body of one media type is read and what it must be like.
func (p *Printer) media(media *api.Media) *script.Node {
	form := plan.FormOf(media.Type)
	var fields []script.Field
	switch form {
	case plan.JSON, plan.Form:
		if media.Schema != nil {
			fields = append(fields, script.Field{Key: "schema", Value: p.Expression(media.Schema)})
		}
	case plan.Multipart:
		if schema := p.plan.Inline(media.Schema); schema != nil {
			p.files = true
			fields = append(fields, script.Field{Key: "schema", Value: p.Expression(schema)})
			p.files = false
		}
	case plan.Text:
		if media.Schema != nil && plan.MediaType(media.Type) == "text/plain" {
			fields = append(fields, script.Field{Key: "schema", Value: p.Expression(media.Schema)})
		}
	}
	if form == plan.JSON || form == plan.Multipart {
		fields = append(fields, p.parse(media.Schema)...)
	}
	if len(fields) == 0 && p.describes(media, form) {
		fields = append(fields, script.Field{Key: "described", Value: p.Expression(media.Schema)})
	}
	shaped := form == plan.Form || form == plan.Multipart || plan.MediaType(media.Type) == "text/plain"
	if shaped && media.Schema != nil {
		if shape := p.shapeNode(p.plan.ShapeOf(media.Schema, form == plan.Multipart)); shape != nil {
			fields = append(fields, script.Field{Key: "shape", Value: shape})
		}
		if styles := encodings(media.Encoding, form); form != plan.Text && styles != nil {
			fields = append(fields, script.Field{Key: "styles", Value: script.Object(false, styles...)})
		}
	}
	return script.Object(false, fields...)
}

// describes tells whether a schema says more of a body that is handed on unread
// than that it is bytes or text.
func (p *Printer) describes(media *api.Media, form plan.MediaForm) bool {
	if form != plan.Binary && form != plan.Text || media.Schema == nil {
		return false
	}
	s := p.plan.Inline(media.Schema)
	return s != nil && s.Always == nil && (len(s.Types) > 0 && !slices.Contains(s.Types, "string") || s.Properties != nil || s.AllOf != nil || s.OneOf != nil || s.AnyOf != nil)
}

func encodings(list []api.Encoding, form plan.MediaForm) []script.Field {
	var fields []script.Field
	for _, encoding := range list {
		var members []script.Field
		switch {
		case plan.FormOf(encoding.ContentType) == plan.JSON && encoding.ContentType != "":
			members = append(members, script.Field{Key: "json", Value: script.Text("true")})
		case form == plan.Form:
			members = written(&api.Parameter{
				In: api.InQuery, Style: encoding.Style,
				Explode: encoding.Explode == nil && (encoding.Style == "" || encoding.Style == api.StyleForm) ||
					encoding.Explode != nil && *encoding.Explode,
			})
		}
		if members != nil {
			fields = append(fields, entry(encoding.Property, script.Object(false, members...)))
		}
	}
	return fields
}
