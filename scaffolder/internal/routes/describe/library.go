package describe

import (
	"slices"
	"strings"

	"github.com/senior-backend/toolkit/scaffolder/internal/api"
	"github.com/senior-backend/toolkit/scaffolder/internal/routes/interpret"
)

// link is one call or member in a chain such as z.string().min(1).
type link struct {
	name   string
	args   []interpret.Value
	called bool
}

// chain lays out a symbol from the package that it begins with.
func chain(s *interpret.Symbol) (module string, links []link) {
	for s != nil {
		switch s.Op {
		case interpret.External:
			slices.Reverse(links)
			return s.Name, links
		case interpret.Called, interpret.Created:
			if s.Base == nil {
				return "", nil
			}
			if s.Base.Op == interpret.Member {
				links = append(links, link{s.Base.Name, s.Args, true})
				s = s.Base.Base
				continue
			}
			links = append(links, link{"", s.Args, true})
		case interpret.Member:
			if s.Name != "default" {
				links = append(links, link{s.Name, nil, false})
			}
		default:
			return "", nil
		}
		s = s.Base
	}
	return "", nil
}

// arg is an argument, nil when it was not given.
func (l link) arg(i int) interpret.Value {
	if i >= 0 && i < len(l.args) {
		return l.args[i]
	}
	return nil
}

// schemaLibraries are the packages whose values are schemas.
func schemaLibrary(module string) string {
	switch module {
	case "zod", "zod/v4", "zod/v3", "zod/mini", "@asteasolutions/zod-to-openapi", "fastify-zod-openapi", "@hono/zod-openapi":
		return "zod"
	case "@sinclair/typebox", "typebox", "@fastify/type-provider-typebox":
		return "typebox"
	case "joi", "@hapi/joi", "yup", "celebrate", "koa-joi-router":
		return "joi"
	}
	return ""
}

// schema is the schema that a value is; false when it is none.
func (d *describer) schema(v interpret.Value) (*api.Schema, bool) {
	switch o := v.(type) {
	case *interpret.Symbol:
		if isHelped(o) {
			return d.named(o, func() *api.Schema { return d.helper(o) })
		}
		module, links := chain(o)
		switch schemaLibrary(module) {
		case "zod":
			return d.named(o, func() *api.Schema { return d.zod(links).schema })
		case "typebox":
			return d.named(o, func() *api.Schema { s, _ := d.typebox(links); return s })
		case "joi":
			return d.named(o, func() *api.Schema { s, _ := d.joi(links); return s })
		}
	case *interpret.Object:
		if looksLikeJSONSchema(o) {
			return d.jsonSchema(o)
		}
	}
	return nil, false
}

// named builds a schema; one that a constant holds becomes a component.
func (d *describer) named(o *interpret.Symbol, build func() *api.Schema) (*api.Schema, bool) {
	if o.Var == "" {
		s := build()
		return s, s != nil
	}
	if known, ok := d.components[o]; ok {
		return &api.Schema{Ref: known}, true
	}
	before := len(d.api.Schemas)
	ref := d.component(o, schemaName(o.Var), build)
	built := d.api.Schemas[before].Schema
	if worthNaming(built) || d.refersTo(ref.Ref, before) {
		if built.Description == "" && o.Doc.Node != nil {
			annotate(built, docText(o.Doc, o.Doc.Node))
		}
		return ref, true
	}
	d.api.Schemas = slices.Delete(d.api.Schemas, before, before+1)
	delete(d.names, ref.Ref)
	delete(d.components, o)
	return built, true
}

// refersTo tells whether a schema built meanwhile refers to a name.
func (d *describer) refersTo(name string, from int) bool {
	for _, named := range d.api.Schemas[from:] {
		if mentions(named.Schema, name, 0) {
			return true
		}
	}
	return false
}

func mentions(s *api.Schema, name string, depth int) bool {
	if s == nil || depth > 40 {
		return false
	}
	if s.Ref == name {
		return true
	}
	for _, p := range s.Properties {
		if mentions(p.Schema, name, depth+1) {
			return true
		}
	}
	for _, list := range [][]*api.Schema{s.AllOf, s.AnyOf, s.OneOf, s.PrefixItems, {s.Items, s.AdditionalProperties, s.Not}} {
		for _, one := range list {
			if mentions(one, name, depth+1) {
				return true
			}
		}
	}
	return false
}

// worthNaming tells schemas that a reader wants to find under a name.
func worthNaming(s *api.Schema) bool {
	return s != nil && (s.Properties != nil || s.Enum != nil || s.AllOf != nil || s.OneOf != nil || s.AnyOf != nil)
}

func looksLikeJSONSchema(o *interpret.Object) bool {
	if o == nil || o.Array || o.Native != nil {
		return false
	}
	for _, key := range []string{"$ref", "anyOf", "oneOf", "allOf", "enum", "const"} {
		if o.Props[key] != nil {
			return true
		}
	}
	switch t := o.Get("type").(type) {
	case interpret.Str:
		return slices.Contains([]string{"object", "array", "string", "number", "integer", "boolean", "null"}, string(t))
	case *interpret.Object:
		return t.Array
	}
	_, ok := o.Get("properties").(*interpret.Object)
	return ok
}

// objectSchema is an object with properties, in order.
type objectSchema struct {
	*api.Schema
}

func newObject() objectSchema {
	return objectSchema{&api.Schema{Types: []string{"object"}}}
}

func (o objectSchema) add(name string, s *api.Schema, required bool) {
	o.Properties = append(o.Properties, api.Property{Name: name, Schema: s})
	if required {
		o.Required = append(o.Required, name)
	}
}

// nullable lets a schema be null as well.
func nullable(s *api.Schema) *api.Schema {
	switch {
	case s.Ref != "" || s.Default != "" || s.Types == nil && (s.AnyOf == nil || len(s.AllOf) > 0):
		return &api.Schema{AnyOf: []*api.Schema{s, {Types: []string{"null"}}}}
	case s.AnyOf != nil && s.Types == nil:
		s.AnyOf = append(s.AnyOf, &api.Schema{Types: []string{"null"}})
		return s
	}
	if s.Const != "" && s.Const != "null" {
		s.Enum, s.Const = []api.Value{s.Const}, ""
	}
	if !slices.Contains(s.Types, "null") {
		s.Types = append(s.Types, "null")
	}
	if s.Enum != nil && !slices.Contains(s.Enum, api.Value("null")) {
		s.Enum = append(s.Enum, "null")
	}
	return s
}

// resolved is the schema itself or what it refers to.
func (d *describer) resolved(s *api.Schema) *api.Schema {
	for range 20 {
		if s == nil || s.Ref == "" {
			return s
		}
		s = d.api.Schema(s.Ref)
	}
	return s
}

func integerOf(v interpret.Value) *int {
	n, ok := v.(interpret.Num)
	if !ok || n < 0 || n > 1<<40 || n != interpret.Num(int(n)) {
		return nil
	}
	i := int(n)
	return &i
}

func numberOf(v interpret.Value) api.Number {
	if n, ok := v.(interpret.Big); ok && isNumber(string(n)) {
		return api.Number(n)
	}
	if n, ok := v.(interpret.Num); ok {
		if text, _ := interpret.String(n); isNumber(text) {
			return api.Number(text)
		}
	}
	return ""
}

func textOf(v interpret.Value) string {
	switch o := v.(type) {
	case interpret.Str:
		return string(o)
	case *interpret.Object:
		for _, key := range []string{"message", "description"} {
			if s, ok := o.Get(key).(interpret.Str); ok {
				return string(s)
			}
		}
	}
	return ""
}

func enumTypes(values []api.Value) []string {
	var types []string
	for _, v := range values {
		name := "number"
		switch {
		case strings.HasPrefix(string(v), `"`):
			name = "string"
		case v == "true" || v == "false":
			name = "boolean"
		case v == "null":
			name = "null"
		case strings.HasPrefix(string(v), "{"):
			name = "object"
		case strings.HasPrefix(string(v), "["):
			name = "array"
		case !strings.ContainsAny(string(v), ".eE"):
			name = "integer"
		}
		if !slices.Contains(types, name) {
			types = append(types, name)
		}
	}
	if slices.Contains(types, "number") {
		types = slices.DeleteFunc(types, func(t string) bool { return t == "integer" })
	}
	return types
}
