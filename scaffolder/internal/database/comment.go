package database

import (
	"encoding/json"
	"errors"
	"io"
	"regexp"
	"slices"
	"strings"

	"github.com/senior-backend/toolkit/scaffolder/internal/api"
	"github.com/senior-backend/toolkit/scaffolder/internal/openapi"
)

// annotation is what a comment may say of the JSON in a column: "@type string[]", or
// "@schema" with a JSON Schema.
var annotation = regexp.MustCompile(`(?s)^(.*?)(?:^|\s)@(type|schema)\s+(.*)$`)

// elsewhere are references to anything but the schema itself.
var elsewhere = regexp.MustCompile(`"\$(?:ref|dynamicRef)"\s*:\s*"[^#]`)

var jsonKinds = []string{"object", "array", "string", "number", "integer", "boolean"}

// jsonSchema is the schema of JSON values of which a comment says something, and the
// rest of the comment. Without an annotation it is nil. Named is what the schema may
// be called.
func (d *describer) jsonSchema(comment, named string) (s *api.Schema, rest string, err error) {
	found := annotation.FindStringSubmatch(comment)
	if found == nil {
		return nil, comment, nil
	}
	before, said := strings.TrimSpace(found[1]), strings.TrimSpace(found[3])
	if found[2] == "type" {
		kind, after, _ := strings.Cut(said, "\n")
		s, err = kindSchema(strings.TrimSpace(kind))
		return s, strings.TrimSpace(before + "\n" + after), err
	}
	decoder := json.NewDecoder(strings.NewReader(said))
	var schema json.RawMessage
	if err := decoder.Decode(&schema); err != nil {
		return nil, comment, errors.New("what follows @schema is no JSON: " + err.Error())
	}
	after, _ := io.ReadAll(decoder.Buffered())
	s, err = d.adopt(schema, named)
	return s, strings.TrimSpace(before + "\n" + string(after)), err
}

func kindSchema(kind string) (*api.Schema, error) {
	name, list := strings.CutSuffix(kind, "[]")
	if !slices.Contains(jsonKinds, name) {
		return nil, errors.New("@type " + kind + " is not known: say " + strings.Join(jsonKinds, ", ") + ", one of them with [], or @schema with a JSON Schema")
	}
	s := &api.Schema{Types: []string{name}}
	if list {
		return &api.Schema{Types: []string{"array"}, Items: s}, nil
	}
	return s, nil
}

// adopt takes a JSON Schema into the API and returns a reference to it.
func (d *describer) adopt(schema json.RawMessage, named string) (*api.Schema, error) {
	if elsewhere.Match(schema) {
		return nil, errors.New("its $ref leads out of it")
	}
	name := d.free(named)
	document, err := json.Marshal(map[string]any{
		"openapi": "3.1.0", "info": map[string]string{"title": "", "version": ""}, "paths": map[string]any{},
		"components": map[string]any{"schemas": map[string]json.RawMessage{name: schema}},
	})
	if err != nil {
		return nil, err
	}
	read, err := openapi.Read("-", openapi.Options{Stdin: strings.NewReader(string(document))})
	if err != nil {
		return nil, err
	}
	for _, problem := range read.Problems {
		if problem.Severity == openapi.Invalid {
			return nil, errors.New(problem.Message)
		}
	}
	for _, one := range read.API.Schemas {
		if one.Name != name && d.taken[one.Name] {
			return nil, errors.New("the name of its part " + one.Name + " is taken")
		}
		d.taken[one.Name] = true
	}
	d.api.Schemas = append(d.api.Schemas, read.API.Schemas...)
	return &api.Schema{Ref: name}, nil
}

// isJSON says that a type's values are JSON.
func isJSON(t *Type) bool {
	base := baseOf(t)
	return base != nil && (base.Name == "json" || base.Name == "jsonb")
}

// limitKind says what jsonb_typeof(column) = 'array' does.
func limitKind(s *api.Schema, function string, kinds ...expression) {
	if function != "jsonb_typeof" && function != "json_typeof" || len(s.Types) > 0 {
		return
	}
	for _, kind := range kinds {
		if kind.op != "text" || !slices.Contains(jsonKinds, kind.text) && kind.text != "null" {
			return
		}
	}
	for _, kind := range kinds {
		s.Types = append(s.Types, kind.text)
	}
	if s.Description == anyJSON {
		s.Description = ""
	}
}

const anyJSON = "Any JSON value."
