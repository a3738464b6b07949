package describe

import (
	"github.com/senior-backend/toolkit/scaffolder/internal/api"
	"github.com/senior-backend/toolkit/scaffolder/internal/routes/interpret"
)

// typebox reads Type.Object(…) and the like; the second result tells what may
// be absent.
func (d *describer) typebox(links []link) (*api.Schema, bool) {
	if len(links) > 0 && !links[0].called && (links[0].name == "Type" || links[0].name == "T" || links[0].name == "t") {
		links = links[1:]
	}
	if len(links) == 0 || !links[0].called {
		return &api.Schema{}, false
	}
	l := links[0]
	options, _ := l.arg(len(l.args) - 1).(*interpret.Object)
	switch l.name {
	case "Optional":
		s, _ := d.typeboxOf(l.arg(0))
		return s, true
	case "ReadonlyOptional":
		s, _ := d.typeboxOf(l.arg(0))
		return s, true
	case "Readonly":
		return d.typeboxOf(l.arg(0))
	}
	s := d.typeboxBase(l)
	if options != nil && len(l.args) > 0 && !options.Array && s.Ref == "" {
		first := l.name == "String" || l.name == "Number" || l.name == "Integer" || l.name == "Boolean" || l.name == "Any" || l.name == "Unknown" || l.name == "Null"
		if first || len(l.args) > 1 {
			d.typeboxOptions(s, options)
		}
	}
	return s, false
}

// typeboxOptions takes JSON Schema keywords from the last argument.
func (d *describer) typeboxOptions(s *api.Schema, o *interpret.Object) {
	d.meta(s, o)
	for _, key := range o.Keys {
		v := o.Get(key)
		switch key {
		case "minLength", "maxLength", "minItems", "maxItems", "minProperties", "maxProperties":
			*map[string]**int{
				"minLength": &s.MinLength, "maxLength": &s.MaxLength, "minItems": &s.MinItems, "maxItems": &s.MaxItems,
				"minProperties": &s.MinProperties, "maxProperties": &s.MaxProperties,
			}[key] = integerOf(v)
		case "minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "multipleOf":
			*map[string]*api.Number{
				"minimum": &s.Minimum, "maximum": &s.Maximum, "exclusiveMinimum": &s.ExclusiveMinimum,
				"exclusiveMaximum": &s.ExclusiveMaximum, "multipleOf": &s.MultipleOf,
			}[key] = numberOf(v)
		case "pattern":
			s.Pattern = textOf(v)
		case "uniqueItems":
			s.UniqueItems = v == interpret.Value(interpret.Bool(true))
		case "default":
			s.Default, _ = d.toJSON(v, 0)
		case "additionalProperties":
			if b, ok := v.(interpret.Bool); ok {
				always := bool(b)
				s.AdditionalProperties = &api.Schema{Always: &always}
			} else if inner, ok := d.schema(v); ok {
				s.AdditionalProperties = inner
			}
		}
	}
}

func (d *describer) typeboxOf(v interpret.Value) (*api.Schema, bool) {
	if o, ok := v.(*interpret.Symbol); ok {
		if module, links := chain(o); schemaLibrary(module) == "typebox" {
			_, optional := d.typebox(links)
			s, _ := d.schema(o)
			return s, optional
		}
	}
	if s, ok := d.schema(v); ok {
		return s, false
	}
	return &api.Schema{}, false
}

func (d *describer) typeboxBase(l link) *api.Schema {
	first := func() *api.Schema { s, _ := d.typeboxOf(l.arg(0)); return s }
	list := func() []*api.Schema {
		var out []*api.Schema
		for _, v := range elements(l.arg(0)) {
			s, _ := d.typeboxOf(v)
			out = append(out, s)
		}
		return out
	}
	switch l.name {
	case "String", "Number", "Integer", "Boolean", "Null":
		return &api.Schema{Types: []string{map[string]string{"String": "string", "Number": "number", "Integer": "integer", "Boolean": "boolean", "Null": "null"}[l.name]}}
	case "Date":
		return &api.Schema{Types: []string{"string"}, Format: "date-time"}
	case "Literal":
		if v, ok := d.toJSON(l.arg(0), 0); ok {
			return &api.Schema{Const: v, Types: enumTypes([]api.Value{v})}
		}
	case "Enum":
		return d.zodValues(l)
	case "Object":
		return d.typeboxObject(l.arg(0))
	case "Array":
		return &api.Schema{Types: []string{"array"}, Items: first()}
	case "Tuple":
		return &api.Schema{Types: []string{"array"}, PrefixItems: list()}
	case "Union":
		return joinedUnion(list())
	case "Intersect", "Composite":
		return &api.Schema{AllOf: list()}
	case "Record":
		value, _ := d.typeboxOf(l.arg(1))
		return &api.Schema{Types: []string{"object"}, AdditionalProperties: anything(value)}
	case "Partial":
		return d.zodRequired(zodSchema{schema: first()}, nil, false).schema
	case "Required":
		return d.zodRequired(zodSchema{schema: first()}, nil, true).schema
	case "Pick":
		return d.zodPick(zodSchema{schema: first()}, l.arg(1), true).schema
	case "Omit":
		return d.zodPick(zodSchema{schema: first()}, l.arg(1), false).schema
	case "Ref":
		if text := textOf(l.arg(0)); text != "" {
			return &api.Schema{Ref: text}
		}
		return first()
	case "Unsafe":
		if o, ok := l.arg(0).(*interpret.Object); ok {
			if s, ok := d.jsonSchema(o); ok {
				return s
			}
		}
	}
	return &api.Schema{}
}

// joinedUnion writes a union of literals as an enum.
func joinedUnion(list []*api.Schema) *api.Schema {
	s := &api.Schema{}
	for _, one := range list {
		if one.Const == "" {
			return &api.Schema{AnyOf: list}
		}
		s.Enum = append(s.Enum, one.Const)
	}
	s.Types = enumTypes(s.Enum)
	return s
}

func (d *describer) typeboxObject(v interpret.Value) *api.Schema {
	s := newObject()
	o, ok := v.(*interpret.Object)
	if !ok {
		return s.Schema
	}
	for _, key := range o.Keys {
		property, optional := d.typeboxOf(d.Machine.Get(o, key, o.Place))
		s.add(key, property, !optional)
	}
	return s.Schema
}
