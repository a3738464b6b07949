package typing

import (
	"slices"
	"strings"

	"github.com/senior-backend/toolkit/scaffolder/internal/api"
	"github.com/senior-backend/toolkit/scaffolder/internal/emit/script"
)

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
		extra = beside(extra, types, fields)
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

// beside is the type of an index signature beside properties, whose types it has
// to admit as well; a tag tells them from what other properties may hold.
func beside(extra *script.Node, types []*script.Node, fields []script.Field) *script.Node {
	if script.Same(extra, unknown) || slices.ContainsFunc(types, func(n *script.Node) bool { return script.Same(n, unknown) }) {
		return script.Text(unknown)
	}
	if slices.ContainsFunc(fields, func(f script.Field) bool { return strings.HasSuffix(f.Key, "?") }) {
		types = append(types, script.Text("undefined"))
	}
	return script.Union(script.Marked(extra, "@additionalProperties", types)...)
}

func (p Printer) property(s *api.Schema, property api.Property, readOnly bool) (script.Field, *script.Node) {
	kind, tags := p.tagged(property.Schema)
	key := script.Key(property.Name)
	if readOnly {
		key = "readonly " + key
	}
	given := p.Request && p.Plan.Default(property.Schema) != ""
	if !slices.Contains(s.Required, property.Name) && !given {
		key += "?"
	}
	if property.Schema.Deprecated {
		tags = append(tags, "@deprecated")
	}
	if property.Schema.WriteOnly {
		tags = append(tags, "@writeOnly")
	}
	return script.Field{Key: key, Value: kind, Doc: documentation(property.Schema), Tags: tags}, kind
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
