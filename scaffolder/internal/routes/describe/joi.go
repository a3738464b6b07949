package describe

import (
	"slices"

	"github.com/senior-backend/toolkit/scaffolder/internal/api"
	"github.com/senior-backend/toolkit/scaffolder/internal/routes/interpret"
)

// joi reads a chain of Joi or yup, which name most things alike.
func (d *describer) joi(links []link) (s *api.Schema, required bool) {
	s = &api.Schema{}
	for _, l := range links {
		if !l.called {
			continue
		}
		switch l.name {
		case "string", "number", "boolean", "bool", "object", "array", "any", "mixed", "date", "binary", "alternatives", "alt", "symbol", "func":
			s = d.joiBase(l)
		case "required", "exist", "defined":
			required = true
		case "optional", "notRequired":
			required = false
		default:
			s = d.joiLink(s, l)
		}
	}
	return s, required
}

func (d *describer) joiBase(l link) *api.Schema {
	switch l.name {
	case "bool":
		return &api.Schema{Types: []string{"boolean"}}
	case "date":
		return &api.Schema{Types: []string{"string"}, Format: "date-time"}
	case "binary":
		return &api.Schema{Types: []string{"string"}, Format: "binary"}
	case "object":
		s := newObject()
		if o, ok := l.arg(0).(*interpret.Object); ok {
			d.joiKeys(s, o)
		}
		return s.Schema
	case "array":
		s := &api.Schema{Types: []string{"array"}}
		if len(l.args) > 0 {
			s.Items, _ = d.joiOf(l.arg(0))
		}
		return s
	case "any", "mixed", "symbol", "func":
		return &api.Schema{}
	case "alternatives", "alt":
		s := &api.Schema{}
		d.joiAlternatives(s, l)
		return s
	}
	return &api.Schema{Types: []string{l.name}}
}

// joiOf is the schema of a value inside a Joi schema: plain objects are objects
// and lists are alternatives.
func (d *describer) joiOf(v interpret.Value) (*api.Schema, bool) {
	switch o := v.(type) {
	case *interpret.Symbol:
		if module, links := chain(o); schemaLibrary(module) == "joi" {
			_, required := d.joi(links)
			s, _ := d.schema(o)
			return s, required
		}
	case *interpret.Object:
		if !o.Array && o.Native == nil {
			s := newObject()
			d.joiKeys(s, o)
			return s.Schema, false
		}
	case interpret.Str, interpret.Num, interpret.Bool:
		if value, ok := d.toJSON(o, 0); ok {
			return &api.Schema{Types: enumTypes([]api.Value{value}), Enum: []api.Value{value}}, false
		}
	}
	return &api.Schema{}, false
}

func (d *describer) joiKeys(s objectSchema, o *interpret.Object) {
	for _, key := range o.Keys {
		property, required := d.joiOf(d.Machine.Get(o, key, o.Place))
		s.add(key, property, required)
	}
}

func (d *describer) joiAlternatives(s *api.Schema, l link) {
	list := l.args
	if len(list) == 1 {
		if inner := elements(list[0]); inner != nil {
			list = inner
		}
	}
	for _, v := range list {
		option, _ := d.joiOf(v)
		s.AnyOf = append(s.AnyOf, option)
	}
}

func (d *describer) joiLink(s *api.Schema, l link) *api.Schema {
	switch l.name {
	case "keys", "append", "shape", "concat":
		if o, ok := l.arg(0).(*interpret.Object); ok {
			more := newObject()
			d.joiKeys(more, o)
			return d.zodExtend(zodSchema{schema: s}, more.Schema).schema
		}
	case "items", "of":
		if len(l.args) > 0 {
			s.Items, _ = d.joiOf(l.arg(0))
		}
	case "valid", "equal", "oneOf", "only":
		d.joiValid(s, l)
	case "allow":
		if slices.Contains(l.args, interpret.Value(interpret.Null{})) {
			return nullable(s)
		}
	case "nullable":
		return nullable(s)
	case "default":
		if v, ok := d.toJSON(l.arg(0), 0); ok {
			s.Default = v
		}
	case "description", "label":
		if l.name == "description" {
			s.Description = textOf(l.arg(0))
		}
	case "email", "url", "uuid":
		s.Format = zodFormats[l.name]
	case "uri":
		s.Format = "uri"
	case "guid":
		s.Format = "uuid"
	case "hostname":
		s.Format = "hostname"
	case "isoDate", "iso":
		s.Format = "date-time"
	case "alphanum":
		s.Pattern = "^[a-zA-Z0-9]*$"
	case "hex":
		s.Pattern = "^[a-fA-F0-9]*$"
	case "port":
		s.Minimum, s.Maximum = "0", "65535"
	case "unique":
		s.UniqueItems = true
	case "unknown":
		s.AdditionalProperties = nil
	case "try", "match":
		d.joiAlternatives(s, l)
	case "pattern":
		if slices.Contains(s.Types, "object") && len(l.args) > 1 {
			s.AdditionalProperties, _ = d.joiOf(l.arg(1))
			return s
		}
		bound(s, l)
	default:
		bound(s, l)
	}
	return s
}

func (d *describer) joiValid(s *api.Schema, l link) {
	list := l.args
	if len(list) == 1 {
		if inner := elements(list[0]); inner != nil {
			list = inner
		}
	}
	for _, v := range list {
		if value, ok := d.toJSON(v, 0); ok && !slices.Contains(s.Enum, value) {
			s.Enum = append(s.Enum, value)
		}
	}
	if s.Types == nil {
		s.Types = enumTypes(s.Enum)
	}
}
