package plan

import (
	"slices"

	"github.com/senior-backend/toolkit/scaffolder/internal/api"
)

// Children calls visit with every schema directly inside s. inPlace says that
// the child constrains the same value as s does.
func Children(s *api.Schema, visit func(child *api.Schema, inPlace bool)) {
	one := func(child *api.Schema, inPlace bool) {
		if child != nil {
			visit(child, inPlace)
		}
	}
	for _, property := range s.Properties {
		one(property.Schema, false)
	}
	for _, property := range s.PatternProperties {
		one(property.Schema, false)
	}
	for _, property := range s.DependentSchemas {
		one(property.Schema, true)
	}
	for _, child := range s.PrefixItems {
		one(child, false)
	}
	for _, list := range [][]*api.Schema{s.AllOf, s.AnyOf, s.OneOf} {
		for _, child := range list {
			one(child, true)
		}
	}
	for _, child := range []*api.Schema{s.Not, s.If, s.Then, s.Else} {
		one(child, true)
	}
	for _, child := range []*api.Schema{
		s.AdditionalProperties, s.UnevaluatedProperties, s.PropertyNames,
		s.Items, s.UnevaluatedItems, s.Contains, s.ContentSchema,
	} {
		one(child, false)
	}
}

// refs calls visit with the name of every schema that s refers to.
func refs(s *api.Schema, inPlace bool, visit func(wire string, inPlace bool)) {
	if s.Ref != "" {
		visit(s.Ref, inPlace)
	}
	if s.Discriminator != nil && len(s.OneOf)+len(s.AnyOf) > 0 {
		for _, mapping := range s.Discriminator.Mapping {
			visit(mapping.Schema, inPlace)
		}
	}
	Children(s, func(child *api.Schema, same bool) {
		refs(child, inPlace && same, visit)
	})
}

// reach marks the schemas that requests use.
func (p *Plan) reach() {
	var mark func(s *api.Schema)
	mark = func(s *api.Schema) {
		if s == nil {
			return
		}
		refs(s, false, func(wire string, _ bool) {
			if named := p.byWire[wire]; named != nil && !named.Requested {
				named.Requested = true
				mark(named.Schema)
			}
		})
	}
	for _, operation := range p.Operations {
		for _, parameter := range operation.Parameters {
			mark(parameterSchema(parameter))
		}
		if operation.Body == nil {
			continue
		}
		for _, media := range operation.Body.Content {
			mark(media.Schema)
		}
	}
}

// Answered are the schemas that answers use.
func (p *Plan) Answered() map[*Schema]bool {
	used := map[*Schema]bool{}
	var mark func(s *api.Schema)
	mark = func(s *api.Schema) {
		if s == nil {
			return
		}
		refs(s, false, func(wire string, _ bool) {
			if named := p.byWire[wire]; named != nil && !used[named] {
				used[named] = true
				mark(named.Schema)
			}
		})
	}
	for _, operation := range p.Operations {
		for _, answer := range operation.Answers() {
			if answer.Media != nil && FormOf(answer.Media.Type) == JSON {
				mark(answer.Media.Schema)
			}
		}
	}
	return used
}

func parameterSchema(parameter *api.Parameter) *api.Schema {
	if parameter.Content != nil {
		return parameter.Content.Schema
	}
	return parameter.Schema
}

// order sorts Schemas so that what is referred to comes first, and finds those
// that reach themselves (Tarjan's algorithm).
func (p *Plan) order() {
	edges := p.edges(false)
	components := tarjan(len(p.Schemas), edges)
	ordered := make([]*Schema, 0, len(p.Schemas))
	for number, component := range components {
		slices.Sort(component)
		for _, i := range component {
			schema := p.Schemas[i]
			schema.component = number
			schema.Recursive = len(component) > 1 || slices.Contains(edges[i], i)
			ordered = append(ordered, schema)
		}
	}
	p.Schemas = ordered
	for i, schema := range ordered {
		schema.index = i
	}
}

// hollows finds the schemas that refer to themselves in place: nothing stands
// between them and themselves, so that no check of theirs would ever end.
func (p *Plan) hollows() {
	edges := p.edges(true)
	for _, component := range tarjan(len(p.Schemas), edges) {
		for _, i := range component {
			if len(component) > 1 || slices.Contains(edges[i], i) {
				p.Schemas[i].hollow = true
				p.warn(p.Schemas[i].Position, "schema %q refers to itself with nothing in between: the reference accepts everything", p.Schemas[i].Wire)
			}
		}
	}
}

func (p *Plan) edges(inPlaceOnly bool) [][]int {
	for i, schema := range p.Schemas {
		schema.index = i
	}
	edges := make([][]int, len(p.Schemas))
	for i, schema := range p.Schemas {
		refs(schema.Schema, true, func(wire string, inPlace bool) {
			if target := p.byWire[wire]; target != nil && (inPlace || !inPlaceOnly) {
				edges[i] = append(edges[i], target.index)
			}
		})
	}
	return edges
}

// tarjan returns the strongly connected components, referred-to ones first.
func tarjan(size int, edges [][]int) [][]int {
	var components [][]int
	var stack []int
	number := make([]int, size)
	low := make([]int, size)
	onStack := make([]bool, size)
	next := 1
	var visit func(v int)
	visit = func(v int) {
		number[v], low[v] = next, next
		next++
		stack = append(stack, v)
		onStack[v] = true
		for _, w := range edges[v] {
			if number[w] == 0 {
				visit(w)
				low[v] = min(low[v], low[w])
			} else if onStack[w] {
				low[v] = min(low[v], number[w])
			}
		}
		if low[v] != number[v] {
			return
		}
		at := slices.Index(stack, v)
		component := slices.Clone(stack[at:])
		stack = stack[:at]
		for _, w := range component {
			onStack[w] = false
		}
		components = append(components, component)
	}
	for v := range size {
		if number[v] == 0 {
			visit(v)
		}
	}
	return components
}

// directions gives schemas whose requests and answers differ a name for each.
func (p *Plan) directions() {
	differs := make([]bool, len(p.Schemas))
	var find func(s *api.Schema) bool
	find = func(s *api.Schema) bool {
		if target := p.byWire[s.Ref]; s.Ref != "" && target != nil && differs[target.index] {
			return true
		}
		for _, property := range s.Properties {
			if p.ReadOnly(property.Schema) || p.WriteOnly(property.Schema) {
				return true
			}
		}
		found := false
		Children(s, func(child *api.Schema, _ bool) { found = found || find(child) })
		return found
	}
	for changed := true; changed; {
		changed = false
		for i, schema := range p.Schemas {
			if !differs[i] && find(schema.Schema) {
				differs[i], changed = true, true
			}
		}
	}
	for i, schema := range p.Schemas {
		if !differs[i] {
			schema.RequestType = schema.Type
		}
	}
}

// ReadOnly tells whether a property with the schema is for answers alone.
func (p *Plan) ReadOnly(s *api.Schema) bool {
	return p.flagged(s, func(s *api.Schema) bool { return s.ReadOnly })
}

// WriteOnly tells whether a property with the schema is for requests alone.
func (p *Plan) WriteOnly(s *api.Schema) bool {
	return p.flagged(s, func(s *api.Schema) bool { return s.WriteOnly })
}

func (p *Plan) flagged(s *api.Schema, flag func(*api.Schema) bool) bool {
	for range 20 {
		if s == nil || flag(s) {
			return s != nil
		}
		target := p.byWire[s.Ref]
		if s.Ref == "" || target == nil {
			return false
		}
		s = target.Schema
	}
	return false
}

// Default returns the default that a value with the schema has, "" for none.
func (p *Plan) Default(s *api.Schema) api.Value {
	for range 20 {
		if s == nil || s.Default != "" {
			break
		}
		target := p.byWire[s.Ref]
		if s.Ref == "" || target == nil {
			return ""
		}
		s = target.Schema
	}
	if s == nil {
		return ""
	}
	return s.Default
}
