// Package trial writes the tests of a generated project: requests to each of its
// operations, made by package example, and what sends them.
package trial

import (
	"embed"
	"encoding/json"
	"slices"
	"strings"

	"github.com/senior-backend/toolkit/scaffolder/internal/api"
	"github.com/senior-backend/toolkit/scaffolder/internal/emit/example"
	"github.com/senior-backend/toolkit/scaffolder/internal/emit/plan"
	"github.com/senior-backend/toolkit/scaffolder/internal/emit/script"
	"github.com/senior-backend/toolkit/scaffolder/internal/emit/zod"
)

//go:embed *.ts
var sources embed.FS

// invalid is how many invalid requests the test of an operation sends.
const invalid = 4

// Files writes the files of the folder test, by name. fastify says that the
// application is one of Fastify's.
func Files(p *plan.Plan, fastify bool) map[string]string {
	files := map[string]string{"schemes.ts": schemes(p)}
	for name, source := range map[string]string{"harness.ts": "harness.ts", "listen.ts": "listen_http.ts"} {
		if fastify && name == "listen.ts" {
			source = "listen_fastify.ts"
		}
		content, err := sources.ReadFile(source)
		if err == nil {
			files[name] = string(content)
		}
	}
	for _, group := range p.Groups {
		if text := testsOf(p, group); text != "" {
			files[group.File+".test.ts"] = text
		}
	}
	return files
}

// schemes writes what the harness has to know of the security schemes.
func schemes(p *plan.Plan) string {
	var nodes []*script.Node
	for _, scheme := range p.Schemes {
		kind := kindOf(scheme)
		if kind == "" {
			continue
		}
		nodes = append(nodes, script.Object(true,
			script.Field{Key: "name", Value: script.String(scheme.Name)},
			script.Field{Key: "kind", Value: script.String(kind)},
			script.Field{Key: "setting", Value: script.String(scheme.Env)},
			script.Field{Key: "parameter", Value: script.String(scheme.Parameter)},
		))
	}
	var b strings.Builder
	b.WriteString("/** The security schemes, and where their proofs stand. */\n")
	b.WriteString("export const schemes: readonly {\n  name: string;\n  kind: \"bearer\" | \"basic\" | \"header\" | \"query\" | \"cookie\";\n" +
		"  setting: string;\n  parameter: string;\n}[] =")
	b.WriteByte(' ')
	script.Print(&b, script.Array(nodes...), 0, script.Width("}[] = "), 1)
	b.WriteString(";\n")
	return b.String()
}

// kindOf is how the tests prove a scheme; "" where they cannot.
func kindOf(scheme *plan.Scheme) string {
	http := scheme.SecurityScheme.Scheme
	switch {
	case scheme.Kind == api.SecurityAPIKey && (scheme.In == api.InHeader || scheme.In == api.InQuery || scheme.In == api.InCookie):
		return scheme.In
	case scheme.Kind == api.SecurityHTTP && http == "basic":
		return "basic"
	case scheme.Kind == api.SecurityHTTP && http == "bearer", scheme.Kind == api.SecurityOAuth2, scheme.Kind == api.SecurityOpenIDConnect:
		return "bearer"
	}
	return ""
}

func testsOf(p *plan.Plan, group *plan.Group) string {
	var b strings.Builder
	used := map[string]bool{}
	for _, operation := range group.Operations {
		// What Node's fetch does not send cannot be tried with it.
		if !operation.Unreachable && operation.Method != "TRACE" && operation.Method != "CONNECT" {
			testOf(&b, p, operation, used)
		}
	}
	if b.Len() == 0 {
		return ""
	}
	var names []string
	for _, name := range []string{"passes", "refuses", "refusesStrangers"} {
		if used[name] {
			names = append(names, name)
		}
	}
	return "/** Requests to the operations: valid ones pass, others are refused. */\nimport { test } from \"node:test\";\n" +
		script.Import("./harness.js", append(names, "type Sent")...) + b.String()
}

// testOf writes the test of one operation.
func testOf(b *strings.Builder, p *plan.Plan, operation *plan.Operation, used map[string]bool) {
	cases := Choose(example.Cases(p, operation, 60))
	if operation.Body != nil && (operation.Method == "GET" || operation.Method == "HEAD") {
		return // nor does fetch send their bodies
	}
	if len(cases) == 0 {
		return
	}
	as, provable := proofs(p, operation)
	usual := fieldsOf(cases[0].Request, as)
	var statements []*script.Node
	call := func(name string, arguments ...*script.Node) {
		used[name] = true
		statements = append(statements, script.Call("await "+name, arguments...))
	}
	for i, one := range cases {
		switch {
		case !provable:
		case i == 0:
			call("passes", script.Text("request"))
		case one.Keyword == "":
			call("passes", changed(usual, fieldsOf(one.Request, as)))
		default:
			field := one.Field
			if one.Within && field == "body" {
				field = "" // which of its fields depends on the alternative
			}
			call("refuses", script.String(field), changed(usual, fieldsOf(one.Request, as)))
		}
	}
	open := slices.ContainsFunc(operation.Needs, func(r api.Requirement) bool { return len(r) == 0 })
	if len(operation.Needs) > 0 && !open {
		call("refusesStrangers", script.Text("request"))
	}
	if len(statements) == 0 {
		return
	}
	b.WriteString("\ntest(" + script.Quote(operation.Name+": "+operation.Method+" "+operation.Path) + ", async () => {\n")
	b.WriteString("  const request: Sent = ")
	script.Print(b, script.Object(true, usual...), 1, script.Width("  const request: Sent = "), 1)
	b.WriteString(";\n")
	for _, statement := range statements {
		b.WriteString("  ")
		script.Print(b, statement, 1, 2, 1)
		b.WriteString(";\n")
	}
	b.WriteString("});\n")
}

// changed writes a request as what differs from the usual one.
func changed(usual, fields []script.Field) *script.Node {
	written := []script.Field{{Value: script.Text("...request")}}
	for _, field := range fields {
		at := slices.IndexFunc(usual, func(other script.Field) bool { return other.Key == field.Key })
		if at < 0 || textOf(usual[at].Value) != textOf(field.Value) {
			written = append(written, field)
		}
	}
	for _, field := range usual {
		if slices.ContainsFunc(fields, func(other script.Field) bool { return other.Key == field.Key }) {
			continue
		}
		written = append(written, script.Field{Key: field.Key, Value: script.Text("undefined")})
	}
	if len(written) == 1 {
		return script.Text("request")
	}
	return script.Object(false, written...)
}

func textOf(node *script.Node) string {
	var b strings.Builder
	script.Print(&b, node, 0, 0, 0)
	return b.String()
}

// Choose keeps the valid cases and a few of the others: one of each keyword
// first, as far as there is room.
func Choose(cases []example.Case) []example.Case {
	var chosen, rest []example.Case
	seen := map[string]bool{}
	count := 0
	for _, one := range cases {
		switch {
		case one.Keyword == "":
			chosen = append(chosen, one)
		case !seen[one.Keyword] && count < invalid:
			seen[one.Keyword] = true
			count++
			chosen = append(chosen, one)
		default:
			rest = append(rest, one)
		}
	}
	return append(chosen, rest[:min(len(rest), invalid-count)]...)
}

// proofs are the schemes of the first alternative that the tests can prove;
// false when there is none.
func proofs(p *plan.Plan, operation *plan.Operation) (*script.Node, bool) {
	if len(operation.Needs) == 0 {
		return nil, true
	}
	for _, requirement := range operation.Needs {
		var fields []script.Field
		authorizations, possible := 0, true
		for _, use := range requirement {
			scheme := p.Scheme(use.Scheme)
			kind := ""
			if scheme != nil {
				kind = kindOf(scheme)
			}
			if kind == "bearer" || kind == "basic" {
				authorizations++
			}
			possible = possible && kind != "" && (kind == "bearer" || len(use.Scopes) == 0)
			var scopes []*script.Node
			for _, scope := range use.Scopes {
				possible = possible && !strings.ContainsAny(scope, " ")
				scopes = append(scopes, script.String(scope))
			}
			fields = append(fields, script.Field{Key: script.LiteralKey(use.Scheme), Value: script.Array(scopes...)})
		}
		if possible && authorizations < 2 {
			if len(fields) == 0 {
				return nil, true
			}
			return script.Object(false, fields...), true
		}
	}
	return nil, false
}

// fieldsOf writes a request.
func fieldsOf(request example.Request, as *script.Node) []script.Field {
	fields := []script.Field{
		{Key: "method", Value: script.String(request.Method)},
		{Key: "path", Value: script.String(request.Target)},
	}
	contentType := ""
	var headers []script.Field
	for _, header := range request.Headers {
		if strings.EqualFold(header.Name, "Content-Type") {
			contentType = header.Value
			if contentType == "application/json" && json.Valid(request.Body) {
				continue
			}
		}
		headers = append(headers, script.Field{Key: script.LiteralKey(header.Name), Value: script.String(header.Value)})
	}
	if headers != nil {
		fields = append(fields, script.Field{Key: "headers", Value: script.Object(false, headers...)})
	}
	switch {
	case request.Body == nil:
	case strings.HasSuffix(contentType, "json") && json.Valid(request.Body) && exact(request.Body):
		fields = append(fields, script.Field{Key: "json", Value: zod.Literal(api.Value(request.Body))})
	default:
		if contentType == "application/json" {
			headers = append(headers, script.Field{Key: script.LiteralKey("Content-Type"), Value: script.String(contentType)})
			fields = slices.DeleteFunc(fields, func(f script.Field) bool { return f.Key == "headers" })
			fields = append(fields, script.Field{Key: "headers", Value: script.Object(false, headers...)})
		}
		fields = append(fields, script.Field{Key: "body", Value: script.String(string(request.Body))})
	}
	if as != nil {
		fields = append(fields, script.Field{Key: "as", Value: as})
	}
	return fields
}

// exact tells whether no number in a JSON text would change as a literal.
func exact(body []byte) bool {
	decoder := json.NewDecoder(strings.NewReader(string(body)))
	decoder.UseNumber()
	for {
		token, err := decoder.Token()
		if err != nil {
			return true
		}
		if number, ok := token.(json.Number); ok && len(number) > 15 {
			return false
		}
	}
}
