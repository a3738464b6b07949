// Package zod writes JSON Schemas as zod 4 expressions, as a person would
// write them where zod has the words, and through the helpers of schema.ts
// where it does not.
//
// Schemas of a plan go in, seen as what a request may hold; expressions come
// out. A keyword constrains values of its own type alone, as JSON Schema says.
package zod

import (
	"slices"

	"github.com/senior-backend/toolkit/scaffolder/internal/api"
	"github.com/senior-backend/toolkit/scaffolder/internal/emit/plan"
	"github.com/senior-backend/toolkit/scaffolder/internal/emit/script"
)

// Printer writes expressions and notes which helpers they use.
type Printer struct {
	plan     *plan.Plan
	helpers  map[string]bool
	declared map[*plan.Schema]bool
	uploads  bool // it has written the schema of a file of a form
	files    bool // strings of binary format are files of a form
	answers  bool // what answers hold, rather than what requests hold
	int64    bool // it has written the schema of an integer of 64 bits
	inlined  int  // references that are being written in place
}

// New returns a printer for the schemas of a plan.
func New(p *plan.Plan) *Printer {
	return &Printer{plan: p, helpers: map[string]bool{}, declared: map[*plan.Schema]bool{}}
}

// Helpers are the names of the helpers used so far, sorted.
func (p *Printer) Helpers() []string {
	var names []string
	for name := range p.helpers {
		names = append(names, name)
	}
	slices.Sort(names)
	return names
}

// Declare writes the expression of a named schema, and counts it as declared
// from then on: until then references to it have to be lazy.
func (p *Printer) Declare(schema *plan.Schema) *script.Node {
	node := p.Expression(schema.Schema)
	p.declared[schema] = true
	return node
}

func (p *Printer) helper(name string, arguments ...*script.Node) *script.Node {
	p.helpers[name] = true
	return script.Call(name, arguments...)
}

func (p *Printer) value(name string) *script.Node {
	p.helpers[name] = true
	return script.Text(name)
}

// Expression writes a schema.
func (p *Printer) Expression(s *api.Schema) *script.Node {
	if s == nil {
		return script.Call("z.unknown")
	}
	if s.Always != nil {
		if *s.Always {
			return script.Call("z.unknown")
		}
		return p.value("nothing")
	}
	if p.files && plan.IsFile(s) {
		p.uploads = true
		return script.Text("upload")
	}
	node := p.together(p.parts(s))
	if s.UnevaluatedProperties == nil && s.UnevaluatedItems == nil {
		return node
	}
	var rest []script.Field
	if s.UnevaluatedProperties != nil {
		rest = append(rest, script.Field{Key: "properties", Value: p.Expression(s.UnevaluatedProperties)})
	}
	if s.UnevaluatedItems != nil {
		rest = append(rest, script.Field{Key: "items", Value: p.Expression(s.UnevaluatedItems)})
	}
	return p.helper("unevaluated", node, script.Object(false, rest...))
}

// together writes schemas that must all hold.
func (p *Printer) together(parts []*script.Node) *script.Node {
	switch len(parts) {
	case 0:
		return script.Call("z.unknown")
	case 1:
		return parts[0]
	}
	return p.helper("allOf", parts...)
}

// parts are what a schema asks for, each an expression of its own.
func (p *Printer) parts(s *api.Schema) []*script.Node {
	var parts []*script.Node
	add := func(node *script.Node) {
		if node != nil {
			parts = append(parts, node)
		}
	}
	if s.Ref != "" {
		add(p.reference(s.Ref))
	}
	values, covered := p.values(s)
	add(values)
	if !covered {
		add(p.typed(s))
	}
	for _, part := range s.AllOf {
		if !accepting(part) {
			add(p.Expression(part))
		}
	}
	add(p.anyOf(s))
	add(p.oneOf(s))
	if s.Not != nil {
		add(p.helper("not", p.Expression(s.Not)))
	}
	add(p.conditional(s))
	return parts
}

// accepting tells schemas that say nothing about a value.
func accepting(s *api.Schema) bool {
	if s.Always != nil {
		return *s.Always
	}
	return s.Ref == "" && s.Types == nil && s.Enum == nil && s.Const == "" &&
		s.AllOf == nil && s.AnyOf == nil && s.OneOf == nil && s.Not == nil && s.If == nil &&
		s.UnevaluatedItems == nil && s.UnevaluatedProperties == nil &&
		!hasString(s) && !hasNumber(s) && !hasArray(s) && !hasObject(s)
}

func (p *Printer) reference(wire string) *script.Node {
	target := p.plan.Schema(wire)
	if target == nil || target.Hollow() {
		return nil
	}
	if p.files && p.inlined < 8 && p.plan.HoldsFile(target.Schema) {
		// The named validator is for JSON, in which files are text.
		p.inlined++
		defer func() { p.inlined-- }()
		return p.Expression(target.Schema)
	}
	name := script.Text(target.Validator)
	if p.declared[target] {
		return name
	}
	return script.Call("z.lazy", script.Arrow("()", name))
}

func (p *Printer) conditional(s *api.Schema) *script.Node {
	if s.If == nil || s.Then == nil && s.Else == nil {
		if s.If == nil {
			return nil
		}
		// It decides nothing, but what it looks at counts as evaluated.
		return p.helper("conditional", p.Expression(s.If))
	}
	arguments := []*script.Node{p.Expression(s.If)}
	switch {
	case s.Then != nil:
		arguments = append(arguments, p.Expression(s.Then))
	default:
		arguments = append(arguments, script.Text("undefined"))
	}
	if s.Else != nil {
		arguments = append(arguments, p.Expression(s.Else))
	}
	return p.helper("conditional", arguments...)
}
