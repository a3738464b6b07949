package ecma

func (p *parser) block() *Node {
	p.deeper()
	n := p.node(Block)
	p.expect("{")
	n.List = p.statements("}")
	p.expect("}")
	p.depth--
	return p.done(n)
}

func (p *parser) statement() *Node {
	p.deeper()
	n := p.oneStatement()
	p.depth--
	return n
}

func (p *parser) oneStatement() *Node {
	if p.tok.kind == tokenPunctuation {
		switch p.tok.text {
		case "{":
			return p.block()
		case ";":
			n := p.node(Empty)
			p.next()
			return p.done(n)
		case "@":
			return p.decorated()
		}
		return p.expressionStatement()
	}
	if p.tok.kind != tokenName {
		return p.expressionStatement()
	}
	if n := p.declaration(); n != nil {
		return n
	}
	if n := p.control(); n != nil {
		return n
	}
	if next := p.ahead(); next.is(":") && !isReserved(p.tok.text) {
		n := p.node(Labeled)
		n.Text = p.word()
		p.next()
		n.more().Body = p.statement()
		return p.done(n)
	}
	return p.expressionStatement()
}

func (p *parser) expressionStatement() *Node {
	n := p.documented(ExpressionStatement)
	n.Left = p.expression()
	p.semicolon()
	return p.done(n)
}

// decorated reads a class, perhaps exported, after its decorators.
func (p *parser) decorated() *Node {
	doc := p.documented(Invalid)
	decorators := p.decorators()
	n := p.statement()
	class := n
	if n.Kind == Export || n.Kind == ExportAssign {
		class = n.Left
	}
	if class == nil || class.Kind != Class {
		p.fail("expected a class")
	}
	class.more().Decorators = decorators
	if class.DocEnd == 0 {
		class.DocStart, class.DocEnd = doc.DocStart, doc.DocEnd
	}
	return n
}

// control reads the statements that begin with a key word of control flow; nil
// for others.
func (p *parser) control() *Node {
	switch p.tok.text {
	case "if":
		n := p.node(If)
		p.next()
		n.Left = p.condition()
		n.Right = p.statement()
		if p.eat("else") {
			n.more().Third = p.statement()
		}
		return p.done(n)
	case "for":
		return p.forLoop()
	case "while":
		n := p.node(While)
		p.next()
		n.Left = p.condition()
		n.more().Body = p.statement()
		return p.done(n)
	case "do":
		n := p.node(DoWhile)
		p.next()
		n.more().Body = p.statement()
		p.expect("while")
		n.Left = p.condition()
		p.eat(";")
		return p.done(n)
	case "return", "throw":
		return p.leave()
	case "break", "continue":
		n := p.node(Jump)
		n.Text = p.word()
		if p.tok.kind == tokenName && !p.tok.newline && !isReserved(p.tok.text) {
			p.next()
		}
		p.semicolon()
		return p.done(n)
	case "try":
		return p.tryStatement()
	case "switch":
		return p.switchStatement()
	case "with":
		n := p.node(While)
		p.next()
		n.Left = p.condition()
		n.more().Body = p.statement()
		return p.done(n)
	case "debugger":
		n := p.node(Empty)
		p.next()
		p.semicolon()
		return p.done(n)
	}
	return nil
}

func (p *parser) condition() *Node {
	p.expect("(")
	n := p.withIn(p.expression)
	p.expect(")")
	return n
}

func (p *parser) leave() *Node {
	n := p.node(Return)
	if p.is("throw") {
		n.Kind = Throw
	}
	p.next()
	if !p.is(";") && !p.is("}") && !p.tok.newline && p.tok.kind != tokenEnd {
		n.Left = p.expression()
	}
	p.semicolon()
	return p.done(n)
}

func (p *parser) forLoop() *Node {
	n := p.node(For)
	extra := n.more()
	p.next()
	p.eat("await")
	p.expect("(")
	if !p.is(";") {
		p.noIn = true
		if p.isAny("var", "const") || p.is("let") || p.is("using") && p.ahead().kind == tokenName {
			n.Left = p.variables()
		} else {
			n.Left = p.expression()
		}
		p.noIn = false
	}
	switch {
	case p.eat("of"):
		n.Kind = ForOf
		n.Right = p.assignment()
	case p.eat("in"):
		n.Kind = ForIn
		n.Right = p.expression()
	default:
		p.expect(";")
		if !p.is(";") {
			n.Right = p.expression()
		}
		p.expect(";")
		if !p.is(")") {
			extra.Third = p.expression()
		}
	}
	p.expect(")")
	extra.Body = p.statement()
	return p.done(n)
}

func (p *parser) tryStatement() *Node {
	n := p.node(Try)
	extra := n.more()
	p.next()
	extra.Body = p.block()
	if p.eat("catch") {
		if p.eat("(") {
			n.Left = p.pattern()
			if p.eat(":") {
				p.typed1()
			}
			p.expect(")")
		}
		n.Right = p.block()
	}
	if p.eat("finally") {
		extra.Third = p.block()
	}
	return p.done(n)
}

func (p *parser) switchStatement() *Node {
	n := p.node(Switch)
	p.next()
	n.Left = p.condition()
	p.expect("{")
	for !p.is("}") {
		one := p.node(Case)
		if !p.eat("default") {
			p.expect("case")
			one.Left = p.withIn(p.expression)
		}
		p.expect(":")
		for p.tok.kind != tokenEnd && !p.isAny("case", "default", "}") {
			start := p.tok.start
			if s := p.recovered(); s != nil {
				one.List = append(one.List, s)
			}
			if p.tok.start == start {
				p.next()
			}
		}
		n.List = append(n.List, p.done(one))
	}
	p.expect("}")
	return p.done(n)
}
