package example

import (
	"bytes"
	"encoding/json"
	"math/big"
	"strconv"
	"strings"

	"github.com/senior-backend/toolkit/scaffolder/internal/api"
)

// Object is a JSON object whose members keep their order. The other values are
// nil, bool, string, json.Number, []any and File.
type Object []Member

// Member is one member of an Object.
type Member struct {
	Name  string
	Value any
}

// File is a file of a form.
type File struct{}

// Get returns the member with the name.
func (o Object) Get(name string) (any, bool) {
	for _, member := range o {
		if member.Name == name {
			return member.Value, true
		}
	}
	return nil, false
}

// with returns a copy in which name has the value.
func (o Object) with(name string, value any) Object {
	out := make(Object, 0, len(o)+1)
	found := false
	for _, member := range o {
		if member.Name == name {
			member.Value, found = value, true
		}
		out = append(out, member)
	}
	if !found {
		out = append(out, Member{name, value})
	}
	return out
}

// without returns a copy that lacks the member with the name.
func (o Object) without(name string) Object {
	out := make(Object, 0, len(o))
	for _, member := range o {
		if member.Name != name {
			out = append(out, member)
		}
	}
	return out
}

// size is how many values stand in a value, itself among them.
func size(v any) int {
	count := 1
	switch v := v.(type) {
	case []any:
		for _, item := range v {
			count += size(item)
		}
	case Object:
		for _, member := range v {
			count += size(member.Value)
		}
	}
	return count
}

// JSON writes a value as compact JSON.
func JSON(v any) string {
	var b strings.Builder
	writeJSON(&b, v)
	return b.String()
}

func writeJSON(b *strings.Builder, v any) {
	switch v := v.(type) {
	case nil:
		b.WriteString("null")
	case bool:
		b.WriteString(strconv.FormatBool(v))
	case json.Number:
		b.WriteString(v.String())
	case string:
		b.WriteString(quoteJSON(v))
	case File:
		b.WriteString(`"file"`)
	case []any:
		b.WriteByte('[')
		for i, item := range v {
			if i > 0 {
				b.WriteByte(',')
			}
			writeJSON(b, item)
		}
		b.WriteByte(']')
	case Object:
		b.WriteByte('{')
		for i, member := range v {
			if i > 0 {
				b.WriteByte(',')
			}
			b.WriteString(quoteJSON(member.Name))
			b.WriteByte(':')
			writeJSON(b, member.Value)
		}
		b.WriteByte('}')
	}
}

func quoteJSON(text string) string {
	var b bytes.Buffer
	encoder := json.NewEncoder(&b)
	encoder.SetEscapeHTML(false)
	if encoder.Encode(text) != nil {
		return `""`
	}
	return strings.TrimSuffix(b.String(), "\n")
}

// parseValue reads a value of the model; false for what is no JSON.
func parseValue(v api.Value) (any, bool) {
	decoder := json.NewDecoder(strings.NewReader(string(v)))
	decoder.UseNumber()
	value, err := next(decoder)
	return value, err == nil
}

func next(decoder *json.Decoder) (any, error) {
	token, err := decoder.Token()
	if err != nil {
		return nil, err
	}
	switch token {
	case json.Delim('['):
		items := []any{}
		for decoder.More() {
			item, err := next(decoder)
			if err != nil {
				return nil, err
			}
			items = append(items, item)
		}
		_, err = decoder.Token()
		return items, err
	case json.Delim('{'):
		object := Object{}
		for decoder.More() {
			key, err := decoder.Token()
			if err != nil {
				return nil, err
			}
			value, err := next(decoder)
			if err != nil {
				return nil, err
			}
			name, _ := key.(string)
			object = object.with(name, value)
		}
		_, err = decoder.Token()
		return object, err
	}
	return token, nil
}

// typeOf is the JSON Schema type of a value; "integer" for whole numbers.
func typeOf(v any) string {
	switch v := v.(type) {
	case nil:
		return "null"
	case bool:
		return "boolean"
	case string, File:
		return "string"
	case []any:
		return "array"
	case Object:
		return "object"
	case json.Number:
		if number := rational(v.String()); number != nil && number.IsInt() {
			return "integer"
		}
	}
	return "number"
}

// rational is the exact value of a number; nil for those that are too large to
// be worked with.
func rational(text string) *big.Rat {
	if at := strings.IndexAny(text, "eE"); at >= 0 {
		exponent, err := strconv.Atoi(strings.TrimPrefix(text[at+1:], "+"))
		if err != nil || exponent > 400 || exponent < -400 {
			return nil
		}
	}
	number, ok := new(big.Rat).SetString(text)
	if !ok {
		return nil
	}
	return number
}

// decimal writes a number without an exponent.
func decimal(r *big.Rat) json.Number {
	if r.IsInt() {
		return json.Number(r.Num().String())
	}
	text := r.FloatString(12)
	return json.Number(strings.TrimSuffix(strings.TrimRight(text, "0"), "."))
}

// canonical is the same for values that JSON Schema takes for equal.
func canonical(v any) string {
	switch v := v.(type) {
	case json.Number:
		if number := rational(v.String()); number != nil {
			return number.RatString()
		}
	case []any:
		parts := make([]string, 0, len(v))
		for _, item := range v {
			parts = append(parts, canonical(item))
		}
		return "[" + strings.Join(parts, ",") + "]"
	case Object:
		members := make([]string, 0, len(v))
		for _, member := range v {
			members = append(members, quoteJSON(member.Name)+":"+canonical(member.Value))
		}
		sortStrings(members)
		return "{" + strings.Join(members, ",") + "}"
	}
	return JSON(v)
}
