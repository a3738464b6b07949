// Package express writes what of a server belongs to Express: paths in its
// notation, the router, and the sources that are the same for every API.
package express

import (
	"embed"
	"strings"

	"github.com/senior-backend/toolkit/scaffolder/internal/emit/plan"
	"github.com/senior-backend/toolkit/scaffolder/internal/emit/script"
)

// Files are the sources that are the same for every API.
//
//go:embed files/*.ts
var Files embed.FS

// Dependencies are the packages that the server needs, with their versions.
func Dependencies() (run, develop map[string]string) {
	return map[string]string{"express": "5.3.0", "express-rate-limit": "8.7.4", "helmet": "8.3.0"},
		map[string]string{"@types/express": "5.0.6"}
}

// Path writes a path in the notation of Express, as an expression.
func Path(parts []plan.Part) string {
	if adjacent(parts) {
		return expression(parts)
	}
	var b strings.Builder
	for _, part := range parts {
		if !part.Parameter {
			b.WriteString(escape(part.Text))
			continue
		}
		if script.IsIdentifier(part.Text) {
			b.WriteString(":" + part.Text)
			continue
		}
		b.WriteString(`:"` + strings.NewReplacer(`\`, `\\`, `"`, `\"`).Replace(part.Text) + `"`)
	}
	return script.Quote(b.String())
}

// escape takes their meaning from the characters that have one in paths. What
// stands percent-encoded or unencoded arrives encoded.
func escape(text string) string {
	var b strings.Builder
	for _, r := range text {
		if strings.ContainsRune(`\{}()[]+?!:*`, r) {
			b.WriteByte('\\')
		}
		b.WriteRune(r)
	}
	return b.String()
}

// adjacent tells paths whose parameters cannot be told apart by what stands
// between them, or whose names go on in the text after them.
func adjacent(parts []plan.Part) bool {
	for i := 1; i < len(parts); i++ {
		if !parts[i-1].Parameter {
			continue
		}
		if parts[i].Parameter || continues(parts[i].Text) {
			return true
		}
	}
	return false
}

// continues tells text that would be read as a part of the name before it.
func continues(text string) bool {
	c := text[0]
	return c >= '0' && c <= '9' || c|0x20 >= 'a' && c|0x20 <= 'z' || c == '_' || c == '$' || c >= 0x80
}

// expression writes a path as a regular expression with named groups.
func expression(parts []plan.Part) string {
	var b strings.Builder
	b.WriteByte('^')
	for i, part := range parts {
		if part.Parameter {
			b.WriteString("(?<" + group(part.Text, i) + ">[^/]+?)")
			continue
		}
		for _, r := range part.Text {
			if strings.ContainsRune(`\^$.*+?()[]{}|/`, r) {
				b.WriteByte('\\')
			}
			b.WriteRune(r)
		}
	}
	b.WriteByte('$')
	return "new RegExp(" + script.Quote(b.String()) + ")"
}

func group(name string, index int) string {
	if script.IsIdentifier(name) {
		return name
	}
	return "p" + string(rune('a'+index%26))
}

// Index writes routes/index.ts.
func Index(p *plan.Plan) string {
	var b strings.Builder
	b.WriteString("import { Router } from \"express\";\n")
	names := []string{"handle", "methodNotAllowed", "validate"}
	for _, operation := range p.Operations {
		if len(operation.Needs) > 0 && !contains(names, "authorize") {
			names = append([]string{"authorize"}, names...)
		}
		if operation.Body != nil && !contains(names, "body") {
			names = append(names, "body")
		}
	}
	if len(p.Routes()) > 0 {
		b.WriteString(script.Import("../middleware/adapter.js", sorted(names)...))
		b.WriteString("import * as validators from \"../middleware/validators.js\";\n")
	}
	for _, group := range p.Groups {
		b.WriteString("import * as " + group.Namespace + " from " + script.Quote("./"+group.File+".js") + ";\n")
	}
	b.WriteString("\n/** Every operation, mounted. More concrete paths come first. */\n")
	b.WriteString("export function routes(): Router {\n")
	b.WriteString("  const router = Router({ caseSensitive: true, strict: true });\n\n")
	namespaces := map[*plan.Operation]string{}
	for _, group := range p.Groups {
		for _, operation := range group.Operations {
			namespaces[operation] = group.Namespace
		}
	}
	for _, route := range p.Routes() {
		writeRoute(&b, route, namespaces)
	}
	b.WriteString("  return router;\n}\n")
	return b.String()
}

func contains(list []string, name string) bool {
	for _, one := range list {
		if one == name {
			return true
		}
	}
	return false
}

func sorted(names []string) []string {
	for i := range names {
		for j := i; j > 0 && names[j] < names[j-1]; j-- {
			names[j], names[j-1] = names[j-1], names[j]
		}
	}
	return names
}

// methods are those for which a router has a function of the name.
const methods = " get post put patch delete options head trace "

func writeRoute(b *strings.Builder, route *plan.Route, namespaces map[*plan.Operation]string) {
	for _, operation := range route.Operations {
		steps := plan.Steps(operation)
		steps = append(steps,
			script.Call("validate", script.Text("validators."+operation.Validator)),
			script.Call("handle", script.Text(namespaces[operation]+"."+operation.Name)),
		)
		method := strings.ToLower(operation.Method)
		path := script.Text(Path(operation.Parts))
		var node *script.Node
		if strings.Contains(methods, " "+method+" ") {
			node = script.Call("router."+method, append([]*script.Node{path}, steps...)...)
		} else {
			head := "(req, res, next) => (req.method === " + script.Quote(operation.Method) + " ? next() : next(\"route\"))"
			node = script.Call("router.all", append([]*script.Node{path, script.Text(head)}, steps...)...)
		}
		b.WriteString("  ")
		script.Print(b, node, 1, 2, 1)
		b.WriteString(";\n")
	}
	b.WriteString("  ")
	script.Print(b, script.Call("router.all",
		script.Text(Path(route.Parts)), script.Call("methodNotAllowed", script.String(route.Allow()))), 1, 2, 1)
	b.WriteString(";\n\n")
}
