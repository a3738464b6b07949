package example

import (
	"encoding/json"
	"net/url"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/senior-backend/toolkit/scaffolder/internal/api"
	"github.com/senior-backend/toolkit/scaffolder/internal/emit/plan"
)

// escaped is text as it stands in a path or a query.
func escaped(text string) string {
	return strings.ReplaceAll(url.QueryEscape(text), "+", "%20")
}

func plainText(v any) string {
	switch v := v.(type) {
	case string:
		return v
	case json.Number:
		return v.String()
	}
	return JSON(v)
}

func texts(list []any, write func(string) string) []string {
	out := make([]string, 0, len(list))
	for _, item := range list {
		out = append(out, write(plainText(item)))
	}
	return out
}

// inPath writes the value of a path parameter.
func inPath(p *api.Parameter, v any) string {
	prefix, separator, equals := "", ",", ","
	switch p.Style {
	case api.StyleLabel:
		prefix = "."
		if p.Explode {
			separator = "."
		}
	case api.StyleMatrix:
		prefix = ";" + escaped(p.Name) + "="
		if p.Explode {
			separator = ";" + escaped(p.Name) + "="
		}
	}
	if p.Explode {
		equals = "="
	}
	switch v := v.(type) {
	case []any:
		return prefix + strings.Join(texts(v, escaped), separator)
	case Object:
		if p.Style == api.StyleMatrix && p.Explode {
			prefix, separator = ";", ";"
		}
		var parts []string
		for _, member := range v {
			parts = append(parts, escaped(member.Name)+equals+escaped(plainText(member.Value)))
		}
		if !p.Explode {
			separator = ","
		}
		return prefix + strings.Join(parts, separator)
	}
	return prefix + escaped(plainText(v))
}

// inHeader writes the value of a header.
func inHeader(p *api.Parameter, v any) string {
	switch v := v.(type) {
	case []any:
		return strings.Join(texts(v, func(s string) string { return s }), ",")
	case Object:
		equals := ","
		if p.Explode {
			equals = "="
		}
		var parts []string
		for _, member := range v {
			parts = append(parts, member.Name+equals+plainText(member.Value))
		}
		return strings.Join(parts, ",")
	}
	return plainText(v)
}

// inPairs writes a query parameter, a cookie or a field of a form as
// name=value texts.
func inPairs(p *api.Parameter, v any) []string {
	name := escaped(p.Name)
	separators := map[string]string{api.StyleForm: ",", api.StyleSpaceDelimited: "%20", api.StylePipeDelimited: "%7C"}
	separator, known := separators[p.Style]
	if !known {
		separator = ","
	}
	switch v := v.(type) {
	case []any:
		if p.Style == api.StyleDeepObject {
			return deep(name, v)
		}
		if p.Explode {
			var pairs []string
			for _, text := range texts(v, escaped) {
				pairs = append(pairs, name+"="+text)
			}
			return pairs
		}
		return []string{name + "=" + strings.Join(texts(v, escaped), separator)}
	case Object:
		switch {
		case p.Style == api.StyleDeepObject:
			return deep(name, v)
		case p.Explode && p.Style == api.StyleForm:
			var pairs []string
			for _, member := range v {
				pairs = append(pairs, inPairs(&api.Parameter{Name: member.Name, Style: api.StyleForm, Explode: true}, member.Value)...)
			}
			return pairs
		}
		var parts []string
		for _, member := range v {
			parts = append(parts, escaped(member.Name), escaped(plainText(member.Value)))
		}
		return []string{name + "=" + strings.Join(parts, separator)}
	}
	return []string{name + "=" + escaped(plainText(v))}
}

func deep(prefix string, v any) []string {
	switch v := v.(type) {
	case Object:
		var pairs []string
		for _, member := range v {
			pairs = append(pairs, deep(prefix+"["+escaped(member.Name)+"]", member.Value)...)
		}
		return pairs
	case []any:
		var pairs []string
		for i, item := range v {
			pairs = append(pairs, deep(prefix+"["+strconv.Itoa(i)+"]", item)...)
		}
		return pairs
	}
	return []string{prefix + "=" + escaped(plainText(v))}
}

var digits = regexp.MustCompile(`^-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?$`)

// read is the value that a server reads out of the text that a value is written
// as; false when it would be read as nothing, or cannot be written at all.
func read(shape *plan.Shape, v any, nested bool) (any, bool) {
	switch v := v.(type) {
	case []any:
		if len(v) == 0 || shape.Items == nil {
			return nil, false
		}
		items := make([]any, 0, len(v))
		for _, item := range v {
			value, ok := read(shape.Items, item, nested)
			if !ok || !nested && !scalar(item) {
				return nil, false
			}
			items = append(items, value)
		}
		return items, true
	case Object:
		if len(v) == 0 || !shape.Object {
			return nil, false
		}
		var object Object
		for _, member := range v {
			inner := shape.Additional
			for _, property := range shape.Properties {
				if property.Name == member.Name {
					inner = property.Shape
				}
			}
			if inner == nil {
				inner = &plan.Shape{}
			}
			value, ok := read(inner, member.Value, nested)
			if !ok || !nested && !scalar(member.Value) || strings.ContainsAny(member.Name, "[]&=") {
				return nil, false
			}
			object = append(object, Member{member.Name, value})
		}
		return object, true
	case File:
		return v, true
	}
	if shape.Items != nil || shape.Object {
		return nil, false
	}
	return asType(shape.Types, plainText(v)), true
}

func scalar(v any) bool {
	switch v := v.(type) {
	case []any, Object:
		return false
	case string:
		return v != ""
	}
	return true
}

// flat tells values without members and items.
func flat(v any) bool {
	switch v.(type) {
	case []any, Object:
		return false
	}
	return true
}

// asType reads a text as one of the types, as servers do.
func asType(types []string, text string) any {
	for _, name := range types {
		switch {
		case (name == "number" || name == "integer" || name == "int64") && digits.MatchString(text):
			return json.Number(text)
		case name == "boolean" && (text == "true" || text == "false"):
			return text == "true"
		case name == "null" && text == "null":
			return nil
		}
	}
	return text
}

// multipart writes a form with files.
func multipart(v Object, boundary string) []byte {
	var b strings.Builder
	part := func(name, rest, content string) {
		b.WriteString("--" + boundary + "\r\nContent-Disposition: form-data; name=" + strconv.Quote(name) + rest + "\r\n\r\n" + content + "\r\n")
	}
	for _, member := range v {
		values := []any{member.Value}
		if list, ok := member.Value.([]any); ok {
			values = list
		}
		for _, value := range values {
			switch value := value.(type) {
			case File:
				part(member.Name, "; filename=\"file.txt\"\r\nContent-Type: text/plain", "hello")
			case Object, []any:
				part(member.Name, "\r\nContent-Type: application/json", JSON(value))
			default:
				part(member.Name, "", plainText(value))
			}
		}
	}
	return []byte(b.String() + "--" + boundary + "--\r\n")
}

func sendable(text string) bool {
	return !slices.ContainsFunc([]rune(text), func(r rune) bool { return r < 0x20 || r > 0x7e })
}
