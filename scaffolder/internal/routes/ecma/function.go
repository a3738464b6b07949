package ecma

// arrow reads an arrow function, or returns nil where none stands.
func (p *parser) arrow() *Node {
	doc := p.documented(Function)
	switch {
	case p.is("async"):
		next := p.ahead()
		if next.newline || next.kind != tokenName && !next.is("(") && !next.is("<") {
			break
		}
		n := p.once('a', func() *Node {
			p.next()
			return p.arrowAfter(Async)
		})
		return documentedAs(n, doc)
	case p.tok.kind == tokenName:
		if next := p.ahead(); next.is("=>") && !next.newline && !isReserved(p.tok.text) {
			return documentedAs(p.arrowAfter(0), doc)
		}
	case p.is("("):
		switch next := p.ahead(); {
		case next.kind == tokenName, next.is(")"), next.is("{"), next.is("["), next.is("..."), next.is("@"):
			return documentedAs(p.once('(', func() *Node { return p.arrowAfter(0) }), doc)
		}
	case p.is("<") && p.typed:
		if p.elements && !p.genericArrow() {
			break
		}
		return documentedAs(p.once('>', func() *Node { return p.arrowAfter(0) }), doc)
	}
	return nil
}

func documentedAs(n, doc *Node) *Node {
	if n != nil {
		n.Start, n.DocStart, n.DocEnd = doc.Start, doc.DocStart, doc.DocEnd
	}
	return n
}

// genericArrow tells <T,>() => and <T extends U>() => from elements.
func (p *parser) genericArrow() bool {
	before := p.save()
	defer p.restore(before)
	p.scan()
	if p.tok.kind != tokenName {
		return false
	}
	p.scan()
	return p.is(",") || p.is("extends") || p.is("=")
}

// arrowAfter reads an arrow function whose async has been read.
func (p *parser) arrowAfter(flags Flags) *Node {
	n := p.node(Function)
	n.Flags = flags | Arrow
	if p.tok.kind == tokenName {
		if isReserved(p.tok.text) {
			return nil
		}
		parameter := p.node(Param)
		parameter.Left = p.literal(Identifier)
		n.more().Params = []*Node{p.done(parameter)}
	} else {
		if p.is("<") {
			n.more().TypeParams = p.typeParameters()
		}
		n.more().Params = p.parameters()
		if p.is(":") {
			if p.noArrow {
				return nil
			}
			p.next()
			n.more().Type = p.returned()
		}
	}
	if !p.is("=>") || p.tok.newline {
		return nil
	}
	p.next()
	if p.is("{") {
		n.more().Body = p.block()
	} else {
		arrow := p.noArrow
		n.more().Body = p.assignment()
		p.noArrow = arrow
	}
	return p.done(n)
}

// function reads a function from its key word on.
func (p *parser) function(flags Flags) *Node {
	n := p.documented(Function)
	n.Flags = flags
	p.expect("function")
	if p.eat("*") {
		n.Flags |= Generator
	}
	if p.tok.kind == tokenName {
		n.Text = p.word()
	}
	p.signature(n)
	p.body(n)
	return p.done(n)
}

// signature reads type parameters, parameters and the type of the result.
func (p *parser) signature(n *Node) {
	extra := n.more()
	if p.is("<") {
		extra.TypeParams = p.typeParameters()
	}
	extra.Params = p.parameters()
	if p.eat(":") {
		extra.Type = p.returned()
	}
}

// body reads a function's body; of an overload or declaration there is none.
func (p *parser) body(n *Node) {
	if p.is("{") {
		in, arrow := p.noIn, p.noArrow
		p.noIn, p.noArrow = false, false
		n.Body = p.block()
		p.noIn, p.noArrow = in, arrow
		return
	}
	p.semicolon()
}

// methodRest reads a method from its parameters on.
func (p *parser) methodRest(key *Node, flags Flags) *Node {
	n := &Node{Kind: Function, Flags: flags, Start: p.tok.start, DocStart: key.DocStart, DocEnd: key.DocEnd}
	n.Text, _ = key.Key()
	p.signature(n)
	if p.is("{") {
		p.body(n)
	}
	return p.done(n)
}

func (p *parser) parameters() []*Node {
	var list []*Node
	p.expect("(")
	in, arrow := p.noIn, p.noArrow
	p.noIn, p.noArrow = false, false
	for !p.is(")") {
		list = append(list, p.parameter())
		if !p.eat(",") {
			break
		}
	}
	p.noIn, p.noArrow = in, arrow
	p.expect(")")
	return list
}

func (p *parser) parameter() *Node {
	n := p.documented(Param)
	if p.is("@") {
		n.more().Decorators = p.decorators()
	}
	for {
		switch {
		case p.modifierOf("public"), p.modifierOf("private"), p.modifierOf("protected"), p.modifierOf("override"):
			n.Flags |= Field
			continue
		case p.modifierOf("readonly"):
			n.Flags |= Field | Readonly
			continue
		}
		break
	}
	if p.eat("...") {
		n.Flags |= Rest
	}
	n.Left = p.pattern()
	if p.eat("?") {
		n.Flags |= Optional
	}
	if p.eat(":") {
		n.more().Type = p.typed1()
	}
	if p.eat("=") {
		n.Right = p.assignment()
	}
	return p.done(n)
}

// modifierOf takes a word before a parameter's name.
func (p *parser) modifierOf(text string) bool {
	if !p.is(text) {
		return false
	}
	if next := p.ahead(); next.kind != tokenName && !next.is("{") && !next.is("[") {
		return false
	}
	p.next()
	return true
}

// pattern reads what a value is bound to, without its default.
func (p *parser) pattern() *Node {
	p.deeper()
	defer func() { p.depth-- }()
	switch {
	case p.is("{"):
		n := p.node(Object)
		p.next()
		for !p.is("}") {
			n.List = append(n.List, p.patternProperty())
			if !p.eat(",") {
				break
			}
		}
		p.expect("}")
		return p.done(n)
	case p.is("["):
		n := p.node(Array)
		p.next()
		for !p.is("]") {
			switch {
			case p.eat(","):
				n.List = append(n.List, nil)
				continue
			case p.is("..."):
				n.List = append(n.List, p.restPattern())
			default:
				n.List = append(n.List, p.defaulted())
			}
			if !p.eat(",") {
				break
			}
		}
		p.expect("]")
		return p.done(n)
	case p.tok.kind == tokenName && (!isReserved(p.tok.text) || p.tok.text == "this"):
		return p.literal(Identifier)
	}
	p.fail("expected a name")
	return nil
}

func (p *parser) restPattern() *Node {
	n := p.node(Spread)
	p.next()
	n.Left = p.pattern()
	return p.done(n)
}

// defaulted reads a pattern with its default.
func (p *parser) defaulted() *Node {
	target := p.pattern()
	if !p.is("=") {
		return target
	}
	n := &Node{Kind: Assign, Text: "=", Start: target.Start, Left: target}
	p.next()
	n.Right = p.withIn(p.assignment)
	return p.done(n)
}

func (p *parser) patternProperty() *Node {
	if p.is("...") {
		return p.restPattern()
	}
	n := p.documented(Property)
	word := p.tok
	p.key(n)
	if p.eat(":") {
		n.Right = p.defaulted()
		return p.done(n)
	}
	if word.kind != tokenName {
		p.fail("expected :")
	}
	n.Flags |= Shorthand
	n.Right = &Node{Kind: Identifier, Start: word.start, End: word.end, Text: word.text}
	if p.is("=") {
		value := &Node{Kind: Assign, Text: "=", Start: word.start, Left: n.Right}
		p.next()
		value.Right = p.withIn(p.assignment)
		n.Right = p.done(value)
	}
	return p.done(n)
}
