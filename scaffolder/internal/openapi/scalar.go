package openapi

import (
	"strings"

	"github.com/senior-backend/toolkit/scaffolder/internal/api"
)

// flag is a boolean member. Anything else is noted and taken for what it looks like.
func (r *reader) flag(e entry) bool {
	if truth, ok := e.value.boolean(); ok {
		return truth
	}
	r.invalid(e.value, "%s should be a boolean, not %s", e.key, e.value.kind())
	return strings.EqualFold(e.value.text(), "true")
}

// count is a member that counts something, or nil.
func (r *reader) count(e entry) *int {
	if n, ok := e.value.count(); ok {
		return &n
	}
	r.invalid(e.value, "%s should be a whole number from 0, not %s; it is ignored", e.key, e.value.shown())
	return nil
}

// number is a numeric member. Numbers in quotes are read as meant.
func (r *reader) number(e entry) api.Number {
	if n := e.value.number(); n != "" {
		return n
	}
	if text := e.value.text(); isJSONNumber(text) {
		r.invalid(e.value, "%s should be a number, not a string", e.key)
		return api.Number(text)
	}
	r.invalid(e.value, "%s should be a number, not %s; it is ignored", e.key, e.value.shown())
	return ""
}

// strings is a member that lists strings.
func (r *reader) strings(e entry) []string {
	if !e.value.isSequence() {
		r.invalid(e.value, "%s should be an array of strings, not %s; it is ignored", e.key, e.value.kind())
		return nil
	}
	var out []string
	seen := map[string]bool{}
	for _, item := range e.value.items() {
		if !item.isScalar() {
			r.invalid(item, "%s should list strings, not %s", e.key, item.kind())
			continue
		}
		if text := item.node.Value; !seen[text] {
			seen[text] = true
			out = append(out, text)
		}
	}
	return out
}

// shown is the value for a message: a short scalar itself, else its kind.
func (v value) shown() string {
	if v.isScalar() && !v.isNull() && len(v.node.Value) <= 40 {
		return string(v.jsonValue())
	}
	return v.kind()
}

// extensions are the "x-" members of v.
func (r *reader) extensions(v value) []api.Extension {
	var out []api.Extension
	for _, e := range lastWins(v.entries()) {
		if strings.HasPrefix(e.key, "x-") {
			out = append(out, api.Extension{Name: e.key, Value: e.value.jsonValue()})
		}
	}
	return out
}

func (r *reader) externalDocs(v value) *api.ExternalDocs {
	if !v.isMapping() {
		return nil
	}
	return &api.ExternalDocs{Description: v.get("description").text(), URL: v.get("url").text()}
}
