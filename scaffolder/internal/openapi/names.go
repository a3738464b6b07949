package openapi

import (
	"path"
	"strconv"
	"strings"

	"github.com/senior-backend/toolkit/scaffolder/internal/api"
)

// nameComponents gives the document's own named schemas their names before
// anything is read, so that no other schema takes one. A component that only
// refers to a schema elsewhere lends its name to that schema.
func (r *reader) nameComponents(schemas value) {
	for _, e := range lastWins(schemas.entries()) {
		r.taken[e.key] = true
		if _, again := r.names[e.value.node]; !again {
			r.names[e.value.node] = e.key
		}
	}
	for _, e := range lastWins(schemas.entries()) {
		r.queue = append(r.queue, namedValue{e.key, r.lend(e)})
	}
}

// lend returns what the component e is read from.
func (r *reader) lend(e entry) value {
	reference := e.value.get("$ref")
	if !reference.isText() || len(e.value.node.Content) != 2 {
		return e.value
	}
	target, err := r.resolve(reference.text(), e.value)
	if err != nil || !target.isMapping() {
		return e.value
	}
	if _, named := r.names[target.node]; named {
		return e.value
	}
	r.names[target.node] = e.key
	return target
}

// nameOf returns the name of the schema that reference led to, and queues it
// for reading when it is new.
func (r *reader) nameOf(target value, reference string) string {
	if name, ok := r.names[target.node]; ok {
		return name
	}
	name := r.free(proposeName(reference, target.scope.file.path))
	r.names[target.node] = name
	r.queue = append(r.queue, namedValue{name, target})
	return name
}

// free is name, with a number when it is taken.
func (r *reader) free(name string) string {
	unique := name
	for r.taken[unique] {
		r.numbers[name]++
		unique = name + strconv.Itoa(r.numbers[name]+1)
	}
	r.taken[unique] = true
	return unique
}

// proposeName makes a name from a reference: the last step of a pointer into
// definitions, the telling steps of any other pointer, or the file's name.
func proposeName(reference, file string) string {
	location, fragment, _ := strings.Cut(reference, "#")
	if location == "" && !strings.HasPrefix(fragment, "/") && fragment != "" {
		return clean(fragment)
	}
	steps := strings.Split(strings.TrimPrefix(fragment, "/"), "/")
	var parts []string
	for i, step := range steps {
		step = pointerEscapes.Replace(strings.ReplaceAll(step, "%7B", ""))
		if structural(step) && i < len(steps)-1 {
			if step == "schemas" || step == "definitions" || step == "$defs" {
				parts = nil
			}
			continue
		}
		if word := clean(step); word != "" {
			parts = append(parts, word)
		}
	}
	if len(parts) == 0 || fragment == "" {
		base := path.Base(strings.ReplaceAll(file, "\\", "/"))
		if location != "" {
			base = path.Base(location)
		}
		name, _, _ := strings.Cut(base, ".")
		parts = []string{clean(name)}
	}
	if name := strings.Join(parts, "_"); name != "" {
		return name
	}
	return "Schema"
}

// structural says that a step of a pointer names a place of the format rather
// than a thing of the API.
func structural(step string) bool {
	switch step {
	case "components", "schemas", "definitions", "$defs", "properties", "paths", "content", "schema",
		"responses", "parameters", "allOf", "anyOf", "oneOf", "headers", "application/json":
		return true
	}
	return false
}

// clean keeps the characters that the name of a component may have.
func clean(word string) string {
	return strings.Trim(strings.Map(func(c rune) rune {
		switch {
		case c >= 'a' && c <= 'z', c >= 'A' && c <= 'Z', c >= '0' && c <= '9', c == '_', c == '-', c == '.':
			return c
		case c == '{' || c == '}':
			return -1
		default:
			return '_'
		}
	}, word), "_.-")
}

// readQueue reads the named schemas, among them those that reading names.
func (r *reader) readQueue() {
	for i := 0; i < len(r.queue); i++ {
		next := r.queue[i]
		position := next.value.position()
		schema := &api.Schema{}
		if first := r.names[next.value.node]; first != next.name && first != "" {
			schema.Ref = first // the same node under a second name
		} else {
			schema = r.schemaAt(next.value)
		}
		r.api.Schemas = append(r.api.Schemas, &api.NamedSchema{Name: next.name, Schema: schema, Position: position})
	}
	r.breakCircles()
}

// breakCircles weakens named schemas that are only references to each other,
// and so never say anything, to the schema that accepts everything.
func (r *reader) breakCircles() {
	schemas := make(map[string]*api.NamedSchema, len(r.api.Schemas))
	for _, named := range r.api.Schemas {
		schemas[named.Name] = named
	}
	for _, named := range r.api.Schemas {
		seen := map[string]bool{}
		at := named
		for at != nil && at.Schema.Ref != "" && !seen[at.Name] {
			seen[at.Name] = true
			at = schemas[at.Schema.Ref]
		}
		if at != nil && at.Schema.Ref != "" {
			p := Problem{Position: at.Position, Severity: Invalid, Message: "schema " + strconv.Quote(at.Name) + " refers to itself and to nothing else; it accepts everything"}
			r.problems = append(r.problems, p)
			at.Schema = &api.Schema{Position: at.Position}
		}
	}
}
