package openapi

import (
	"math/big"
	"slices"

	"github.com/pb33f/go-yaml"

	"github.com/senior-backend/toolkit/scaffolder/internal/api"
)

// schema30 writes a schema as OpenAPI 3.0 has them: nullable for the null type,
// booleans for exclusive limits, an enum for a constant, one type. What 3.0
// cannot say is left out, so that the schema accepts more, and noted.
func (w *documentWriter) schema30(s *api.Schema) *yaml.Node {
	out := newObject()
	if s.Always != nil {
		if !*s.Always {
			out.set("not", newObject().node)
		}
		return out.node
	}
	c := *s
	w.dropNew(&c)
	if c.Ref != "" && len(w.beside(c)) == 0 {
		w.keywords(out, &c)
		return out.node
	}
	if c.Ref != "" { // what stands beside a reference would be ignored
		c.AllOf = append([]*api.Schema{{Ref: c.Ref}}, c.AllOf...)
		c.Ref = ""
	}
	nullable := allowsNull(&c)
	if c.Const != "" {
		c.Enum, c.Const = []api.Value{c.Const}, ""
	}
	exclusiveMinimum := stricter(&c.Minimum, &c.ExclusiveMinimum, 1)
	exclusiveMaximum := stricter(&c.Maximum, &c.ExclusiveMaximum, -1)
	if len(c.Types) > 1 {
		var kinds []*api.Schema
		for _, name := range c.Types {
			kinds = append(kinds, &api.Schema{Types: []string{name}})
		}
		c.AllOf, c.Types = append(slices.Clone(c.AllOf), &api.Schema{AnyOf: kinds}), nil
	}
	if slices.Contains(c.Types, "array") && c.Items == nil {
		c.Items = &api.Schema{}
	}
	var example api.Value
	if len(c.Examples) > 0 {
		example, c.Examples = c.Examples[0], nil
	}
	w.keywords(out, &c)
	out.flag("nullable", nullable)
	out.flag("exclusiveMinimum", exclusiveMinimum)
	out.flag("exclusiveMaximum", exclusiveMaximum)
	out.value("example", example)
	return out.node
}

// beside are the keywords that stand beside a reference.
func (w *documentWriter) beside(s api.Schema) []*yaml.Node {
	s.Ref = ""
	out := newObject()
	w.keywords(out, &s)
	return out.node.Content
}

// allowsNull says whether s names null, and takes it out of s.
func allowsNull(s *api.Schema) bool {
	isNull := func(one *api.Schema) bool { return len(one.Types) == 1 && one.Types[0] == "null" }
	if isNull(s) { // nothing but null
		s.Types, s.Enum = nil, []api.Value{"null"}
		return true
	}
	if i := slices.Index(s.Types, "null"); i >= 0 {
		s.Types = slices.Delete(slices.Clone(s.Types), i, i+1)
		return true
	}
	for _, list := range []*[]*api.Schema{&s.AnyOf, &s.OneOf} {
		i := slices.IndexFunc(*list, isNull)
		if i < 0 || len(s.Types) > 0 {
			continue
		}
		*list = slices.Delete(slices.Clone(*list), i, i+1)
		if len(*list) == 1 && s.AllOf == nil {
			s.AllOf, *list = *list, nil
		}
		return true
	}
	return false
}

// stricter leaves the stricter of two limits in limit, and says whether it is
// the exclusive one. direction is 1 for minima and -1 for maxima.
func stricter(limit, exclusive *api.Number, direction int) bool {
	if *exclusive == "" {
		return false
	}
	if *limit != "" {
		a, okA := new(big.Float).SetString(string(*limit))
		b, okB := new(big.Float).SetString(string(*exclusive))
		if okA && okB && a.Cmp(b)*direction > 0 {
			*exclusive = ""
			return false
		}
	}
	*limit, *exclusive = *exclusive, ""
	return true
}

// dropNew takes out of s the keywords that 3.0 lacks.
func (w *documentWriter) dropNew(s *api.Schema) {
	if s.ContentEncoding == "base64" && s.Format == "" {
		s.Format = "byte"
	}
	dropped := []struct {
		name string
		has  bool
	}{
		{"prefixItems", s.PrefixItems != nil},
		{"contains", s.Contains != nil},
		{"unevaluatedItems", s.UnevaluatedItems != nil},
		{"patternProperties", s.PatternProperties != nil},
		{"propertyNames", s.PropertyNames != nil},
		{"unevaluatedProperties", s.UnevaluatedProperties != nil},
		{"dependentRequired", s.DependentRequired != nil},
		{"dependentSchemas", s.DependentSchemas != nil},
		{"if", s.If != nil},
	}
	for _, d := range dropped {
		if d.has {
			w.leaveOut(s.Position, "the keyword "+d.name)
		}
	}
	if s.PrefixItems != nil {
		s.Items = nil // they are of what follows the prefix
	}
	if s.PatternProperties != nil {
		s.AdditionalProperties = nil // they are of what no pattern matches
	}
	s.PrefixItems, s.Contains, s.MinContains, s.MaxContains, s.UnevaluatedItems = nil, nil, nil, nil, nil
	s.PatternProperties, s.PropertyNames, s.UnevaluatedProperties = nil, nil, nil
	s.DependentRequired, s.DependentSchemas, s.If, s.Then, s.Else = nil, nil, nil, nil, nil
	s.ContentEncoding, s.ContentMediaType, s.ContentSchema = "", "", nil
}

// leaveOut notes something that the document's version cannot say.
func (w *documentWriter) leaveOut(at api.Position, what string) {
	w.problems = append(w.problems, Problem{Position: at, Severity: Unsupported, Message: what + " is left out: OpenAPI 3.0 has no such thing"})
}
