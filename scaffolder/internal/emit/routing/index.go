package routing

import (
	"strings"

	"github.com/senior-backend/toolkit/scaffolder/internal/emit/plan"
	"github.com/senior-backend/toolkit/scaffolder/internal/emit/script"
)

// Router is what differs between routers that are filled by calls like
// router.get(path, step, step).
type Router struct {
	Import   string // the line that imports Router
	New      string // the expression that makes one
	Skip     string // the step of router.all that lets only method %s through; "" where router.register takes any method
	PageStep string // what shows the API, of docs.ts
	Page     string // the statements that mount it
	Numbered bool   // the groups of expressions have numbers rather than names
}

// Index writes routes/index.ts.
func Index(p *plan.Plan, extras Extras, router Router) string {
	names := []string{"handle", "methodNotAllowed", "validate"}
	for _, operation := range p.Operations {
		if operation.Body != nil {
			names = append(names, "body")
			break
		}
	}
	var b strings.Builder
	b.WriteString(router.Import)
	if extras.Page {
		b.WriteString(script.Import("../middleware/docs.js", router.PageStep))
	}
	b.WriteString(Imports(p, extras, names...))
	b.WriteString("\n/** Every operation, mounted. More concrete paths come first. */\n")
	b.WriteString("export function routes(): Router {\n")
	b.WriteString("  const router = " + router.New + ";\n\n")
	namespaces := Namespaces(p)
	for _, route := range p.Routes() {
		for _, operation := range route.Operations {
			statement(&b, mount(router, operation, namespaces[operation], extras))
		}
		statement(&b, script.Call("router.all",
			Path(route.Parts), script.Call("methodNotAllowed", script.String(route.Allow()))))
		b.WriteByte('\n')
	}
	if extras.Page {
		b.WriteString("  " + router.Page + "\n\n")
	}
	b.WriteString("  return router;\n}\n")
	return b.String()
}

func statement(b *strings.Builder, node *script.Node) {
	b.WriteString("  ")
	script.Print(b, node, 1, 2, 1)
	b.WriteString(";\n")
}

// methods are those for which routers have a function of the name.
const methods = " get post put patch delete options head "

func mount(router Router, operation *plan.Operation, namespace string, extras Extras) *script.Node {
	method := strings.ToLower(operation.Method)
	steps := []*script.Node{Path(operation.Parts)}
	switch usual := strings.Contains(methods, " "+method+" "); {
	case !usual && router.Skip == "":
		method = "register"
		steps = append(steps, script.Array(script.String(operation.Method)))
	case !usual:
		method = "all"
		steps = append(steps, script.Text(strings.ReplaceAll(router.Skip, "%s", script.Quote(operation.Method))))
	}
	chain := steps
	if method == "register" {
		chain = nil
	}
	chain = append(chain, First(operation, extras)...)
	if operation.Body != nil {
		chain = append(chain, script.Text("body"))
	}
	arguments := []*script.Node{script.Text("validators." + operation.Validator)}
	if names := Names(operation.Parts, router.Numbered); len(names) > 0 {
		arguments = append(arguments, script.Object(false, names...))
	}
	chain = append(chain,
		script.Call("validate", arguments...),
		Handle(operation, namespace, extras),
	)
	if method == "register" {
		chain = append(steps, script.Array(chain...))
	}
	return script.Call("router."+method, chain...)
}
