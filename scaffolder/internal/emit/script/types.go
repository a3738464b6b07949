package script

import "strings"

// IsMembers tells an object type, which can be declared as an interface.
func IsMembers(n *Node) bool { return n.kind == members }

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
	for _, node := range nodes {
		if node.kind == union {
			node = Suffix(node, "(", ")")
		}
		n.items = append(n.items, node)
	}
	n.sum(3)
	return n
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
	if !n.force && used+1+n.flat+1 > columns && n.kind == text {
		b.WriteString("\n  " + n.text)
		return
	}
	b.WriteByte(' ')
	Print(b, n, 0, used+1, 1)
}

// opening is how much of an object, or of a call with one, stands on its first
// line; 0 for other nodes.
func opening(n *Node) int {
	switch {
	case n.kind == object:
		return 1
	case n.kind == call && len(n.items) == 1 && n.items[0].kind == object:
		return Width(n.text) + 2
	}
	return 0
}

// PrintConstant writes the declaration of a constant after its head, which ends
// in "=".
func PrintConstant(b *strings.Builder, head string, n *Node) {
	b.WriteString(head)
	used := Width(head) + 1
	switch {
	case !n.force && used+n.flat+1 > columns && barelyBreaks(n):
		b.WriteString("\n  ")
		printer{b: b}.flat(n)
	case opening(n) > 0 && used+opening(n) > columns:
		b.WriteString("\n  ")
		Print(b, n, 1, 2, 1)
	default:
		b.WriteByte(' ')
		Print(b, n, 0, used, 1)
	}
	b.WriteString(";\n\n")
}
