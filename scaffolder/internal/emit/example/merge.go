package example

import (
	"slices"

	"github.com/senior-backend/toolkit/scaffolder/internal/api"
	"github.com/senior-backend/toolkit/scaffolder/internal/emit/plan"
)

func isFile(s *api.Schema) bool { return plan.IsFile(s) }

// merge adds what s and the schemas that it includes say to what is known.
func (m *maker) merge(into *merged, s *api.Schema, depth int) {
	if s == nil || depth > deepest {
		return
	}
	if s.Ref != "" {
		if target := m.plan.Schema(s.Ref); target != nil {
			m.merge(into, target.Schema, depth+1)
		}
	}
	mergeText(into.Schema, s)
	mergeNumbers(into.Schema, s)
	mergeObject(into.Schema, s)
	mergeArray(into.Schema, s)
	for _, part := range s.AllOf {
		m.merge(into, part, depth+1)
	}
	for _, group := range [][]*api.Schema{s.AnyOf, s.OneOf} {
		if len(group) > 0 {
			into.groups = append(into.groups, m.told(s, group))
		}
	}
	if s.If != nil {
		into.groups = append(into.groups, []*api.Schema{orEmpty(s.Else), {AllOf: []*api.Schema{s.If, orEmpty(s.Then)}}})
	}
	for _, dependent := range s.DependentSchemas {
		into.groups = append(into.groups, []*api.Schema{dependent.Schema})
	}
}

func orEmpty(s *api.Schema) *api.Schema {
	if s == nil {
		return &api.Schema{}
	}
	return s
}

// told adds to each alternative the value of the property that tells which one
// is meant.
func (m *maker) told(s *api.Schema, group []*api.Schema) []*api.Schema {
	if s.Discriminator == nil {
		return group
	}
	out := make([]*api.Schema, 0, len(group))
	for _, option := range group {
		value := option.Ref
		for _, mapping := range s.Discriminator.Mapping {
			if mapping.Schema == option.Ref {
				value = mapping.Value
				break
			}
		}
		tell := &api.Schema{
			Required:   []string{s.Discriminator.Property},
			Properties: []api.Property{{Name: s.Discriminator.Property, Schema: &api.Schema{Const: api.Value(quoteJSON(value))}}},
		}
		if option.Ref != "" && m.plan.Schema(option.Ref) != nil && m.tells(option, s.Discriminator.Property) && value == option.Ref {
			out = append(out, option)
			continue
		}
		out = append(out, &api.Schema{AllOf: []*api.Schema{option, tell}})
	}
	return out
}

// tells says whether the alternative itself lists the values of the property.
func (m *maker) tells(option *api.Schema, property string) bool {
	all := &merged{Schema: &api.Schema{}}
	m.merge(all, &api.Schema{Ref: option.Ref}, deepest/2)
	for _, own := range all.Properties {
		if own.Name != property {
			continue
		}
		schema := m.plan.Inline(own.Schema)
		if schema == nil {
			continue
		}
		if schema.Enum != nil || schema.Const != "" {
			return true
		}
		for _, part := range schema.AllOf {
			if part = m.plan.Inline(part); part != nil && (part.Enum != nil || part.Const != "") {
				return true
			}
		}
	}
	return false
}

func mergeText(into, s *api.Schema) {
	switch {
	case into.Types == nil:
		into.Types = s.Types
	case s.Types != nil:
		into.Types = slices.DeleteFunc(slices.Clone(into.Types), func(name string) bool {
			return !slices.Contains(s.Types, name) && !(name == "integer" && slices.Contains(s.Types, "number"))
		})
		if len(into.Types) == 0 && slices.Contains(s.Types, "integer") {
			into.Types = []string{"integer"}
		}
	}
	switch {
	case s.Enum == nil:
	case into.Enum == nil:
		into.Enum = s.Enum
	default:
		into.Enum = slices.DeleteFunc(slices.Clone(into.Enum), func(v api.Value) bool { return !slices.Contains(s.Enum, v) })
	}
	if s.Const != "" {
		into.Const = s.Const
	}
	if into.Format == "" {
		into.Format = s.Format
	}
	if s.Pattern != "" {
		into.Pattern = s.Pattern
	}
	into.MinLength = larger(into.MinLength, s.MinLength)
	into.MaxLength = smaller(into.MaxLength, s.MaxLength)
}

func larger(a, b *int) *int {
	if a == nil || b != nil && *b > *a {
		return b
	}
	return a
}

func smaller(a, b *int) *int {
	if a == nil || b != nil && *b < *a {
		return b
	}
	return a
}

func mergeNumbers(into, s *api.Schema) {
	tighter := func(to *api.Number, from api.Number, sign int) {
		have, new := rational(string(*to)), rational(string(from))
		if from != "" && (*to == "" || have != nil && new != nil && new.Cmp(have) == sign) {
			*to = from
		}
	}
	tighter(&into.Minimum, s.Minimum, 1)
	tighter(&into.ExclusiveMinimum, s.ExclusiveMinimum, 1)
	tighter(&into.Maximum, s.Maximum, -1)
	tighter(&into.ExclusiveMaximum, s.ExclusiveMaximum, -1)
	if s.MultipleOf != "" {
		into.MultipleOf = s.MultipleOf
	}
}

func mergeObject(into, s *api.Schema) {
	for _, property := range s.Properties {
		at := slices.IndexFunc(into.Properties, func(known api.Property) bool { return known.Name == property.Name })
		if at < 0 {
			into.Properties = append(into.Properties, property)
			continue
		}
		both := &api.Schema{AllOf: []*api.Schema{into.Properties[at].Schema, property.Schema}}
		both.ReadOnly = into.Properties[at].Schema.ReadOnly || property.Schema.ReadOnly
		into.Properties[at] = api.Property{Name: property.Name, Schema: both}
	}
	for _, name := range s.Required {
		if !slices.Contains(into.Required, name) {
			into.Required = append(into.Required, name)
		}
	}
	into.PatternProperties = append(into.PatternProperties, s.PatternProperties...)
	if s.AdditionalProperties != nil {
		into.AdditionalProperties = s.AdditionalProperties
	}
	if s.UnevaluatedProperties != nil {
		into.UnevaluatedProperties = s.UnevaluatedProperties
	}
	if s.PropertyNames != nil {
		into.PropertyNames = s.PropertyNames
	}
	into.MinProperties = larger(into.MinProperties, s.MinProperties)
	into.MaxProperties = smaller(into.MaxProperties, s.MaxProperties)
	into.DependentRequired = append(into.DependentRequired, s.DependentRequired...)
}

func mergeArray(into, s *api.Schema) {
	switch {
	case into.Items == nil:
		into.Items = s.Items
	case s.Items != nil:
		into.Items = &api.Schema{AllOf: []*api.Schema{into.Items, s.Items}}
	}
	if len(s.PrefixItems) > len(into.PrefixItems) {
		into.PrefixItems = s.PrefixItems
	}
	if s.Contains != nil {
		into.Contains, into.MinContains, into.MaxContains = s.Contains, s.MinContains, s.MaxContains
	}
	into.MinItems = larger(into.MinItems, s.MinItems)
	into.MaxItems = smaller(into.MaxItems, s.MaxItems)
	into.UniqueItems = into.UniqueItems || s.UniqueItems
}
