package script

import "strings"

// Print writes n at the given indent (in levels of two columns), where the
// line already holds used columns and trailing more will follow.
func Print(b *strings.Builder, n *Node, indent, used, trailing int) {
	p := printer{b: b}
	p.print(n, indent, used, trailing)
}

type printer struct{ b *strings.Builder }

func (p printer) newline(indent int) int {
	p.b.WriteByte('\n')
	for range indent {
		p.b.WriteString("  ")
	}
	return 2 * indent
}

func (p printer) print(n *Node, indent, used, trailing int) {
	if !n.force && used+n.flat+trailing <= columns {
		p.flat(n)
		return
	}
	switch n.kind {
	case text:
		p.b.WriteString(n.text)
	case call:
		p.b.WriteString(n.text)
		p.arguments(n.items, indent, used+Width(n.text), trailing)
	case chain:
		p.chain(n, indent, used, trailing)
	case object:
		p.fields(n, indent, ",")
	case members:
		p.fields(n, indent, ";")
	case array:
		p.list(n.items, indent, "[", "]", numbers(n.items))
	case arrow:
		p.b.WriteString(n.text + " =>")
		p.arrowBody(n, indent, used, trailing)
	case union:
		p.union(n, indent, trailing)
	case suffix:
		p.suffix(n, indent, used, trailing)
	case intersection:
		p.intersection(n, indent, used)
	}
}

func (p printer) suffix(n *Node, indent, used, trailing int) {
	p.b.WriteString(n.keys[0])
	switch inner := n.items[0]; {
	case inner.kind == intersection && strings.HasSuffix(n.keys[0], "<"):
		p.newline(indent + 1)
		p.print(inner, indent+1, 2*indent+2, 0)
		p.newline(indent)
	case inner.kind == union && !hugs(inner):
		p.union(n.items[0], indent, 0)
		p.newline(indent)
	default:
		p.print(inner, indent, used+Width(n.keys[0]), trailing+Width(n.keys[1]))
	}
	p.b.WriteString(n.keys[1])
}

func (p printer) arrowBody(n *Node, indent, used, trailing int) {
	body := n.items[0]
	start := used + Width(n.text) + 4
	if body.kind == object || body.kind == array || body.kind == call || start+body.flat+trailing <= columns {
		p.b.WriteByte(' ')
		p.print(body, indent, start, trailing)
		return
	}
	p.newline(indent + 1)
	p.print(body, indent+1, 2*indent+2, trailing)
}

// arguments hugs a last object, array or function, or gives each its line.
func (p printer) arguments(items []*Node, indent, used, trailing int) {
	if len(items) == 0 {
		p.b.WriteString("()")
		return
	}
	last := items[len(items)-1]
	head := 1
	forced := false
	for _, item := range items[:len(items)-1] {
		head += item.flat + 2
		forced = forced || item.force
	}
	hugs := last.kind == object || last.kind == array && len(last.items) > 0 || last.kind == arrow
	if len(items) > 1 && items[len(items)-2].kind == last.kind {
		hugs = false
	}
	if !hugs || forced || used+head+1 > columns {
		p.list(items, indent, "(", ")", false)
		return
	}
	p.b.WriteByte('(')
	for _, item := range items[:len(items)-1] {
		p.flat(item)
		p.b.WriteString(", ")
	}
	p.print(last, indent, used+head, trailing+1)
	p.b.WriteByte(')')
}

func numbers(items []*Node) bool {
	for _, item := range items {
		if item.kind != text || item.text == "" || !strings.Contains("-0123456789", item.text[:1]) {
			return false
		}
	}
	return len(items) > 1
}

// list writes items between brackets, each on its own line, or as many on a
// line as fit.
func (p printer) list(items []*Node, indent int, open, closing string, fill bool) {
	p.b.WriteString(open)
	column := p.newline(indent + 1)
	for i, item := range items {
		if i > 0 {
			if fill && column+item.flat+2 <= columns {
				p.b.WriteByte(' ')
				column++
			} else {
				column = p.newline(indent + 1)
			}
		}
		p.print(item, indent+1, column, 1)
		p.b.WriteByte(',')
		column += item.flat + 1
	}
	p.newline(indent)
	p.b.WriteString(closing)
}

func (p printer) fields(n *Node, indent int, separator string) {
	if len(n.items) == 0 {
		p.b.WriteString("{}")
		return
	}
	p.b.WriteByte('{')
	for i, item := range n.items {
		p.newline(indent + 1)
		if doc := n.docs[i].Comment(strings.Repeat("  ", indent+1)); doc != "" {
			p.b.WriteString(doc[2*indent+2:] + strings.Repeat("  ", indent+1))
		}
		p.b.WriteString(n.keys[i])
		p.value(n.keys[i], item, indent+1, n.kind == members)
		p.b.WriteString(separator)
	}
	p.newline(indent)
	p.b.WriteByte('}')
}

// barelyBreaks tells strings and short chains, which would gain nothing from
// being broken.
func barelyBreaks(n *Node) bool {
	switch {
	case n.force:
		return false
	case n.kind == text:
		return !strings.Contains("-0123456789", n.text[:1])
	case n.kind != chain || len(n.items) > 2:
		return false
	}
	for _, link := range n.items[1:] {
		if len(link.items) > 1 || len(link.items) == 1 && (link.items[0].kind != text || link.items[0].flat > columns/4) {
			return false
		}
	}
	return n.items[0].kind == text
}

func (p printer) value(key string, item *Node, indent int, inType bool) {
	if key == "" { // a spread
		p.print(item, indent, 2*indent, 1)
		return
	}
	used := 2*indent + Width(key) + 1
	if item.kind == union && !hugs(item) && (item.force || used+1+item.flat+1 > columns) {
		p.b.WriteByte(':')
		p.union(item, indent, 1)
		return
	}
	// After a short key nothing would be gained either.
	if used+1+item.flat+1 > columns && !inType && Width(key) > 4 && barelyBreaks(item) {
		p.b.WriteByte(':')
		p.newline(indent + 1)
		p.flat(item)
		return
	}
	if (item.force || used+1+item.flat+1 > columns) && !inType && Width(key) > 4 && used+1+opening(item) > columns {
		p.b.WriteByte(':')
		p.newline(indent + 1)
		p.print(item, indent+1, 2*indent+2, 1)
		return
	}
	p.b.WriteString(": ")
	p.print(item, indent, used+1, 1)
}

// chain keeps a single call on the line of its object, and several when the last
// of them takes an object; otherwise each call has its own.
func (p printer) chain(n *Node, indent, used, trailing int) {
	base, links := n.items[0], n.items[1:]
	if len(links) == 1 {
		after := opening(links[0])
		if len(links[0].items) == 0 {
			after += trailing
		}
		p.print(base, indent, used, after)
		column := used + base.flat
		if base.force || used+base.flat+after > columns {
			column = 2*indent + 1
		}
		p.print(links[0], indent, column, trailing)
		return
	}
	if last := links[len(links)-1]; !n.force && len(last.items) == 1 && last.items[0].kind == object && used+n.flat-last.items[0].flat < columns {
		p.flat(base)
		for _, link := range links[:len(links)-1] {
			p.flat(link)
		}
		p.print(last, indent, used+n.flat-last.flat, trailing)
		return
	}
	p.print(base, indent, used, 0)
	for i, link := range links {
		p.newline(indent + 1)
		rest := 0
		if i == len(links)-1 {
			rest = trailing
		}
		p.print(link, indent+1, 2*indent+2, rest)
	}
}
