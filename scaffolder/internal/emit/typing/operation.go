package typing

import (
	"slices"
	"strings"

	"github.com/senior-backend/toolkit/scaffolder/internal/api"
	"github.com/senior-backend/toolkit/scaffolder/internal/emit/plan"
	"github.com/senior-backend/toolkit/scaffolder/internal/emit/script"
)

// File writes types.ts. Without handlers it holds types alone and imports
// nothing.
func File(p *plan.Plan, handlers bool) string {
	var b strings.Builder
	if handlers {
		b.WriteString("import type { Context } from \"./middleware/adapter.js\";\n\n")
	}
	answers, requests := Printer{Plan: p}, Printer{Plan: p, Request: true}
	for _, schema := range p.Schemas {
		answers.Declaration(&b, schema.Type, schema)
		if schema.RequestType != schema.Type {
			requests.Declaration(&b, schema.RequestType, schema)
		}
	}
	used := &statuses{}
	for _, operation := range p.Operations {
		requests.request(&b, operation)
		answers.response(&b, operation, used)
	}
	for _, one := range p.Outgoing {
		answers.message(&b, one)
	}
	if p.UsesInt64() {
		b.WriteString(int64Type)
	}
	if strings.Contains(b.String(), " Encoded<") {
		b.WriteString(encodedType)
	}
	if requests.uploads(p) {
		b.WriteString(uploadType)
	}
	b.WriteString(used.declarations())
	if handlers {
		b.WriteString(handlerType)
		b.WriteString("/** The handlers, by operation. */\n")
		if len(p.Operations) == 0 {
			b.WriteString("export type Handlers = Record<string, never>;\n")
			return b.String()
		}
		b.WriteString("export interface Handlers {\n")
		for _, operation := range p.Operations {
			one := operation.Name + ": Handler<" + operation.RequestType + ", " + operation.ResponseType + ">;"
			if script.Width(one)+2 > 80 {
				one = operation.Name + ": Handler<\n    " + operation.RequestType + ",\n    " + operation.ResponseType + "\n  >;"
			}
			b.WriteString("  " + one + "\n")
		}
		b.WriteString("}\n")
	}
	if b.Len() == 0 {
		return "export {};\n"
	}
	return strings.TrimRight(b.String(), "\n") + "\n"
}

const int64Type = `/** An integer of 64 bits: a number as far as numbers are exact, and a bigint beyond. */
export type Int64 = number | bigint;

`

const uploadType = `/** A file that came with a form. */
export interface Upload {
  filename: string;
  contentType: string;
  bytes: Uint8Array;
}

`

const handlerType = `/** Serves one operation: a valid request in, an answer out. */
export type Handler<Request, Response> = (
  request: Request,
  context: Context,
) => Promise<Response>;

`

// message is what is sent to others: as answers do, it holds what is read only.
func (p Printer) message(b *strings.Builder, one *plan.Outgoing) {
	p.asked(b, one.Operation, "What "+one.Name+" sends.")
}

func (p Printer) request(b *strings.Builder, operation *plan.Operation) {
	p.asked(b, operation, "What "+operation.Name+" is asked.")
}

func (p Printer) asked(b *strings.Builder, operation *plan.Operation, doc string) {
	var fields []script.Field
	for _, place := range []struct{ in, name string }{
		{api.InPath, "path"}, {api.InQuery, "query"}, {api.InHeader, "headers"}, {api.InCookie, "cookies"},
	} {
		if members := p.parameters(operation, place.in); len(members) > 0 {
			fields = append(fields, script.Field{Key: place.name, Value: script.Members(members...)})
		}
	}
	fields = append(fields, p.body(operation)...)
	b.WriteString(script.Comment("", doc))
	b.WriteString("export ")
	if len(fields) == 0 {
		b.WriteString("type " + operation.RequestType + " =")
		script.PrintDeclared(b, script.Text("object"), Width(operation.RequestType))
		b.WriteString(";\n\n")
		return
	}
	b.WriteString("interface " + operation.RequestType + " ")
	script.Print(b, script.Members(fields...), 0, 0, 0)
	b.WriteString("\n\n")
}

func (p Printer) parameters(operation *plan.Operation, in string) []script.Field {
	var fields []script.Field
	for _, parameter := range operation.Served(in) {
		schema := parameter.Schema
		if parameter.Content != nil {
			schema = parameter.Content.Schema
		}
		key := script.Key(parameter.Name)
		if !parameter.Required && p.Plan.Default(schema) == "" {
			key += "?"
		}
		kind, tags := p.tagged(schema)
		fields = append(fields, script.Field{Key: key, Value: kind, Doc: parameter.Description, Tags: tags})
	}
	return fields
}

func (p Printer) body(operation *plan.Operation) []script.Field {
	accepted := operation.Accepts()
	if len(accepted) == 0 {
		return nil
	}
	var nodes []*script.Node
	var types []*script.Node
	for _, media := range accepted {
		nodes = append(nodes, p.media(media))
		types = append(types, script.String(plan.MediaType(media.Type)))
	}
	if slices.ContainsFunc(nodes, func(n *script.Node) bool { return script.Same(n, unknown) }) {
		nodes = []*script.Node{script.Text(unknown)}
	} else if !operation.Body.Required {
		nodes = append(nodes, script.Text("undefined"))
	}
	var fields []script.Field
	if len(types) > 1 && !slices.ContainsFunc(accepted, func(m *api.Media) bool { return strings.Contains(m.Type, "*") }) {
		fields = append(fields, script.Field{Key: "contentType?", Value: script.Union(script.Distinct(types)...)})
	}
	return append(fields, script.Field{
		Key: "body", Value: script.Union(script.Distinct(nodes)...), Doc: operation.Body.Description,
	})
}

// media is the type of a request's body.
func (p Printer) media(media *api.Media) *script.Node {
	switch plan.FormOf(media.Type) {
	case plan.JSON, plan.Form:
		return p.Type(media.Schema)
	case plan.Multipart:
		files := p
		files.files = true
		return files.Type(p.Plan.Inline(media.Schema))
	case plan.Text:
		return script.Text("string")
	}
	return script.Text("Uint8Array")
}

func (p Printer) uploads(all *plan.Plan) bool {
	for _, operation := range all.Operations {
		for _, media := range operation.Accepts() {
			if plan.FormOf(media.Type) == plan.Multipart {
				return true
			}
		}
	}
	return false
}

func (p Printer) response(b *strings.Builder, operation *plan.Operation, used *statuses) {
	var nodes []*script.Node
	for _, answer := range operation.Answers() {
		fields := []script.Field{{Key: "status", Value: used.node(answer.Status, operation.Answers())}}
		switch {
		case answer.Envelope:
			fields = append(fields,
				script.Field{Key: "data", Value: script.Text(unknown)},
				script.Field{Key: "meta?", Value: script.Text("object")})
		case answer.Media != nil:
			switch {
			case answer.Named:
				fields = append(fields, script.Field{Key: "contentType", Value: contentType(answer.Media.Type)})
			case plan.MediaType(answer.Media.Type) != "application/json":
				fields = append(fields, script.Field{Key: "contentType?", Value: contentType(answer.Media.Type)})
			}
			fields = append(fields, script.Field{Key: "body", Value: p.answerBody(answer.Media)})
		}
		fields = append(fields, script.Field{Key: "headers?", Value: p.headers(answer)})
		node := script.Inlined(fields...)
		if answer.Response == nil { // there has to be a way to succeed
			node = script.Annotated(node, []string{"@internal"})
		}
		nodes = append(nodes, node)
	}
	b.WriteString(script.Doc{Text: "What " + operation.Name + " answers.", Tags: thrown(operation)}.Comment(""))
	b.WriteString("export type " + operation.ResponseType + " =")
	script.PrintDeclared(b, script.Union(script.Distinct(nodes)...), Width(operation.ResponseType))
	b.WriteString(";\n\n")
}

// thrown are tags for the errors that have no body of their own: handlers throw
// them, and they are answered in the error envelope.
func thrown(operation *plan.Operation) []string {
	var tags []string
	for _, response := range operation.Responses {
		if plan.Thrown(response) {
			text := strings.Join(strings.Fields(response.Description), " ")
			tags = append(tags, strings.TrimSpace("@throws "+response.Status+" "+script.Inline(text)))
		}
	}
	return tags
}

func contentType(name string) *script.Node {
	if strings.Contains(name, "*") {
		if strings.ContainsAny(name, "`$\\") {
			return script.Text("string")
		}
		return script.Text("`" + strings.ReplaceAll(name, "*", "${string}") + "`")
	}
	return script.String(name)
}

func (p Printer) answerBody(media *api.Media) *script.Node {
	switch plan.FormOf(media.Type) {
	case plan.JSON, plan.Form:
		return p.Type(media.Schema)
	}
	if p.structured(media.Schema) {
		return script.Suffix(p.Type(media.Schema), "Encoded<", ">")
	}
	if plan.FormOf(media.Type) == plan.Text {
		return script.Text("string")
	}
	return script.Text("string | Uint8Array | AsyncIterable<Uint8Array>")
}

// structured tells what is written as text or bytes, and is more than that.
func (p Printer) structured(s *api.Schema) bool {
	s = p.Plan.Inline(s)
	return s != nil && s.Always == nil && !script.Same(p.Type(s), unknown) && (len(s.Types) != 1 || s.Types[0] != "string")
}

const encodedType = `/** A T as the handler wrote it: in XML, in YAML, in bytes. */
export type Encoded<T> =
  string | Uint8Array | AsyncIterable<Uint8Array> | (T & never);

`

func (p Printer) headers(answer plan.Answer) *script.Node {
	if answer.Response == nil || len(answer.Response.Headers) == 0 {
		return script.Text("Record<string, string>")
	}
	var fields []script.Field
	for _, header := range answer.Response.Headers {
		fields = append(fields, script.Field{Key: script.Key(header.Name) + "?", Value: p.header(header)})
	}
	others := "string | number | undefined"
	if slices.ContainsFunc(answer.Response.Headers, func(h *api.Header) bool { return p.Plan.Int64(p.Plan.Inline(h.Schema)) }) {
		others = "string | Int64 | undefined"
	}
	fields = append(fields, script.Field{Key: "[name: string]", Value: script.Text(others)})
	return script.Inlined(fields...)
}

// header is the type of a header, which handlers give as text or as a number.
func (p Printer) header(header *api.Header) *script.Node {
	kind := script.Text("string")
	var tags []string
	if schema := p.Plan.Inline(header.Schema); schema != nil && len(schema.Types) < 2 {
		name := strings.Join(schema.Types, "")
		switch name {
		case "integer", "number":
			kind = p.numeric(schema, name)
			tags = p.own(schema, name)
		case "string":
			if values := p.values(schema); values != nil {
				kind = values
			} else {
				tags = p.own(schema, name)
			}
		case "boolean":
			tags = []string{"@type boolean"}
		}
		tags = append(tags, general(schema)...)
	}
	if header.Required {
		tags = append(tags, "@required")
	}
	return script.Annotated(kind, tags)
}

// statuses remembers which types of statuses are used.
type statuses struct {
	classes map[byte]bool
	other   bool
}

func (s *statuses) node(status string, all []plan.Answer) *script.Node {
	if s.classes == nil {
		s.classes = map[byte]bool{}
	}
	switch {
	case status == "default":
		s.other = true
		var known []*script.Node
		for _, answer := range all {
			if answer.Status != "default" {
				known = append(known, s.node(answer.Status, nil))
			}
		}
		if len(known) == 0 {
			return script.Text("Status")
		}
		return script.Suffix(script.Union(script.Distinct(known)...), "Exclude<Status, ", ">")
	case strings.HasSuffix(status, "XX"):
		s.classes[status[0]] = true
		return script.Text("Status" + status)
	}
	return script.Text(status)
}

var classes = map[byte]string{
	'1': "100 | 101 | 102 | 103",
	'2': "200 | 201 | 202 | 203 | 204 | 205 | 206 | 207 | 208 | 226",
	'3': "300 | 301 | 302 | 303 | 304 | 305 | 307 | 308",
	'4': "400 | 401 | 402 | 403 | 404 | 405 | 406 | 407 | 408 | 409 | 410 | 411 | 412 | 413 | 414 | 415 | 416 | 417 | 418 | 421 | 422 | 423 | 424 | 425 | 426 | 428 | 429 | 431 | 451",
	'5': "500 | 501 | 502 | 503 | 504 | 505 | 506 | 507 | 508 | 510 | 511",
}

func (s *statuses) declarations() string {
	var b strings.Builder
	for _, class := range []byte("12345") {
		if !s.other && !s.classes[class] {
			continue
		}
		var nodes []*script.Node
		for number := range strings.SplitSeq(classes[class], " | ") {
			nodes = append(nodes, script.Text(number))
		}
		name := "Status" + string(class) + "XX"
		b.WriteString("export type " + name + " =")
		script.PrintDeclared(&b, script.Union(nodes...), Width(name))
		b.WriteString(";\n\n")
	}
	if s.other {
		b.WriteString("export type Status = Status1XX | Status2XX | Status3XX | Status4XX | Status5XX;\n\n")
	}
	return b.String()
}
