package ecma

// element passes over a JSX element; the expressions in it are parsed, since
// strings and comments in them may look like tags.
func (p *parser) element() *Node {
	n := p.node(Element)
	p.pos = p.tok.start
	p.elementAt()
	p.next()
	return p.done(n)
}

// elementAt passes over the element whose < stands at the scanner's position.
func (p *parser) elementAt() {
	p.deeper()
	defer func() { p.depth-- }()
	p.pos++
	p.blanks()
	if p.peek(0) != '>' {
		p.tagName()
	}
	for {
		p.blanks()
		switch c := p.peek(0); {
		case c == '/' && p.peek(1) == '>':
			p.pos += 2
			return
		case c == '>':
			p.pos++
			p.children()
			return
		case c == '{':
			p.contained()
		case c == '<':
			if !p.typed {
				p.fail("expected >")
			}
			p.next()
			p.typeArguments()
			p.pos = p.tok.start
		case c == '=':
			p.pos++
			p.blanks()
			p.attributeValue()
		case nameStart(c) || c >= 0x80:
			p.tagName()
		default:
			p.fail("expected >")
		}
	}
}

func (p *parser) blanks() {
	var t token
	p.skip(&t)
}

func (p *parser) tagName() {
	start := p.pos
	for c := p.peek(0); namePart(c) || c == '-' || c == '.' || c == ':' || c >= 0x80; c = p.peek(0) {
		p.pos++
	}
	if p.pos == start {
		p.fail("expected a name")
	}
}

func (p *parser) attributeValue() {
	switch quote := p.peek(0); quote {
	case '"', '\'':
		p.pos++
		for p.pos < int32(len(p.text)) && p.text[p.pos] != quote {
			p.pos++
		}
		if p.pos >= int32(len(p.text)) {
			p.fail("string is not closed")
		}
		p.pos++
	case '{':
		p.contained()
	case '<':
		p.elementAt()
	default:
		p.fail("expected a value")
	}
}

// contained passes over {expression}.
func (p *parser) contained() {
	p.next()
	p.next()
	if !p.is("}") {
		p.withIn(func() *Node {
			if p.eat("...") && p.is("}") {
				return nil
			}
			return p.expression()
		})
	}
	if !p.is("}") {
		p.fail("expected }")
	}
	p.pos = p.tok.start + 1
}

// children passes over what stands between tags, and the closing tag.
func (p *parser) children() {
	for p.pos < int32(len(p.text)) {
		switch p.text[p.pos] {
		case '{':
			p.contained()
		case '<':
			if p.closing() {
				return
			}
			p.elementAt()
		default:
			p.pos++
		}
	}
	p.fail("element is not closed")
}

// closing passes over a closing tag.
func (p *parser) closing() bool {
	start := p.pos
	p.pos++
	p.blanks()
	if p.peek(0) != '/' {
		p.pos = start
		return false
	}
	p.pos++
	p.blanks()
	if p.peek(0) != '>' {
		p.tagName()
		p.blanks()
	}
	if p.peek(0) != '>' {
		p.fail("expected >")
	}
	p.pos++
	return true
}
