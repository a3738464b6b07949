package describe

import (
	"reflect"
	"slices"
	"strings"

	"github.com/senior-backend/toolkit/scaffolder/internal/api"
	"github.com/senior-backend/toolkit/scaffolder/internal/routes/ecma"
	"github.com/senior-backend/toolkit/scaffolder/internal/routes/interpret"
)

// typeEnv is where a type stands: its scope, and what its parameters stand for.
type typeEnv struct {
	scope *interpret.Scope
	args  map[string]typeArg
	depth int
}

type typeArg struct {
	node *ecma.Node
	env  typeEnv
}

func (e typeEnv) deeper() typeEnv { e.depth++; return e }

const maxTypeDepth = 30

// typeKey names a declaration with its arguments.
type typeKey struct{ node *ecma.Node }

// typed is the schema of a type; nil for one that says nothing.
func (d *describer) typed(t *ecma.Node, env typeEnv) *api.Schema {
	if t == nil || env.depth > maxTypeDepth {
		return nil
	}
	env = env.deeper()
	s := d.bare(t, env)
	if t.DocEnd == 0 {
		return s
	}
	text := docText(interpret.Place{Module: env.scope.Module()}, t)
	if c := parseComment(text); len(c.tags) == 0 {
		return s
	}
	s = beside(orEmpty(s))
	annotate(s, text)
	return s
}

// bare is the schema of a type without what a comment before it says.
func (d *describer) bare(t *ecma.Node, env typeEnv) *api.Schema {
	switch t.Kind {
	case ecma.TypeName:
		return d.typeName(t, env)
	case ecma.TypeLiteral:
		return d.literalType(t.Left)
	case ecma.TypeObject:
		return d.objectType(t.List, env)
	case ecma.TypeUnion:
		return d.unionType(t.List, env)
	case ecma.TypeBoth:
		s := &api.Schema{}
		for _, one := range t.List {
			if part := d.typed(one, env); part != nil {
				s.AllOf = append(s.AllOf, part)
			}
		}
		return s
	case ecma.TypeArray:
		return &api.Schema{Types: []string{"array"}, Items: d.typed(t.Type, env)}
	case ecma.TypeTuple:
		return d.tupleType(t.List, env)
	case ecma.TypeOperator:
		return d.operatorType(t, env)
	case ecma.TypeIndex:
		if member, inner := d.indexed(t, env); member != nil {
			return d.typed(member, inner)
		}
	case ecma.TypeMapped:
		return &api.Schema{Types: []string{"object"}, AdditionalProperties: d.typed(t.More().Type, env)}
	}
	return nil
}

// tupleType is an array of so many: more only where the type has a rest.
func (d *describer) tupleType(list []*ecma.Node, env typeEnv) *api.Schema {
	never := false
	s := &api.Schema{Types: []string{"array"}, Items: &api.Schema{Always: &never}}
	least := 0
	for i, one := range list {
		item := d.typed(one, env)
		if one.Has(ecma.Rest) {
			s.Items = nil
			if whole := d.resolved(item); whole != nil && slices.Equal(whole.Types, []string{"array"}) {
				s.Items = whole.Items
			}
			break // what may follow a rest cannot be said
		}
		s.PrefixItems = append(s.PrefixItems, orEmpty(item))
		if !one.Has(ecma.Optional) {
			least = i + 1
		}
	}
	if least > 0 {
		s.MinItems = &least
	}
	return s
}

func orEmpty(s *api.Schema) *api.Schema {
	if s == nil {
		return &api.Schema{}
	}
	return s
}

func (d *describer) literalType(value *ecma.Node) *api.Schema {
	switch value.Kind {
	case ecma.String:
		return &api.Schema{Types: []string{"string"}, Const: quoted(value.Text)}
	case ecma.Number, ecma.BigInt:
		if isNumber(value.Text) {
			v := api.Value(value.Text)
			return &api.Schema{Types: enumTypes([]api.Value{v}), Const: v}
		}
		return &api.Schema{Types: []string{"number"}}
	case ecma.Unary:
		v := api.Value("-" + value.Left.Text)
		return &api.Schema{Types: enumTypes([]api.Value{v}), Const: v}
	case ecma.Boolean:
		return &api.Schema{Types: []string{"boolean"}, Const: api.Value(value.Text)}
	case ecma.Null:
		return &api.Schema{Types: []string{"null"}}
	}
	return &api.Schema{Types: []string{"string"}}
}

// members are the properties of an object type, those of what it extends first.
func (d *describer) objectType(members []*ecma.Node, env typeEnv) *api.Schema {
	s := newObject()
	place := interpret.Place{Module: env.scope.Module()}
	for _, m := range members {
		if m.Text == "[" {
			s.AdditionalProperties = anything(orEmpty(d.said(m, d.typed(d.rest(m.More().Type, place), env), env)))
			continue
		}
		key, ok := m.Key()
		if !ok || m.Has(ecma.Method) || m.Has(ecma.Setter) {
			continue
		}
		property := orEmpty(d.ofMember(m, env))
		if m.Has(ecma.Readonly) && property.Ref == "" {
			property.ReadOnly = true
		}
		s.add(key, property, !m.Has(ecma.Optional) && !acceptsUndefined(m.More().Type))
	}
	return s.Schema
}

// ofMember is the schema of a property, with what the comment before it says.
func (d *describer) ofMember(m *ecma.Node, env typeEnv) *api.Schema {
	return d.said(m, d.typed(m.More().Type, env), env)
}

// said adds what the comment before a property says to its schema.
func (d *describer) said(m *ecma.Node, s *api.Schema, env typeEnv) *api.Schema {
	text := docText(interpret.Place{Module: env.scope.Module()}, m)
	if text == "" {
		return s
	}
	s = beside(orEmpty(s))
	annotate(s, text)
	return s
}

// rest is the part of an index signature's type that is about properties which
// are not listed: all of it, unless a tag says otherwise.
func (d *describer) rest(t *ecma.Node, place interpret.Place) *ecma.Node {
	if t == nil || t.Kind != ecma.TypeUnion {
		return t
	}
	marked := *t
	marked.List = slices.DeleteFunc(slices.Clone(t.List), func(one *ecma.Node) bool {
		for one.Kind == ecma.TypeArray {
			one = one.More().Type
		}
		_, found := parseComment(docText(place, one)).tag("additionalProperties")
		return !found
	})
	switch len(marked.List) {
	case 0:
		return t
	case 1:
		return marked.List[0]
	}
	return &marked
}

func acceptsUndefined(t *ecma.Node) bool {
	return t != nil && t.Kind == ecma.TypeUnion && slices.ContainsFunc(t.List, func(one *ecma.Node) bool {
		return one.Kind == ecma.TypeName && one.Text == "undefined"
	})
}

func (d *describer) unionType(list []*ecma.Node, env typeEnv) *api.Schema {
	var options []*api.Schema
	null := false
	for _, one := range list {
		if one.Kind == ecma.TypeName && (one.Text == "undefined" || one.Text == "void") {
			continue
		}
		option := d.typed(one, env)
		if option == nil {
			return nil
		}
		if len(option.Types) == 1 && option.Types[0] == "null" && option.Const == "" {
			null = true
			continue
		}
		options = append(options, option)
	}
	var s *api.Schema
	switch len(options) {
	case 0:
		s = &api.Schema{Types: []string{"null"}}
		return s
	case 1:
		s = options[0]
	default:
		if s = joinedUnion(options); s.AnyOf != nil {
			s = joinedBooleans(s)
		}
	}
	if null {
		return nullable(s)
	}
	return s
}

// joinedBooleans writes a union of plain types as a list of types.
func joinedBooleans(s *api.Schema) *api.Schema {
	var types []string
	for _, option := range s.AnyOf {
		plain := len(option.Types) == 1 && option.Types[0] != "object" && option.Types[0] != "array"
		if !plain || !reflect.DeepEqual(*option, api.Schema{Types: option.Types}) {
			return s
		}
		if !slices.Contains(types, option.Types[0]) {
			types = append(types, option.Types[0])
		}
	}
	return &api.Schema{Types: types}
}

func (d *describer) operatorType(t *ecma.Node, env typeEnv) *api.Schema {
	switch t.Text {
	case "readonly":
		return d.typed(t.More().Type, env)
	case "keyof":
		inner := t.More().Type
		if inner != nil && inner.Kind == ecma.TypeOperator && inner.Text == "typeof" {
			if o, ok := d.Machine.Constant(env.scope, inner.Left).(*interpret.Object); ok {
				s := &api.Schema{Types: []string{"string"}}
				for _, key := range o.Keys {
					s.Enum = append(s.Enum, quoted(key))
				}
				return s
			}
		}
		return &api.Schema{Types: []string{"string"}}
	case "typeof":
		return d.valueType(d.Machine.Constant(env.scope, t.Left))
	}
	return nil
}

// valueType is the type of a constant.
func (d *describer) valueType(v interpret.Value) *api.Schema {
	switch o := v.(type) {
	case interpret.Str:
		return &api.Schema{Types: []string{"string"}}
	case interpret.Num:
		return &api.Schema{Types: []string{"number"}}
	case interpret.Big:
		return &api.Schema{Types: []string{"integer"}}
	case interpret.Bool:
		return &api.Schema{Types: []string{"boolean"}}
	case *interpret.Symbol:
		if s, ok := d.schema(o); ok {
			return s
		}
	}
	return nil
}

// indexed finds the member that T["a"] names.
func (d *describer) indexed(t *ecma.Node, env typeEnv) (*ecma.Node, typeEnv) {
	key := t.Right
	if key.Kind != ecma.TypeLiteral || key.Left.Kind != ecma.String {
		return nil, env
	}
	return d.memberOf(t.More().Type, key.Left.Text, env)
}

// memberOf finds the type of a member of a type.
func (d *describer) memberOf(t *ecma.Node, name string, env typeEnv) (*ecma.Node, typeEnv) {
	if t == nil || env.depth > maxTypeDepth {
		return nil, env
	}
	env = env.deeper()
	switch t.Kind {
	case ecma.TypeObject, ecma.Interface:
		for _, m := range t.List {
			if key, ok := m.Key(); ok && key == name {
				return m.More().Type, env
			}
		}
		if t.Kind == ecma.Interface {
			for _, base := range t.More().Params {
				if found, at := d.memberOf(base, name, env); found != nil {
					return found, at
				}
			}
		}
	case ecma.TypeBoth:
		for _, one := range t.List {
			if found, at := d.memberOf(one, name, env); found != nil {
				return found, at
			}
		}
	case ecma.TypeIndex:
		if member, inner := d.indexed(t, env); member != nil {
			return d.memberOf(member, name, inner)
		}
	case ecma.TypeName:
		if declared, inner := d.declaration(t, env); declared != nil {
			if declared.Kind == ecma.TypeAlias {
				return d.memberOf(declared.More().Type, name, inner)
			}
			return d.memberOf(declared, name, inner)
		}
	}
	return nil, env
}

// declaration finds what a name stands for, with its arguments.
func (d *describer) declaration(t *ecma.Node, env typeEnv) (*ecma.Node, typeEnv) {
	if arg, ok := env.args[t.Text]; ok {
		return &ecma.Node{Kind: ecma.TypeAlias, Extra: &ecma.Extra{Type: arg.node}}, arg.env
	}
	name := t.Text
	if at := strings.LastIndexByte(name, '.'); at >= 0 {
		name = name[at+1:]
	}
	declared, scope := d.Machine.FindType(env.scope, name)
	if declared == nil {
		return nil, env
	}
	inner := typeEnv{scope: scope, depth: env.depth, args: map[string]typeArg{}}
	for i, p := range declared.More().TypeParams {
		if i < len(t.More().TypeArgs) {
			inner.args[p.Text] = typeArg{t.TypeArgs[i], env}
		} else if p.Right != nil {
			inner.args[p.Text] = typeArg{p.Right, inner}
		}
	}
	return declared, inner
}
