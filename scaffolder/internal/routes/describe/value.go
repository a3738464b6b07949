package describe

import (
	"bytes"
	"encoding/json"
	"regexp"
	"strings"

	"github.com/senior-backend/toolkit/scaffolder/internal/api"
	"github.com/senior-backend/toolkit/scaffolder/internal/routes/interpret"
)

var numeral = regexp.MustCompile(`^-?(0|[1-9][0-9]*)(\.[0-9]+)?([eE][+-]?[0-9]+)?$`)

func isNumber(text string) bool { return numeral.MatchString(text) }

// jsonValue is the JSON value that a text writes; a text that writes none is a
// string.
func jsonValue(text string) api.Value {
	if text == "" {
		return ""
	}
	var compact bytes.Buffer
	if json.Compact(&compact, []byte(text)) == nil {
		return api.Value(compact.String())
	}
	return quoted(strings.Trim(text, "'`"))
}

func quoted(text string) api.Value {
	var b bytes.Buffer
	encoder := json.NewEncoder(&b)
	encoder.SetEscapeHTML(false)
	if encoder.Encode(text) != nil {
		return `""`
	}
	return api.Value(bytes.TrimSpace(b.Bytes()))
}

// toJSON writes a known value as JSON; false where something in it is not
// known.
func (d *describer) toJSON(v interpret.Value, depth int) (api.Value, bool) {
	switch o := v.(type) {
	case interpret.Str:
		return quoted(string(o)), true
	case interpret.Big:
		return api.Value(o), isNumber(string(o))
	case interpret.Num:
		text, _ := interpret.String(o)
		return api.Value(text), isNumber(text)
	case interpret.Bool, interpret.Null:
		text, _ := interpret.String(o)
		return api.Value(text), true
	case *interpret.Regex:
		return quoted(o.Source), true
	case *interpret.Object:
		if depth > 60 || o.Native != nil {
			return "", false
		}
		if o.Array {
			return d.jsonArray(o, depth)
		}
		return d.jsonObject(o, depth)
	}
	return "", false
}

func (d *describer) jsonArray(o *interpret.Object, depth int) (api.Value, bool) {
	parts := make([]string, 0, len(o.Elems))
	for _, e := range o.Elems {
		part, ok := d.toJSON(e, depth+1)
		if !ok {
			return "", false
		}
		parts = append(parts, string(part))
	}
	return api.Value("[" + strings.Join(parts, ",") + "]"), !o.Open
}

// jsonObject leaves out members that are not known: in a schema they make it
// accept more.
func (d *describer) jsonObject(o *interpret.Object, depth int) (api.Value, bool) {
	var parts []string
	for _, key := range o.Keys {
		v := d.Machine.Get(o, key, o.Place)
		if s, symbol := v.(*interpret.Symbol); symbol {
			if schema, ok := d.symbolJSON(s, depth); ok {
				parts = append(parts, string(quoted(key))+":"+schema)
			}
			continue
		}
		if part, ok := d.toJSON(v, depth+1); ok {
			parts = append(parts, string(quoted(key))+":"+string(part))
		}
	}
	return api.Value("{" + strings.Join(parts, ",") + "}"), true
}

// symbolJSON is a schema of a library inside of a JSON Schema, as a reference
// to a component.
func (d *describer) symbolJSON(s *interpret.Symbol, depth int) (string, bool) {
	if depth > 20 {
		return "", false
	}
	schema, ok := d.schema(s)
	if !ok {
		return "", false
	}
	name := schema.Ref
	if name == "" {
		ref := d.component(s, "Inline", func() *api.Schema { return schema })
		name = ref.Ref
	}
	return `{"$ref":"#/components/schemas/` + name + `"}`, true
}
