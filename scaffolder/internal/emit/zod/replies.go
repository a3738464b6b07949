package zod

import (
	"strings"

	"github.com/senior-backend/toolkit/scaffolder/internal/api"
	"github.com/senior-backend/toolkit/scaffolder/internal/emit/plan"
	"github.com/senior-backend/toolkit/scaffolder/internal/emit/script"
)

// Replies writes responses.ts: the schemas that answers use, and what the
// answers of each operation must be like.
func Replies(p *plan.Plan) string {
	printer := New(p)
	printer.answers = true
	used := p.Answered()
	var body strings.Builder
	for _, schema := range p.Schemas {
		if used[schema] {
			printer.declaration(&body, schema)
		}
	}
	for _, operation := range p.Operations {
		if !operation.Unreachable {
			body.WriteString(script.Comment("", "The answers of "+operation.Name+": "+operation.Method+" "+operation.Path))
			script.PrintConstant(&body, "export const "+operation.Replies()+": ReplyValidator =", printer.replies(operation))
		}
	}
	if body.Len() == 0 {
		return "export {};\n"
	}
	var b strings.Builder
	text := body.String()
	if strings.Contains(text, "z.") || strings.Contains(text, " z\n") {
		b.WriteString("import { z } from \"zod\";\n")
	}
	b.WriteString(printer.integers(false, ""))
	b.WriteString("import type { ReplyValidator } from \"./replies.js\";\n")
	b.WriteString(script.Import("./schema.js", printer.Helpers()...))
	b.WriteString("\n" + strings.TrimRight(text, "\n") + "\n")
	return b.String()
}

// replies writes the answers by status and media type; undefined stands for a
// body that nothing is said of.
func (p *Printer) replies(operation *plan.Operation) *script.Node {
	var statuses []string
	content := map[string][]script.Field{}
	for _, answer := range operation.Answers() {
		if content[answer.Status] == nil {
			statuses = append(statuses, answer.Status)
			content[answer.Status] = []script.Field{}
		}
		if answer.Media == nil || answer.Envelope {
			continue
		}
		node := script.Text("undefined")
		if plan.FormOf(answer.Media.Type) == plan.JSON && answer.Media.Schema != nil {
			node = p.Expression(answer.Media.Schema)
		}
		content[answer.Status] = append(content[answer.Status], script.Field{Key: script.LiteralKey(answer.Media.Type), Value: node})
	}
	var fields []script.Field
	for _, status := range statuses {
		key := status
		if !script.IsIdentifier(status) && status[1:] == "XX" {
			key = script.Quote(status)
		}
		fields = append(fields, script.Field{Key: key, Value: script.Object(false, content[status]...)})
	}
	return script.Object(true, fields...)
}

// secret tells properties that answers must not hold.
func (p *Printer) secret(s *api.Schema) bool { return p.answers && p.plan.WriteOnly(s) }
