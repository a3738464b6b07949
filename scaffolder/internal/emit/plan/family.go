package plan

import (
	"encoding/json"
	"slices"

	"github.com/senior-backend/toolkit/scaffolder/internal/api"
)

// families gives schemas that others extend, and that name a property which
// tells them apart, the meaning that their authors had in mind: a value of such
// a schema is one of its heirs. What the schema says itself moves to one of its
// own, which the heirs include from then on.
func families(a *api.API) *api.API {
	byName := map[string]*api.Schema{}
	for _, named := range a.Schemas {
		if byName[named.Name] == nil {
			byName[named.Name] = named.Schema
		}
	}
	f := &family{byName: byName, base: map[string]string{}}
	for _, named := range a.Schemas {
		s := named.Schema
		if s.Discriminator != nil && s.OneOf == nil && s.AnyOf == nil && s.Ref == "" && byName[named.Name] == s && f.heirs(a, named.Name) != nil {
			f.base[named.Name] = f.free(named.Name + "Base")
		}
	}
	if len(f.base) == 0 {
		return a
	}
	out := *a
	out.Schemas = nil
	for _, named := range a.Schemas {
		copied := *named
		own := f.own(named.Name, named.Schema)
		if base := f.base[named.Name]; base != "" && byName[named.Name] == named.Schema {
			plain := *own
			plain.Discriminator = nil
			copied.Schema = f.oneOfHeirs(a, named.Name, own)
			out.Schemas = append(out.Schemas, &api.NamedSchema{Name: base, Schema: &plain, Position: named.Position})
		} else {
			copied.Schema = own
		}
		out.Schemas = append(out.Schemas, &copied)
	}
	return &out
}

type family struct {
	byName map[string]*api.Schema
	base   map[string]string // the names of what families have in common, by the family's
}

func (f *family) free(name string) string {
	for f.byName[name] != nil {
		name += "_"
	}
	f.byName[name] = &api.Schema{}
	return name
}

// extends tells whether a schema includes another and adds to it, or goes on
// from one that does.
func (f *family) extends(s *api.Schema, name string, depth int) bool {
	if s == nil || depth > 16 {
		return false
	}
	adds := s.Properties != nil || s.Required != nil || len(s.AllOf) > 1
	for _, part := range append([]*api.Schema{{Ref: s.Ref}}, s.AllOf...) {
		if part.Ref == name && adds || part.Ref != "" && part.Ref != name && f.extends(f.byName[part.Ref], name, depth+1) ||
			part.Ref == "" && part.AllOf != nil && f.extends(part, name, depth+1) {
			return true
		}
	}
	return false
}

// heirs are the schemas that extend the one with the name, and those that its
// discriminator names.
func (f *family) heirs(a *api.API, name string) []string {
	var found []string
	mapped := func(other string) bool {
		return slices.ContainsFunc(f.byName[name].Discriminator.Mapping, func(m api.DiscriminatorMapping) bool { return m.Schema == other })
	}
	for _, named := range a.Schemas {
		if named.Name != name && !slices.Contains(found, named.Name) && (mapped(named.Name) || f.extends(named.Schema, name, 0)) {
			found = append(found, named.Name)
		}
	}
	return found
}

// own is a schema in which what it extends is what the family has in common.
func (f *family) own(name string, s *api.Schema) *api.Schema {
	changed := *s
	if base := f.base[s.Ref]; base != "" && f.extends(s, s.Ref, 0) {
		changed.Ref = base
	}
	if s.AllOf == nil {
		return &changed
	}
	changed.AllOf = nil
	for _, part := range s.AllOf {
		switch base := f.base[part.Ref]; {
		case base != "" && part.Ref != name && f.extends(s, part.Ref, 0):
			copied := *part
			copied.Ref = base
			part = &copied
		case part.Ref == "" && part.AllOf != nil:
			part = f.own(name, part)
		}
		changed.AllOf = append(changed.AllOf, part)
	}
	return &changed
}

// oneOfHeirs is the schema of the family: one of its heirs, as the property
// tells, or something new that has what they have in common.
func (f *family) oneOfHeirs(a *api.API, name string, own *api.Schema) *api.Schema {
	base := f.base[name]
	discriminator := &api.Discriminator{Property: own.Discriminator.Property, Default: own.Discriminator.Default}
	union := &api.Schema{
		Title: own.Title, Description: own.Description, Deprecated: own.Deprecated, ReadOnly: own.ReadOnly, WriteOnly: own.WriteOnly,
		Examples: own.Examples, Default: own.Default, Discriminator: discriminator, Position: own.Position, Extensions: own.Extensions,
	}
	add := func(value, schema string) {
		if schema == name {
			schema = base
		}
		known := slices.ContainsFunc(discriminator.Mapping, func(m api.DiscriminatorMapping) bool { return m.Value == value })
		if !known && f.byName[schema] != nil {
			discriminator.Mapping = append(discriminator.Mapping, api.DiscriminatorMapping{Value: value, Schema: schema})
		}
	}
	for _, mapping := range own.Discriminator.Mapping {
		add(mapping.Value, mapping.Schema)
	}
	listed := f.values(&api.Schema{Properties: own.Properties, AllOf: own.AllOf}, "", own.Discriminator.Property, 0)
	guessed := false
	for _, heir := range f.heirs(a, name) {
		union.AnyOf = append(union.AnyOf, &api.Schema{Ref: heir})
		if slices.ContainsFunc(discriminator.Mapping, func(m api.DiscriminatorMapping) bool { return m.Schema == heir }) {
			continue
		}
		values := f.values(f.byName[heir], name, own.Discriminator.Property, 0)
		for _, value := range values {
			add(value, heir)
		}
		if values == nil {
			guessed = guessed || !slices.Contains(listed, heir)
			add(heir, heir)
		}
	}
	if listed == nil || slices.Contains(listed, name) {
		add(name, name)
	}
	if guessed && discriminator.Default == "" {
		discriminator.Default = base // the values may be others than the names
	}
	isBase := func(m api.DiscriminatorMapping) bool { return m.Schema == base }
	if discriminator.Default == base || slices.ContainsFunc(discriminator.Mapping, isBase) {
		union.AnyOf = append(union.AnyOf, &api.Schema{Ref: base})
	}
	return union
}

// values are the strings that an heir itself lists for the property.
func (f *family) values(s *api.Schema, name, property string, depth int) []string {
	if s == nil || depth > 8 {
		return nil
	}
	for _, own := range s.Properties {
		if own.Name != property {
			continue
		}
		list := own.Schema.Enum
		if own.Schema.Const != "" {
			list = []api.Value{own.Schema.Const}
		}
		var values []string
		for _, value := range list {
			var text string
			if json.Unmarshal([]byte(value), &text) == nil {
				values = append(values, text)
			}
		}
		return values
	}
	for _, part := range s.AllOf {
		if part.Ref == name {
			continue
		}
		target := part
		if part.Ref != "" {
			target = f.byName[part.Ref]
		}
		if values := f.values(target, name, property, depth+1); values != nil {
			return values
		}
	}
	return nil
}
