package openapi

import (
	"strings"

	"github.com/pb33f/go-yaml"

	"github.com/senior-backend/toolkit/scaffolder/internal/api"
)

type nodeKey = *yaml.Node

// scope is what relative references mean at some place.
type scope struct {
	file     *file
	resource *yaml.Node // what "#" stands for: the file's root, or the schema that has an $id
	base     string     // the resource's $id, absolute where that can be known; "" for a file
}

// value is a node and its scope. The zero value is an absent one; every method
// of value is total, so that no document can make a reader panic.
type value struct {
	node  *yaml.Node
	scope *scope
}

func (v value) exists() bool { return v.node != nil }

// with is another node in the same scope, aliases followed.
func (v value) with(node *yaml.Node) value {
	return value{node: unalias(node), scope: v.scope}
}

// unalias follows YAML aliases. Circles of aliases are refused on loading.
func unalias(node *yaml.Node) *yaml.Node {
	for node != nil && node.Kind == yaml.AliasNode {
		node = node.Alias
	}
	return node
}

func (v value) isMapping() bool  { return v.node != nil && v.node.Kind == yaml.MappingNode }
func (v value) isSequence() bool { return v.node != nil && v.node.Kind == yaml.SequenceNode }
func (v value) isScalar() bool   { return v.node != nil && v.node.Kind == yaml.ScalarNode }
func (v value) isNull() bool     { return v.isScalar() && v.node.Tag == "!!null" }

// entry is one member of a mapping.
type entry struct {
	key   string
	at    value // the key
	value value
}

// entries are the members of a mapping, merged ones ("<<") after its own. Of a
// key given twice the last value counts, as in JSON.
func (v value) entries() []entry {
	if !v.isMapping() {
		return nil
	}
	content := v.node.Content
	out := make([]entry, 0, len(content)/2)
	merges := false
	for i := 0; i+1 < len(content); i += 2 {
		key := unalias(content[i])
		if key == nil || key.Kind != yaml.ScalarNode {
			continue
		}
		if key.Tag == "!!merge" {
			merges = true
			continue
		}
		out = append(out, entry{key: key.Value, at: value{key, v.scope}, value: v.with(content[i+1])})
	}
	if merges {
		out = v.merge(out)
	}
	return out
}

func (v value) merge(own []entry) []entry {
	seen := map[string]bool{}
	for _, e := range own {
		seen[e.key] = true
	}
	add := func(source value) {
		for _, e := range source.entries() {
			if !seen[e.key] {
				seen[e.key] = true
				own = append(own, e)
			}
		}
	}
	for i := 0; i+1 < len(v.node.Content); i += 2 {
		if key := unalias(v.node.Content[i]); key == nil || key.Tag != "!!merge" {
			continue
		}
		source := v.with(v.node.Content[i+1])
		for _, item := range source.items() {
			add(item)
		}
		add(source)
	}
	return own
}

// get is the member with the given key, or an absent value.
func (v value) get(key string) value {
	if !v.isMapping() {
		return value{}
	}
	content := v.node.Content
	merges := false
	for i := len(content) - 2; i >= 0; i -= 2 {
		k := unalias(content[i])
		if k == nil || k.Kind != yaml.ScalarNode {
			continue
		}
		if k.Tag == "!!merge" {
			merges = true
		} else if k.Value == key {
			return v.with(content[i+1])
		}
	}
	if merges {
		for _, e := range v.entries() {
			if e.key == key {
				return e.value
			}
		}
	}
	return value{}
}

// items are the items of a sequence.
func (v value) items() []value {
	if !v.isSequence() {
		return nil
	}
	out := make([]value, 0, len(v.node.Content))
	for _, item := range v.node.Content {
		out = append(out, v.with(item))
	}
	return out
}

// text is the text of a scalar, whatever its type; "" for null and for anything else.
func (v value) text() string {
	if !v.isScalar() || v.isNull() {
		return ""
	}
	return v.node.Value
}

// isText says that the value is a string rather than a number or the like.
func (v value) isText() bool { return v.isScalar() && v.node.Tag == "!!str" }

// boolean is a scalar's truth; ok is false when it is no boolean.
func (v value) boolean() (truth, ok bool) {
	if !v.isScalar() || v.node.Tag != "!!bool" {
		return false, false
	}
	return strings.EqualFold(v.node.Value, "true"), true
}

// isTrue says that the value is the boolean true.
func (v value) isTrue() bool {
	truth, ok := v.boolean()
	return ok && truth
}

// position is where the value stands.
func (v value) position() api.Position {
	if v.node == nil {
		return api.Position{}
	}
	p := api.Position{Line: v.node.Line, Column: v.node.Column}
	if v.scope != nil {
		p.Path = v.scope.file.path
	}
	return p
}

// kind names what the value is, for messages.
func (v value) kind() string {
	switch {
	case !v.exists():
		return "nothing"
	case v.isMapping():
		return "an object"
	case v.isSequence():
		return "an array"
	case v.isNull():
		return "null"
	}
	switch v.node.Tag {
	case "!!bool":
		return "a boolean"
	case "!!int", "!!float":
		return "a number"
	default:
		return "a string"
	}
}
