package ecma

// primary reads what an expression begins with.
func (p *parser) primary() *Node {
	p.deeper()
	n := p.first()
	p.depth--
	return n
}

func (p *parser) first() *Node {
	switch p.tok.kind {
	case tokenString:
		return p.literal(String)
	case tokenNumber:
		return p.literal(Number)
	case tokenBigInt:
		return p.literal(BigInt)
	case tokenTemplate:
		return p.templateLiteral()
	case tokenPrivate:
		return p.literal(PrivateName)
	case tokenName:
		return p.named()
	case tokenPunctuation:
		return p.bracketed()
	}
	p.fail("expected an expression")
	return nil
}

func (p *parser) literal(kind Kind) *Node {
	n := p.node(kind)
	n.Text = p.tok.text
	p.next()
	return p.done(n)
}

// named reads what begins with a word.
func (p *parser) named() *Node {
	switch p.tok.text {
	case "function":
		return p.function(0)
	case "async":
		if next := p.ahead(); next.is("function") && !next.newline {
			n := p.documented(Function)
			p.next()
			f := p.function(Async)
			f.Start, f.DocStart, f.DocEnd = n.Start, n.DocStart, n.DocEnd
			return f
		}
	case "class":
		return p.class()
	case "new":
		return p.construction()
	case "this":
		return p.literal(This)
	case "super":
		return p.literal(Super)
	case "null":
		return p.literal(Null)
	case "true", "false":
		return p.literal(Boolean)
	case "import":
		return p.importExpression()
	}
	if isReserved(p.tok.text) {
		p.fail("expected an expression")
	}
	return p.literal(Identifier)
}

func (p *parser) importExpression() *Node {
	n := p.node(ImportCall)
	p.next()
	if p.eat(".") {
		n.Kind, n.Text = Meta, "import."+p.word()
		return p.done(n)
	}
	n.List = p.arguments()
	return p.done(n)
}

func (p *parser) construction() *Node {
	n := p.node(New)
	p.next()
	if p.eat(".") {
		n.Kind, n.Text = Meta, "new."+p.word()
		return p.done(n)
	}
	p.deeper()
	n.Left = p.suffixed(p.primary(), false)
	p.depth--
	if n.Left.Extra != nil && n.Left.TypeArgs != nil {
		n.more().TypeArgs = n.Left.TypeArgs
	}
	if p.is("(") {
		n.List = p.arguments()
	}
	return p.done(n)
}

// bracketed reads what begins with punctuation.
func (p *parser) bracketed() *Node {
	switch p.tok.text {
	case "(":
		p.next()
		n := p.withIn(p.expression)
		p.expect(")")
		return n
	case "[":
		return p.array()
	case "{":
		return p.object()
	case "/", "/=":
		p.regex()
		if p.tok.kind == tokenBad {
			p.fail("regular expression is not closed")
		}
		return p.literal(Regex)
	case "<":
		if p.elements {
			return p.element()
		}
	case "@":
		decorators := p.decorators()
		n := p.class()
		n.more().Decorators = decorators
		return n
	}
	p.fail("expected an expression")
	return nil
}

func (p *parser) array() *Node {
	n := p.node(Array)
	p.next()
	for !p.is("]") {
		if p.is(",") {
			p.next()
			n.List = append(n.List, nil)
			continue
		}
		n.List = append(n.List, p.withIn(p.spreadable))
		if !p.eat(",") {
			break
		}
	}
	p.expect("]")
	return p.done(n)
}

func (p *parser) object() *Node {
	n := p.node(Object)
	p.next()
	for !p.is("}") {
		if p.is("...") {
			n.List = append(n.List, p.withIn(p.spreadable))
		} else {
			n.List = append(n.List, p.withIn(p.property))
		}
		if !p.eat(",") {
			break
		}
	}
	p.expect("}")
	return p.done(n)
}

// modifier takes a word that says something of the key after it, unless it is
// the key itself.
func (p *parser) modifier(text string) bool {
	if !p.is(text) || p.tok.kind != tokenName {
		return false
	}
	next := p.ahead()
	if next.kind == tokenPunctuation && contains(" ( , } : = ; ? ! < ) ", next.text) || next.kind == tokenEnd {
		return false
	}
	if next.newline && text != "static" && text != "get" && text != "set" && text != "public" && text != "private" && text != "protected" && text != "readonly" {
		return false
	}
	p.next()
	return true
}

func (p *parser) property() *Node {
	n := p.documented(Property)
	var flags Flags
	if p.modifier("async") {
		flags |= Async
	}
	if p.eat("*") {
		flags |= Generator
	}
	if p.modifier("get") {
		n.Flags |= Getter
	} else if p.modifier("set") {
		n.Flags |= Setter
	}
	word := p.tok
	p.key(n)
	switch {
	case p.is("(") || p.is("<"):
		n.Flags |= Method
		n.Right = p.methodRest(n, flags)
	case p.eat(":"):
		n.Right = p.assignment()
	case word.kind == tokenName:
		n.Flags |= Shorthand
		n.Right = &Node{Kind: Identifier, Start: word.start, End: word.end, Text: word.text}
		if p.is("=") {
			value := &Node{Kind: Assign, Text: "=", Start: word.start, Left: n.Right}
			p.next()
			value.Right = p.assignment()
			n.Right = p.done(value)
		}
	default:
		p.fail("expected :")
	}
	return p.done(n)
}

// key reads the key of a property or member.
func (p *parser) key(n *Node) {
	switch {
	case p.is("["):
		n.Flags |= Computed
		p.next()
		n.Left = p.withIn(p.assignment)
		p.expect("]")
	case p.tok.kind == tokenName:
		n.Left = p.literal(Identifier)
	case p.tok.kind == tokenString:
		n.Left = p.literal(String)
	case p.tok.kind == tokenNumber, p.tok.kind == tokenBigInt:
		n.Left = p.literal(Number)
	case p.tok.kind == tokenPrivate:
		n.Left = p.literal(PrivateName)
	default:
		p.fail("expected a key")
	}
}

func (p *parser) templateLiteral() *Node {
	n := p.node(Template)
	extra := n.more()
	for {
		if p.tok.kind != tokenTemplate {
			p.fail("expected a template")
		}
		extra.Texts = append(extra.Texts, p.tok.text)
		if p.tok.tail {
			p.next()
			return p.done(n)
		}
		p.next()
		n.List = append(n.List, p.withIn(p.expression))
		p.templateGoesOn()
	}
}

// templateGoesOn reads the closing brace of an expression in a template, and the
// text after it.
func (p *parser) templateGoesOn() {
	if !p.is("}") {
		p.fail("expected }")
	}
	p.last = p.tok.end
	start := p.tok.start
	p.pos = start + 1
	p.tok = token{start: start}
	p.template(&p.tok)
	p.tok.end = p.pos
}
