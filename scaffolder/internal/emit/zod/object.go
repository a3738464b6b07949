package zod

import (
	"slices"

	"github.com/senior-backend/toolkit/scaffolder/internal/api"
	"github.com/senior-backend/toolkit/scaffolder/internal/emit/script"
)

func (p *Printer) object(s *api.Schema) *script.Node {
	node := p.shape(s)
	var checks []*script.Node
	if s.MinProperties != nil && *s.MinProperties > 0 {
		checks = append(checks, p.helper("minProperties", integer(*s.MinProperties)))
	}
	if s.MaxProperties != nil {
		checks = append(checks, p.helper("maxProperties", integer(*s.MaxProperties)))
	}
	if s.PropertyNames != nil {
		checks = append(checks, p.helper("propertyNames", p.Expression(s.PropertyNames)))
	}
	if len(s.DependentRequired) > 0 {
		var pairs []*script.Node
		for _, dependent := range s.DependentRequired {
			pairs = append(pairs, script.Array(script.String(dependent.Property), quoted(dependent.Required)))
		}
		checks = append(checks, p.helper("dependentRequired", script.Array(pairs...)))
	}
	if len(s.DependentSchemas) > 0 {
		checks = append(checks, p.helper("dependentSchemas", p.pairs(s.DependentSchemas)))
	}
	node = checked(node, checks)
	if names := p.readOnly(s); len(names) > 0 {
		node = p.helper("withoutReadOnly", quoted(names), node)
	}
	return node
}

func quoted(names []string) *script.Node {
	nodes := make([]*script.Node, 0, len(names))
	for _, name := range names {
		nodes = append(nodes, script.String(name))
	}
	return script.Array(nodes...)
}

func (p *Printer) pairs(properties []api.Property) *script.Node {
	var pairs []*script.Node
	for _, property := range properties {
		pairs = append(pairs, script.Array(script.String(property.Name), p.Expression(property.Schema)))
	}
	return script.Array(pairs...)
}

// readOnly are the properties that a request does not hold.
func (p *Printer) readOnly(s *api.Schema) []string {
	var names []string
	if p.answers {
		return nil
	}
	for _, property := range s.Properties {
		if p.plan.ReadOnly(property.Schema) {
			names = append(names, property.Name)
		}
	}
	return names
}

// shape writes the properties.
func (p *Printer) shape(s *api.Schema) *script.Node {
	fields := p.fields(s)
	if len(s.PatternProperties) > 0 || slices.ContainsFunc(fields, func(f field) bool { return f.unusual }) {
		return p.objectOf(s, fields)
	}
	var own []script.Field
	for _, field := range fields {
		own = append(own, script.Field{Key: script.LiteralKey(field.name), Value: field.node})
	}
	extra := s.AdditionalProperties
	switch {
	case extra == nil:
		return script.Call("z.looseObject", script.Object(true, own...))
	case extra.Always != nil && !*extra.Always:
		return script.Call("z.strictObject", script.Object(true, own...))
	case len(own) == 0:
		return script.Call("z.record", script.Call("z.string"), p.rest(extra))
	}
	return script.Chain(
		script.Call("z.object", script.Object(true, own...)),
		script.Call(".catchall", p.rest(extra)),
	)
}

type field struct {
	name     string
	node     *script.Node
	required bool
	unusual  bool
}

// fields are the properties and what is required beside them.
func (p *Printer) fields(s *api.Schema) []field {
	var fields []field
	readOnly := p.readOnly(s)
	required := map[string]bool{}
	for _, name := range s.Required {
		required[name] = true
	}
	seen := map[string]bool{}
	for _, property := range s.Properties {
		if seen[property.Name] {
			continue
		}
		seen[property.Name] = true
		if slices.Contains(readOnly, property.Name) {
			continue
		}
		if p.secret(property.Schema) {
			node := script.Chain(p.value("nothing"), script.Call(".optional"))
			fields = append(fields, field{property.Name, node, false, isInherited(property.Name)})
			continue
		}
		node := p.Expression(property.Schema)
		if !required[property.Name] {
			node = p.Optional(node, property.Schema)
		} else {
			node = withFallback(node, property.Schema)
		}
		fields = append(fields, field{property.Name, node, required[property.Name], isInherited(property.Name)})
	}
	for _, name := range s.Required {
		if seen[name] {
			continue
		}
		seen[name] = true
		// z.any() and not z.unknown(): being required is not being looked at.
		node := script.Call("z.any")
		if s.AdditionalProperties != nil {
			node = p.Expression(s.AdditionalProperties)
		}
		fields = append(fields, field{name, node, true, isInherited(name)})
	}
	return fields
}

// isInherited tells names that every object answers to without having them.
func isInherited(name string) bool {
	switch name {
	case "__proto__", "constructor", "hasOwnProperty", "isPrototypeOf", "propertyIsEnumerable",
		"toLocaleString", "toString", "valueOf",
		"__defineGetter__", "__defineSetter__", "__lookupGetter__", "__lookupSetter__":
		return true
	}
	return false
}

// Optional lets a value be absent, or gives it the default that its schema has.
func (p *Printer) Optional(node *script.Node, s *api.Schema) *script.Node {
	value := p.plan.Default(s)
	if value == "" || p.answers {
		return script.Chain(node, script.Call(".optional"))
	}
	if p.fits(value, s) {
		return script.Chain(node, script.Call(".default", p.fallback(value, s)))
	}
	if !p.may(value, s) {
		return script.Chain(node, script.Call(".optional"))
	}
	return p.helper("withDefault", node, p.fallback(value, s))
}

// fallback writes a default.
func (p *Printer) fallback(value api.Value, s *api.Schema) *script.Node {
	if p.plan.Int64(p.plan.Inline(s)) {
		return ExactLiteral(value)
	}
	return Literal(value)
}

// fits tells defaults that the compiler will see to be of the schema's type.
func (p *Printer) fits(value api.Value, s *api.Schema) bool {
	kind := value.Kind()
	if s.Ref != "" || s.AllOf != nil || s.AnyOf != nil || s.OneOf != nil || s.Not != nil || s.If != nil ||
		kind == "object" || kind == "array" {
		return false
	}
	if s.Enum != nil || s.Const != "" {
		return slices.Contains(s.Enum, value) && s.Const == "" && IsOfType(value, typesOr(s, kind))
	}
	return IsOfType(value, s.Types)
}

func typesOr(s *api.Schema, kind string) []string {
	if s.Types == nil {
		return []string{kind}
	}
	return s.Types
}

// may tells defaults that are not plainly of another type than the schema's.
func (p *Printer) may(value api.Value, s *api.Schema) bool {
	for range 20 {
		if s.Types != nil && !IsOfType(value, s.Types) {
			return false
		}
		if s.Enum != nil && !slices.Contains(s.Enum, value) {
			return false
		}
		target := p.plan.Schema(s.Ref)
		if s.Ref == "" || target == nil {
			return true
		}
		s = target.Schema
	}
	return true
}

func (p *Printer) objectOf(s *api.Schema, fields []field) *script.Node {
	var members []script.Field
	var pairs []*script.Node
	var required []string
	for _, field := range fields {
		pairs = append(pairs, script.Array(script.String(field.name), field.node))
		if field.required {
			required = append(required, field.name)
		}
	}
	if len(pairs) > 0 {
		members = append(members, script.Field{Key: "properties", Value: script.Array(pairs...)})
	}
	if len(required) > 0 {
		members = append(members, script.Field{Key: "required", Value: quoted(required)})
	}
	if len(s.PatternProperties) > 0 {
		members = append(members, script.Field{Key: "patterns", Value: p.pairs(s.PatternProperties)})
	}
	if s.AdditionalProperties != nil {
		members = append(members, script.Field{Key: "additional", Value: p.Expression(s.AdditionalProperties)})
	}
	return p.helper("objectOf", script.Object(false, members...))
}
