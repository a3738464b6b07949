package ecma

// typed1 reads one type, with whatever operators it has.
func (p *parser) typed1() *Node {
	p.deeper()
	in, arrow, extends := p.noIn, p.noArrow, p.extends
	p.noIn, p.noArrow, p.extends = false, false, false
	n := p.conditionalType()
	p.noIn, p.noArrow, p.extends = in, arrow, extends
	p.depth--
	return n
}

func (p *parser) conditionalType() *Node {
	if f := p.functionType(); f != nil {
		return f
	}
	checked := p.unionType()
	if !p.is("extends") || p.tok.newline {
		return checked
	}
	n := &Node{Kind: TypeCondition, Start: checked.Start, Left: checked}
	p.next()
	p.extends = true
	n.Right = p.constraint()
	p.extends = false
	if !p.is("?") { // a constraint that stands elsewhere
		p.fail("expected ?")
	}
	p.next()
	yes := p.typed1()
	p.expect(":")
	n.List = []*Node{yes, p.typed1()}
	return p.done(n)
}

// constraint reads what follows extends: any type but a conditional one.
func (p *parser) constraint() *Node {
	if f := p.functionType(); f != nil {
		return f
	}
	return p.unionType()
}

// returned reads the type of a result, which may be a predicate.
func (p *parser) returned() *Node {
	if p.is("asserts") {
		if next := p.ahead(); next.kind == tokenName && !next.newline {
			n := p.node(TypeOperator)
			n.Text = "asserts"
			p.next()
			p.word()
			if p.eat("is") {
				n.more().Type = p.typed1()
			}
			return p.done(n)
		}
	}
	if p.tok.kind == tokenName {
		if next := p.ahead(); next.is("is") && next.kind == tokenName && !next.newline {
			n := p.node(TypeOperator)
			n.Text = "is"
			p.next()
			p.next()
			n.more().Type = p.typed1()
			return p.done(n)
		}
	}
	return p.typed1()
}

// functionType reads (…) => T, new (…) => T and their generic forms; nil where
// something else stands.
func (p *parser) functionType() *Node {
	n := p.node(TypeFunction)
	switch {
	case p.is("new"), p.is("abstract") && p.ahead().is("new"):
		p.eat("abstract")
		p.next()
	case p.is("<"):
	case p.is("("):
		next := p.ahead()
		if next.kind != tokenName && !next.is(")") && !next.is("{") && !next.is("[") && !next.is("...") {
			return nil
		}
	default:
		return nil
	}
	return p.once('f', func() *Node {
		if p.is("<") {
			n.more().TypeParams = p.typeParameters()
		}
		n.more().Params = p.parameters()
		if !p.is("=>") {
			return nil
		}
		p.next()
		n.more().Type = p.returned()
		return p.done(n)
	})
}

func (p *parser) unionType() *Node {
	return p.listType(TypeUnion, "|", func() *Node { return p.listType(TypeBoth, "&", p.operatorType) })
}

func (p *parser) listType(kind Kind, separator string, one func() *Node) *Node {
	p.eat(separator)
	first := one()
	if !p.is(separator) {
		return first
	}
	n := &Node{Kind: kind, Start: first.Start, List: []*Node{first}}
	for p.eat(separator) {
		if f := p.functionType(); f != nil {
			n.List = append(n.List, f)
			break
		}
		n.List = append(n.List, one())
	}
	return p.done(n)
}

func (p *parser) operatorType() *Node {
	switch {
	case p.isAny("keyof", "unique", "readonly", "infer"):
		next := p.ahead()
		if next.kind == tokenPunctuation && !next.is("(") && !next.is("[") && !next.is("{") || next.kind == tokenEnd {
			break
		}
		n := p.node(TypeOperator)
		n.Text = p.tok.text
		p.next()
		p.deeper()
		if n.Text == "infer" {
			name := p.node(TypeName)
			name.Text = p.word()
			if p.is("extends") {
				p.try(func() *Node {
					p.next()
					constraint := p.constraint()
					if p.is("?") && !p.extends {
						return nil
					}
					return constraint
				})
			}
			n.more().Type = p.done(name)
		} else {
			n.more().Type = p.operatorType()
		}
		p.depth--
		return p.done(n)
	}
	n := p.primaryType()
	for !p.tok.newline {
		switch {
		case p.is("["):
			p.next()
			if p.eat("]") {
				n = &Node{Kind: TypeArray, Start: n.Start, Extra: &Extra{Type: n}}
			} else {
				n = &Node{Kind: TypeIndex, Start: n.Start, Extra: &Extra{Type: n}, Right: p.typed1()}
				p.expect("]")
			}
			p.done(n)
		case p.is("!"), p.is("?") && p.ahead().is("]"): // of JSDoc and of tuples
			if p.is("?") {
				n.Flags |= Optional
			}
			p.next()
		default:
			return n
		}
	}
	return n
}

// primaryType reads a type without operators behind it. A doc comment before it,
// or before its parentheses, belongs to it.
func (p *parser) primaryType() *Node {
	start, end := p.tok.docStart, p.tok.docEnd
	n := p.bareType()
	if n != nil && n.DocEnd == 0 {
		n.DocStart, n.DocEnd = start, end
	}
	return n
}

func (p *parser) bareType() *Node {
	p.deeper()
	defer func() { p.depth-- }()
	switch p.tok.kind {
	case tokenString, tokenNumber, tokenBigInt:
		return p.literalType(p.first())
	case tokenTemplate:
		return p.templateType()
	case tokenName:
		return p.namedType()
	}
	switch {
	case p.is("-"):
		n := p.node(Unary)
		n.Text = "-"
		p.next()
		n.Left = p.first()
		return p.literalType(p.done(n))
	case p.is("("):
		p.next()
		n := p.typed1()
		p.expect(")")
		return n
	case p.is("["):
		return p.tupleType()
	case p.is("{"):
		return p.objectType()
	case p.isAny("*", "?"): // of JSDoc
		n := p.node(TypeName)
		n.Text = "any"
		p.next()
		return p.done(n)
	}
	p.fail("expected a type")
	return nil
}

func (p *parser) literalType(value *Node) *Node {
	return &Node{Kind: TypeLiteral, Start: value.Start, End: value.End, Left: value}
}

func (p *parser) templateType() *Node {
	n := p.node(Template)
	extra := n.more()
	for {
		extra.Texts = append(extra.Texts, p.tok.text)
		if p.tok.tail {
			p.next()
			return p.literalType(p.done(n))
		}
		p.next()
		n.List = append(n.List, p.typed1())
		p.templateGoesOn()
	}
}

func (p *parser) namedType() *Node {
	switch p.tok.text {
	case "true", "false":
		return p.literalType(p.literal(Boolean))
	case "null":
		return p.literalType(p.literal(Null))
	case "typeof":
		n := p.node(TypeOperator)
		n.Text = "typeof"
		p.next()
		if p.is("import") {
			n.Left = p.importType()
			return p.done(n)
		}
		n.Left = p.literal(Identifier)
		for p.is(".") {
			p.next()
			n.Left = p.member(n.Left, 0)
		}
		if p.is("<") && !p.tok.newline {
			p.typeArguments()
		}
		return p.done(n)
	case "import":
		return p.importType()
	}
	n := p.node(TypeName)
	n.Text = p.word()
	for p.is(".") {
		p.next()
		n.Text += "." + p.word()
	}
	if p.is("<") && !p.tok.newline {
		n.more().TypeArgs = p.typeArguments()
	}
	return p.done(n)
}

func (p *parser) importType() *Node {
	n := p.node(TypeImport)
	p.expect("import")
	p.expect("(")
	n.Text = p.tok.text
	p.next()
	if p.eat(",") {
		p.assignment()
	}
	p.expect(")")
	for p.eat(".") {
		n.more().Texts = append(n.more().Texts, p.word())
	}
	if p.is("<") {
		n.more().TypeArgs = p.typeArguments()
	}
	return p.done(n)
}

func (p *parser) tupleType() *Node {
	n := p.node(TypeTuple)
	p.next()
	for !p.is("]") {
		var flags Flags
		if p.eat("...") {
			flags = Rest
		}
		if p.tok.kind == tokenName {
			if next := p.ahead(); next.is(":") {
				p.next()
				p.next()
			} else if next.is("?") {
				p.try(func() *Node {
					n := p.node(Empty)
					p.next()
					p.next()
					if !p.eat(":") {
						return nil
					}
					flags |= Optional
					return n
				})
			}
		}
		one := p.typed1()
		if p.eat("?") {
			flags |= Optional
		}
		one.Flags |= flags
		n.List = append(n.List, one)
		if !p.eat(",") {
			break
		}
	}
	p.expect("]")
	return p.done(n)
}

// typeArguments reads <A, B>.
func (p *parser) typeArguments() []*Node {
	p.expect("<")
	list := []*Node{}
	for !p.is(">") {
		list = append(list, p.typed1())
		if !p.eat(",") {
			break
		}
	}
	p.expect(">")
	return list
}

// typeParameters reads <A extends B = C, const D>.
func (p *parser) typeParameters() []*Node {
	p.expect("<")
	list := []*Node{}
	for !p.is(">") {
		n := p.node(TypeParam)
		for p.isAny("const", "in", "out") && p.ahead().kind == tokenName && !p.ahead().is("extends") {
			p.next()
		}
		n.Text = p.word()
		if p.eat("extends") {
			n.Left = p.typed1()
		}
		if p.eat("=") {
			n.Right = p.typed1()
		}
		list = append(list, p.done(n))
		if !p.eat(",") {
			break
		}
	}
	p.expect(">")
	return list
}
