package emit

import (
	_ "embed"
	"strconv"
	"strings"

	"github.com/senior-backend/toolkit/scaffolder/internal/emit/plan"
	"github.com/senior-backend/toolkit/scaffolder/internal/emit/script"
)

// paginationSource is what all operations with pages share.
//
//go:embed paging/pagination.ts
var paginationSource string

// pagination adds the functions for pages of lists, where an operation has such
// and its handler is still to be written.
func (w *writer) pagination() {
	var b strings.Builder
	for _, operation := range w.plan.Operations {
		paging := w.pagingOf(operation)
		if paging == nil {
			continue
		}
		kind := "ByOffset"
		if paging.After != "" {
			kind = "ByCursor"
		}
		b.WriteString("  " + operation.Name + ": ")
		script.Print(&b, script.Object(true, pagingFields(paging)...), 1, 0, 1)
		b.WriteString(" satisfies " + kind + ",\n")
	}
	if b.Len() > 0 {
		source := paginationSource
		if w.plan.UsesInt64() {
			source = strings.Replace(source, "JSON.parse(text)", "exactly(text, schema)", 1)
			source = strings.Replace(source, "import { toJson } from", "import { exactly } from \"./int64.js\";\nimport { toJson } from", 1)
		}
		w.generated("middleware/pagination.ts", source+"/** How the operations page. */\nexport const paging = {\n"+b.String()+"};\n")
	}
}

func pagingFields(paging *plan.Paging) []script.Field {
	var fields []script.Field
	for _, one := range []struct{ key, name string }{
		{"size", paging.Size}, {"offset", paging.Offset}, {"page", paging.Page}, {"after", paging.After}, {"before", paging.Before},
	} {
		if one.name != "" {
			fields = append(fields, script.Field{Key: one.key, Value: script.String(one.name)})
		}
	}
	if paging.After == "" {
		fields = append(fields, script.Field{Key: "first", Value: script.Text(strconv.Itoa(paging.First))})
	}
	return append(fields,
		script.Field{Key: "standard", Value: script.Text(strconv.Itoa(paging.Standard))},
		script.Field{Key: "largest", Value: script.Text(strconv.Itoa(paging.Largest))},
	)
}

// pagingOf is how an operation pages whose handler is still to be written.
func (w *writer) pagingOf(operation *plan.Operation) *plan.Paging {
	if _, served := w.storage.Handler(operation.ID); served || operation.Unreachable {
		return nil
	}
	return operation.Paging(w.plan)
}

// pagingHint says in a handler's comment what its pages are made with.
func pagingHint(operation *plan.Operation, paging *plan.Paging) string {
	call := "offsetPage(paging." + operation.Name + ", request, context)"
	switch {
	case paging.ByID:
		call = "idPage(paging." + operation.Name + ", request, context)"
	case paging.After != "":
		call = "cursorPage(paging." + operation.Name + ", request, context, schema)"
	}
	return "Pages: " + call + " in middleware/pagination.ts"
}
