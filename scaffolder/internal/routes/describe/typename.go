package describe

import (
	"strings"

	"github.com/senior-backend/toolkit/scaffolder/internal/api"
	"github.com/senior-backend/toolkit/scaffolder/internal/routes/ecma"
	"github.com/senior-backend/toolkit/scaffolder/internal/routes/interpret"
)

// typeName is the schema of a named type: a key word, a utility, or a
// declaration, which becomes a component.
func (d *describer) typeName(t *ecma.Node, env typeEnv) *api.Schema {
	if _, parameter := env.args[t.Text]; !parameter {
		switch t.Text {
		case "string", "number", "boolean", "null", "object":
			return &api.Schema{Types: []string{t.Text}}
		case "bigint":
			return &api.Schema{Types: []string{"integer"}}
		case "any", "unknown", "undefined", "void", "symbol":
			return nil
		case "never":
			never := false
			return &api.Schema{Always: &never}
		}
	}
	if declared, inner := d.declaration(t, env); declared != nil && !encodes(t, declared) {
		if isInt64(declared) {
			return &api.Schema{Types: []string{"integer"}, Format: "int64"}
		}
		return d.declared(t, declared, inner)
	}
	return d.utility(t, env)
}

// isInt64 tells the type of generated servers for integers that a number may not hold.
func isInt64(declared *ecma.Node) bool {
	if declared.Kind != ecma.TypeAlias || !strings.EqualFold(declared.Text, int64Name) {
		return false
	}
	t := declared.More().Type
	return t != nil && t.Kind == ecma.TypeUnion && len(t.List) == 2 && t.List[0].Text == "number" && t.List[1].Text == "bigint"
}

// encodes tells text or bytes that stand for what their argument is.
func encodes(t, declared *ecma.Node) bool {
	return t.Text == "Encoded" && len(t.More().TypeArgs) == 1 && len(declared.More().TypeParams) == 1
}

func (d *describer) declared(t, declared *ecma.Node, env typeEnv) *api.Schema {
	build := func() *api.Schema {
		s := orEmpty(d.declaredSchema(declared, env))
		if text := docText(interpret.Place{Module: env.scope.Module()}, declared); text != "" {
			s = beside(s)
			annotate(s, text)
		}
		return s
	}
	if len(declared.More().TypeParams) > 0 || declared.Text == "" {
		if declared.Text == "" {
			return d.declaredSchema(declared, env)
		}
		return build()
	}
	if declared.Kind == ecma.TypeAlias && simpleType(declared.More().Type) {
		return build()
	}
	env.depth = 0 // what has a name begins anew: depth is that of one declaration
	return d.component(typeKey{declared}, schemaName(declared.Text), build)
}

// simpleType tells types that need no name of their own.
func simpleType(t *ecma.Node) bool {
	if t == nil {
		return true
	}
	switch t.Kind {
	case ecma.TypeLiteral, ecma.TypeOperator, ecma.TypeArray:
		return true
	case ecma.TypeName:
		return t.Text == "string" || t.Text == "number" || t.Text == "boolean" || strings.Contains(t.Text, "infer") || strings.HasPrefix(t.Text, "Static")
	}
	return false
}

func (d *describer) declaredSchema(declared *ecma.Node, env typeEnv) *api.Schema {
	switch declared.Kind {
	case ecma.TypeAlias:
		return d.typed(declared.More().Type, env)
	case ecma.Interface:
		own := d.objectType(declared.List, env)
		if bases := declared.More().Params; len(bases) > 0 {
			all := &api.Schema{}
			for _, base := range bases {
				if s := d.typed(base, env); s != nil {
					all.AllOf = append(all.AllOf, s)
				}
			}
			if len(all.AllOf) == 0 {
				return own
			}
			all.AllOf = append(all.AllOf, own)
			return all
		}
		return own
	case ecma.Enum:
		return d.enumType(declared)
	case ecma.Class:
		own := d.classType(declared, env)
		if base := baseType(declared.Left, 0); base != nil {
			if s := d.typed(base, env); s != nil {
				return &api.Schema{AllOf: []*api.Schema{s, own}}
			}
		}
		return own
	}
	return nil
}

func (d *describer) enumType(n *ecma.Node) *api.Schema {
	s := &api.Schema{}
	next := 0
	for _, one := range n.List {
		switch {
		case one.Right == nil:
			s.Enum = append(s.Enum, api.Value(number0(next)))
			next++
		case one.Right.Kind == ecma.String:
			s.Enum = append(s.Enum, quoted(one.Right.Text))
		case one.Right.Kind == ecma.Number && isNumber(one.Right.Text):
			s.Enum = append(s.Enum, api.Value(one.Right.Text))
			if i := integerOf(interpret.Value(interpret.Num(len(s.Enum)))); i != nil {
				next = atoi(one.Right.Text) + 1
			}
		default:
			return nil
		}
	}
	s.Types = enumTypes(s.Enum)
	return s
}

func atoi(text string) int {
	n := 0
	for _, c := range text {
		if c < '0' || c > '9' || n > 1<<30 {
			return n
		}
		n = n*10 + int(c-'0')
	}
	return n
}

func number0(i int) string {
	if i == 0 {
		return "0"
	}
	return number(i)
}

func (d *describer) classType(n *ecma.Node, env typeEnv) *api.Schema {
	s := newObject()
	for _, m := range n.List {
		key, ok := m.Key()
		if !ok || m.Has(ecma.Method) || m.Has(ecma.Static) || m.Has(ecma.Getter) || m.Has(ecma.Setter) || strings.HasPrefix(key, "#") {
			continue
		}
		s.add(key, orEmpty(d.ofMember(m, env)), !m.Has(ecma.Optional) && m.Right == nil)
	}
	return s.Schema
}

// utility is the schema of a type that the language or another package has.
func (d *describer) utility(t *ecma.Node, env typeEnv) *api.Schema {
	args := t.More().TypeArgs
	arg := func(i int) *api.Schema {
		if i < len(args) {
			return d.typed(args[i], env)
		}
		return nil
	}
	name := t.Text
	if at := strings.LastIndexByte(name, '.'); at >= 0 {
		name = name[at+1:]
	}
	switch name {
	case "Array", "ReadonlyArray", "Set":
		return &api.Schema{Types: []string{"array"}, Items: arg(0), UniqueItems: name == "Set"}
	case "Promise", "Awaited", "Readonly", "NonNullable", "PromiseLike":
		return arg(0)
	case "Encoded": // text or bytes that stand for their argument
		return arg(0)
	case "Date":
		return &api.Schema{Types: []string{"string"}, Format: "date-time"}
	case "Buffer", "Uint8Array", "ArrayBuffer", "Blob", "Readable", "ReadableStream":
		return &api.Schema{Types: []string{"string"}, Format: "binary"}
	case "Record", "Map":
		return &api.Schema{Types: []string{"object"}, AdditionalProperties: anything(orEmpty(arg(1)))}
	case "Partial", "Required":
		return d.zodRequired(zodSchema{schema: orEmpty(arg(0))}, nil, name == "Required").schema
	case "Pick", "Omit":
		return d.picked(orEmpty(arg(0)), args, name == "Pick")
	case "infer", "input", "output", "TypeOf", "Static", "StaticDecode", "FromSchema", "InferType", "InferOutput":
		if len(args) > 0 && args[0].Kind == ecma.TypeOperator && args[0].Text == "typeof" {
			if s, ok := d.schema(d.Machine.Constant(env.scope, args[0].Left)); ok {
				return s
			}
		}
		return arg(0)
	case "String":
		return &api.Schema{Types: []string{"string"}}
	case "Number":
		return &api.Schema{Types: []string{"number"}}
	case "Boolean":
		return &api.Schema{Types: []string{"boolean"}}
	case "ObjectId":
		return &api.Schema{Types: []string{"string"}}
	}
	return nil
}

func (d *describer) picked(s *api.Schema, args []*ecma.Node, keep bool) *api.Schema {
	if len(args) < 2 {
		return s
	}
	names := interpret.NewArray()
	list := []*ecma.Node{args[1]}
	if args[1].Kind == ecma.TypeUnion {
		list = args[1].List
	}
	for _, one := range list {
		if one.Kind == ecma.TypeLiteral && one.Left.Kind == ecma.String {
			names.Elems = append(names.Elems, interpret.Str(one.Left.Text))
		}
	}
	return d.zodPick(zodSchema{schema: s}, names, keep).schema
}
