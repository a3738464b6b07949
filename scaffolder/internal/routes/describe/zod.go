package describe

import (
	"slices"

	"github.com/senior-backend/toolkit/scaffolder/internal/api"
	"github.com/senior-backend/toolkit/scaffolder/internal/routes/interpret"
)

// zodSchema is what a zod expression says.
type zodSchema struct {
	schema   *api.Schema
	optional bool
}

// zodOf is the schema of a value inside a zod expression.
func (d *describer) zodOf(v interpret.Value) zodSchema {
	if d.depth++; d.depth > maxDepth {
		d.depth--
		return zodSchema{&api.Schema{}, false}
	}
	defer func() { d.depth-- }()
	if s, ok := v.(*interpret.Symbol); ok {
		if base, links := helped(s); len(links) > 0 && s.Var == "" {
			z := d.zodOf(base)
			z.schema = beside(z.schema)
			for _, l := range links {
				z = d.zodLink(z, l)
			}
			return z
		}
		if s.Var == "" {
			if _, isHelper := helperName(s); !isHelper {
				if module, links := chain(s); schemaLibrary(module) == "zod" {
					return d.zod(links)
				}
			}
		}
		if schema, ok := d.schema(s); ok {
			_, links := chain(s)
			return zodSchema{schema, optionalLinks(links)}
		}
	}
	return zodSchema{&api.Schema{}, false}
}

// optionalLinks tells whether a chain ends in something that may be absent.
func optionalLinks(links []link) bool {
	optional := false
	for _, l := range links {
		switch l.name {
		case "optional", "nullish", "default", "prefault", "catch", "exactOptional":
			optional = true
		case "unwrap", "nonoptional":
			optional = false
		}
	}
	return optional
}

// zod reads a chain that begins with zod's namespace.
func (d *describer) zod(links []link) zodSchema {
	for len(links) > 0 && !links[0].called && slices.Contains([]string{"z", "zod", "coerce", "iso", "core"}, links[0].name) {
		if links[0].name == "iso" && len(links) > 1 {
			links[1].name = "iso." + links[1].name
		}
		links = links[1:]
	}
	if len(links) == 0 || !links[0].called {
		return zodSchema{schema: &api.Schema{}}
	}
	z := d.zodBase(links[0])
	for i, l := range links[1:] {
		if !l.called {
			if l.name == "shape" || l.name == "element" {
				return d.zodInside(z, links[i+1:])
			}
			continue
		}
		z = d.zodLink(z, l)
	}
	return z
}

// zodInside follows schema.shape.name and schema.element.
func (d *describer) zodInside(z zodSchema, links []link) zodSchema {
	base := d.resolved(z.schema)
	if links[0].name == "element" && base != nil && base.Items != nil {
		return zodSchema{schema: base.Items}
	}
	if len(links) < 2 || base == nil {
		return zodSchema{schema: &api.Schema{}}
	}
	for _, p := range base.Properties {
		if p.Name == links[1].name {
			inner := zodSchema{p.Schema, !slices.Contains(base.Required, p.Name)}
			if links[1].called { // shape.name()
				return inner
			}
			for _, l := range links[2:] {
				inner = d.zodLink(inner, l)
			}
			return inner
		}
	}
	return zodSchema{schema: &api.Schema{}}
}

var zodFormats = map[string]string{
	"email": "email", "url": "uri", "uuid": "uuid", "guid": "uuid", "uuidv4": "uuid", "uuidv7": "uuid",
	"ipv4": "ipv4", "ipv6": "ipv6", "iso.datetime": "date-time", "iso.date": "date", "iso.time": "time", "iso.duration": "duration",
	"datetime": "date-time", "date": "date", "time": "time", "duration": "duration", "base64": "byte", "httpUrl": "uri",
	"cuid": "cuid", "cuid2": "cuid2", "ulid": "ulid", "nanoid": "nanoid", "jwt": "jwt", "emoji": "emoji", "ip": "ip", "cidr": "cidr",
}

func (d *describer) zodBase(l link) zodSchema {
	typed := func(name string) zodSchema { return zodSchema{schema: &api.Schema{Types: []string{name}}} }
	switch l.name {
	case "string", "number", "boolean":
		return typed(l.name)
	case "int", "int32", "uint32", "int64", "bigint":
		z := typed("integer")
		if l.name == "int32" || l.name == "int64" {
			z.schema.Format = l.name
		}
		return z
	case "stringbool":
		return typed("boolean")
	case "float32", "float64":
		return typed("number")
	case "date":
		return zodSchema{schema: &api.Schema{Types: []string{"string"}, Format: "date-time"}}
	case "null", "undefined", "void":
		return zodSchema{&api.Schema{Types: []string{"null"}}, l.name != "null"}
	case "never":
		never := false
		return zodSchema{schema: &api.Schema{Always: &never}}
	case "file", "instanceof":
		return zodSchema{schema: &api.Schema{Types: []string{"string"}, Format: "binary"}}
	case "literal", "enum", "nativeEnum":
		return zodSchema{schema: d.zodValues(l)}
	case "object", "strictObject", "looseObject", "interface":
		s := d.zodObject(l.arg(0))
		if l.name == "strictObject" {
			never := false
			s.AdditionalProperties = &api.Schema{Always: &never}
		}
		return zodSchema{schema: s}
	case "array", "set":
		return zodSchema{schema: &api.Schema{Types: []string{"array"}, Items: emptyAsNil(d.zodOf(l.arg(0)).schema), UniqueItems: l.name == "set"}}
	case "tuple":
		s := &api.Schema{Types: []string{"array"}}
		for _, item := range elements(l.arg(0)) {
			s.PrefixItems = append(s.PrefixItems, d.zodOf(item).schema)
		}
		return zodSchema{schema: s}
	case "record", "map", "partialRecord", "looseRecord":
		value := l.arg(len(l.args) - 1)
		return zodSchema{schema: &api.Schema{Types: []string{"object"}, AdditionalProperties: anything(d.zodOf(value).schema)}}
	case "union", "xor":
		return zodSchema{schema: d.zodUnion(l.arg(0), l.name == "xor")}
	case "discriminatedUnion":
		s := d.zodUnion(l.arg(1), true)
		s.Discriminator = &api.Discriminator{Property: textOf(l.arg(0))}
		return zodSchema{schema: s}
	case "intersection":
		return zodSchema{schema: &api.Schema{AllOf: []*api.Schema{d.zodOf(l.arg(0)).schema, d.zodOf(l.arg(1)).schema}}}
	case "optional":
		return zodSchema{d.zodOf(l.arg(0)).schema, true}
	case "nullable":
		return zodSchema{schema: nullable(d.zodOf(l.arg(0)).schema)}
	case "lazy":
		return d.zodLazy(l.arg(0))
	case "preprocess", "effects":
		return d.zodOf(l.arg(1))
	case "pipe", "promise", "readonly":
		return d.zodOf(l.arg(0))
	case "":
		return zodSchema{schema: &api.Schema{}}
	}
	if format := zodFormats[l.name]; format != "" {
		return zodSchema{schema: &api.Schema{Types: []string{"string"}, Format: format}}
	}
	return zodSchema{schema: &api.Schema{}}
}

func (d *describer) zodLazy(v interpret.Value) zodSchema {
	fn, ok := v.(*interpret.Func)
	if !ok || fn.Node == nil || fn.Env == nil {
		return zodSchema{schema: &api.Schema{}}
	}
	if body := fn.Node.More().Body; body != nil {
		if target := d.Machine.Constant(fn.Env, body); target != nil {
			return d.zodOf(target)
		}
	}
	return d.zodOf(d.Machine.CallFunc(fn, &interpret.Call{Place: fn.Place}))
}

func elements(v interpret.Value) []interpret.Value {
	if o, ok := v.(*interpret.Object); ok && o.Array {
		return o.Elems
	}
	return nil
}

func (d *describer) zodUnion(v interpret.Value, exclusive bool) *api.Schema {
	s := &api.Schema{}
	var list []*api.Schema
	for _, option := range elements(v) {
		list = append(list, d.zodOf(option).schema)
	}
	if exclusive {
		s.OneOf = list
	} else {
		s.AnyOf = list
	}
	return s
}

// zodValues reads literal, enum and nativeEnum.
func (d *describer) zodValues(l link) *api.Schema {
	s := &api.Schema{}
	var list []interpret.Value
	switch o := l.arg(0).(type) {
	case *interpret.Object:
		list = o.Elems
		if !o.Array {
			for _, key := range o.Keys {
				list = append(list, o.Get(key))
			}
		}
	case nil:
	default:
		list = []interpret.Value{o}
	}
	for _, v := range list {
		if value, ok := d.toJSON(v, 0); ok {
			s.Enum = append(s.Enum, value)
		}
	}
	s.Types = enumTypes(s.Enum)
	if l.name == "literal" && len(s.Enum) == 1 {
		s.Const, s.Enum = s.Enum[0], nil
	}
	return s
}

func (d *describer) zodObject(v interpret.Value) *api.Schema {
	s := newObject()
	shape, ok := v.(*interpret.Object)
	if !ok {
		return s.Schema
	}
	for _, key := range shape.Keys {
		z := d.zodOf(d.Machine.Get(shape, key, shape.Place))
		if p := shape.Props[key]; p != nil && p.Node != nil && z.schema.Ref == "" && z.schema.Description == "" {
			annotate(z.schema, docText(shape.Place, p.Node))
		}
		s.add(key, z.schema, !z.optional)
	}
	return s.Schema
}

// emptyAsNil is nil for a schema that accepts everything.
func emptyAsNil(s *api.Schema) *api.Schema {
	if s != nil && isEmpty(s) {
		return nil
	}
	return s
}

func isEmpty(s *api.Schema) bool {
	return s.Ref == "" && s.Always == nil && s.Types == nil && s.Enum == nil && s.Const == "" && s.AllOf == nil && s.AnyOf == nil &&
		s.OneOf == nil && s.Not == nil && s.If == nil && s.Properties == nil && s.Description == "" && s.Pattern == "" && s.Format == "" &&
		s.Items == nil && s.PrefixItems == nil && s.AdditionalProperties == nil && s.MinLength == nil && s.MaxLength == nil
}

// anything is true for a schema that accepts everything.
func anything(s *api.Schema) *api.Schema {
	if isEmpty(s) {
		all := true
		return &api.Schema{Always: &all}
	}
	return s
}
