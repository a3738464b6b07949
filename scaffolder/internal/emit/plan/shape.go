package plan

import (
	"slices"

	"github.com/senior-backend/toolkit/scaffolder/internal/api"
)

// Shape is what text stands for: one of Types, an array of Items, or an object.
type Shape struct {
	Types      []string // empty means text
	Items      *Shape
	Object     bool
	Properties []ShapeProperty
	Additional *Shape
}

// ShapeProperty is a property of an object's shape.
type ShapeProperty struct {
	Name  string
	Shape *Shape
}

// deepest is how far shapes follow schemas: a step to a value inside counts
// more than one to a schema of the same value.
const (
	deepest = 48
	inside  = 8
)

// ShapeOf finds what the text of a value with the schema stands for. files says
// that it may be a file in a form.
func (p *Plan) ShapeOf(s *api.Schema, files bool) *Shape {
	shape := &Shape{}
	p.addShape(shape, s, 0, files)
	shape.settle()
	return shape
}

// settle leaves each type once, in a fixed order.
func (s *Shape) settle() {
	if s == nil {
		return
	}
	slices.Sort(s.Types)
	s.Types = slices.Compact(s.Types)
	s.Items.settle()
	s.Additional.settle()
	for _, property := range s.Properties {
		property.Shape.settle()
	}
}

func (p *Plan) addShape(shape *Shape, s *api.Schema, depth int, files bool) {
	if s == nil || depth > deepest {
		return
	}
	if target := p.byWire[s.Ref]; s.Ref != "" && target != nil {
		p.addShape(shape, target.Schema, depth+1, files)
	}
	for _, list := range [][]*api.Schema{s.AllOf, s.AnyOf, s.OneOf} {
		for _, part := range list {
			p.addShape(shape, part, depth+1, files)
		}
	}
	if files && IsFile(s) {
		shape.Types = append(shape.Types, "file")
		return
	}
	types := scalarTypes(s)
	if at := slices.Index(types, "integer"); at >= 0 && p.Int64(s) {
		types[at] = "int64"
	}
	shape.Types = append(shape.Types, types...)
	if slices.Contains(s.Types, "array") || s.Types == nil && s.Items != nil {
		if shape.Items == nil {
			shape.Items = &Shape{}
		}
		p.addShape(shape.Items, s.Items, depth+inside, files)
		for _, item := range s.PrefixItems {
			p.addShape(shape.Items, item, depth+inside, files)
		}
	}
	if slices.Contains(s.Types, "object") || s.Types == nil && (s.Properties != nil || s.AdditionalProperties != nil) {
		p.addObject(shape, s, depth, files)
	}
}

// scalarTypes are the types that text can be read as, of those that s names or
// lists values of.
func scalarTypes(s *api.Schema) []string {
	types := slices.DeleteFunc(slices.Clone(s.Types), func(name string) bool { return name == "array" || name == "object" })
	if s.Types != nil {
		return types
	}
	list := s.Enum
	if s.Const != "" {
		list = []api.Value{s.Const}
	}
	for _, value := range list {
		switch value[0] {
		case 't', 'f':
			types = append(types, "boolean")
		case 'n':
			types = append(types, "null")
		case '"':
			types = append(types, "string")
		case '{', '[':
		default:
			types = append(types, "number")
		}
	}
	return types
}

func (p *Plan) addObject(shape *Shape, s *api.Schema, depth int, files bool) {
	shape.Object = true
	for _, property := range s.Properties {
		at := slices.IndexFunc(shape.Properties, func(known ShapeProperty) bool { return known.Name == property.Name })
		if at < 0 {
			at = len(shape.Properties)
			shape.Properties = append(shape.Properties, ShapeProperty{property.Name, &Shape{}})
		}
		p.addShape(shape.Properties[at].Shape, property.Schema, depth+inside, files)
	}
	if extra := s.AdditionalProperties; extra != nil && (extra.Always == nil || *extra.Always) {
		if shape.Additional == nil {
			shape.Additional = &Shape{}
		}
		p.addShape(shape.Additional, extra, depth+inside, files)
	} else if extra == nil && len(s.Properties) == 0 && shape.Additional == nil {
		shape.Additional = &Shape{} // whatever there is, as text
	}
}

// HoldsFile tells whether a form with the schema has files in it.
func (p *Plan) HoldsFile(s *api.Schema) bool {
	return holdsFile(p.ShapeOf(s, true))
}

func holdsFile(shape *Shape) bool {
	if shape == nil {
		return false
	}
	return slices.Contains(shape.Types, "file") || holdsFile(shape.Items) || holdsFile(shape.Additional) ||
		slices.ContainsFunc(shape.Properties, func(property ShapeProperty) bool { return holdsFile(property.Shape) })
}
