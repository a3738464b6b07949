package openapi

import (
	"slices"

	"github.com/senior-backend/toolkit/scaffolder/internal/api"
)

// meant is a value of the schema being read, in an enum, a const or a default.
// A number or boolean where the type asks for a string (enum: [1, 2]), and the
// other way round (default: "10"), could never be accepted: quotes are easily
// forgotten in YAML, so it is read as the type asks and noted.
func (s *schemaReader) meant(v value) api.Value {
	written := v.jsonValue()
	listed := s.outer[len(s.outer)-1].get("type")
	types := []string{listed.text()}
	if listed.isSequence() {
		types = types[:0]
		for _, item := range listed.items() {
			types = append(types, item.text())
		}
	}
	read := converted(v, written, types)
	if read != written {
		s.invalid(v, "%s is not of the type beside it; it is read as %s", v.shown(), read)
	}
	return read
}

// converted is a value as one of the types, or as it is written when it is one
// already or cannot be.
func converted(v value, written api.Value, types []string) api.Value {
	has := func(name string) bool { return slices.Contains(types, name) }
	if !v.isScalar() || written == "" {
		return written
	}
	numeric := has("number") || has("integer")
	switch written[0] {
	case '"':
		text := v.text()
		switch {
		case has("string"):
		case numeric && isJSONNumber(text), has("boolean") && (text == "true" || text == "false"):
			return api.Value(text)
		}
	case 't', 'f':
		if has("string") && !has("boolean") {
			return api.Value(appendString(nil, v.node.Value))
		}
	case 'n':
	default:
		if has("string") && !numeric {
			return api.Value(appendString(nil, v.node.Value))
		}
	}
	return written
}
