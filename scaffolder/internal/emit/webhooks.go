package emit

import (
	"strings"

	"github.com/senior-backend/toolkit/scaffolder/internal/emit/plan"
	"github.com/senior-backend/toolkit/scaffolder/internal/emit/script"
)

// webhooks adds the functions that send webhooks and callbacks.
func (w *writer) webhooks() {
	if len(w.plan.Outgoing) == 0 {
		return
	}
	var names []string
	var b strings.Builder
	for _, one := range w.plan.Outgoing {
		names = append(names, one.RequestType)
		b.WriteString("\n" + sender(one))
	}
	imports := strings.Replace(script.Import("./types.js", names...), "import {", "import type {", 1)
	if len(names) > 0 && !strings.Contains(imports, "\n  ") && script.Width(imports) > 81 {
		imports = "import type {\n  " + strings.Join(names, ",\n  ") + ",\n} from \"./types.js\";\n"
	}
	w.generated("webhooks.ts", "/** Requests that the API sends: webhooks and callbacks. */\n"+
		"import { deliver, type Delivery } from \"./middleware/delivery.js\";\n"+imports+b.String())
}

func sender(one *plan.Outgoing) string {
	doc := one.Summary
	if doc == "" {
		doc = one.Description
	}
	contentType := "application/json"
	if accepted := one.Accepts(); len(accepted) > 0 {
		contentType = plan.MediaType(accepted[0].Type)
	}
	var b strings.Builder
	b.WriteString(script.Comment("", strings.TrimSpace(doc+"\n\n"+one.Origin)))
	b.WriteString("export async function " + one.Name + "(\n  url: string | URL,\n  message: " + one.RequestType +
		",\n  delivery?: Delivery,\n): Promise<Response> {\n  ")
	script.Print(&b, script.Call("return deliver", script.String(one.Method), script.Text("url"),
		script.String(contentType), script.Text("message"), script.Text("delivery")), 1, 2, 1)
	b.WriteString(";\n}\n")
	return b.String()
}
