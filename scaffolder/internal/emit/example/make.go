package example

import (
	"encoding/json"
	"slices"
	"strconv"

	"github.com/senior-backend/toolkit/scaffolder/internal/api"
)

// maker makes values that match schemas.
type maker struct {
	*checker
	minimal bool // leave out what is not required
	deep    int  // how far down objects have members that are not required
	work    int  // schemas that may still be looked at
}

// tries bounds how many combinations of alternatives are made.
const tries = 24

// make returns a value that matches the schema, and false when none was found.
// Different variants give different values, where the schema has several.
func (m *maker) make(s *api.Schema, depth, variant int) (any, bool) {
	if m.work--; m.work < 0 || depth > deepest {
		return nil, false
	}
	if s == nil {
		return "text" + suffix(variant), true
	}
	if s.Always != nil {
		return "text" + suffix(variant), *s.Always
	}
	if m.files && isFile(s) {
		return File{}, true
	}
	if value, ok := m.written(s, depth, variant); ok {
		return value, true
	}
	merged := &merged{Schema: &api.Schema{}}
	m.merge(merged, s, 0)
	for try := range tries {
		value, more, ok := m.attempt(merged, depth, variant, try)
		if ok && m.valid(s, value, 0) {
			return value, true
		}
		if !more && try > 0 {
			break
		}
	}
	return nil, false
}

func suffix(variant int) string {
	if variant == 0 {
		return ""
	}
	return strconv.Itoa(variant)
}

// written takes a value that the document itself has, where it is valid.
func (m *maker) written(s *api.Schema, depth, variant int) (any, bool) {
	if m.minimal && len(s.Properties) > 0 {
		return nil, false // examples tend to hold everything
	}
	var found []any
	for _, text := range append(slices.Clone(s.Examples), s.Default) {
		value, ok := parseValue(text)
		if text != "" && ok && value != nil && m.valid(s, value, depth) {
			found = append(found, value)
		}
	}
	if variant < len(found) {
		return found[variant], true
	}
	return nil, false
}

// merged is what a schema and those that it includes say together.
type merged struct {
	*api.Schema
	groups [][]*api.Schema // of each, one has to match
}

// attempt makes a value for one combination of alternatives. more says that
// there are further combinations.
func (m *maker) attempt(all *merged, depth, variant, try int) (value any, more, ok bool) {
	one := &merged{Schema: clone(all.Schema)}
	pending := slices.Clone(all.groups)
	number := try
	for len(pending) > 0 {
		group := pending[0]
		pending = pending[1:]
		m.merge(one, group[number%len(group)], 0)
		more = more || number/len(group) > 0 || number%len(group) < len(group)-1
		number /= len(group)
		pending = append(pending, one.groups...)
		one.groups = nil
	}
	value, ok = m.plainly(one.Schema, depth, variant+try/2)
	return value, more || try < 3, ok
}

func clone(s *api.Schema) *api.Schema {
	copied := *s
	copied.Properties = slices.Clone(s.Properties)
	copied.Required = slices.Clone(s.Required)
	return &copied
}

// plainly makes a value for a schema without alternatives.
func (m *maker) plainly(s *api.Schema, depth, variant int) (any, bool) {
	if s.Const != "" {
		return parseValue(s.Const)
	}
	if s.Enum != nil {
		if len(s.Enum) == 0 {
			return nil, false
		}
		return parseValue(s.Enum[variant%len(s.Enum)])
	}
	types := s.Types
	if types == nil {
		types = guessed(s)
	}
	for i := range types {
		name := types[(i+variant/4)%len(types)]
		if name == "null" && len(types) > 1 && i == 0 && variant < 4 {
			continue
		}
		if value, ok := m.ofType(s, name, depth, variant); ok {
			return value, true
		}
	}
	return nil, slices.Contains(types, "null")
}

// guessed are the types that a schema which names none is likely meant for.
func guessed(s *api.Schema) []string {
	switch {
	case s.Properties != nil || s.Required != nil || s.AdditionalProperties != nil || s.MinProperties != nil || s.PatternProperties != nil:
		return []string{"object"}
	case s.Items != nil || s.PrefixItems != nil || s.Contains != nil || s.MinItems != nil:
		return []string{"array"}
	case s.Minimum != "" || s.Maximum != "" || s.ExclusiveMinimum != "" || s.ExclusiveMaximum != "" || s.MultipleOf != "":
		return []string{"number"}
	}
	return []string{"string", "object", "number", "boolean", "array", "null"}
}

func (m *maker) ofType(s *api.Schema, name string, depth, variant int) (any, bool) {
	switch name {
	case "null":
		return nil, true
	case "boolean":
		return variant%2 == 0, true
	case "string":
		return m.textOf(s, variant)
	case "integer", "number":
		return numberOf(s, name == "integer", variant)
	case "array":
		return m.arrayOf(s, depth, variant)
	case "object":
		return m.objectOf(s, depth, variant)
	}
	return nil, false
}

// numberOf tries the bounds and what lies near them.
func numberOf(s *api.Schema, whole bool, variant int) (any, bool) {
	schema := &api.Schema{
		Minimum: s.Minimum, Maximum: s.Maximum, ExclusiveMinimum: s.ExclusiveMinimum, ExclusiveMaximum: s.ExclusiveMaximum,
		MultipleOf: s.MultipleOf, Format: s.Format, Types: s.Types,
	}
	if whole {
		schema.Types = []string{"integer"}
	}
	c := &checker{}
	for i, candidate := range candidates(s) {
		if i >= variant || variant > 20 {
			if (!whole || typeOf(candidate) == "integer") && c.typed(schema, candidate) && number(schema, candidate) {
				return candidate, true
			}
		}
	}
	if variant > 0 {
		return numberOf(s, whole, 0)
	}
	return nil, false
}

func candidates(s *api.Schema) []json.Number {
	var list []json.Number
	for _, text := range []string{"1", "2", "3", "5", "10", "42", "100", "0.5"} {
		list = append(list, json.Number(text))
	}
	step := rational(string(s.MultipleOf))
	if step == nil || step.Sign() <= 0 {
		step = rational("1")
	}
	half := rational("1/2")
	var bounds []api.Number
	for _, bound := range []api.Number{s.Minimum, s.ExclusiveMinimum, s.Maximum, s.ExclusiveMaximum} {
		if bound != "" {
			bounds = append(bounds, bound)
		}
	}
	for _, bound := range bounds {
		limit := rational(string(bound))
		if limit == nil {
			continue
		}
		for times := int64(-2); times <= 2; times++ {
			moved := rational("0").SetInt64(times)
			list = append(list, decimal(moved.Add(moved.Mul(moved, step), limit)))
			// The nearest multiples on both sides.
			quotient := rational("0").Quo(limit, step)
			whole := rational("0").SetInt(quotient.Num().Div(quotient.Num(), quotient.Denom()))
			whole.Add(whole, rational("0").SetInt64(times))
			list = append(list, decimal(whole.Mul(whole, step)))
		}
		for _, other := range bounds {
			if far := rational(string(other)); far != nil {
				middle := rational("0").Add(limit, far)
				list = append(list, decimal(middle.Mul(middle, half)))
			}
		}
	}
	for times := int64(0); times < 4; times++ {
		list = append(list, decimal(rational("0").Mul(rational("0").SetInt64(times), step)))
	}
	return append(list, "0", "-1")
}
