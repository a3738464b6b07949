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
	head := "export const " + operation.Name + ": Handlers[" + script.Quote(operation.Name) + "] ="
	body := "async (request) => {\n" +
		"  // Your code goes here. Until then the operation answers 501.\n" +
		"  return notImplemented(request);\n};\n"
	switch {
	case script.Width(head+" async (request) => {") <= 80:
		b.WriteString(head + " " + body)
	case script.Width(head+" async (") <= 80:
		b.WriteString(head + " " + strings.Replace(body, "(request)", "(\n  request,\n)", 1))
	default:
		b.WriteString(head + "\n  " + strings.TrimRight(strings.ReplaceAll(body, "\n", "\n  "), " "))
	}
	return b.String()
}
