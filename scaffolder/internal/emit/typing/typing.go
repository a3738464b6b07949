// Package typing writes JSON Schemas as TypeScript types.
//
// Schemas of a plan and a direction go in, types come out. A schema that names
// no type but has properties is taken for an object, as its author meant it;
// what types cannot say (bounds, patterns, negations) is left to validation.
package typing

import (
	"encoding/json"
	"slices"
	"strings"

	"github.com/senior-backend/toolkit/scaffolder/internal/api"
	"github.com/senior-backend/toolkit/scaffolder/internal/emit/plan"
	"github.com/senior-backend/toolkit/scaffolder/internal/emit/script"
	"github.com/senior-backend/toolkit/scaffolder/internal/emit/zod"
)

// Printer writes types for one direction.
type Printer struct {
	Plan    *plan.Plan
	Request bool // what requests hold, rather than what answers hold

	files   bool // strings of binary format are files of a form
	inline  bool // tags stand before the type itself, rather than before its name
	inlined int  // references that are being written in place
}

const unknown = "unknown"

// Declaration writes the declaration of a named schema under the given name.
func (p Printer) Declaration(b *strings.Builder, name string, schema *plan.Schema) {
	node, tags := p.tagged(schema.Schema)
	if schema.Hollow() {
		node, tags = p.withoutSelf(schema.Schema), nil
	}
	if schema.Schema.Deprecated {
		tags = append(tags, "@deprecated")
	}
	b.WriteString(script.Doc{Text: documentation(schema.Schema), Tags: tags}.Comment(""))
	if script.IsMembers(node) {
		b.WriteString("export interface " + name + " ")
		script.Print(b, node, 0, 0, 0)
		b.WriteString("\n\n")
		return
	}
	b.WriteString("export type " + name + " =")
	script.PrintDeclared(b, node, Width(name))
	b.WriteString(";\n\n")
}

// Width is the columns before the value of a declared type.
func Width(name string) int { return script.Width("export type " + name + " =") }

// withoutSelf is a type that leaves out what refers to itself in place.
func (p Printer) withoutSelf(s *api.Schema) *script.Node {
	own := *s
	own.Ref, own.AllOf, own.AnyOf, own.OneOf = "", nil, nil, nil
	return p.Type(&own)
}

func documentation(s *api.Schema) string {
	text := s.Description
	if text == "" {
		text = s.Title
	}
	return text
}

// Type writes a schema. What types cannot say of it stands in comments inside.
func (p Printer) Type(s *api.Schema) *script.Node {
	p.inline = true
	node, tags := p.tagged(s)
	return script.Annotated(node, tags)
}

// tagged writes a schema, and gives the tags for the comment before it.
func (p Printer) tagged(s *api.Schema) (*script.Node, []string) {
	inline := p.inline
	p.inline = false
	if s == nil {
		return script.Text(unknown), nil
	}
	if s.Always != nil {
		if *s.Always {
			return script.Text(unknown), nil
		}
		return script.Text("never"), nil
	}
	if p.files && plan.IsFile(s) {
		return script.Text("Upload"), nil
	}
	var parts []*script.Node
	add := func(node *script.Node) {
		if node != nil && !script.Same(node, unknown) {
			parts = append(parts, node)
		}
	}
	if s.Ref != "" {
		add(p.reference(s.Ref))
	}
	tags := general(s)
	alone := s.Ref == "" && s.AllOf == nil && s.AnyOf == nil && s.OneOf == nil
	if values := p.values(s); values != nil {
		add(values)
	} else {
		own, ownTags := p.typed(s, alone, inline && len(tags) > 0, inline)
		add(own)
		tags = append(ownTags, tags...)
	}
	for _, part := range s.AllOf {
		add(p.Type(part))
	}
	alone = len(parts) == 0
	for _, choice := range []struct {
		list []*api.Schema
		tag  string
	}{{s.AnyOf, ""}, {s.OneOf, "@oneOf"}} {
		node := p.alternatives(choice.list, choice.tag != "" && !apart(choice.list))
		if node == nil {
			continue
		}
		said := choices(s, choice.tag, node)
		if alone && (len(s.AnyOf) == 0 || len(s.OneOf) == 0) {
			tags = append(said, tags...)
		} else {
			node = script.Annotated(node, said)
		}
		add(node)
	}
	return script.Intersection(parts...), tags
}

func (p Printer) reference(wire string) *script.Node {
	target := p.Plan.Schema(wire)
	if target == nil {
		return nil
	}
	if p.files && p.inlined < 8 && !target.Hollow() && p.Plan.HoldsFile(target.Schema) {
		p.inlined++
		return p.Type(target.Schema)
	}
	if p.Request {
		return script.Text(target.RequestType)
	}
	return script.Text(target.Type)
}

// alternatives is the union; where one says nothing about the type, the union
// says nothing.
// With whole each keeps its own parentheses, since it counts as one.
func (p Printer) alternatives(schemas []*api.Schema, whole bool) *script.Node {
	if len(schemas) == 0 {
		return nil
	}
	var nodes []*script.Node
	for _, schema := range schemas {
		node := p.Type(schema)
		if script.Same(node, unknown) {
			return nil
		}
		if whole && len(schemas) > 1 {
			node = script.Grouped(node)
		}
		nodes = append(nodes, node)
	}
	return script.Union(script.Distinct(nodes)...)
}

func (p Printer) values(s *api.Schema) *script.Node {
	list := s.Enum
	if s.Const != "" {
		list = []api.Value{s.Const}
	}
	if list == nil {
		return nil
	}
	var nodes []*script.Node
	for _, value := range list {
		if s.Types == nil || zod.IsOfType(value, s.Types) {
			if p.Plan.Int64(s) {
				nodes = append(nodes, zod.ExactLiteral(value))
				continue
			}
			nodes = append(nodes, literal(value))
		}
	}
	if len(nodes) == 0 {
		return script.Text("never")
	}
	return script.Union(script.Distinct(nodes)...)
}

func literal(value api.Value) *script.Node {
	switch value.Kind() {
	case "object":
		members := literalMembers(value)
		if len(members) == 0 {
			return script.Text("Record<string, never>")
		}
		return script.Inlined(members...)
	case "array":
		var items []json.RawMessage
		_ = json.Unmarshal([]byte(value), &items)
		nodes := make([]*script.Node, 0, len(items))
		for _, item := range items {
			nodes = append(nodes, literal(api.Value(item)))
		}
		return script.Array(nodes...)
	case "number":
		if text := zod.Number(api.Number(value)); !strings.Contains(text, "Infinity") {
			return script.Text(text)
		}
		return script.Text("number")
	}
	return zod.Literal(value)
}

func literalMembers(value api.Value) []script.Field {
	var members map[string]json.RawMessage
	_ = json.Unmarshal([]byte(value), &members)
	var names []string
	for name := range members {
		names = append(names, name)
	}
	slices.Sort(names)
	var fields []script.Field
	for _, name := range names {
		fields = append(fields, script.Field{Key: script.Key(name), Value: literal(api.Value(members[name]))})
	}
	return fields
}

// typed writes what goes by the type of the value. Tags that hold for all of it
// are given back when nothing else is said of the value; otherwise each stands
// before the type that it is about.
func (p Printer) typed(s *api.Schema, alone, annotated, inline bool) (*script.Node, []string) {
	types := s.Types
	if types == nil {
		switch {
		case s.Properties != nil || s.AdditionalProperties != nil || s.Required != nil || s.PatternProperties != nil:
			types = []string{"object"}
		case s.Items != nil || s.PrefixItems != nil:
			types = []string{"array"}
		default:
			return nil, p.own(s, "")
		}
	}
	single := alone && (len(types) == 1 || len(types) == 2 && slices.Contains(types, "null"))
	var nodes []*script.Node
	var all []string
	for _, name := range types {
		if name == "integer" && slices.Contains(types, "number") {
			continue
		}
		tags := p.own(s, name)
		var node *script.Node
		switch name {
		case "integer", "number":
			node = p.numeric(s, name)
		case "array":
			node = p.array(s, annotated || (inline || !single) && len(tags) > 0)
		case "object":
			node = p.object(s)
		default:
			node = script.Text(name)
		}
		if single {
			all = append(all, tags...)
		} else {
			node = script.Annotated(node, tags)
		}
		nodes = append(nodes, node)
	}
	return script.Union(script.Distinct(nodes)...), all
}

// numeric is the type of integers or numbers.
func (p Printer) numeric(s *api.Schema, name string) *script.Node {
	if name == "integer" && p.Plan.Int64(s) {
		return script.Text("Int64")
	}
	return script.Text("number")
}

// array writes an array; generic keeps its name apart from that of its items, so
// that a comment before it is about the array.
func (p Printer) array(s *api.Schema, generic bool) *script.Node {
	if len(s.PrefixItems) == 0 {
		if generic {
			return script.Suffix(p.Type(s.Items), "Array<", ">")
		}
		return script.ArrayOf(p.Type(s.Items))
	}
	least := 0
	if s.MinItems != nil {
		least = *s.MinItems
	}
	var nodes []*script.Node
	for i, item := range s.PrefixItems {
		node := p.Type(item)
		if i >= least {
			node = script.Suffix(script.Grouped(node), "", "?")
		}
		nodes = append(nodes, node)
	}
	if s.Items == nil || s.Items.Always == nil || *s.Items.Always {
		nodes = append(nodes, script.Suffix(script.ArrayOf(p.Type(s.Items)), "...", ""))
	}
	return script.Array(nodes...)
}
