// Package fastify writes what of a server belongs to Fastify: paths in its
// notation, the plugin with the routes, and the sources that are the same for
// every API.
package fastify

import (
	"embed"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/senior-backend/toolkit/scaffolder/internal/emit/plan"
	"github.com/senior-backend/toolkit/scaffolder/internal/emit/routing"
	"github.com/senior-backend/toolkit/scaffolder/internal/emit/script"
)

// Files are the sources that are the same for every API.
//
//go:embed files/*.ts
var Files embed.FS

// Dependencies are the packages that the server needs, with their versions.
func Dependencies() (run, develop map[string]string) {
	return map[string]string{"@fastify/helmet": "13.2.0", "fastify": "5.12.8"}, nil
}

// Path writes a path in the notation of Fastify's router. Parameters whose
// names it would not understand, and those that share a segment with others or
// with text, are called p0, p1, ...; names tells what they are called really.
func Path(parts []plan.Part) (path string, names []script.Field) {
	var b strings.Builder
	for i, part := range parts {
		whole := (i == 0 || strings.HasSuffix(parts[i-1].Text, "/") && !parts[i-1].Parameter) &&
			(i == len(parts)-1 || strings.HasPrefix(parts[i+1].Text, "/") && !parts[i+1].Parameter)
		switch {
		case !part.Parameter:
			first := i > 0 && parts[i-1].Parameter && !strings.HasPrefix(part.Text, "/")
			b.WriteString(literal(part.Text, i, first))
		case whole && script.IsIdentifier(part.Text) && part.Text != "__proto__":
			b.WriteString(":" + part.Text)
		default:
			name := "p" + strconv.Itoa(i)
			names = append(names, script.Field{Key: name, Value: script.String(part.Text)})
			b.WriteString(":" + name)
			if !whole {
				b.WriteString("([^/]+?)")
			}
		}
	}
	return b.String(), names
}

// literal writes text. The router compares it with decoded paths; a colon is
// doubled, and a star outside a segment with parameters would match everything:
// an empty parameter before it makes it one with a parameter.
func literal(text string, index int, joined bool) string {
	var b strings.Builder
	for i, segment := range strings.Split(decoded(text), "/") {
		if i > 0 {
			b.WriteByte('/')
		}
		if strings.Contains(segment, "*") && !(joined && i == 0) {
			b.WriteString(":t" + strconv.Itoa(index) + "x" + strconv.Itoa(i) + "()")
		}
		b.WriteString(strings.ReplaceAll(segment, ":", "::"))
	}
	return b.String()
}

// decoded takes percent signs out, but for characters that mean something else
// when they stand in a path as they are.
func decoded(text string) string {
	var b []byte
	for i := 0; i < len(text); i++ {
		if text[i] == '%' && i+2 < len(text) {
			if code, err := strconv.ParseUint(text[i+1:i+3], 16, 8); err == nil && !strings.ContainsRune("#$&+,/:;=?@%", rune(code)) {
				b = append(b, byte(code))
				i += 2
				continue
			}
		}
		b = append(b, text[i])
	}
	if !utf8.Valid(b) {
		return text
	}
	return string(b)
}

// Index writes routes/index.ts.
func Index(p *plan.Plan, extras routing.Extras) string {
	var b strings.Builder
	b.WriteString("import type { FastifyInstance } from \"fastify\";\n")
	if extras.Page {
		b.WriteString("import { docs } from \"../middleware/docs.js\";\n")
	}
	b.WriteString(routing.Imports(p, extras, "handle", "methodNotAllowed", "validate"))
	b.WriteString("\n/** Every operation, mounted. */\n")
	b.WriteString("export function routes(\n  app: FastifyInstance,\n  _options: object,\n  done: () => void,\n): void {\n")
	for _, method := range unusual(p) {
		b.WriteString("  app.addHttpMethod(" + script.Quote(method) + ", { hasBody: true, overrideExisting: true });\n")
	}
	namespaces := routing.Namespaces(p)
	for _, route := range p.Routes() {
		for _, operation := range route.Operations {
			statement(&b, script.Call("app.route", mount(operation, namespaces[operation], extras)))
		}
		path, _ := Path(route.Parts)
		statement(&b, script.Call("methodNotAllowed", script.Text("app"), script.String(path), script.String(route.Allow())))
		b.WriteByte('\n')
	}
	if extras.Page {
		b.WriteString("  docs(app);\n")
	}
	b.WriteString("  done();\n}\n")
	return b.String()
}

func statement(b *strings.Builder, node *script.Node) {
	b.WriteString("  ")
	script.Print(b, node, 1, 2, 1)
	b.WriteString(";\n")
}

// unusual are the methods that Fastify has to be told of: those that it does not
// know, and those that it does not expect to have a body.
func unusual(p *plan.Plan) []string {
	known := []string{"POST", "PUT", "PATCH", "DELETE", "OPTIONS"}
	bodiless := []string{"GET", "HEAD"}
	var methods []string
	for _, operation := range p.Operations {
		usual := slices.Contains(known, operation.Method) || operation.Body == nil && slices.Contains(bodiless, operation.Method)
		if !usual && !slices.Contains(methods, operation.Method) {
			methods = append(methods, operation.Method)
		}
	}
	return methods
}

func mount(operation *plan.Operation, namespace string, extras routing.Extras) *script.Node {
	path, names := Path(operation.Parts)
	fields := []script.Field{
		{Key: "method", Value: script.String(operation.Method)},
		{Key: "url", Value: script.String(path)},
	}
	switch first := routing.First(operation, extras); len(first) {
	case 0:
	case 1:
		fields = append(fields, script.Field{Key: "onRequest", Value: first[0]})
	default:
		fields = append(fields, script.Field{Key: "onRequest", Value: script.Array(first...)})
	}
	arguments := []*script.Node{script.Text("validators." + operation.Validator)}
	if len(names) > 0 {
		arguments = append(arguments, script.Object(false, names...))
	}
	fields = append(fields,
		script.Field{Key: "preHandler", Value: script.Call("validate", arguments...)},
		script.Field{Key: "handler", Value: routing.Handle(operation, namespace, extras)},
	)
	return script.Object(true, fields...)
}
