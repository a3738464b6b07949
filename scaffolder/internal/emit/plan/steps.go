package plan

import (
	"github.com/senior-backend/toolkit/scaffolder/internal/api"
	"github.com/senior-backend/toolkit/scaffolder/internal/emit/script"
)

// Steps are what a request passes before it is validated, as expressions.
func Steps(operation *Operation) []*script.Node {
	var steps []*script.Node
	if needs := needsNode(operation.Needs); needs != nil {
		steps = append(steps, script.Call("authorize", needs))
	}
	if operation.Body != nil {
		steps = append(steps, script.Text("body"))
	}
	return steps
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
