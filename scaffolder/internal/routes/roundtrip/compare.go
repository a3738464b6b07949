package main

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/senior-backend/toolkit/scaffolder/internal/api"
)

// differences names what an operation and what came back of it differ in, each as
// "kind: detail".
func differences(a *api.API, op *api.Operation, back *api.API) []string {
	i := slices.IndexFunc(back.Operations, func(o *api.Operation) bool { return o.Method == op.Method && o.Path == op.Path })
	if i < 0 {
		return []string{"route: it did not come back"}
	}
	now := back.Operations[i]
	c := &comparison{before: a, after: back}
	if op.ID != "" && op.ID != now.ID {
		c.add("operationId", "%s, now %s", op.ID, now.ID)
	}
	c.parameters(op, now)
	c.body(op.Body, now.Body)
	c.responses(op, now)
	if left, right := needs(op), needs(now); left != right {
		c.add("security", "%s, now %s", left, right)
	}
	return c.list
}

type comparison struct {
	before, after *api.API
	list          []string
}

func (c *comparison) add(kind, format string, args ...any) {
	c.list = append(c.list, kind+": "+fmt.Sprintf(format, args...))
}

func needs(op *api.Operation) string {
	var all []string
	for _, requirement := range op.Security {
		var one []string
		for _, use := range requirement {
			one = append(one, use.Scheme+strings.Join(slices.Sorted(slices.Values(use.Scopes)), "+"))
		}
		slices.Sort(one)
		all = append(all, strings.Join(one, "&"))
	}
	slices.Sort(all)
	return strings.Join(all, "|")
}

func (c *comparison) parameters(op, now *api.Operation) {
	for _, p := range op.Parameters {
		i := slices.IndexFunc(now.Parameters, func(q *api.Parameter) bool {
			return q.In == p.In && (q.Name == p.Name || p.In == api.InHeader && strings.EqualFold(q.Name, p.Name))
		})
		if i < 0 {
			c.add("parameters", "%s %s is gone", p.In, p.Name)
			continue
		}
		q := now.Parameters[i]
		if p.Required != q.Required || p.Style != q.Style || p.Explode != q.Explode {
			c.add("parameters", "%s %s: required %v, %s %v; now %v, %s %v", p.In, p.Name, p.Required, p.Style, p.Explode, q.Required, q.Style, q.Explode)
		}
		c.schemas("parameter schemas", p.In+" "+p.Name, c.shape(c.before, schemaOf(p), 0), c.shape(c.after, schemaOf(q), 0))
	}
	for _, q := range now.Parameters {
		if !slices.ContainsFunc(op.Parameters, func(p *api.Parameter) bool { return q.In == p.In && strings.EqualFold(q.Name, p.Name) }) {
			c.add("parameters", "%s %s came up", q.In, q.Name)
		}
	}
}

func schemaOf(p *api.Parameter) *api.Schema {
	if p.Content != nil {
		return p.Content.Schema
	}
	return p.Schema
}

func (c *comparison) schemas(kind, where, left, right string) {
	if left == right {
		return
	}
	at := 0
	for at < len(left) && at < len(right) && left[at] == right[at] {
		at++
	}
	from := max(0, at-30)
	c.add(kind, "%s: …%s, now …%s", where, left[from:min(len(left), at+40)], right[from:min(len(right), at+40)])
}

func (c *comparison) body(left, right *api.Body) {
	if left == nil || right == nil {
		if left != nil || right != nil {
			c.add("body", "had %v, has %v", left != nil, right != nil)
		}
		return
	}
	if left.Required != right.Required {
		c.add("body", "required %v, now %v", left.Required, right.Required)
	}
	c.media("body", left.Content, right.Content)
}

func (c *comparison) media(kind string, left, right []*api.Media) {
	for _, m := range left {
		i := slices.IndexFunc(right, func(n *api.Media) bool { return plainType(m.Type) == plainType(n.Type) })
		if i < 0 {
			c.add(kind, "%s is gone", m.Type)
			continue
		}
		c.schemas(kind+" schemas", m.Type, c.shape(c.before, m.Schema, 0), c.shape(c.after, right[i].Schema, 0))
	}
	for _, n := range right {
		if !slices.ContainsFunc(left, func(m *api.Media) bool { return plainType(m.Type) == plainType(n.Type) }) {
			c.add(kind, "%s came up", n.Type)
		}
	}
}

func plainType(name string) string {
	name, _, _ = strings.Cut(name, ";")
	return strings.ToLower(strings.TrimSpace(name))
}

func (c *comparison) responses(op, now *api.Operation) {
	for _, r := range op.Responses {
		i := slices.IndexFunc(now.Responses, func(q *api.Response) bool { return q.Status == r.Status })
		if i < 0 {
			c.add("answers", "%s is gone", r.Status)
			continue
		}
		c.media("answers", r.Content, now.Responses[i].Content)
	}
	for _, q := range now.Responses {
		if !slices.ContainsFunc(op.Responses, func(r *api.Response) bool { return q.Status == r.Status }) {
			c.add("answers", "%s came up", q.Status)
		}
	}
}

// maxShape is how deep schemas are compared; recursion ends there.
const maxShape = 5

// shape writes what a schema accepts, with references resolved and members in
// order. Annotations are left out.
func (c *comparison) shape(a *api.API, s *api.Schema, depth int) string {
	if s == nil || depth > maxShape {
		return ""
	}
	for n := 0; s.Ref != "" && n < 20; n++ {
		target := a.Schema(s.Ref)
		if target == nil {
			return ""
		}
		s = target
	}
	if s.Always != nil {
		if *s.Always {
			return ""
		}
		return "never"
	}
	var parts []string
	add := func(name, value string) {
		if value != "" {
			parts = append(parts, name+"="+value)
		}
	}
	inner := func(s *api.Schema) string { return c.shape(a, s, depth+1) }
	list := func(schemas []*api.Schema) string {
		var out []string
		for _, one := range schemas {
			if text := inner(one); text != "" {
				out = append(out, text)
			}
		}
		if out == nil {
			return ""
		}
		return "[" + strings.Join(out, ", ") + "]"
	}
	add("type", strings.Join(slices.Sorted(slices.Values(typesOf(s))), "|"))
	values := s.Enum
	if s.Const != "" {
		values = []api.Value{s.Const}
	}
	texts := []string{}
	for _, v := range values {
		texts = append(texts, string(v))
	}
	slices.Sort(texts)
	add("enum", strings.Join(texts, ","))
	if values == nil {
		add("format", s.Format)
	}
	add("pattern", s.Pattern)
	for _, bound := range []struct {
		name  string
		value *int
	}{
		{"minLength", s.MinLength},
		{"maxLength", s.MaxLength},
		{"minItems", s.MinItems},
		{"maxItems", s.MaxItems},
		{"minProperties", s.MinProperties},
		{"maxProperties", s.MaxProperties},
	} {
		if bound.value != nil && (*bound.value != 0 || strings.HasPrefix(bound.name, "max")) {
			add(bound.name, strconv.Itoa(*bound.value))
		}
	}
	add("minimum", string(s.Minimum))
	add("maximum", string(s.Maximum))
	add("exclusiveMinimum", string(s.ExclusiveMinimum))
	add("exclusiveMaximum", string(s.ExclusiveMaximum))
	add("multipleOf", string(s.MultipleOf))
	c.objectShape(&parts, s, inner)
	add("items", inner(s.Items))
	add("prefixItems", list(s.PrefixItems))
	if s.UniqueItems {
		add("uniqueItems", "true")
	}
	add("allOf", list(s.AllOf))
	add("anyOf", list(append(slices.Clone(s.AnyOf), s.OneOf...)))
	add("not", inner(s.Not))
	if len(parts) == 0 {
		return ""
	}
	return "{" + strings.Join(parts, " ") + "}"
}

func (c *comparison) objectShape(parts *[]string, s *api.Schema, inner func(*api.Schema) string) {
	names := []string{}
	byName := map[string]*api.Schema{}
	for _, p := range s.Properties {
		names = append(names, p.Name)
		byName[p.Name] = p.Schema
	}
	slices.Sort(names)
	for _, name := range slices.Compact(names) {
		text := name
		if slices.Contains(s.Required, name) {
			text += "!"
		}
		*parts = append(*parts, text+":"+inner(byName[name]))
	}
	if extra := s.AdditionalProperties; extra != nil {
		if text := inner(extra); text != "" {
			*parts = append(*parts, "rest:"+text)
		}
	}
}

// typesOf are the types, of which an object needs no naming where it has
// properties.
func typesOf(s *api.Schema) []string {
	if s.Types == nil && (s.Properties != nil || s.Required != nil) {
		return []string{"object"}
	}
	if s.Types == nil && s.Items != nil {
		return []string{"array"}
	}
	if len(s.Enum) > 0 || s.Const != "" {
		return nil
	}
	return s.Types
}
