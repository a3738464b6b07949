package describe

import (
	"encoding/json"
	"slices"
	"strings"

	"github.com/senior-backend/toolkit/scaffolder/internal/api"
)

// annotate takes description and constraints from the doc comment of a type or
// property, as the tools that make JSON Schemas of types read them.
func annotate(s *api.Schema, text string) {
	if text == "" {
		return
	}
	c := parseComment(text)
	if body := unescaped(strings.TrimSpace(strings.TrimSuffix(c.text, "Deprecated."))); body != "" {
		s.Description = body
	}
	if strings.HasSuffix(c.text, "Deprecated.") {
		s.Deprecated = true
	}
	for _, t := range c.tags {
		annotation(s, t)
	}
}

// unescaped undoes what keeps text in a comment from ending it, or from being
// taken for a tag.
func unescaped(text string) string {
	return strings.NewReplacer(`\@`, `@`, `*\/`, `*/`).Replace(text)
}

// word is the value of a tag, which may be written as a string.
func (t blockTag) word() string {
	var text string
	if strings.HasPrefix(t.text, `"`) && json.Unmarshal([]byte(t.text), &text) == nil {
		return text
	}
	return t.text
}

func (t blockTag) first() string { return strings.Fields(t.word() + " ")[0] }

func (t blockTag) count() *int {
	n := 0
	for _, c := range strings.Fields(t.text + " x")[0] {
		if c < '0' || c > '9' || n > 1<<30 {
			return nil
		}
		n = n*10 + int(c-'0')
	}
	return &n
}

// number may be followed by words, such as a message.
func (t blockTag) number() api.Number {
	if text := strings.Fields(t.text + " x")[0]; isNumber(text) {
		return api.Number(text)
	}
	return ""
}

func annotation(s *api.Schema, t blockTag) {
	switch t.name {
	case "description":
		s.Description = t.text
	case "title":
		s.Title = t.text
	case "deprecated":
		s.Deprecated = true
	case "readonly", "readOnly":
		s.ReadOnly = true
	case "writeonly", "writeOnly":
		s.WriteOnly = true
	case "default", "defaultValue":
		s.Default = jsonValue(t.text)
	case "example":
		if v := jsonValue(t.text); v != "" {
			s.Examples = append(s.Examples, v)
		}
	case "oneOf":
		if s.AnyOf != nil {
			s.OneOf, s.AnyOf = s.AnyOf, nil
		}
	case "discriminator":
		if name := t.first(); name != "" {
			s.Discriminator = &api.Discriminator{Property: name}
		}
	default:
		constraint(s, t)
	}
}

// constraint reads the tags that limit a value.
func constraint(s *api.Schema, t blockTag) {
	switch t.name {
	case "format":
		s.Format = t.word()
	case "pattern":
		s.Pattern = t.word()
	case "contentEncoding":
		s.ContentEncoding = t.word()
	case "contentMediaType":
		s.ContentMediaType = t.word()
	case "minimum", "min":
		s.Minimum = t.number()
	case "maximum", "max":
		s.Maximum = t.number()
	case "exclusiveMinimum":
		s.ExclusiveMinimum = t.number()
	case "exclusiveMaximum":
		s.ExclusiveMaximum = t.number()
	case "multipleOf":
		s.MultipleOf = t.number()
	case "minLength":
		s.MinLength = t.count()
	case "maxLength":
		s.MaxLength = t.count()
	case "minItems":
		s.MinItems = t.count()
	case "maxItems":
		s.MaxItems = t.count()
	case "minProperties":
		s.MinProperties = t.count()
	case "maxProperties":
		s.MaxProperties = t.count()
	case "uniqueItems":
		s.UniqueItems = t.text != "false"
	case "additionalProperties":
		if t.text == "false" {
			never := false
			s.AdditionalProperties = &api.Schema{Always: &never}
		}
	case "isInt", "int", "integer":
		integral(s)
	case "isEmail":
		s.Format = "email"
	case "asType", "TJS-type", "type":
		switch strings.Trim(t.text, "{}") {
		case "integer", "int":
			integral(s)
		case "boolean":
			s.Types = []string{"boolean"}
		}
	}
}

// integral turns numbers into integers.
func integral(s *api.Schema) {
	if s.Types == nil && s.Ref == "" {
		s.Types = []string{"integer"}
		return
	}
	s.Types = slices.Clone(s.Types)
	for i, name := range s.Types {
		if name == "number" {
			s.Types[i] = "integer"
		}
	}
}
