package script

import (
	"slices"
	"strings"
)

// IsMembers tells an object type, which can be declared as an interface.
func IsMembers(n *Node) bool { return n.kind == members }

// IsUnion tells a choice among types.
func IsUnion(n *Node) bool { return n.kind == union }

// Same tells whether n is the given text.
func Same(n *Node, s string) bool { return n.kind == text && n.text == s }

// Distinct leaves out what is written the same as something before it.
func Distinct(nodes []*Node) []*Node {
	if len(nodes) < 2 {
		return nodes
	}
	seen := make(map[string]bool, len(nodes))
	var distinct []*Node
	for _, node := range nodes {
		if node.kind == union {
			for _, item := range node.items {
				distinct = addDistinct(distinct, item, seen)
			}
			continue
		}
		distinct = addDistinct(distinct, node, seen)
	}
	return distinct
}

// Marked are the types of a union in which those of n bear a tag, and the others
// stand after them.
func Marked(n *Node, tag string, others []*Node) []*Node {
	own := Distinct([]*Node{n})
	if n.kind == union {
		own = n.items
	}
	seen := map[string]bool{}
	var marked []*Node
	for _, one := range own {
		addDistinct(nil, one, seen)
		marked = append(marked, Annotated(one, []string{tag}))
	}
	for _, other := range others {
		items := []*Node{other}
		if other.kind == union {
			items = other.items
		}
		for _, item := range items {
			marked = addDistinct(marked, item, seen)
		}
	}
	return marked
}

func addDistinct(nodes []*Node, node *Node, seen map[string]bool) []*Node {
	var b strings.Builder
	printer{b: &b}.flat(node)
	if seen[b.String()] {
		return nodes
	}
	seen[b.String()] = true
	return append(nodes, node)
}

// Grouped puts parentheses around what is no single type.
func Grouped(n *Node) *Node {
	if n.kind == union || n.kind == intersection {
		return Suffix(n, "(", ")")
	}
	return n
}

// ArrayOf is the type of arrays of items.
func ArrayOf(item *Node) *Node {
	if item.kind == union || item.kind == intersection {
		return Suffix(item, "(", ")[]")
	}
	return Suffix(item, "", "[]")
}

// Intersection is the type of values that are of every one of the types; with
// none of them, of any value.
func Intersection(nodes ...*Node) *Node {
	nodes = Distinct(wrapped(nodes))
	switch len(nodes) {
	case 0:
		return Text("unknown")
	case 1:
		return nodes[0]
	}
	n := &Node{kind: intersection}
	// A comment at the very front would be about all of it.
	slices.SortStableFunc(nodes, func(a, b *Node) int { return ranked(a) - ranked(b) })
	for _, node := range nodes {
		if node.kind == union {
			node = Suffix(node, "(", ")")
		}
		n.items = append(n.items, node)
	}
	n.sum(3)
	return n
}

// ranked puts choices with tags behind everything else.
func ranked(n *Node) int {
	if _, _, choice := choiceOf(n); choice {
		return 1
	}
	return 0
}

// isObject tells object types, also those with tags before them.
func isObject(n *Node) bool {
	return n.kind == members || n.kind == suffix && n.tags != nil && n.items[0].kind == members
}

// wrapped keeps Distinct from merging a union's members into the intersection.
func wrapped(nodes []*Node) []*Node {
	if len(nodes) < 2 {
		return nodes
	}
	all := make([]*Node, 0, len(nodes))
	for _, node := range nodes {
		all = append(all, Grouped(node))
	}
	return all
}

// PrintDeclared writes what follows "=" in a declaration that has used columns.
func PrintDeclared(b *strings.Builder, n *Node, used int) {
	if n.kind == union && !hugs(n) && (n.force || used+1+n.flat+1 > columns) {
		printer{b: b}.union(n, 0, 1)
		return
	}
	if !n.force && used+1+n.flat+1 > columns && (n.kind == text || n.kind == union && !slices.ContainsFunc(n.items, IsMembers)) {
		b.WriteString("\n  ")
		printer{b: b}.flat(n)
		return
	}
	if n.kind == members && used+2 > columns && (n.force || used+1+n.flat+1 > columns) {
		b.WriteString("\n  ")
		Print(b, n, 1, 2, 1)
		return
	}
	b.WriteByte(' ')
	Print(b, n, 0, used+1, 1)
}

// opening is how much of a node stands on its first line at least.
func opening(n *Node) int {
	switch {
	case n.kind == call && len(n.items) > 0:
		return Width(n.text) + 1
	case n.kind == chain && len(n.items) == 2 && n.items[0].kind == text:
		return n.items[0].flat + opening(n.items[1])
	case n.kind == chain:
		return opening(n.items[0])
	case (n.kind == object || n.kind == array) && len(n.items) > 0:
		return 1
	}
	return n.flat
}

// PrintConstant writes the declaration of a constant after its head, which ends
// in "=".
func PrintConstant(b *strings.Builder, head string, n *Node) {
	b.WriteString(head)
	used := Width(head) + 1
	switch {
	case !n.force && used+n.flat+1 > columns && (barelyBreaks(n) || n.kind == text),
		(n.force || used+n.flat+1 > columns) && used+opening(n) > columns:
		b.WriteString("\n  ")
		Print(b, n, 1, 2, 1)
	default:
		b.WriteByte(' ')
		Print(b, n, 0, used, 1)
	}
	b.WriteString(";\n\n")
}

// intersection keeps object types beside each other, and gives others a line.
func (p printer) intersection(n *Node, indent, used int) {
	indented := false
	for i, item := range n.items {
		object := isObject(item)
		switch {
		case i == 0:
			p.print(item, indent, used, 0)
			continue
		case !object && !isObject(n.items[i-1]):
			p.b.WriteString(" &")
			p.newline(indent + 1)
			p.print(item, indent+1, 2*indent+2, 0)
			continue
		case object != isObject(n.items[i-1]) && i > 1:
			indented = true
		}
		p.b.WriteString(" & ")
		used += n.items[i-1].flat + 3
		if n.items[i-1].force {
			used = 2*indent + 4
		}
		if indented {
			p.print(item, indent+1, used, 1)
		} else {
			p.print(item, indent, used, 1)
		}
	}
}

// hugs tells the union of an object type, or of a named one, and null, which
// breaks inside the object alone.
func hugs(n *Node) bool {
	objects := 0
	for _, item := range n.items {
		if item.kind == members || item.kind == text && isName(item.text) {
			objects++
		} else if !Same(item, "null") {
			return false
		}
	}
	return n.kind == union && objects == 1
}

// isName tells the name of a declared type.
func isName(s string) bool {
	switch s {
	case "string", "number", "boolean", "bigint", "object", "unknown", "never", "undefined", "null", "true", "false":
		return false
	}
	return IsIdentifier(s)
}

// union gives every alternative its line, or all of them the next one.
func (p printer) union(n *Node, indent, trailing int) {
	if hugs(n) {
		for i, item := range n.items {
			if i > 0 {
				p.b.WriteString(" | ")
			}
			p.print(item, indent, columns, 0)
		}
		return
	}
	if !n.force && 2*indent+2+n.flat+trailing <= columns {
		p.newline(indent + 1)
		p.flat(n)
		return
	}
	for i, item := range n.items {
		p.newline(indent + 1)
		p.b.WriteString("| ")
		rest := 0
		if i == len(n.items)-1 {
			rest = trailing
		}
		p.print(item, indent+2, 2*indent+4, rest)
	}
}
