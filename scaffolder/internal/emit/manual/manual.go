// Package manual writes the page that shows people what an API can do: one HTML
// file without scripts, which needs nothing else.
//
// A plan goes in; HTML comes out, and the policy that lets a browser show it.
// Whatever the API holds is escaped for where it stands.
package manual

import (
	"bytes"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"html"
	"strings"

	"github.com/senior-backend/toolkit/scaffolder/internal/api"
	"github.com/senior-backend/toolkit/scaffolder/internal/emit/example"
	"github.com/senior-backend/toolkit/scaffolder/internal/emit/plan"
	"github.com/senior-backend/toolkit/scaffolder/internal/emit/script"
	"github.com/senior-backend/toolkit/scaffolder/internal/emit/typing"
)

const style = `:root{color-scheme:light dark;font:16px/1.5 system-ui,sans-serif}
body{margin:0 auto;max-width:60rem;padding:1rem}
h1{margin-bottom:0}h2{border-bottom:1px solid;margin-top:2.5rem}
details{border:1px solid #8886;border-radius:.4rem;margin:.5rem 0;padding:.4rem .8rem}
summary{cursor:pointer}summary code{font-weight:600}
.method{display:inline-block;min-width:4.5rem;font:600 .8rem ui-monospace,monospace}
.gone{text-decoration:line-through}
table{border-collapse:collapse;width:100%}td,th{border-top:1px solid #8886;padding:.25rem .5rem;text-align:left;vertical-align:top}
pre{overflow-x:auto;padding:.6rem;background:#8882;border-radius:.4rem}
p{white-space:pre-line}`

// Policy is the Content-Security-Policy under which the page is shown: nothing
// but its own style.
func Policy() string {
	sum := sha256.Sum256([]byte(style))
	return "default-src 'none'; style-src 'sha256-" + base64.StdEncoding.EncodeToString(sum[:]) + "'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
}

// Page writes the page.
func Page(p *plan.Plan) string {
	w := &writer{plan: p, answers: typing.Printer{Plan: p}, requests: typing.Printer{Plan: p, Request: true}}
	title := p.API.Title
	if title == "" {
		title = "API"
	}
	w.add(`<!doctype html><html lang="en"><head><meta charset="utf-8">`,
		`<meta name="viewport" content="width=device-width"><title>`, w.text(title), `</title><style>`+style+`</style></head><body>`,
		`<h1>`, w.text(title), `</h1><p>Version `, w.text(p.API.Version), `, <a href="docs/openapi.json">its OpenAPI document</a></p>`)
	w.paragraph(p.API.Summary)
	w.paragraph(p.API.Description)
	for _, group := range p.Groups {
		w.add("<section><h2>", w.text(group.Tag), "</h2>")
		for _, tag := range p.API.Tags {
			if tag.Name == group.Tag {
				w.paragraph(tag.Description)
			}
		}
		for _, operation := range group.Operations {
			if !operation.Unreachable {
				w.operation(operation)
			}
		}
		w.add("</section>")
	}
	w.schemas()
	w.add("</body></html>\n")
	return w.b.String()
}

type writer struct {
	b                 strings.Builder
	plan              *plan.Plan
	answers, requests typing.Printer
}

func (w *writer) add(parts ...string) {
	for _, part := range parts {
		w.b.WriteString(part)
	}
}

// text escapes text for HTML; what shows in other directions is left out.
func (w *writer) text(text string) string {
	return html.EscapeString(strings.Map(func(r rune) rune {
		if r < 0x20 && r != '\n' && r != '\t' || r >= 0x202a && r <= 0x202e || r >= 0x2066 && r <= 0x2069 {
			return -1
		}
		return r
	}, text))
}

func (w *writer) paragraph(text string) {
	if text = strings.TrimSpace(text); text != "" {
		w.add("<p>", w.text(text), "</p>")
	}
}

func (w *writer) typed(printer typing.Printer, s *api.Schema) string {
	var b strings.Builder
	script.Print(&b, printer.Type(s), 0, 0, 0)
	return "<pre>" + w.text(b.String()) + "</pre>"
}

func (w *writer) operation(o *plan.Operation) {
	class := ""
	if o.Deprecated {
		class = ` class="gone"`
	}
	w.add(`<details><summary><span class="method">`, w.text(o.Method), `</span> <code`, class, `>`, w.text(w.plan.BasePath+o.Path), `</code> `,
		w.text(o.Summary), `</summary>`)
	w.paragraph(o.Description)
	if o.Deprecated {
		w.paragraph("Deprecated.")
	}
	w.needs(o)
	w.parameters(o)
	for _, media := range o.Accepts() {
		w.add("<h4>Body, ", w.text(media.Type), "</h4>")
		w.paragraph(o.Body.Description)
		w.add(w.typed(w.requests, media.Schema))
	}
	if cases := example.Cases(w.plan, o, 0); len(cases) > 0 && json.Valid(cases[0].Body) {
		w.add("<h4>Example of a body</h4><pre>", w.text(indented(cases[0].Body)), "</pre>")
	}
	for _, response := range o.Responses {
		w.add("<h4>", w.text(response.Status), " ", w.text(response.Description), "</h4>")
		for _, media := range response.Content {
			w.add("<p>", w.text(media.Type), "</p>", w.typed(w.answers, media.Schema))
		}
	}
	w.add("</details>\n")
}

func indented(text []byte) string {
	var b bytes.Buffer
	if err := json.Indent(&b, text, "", "  "); err != nil {
		return string(text)
	}
	return b.String()
}

func (w *writer) needs(o *plan.Operation) {
	var alternatives []string
	for _, requirement := range o.Needs {
		var names []string
		for _, use := range requirement {
			name := use.Scheme
			if len(use.Scopes) > 0 {
				name += " (" + strings.Join(use.Scopes, ", ") + ")"
			}
			names = append(names, name)
		}
		if len(names) == 0 {
			names = []string{"nothing"}
		}
		alternatives = append(alternatives, strings.Join(names, " and "))
	}
	if alternatives != nil {
		w.paragraph("Needs " + strings.Join(alternatives, ", or ") + ".")
	}
}

func (w *writer) parameters(o *plan.Operation) {
	if len(o.Parameters) == 0 {
		return
	}
	w.add("<table><tr><th>Parameter</th><th>In</th><th>Type</th><th>Description</th></tr>")
	for _, parameter := range o.Parameters {
		schema := parameter.Schema
		if parameter.Content != nil {
			schema = parameter.Content.Schema
		}
		required := ""
		if parameter.Required {
			required = ", required"
		}
		w.add("<tr><td><code>", w.text(parameter.Name), "</code></td><td>", w.text(parameter.In), required, "</td><td>",
			w.typed(w.requests, schema), "</td><td>", w.text(parameter.Description), "</td></tr>")
	}
	w.add("</table>")
}

func (w *writer) schemas() {
	if len(w.plan.Schemas) == 0 {
		return
	}
	w.add("<section><h2>Types</h2>")
	for _, schema := range w.plan.Schemas {
		var b strings.Builder
		w.answers.Declaration(&b, schema.Type, schema)
		if schema.RequestType != schema.Type {
			w.requests.Declaration(&b, schema.RequestType, schema)
		}
		w.add("<details><summary><code>", w.text(schema.Type), "</code></summary><pre>", w.text(strings.TrimSpace(b.String())), "</pre></details>\n")
	}
	w.add("</section>")
}
