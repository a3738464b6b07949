package main

import (
	"fmt"
	"slices"
	"strings"

	"github.com/senior-backend/toolkit/scaffolder/internal/api"
	"github.com/senior-backend/toolkit/scaffolder/internal/emit/plan"
)

// comparison holds one API against what came back of it.
type comparison struct {
	before, after *api.API
	*shapes
	// readers of the two APIs' schemas, in requests and in answers
	asked, askedNow, said, saidNow *reader
	list                           []difference
}

func newComparison(before, after *api.API) *comparison {
	s := newShapes()
	return &comparison{
		before: before, after: after, shapes: s,
		asked: s.reader(before, true), askedNow: s.reader(after, true),
		said: s.reader(before, false), saidNow: s.reader(after, false),
	}
}

// differences names what an operation and what came back of it differ in.
func (c *comparison) differences(op *api.Operation) []difference {
	c.list = nil
	i := slices.IndexFunc(c.after.Operations, func(o *api.Operation) bool { return o.Method == op.Method && o.Path == op.Path })
	if i < 0 {
		return []difference{{"route", "it did not come back"}}
	}
	now := c.after.Operations[i]
	if op.ID != "" && op.ID != now.ID {
		c.add("operationId", "%s, now %s", op.ID, now.ID)
	}
	c.parameters(op, now)
	c.body(op.Body, now.Body)
	c.responses(op, now)
	if left, right := c.needs(c.before, op), c.needs(c.after, now); left != right {
		c.add("security", "%s, now %s", left, right)
	}
	return c.list
}

func (c *comparison) add(kind, format string, args ...any) {
	c.list = append(c.list, difference{kind, fmt.Sprintf(format, args...)})
}

// needs is what an operation requires, with what the schemes are.
func (c *comparison) needs(a *api.API, op *api.Operation) string {
	var all []string
	for _, requirement := range op.Security {
		var one []string
		for _, use := range requirement {
			text := use.Scheme
			if s := a.SecurityScheme(use.Scheme); s != nil {
				text += "(" + strings.Trim(strings.Join([]string{s.Kind, s.In, strings.ToLower(s.Parameter), s.Scheme}, " "), " ") + ")"
			}
			one = append(one, text+strings.Join(sortedTypes(use.Scopes), "+"))
		}
		slices.Sort(one)
		all = append(all, strings.Join(one, "&"))
	}
	slices.Sort(all)
	return strings.Join(slices.Compact(all), "|")
}

// ignored are headers that OpenAPI says are described elsewhere.
func ignored(p *api.Parameter) bool {
	return p.In == api.InHeader && slices.Contains([]string{"accept", "content-type", "authorization"}, strings.ToLower(p.Name))
}

func sameParameter(p, q *api.Parameter) bool {
	return q.In == p.In && (q.Name == p.Name || p.In == api.InHeader && strings.EqualFold(q.Name, p.Name))
}

func (c *comparison) parameters(op, now *api.Operation) {
	for _, p := range op.Parameters {
		if ignored(p) {
			continue
		}
		i := slices.IndexFunc(now.Parameters, func(q *api.Parameter) bool { return sameParameter(p, q) })
		if i < 0 {
			c.add("parameter", "%s %s is gone", p.In, p.Name)
			continue
		}
		q := now.Parameters[i]
		if p.Required != q.Required {
			c.add("parameter required", "%s %s: %v, now %v", p.In, p.Name, p.Required, q.Required)
		}
		left, right := c.asked.of(schemaOf(p)), c.askedNow.of(schemaOf(q))
		if written, now := c.writing(p, left), c.writing(q, right); written != now {
			c.add("parameter style", "%s %s: %s, now %s", p.In, p.Name, written, now)
		}
		c.schemas("parameter", p.In+" "+p.Name, left, right)
	}
	for _, q := range now.Parameters {
		if !ignored(q) && !slices.ContainsFunc(op.Parameters, func(p *api.Parameter) bool { return sameParameter(p, q) }) {
			c.add("parameter", "%s %s came up", q.In, q.Name)
		}
	}
}

// writing is how a parameter stands in a request.
func (c *comparison) writing(p *api.Parameter, _ int) string {
	if p.Content != nil {
		return p.Content.Type
	}
	return fmt.Sprintf("%s explode=%v", p.Style, p.Explode)
}

func schemaOf(p *api.Parameter) *api.Schema {
	if p.Content != nil {
		return p.Content.Schema
	}
	return p.Schema
}

func (c *comparison) schemas(part, where string, left, right int) {
	for _, d := range c.explain(left, right) {
		c.list = append(c.list, difference{part + " " + d.kind, where + " " + d.text})
	}
}

func (c *comparison) body(left, right *api.Body) {
	if left == nil || right == nil {
		if left != nil && len(left.Content) > 0 || right != nil {
			c.add("body", "had %v, has %v", left != nil, right != nil)
		}
		return
	}
	if left.Required != right.Required {
		c.add("body required", "%v, now %v", left.Required, right.Required)
	}
	c.media("body", "", left.Content, right.Content, c.asked, c.askedNow)
}

func (c *comparison) media(part, where string, left, right []*api.Media, before, after *reader) {
	find := func(list []*api.Media, m *api.Media) int {
		return slices.IndexFunc(list, func(n *api.Media) bool { return plan.MediaType(n.Type) == plan.MediaType(m.Type) })
	}
	for _, m := range left {
		i := find(right, m)
		if i < 0 {
			c.add(part+" media type", "%s %s is gone", where, m.Type)
			continue
		}
		c.schemas(part, strings.TrimSpace(where+" "+m.Type), content(before, m), content(after, right[i]))
	}
	for _, n := range right {
		if find(left, n) < 0 {
			c.add(part+" media type", "%s %s came up", where, n.Type)
		}
	}
}

// content is the shape of a body. Text of which nothing is said is a string, and
// bytes are bytes, however they are described.
func content(r *reader, m *api.Media) int {
	n := r.of(m.Schema)
	switch plan.FormOf(m.Type) {
	case plan.Text:
		if n == 0 {
			return r.of(&api.Schema{Types: []string{"string"}})
		}
	case plan.Binary:
		if r.typeOf(n) == "string" {
			return 0
		}
	}
	return n
}

func (c *comparison) responses(op, now *api.Operation) {
	for _, r := range op.Responses {
		i := slices.IndexFunc(now.Responses, func(q *api.Response) bool { return q.Status == r.Status })
		if i < 0 {
			c.add("answer status", "%s is gone", r.Status)
			continue
		}
		c.media("answer", r.Status, r.Content, now.Responses[i].Content, c.said, c.saidNow)
		c.headers(r, now.Responses[i])
	}
	for _, q := range now.Responses {
		if len(op.Responses) == 0 && unknownAnswers(now) {
			break // a document has to name an answer, and what is not known is marked
		}
		if !slices.ContainsFunc(op.Responses, func(r *api.Response) bool { return q.Status == r.Status }) {
			c.add("answer status", "%s came up", q.Status)
		}
	}
}

// unknownAnswers tells operations that say that their answers are not known.
func unknownAnswers(op *api.Operation) bool {
	return slices.ContainsFunc(op.Extensions, func(e api.Extension) bool {
		return e.Name == "x-inferred" && strings.Contains(string(e.Value), `"responses"`)
	})
}

func (c *comparison) headers(left, right *api.Response) {
	same := func(a, b *api.Header) bool { return strings.EqualFold(a.Name, b.Name) }
	for _, h := range left.Headers {
		if strings.EqualFold(h.Name, "Content-Type") {
			continue
		}
		i := slices.IndexFunc(right.Headers, func(o *api.Header) bool { return same(h, o) })
		if i < 0 {
			c.add("answer header", "%s %s is gone", left.Status, h.Name)
			continue
		}
		o := right.Headers[i]
		if h.Required != o.Required {
			c.add("answer header required", "%s %s: %v, now %v", left.Status, h.Name, h.Required, o.Required)
		}
		c.schemas("answer header", left.Status+" "+h.Name, c.said.of(headerSchema(h)), c.saidNow.of(headerSchema(o)))
	}
	for _, o := range right.Headers {
		if !slices.ContainsFunc(left.Headers, func(h *api.Header) bool { return same(h, o) }) {
			c.add("answer header", "%s %s came up", left.Status, o.Name)
		}
	}
}

func headerSchema(h *api.Header) *api.Schema {
	if h.Content != nil {
		return h.Content.Schema
	}
	return h.Schema
}
