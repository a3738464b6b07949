package example

import (
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/senior-backend/toolkit/scaffolder/internal/api"
)

// textOf makes a string.
func (m *maker) textOf(s *api.Schema, variant int) (any, bool) {
	least, most := 0, -1
	if s.MinLength != nil {
		least = *s.MinLength
	}
	if s.MaxLength != nil {
		most = *s.MaxLength
	}
	if least > 100_000 || most >= 0 && least > most {
		return nil, false
	}
	var list []string
	if sample, ok := samples[s.Format]; ok {
		list = append(list, varied(s.Format, sample, variant), sample)
	}
	if s.Pattern != "" {
		texts := m.pattern(s.Pattern).texts()
		for i := range texts {
			list = append(list, texts[(i+variant)%len(texts)])
		}
	}
	plain := "text" + suffix(variant)
	list = append(list, plain, "a", "1", "A", "example.com", "https://example.com/a", "/a", "2024-05-17")
	for _, text := range slices.Clone(list) {
		list = append(list, fitted(text, least, most))
	}
	for _, text := range list {
		if m.text(s, text) {
			return text, true
		}
	}
	return nil, false
}

// varied makes another value of a format.
func varied(format, sample string, variant int) string {
	if variant == 0 {
		return sample
	}
	switch format {
	case "email":
		return "ada" + suffix(variant) + "@example.com"
	case "uri", "url", "uri-reference", "json-pointer":
		return sample + suffix(variant)
	case "uuid":
		return sample[:len(sample)-1] + string("0123456789abcdef"[variant%16])
	case "date", "date-time":
		return strings.Replace(sample, "-17", "-"+string("12"[variant/9%2])+string("123456789"[variant%9]), 1)
	case "ipv4", "ipv6", "int32", "int64":
		return sample + string("0123456789"[variant%10])
	}
	return sample
}

// fitted cuts a text, or repeats its last letter, so that it has a length.
func fitted(text string, least, most int) string {
	runes := []rune(text)
	if most >= 0 && len(runes) > most {
		runes = runes[:most]
	}
	if len(runes) < least {
		last := "a"
		if len(runes) > 0 {
			last = string(runes[len(runes)-1])
		}
		return string(runes) + strings.Repeat(last, least-len(runes))
	}
	if !utf8.ValidString(string(runes)) {
		return text
	}
	return string(runes)
}

// arrayOf makes an array of as few items as are asked for, or one.
func (m *maker) arrayOf(s *api.Schema, depth, variant int) (any, bool) {
	count := max(1, len(s.PrefixItems))
	if m.minimal {
		count = 0
	}
	if s.MinItems != nil {
		count = max(count, *s.MinItems)
	}
	if s.MaxItems != nil {
		count = min(count, *s.MaxItems)
	}
	if count > 1000 {
		return nil, false
	}
	items := []any{}
	add := func(schema *api.Schema) bool {
		for try := range 8 {
			item, ok := m.make(schema, depth+1, variant+try*(len(items)+1))
			if ok && (!s.UniqueItems || !slices.ContainsFunc(items, func(have any) bool { return canonical(have) == canonical(item) })) {
				items = append(items, item)
				return true
			}
		}
		return false
	}
	if s.Contains != nil {
		least := 1
		if s.MinContains != nil {
			least = *s.MinContains
		}
		for range min(least, 1000) {
			if len(items) < len(s.PrefixItems) || !add(&api.Schema{AllOf: []*api.Schema{s.Contains, orEmpty(s.Items)}}) {
				break
			}
		}
	}
	for len(items) < count {
		schema := s.Items
		if len(items) < len(s.PrefixItems) {
			schema = s.PrefixItems[len(items)]
		}
		if !add(schema) {
			break
		}
	}
	return items, s.MinItems == nil || len(items) >= *s.MinItems
}

// objectOf makes an object of what is required and, as long as it does not go
// too deep, what is allowed.
func (m *maker) objectOf(s *api.Schema, depth, variant int) (any, bool) {
	object := Object{}
	for _, property := range s.Properties {
		required := slices.Contains(s.Required, property.Name)
		if m.plan.ReadOnly(property.Schema) || !required && (m.minimal || depth > m.deep) {
			continue
		}
		if value, ok := m.make(property.Schema, depth+1, variant); ok {
			object = append(object, Member{property.Name, value})
		} else if required {
			return nil, false
		}
	}
	for _, name := range s.Required {
		if _, found := object.Get(name); found || m.readOnly(s, name) {
			continue
		}
		value, ok := m.make(s.AdditionalProperties, depth+1, variant)
		if !ok {
			return nil, false
		}
		object = append(object, Member{name, value})
	}
	return m.furnished(s, object, depth, variant)
}

// furnished adds members beside the named ones where the schema speaks of them.
func (m *maker) furnished(s *api.Schema, object Object, depth, variant int) (any, bool) {
	least, most := 0, len(object)+1
	if s.MinProperties != nil {
		least = *s.MinProperties
	}
	if s.MaxProperties != nil {
		most = *s.MaxProperties
	}
	extra := s.AdditionalProperties
	if extra != nil && extra.Always == nil && !m.minimal && depth <= m.deep && len(object) < most {
		least = max(least, len(object)+1)
	}
	for try := 0; len(object) < least && try < 2*least+4 && least < 1000; try++ {
		name, schema := m.name(s, try)
		if _, found := object.Get(name); found || name == "" {
			continue
		}
		if value, ok := m.make(schema, depth+1, variant); ok {
			object = append(object, Member{name, value})
		}
	}
	for len(object) > most {
		at := slices.IndexFunc(object, func(member Member) bool { return !slices.Contains(s.Required, member.Name) })
		if at < 0 {
			break
		}
		object = slices.Delete(object, at, at+1)
	}
	return object, true
}

// name makes the name of a further member, and says which schema it goes by.
func (m *maker) name(s *api.Schema, try int) (string, *api.Schema) {
	if len(s.PatternProperties) > 0 {
		property := s.PatternProperties[try%len(s.PatternProperties)]
		if texts := m.pattern(property.Name).texts(); len(texts) > 0 {
			return texts[try%len(texts)], property.Schema
		}
	}
	name := "key" + suffix(try)
	if s.PropertyNames != nil {
		made, _ := m.make(s.PropertyNames, 1, try)
		name, _ = made.(string)
	}
	return name, s.AdditionalProperties
}
