package openapi

import (
	"strings"

	"github.com/senior-backend/toolkit/scaffolder/internal/api"
)

// reference makes out refer to the schema that reference leads to.
func (s *schemaReader) reference(out *api.Schema, reference value) {
	target, err := s.resolve(reference.text(), reference)
	if err != nil || target.node == s.root.node {
		if found, ok := s.enclosed(reference); ok {
			s.unsupported(reference, "reference %q is relative to the schema that it stands in, not to the document", reference.text())
			target, err = found, nil
		}
	}
	switch {
	case err != nil:
		s.invalid(reference, "schema reference %q %v; anything is accepted in its place", reference.text(), err)
	case target.isMapping() || target.isScalar() && target.node.Tag == "!!bool":
		out.Ref = s.nameOf(target, reference.text())
	default:
		s.invalid(reference, "schema reference %q leads to %s; anything is accepted in its place", reference.text(), target.kind())
	}
}

// enclosed resolves a reference that is right only from a schema around it:
// schemas pasted from JSON Schema files look so. What it leads to keeps that
// schema as the one that "#" stands for.
func (s *schemaReader) enclosed(reference value) (value, bool) {
	if text := reference.text(); text != "#" && !strings.HasPrefix(text, "#/") {
		return value{}, false
	}
	for i := range s.outer { // the outermost first: the whole that was pasted
		enclosing := value{s.outer[i].node, &scope{file: reference.scope.file, resource: s.outer[i].node}}
		_, fragment, _ := strings.Cut(reference.text(), "#")
		if found, err := s.fragment(enclosing, fragment, 0); err == nil {
			return found, true
		}
	}
	return value{}, false
}

// discriminator reads both its forms: Swagger 2.0 has only the property's name.
func (s *schemaReader) discriminator(v value) *api.Discriminator {
	if v.isText() {
		return &api.Discriminator{Property: v.text()}
	}
	property := v.get("propertyName")
	if !property.isText() {
		s.invalid(v, "a discriminator needs a propertyName; it is ignored")
		return nil
	}
	out := &api.Discriminator{Property: property.text()}
	for _, e := range lastWins(v.get("mapping").entries()) {
		if name, ok := s.mappedSchema(e.value); ok {
			out.Mapping = append(out.Mapping, api.DiscriminatorMapping{Value: e.key, Schema: name})
		}
	}
	if fallback := v.get("defaultMapping"); fallback.isText() {
		out.Default, _ = s.mappedSchema(fallback)
	}
	return out
}

// mappedSchema finds the schema that a mapping means: a component's name, or a
// reference.
func (s *schemaReader) mappedSchema(v value) (string, bool) {
	if v.isText() {
		if component := s.member(s.componentSchemas(), v.text()); component.exists() {
			return s.names[component.node], true
		}
		if target, err := s.resolve(v.text(), v); err == nil && target.isMapping() {
			return s.nameOf(target, v.text()), true
		}
	}
	s.invalid(v, "the discriminator's mapping leads to no schema (%q); it is left out", v.text())
	return "", false
}
