package ecma

// objectType reads { a: A; b(): B; [key: string]: C } and mapped types.
func (p *parser) objectType() *Node {
	if mapped := p.once('m', p.mappedType); mapped != nil {
		return mapped
	}
	n := p.node(TypeObject)
	n.List = p.typeMembers()
	return p.done(n)
}

func (p *parser) mappedType() *Node {
	n := p.node(TypeMapped)
	p.next()
	if p.is("+") || p.is("-") {
		p.next()
	}
	p.eat("readonly")
	if !p.eat("[") || p.tok.kind != tokenName {
		return nil
	}
	n.Text = p.word()
	if !p.eat("in") {
		return nil
	}
	n.Right = p.typed1()
	if p.eat("as") {
		p.typed1()
	}
	p.expect("]")
	if p.is("+") || p.is("-") {
		p.next()
	}
	if p.eat("?") {
		n.Flags |= Optional
	}
	if p.eat(":") {
		n.more().Type = p.typed1()
	}
	p.eat(";")
	p.expect("}")
	return p.done(n)
}

func (p *parser) typeMembers() []*Node {
	p.expect("{")
	list := []*Node{}
	for !p.is("}") {
		if p.eat(";") || p.eat(",") {
			continue
		}
		list = append(list, p.typeMember())
		if !p.is("}") && !p.is(";") && !p.is(",") && !p.tok.newline {
			p.fail("expected ;")
		}
	}
	p.expect("}")
	return list
}

// indexSignature tells [key: string] from a computed key.
func (p *parser) indexSignature() bool {
	before := p.save()
	defer p.restore(before)
	p.scan()
	if p.tok.kind != tokenName {
		return false
	}
	p.scan()
	return p.is(":")
}

func (p *parser) typeMember() *Node {
	n := p.documented(TypeMember)
	for p.modifier("readonly") || p.modifier("static") || p.modifier("public") || p.modifier("private") || p.modifier("protected") {
		n.Flags |= Readonly
	}
	if p.modifier("get") {
		n.Flags |= Getter
	} else if p.modifier("set") {
		n.Flags |= Setter
	}
	switch {
	case p.is("("), p.is("<"), p.is("new") && p.ahead().is("("), p.is("new") && p.ahead().is("<"):
		p.eat("new")
		n.Flags |= Method
		p.signature(n)
		return p.done(n)
	case p.is("[") && p.indexSignature():
		n.Text = "["
		p.next()
		p.word()
		p.expect(":")
		n.Right = p.typed1()
		p.expect("]")
	default:
		p.key(n)
	}
	if p.eat("?") {
		n.Flags |= Optional
	}
	if p.is("(") || p.is("<") {
		n.Flags |= Method
		p.signature(n)
		return p.done(n)
	}
	if p.eat(":") {
		n.more().Type = p.typed1()
	}
	return p.done(n)
}
