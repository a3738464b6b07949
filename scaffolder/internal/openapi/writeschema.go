package openapi

import (
	"github.com/pb33f/go-yaml"

	"github.com/senior-backend/toolkit/scaffolder/internal/api"
)

// schema returns a schema's node, or nil of nil.
func (w *documentWriter) schema(s *api.Schema) *yaml.Node {
	switch {
	case s == nil:
		return nil
	case w.old:
		return w.schema30(s)
	case s.Always != nil:
		return boolNode(*s.Always)
	}
	out := newObject()
	w.keywords(out, s)
	return out.node
}

// keywords writes what s says, as 2020-12 has it.
func (w *documentWriter) keywords(out object, s *api.Schema) {
	if s.Ref != "" {
		out.text("$ref", "#/components/schemas/"+escapePointer(s.Ref))
	}
	out.text("title", s.Title)
	out.text("description", s.Description)
	switch len(s.Types) {
	case 0:
	case 1:
		out.text("type", s.Types[0])
	default:
		types := textsNode(s.Types)
		types.Style = yaml.FlowStyle
		out.set("type", types)
	}
	w.scalarKeywords(out, s)
	w.objectKeywords(out, s)
	w.arrayKeywords(out, s)
	out.set("allOf", w.schemas(s.AllOf))
	out.set("anyOf", w.schemas(s.AnyOf))
	out.set("oneOf", w.schemas(s.OneOf))
	out.set("not", w.schema(s.Not))
	out.set("if", w.schema(s.If))
	out.set("then", w.schema(s.Then))
	out.set("else", w.schema(s.Else))
	w.discriminator(out, s.Discriminator)
	out.value("default", s.Default)
	if len(s.Examples) > 0 {
		out.set("examples", valuesNode(s.Examples))
	}
	out.flag("deprecated", s.Deprecated)
	out.flag("readOnly", s.ReadOnly)
	out.flag("writeOnly", s.WriteOnly)
	out.externalDocs(s.ExternalDocs)
	out.extensions(s.Extensions)
}

func (w *documentWriter) scalarKeywords(out object, s *api.Schema) {
	out.text("format", s.Format)
	if s.Enum != nil {
		out.set("enum", valuesNode(s.Enum))
	}
	out.value("const", s.Const)
	out.text("pattern", s.Pattern)
	out.count("minLength", s.MinLength)
	out.count("maxLength", s.MaxLength)
	out.text("contentEncoding", s.ContentEncoding)
	out.text("contentMediaType", s.ContentMediaType)
	out.set("contentSchema", w.schema(s.ContentSchema))
	out.number("multipleOf", s.MultipleOf)
	out.number("minimum", s.Minimum)
	out.number("exclusiveMinimum", s.ExclusiveMinimum)
	out.number("maximum", s.Maximum)
	out.number("exclusiveMaximum", s.ExclusiveMaximum)
}

func (w *documentWriter) objectKeywords(out object, s *api.Schema) {
	out.texts("required", s.Required)
	out.set("properties", w.properties(s.Properties))
	out.set("patternProperties", w.properties(s.PatternProperties))
	if more := s.AdditionalProperties; more != nil && more.Always != nil {
		out.set("additionalProperties", boolNode(*more.Always)) // a boolean in every version
	} else {
		out.set("additionalProperties", w.schema(more))
	}
	out.set("unevaluatedProperties", w.schema(s.UnevaluatedProperties))
	out.set("propertyNames", w.schema(s.PropertyNames))
	out.count("minProperties", s.MinProperties)
	out.count("maxProperties", s.MaxProperties)
	dependent := newObject()
	for _, d := range s.DependentRequired {
		dependent.set(d.Property, textsNode(d.Required))
	}
	out.set("dependentRequired", dependent.orNil())
	out.set("dependentSchemas", w.properties(s.DependentSchemas))
}

func (w *documentWriter) arrayKeywords(out object, s *api.Schema) {
	out.set("prefixItems", w.schemas(s.PrefixItems))
	out.set("items", w.schema(s.Items))
	out.set("unevaluatedItems", w.schema(s.UnevaluatedItems))
	out.set("contains", w.schema(s.Contains))
	out.count("minContains", s.MinContains)
	out.count("maxContains", s.MaxContains)
	out.count("minItems", s.MinItems)
	out.count("maxItems", s.MaxItems)
	out.flag("uniqueItems", s.UniqueItems)
}

func (w *documentWriter) properties(list []api.Property) *yaml.Node {
	out := newObject()
	for _, p := range list {
		out.set(p.Name, w.schema(p.Schema))
	}
	return out.orNil()
}

func (w *documentWriter) schemas(list []*api.Schema) *yaml.Node {
	if len(list) == 0 {
		return nil
	}
	out := listNode(nil)
	for _, s := range list {
		out.Content = append(out.Content, w.schema(s))
	}
	return out
}

func valuesNode(values []api.Value) *yaml.Node {
	out := listNode(nil)
	for _, v := range values {
		out.Content = append(out.Content, valueNode(v))
	}
	return out
}

func (w *documentWriter) discriminator(out object, d *api.Discriminator) {
	if d == nil {
		return
	}
	node := newObject()
	node.set("propertyName", textNode(d.Property))
	mapping := newObject()
	for _, m := range d.Mapping {
		mapping.set(m.Value, textNode("#/components/schemas/"+escapePointer(m.Schema)))
	}
	node.set("mapping", mapping.orNil())
	if d.Default != "" {
		w.newer = true
		node.text("defaultMapping", d.Default)
	}
	out.set("discriminator", node.node)
}
