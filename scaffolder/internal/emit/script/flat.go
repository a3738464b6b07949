package script

func (p printer) flat(n *Node) {
	switch n.kind {
	case text:
		p.b.WriteString(n.text)
	case call:
		p.b.WriteString(n.text)
		p.join("(", ", ", ")", n.items)
	case array:
		p.join("[", ", ", "]", n.items)
	case chain:
		p.join("", "", "", n.items)
	case union:
		p.join("", " | ", "", n.items)
	case intersection:
		p.join("", " & ", "", n.items)
	case suffix:
		p.join(n.keys[0], "", n.keys[1], n.items)
	case arrow:
		p.b.WriteString(n.text + " => ")
		p.flat(n.items[0])
	case object:
		p.flatFields(n, ", ")
	case members:
		p.flatFields(n, "; ")
	}
}

func (p printer) flatFields(n *Node, separator string) {
	if len(n.items) == 0 {
		p.b.WriteString("{}")
		return
	}
	p.b.WriteString("{ ")
	for i, item := range n.items {
		if i > 0 {
			p.b.WriteString(separator)
		}
		if n.keys[i] != "" {
			p.b.WriteString(n.keys[i] + ": ")
		}
		p.flat(item)
	}
	p.b.WriteString(" }")
}

func (p printer) join(open, separator, closing string, items []*Node) {
	p.b.WriteString(open)
	for i, item := range items {
		if i > 0 {
			p.b.WriteString(separator)
		}
		p.flat(item)
	}
	p.b.WriteString(closing)
}
