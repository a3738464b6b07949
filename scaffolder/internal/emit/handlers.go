package emit

import (
	"path"
	"slices"
	"strings"

	"github.com/senior-backend/toolkit/scaffolder/internal/emit/plan"
	"github.com/senior-backend/toolkit/scaffolder/internal/emit/script"
)

const (
	importNotImplemented = "import { notImplemented } from \"../middleware/errors.js\";\n"
	importHandlers       = "import type { Handlers } from \"../types.js\";\n"
)

// group adds the file with the handlers of one tag.
func (w *writer) group(group *plan.Group) {
	file := File{Path: path.Join(w.options.Source, "routes", group.File+".ts"), Owner: User}
	var imports []string
	var b strings.Builder
	for _, operation := range group.Operations {
		body, line := notImplemented, importNotImplemented
		if served, ok := w.storage.Handler(operation.ID); ok && !operation.Unreachable {
			body, line = served.Body, served.Import
		}
		handler := Handler{Name: operation.Name, Code: handlerCode(operation, body, w.pagingOf(operation))}
		file.Handlers = append(file.Handlers, handler)
		b.WriteString("\n" + handler.Code)
		if !slices.Contains(imports, line) {
			imports = append(imports, line)
		}
	}
	file.Imports = strings.Join(append(imports, importHandlers), "")
	file.Content = file.Imports + b.String()
	w.add(file)
}

const notImplemented = "  // Your code goes here. Until then the operation answers 501.\n  return notImplemented(request);\n"

// handlerCode is the declaration of an operation's handler with the given body.
func handlerCode(operation *plan.Operation, statements string, paging *plan.Paging) string {
	doc := operation.Summary
	if doc == "" {
		doc = operation.Description
	}
	doc = strings.TrimSpace(doc + "\n\n" + operation.Method + " " + operation.Path)
	if paging != nil {
		doc += "\n\n" + pagingHint(operation, paging)
	}
	if operation.Deprecated {
		doc += "\n\nDeprecated."
	}
	if id := strings.Join(strings.Fields(operation.ID), " "); id != "" && id != operation.Name {
		doc += "\n\noperationId: " + id // what the document calls it, for who reads the code
	}
	parameters := "request"
	if strings.Contains(statements, "context") {
		parameters = "request, context"
	}
	var b strings.Builder
	b.WriteString(script.Comment("", doc))
	head := "export const " + operation.Name + ": Handlers[" + script.Quote(operation.Name) + "] ="
	body := "async (" + parameters + ") => {\n" + statements + "};\n"
	switch {
	case script.Width(head+" async ("+parameters+") => {") <= 80:
		b.WriteString(head + " " + body)
	case script.Width(head+" async (") <= 80:
		broken := "(\n  " + strings.ReplaceAll(parameters, ", ", ",\n  ") + ",\n)"
		b.WriteString(head + " " + strings.Replace(body, "("+parameters+")", broken, 1))
	default:
		b.WriteString(head + "\n  " + strings.TrimRight(strings.ReplaceAll(body, "\n", "\n  "), " "))
	}
	return b.String()
}
