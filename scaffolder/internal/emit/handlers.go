package emit

import (
	"path"
	"strings"

	"github.com/senior-backend/toolkit/scaffolder/internal/emit/plan"
	"github.com/senior-backend/toolkit/scaffolder/internal/emit/script"
)

const handlerImports = `import { notImplemented } from "../middleware/errors.js";
import type { Handlers } from "../types.js";
`

// group adds the file with the handlers of one tag.
func (w *writer) group(group *plan.Group) {
	file := File{Path: path.Join(w.options.Source, "routes", group.File+".ts"), Owner: User}
	var b strings.Builder
	b.WriteString(handlerImports)
	for _, operation := range group.Operations {
		handler := Handler{Name: operation.Name, Code: handlerCode(operation)}
		file.Handlers = append(file.Handlers, handler)
		b.WriteString("\n" + handler.Code)
	}
	file.Content = b.String()
	w.add(file)
}

func handlerCode(operation *plan.Operation) string {
	doc := operation.Summary
	if doc == "" {
		doc = operation.Description
	}
	doc = strings.TrimSpace(doc + "\n\n" + operation.Method + " " + operation.Path)
	if operation.Deprecated {
		doc += "\n\nDeprecated."
	}
	var b strings.Builder
	b.WriteString(script.Comment("", doc))
	b.WriteString("export const " + operation.Name + ": Handlers[" + script.Quote(operation.Name) + "] = async (")
	head := script.Width("export const : Handlers[] = async (request) => {") + 2*script.Width(operation.Name) + 2
	if head <= 80 {
		b.WriteString("request) => {\n")
	} else {
		b.WriteString("\n  request,\n) => {\n")
	}
	b.WriteString("  // Your code goes here. Until then the operation answers 501.\n")
	b.WriteString("  return notImplemented(request);\n};\n")
	return b.String()
}
