package zod

import (
	"slices"

	"github.com/senior-backend/toolkit/scaffolder/internal/api"
	"github.com/senior-backend/toolkit/scaffolder/internal/emit/plan"
	"github.com/senior-backend/toolkit/scaffolder/internal/emit/script"
)

func (p *Printer) anyOf(s *api.Schema) *script.Node {
	if len(s.AnyOf) == 0 {
		return nil
	}
	if node := p.discriminated(s, s.AnyOf); node != nil {
		return node
	}
	options, nullable := withoutNull(s.AnyOf)
	nodes := p.all(options)
	return orNull(nodes, nullable, "z.union")
}

func (p *Printer) oneOf(s *api.Schema) *script.Node {
	if len(s.OneOf) == 0 {
		return nil
	}
	if node := p.discriminated(s, s.OneOf); node != nil {
		return node
	}
	options, nullable := withoutNull(s.OneOf)
	if nullable && slices.ContainsFunc(options, p.acceptsNull) {
		options, nullable = s.OneOf, false
	}
	return orNull(p.all(options), nullable, "z.xor")
}

func orNull(nodes []*script.Node, nullable bool, union string) *script.Node {
	node := nodes[0]
	if len(nodes) > 1 {
		node = script.Call(union, script.Array(nodes...))
	}
	if nullable {
		return script.Chain(node, script.Call(".nullable"))
	}
	return node
}

func (p *Printer) all(schemas []*api.Schema) []*script.Node {
	nodes := make([]*script.Node, 0, len(schemas))
	for _, schema := range schemas {
		nodes = append(nodes, withFallback(p.Expression(schema), schema))
	}
	return nodes
}

// withoutNull takes the alternative {type: null} out, where others remain.
func withoutNull(schemas []*api.Schema) ([]*api.Schema, bool) {
	var rest []*api.Schema
	for _, s := range schemas {
		null := len(s.Types) == 1 && s.Types[0] == "null" && s.Enum == nil && s.Const == "" && s.Ref == "" &&
			s.AllOf == nil && s.AnyOf == nil && s.OneOf == nil && s.Not == nil && s.If == nil
		if !null {
			rest = append(rest, s)
		}
	}
	if len(rest) == 0 || len(rest) != len(schemas)-1 {
		return schemas, false
	}
	return rest, true
}

// acceptsNull tells schemas that may accept null.
func (p *Printer) acceptsNull(s *api.Schema) bool {
	for range 20 {
		if s.Types != nil {
			return slices.Contains(s.Types, "null")
		}
		if s.Enum != nil {
			return slices.Contains(s.Enum, "null")
		}
		if s.Const != "" {
			return s.Const == "null"
		}
		target := p.plan.Schema(s.Ref)
		if s.Ref == "" || target == nil {
			return true
		}
		s = target.Schema
	}
	return true
}

// discriminated chooses by a property's value instead of trying every
// alternative, when each alternative is a reference and the values are known.
func (p *Printer) discriminated(s *api.Schema, options []*api.Schema) *script.Node {
	if s.Discriminator == nil || len(options) < 2 {
		return nil
	}
	property := s.Discriminator.Property
	var pairs []*script.Node
	taken := map[string]*plan.Schema{}
	ambiguous := false
	add := func(value string, target *plan.Schema) {
		ambiguous = ambiguous || taken[value] != nil && taken[value] != target
		if target != nil && !target.Hollow() && taken[value] == nil {
			taken[value] = target
			pairs = append(pairs, script.Array(script.String(value), p.reference(target.Wire)))
		}
	}
	for _, mapping := range s.Discriminator.Mapping {
		add(mapping.Value, p.plan.Schema(mapping.Schema))
	}
	for _, option := range options {
		target := p.plan.Schema(option.Ref)
		if option.Ref == "" || target == nil || target.Hollow() {
			return nil
		}
		mapped := slices.ContainsFunc(s.Discriminator.Mapping, func(m api.DiscriminatorMapping) bool {
			return m.Schema == option.Ref
		})
		if mapped {
			continue
		}
		declared := p.valuesOf(target.Schema, property, 0)
		for _, value := range declared {
			add(value, target)
		}
		if len(declared) == 0 {
			add(target.Wire, target)
		}
	}
	if ambiguous { // the property does not tell: every alternative is tried
		return nil
	}
	arguments := []*script.Node{script.String(property), script.Array(pairs...)}
	if target := p.plan.Schema(s.Discriminator.Default); s.Discriminator.Default != "" && target != nil {
		arguments = append(arguments, p.reference(target.Wire))
	}
	return p.helper("discriminated", arguments...)
}

// valuesOf are the strings that a schema allows for one of its properties, as
// far as they are listed.
func (p *Printer) valuesOf(s *api.Schema, property string, depth int) []string {
	if s == nil || depth > 8 {
		return nil
	}
	if target := p.plan.Schema(s.Ref); s.Ref != "" && target != nil {
		if values := p.valuesOf(target.Schema, property, depth+1); values != nil {
			return values
		}
	}
	for _, own := range s.Properties {
		if own.Name == property {
			if values := p.strings(own.Schema, depth+1); values != nil {
				return values
			}
		}
	}
	for _, part := range s.AllOf {
		if values := p.valuesOf(part, property, depth+1); values != nil {
			return values
		}
	}
	return nil
}

func (p *Printer) strings(s *api.Schema, depth int) []string {
	if target := p.plan.Schema(s.Ref); s.Ref != "" && target != nil && depth < 8 {
		return p.strings(target.Schema, depth+1)
	}
	list := s.Enum
	if s.Const != "" {
		list = []api.Value{s.Const}
	}
	var values []string
	for _, value := range list {
		if text, ok := decodeString(value); ok {
			values = append(values, text)
		}
	}
	return values
}
