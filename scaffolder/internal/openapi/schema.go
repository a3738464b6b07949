package openapi

import (
	"slices"
	"strings"

	"github.com/senior-backend/toolkit/scaffolder/internal/api"
)

// maxSchemaDepth bounds how deep schemas nest in each other without a name.
const maxSchemaDepth = 500

// schemaReader reads one schema with what it nests.
type schemaReader struct {
	*reader
	outer []value // the schemas around the one being read, outermost first
}

// schemaAt reads the schema at v, or nil when v is absent.
func (r *reader) schemaAt(v value) *api.Schema {
	if !v.exists() {
		return nil
	}
	return (&schemaReader{reader: r}).schema(v)
}

// schema reads one schema. What is no schema is noted and becomes the one that
// accepts everything.
func (s *schemaReader) schema(v value) *api.Schema {
	out := &api.Schema{Position: v.position()}
	if always, ok := v.boolean(); ok {
		out.Always = &always
		return out
	}
	if !v.isMapping() {
		s.invalid(v, "a schema should be an object, not %s; it accepts everything", v.kind())
		return out
	}
	if len(s.outer) >= maxSchemaDepth {
		s.invalid(v, "schemas nest deeper than %d; this one accepts everything", maxSchemaDepth)
		return out
	}
	v = s.enter(v)
	s.outer = append(s.outer, v)
	defer func() { s.outer = s.outer[:len(s.outer)-1] }()

	if s.dialect != dialect31 && v.get("$ref").isText() {
		s.reference(out, v.get("$ref")) // what stands beside it is ignored, as specified
		return out
	}
	legacy := legacyKeywords{}
	for _, e := range v.entries() {
		switch {
		case e.value.isNull() && e.key != "default" && e.key != "const" && e.key != "example" && !strings.HasPrefix(e.key, "x-"):
			s.unsupported(e.at, "%s has no value and is ignored", e.key)
		case s.annotation(out, e), s.assertion(out, e), s.objectKeyword(out, e), s.arrayKeyword(out, e),
			s.combination(out, e), legacy.take(e):
		case strings.HasPrefix(e.key, "x-"):
			out.Extensions = append(out.Extensions, api.Extension{Name: e.key, Value: e.value.jsonValue()})
		default:
			s.unsupported(e.at, "unknown keyword %q is ignored", e.key)
		}
	}
	s.translate(out, legacy)
	return out
}

func (s *schemaReader) annotation(out *api.Schema, e entry) bool {
	switch e.key {
	case "title":
		out.Title = e.value.text()
	case "description":
		out.Description = e.value.text()
	case "default":
		out.Default = s.meant(e.value)
	case "example":
		out.Examples = append([]api.Value{e.value.jsonValue()}, out.Examples...)
	case "examples":
		for _, item := range e.value.items() {
			out.Examples = append(out.Examples, item.jsonValue())
		}
		for _, named := range e.value.entries() { // invalid, but common
			if inner := named.value.get("value"); inner.exists() {
				out.Examples = append(out.Examples, inner.jsonValue())
			}
		}
	case "deprecated":
		out.Deprecated = s.flag(e)
	case "readOnly":
		out.ReadOnly = s.flag(e)
	case "writeOnly":
		out.WriteOnly = s.flag(e)
	case "externalDocs":
		out.ExternalDocs = s.externalDocs(e.value)
	case "discriminator":
		out.Discriminator = s.discriminator(e.value)
	case "$comment", "$schema", "$id", "$anchor", "$dynamicAnchor", "$defs", "definitions", "xml", "$vocabulary":
		// Names and notes: reached through references, or of no use to a JSON API.
	default:
		return false
	}
	return true
}

func (s *schemaReader) assertion(out *api.Schema, e entry) bool {
	switch e.key {
	case "$ref":
		if !e.value.isText() {
			s.invalid(e.value, "$ref should be a string, not %s", e.value.kind())
			return true
		}
		s.reference(out, e.value)
	case "$dynamicRef":
		s.reference(out, e.value)
	case "$recursiveRef": // of 2019-09: the outermost schema
		out.Ref = s.nameOf(s.outer[0], "#/outermost")
	case "type":
		out.Types = s.types(e.value)
	case "enum":
		if !e.value.isSequence() {
			s.invalid(e.value, "enum should be an array, not %s; it is ignored", e.value.kind())
			return true
		}
		out.Enum = []api.Value{}
		for _, item := range e.value.items() {
			if text := s.meant(item); !slices.Contains(out.Enum, text) {
				out.Enum = append(out.Enum, text)
			}
		}
	case "const":
		out.Const = s.meant(e.value)
	case "format":
		out.Format = e.value.text()
	case "pattern":
		out.Pattern = e.value.text()
		s.checkPattern(e.value, out.Pattern)
	case "contentEncoding":
		out.ContentEncoding = e.value.text()
	case "contentMediaType":
		out.ContentMediaType = e.value.text()
	case "contentSchema":
		out.ContentSchema = s.schema(e.value)
	case "minLength":
		out.MinLength = s.count(e)
	case "maxLength":
		out.MaxLength = s.count(e)
	case "multipleOf":
		out.MultipleOf = s.number(e)
	case "minimum":
		out.Minimum = s.number(e)
	case "maximum":
		out.Maximum = s.number(e)
	default:
		return false
	}
	return true
}

// types reads the type keyword. Types that JSON lacks are noted and ignored.
func (s *schemaReader) types(v value) []string {
	listed := v.items()
	if v.isScalar() {
		listed = []value{v}
	}
	var out []string
	for _, item := range listed {
		name := item.text()
		if item.isNull() { // type: null without quotes
			name = "null"
		}
		switch name {
		case "null", "boolean", "object", "array", "number", "integer", "string", "file":
			if !slices.Contains(out, name) {
				out = append(out, name)
			}
		default:
			if meant := strings.ToLower(name); slices.Contains([]string{"boolean", "object", "array", "number", "integer", "string"}, meant) {
				s.invalid(item, "unknown type %q is read as %s", name, meant)
				out = append(out, meant)
				continue
			}
			s.invalid(item, "unknown type %q is ignored", name)
		}
	}
	return out
}

func (s *schemaReader) objectKeyword(out *api.Schema, e entry) bool {
	switch e.key {
	case "properties":
		out.Properties = s.properties(e)
	case "patternProperties":
		out.PatternProperties = s.properties(e)
		for _, property := range out.PatternProperties {
			s.checkPattern(e.value, property.Name)
		}
	case "additionalProperties":
		out.AdditionalProperties = s.schema(e.value)
	case "unevaluatedProperties":
		out.UnevaluatedProperties = s.schema(e.value)
	case "propertyNames":
		out.PropertyNames = s.schema(e.value)
	case "required":
		out.Required = s.required(e)
	case "minProperties":
		out.MinProperties = s.count(e)
	case "maxProperties":
		out.MaxProperties = s.count(e)
	case "dependentRequired":
		for _, member := range lastWins(e.value.entries()) {
			out.DependentRequired = append(out.DependentRequired, api.DependentRequired{Property: member.key, Required: s.strings(member)})
		}
	case "dependentSchemas":
		out.DependentSchemas = append(out.DependentSchemas, s.properties(e)...)
	case "dependencies":
		s.dependencies(out, e.value)
	default:
		return false
	}
	return true
}

func (s *schemaReader) properties(e entry) []api.Property {
	if e.value = s.group(e.value, e.key); !e.value.exists() {
		return nil
	}
	if !e.value.isMapping() {
		s.invalid(e.value, "%s should be an object, not %s; it is ignored", e.key, e.value.kind())
		return nil
	}
	var out []api.Property
	for _, member := range lastWins(e.value.entries()) {
		out = append(out, api.Property{Name: member.key, Schema: s.schema(member.value)})
	}
	return out
}

func (s *schemaReader) required(e entry) []string {
	if _, ok := e.value.boolean(); ok {
		s.invalid(e.value, "required should list the names of properties; a boolean is ignored")
		return nil
	}
	return s.strings(e)
}

func (s *schemaReader) arrayKeyword(out *api.Schema, e entry) bool {
	switch e.key {
	case "items":
		if e.value.isSequence() { // a tuple, as older drafts have it
			out.PrefixItems = s.schemas(e)
		} else {
			out.Items = s.schema(e.value)
		}
	case "prefixItems":
		out.PrefixItems = s.schemas(e)
	case "unevaluatedItems":
		out.UnevaluatedItems = s.schema(e.value)
	case "contains":
		out.Contains = s.schema(e.value)
	case "minContains":
		out.MinContains = s.count(e)
	case "maxContains":
		out.MaxContains = s.count(e)
	case "minItems":
		out.MinItems = s.count(e)
	case "maxItems":
		out.MaxItems = s.count(e)
	case "uniqueItems":
		out.UniqueItems = s.flag(e)
	default:
		return false
	}
	return true
}

func (s *schemaReader) combination(out *api.Schema, e entry) bool {
	switch e.key {
	case "allOf":
		out.AllOf = s.schemas(e)
	case "anyOf":
		out.AnyOf = s.schemas(e)
	case "oneOf":
		out.OneOf = s.schemas(e)
	case "not":
		out.Not = s.schema(e.value)
	case "if":
		out.If = s.schema(e.value)
	case "then":
		out.Then = s.schema(e.value)
	case "else":
		out.Else = s.schema(e.value)
	default:
		return false
	}
	return true
}

func (s *schemaReader) schemas(e entry) []*api.Schema {
	if !e.value.isSequence() {
		s.invalid(e.value, "%s should be an array of schemas, not %s; it is ignored", e.key, e.value.kind())
		return nil
	}
	var out []*api.Schema
	for _, item := range e.value.items() {
		out = append(out, s.schema(item))
	}
	return out
}
