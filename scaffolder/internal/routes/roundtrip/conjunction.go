package main

import (
	"slices"
	"strconv"
	"strings"

	"github.com/senior-backend/toolkit/scaffolder/internal/api"
)

// conjunction gathers all that a schema asks for: its own keywords, those behind
// its reference and those of its allOf are asked for alike.
type conjunction struct {
	*reader
	depth      int
	types      []string // nil says nothing
	typed      bool
	values     []string // of enum and const
	listed     bool
	members    []member
	properties map[string][]int
	required   map[string]bool
	object     bool // keywords of objects stand here
	array      bool
	fallback   string // the default value
}

func (c *conjunction) member(kind, text string, kids ...int) {
	c.members = append(c.members, member{kind: kind, text: text, kids: kids})
}

func (c *conjunction) add(s *api.Schema, seen map[string]bool, top bool) {
	if s == nil {
		return
	}
	if s.Always != nil {
		if !*s.Always {
			c.member("never", "")
		}
		return
	}
	if s.Ref != "" && !seen[s.Ref] {
		seen[s.Ref] = true
		c.add(c.byName[s.Ref], seen, top)
	}
	if s.Default != "" && top {
		c.fallback = canon(s.Default)
	}
	c.addTypes(s.Types)
	c.addValues(s)
	c.text(s)
	c.numbers(s)
	c.arrays(s)
	c.objects(s)
	for _, part := range s.AllOf {
		c.add(part, seen, top)
	}
	c.choice("anyOf", s.AnyOf)
	c.choice("oneOf", s.OneOf)
	if s.Not != nil {
		c.member("not", "", c.at(s.Not, c.depth))
	}
	if s.If != nil && (s.Then != nil || s.Else != nil) {
		c.member("if", "", c.at(s.If, c.depth), c.at(s.Then, c.depth), c.at(s.Else, c.depth))
	}
	if d := s.Discriminator; d != nil && len(s.AnyOf)+len(s.OneOf) > 0 {
		c.member("discriminator", d.Property)
	}
}

func (c *conjunction) addTypes(types []string) {
	if types == nil {
		return
	}
	if !c.typed {
		c.types, c.typed = sortedTypes(types), true
		return
	}
	var both []string
	for _, t := range c.types {
		switch {
		case slices.Contains(types, t), t == "integer" && slices.Contains(types, "number"):
			both = append(both, t)
		case t == "number" && slices.Contains(types, "integer"):
			both = append(both, "integer")
		}
	}
	c.types = sortedTypes(both)
}

func (c *conjunction) addValues(s *api.Schema) {
	list := s.Enum
	if s.Const != "" {
		list = []api.Value{s.Const}
	}
	if list == nil {
		return
	}
	var values []string
	for _, v := range list {
		values = append(values, canon(v))
	}
	slices.Sort(values)
	values = slices.Compact(values)
	if c.listed {
		values = slices.DeleteFunc(values, func(v string) bool { return !slices.Contains(c.values, v) })
	}
	c.values, c.listed = values, true
}

func (c *conjunction) text(s *api.Schema) {
	if s.Format != "" {
		c.member("format", s.Format)
	}
	if s.Pattern != "" {
		c.member("pattern", s.Pattern)
	}
	c.count("minLength", s.MinLength)
	c.count("maxLength", s.MaxLength)
	if s.ContentEncoding != "" {
		c.member("contentEncoding", s.ContentEncoding)
	}
	if s.ContentMediaType != "" {
		c.member("contentMediaType", s.ContentMediaType)
	}
	if s.ContentSchema != nil {
		c.member("contentSchema", "", c.at(s.ContentSchema, c.depth-1))
	}
}

// count leaves out lower bounds of nothing.
func (c *conjunction) count(kind string, n *int) {
	if n != nil && (*n != 0 || strings.HasPrefix(kind, "max")) {
		c.member(kind, strconv.Itoa(*n))
	}
}

func (c *conjunction) numbers(s *api.Schema) {
	for _, bound := range []struct {
		kind  string
		value api.Number
	}{
		{"minimum", s.Minimum},
		{"maximum", s.Maximum},
		{"exclusiveMinimum", s.ExclusiveMinimum},
		{"exclusiveMaximum", s.ExclusiveMaximum},
		{"multipleOf", s.MultipleOf},
	} {
		if bound.value != "" {
			c.member(bound.kind, amount(bound.value))
		}
	}
}

func (c *conjunction) inner(kind string, s *api.Schema) {
	if n := c.at(s, c.depth-1); n != 0 {
		c.member(kind, "", n)
	}
}

func (c *conjunction) arrays(s *api.Schema) {
	c.array = c.array || s.Items != nil || s.PrefixItems != nil
	c.inner("items", s.Items)
	for i, item := range s.PrefixItems {
		c.members = append(c.members, member{kind: "prefixItems", name: strconv.Itoa(i), kids: []int{c.at(item, c.depth-1)}})
	}
	c.count("minItems", s.MinItems)
	c.count("maxItems", s.MaxItems)
	if s.UniqueItems {
		c.member("uniqueItems", "true")
	}
	if s.Contains != nil {
		c.member("contains", bounds(s.MinContains, s.MaxContains), c.at(s.Contains, c.depth-1))
	}
	if s.UnevaluatedItems != nil {
		c.member("unevaluatedItems", "", c.at(s.UnevaluatedItems, c.depth-1))
	}
}

func bounds(least, most *int) string {
	text := ""
	if least != nil {
		text = strconv.Itoa(*least)
	}
	if most != nil {
		text += ".." + strconv.Itoa(*most)
	}
	return text
}

func (c *conjunction) objects(s *api.Schema) {
	c.object = c.object || s.Properties != nil || s.Required != nil || s.AdditionalProperties != nil || s.PatternProperties != nil
	hidden := map[string]bool{}
	done := map[string]bool{}
	for _, p := range s.Properties {
		if done[p.Name] {
			continue
		}
		done[p.Name] = true
		if c.flagged(p.Schema) {
			hidden[p.Name] = true
			continue
		}
		c.properties[p.Name] = append(c.properties[p.Name], c.at(p.Schema, c.depth-1))
	}
	for _, name := range s.Required {
		if !hidden[name] {
			c.required[name] = true
		}
	}
	for _, p := range s.PatternProperties {
		c.members = append(c.members, member{kind: "patternProperties", name: p.Name, kids: []int{c.at(p.Schema, c.depth-1)}})
	}
	c.inner("additionalProperties", s.AdditionalProperties)
	c.inner("unevaluatedProperties", s.UnevaluatedProperties)
	c.inner("propertyNames", s.PropertyNames)
	c.count("minProperties", s.MinProperties)
	c.count("maxProperties", s.MaxProperties)
	for _, d := range s.DependentRequired {
		names := slices.Clone(d.Required)
		slices.Sort(names)
		c.members = append(c.members, member{kind: "dependentRequired", name: d.Property, text: strings.Join(names, ",")})
	}
	for _, p := range s.DependentSchemas {
		c.members = append(c.members, member{kind: "dependentSchemas", name: p.Name, kids: []int{c.at(p.Schema, c.depth-1)}})
	}
}
