package script

import (
	"slices"
	"strings"
)

const columns = 80

type kind int

const (
	text kind = iota
	call
	chain
	object
	array
	arrow
	union
	members
	suffix
	intersection
)

// Node is an expression or a type that knows how to break into lines.
type Node struct {
	kind  kind
	text  string // of text; the callee of call; the head of arrow; the name of a link
	items []*Node
	keys  []string // of object and members, with comments before them
	docs  []Doc
	flat  int      // columns when written on one line
	force bool     // never on one line
	plain bool     // a simple argument in prettier's sense
	tags  []string // of a suffix: what its comment holds
}

// Text is anything that never breaks.
func Text(s string) *Node {
	return &Node{kind: text, text: s, flat: Width(s), plain: true, force: strings.Contains(s, "\n")}
}

// String is a string literal.
func String(s string) *Node { return Text(Quote(s)) }

// Call is callee(items...).
func Call(callee string, items ...*Node) *Node {
	n := &Node{kind: call, text: callee, items: items, flat: Width(callee) + 2, plain: true}
	n.sum(2)
	n.force = n.force || len(items) > 1 && slices.ContainsFunc(items, takesFunction)
	return n
}

// takesFunction tells calls with a function for an argument: beside other
// arguments they are taken for steps, of which each has its line.
func takesFunction(n *Node) bool {
	return n.kind == call && slices.ContainsFunc(n.items, func(item *Node) bool { return item.kind == arrow })
}

// Array is [items...].
func Array(items ...*Node) *Node {
	n := &Node{kind: array, items: items, flat: 2, plain: true}
	n.sum(2)
	if len(items) > 1 {
		n.force = n.force || allObjects(items)
	}
	return n
}

func allObjects(items []*Node) bool {
	for _, item := range items {
		if item.kind != items[0].kind || item.kind != object && item.kind != array || len(item.items) < 2 {
			return false
		}
	}
	return true
}

// Field is one member of an Object or of Members.
type Field struct {
	Key   string // as it is written, with what follows it up to the value: "a?"
	Value *Node
	Doc   string   // a doc comment's text
	Tags  []string // its tags, each a line of its own: "@minimum 0"
}

// Object is an object literal. With broken it is never written on one line.
func Object(broken bool, fields ...Field) *Node {
	n := &Node{kind: object, flat: 4, plain: true, force: broken && len(fields) > 0}
	n.fields(fields)
	if len(fields) == 0 {
		n.flat = 2
	}
	return n
}

// Members is an object type, always written with a line for each member.
func Members(fields ...Field) *Node {
	n := &Node{kind: members, flat: 4, force: len(fields) > 0}
	n.fields(fields)
	if len(fields) == 0 {
		n.flat = 2
	}
	return n
}

// Inlined is an object type that stands on one line when it fits.
func Inlined(fields ...Field) *Node {
	n := Members(fields...)
	n.force = false
	for i, field := range fields {
		n.force = n.force || field.Value.force || n.docs[i].Text != "" || n.docs[i].Tags != nil
	}
	return n
}

func (n *Node) fields(fields []Field) {
	for _, field := range fields {
		if n.kind == members {
			field = raised(field)
		}
		n.keys = append(n.keys, field.Key)
		n.docs = append(n.docs, Doc{field.Doc, field.Tags})
		n.items = append(n.items, field.Value)
		n.flat += Width(field.Key) + 2
		n.force = n.force || field.Doc != "" || field.Tags != nil
	}
	n.sum(2)
}

// Arrow is head => body, such as "() => body".
func Arrow(head string, body *Node) *Node {
	n := &Node{kind: arrow, text: head, items: []*Node{body}, flat: Width(head) + 4}
	n.sum(0)
	return n
}

// Chain is base followed by links, each made with Call(".name", ...).
func Chain(base *Node, links ...*Node) *Node {
	if len(links) == 0 {
		return base
	}
	n := &Node{kind: chain, plain: true}
	if base.kind == chain {
		n.items = append(n.items, base.items...)
	} else {
		n.items = append(n.items, splitHead(base)...)
	}
	n.items = append(n.items, links...)
	n.sum(0)
	n.force = n.force || len(n.items) > 3 && slices.ContainsFunc(n.items[1:], nested)
	return n
}

// Noted calls a method with an object of one field; a call of the method that
// stands last already gets the field too.
func Noted(base *Node, method string, field Field) *Node {
	if base.kind != chain {
		return Chain(base, Call(method, Object(false, field)))
	}
	last := base.items[len(base.items)-1]
	if last.text != method || len(last.items) != 1 || last.items[0].kind != object {
		return Chain(base, Call(method, Object(false, field)))
	}
	var fields []Field
	for i, key := range last.items[0].keys {
		fields = append(fields, Field{Key: key, Value: last.items[0].items[i]})
	}
	links := slices.Clone(base.items[1 : len(base.items)-1])
	return Chain(base.items[0], append(links, Call(method, Object(false, append(fields, field)...)))...)
}

// nested tells calls with arguments that prettier finds too much for one line
// of a chain.
func nested(link *Node) bool {
	return slices.ContainsFunc(link.items, func(argument *Node) bool { return !simple(argument, 0) })
}

// simple tells arguments that prettier finds simple: nothing in them stands
// deeper than in a call of theirs.
func simple(n *Node, depth int) bool {
	inside := func(items []*Node) bool {
		return !slices.ContainsFunc(items, func(item *Node) bool { return !simple(item, depth+1) })
	}
	switch {
	case depth > 1 || n.kind == arrow:
		return false
	case n.kind == chain:
		return !slices.ContainsFunc(n.items[1:], func(link *Node) bool { return !inside(link.items) })
	case n.kind == call:
		return len(n.items) < 3 && inside(n.items)
	case n.kind == object || n.kind == array:
		return inside(n.items)
	}
	return true
}

// splitHead takes z.string() apart into z and .string().
func splitHead(base *Node) []*Node {
	if base.kind != call {
		return []*Node{base}
	}
	head, name, found := strings.Cut(base.text, ".")
	if !found {
		return []*Node{base}
	}
	return []*Node{Text(head), Call("."+name, base.items...)}
}

// Union is the union type of items.
func Union(items ...*Node) *Node {
	if len(items) == 1 {
		return items[0]
	}
	n := &Node{kind: union}
	for _, item := range items {
		if item.kind == intersection {
			item = Suffix(item, "(", ")")
		}
		n.items = append(n.items, item)
	}
	n.sum(3)
	return n
}

// Suffix is a type followed by text: T[] or (A | B)[].
func Suffix(item *Node, before, after string) *Node {
	n := &Node{kind: suffix, items: []*Node{item}, keys: []string{before, after}, flat: Width(before) + Width(after)}
	n.sum(0)
	return n
}

func (n *Node) sum(separator int) {
	for i, item := range n.items {
		n.flat += item.flat
		if i > 0 {
			n.flat += separator
		}
		n.force = n.force || item.force
		n.plain = n.plain && item.plain
	}
}
