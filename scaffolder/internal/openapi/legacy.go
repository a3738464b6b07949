package openapi

import (
	"reflect"
	"slices"

	"github.com/senior-backend/toolkit/scaffolder/internal/api"
)

// legacyKeywords are what schemas of OpenAPI 3.0, Swagger 2.0 and early drafts
// of JSON Schema say in another way than 2020-12. They also stand in 3.1
// documents that were converted by hand, where they are meant.
type legacyKeywords struct {
	nullable         value
	exclusiveMinimum value
	exclusiveMaximum value
	additionalItems  value
}

func (l *legacyKeywords) take(e entry) bool {
	switch e.key {
	case "nullable", "x-nullable":
		l.nullable = e.value
	case "exclusiveMinimum":
		l.exclusiveMinimum = e.value
	case "exclusiveMaximum":
		l.exclusiveMaximum = e.value
	case "additionalItems":
		l.additionalItems = e.value
	case "collectionFormat", "allowEmptyValue":
		// Of Swagger's parameters, which are read as schemas too.
	case "id", "$recursiveAnchor":
	default:
		return false
	}
	return true
}

// translate says in out what the legacy keywords said.
func (s *schemaReader) translate(out *api.Schema, l legacyKeywords) {
	out.ExclusiveMinimum, out.Minimum = s.exclusive("exclusiveMinimum", l.exclusiveMinimum, out.Minimum)
	out.ExclusiveMaximum, out.Maximum = s.exclusive("exclusiveMaximum", l.exclusiveMaximum, out.Maximum)
	if l.additionalItems.exists() && out.PrefixItems != nil && out.Items == nil {
		out.Items = s.schema(l.additionalItems)
	}
	if i := slices.Index(out.Types, "file"); i >= 0 {
		out.Types[i] = "string"
		if out.Format == "" {
			out.Format = "binary"
		}
	}
	if !l.nullable.exists() {
		return
	}
	if s.dialect == dialect31 {
		s.unsupported(l.nullable, "nullable is a keyword of OpenAPI 3.0; read as meant, 3.1 has type: [..., 'null']")
	}
	if l.nullable.isTrue() {
		allowNull(out)
	}
}

// exclusive turns the boolean form, which modifies limit, into a number.
func (s *schemaReader) exclusive(keyword string, v value, limit api.Number) (exclusive, inclusive api.Number) {
	if !v.exists() {
		return "", limit
	}
	if truth, ok := v.boolean(); ok {
		if truth {
			return limit, ""
		}
		return "", limit
	}
	return s.number(entry{key: keyword, value: v}), limit
}

// allowNull makes a schema accept null as well. By the letter of 3.0 nullable
// beside an enum without null, or without a type, changes nothing; everybody
// who writes it means that null is allowed.
func allowNull(out *api.Schema) {
	combined := out.AllOf != nil || out.AnyOf != nil || out.OneOf != nil || out.Not != nil || out.Ref != "" || out.Const != ""
	if combined {
		inner := *out
		*out = api.Schema{
			AnyOf:    []*api.Schema{&inner, {Types: []string{"null"}, Position: inner.Position}},
			Position: inner.Position,
		}
		liftAnnotations(out, &inner)
		if only := soleAllOf(inner); only != nil {
			out.AnyOf[0] = only
		}
		return
	}
	if len(out.Types) > 0 && !slices.Contains(out.Types, "null") {
		out.Types = append(out.Types, "null")
	}
	if out.Enum != nil && !slices.Contains(out.Enum, "null") {
		out.Enum = append(out.Enum, "null")
	}
}

// soleAllOf is the schema that s wraps in an allOf and nothing else, which is
// how 3.0 puts something beside a reference; nil when s says more.
func soleAllOf(s api.Schema) *api.Schema {
	if len(s.AllOf) != 1 {
		return nil
	}
	only := s.AllOf[0]
	s.AllOf, s.Position = nil, api.Position{}
	if !reflect.DeepEqual(s, api.Schema{}) {
		return nil
	}
	return only
}

// liftAnnotations moves what describes a value, rather than constrains it, from
// inner to the schema around it.
func liftAnnotations(out, inner *api.Schema) {
	out.Title, inner.Title = inner.Title, ""
	out.Description, inner.Description = inner.Description, ""
	out.Default, inner.Default = inner.Default, ""
	out.Examples, inner.Examples = inner.Examples, nil
	out.Deprecated, inner.Deprecated = inner.Deprecated, false
	out.ReadOnly, inner.ReadOnly = inner.ReadOnly, false
	out.WriteOnly, inner.WriteOnly = inner.WriteOnly, false
	out.ExternalDocs, inner.ExternalDocs = inner.ExternalDocs, nil
	out.Extensions, inner.Extensions = inner.Extensions, nil
}

// dependencies reads the early drafts' keyword, which 2020-12 has split in two.
func (s *schemaReader) dependencies(out *api.Schema, v value) {
	for _, e := range lastWins(v.entries()) {
		if e.value.isSequence() {
			out.DependentRequired = append(out.DependentRequired, api.DependentRequired{Property: e.key, Required: s.strings(e)})
		} else {
			out.DependentSchemas = append(out.DependentSchemas, api.Property{Name: e.key, Schema: s.schema(e.value)})
		}
	}
}
