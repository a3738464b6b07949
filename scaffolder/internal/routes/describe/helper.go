package describe

import (
	"slices"

	"github.com/senior-backend/toolkit/scaffolder/internal/api"
	"github.com/senior-backend/toolkit/scaffolder/internal/routes/interpret"
)

// The helpers with which generated validators say what zod does not have words
// for. They stand in middleware/schema.ts and the files that it exports.
var helpers = map[string]bool{
	"allOf": true, "not": true, "conditional": true, "discriminated": true, "unevaluated": true, "withDefault": true,
	"tuple": true, "objectOf": true, "withoutReadOnly": true, "byType": true, "oneOfValues": true, "custom": true,
}

// int64Name is the validator of generated servers for integers that a number may not
// hold, and in other letters their type.
const int64Name = "int64"

// helperName is the outermost helper that made a value.
func helperName(s *interpret.Symbol) (*interpret.Made, bool) {
	for made := s.Made; made != nil; made = made.Inner {
		fn, ok := made.Callee.(*interpret.Func)
		if ok && helpers[fn.Name] && fn.Module != nil && inMiddleware(fn.Module.Path) {
			return made, true
		}
	}
	return nil, false
}

// isHelped tells what a helper made, or is.
func isHelped(s *interpret.Symbol) bool {
	_, ok := helperName(s)
	return ok || (s.Var == "nothing" || s.Var == int64Name) && s.Module != nil && inMiddleware(s.Module.Path)
}

// helped finds what a helper made at the beginning of a chain, and the calls of
// the chain.
func helped(s *interpret.Symbol) (*interpret.Symbol, []link) {
	var links []link
	for s != nil && !isHelped(s) {
		if s.Op != interpret.Called || s.Base == nil || s.Base.Op != interpret.Member {
			return nil, nil
		}
		links = append(links, link{s.Base.Name, s.Args, true})
		s = s.Base.Base
	}
	slices.Reverse(links)
	return s, links
}

// helper reads what a helper made.
func (d *describer) helper(s *interpret.Symbol) *api.Schema {
	made, ok := helperName(s)
	if !ok {
		if s.Var == int64Name {
			return &api.Schema{Types: []string{"integer"}, Format: "int64"}
		}
		never := false
		return &api.Schema{Always: &never}
	}
	fn, _ := made.Callee.(*interpret.Func)
	arg := func(i int) interpret.Value {
		if i < len(made.Args) {
			return made.Args[i]
		}
		return nil
	}
	of := func(i int) *api.Schema {
		if arg(i) == nil {
			return nil
		}
		if _, absent := arg(i).(interpret.Undefined); absent {
			return nil
		}
		return d.zodOf(arg(i)).schema
	}
	switch fn.Name {
	case "allOf":
		out := &api.Schema{}
		for _, v := range made.Args {
			out.AllOf = append(out.AllOf, d.zodOf(v).schema)
		}
		return out
	case "not":
		return &api.Schema{Not: of(0)}
	case "conditional":
		return &api.Schema{If: of(0), Then: of(1), Else: of(2)}
	case "withDefault":
		out := beside(of(0))
		out.Default, _ = d.toJSON(arg(1), 0)
		return out
	case "withoutReadOnly":
		return of(1)
	case "tuple":
		out := &api.Schema{Types: []string{"array"}, Items: of(1)}
		for _, v := range elements(arg(0)) {
			out.PrefixItems = append(out.PrefixItems, d.zodOf(v).schema)
		}
		return out
	case "oneOfValues":
		out := &api.Schema{}
		for _, v := range made.Args {
			if value, ok := d.toJSON(v, 0); ok {
				out.Enum = append(out.Enum, value)
			}
		}
		return out
	case "discriminated":
		return d.discriminated(textOf(arg(0)), elements(arg(1)))
	}
	return d.helperObject(fn.Name, of, arg)
}

func (d *describer) discriminated(property string, pairs []interpret.Value) *api.Schema {
	out := &api.Schema{Discriminator: &api.Discriminator{Property: property}}
	for _, v := range pairs {
		pair := elements(v)
		if len(pair) != 2 {
			continue
		}
		one := d.zodOf(pair[1]).schema
		if !slices.ContainsFunc(out.OneOf, func(s *api.Schema) bool { return s.Ref != "" && s.Ref == one.Ref }) {
			out.OneOf = append(out.OneOf, one)
		}
		if one.Ref != "" {
			out.Discriminator.Mapping = append(out.Discriminator.Mapping, api.DiscriminatorMapping{Value: textOf(pair[0]), Schema: one.Ref})
		}
	}
	return out
}

// helperObject reads byType, objectOf and unevaluated.
func (d *describer) helperObject(name string, of func(int) *api.Schema, arg func(int) interpret.Value) *api.Schema {
	switch name {
	case "unevaluated":
		out := beside(of(0))
		if o, ok := arg(1).(*interpret.Object); ok {
			if v := o.Get("properties"); v != nil {
				out.UnevaluatedProperties = d.zodOf(v).schema
			}
			if v := o.Get("items"); v != nil {
				out.UnevaluatedItems = d.zodOf(v).schema
			}
		}
		return out
	case "byType":
		out := &api.Schema{}
		if o, ok := arg(0).(*interpret.Object); ok {
			for _, key := range o.Keys {
				typed := d.zodOf(o.Get(key)).schema
				merge(out, typed)
			}
		}
		return out
	case "objectOf":
		return d.objectOf(arg(0))
	}
	return &api.Schema{}
}

// merge puts the keywords of one type beside those of others.
func merge(out, s *api.Schema) {
	types := out.Types
	saved := *out
	*out = *s
	out.Types = types
	if saved.Properties != nil {
		out.Properties, out.Required, out.AdditionalProperties = saved.Properties, saved.Required, saved.AdditionalProperties
	}
	if saved.MinLength != nil {
		out.MinLength = saved.MinLength
	}
	if saved.MaxLength != nil {
		out.MaxLength = saved.MaxLength
	}
	if saved.Pattern != "" {
		out.Pattern = saved.Pattern
	}
	if saved.Minimum != "" {
		out.Minimum = saved.Minimum
	}
	if saved.Maximum != "" {
		out.Maximum = saved.Maximum
	}
}

func (d *describer) objectOf(v interpret.Value) *api.Schema {
	out := newObject()
	o, ok := v.(*interpret.Object)
	if !ok {
		return out.Schema
	}
	required := map[string]bool{}
	for _, e := range elements(o.Get("required")) {
		required[textOf(e)] = true
	}
	for _, e := range elements(o.Get("properties")) {
		pair := elements(e)
		if len(pair) != 2 {
			continue
		}
		z := d.zodOf(pair[1])
		out.add(textOf(pair[0]), z.schema, required[textOf(pair[0])] || o.Get("required") == nil && !z.optional)
	}
	for _, e := range elements(o.Get("patterns")) {
		if pair := elements(e); len(pair) == 2 {
			out.PatternProperties = append(out.PatternProperties, api.Property{Name: textOf(pair[0]), Schema: d.zodOf(pair[1]).schema})
		}
	}
	if rest := o.Get("rest"); rest != nil {
		out.AdditionalProperties = anything(d.zodOf(rest).schema)
	}
	return out.Schema
}

// check applies an argument of .check(): a helper's, or zod's own.
func (d *describer) check(s *api.Schema, v interpret.Value) {
	name, args := "", []interpret.Value(nil)
	switch o := v.(type) {
	case *interpret.Func:
		name = o.Name
		for made := o.Made; made != nil; made = made.Inner {
			if callee, ok := made.Callee.(*interpret.Func); ok {
				name, args = callee.Name, made.Args
			}
		}
	case *interpret.Symbol:
		for made := o.Made; made != nil; made = made.Inner {
			if callee, ok := made.Callee.(*interpret.Func); ok {
				name, args = callee.Name, made.Args
			}
		}
		if name == "" {
			if _, links := chain(o); len(links) > 0 {
				name, args = links[len(links)-1].name, links[len(links)-1].args
			}
		}
	}
	l := link{name: name, args: args, called: true}
	switch name {
	case "format":
		s.Format = textOf(l.arg(0))
	case "pattern":
		s.Pattern = textOf(l.arg(0))
	case "minItems":
		s.MinItems = integerOf(l.arg(0))
	case "maxItems":
		s.MaxItems = integerOf(l.arg(0))
	case "uniqueItems":
		s.UniqueItems = true
	case "minProperties":
		s.MinProperties = integerOf(l.arg(0))
	case "maxProperties":
		s.MaxProperties = integerOf(l.arg(0))
	case "minLength":
		s.MinLength = integerOf(l.arg(0))
	case "maxLength":
		s.MaxLength = integerOf(l.arg(0))
	case "propertyNames":
		s.PropertyNames = d.zodOf(l.arg(0)).schema
	case "contains":
		s.Contains = d.zodOf(l.arg(0)).schema
		s.MinContains, s.MaxContains = integerOf(l.arg(1)), integerOf(l.arg(2))
	case "dependentRequired":
		for _, e := range elements(l.arg(0)) {
			if pair := elements(e); len(pair) == 2 {
				one := api.DependentRequired{Property: textOf(pair[0])}
				for _, r := range elements(pair[1]) {
					one.Required = append(one.Required, textOf(r))
				}
				s.DependentRequired = append(s.DependentRequired, one)
			}
		}
	case "dependentSchemas":
		for _, e := range elements(l.arg(0)) {
			if pair := elements(e); len(pair) == 2 {
				s.DependentSchemas = append(s.DependentSchemas, api.Property{Name: textOf(pair[0]), Schema: d.zodOf(pair[1]).schema})
			}
		}
	default:
		bound(s, l)
	}
}
