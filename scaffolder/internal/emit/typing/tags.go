package typing

import (
	"slices"
	"strconv"

	"github.com/senior-backend/toolkit/scaffolder/internal/api"
	"github.com/senior-backend/toolkit/scaffolder/internal/emit/script"
)

// own are the tags that say what a type of TypeScript cannot say of values of one
// JSON type; of all types, when the name is empty.
func (p Printer) own(s *api.Schema, name string) []string {
	t := tags{}
	switch name {
	case "string":
		t.text(s)
	case "integer", "number":
		if name == "integer" && !p.Plan.Int64(s) {
			t.add("type", "integer")
		}
		if name == "number" || !p.Plan.Int64(s) {
			t.value("format", s.Format)
		}
		t.number(s)
	case "array":
		t.array(s)
	case "object":
		t.object(s)
	case "":
		t.text(s)
		t.number(s)
		t.array(s)
		t.object(s)
	}
	return t
}

type tags []string

func (t *tags) add(name, value string) { *t = append(*t, script.Tag(name, value)) }

func (t *tags) value(name, value string) {
	if value != "" {
		t.add(name, value)
	}
}

func (t *tags) count(name string, n *int) {
	if n != nil {
		t.add(name, strconv.Itoa(*n))
	}
}

func (t *tags) text(s *api.Schema) {
	t.value("format", s.Format)
	t.count("minLength", s.MinLength)
	t.count("maxLength", s.MaxLength)
	t.value("pattern", s.Pattern)
	t.value("contentEncoding", s.ContentEncoding)
	t.value("contentMediaType", s.ContentMediaType)
}

func (t *tags) number(s *api.Schema) {
	t.value("minimum", string(s.Minimum))
	t.value("exclusiveMinimum", string(s.ExclusiveMinimum))
	t.value("maximum", string(s.Maximum))
	t.value("exclusiveMaximum", string(s.ExclusiveMaximum))
	t.value("multipleOf", string(s.MultipleOf))
}

func (t *tags) array(s *api.Schema) {
	t.count("minItems", s.MinItems)
	t.count("maxItems", s.MaxItems)
	if s.UniqueItems {
		t.add("uniqueItems", "")
	}
}

func (t *tags) object(s *api.Schema) {
	t.count("minProperties", s.MinProperties)
	t.count("maxProperties", s.MaxProperties)
	if extra := s.AdditionalProperties; extra != nil && extra.Always != nil && !*extra.Always {
		t.add("additionalProperties", "false")
	}
}

// general are the tags that hold whatever the type of the value is.
func general(s *api.Schema) []string {
	t := tags{}
	if s.Default != "" {
		t = append(t, "@default "+script.JSONText(string(s.Default)))
	}
	return t
}

// choices are the tags of a union: a value fits any of its types, unless one of
// them alone must fit.
func choices(s *api.Schema, tag string, node *script.Node) []string {
	if !script.IsUnion(node) {
		return nil
	}
	var said []string
	if tag != "" && !apart(s.OneOf) {
		said = append(said, tag)
	}
	if d := s.Discriminator; d != nil {
		said = append(said, script.Tag("discriminator", d.Property))
	}
	return said
}

// apart tells alternatives of which each is of a type of its own.
func apart(list []*api.Schema) bool {
	var seen []string
	for _, s := range list {
		if len(s.Types) != 1 || slices.Contains(seen, s.Types[0]) {
			return false
		}
		seen = append(seen, s.Types[0])
		if s.Types[0] == "integer" {
			seen = append(seen, "number")
		}
		if s.Types[0] == "number" {
			seen = append(seen, "integer")
		}
	}
	return true
}
