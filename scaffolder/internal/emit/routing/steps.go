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

// Extras are the steps that are taken only where they are asked for.
type Extras struct {
	Replies bool // answers are checked too
	Once    bool // what comes again with its Idempotency-Key is done once
	Roles   bool // callers need roles
	Page    bool // the routes show what the API can do
}

// once is the step around a handler, "" for none.
func (e Extras) once(operation *plan.Operation) string {
	if !e.Once {
		return ""
	}
	return map[plan.Repeats]string{plan.Once: "once", plan.OnceByKey: "onceWithKey"}[operation.Repeats()]
}

// First are the steps before a request is read: what is said of operations that
// will go away, the stricter limit, and what callers must prove.
func First(operation *plan.Operation, extras Extras) []*script.Node {
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
		arguments := []*script.Node{needs}
		if extras.Roles {
			arguments = append(arguments, script.Call("permit", script.String(operation.Name)))
		}
		steps = append(steps, script.Call("authorize", arguments...))
	}
	return steps
}

// Handle writes the step that calls the handler.
func Handle(operation *plan.Operation, namespace string, extras Extras) *script.Node {
	arguments := []*script.Node{script.Text(namespace + "." + operation.Name)}
	once := extras.once(operation)
	switch {
	case extras.Replies:
		arguments = append(arguments, script.Text("replies."+operation.Replies()))
	case once != "":
		arguments = append(arguments, script.Text("undefined"))
	}
	if once != "" {
		arguments = append(arguments, script.Text(once))
	}
	return script.Call("handle", arguments...)
}

// Imports writes the imports of routes/index.ts: the named steps as far as they
// are used, the validators, and every group of handlers.
func Imports(p *plan.Plan, extras Extras, always ...string) string {
	names, logins, roles := always, false, false
	var onces []string
	for _, operation := range p.Operations {
		if len(operation.Needs) > 0 && !slices.Contains(names, "authorize") {
			names = append(names, "authorize")
		}
		if operation.Deprecated && !slices.Contains(names, "deprecated") {
			names = append(names, "deprecated")
		}
		logins = logins || operation.TriesPasswords()
		roles = roles || extras.Roles && operation.Guarded()
		if once := extras.once(operation); once != "" && !operation.Unreachable && !slices.Contains(onces, once) {
			onces = append(onces, once)
		}
	}
	var b strings.Builder
	if len(p.Operations) > 0 {
		slices.Sort(names)
		b.WriteString(script.Import("../middleware/adapter.js", names...))
		if len(onces) > 0 {
			slices.Sort(onces)
			b.WriteString(script.Import("../middleware/idempotency.js", onces...))
		}
		if roles {
			b.WriteString("import { permit } from \"../middleware/rbac.js\";\n")
		}
		if extras.Replies {
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
