package storage

import (
	"slices"
	"strings"

	"github.com/senior-backend/toolkit/scaffolder/internal/emit/script"
	"github.com/senior-backend/toolkit/scaffolder/internal/relation"
)

func (t *table) imports() string { return script.Import("../db/tables/"+t.file+".js", t.constant) }

// handle writes the handlers of a table's operations.
func (s *Storage) handle(t *table) {
	add := func(operation, body string) {
		if operation != "" {
			s.handlers[operation] = Handler{Import: t.imports(), Body: body}
		}
	}
	add(t.List, t.call("const { rows, ...page } = ", "list", "request.query", "context")+`  return {
    status: 200,
    body: { data: rows, meta: { requestId: context.requestId, ...page } },
  };
`)
	tag, match := "", ""
	if t.Version != "" {
		tag, match = "    ...(result.etag && { headers: { ETag: result.etag } }),\n", `request.headers["If-Match"]`
	}
	one := func(status, method string, arguments ...string) string {
		return t.call("const result = ", method, arguments...) + "  return {\n    status: " + status + ",\n" + tag +
			"    body: { data: result.row, meta: { requestId: context.requestId } },\n  };\n"
	}
	add(t.Get, one("200", "find", "request.path", "request.query", "context"))
	add(t.Create, one("201", "create", "request.body", "context"))
	add(t.Replace, one("200", "replace", "request.path", "request.body", "context", match))
	add(t.Update, one("200", "update", "request.path", "request.body", "context", match))
	add(t.Delete, t.call("", "remove", "request.path", "context", match)+"  return { status: 204 };\n")
}

// call is the statement that calls a method of the table, laid out to fit the
// line. Empty arguments are left out.
func (t *table) call(before, method string, arguments ...string) string {
	arguments = slices.DeleteFunc(arguments, func(a string) bool { return a == "" })
	head := "  " + before + "await " + t.constant + "." + method + "("
	if line := head + strings.Join(arguments, ", ") + ");"; script.Width(line) <= 80 {
		return line + "\n"
	}
	return head + "\n    " + strings.Join(arguments, ",\n    ") + ",\n  );\n"
}

// callHandler serves the operation that calls a function.
func callHandler(f *function) Handler {
	name, sent := "functions."+f.constant, "request.body"
	if len(f.Parameters) == 0 {
		sent = "{}"
	}
	call := "await call(" + name + ", " + sent + ", context)"
	if script.Width("      data: "+call+",") > 80 {
		call = "await call(\n        " + name + ",\n        " + sent + ",\n        context,\n      )"
	}
	body := "  return {\n    status: 200,\n    body: {\n      data: " + call + ",\n" +
		"      meta: { requestId: context.requestId },\n    },\n  };\n"
	if f.Void {
		body = "  await call(" + name + ", " + sent + ", context);\n  return { status: 204 };\n"
	}
	return Handler{Import: script.Import("../db/call.js", "call") + "import * as functions from \"../db/functions.js\";\n", Body: body}
}

// functionsSource is the file of the functions.
func functionsSource(functions []*function) string {
	var b strings.Builder
	b.WriteString(script.Import("./call.js", "type Callable"))
	for _, f := range functions {
		fields := []script.Field{{Key: "schema", Value: script.String(f.Schema)}, {Key: "name", Value: script.String(f.Name)}}
		fields = append(fields, script.Field{Key: "parameters", Value: columnsNode(f.Parameters)})
		if f.Many {
			fields = append(fields, script.Field{Key: "many", Value: script.Text("true")})
		}
		if f.Fields != nil {
			fields = append(fields, script.Field{Key: "fields", Value: columnsNode(f.Fields)})
		}
		if f.Result.Form != relation.Plain {
			fields = append(fields, script.Field{Key: "result", Value: columnNode(f.Result)})
		}
		b.WriteString("\n" + script.Comment("", "The function "+f.Schema+"."+f.Name+"."))
		b.WriteString("export const " + f.constant + ": Callable = ")
		script.Print(&b, script.Object(true, fields...), 0, script.Width("export const "+f.constant+": Callable = "), 1)
		b.WriteString(";\n")
	}
	return b.String()
}
