// Package routing writes what the routers of all frameworks have in common: the
// imports of routes/index.ts, and the steps that a request passes.
package routing

import (
	"slices"
	"strings"

	"github.com/senior-backend/toolkit/scaffolder/internal/api"
	"github.com/senior-backend/toolkit/scaffolder/internal/emit/plan"
	"github.com/senior-backend/toolkit/scaffolder/internal/emit/script"
)

// First are the steps before a request is read: what is said of operations that
// will go away, the stricter limit, and what callers must prove.
func First(operation *plan.Operation) []*script.Node {
	var steps []*script.Node
	if operation.Deprecated {
		since, sunset := operation.Deprecation()
		arguments := []*script.Node{script.String(since)}
		if sunset != "" {
			arguments = append(arguments, script.String(sunset))
		}
		steps = append(steps, script.Call("deprecated", arguments...))
	}
	if operation.TriesPasswords() {
		steps = append(steps, script.Text("limitLogins"))
	}
	if needs := needsNode(operation.Needs); needs != nil {
		steps = append(steps, script.Call("authorize", needs))
	}
	return steps
}

// Handle writes the step that calls the handler.
func Handle(operation *plan.Operation, namespace string, replies bool) *script.Node {
	arguments := []*script.Node{script.Text(namespace + "." + operation.Name)}
	if replies {
		arguments = append(arguments, script.Text("replies."+operation.Replies()))
	}
	return script.Call("handle", arguments...)
}

// Imports writes the imports of routes/index.ts: the named steps as far as they
// are used, the validators, and every group of handlers.
func Imports(p *plan.Plan, replies bool, always ...string) string {
	names, logins := always, false
	for _, operation := range p.Operations {
		if len(operation.Needs) > 0 && !slices.Contains(names, "authorize") {
			names = append(names, "authorize")
		}
		if operation.Deprecated && !slices.Contains(names, "deprecated") {
			names = append(names, "deprecated")
		}
		logins = logins || operation.TriesPasswords()
	}
	var b strings.Builder
	if len(p.Operations) > 0 {
		slices.Sort(names)
		b.WriteString(script.Import("../middleware/adapter.js", names...))
		if replies {
			b.WriteString("import * as replies from \"../middleware/responses.js\";\n")
		}
		if logins {
			b.WriteString("import { limitLogins } from \"../middleware/security.js\";\n")
		}
		b.WriteString("import * as validators from \"../middleware/validators.js\";\n")
	}
	for _, group := range p.Groups {
		if !slices.ContainsFunc(group.Operations, func(o *plan.Operation) bool { return !o.Unreachable }) {
			continue
		}
		b.WriteString("import * as " + group.Namespace + " from " + script.Quote("./"+group.File+".js") + ";\n")
	}
	return b.String()
}

// Namespaces tell for every operation what its group is imported as.
func Namespaces(p *plan.Plan) map[*plan.Operation]string {
	namespaces := map[*plan.Operation]string{}
	for _, group := range p.Groups {
		for _, operation := range group.Operations {
			namespaces[operation] = group.Namespace
		}
	}
	return namespaces
}

// needsNode writes what callers must prove; nil when that is nothing.
func needsNode(needs []api.Requirement) *script.Node {
	var alternatives []*script.Node
	for _, requirement := range needs {
		var fields []script.Field
		for _, use := range requirement {
			scopes := make([]*script.Node, 0, len(use.Scopes))
			for _, scope := range use.Scopes {
				scopes = append(scopes, script.String(scope))
			}
			fields = append(fields, script.Field{Key: script.LiteralKey(use.Scheme), Value: script.Array(scopes...)})
		}
		alternatives = append(alternatives, script.Object(false, fields...))
	}
	if alternatives == nil {
		return nil
	}
	return script.Array(alternatives...)
}
