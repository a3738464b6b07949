package describe

import (
	"slices"

	"github.com/senior-backend/toolkit/scaffolder/internal/api"
	"github.com/senior-backend/toolkit/scaffolder/internal/routes/interpret"
)

// copied is a schema that may be changed without changing what it came from; what
// is behind a reference is laid open where it must be changed.
func (d *describer) copied(s *api.Schema) *api.Schema {
	c := *d.resolvedOr(s)
	c.Properties = slices.Clone(c.Properties)
	c.Required = slices.Clone(c.Required)
	c.Types = slices.Clone(c.Types)
	return &c
}

func (d *describer) resolvedOr(s *api.Schema) *api.Schema {
	if r := d.resolved(s); r != nil {
		return r
	}
	return &api.Schema{}
}

// zodLink applies a method.
func (d *describer) zodLink(z zodSchema, l link) zodSchema {
	if fn := d.modifiers[l.name]; fn != nil {
		return fn(d, z, l)
	}
	if bound(z.schema, l) {
		return z
	}
	if format := zodFormats[l.name]; format != "" && z.schema.Ref == "" {
		z.schema.Format = format
	}
	return z
}

// bound applies what limits strings, numbers and arrays.
func bound(s *api.Schema, l link) bool {
	isNumber := slices.Contains(s.Types, "number") || slices.Contains(s.Types, "integer")
	isArray := slices.Contains(s.Types, "array")
	least, most := &s.MinLength, &s.MaxLength
	if isArray {
		least, most = &s.MinItems, &s.MaxItems
	}
	switch l.name {
	case "min", "minLength", "gte":
		if isNumber {
			s.Minimum = numberOf(l.arg(0))
		} else {
			*least = integerOf(l.arg(0))
		}
	case "max", "maxLength", "lte":
		if isNumber {
			s.Maximum = numberOf(l.arg(0))
		} else {
			*most = integerOf(l.arg(0))
		}
	case "length", "size":
		*least, *most = integerOf(l.arg(0)), integerOf(l.arg(0))
	case "nonempty":
		one := 1
		*least = &one
	case "gt", "greater", "moreThan":
		s.ExclusiveMinimum = numberOf(l.arg(0))
	case "lt", "less", "lessThan":
		s.ExclusiveMaximum = numberOf(l.arg(0))
	case "positive":
		s.ExclusiveMinimum = "0"
	case "negative":
		s.ExclusiveMaximum = "0"
	case "nonnegative":
		s.Minimum = "0"
	case "nonpositive":
		s.Maximum = "0"
	case "multipleOf", "step", "multiple":
		s.MultipleOf = numberOf(l.arg(0))
	case "int", "integer", "safe":
		if l.name != "safe" {
			s.Types = integers(s.Types)
		}
	case "regex", "pattern", "matches":
		if r, ok := l.arg(0).(*interpret.Regex); ok {
			s.Pattern = r.Source
		}
	default:
		return false
	}
	return true
}

func integers(types []string) []string {
	out := slices.Clone(types)
	for i, t := range out {
		if t == "number" {
			out[i] = "integer"
		}
	}
	return out
}

type modifier func(*describer, zodSchema, link) zodSchema

// zodModifiers are the methods that do more than set one bound.
func zodModifiers() map[string]modifier {
	return map[string]modifier{
		"optional":      func(_ *describer, z zodSchema, _ link) zodSchema { z.optional = true; return z },
		"exactOptional": func(_ *describer, z zodSchema, _ link) zodSchema { z.optional = true; return z },
		"nonoptional":   func(_ *describer, z zodSchema, _ link) zodSchema { z.optional = false; return z },
		"unwrap":        func(_ *describer, z zodSchema, _ link) zodSchema { z.optional = false; return z },
		"nullable": func(_ *describer, z zodSchema, _ link) zodSchema {
			return zodSchema{nullable(z.schema), z.optional}
		},
		"nullish": func(_ *describer, z zodSchema, _ link) zodSchema { return zodSchema{nullable(z.schema), true} },
		"default": func(d *describer, z zodSchema, l link) zodSchema {
			z.optional = true
			if v, ok := d.toJSON(l.arg(0), 0); ok {
				z.schema = beside(z.schema)
				z.schema.Default = v
			}
			return z
		},
		"prefault": func(d *describer, z zodSchema, l link) zodSchema { z.optional = true; return z },
		"catch":    func(d *describer, z zodSchema, l link) zodSchema { z.optional = true; return z },
		"describe": func(_ *describer, z zodSchema, l link) zodSchema {
			z.schema = beside(z.schema)
			z.schema.Description = textOf(l.arg(0))
			return z
		},
		"meta":    func(d *describer, z zodSchema, l link) zodSchema { return d.zodMeta(z, l) },
		"openapi": func(d *describer, z zodSchema, l link) zodSchema { return d.zodMeta(z, l) },
		"strict": func(d *describer, z zodSchema, _ link) zodSchema {
			never := false
			z.schema = d.copied(z.schema)
			z.schema.AdditionalProperties = &api.Schema{Always: &never}
			return z
		},
		"catchall": func(d *describer, z zodSchema, l link) zodSchema {
			z.schema = d.copied(z.schema)
			z.schema.AdditionalProperties = anything(d.zodOf(l.arg(0)).schema)
			return z
		},
		"extend":     func(d *describer, z zodSchema, l link) zodSchema { return d.zodExtend(z, d.zodObject(l.arg(0))) },
		"safeExtend": func(d *describer, z zodSchema, l link) zodSchema { return d.zodExtend(z, d.zodObject(l.arg(0))) },
		"merge": func(d *describer, z zodSchema, l link) zodSchema {
			return d.zodExtend(z, d.resolvedOr(d.zodOf(l.arg(0)).schema))
		},
		"pick":        func(d *describer, z zodSchema, l link) zodSchema { return d.zodPick(z, l.arg(0), true) },
		"omit":        func(d *describer, z zodSchema, l link) zodSchema { return d.zodPick(z, l.arg(0), false) },
		"partial":     func(d *describer, z zodSchema, l link) zodSchema { return d.zodRequired(z, l.arg(0), false) },
		"deepPartial": func(d *describer, z zodSchema, l link) zodSchema { return d.zodRequired(z, l.arg(0), false) },
		"required":    func(d *describer, z zodSchema, l link) zodSchema { return d.zodRequired(z, l.arg(0), true) },
		"and": func(d *describer, z zodSchema, l link) zodSchema {
			return zodSchema{&api.Schema{AllOf: []*api.Schema{z.schema, d.zodOf(l.arg(0)).schema}}, z.optional}
		},
		"or": func(d *describer, z zodSchema, l link) zodSchema {
			return zodSchema{&api.Schema{AnyOf: []*api.Schema{z.schema, d.zodOf(l.arg(0)).schema}}, z.optional}
		},
		"array": func(_ *describer, z zodSchema, _ link) zodSchema {
			return zodSchema{schema: &api.Schema{Types: []string{"array"}, Items: z.schema}}
		},
		"startsWith": func(_ *describer, z zodSchema, l link) zodSchema {
			z.schema.Pattern = "^" + escaped(textOf(l.arg(0)))
			return z
		},
		"endsWith": func(_ *describer, z zodSchema, l link) zodSchema {
			z.schema.Pattern = escaped(textOf(l.arg(0))) + "$"
			return z
		},
		"check": func(d *describer, z zodSchema, l link) zodSchema {
			for _, v := range l.args {
				d.check(z.schema, v)
			}
			return z
		},
	}
}

// beside is a schema to which annotations may be added.
func beside(s *api.Schema) *api.Schema {
	c := *s
	return &c
}

func escaped(text string) string {
	out := ""
	for _, r := range text {
		if slices.Contains([]rune(`\^$.*+?()[]{}|/`), r) {
			out += `\`
		}
		out += string(r)
	}
	return out
}

func (d *describer) zodMeta(z zodSchema, l link) zodSchema {
	z.schema = beside(z.schema)
	for _, v := range l.args {
		o, ok := v.(*interpret.Object)
		if !ok {
			continue
		}
		d.meta(z.schema, o)
	}
	return z
}

// meta takes annotations from an object.
func (d *describer) meta(s *api.Schema, o *interpret.Object) {
	text := func(key string, to *string) {
		if v, ok := o.Get(key).(interpret.Str); ok {
			*to = string(v)
		}
	}
	text("title", &s.Title)
	text("description", &s.Description)
	text("format", &s.Format)
	if name, ok := o.Get("type").(interpret.Str); ok && s.Ref == "" {
		s.Types = []string{string(name)}
	}
	if v, ok := o.Get("deprecated").(interpret.Bool); ok {
		s.Deprecated = bool(v)
	}
	if v, ok := o.Get("readOnly").(interpret.Bool); ok {
		s.ReadOnly = bool(v)
	}
	if v, ok := o.Get("writeOnly").(interpret.Bool); ok {
		s.WriteOnly = bool(v)
	}
	if v := o.Get("default"); v != nil {
		s.Default, _ = d.toJSON(v, 0)
	}
	if v := o.Get("example"); v != nil {
		if example, ok := d.toJSON(v, 0); ok {
			s.Examples = append(s.Examples, example)
		}
	}
	for _, e := range elements(o.Get("examples")) {
		if example, ok := d.toJSON(e, 0); ok {
			s.Examples = append(s.Examples, example)
		}
	}
}

func (d *describer) zodExtend(z zodSchema, with *api.Schema) zodSchema {
	s := d.copied(z.schema)
	for _, p := range with.Properties {
		s.Properties = slices.DeleteFunc(s.Properties, func(old api.Property) bool { return old.Name == p.Name })
		s.Required = slices.DeleteFunc(s.Required, func(name string) bool { return name == p.Name })
		s.Properties = append(s.Properties, p)
		if slices.Contains(with.Required, p.Name) {
			s.Required = append(s.Required, p.Name)
		}
	}
	if with.AdditionalProperties != nil {
		s.AdditionalProperties = with.AdditionalProperties
	}
	return zodSchema{s, z.optional}
}

// names are the keys of a mask such as {id: true}, or of a list.
func (d *describer) maskNames(v interpret.Value) []string {
	o, ok := v.(*interpret.Object)
	if !ok {
		return nil
	}
	if !o.Array {
		return o.Keys
	}
	var names []string
	for _, e := range o.Elems {
		names = append(names, textOf(e))
	}
	return names
}

func (d *describer) zodPick(z zodSchema, mask interpret.Value, keep bool) zodSchema {
	s := d.copied(z.schema)
	names := d.maskNames(mask)
	s.Properties = slices.DeleteFunc(s.Properties, func(p api.Property) bool { return slices.Contains(names, p.Name) != keep })
	s.Required = slices.DeleteFunc(s.Required, func(name string) bool { return slices.Contains(names, name) != keep })
	return zodSchema{s, z.optional}
}

func (d *describer) zodRequired(z zodSchema, mask interpret.Value, required bool) zodSchema {
	s := d.copied(z.schema)
	names := d.maskNames(mask)
	if names == nil {
		for _, p := range s.Properties {
			names = append(names, p.Name)
		}
	}
	s.Required = slices.DeleteFunc(s.Required, func(name string) bool { return slices.Contains(names, name) })
	if required {
		s.Required = append(s.Required, names...)
	}
	return zodSchema{s, z.optional}
}
