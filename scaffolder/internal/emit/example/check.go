package example

import (
	"encoding/json"
	"slices"
	"unicode/utf8"

	"github.com/senior-backend/toolkit/scaffolder/internal/api"
	"github.com/senior-backend/toolkit/scaffolder/internal/emit/plan"
)

func sortStrings(list []string) { slices.Sort(list) }

// deepest is how far schemas are followed.
const deepest = 24

// checker tells valid values from others, as the generated validators should.
type checker struct {
	plan     *plan.Plan
	patterns map[string]*pattern
	files    bool // strings of binary format are files of a form
	thorough bool // break also what takes more work
}

func newChecker(p *plan.Plan) *checker {
	return &checker{plan: p, patterns: map[string]*pattern{}}
}

func (c *checker) valid(s *api.Schema, v any, depth int) bool {
	switch {
	case s == nil || depth > deepest:
		return true
	case s.Always != nil:
		return *s.Always
	case c.files && plan.IsFile(s):
		return v == any(File{})
	}
	if target := c.plan.Schema(s.Ref); s.Ref != "" && target != nil && !target.Hollow() && !c.valid(target.Schema, v, depth+1) {
		return false
	}
	return c.typed(s, v) && c.listed(s, v) && c.value(s, v, depth) && c.combined(s, v, depth)
}

func (c *checker) typed(s *api.Schema, v any) bool {
	if s.Types == nil {
		return true
	}
	kind := typeOf(v)
	return slices.Contains(s.Types, kind) || kind == "integer" && slices.Contains(s.Types, "number")
}

func (c *checker) listed(s *api.Schema, v any) bool {
	same := func(allowed api.Value) bool {
		value, ok := parseValue(allowed)
		return ok && canonical(value) == canonical(v)
	}
	return (s.Const == "" || same(s.Const)) && (s.Enum == nil || slices.ContainsFunc(s.Enum, same))
}

func (c *checker) value(s *api.Schema, v any, depth int) bool {
	switch v := v.(type) {
	case string:
		return c.text(s, v)
	case json.Number:
		return number(s, v)
	case []any:
		return c.array(s, v, depth)
	case Object:
		return c.object(s, v, depth)
	}
	return true
}

func (c *checker) text(s *api.Schema, v string) bool {
	length := utf8.RuneCountInString(v)
	return (s.MinLength == nil || length >= *s.MinLength) && (s.MaxLength == nil || length <= *s.MaxLength) &&
		(s.Pattern == "" || c.pattern(s.Pattern).matches(v)) && hasFormat(s.Format, v)
}

func number(s *api.Schema, v json.Number) bool {
	value := rational(v.String())
	if value == nil {
		return false
	}
	compare := func(bound api.Number, fits func(int) bool) bool {
		limit := rational(string(bound))
		return bound == "" || limit == nil || fits(value.Cmp(limit))
	}
	if !compare(s.Minimum, func(c int) bool { return c >= 0 }) || !compare(s.Maximum, func(c int) bool { return c <= 0 }) ||
		!compare(s.ExclusiveMinimum, func(c int) bool { return c > 0 }) || !compare(s.ExclusiveMaximum, func(c int) bool { return c < 0 }) {
		return false
	}
	if step := rational(string(s.MultipleOf)); s.MultipleOf != "" && step != nil && step.Sign() > 0 {
		if !value.Quo(value, step).IsInt() {
			return false
		}
		value = rational(v.String())
	}
	if limits, ok := integerLimits[s.Format]; ok && slices.Contains(s.Types, "integer") {
		return value.Cmp(rational(limits[0])) >= 0 && value.Cmp(rational(limits[1])) <= 0
	}
	return true
}

var integerLimits = map[string][2]string{
	"int32": {"-2147483648", "2147483647"},
	"int64": {"-9223372036854775808", "9223372036854775807"},
}

func (c *checker) array(s *api.Schema, v []any, depth int) bool {
	if s.MinItems != nil && len(v) < *s.MinItems || s.MaxItems != nil && len(v) > *s.MaxItems {
		return false
	}
	seen := map[string]bool{}
	matching := 0
	for i, item := range v {
		schema := s.Items
		if i < len(s.PrefixItems) {
			schema = s.PrefixItems[i]
		}
		if !c.valid(schema, item, depth+1) {
			return false
		}
		if s.Contains != nil && c.valid(s.Contains, item, depth+1) {
			matching++
		}
		text := canonical(item)
		if s.UniqueItems && seen[text] {
			return false
		}
		seen[text] = true
	}
	if s.Contains == nil {
		return true
	}
	least := 1
	if s.MinContains != nil {
		least = *s.MinContains
	}
	return matching >= least && (s.MaxContains == nil || matching <= *s.MaxContains)
}

func (c *checker) object(s *api.Schema, v Object, depth int) bool {
	if s.MinProperties != nil && len(v) < *s.MinProperties || s.MaxProperties != nil && len(v) > *s.MaxProperties {
		return false
	}
	for _, name := range s.Required {
		if _, found := v.Get(name); !found && !c.readOnly(s, name) {
			return false
		}
	}
	for _, member := range v {
		if !c.readOnly(s, member.Name) && !c.member(s, member, depth) {
			return false
		}
	}
	for _, dependent := range s.DependentRequired {
		if _, found := v.Get(dependent.Property); !found {
			continue
		}
		for _, name := range dependent.Required {
			if _, found := v.Get(name); !found {
				return false
			}
		}
	}
	for _, dependent := range s.DependentSchemas {
		if _, found := v.Get(dependent.Name); found && !c.valid(dependent.Schema, v, depth+1) {
			return false
		}
	}
	return true
}

func (c *checker) member(s *api.Schema, member Member, depth int) bool {
	if s.PropertyNames != nil && !c.valid(s.PropertyNames, member.Name, depth+1) {
		return false
	}
	known := false
	for _, property := range s.Properties {
		if property.Name == member.Name {
			known = true
			if !c.valid(property.Schema, member.Value, depth+1) {
				return false
			}
		}
	}
	for _, property := range s.PatternProperties {
		if c.pattern(property.Name).matches(member.Name) && c.pattern(property.Name).usable() {
			known = true
			if !c.valid(property.Schema, member.Value, depth+1) {
				return false
			}
		}
	}
	return known || s.AdditionalProperties == nil || c.valid(s.AdditionalProperties, member.Value, depth+1)
}

func (c *checker) readOnly(s *api.Schema, name string) bool {
	for _, property := range s.Properties {
		if property.Name == name {
			return c.plan.ReadOnly(property.Schema)
		}
	}
	return false
}

func (c *checker) combined(s *api.Schema, v any, depth int) bool {
	matches := func(part *api.Schema) bool { return c.valid(part, v, depth+1) }
	for _, part := range s.AllOf {
		if !matches(part) {
			return false
		}
	}
	if s.AnyOf != nil && (!slices.ContainsFunc(s.AnyOf, matches) || !c.told(s, s.AnyOf, v)) || s.OneOf != nil && !c.told(s, s.OneOf, v) {
		return false
	}
	if s.OneOf != nil {
		count := 0
		for _, part := range s.OneOf {
			if matches(part) {
				count++
			}
		}
		if count == 0 || count > 1 && s.Discriminator == nil {
			return false
		}
	}
	if s.Not != nil && matches(s.Not) {
		return false
	}
	if s.If != nil {
		branch := s.Else
		if matches(s.If) {
			branch = s.Then
		}
		return branch == nil || matches(branch)
	}
	return c.evaluated(s, v, depth)
}

// told tells whether the property that chooses among alternatives has a value
// which does; true where it need not.
func (c *checker) told(s *api.Schema, options []*api.Schema, v any) bool {
	object, ok := v.(Object)
	if s.Discriminator == nil || s.Discriminator.Default != "" || len(options) < 2 || !ok {
		return true
	}
	said, _ := object.Get(s.Discriminator.Property)
	for _, option := range options {
		target := c.plan.Schema(option.Ref)
		mapped := slices.ContainsFunc(s.Discriminator.Mapping, func(m api.DiscriminatorMapping) bool { return m.Schema == option.Ref })
		if option.Ref == "" || target == nil || !mapped {
			return true // what else it may be is not looked for
		}
	}
	return slices.ContainsFunc(s.Discriminator.Mapping, func(m api.DiscriminatorMapping) bool { return said == any(m.Value) })
}

// evaluated is only sure of itself where nothing can be left over: it refuses
// members that no part of the schema names.
func (c *checker) evaluated(s *api.Schema, v any, depth int) bool {
	object, ok := v.(Object)
	if s.UnevaluatedProperties == nil || !ok {
		return true
	}
	known := map[string]bool{}
	c.names(s, v, depth, known)
	for _, member := range object {
		if !known[member.Name] && !c.valid(s.UnevaluatedProperties, member.Value, depth+1) {
			return false
		}
	}
	return true
}

func (c *checker) names(s *api.Schema, v any, depth int, known map[string]bool) {
	if s == nil || depth > deepest {
		return
	}
	if target := c.plan.Schema(s.Ref); s.Ref != "" && target != nil {
		c.names(target.Schema, v, depth+1, known)
	}
	for _, property := range s.Properties {
		known[property.Name] = true
	}
	if object, ok := v.(Object); ok && (s.AdditionalProperties != nil || s.PatternProperties != nil) {
		for _, member := range object {
			known[member.Name] = true
		}
	}
	for _, list := range [][]*api.Schema{s.AllOf, s.AnyOf, s.OneOf, {s.If, s.Then, s.Else}} {
		for _, part := range list {
			if part != nil && c.valid(part, v, depth+1) {
				c.names(part, v, depth+1, known)
			}
		}
	}
}
