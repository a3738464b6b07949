package example_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/senior-backend/toolkit/scaffolder/internal/api"
	"github.com/senior-backend/toolkit/scaffolder/internal/emit/example"
	"github.com/senior-backend/toolkit/scaffolder/internal/emit/plan"
)

func number(n int) *int { return &n }

// casesOf makes the cases of a POST that takes the schema as JSON.
func casesOf(t *testing.T, s *api.Schema, named ...*api.NamedSchema) []example.Case {
	t.Helper()
	p := plan.New(&api.API{Schemas: named, Operations: []*api.Operation{{
		ID: "post", Method: "POST", Path: "/t",
		Body: &api.Body{Required: true, Content: []*api.Media{{Type: "application/json", Schema: s}}},
	}}})
	return example.Cases(p, p.Operations[0], 100)
}

func TestBodies(t *testing.T) {
	text := &api.Schema{Types: []string{"string"}}
	cat := &api.NamedSchema{Name: "Cat", Schema: &api.Schema{
		Types: []string{"object"}, Required: []string{"kind", "lives"},
		Properties: []api.Property{{Name: "kind", Schema: text}, {Name: "lives", Schema: &api.Schema{Types: []string{"integer"}, Maximum: "9"}}},
	}}
	tests := []struct {
		name   string
		schema *api.Schema
		body   string
		faults []string // keyword and field
	}{
		{"anything", nil, `"text"`, nil},
		{"an object", &api.Schema{
			Types: []string{"object"}, Required: []string{"a"}, AdditionalProperties: &api.Schema{Always: new(bool)},
			Properties: []api.Property{
				{Name: "id", Schema: &api.Schema{Types: []string{"integer"}, ReadOnly: true}},
				{Name: "a", Schema: &api.Schema{Types: []string{"string"}, MinLength: number(6), Pattern: "^x+$"}},
			},
		}, `{"a":"xxxxxx"}`, []string{"type body", "required a", "additionalProperties unexpectedMember", "type a", "minLength a", "pattern a"}},
		{
			"a number between", &api.Schema{Types: []string{"number"}, ExclusiveMinimum: "0", ExclusiveMaximum: "0.25", MultipleOf: "0.05"},
			`0.05`,
			[]string{"type body", "exclusiveMinimum body", "exclusiveMaximum body", "multipleOf body"},
		},
		{"a set", &api.Schema{
			Types: []string{"array"}, MinItems: number(2), UniqueItems: true, Items: &api.Schema{Types: []string{"integer"}},
		}, `[1,3]`, []string{"type body", "minItems body", "uniqueItems 2", "type 0", "integer 0", "type 1", "integer 1"}},
		{"the document's example", &api.Schema{Types: []string{"string"}, Examples: []api.Value{`"Ada"`}}, `"Ada"`, []string{"type body"}},
		{"an example that is none", &api.Schema{Types: []string{"string"}, Examples: []api.Value{`7`}}, `"text"`, []string{"type body"}},
		{"told apart by a property", &api.Schema{
			OneOf: []*api.Schema{{Ref: "Cat"}}, Discriminator: &api.Discriminator{Property: "kind", Mapping: []api.DiscriminatorMapping{{Value: "cat", Schema: "Cat"}}},
		}, `{"kind":"cat","lives":1}`, []string{"type body", "required body", "maximum body", "integer body"}},
		{"recursive", &api.Schema{Ref: "Cat"}, `{"kind":"text","lives":1}`, []string{"required kind", "required lives"}},
		{"impossible", &api.Schema{Types: []string{"string"}, MinLength: number(3), MaxLength: number(2)}, "", nil},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			cases := casesOf(t, test.schema, cat)
			if test.body == "" {
				require.Empty(t, cases)
				return
			}
			require.NotEmpty(t, cases)
			require.Equal(t, test.body, string(cases[0].Body))
			require.Empty(t, cases[0].Keyword)
			var found []string
			for _, one := range cases[1:] {
				require.NotEmpty(t, one.Keyword, "one valid request is enough")
				found = append(found, one.Keyword+" "+one.Field)
			}
			require.Subset(t, found, test.faults)
		})
	}
}

// TestThorough holds that keywords are broken whose breach has to be looked for.
func TestThorough(t *testing.T) {
	never := false
	text, whole := &api.Schema{Types: []string{"string"}}, &api.Schema{Types: []string{"integer"}}
	property := func(name string, s *api.Schema) api.Property { return api.Property{Name: name, Schema: s} }
	schema := &api.Schema{Types: []string{"object"}, Properties: []api.Property{
		property("either", &api.Schema{OneOf: []*api.Schema{{Types: []string{"string"}, MaxLength: number(4)}, {Types: []string{"integer"}, Minimum: "5"}}}),
		property("not", &api.Schema{Types: []string{"string"}, Not: &api.Schema{Enum: []api.Value{`"never"`}}}),
		property("has", &api.Schema{Types: []string{"array"}, Items: whole, Contains: &api.Schema{Const: "1"}, MaxContains: number(2)}),
		property("pair", &api.Schema{Types: []string{"array"}, PrefixItems: []*api.Schema{text}, Items: &api.Schema{Always: &never}}),
		property("map", &api.Schema{Types: []string{"object"}, PatternProperties: []api.Property{property("^x-", whole)}, AdditionalProperties: text}),
		property("names", &api.Schema{Types: []string{"object"}, PropertyNames: &api.Schema{Pattern: "^[a-z]+$"}}),
		property("set", &api.Schema{Types: []string{"array"}, Items: whole, MinItems: number(2), MaxItems: number(2), UniqueItems: true}),
		property("when", &api.Schema{
			Types: []string{"object"}, Properties: []api.Property{property("a", whole), property("b", whole), property("c", whole)},
			If: &api.Schema{Required: []string{"a"}}, Then: &api.Schema{Required: []string{"b"}}, Else: &api.Schema{Required: []string{"c"}},
		}),
		property("dep", &api.Schema{
			Types: []string{"object"}, Properties: []api.Property{property("a", whole), property("b", whole)},
			DependentSchemas: []api.Property{property("a", &api.Schema{Properties: []api.Property{property("b", &api.Schema{Maximum: "9"})}})},
		}),
	}}
	p := plan.New(&api.API{Operations: []*api.Operation{{
		ID: "post", Method: "POST", Path: "/t", Body: &api.Body{Required: true, Content: []*api.Media{{Type: "application/json", Schema: schema}}},
	}}})
	var found []string
	for _, one := range example.Thorough(p, p.Operations[0], 200) {
		found = append(found, one.Keyword+" "+one.Field)
	}
	require.Subset(t, found, []string{
		"null body", "maxLength either", "minimum either", "not not", "contains has", "maxContains has", "items pair.1", "additionalProperties map.unexpectedMember",
		"propertyNames names.A", "uniqueItems set.1", "required when", "maximum dep",
	})
	require.Contains(t, strings.Join(found, "\n"), "patternProperties map.x-")
}

func TestParameters(t *testing.T) {
	list := &api.Schema{Types: []string{"array"}, Items: &api.Schema{Types: []string{"integer"}}, MinItems: number(2)}
	p := plan.New(&api.API{Operations: []*api.Operation{{
		ID: "get", Method: "GET", Path: "/a/{id}",
		Parameters: []*api.Parameter{
			{Name: "id", In: api.InPath, Required: true, Style: api.StyleMatrix, Explode: true, Schema: list},
			{Name: "pipe", In: api.InQuery, Required: true, Style: api.StylePipeDelimited, Schema: list},
			{Name: "large", In: api.InQuery, Required: true, Style: api.StyleForm, Explode: true, Schema: &api.Schema{Types: []string{"integer"}, Format: "int64"}},
			{Name: "X-One", In: api.InHeader, Style: api.StyleSimple, Schema: &api.Schema{Types: []string{"boolean"}}},
			{Name: "c", In: api.InCookie, Style: api.StyleForm, Explode: true, Schema: &api.Schema{Types: []string{"string"}}},
		},
	}}})
	cases := example.Cases(p, p.Operations[0], 100)
	require.NotEmpty(t, cases)
	require.Equal(t, "/a/;id=1;id=1?pipe=1%7C1&large=1", cases[0].Target)
	require.Equal(t, []example.Header{{Name: "X-One", Value: "true"}, {Name: "Cookie", Value: "c=text"}}, cases[0].Headers)
	fields := map[string]bool{}
	for _, one := range cases[1:] {
		fields[one.Keyword+" "+one.Field] = true
	}
	require.Subset(t, fields, map[string]bool{"missing pipe": true, "minItems pipe": true, "type id.0": true, "type large": true, "format large": true, "type X-One": true})
	require.NotContains(t, fields, "type c", "every text is a string")
}
