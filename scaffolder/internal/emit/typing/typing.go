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
	inlined int  // references that are being written in place
}

const unknown = "unknown"

// Declaration writes the declaration of a named schema under the given name.
func (p Printer) Declaration(b *strings.Builder, name string, schema *plan.Schema) {
	b.WriteString(script.Comment("", documentation(schema.Schema)))
	node := p.Type(schema.Schema)
	if schema.Hollow() {
		node = p.withoutSelf(schema.Schema)
	}
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

// Type writes a schema.
func (p Printer) Type(s *api.Schema) *script.Node {
	if s == nil {
		return script.Text(unknown)
	}
	if s.Always != nil {
		if *s.Always {
			return script.Text(unknown)
		}
		return script.Text("never")
	}
	if p.files && plan.IsFile(s) {
		return script.Text("Upload")
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
	if values := p.values(s); values != nil {
		add(values)
	} else {
		add(p.typed(s))
	}
	for _, part := range s.AllOf {
		add(p.Type(part))
	}
	add(p.alternatives(s.AnyOf))
	add(p.alternatives(s.OneOf))
	return script.Intersection(parts...)
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
func (p Printer) alternatives(schemas []*api.Schema) *script.Node {
	if len(schemas) == 0 {
		return nil
	}
	var nodes []*script.Node
	for _, schema := range schemas {
		node := p.Type(schema)
		if script.Same(node, unknown) {
			return nil
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
			nodes = append(nodes, literal(value))
		}
	}
	if len(nodes) == 0 {
		return script.Text("never")
	}
	return script.Union(script.Distinct(nodes)...)
}

func literal(value api.Value) *script.Node {
	switch zod.Kind(value) {
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

func (p Printer) typed(s *api.Schema) *script.Node {
	types := s.Types
	if types == nil {
		switch {
		case s.Properties != nil || s.AdditionalProperties != nil || s.Required != nil || s.PatternProperties != nil:
			types = []string{"object"}
		case s.Items != nil || s.PrefixItems != nil:
			types = []string{"array"}
		default:
			return nil
		}
	}
	var nodes []*script.Node
	for _, name := range types {
		switch name {
		case "integer", "number":
			nodes = append(nodes, script.Text("number"))
		case "array":
			nodes = append(nodes, p.array(s))
		case "object":
			nodes = append(nodes, p.object(s))
		default:
			nodes = append(nodes, script.Text(name))
		}
	}
	return script.Union(script.Distinct(nodes)...)
}

func (p Printer) array(s *api.Schema) *script.Node {
	if len(s.PrefixItems) == 0 {
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

// object writes the properties that the direction has, and the rest as an
// index signature where the schema speaks of it.
func (p Printer) object(s *api.Schema) *script.Node {
	var fields []script.Field
	var types []*script.Node
	seen := map[string]bool{}
	for _, property := range s.Properties {
		if seen[property.Name] {
			continue
		}
		seen[property.Name] = true
		readOnly, writeOnly := p.Plan.ReadOnly(property.Schema), p.Plan.WriteOnly(property.Schema)
		if p.Request && readOnly || !p.Request && writeOnly {
			continue
		}
		field, kind := p.property(s, property, readOnly)
		fields = append(fields, field)
		types = append(types, kind)
	}
	for _, name := range s.Required {
		if !seen[name] {
			seen[name] = true
			fields = append(fields, script.Field{Key: script.Key(name), Value: script.Text(unknown)})
			types = append(types, script.Text(unknown))
		}
	}
	extra := p.extra(s)
	switch {
	case extra != nil && len(fields) > 0:
		extra = script.Union(script.Distinct(append(types, extra))...)
		if slices.ContainsFunc(types, func(n *script.Node) bool { return script.Same(n, unknown) }) {
			extra = script.Text(unknown)
		}
		if slices.ContainsFunc(fields, func(f script.Field) bool { return strings.HasSuffix(f.Key, "?") }) &&
			!script.Same(extra, unknown) {
			extra = script.Union(script.Distinct(append(types, extra, script.Text("undefined")))...)
		}
	case extra == nil && len(fields) == 0:
		extra = script.Text(unknown)
		if s.AdditionalProperties != nil && s.AdditionalProperties.Always != nil && !*s.AdditionalProperties.Always {
			extra = script.Text("never")
		}
	}
	if extra != nil {
		fields = append(fields, script.Field{Key: "[key: string]", Value: extra})
	}
	return script.Members(fields...)
}

func (p Printer) property(s *api.Schema, property api.Property, readOnly bool) (script.Field, *script.Node) {
	kind := p.Type(property.Schema)
	key := script.Key(property.Name)
	if readOnly {
		key = "readonly " + key
	}
	given := p.Request && p.Plan.Default(property.Schema) != ""
	if !slices.Contains(s.Required, property.Name) && !given {
		key += "?"
	}
	doc := documentation(property.Schema)
	if property.Schema.Deprecated {
		doc = strings.TrimSpace(doc + "\n\nDeprecated.")
	}
	return script.Field{Key: key, Value: kind, Doc: doc}, kind
}

// extra is the type of the properties that are not listed; nil where nothing
// is said about them.
func (p Printer) extra(s *api.Schema) *script.Node {
	var nodes []*script.Node
	for _, property := range s.PatternProperties {
		nodes = append(nodes, p.Type(property.Schema))
	}
	if extra := s.AdditionalProperties; extra != nil && (extra.Always == nil || *extra.Always) {
		nodes = append(nodes, p.Type(extra))
	} else if extra == nil && len(nodes) > 0 {
		return script.Text(unknown)
	}
	if len(nodes) == 0 {
		return nil
	}
	if slices.ContainsFunc(nodes, func(n *script.Node) bool { return script.Same(n, unknown) }) {
		return script.Text(unknown)
	}
	return script.Union(script.Distinct(nodes)...)
}
