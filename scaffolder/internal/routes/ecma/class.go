package ecma

// decorators reads @one @two(…).
func (p *parser) decorators() []*Node {
	var list []*Node
	for p.is("@") {
		p.next()
		p.deeper()
		list = append(list, p.suffixed(p.primary(), true))
		p.depth--
	}
	return list
}

func (p *parser) class() *Node {
	n := p.documented(Class)
	p.expect("class")
	if p.tok.kind == tokenName && !p.isAny("extends", "implements") {
		n.Text = p.word()
	}
	if p.is("<") {
		n.more().TypeParams = p.typeParameters()
	}
	if p.eat("extends") {
		p.deeper()
		n.Left = p.suffixed(p.primary(), true)
		p.depth--
		if p.is("<") {
			n.more().TypeArgs = p.typeArguments()
		}
	}
	if p.eat("implements") {
		for {
			n.more().Params = append(n.more().Params, p.typed1())
			if !p.eat(",") {
				break
			}
		}
	}
	p.expect("{")
	for !p.is("}") && p.tok.kind != tokenEnd {
		if p.eat(";") {
			continue
		}
		start := p.tok.start
		if member := p.recoveredMember(); member != nil {
			n.List = append(n.List, member)
		}
		if p.tok.start == start {
			p.next()
		}
	}
	p.expect("}")
	return p.done(n)
}

func (p *parser) recoveredMember() (n *Node) {
	before := p.save()
	defer p.caught(func(what unexpected) {
		p.file.Problems = append(p.file.Problems, Problem{p.tok.start, what.message})
		failed := p.tok.start
		p.restore(before)
		p.resume(failed)
		n = nil
	})
	return p.classMember()
}

func (p *parser) classMember() *Node {
	n := p.documented(Member)
	if p.is("@") {
		n.more().Decorators = p.decorators()
	}
	if p.is("static") && p.ahead().is("{") {
		p.next()
		n.Flags |= Static
		n.more().Body = p.block()
		return p.done(n)
	}
	function := p.memberModifiers(n)
	if p.eat("*") {
		function |= Generator
	}
	if p.is("[") && p.indexSignature() {
		p.typeMember()
		return nil
	}
	p.key(n)
	if p.eat("?") {
		n.Flags |= Optional
	}
	p.eat("!")
	if p.is("(") || p.is("<") {
		n.Flags |= Method
		n.Right = p.methodRest(n, function)
		if n.Right.Extra.Body == nil {
			p.semicolon()
		}
		return p.done(n)
	}
	if p.eat(":") {
		n.more().Type = p.typed1()
	}
	if p.eat("=") {
		n.Right = p.withIn(p.assignment)
	}
	p.semicolon()
	return p.done(n)
}

// memberModifiers reads the words before a member's key; what they say of its
// function comes back.
func (p *parser) memberModifiers(n *Node) Flags {
	var function Flags
	for {
		switch {
		case p.modifier("static"):
			n.Flags |= Static
		case p.modifier("readonly"):
			n.Flags |= Readonly
		case p.modifier("async"):
			function |= Async
		case p.modifier("get"):
			n.Flags |= Getter
		case p.modifier("set"):
			n.Flags |= Setter
		case p.modifier("public"), p.modifier("private"), p.modifier("protected"), p.modifier("override"),
			p.modifier("abstract"), p.modifier("declare"), p.modifier("accessor"):
		default:
			return function
		}
	}
}
