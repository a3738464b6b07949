package ecma

// declaration reads what declares a name; nil where something else stands.
func (p *parser) declaration() *Node {
	switch p.tok.text {
	case "var":
		return p.variableStatement()
	case "const":
		if p.ahead().is("enum") {
			p.next()
			return p.enum()
		}
		return p.variableStatement()
	case "let":
		if next := p.ahead(); next.kind == tokenName && !next.is("in") && !next.is("of") && !next.is("instanceof") || next.is("{") || next.is("[") {
			return p.variableStatement()
		}
	case "using":
		if next := p.ahead(); next.kind == tokenName && !next.newline && !next.is("of") && !next.is("in") && !next.is("instanceof") {
			return p.variableStatement()
		}
	case "await":
		if p.ahead().is("using") {
			before := p.save()
			p.next()
			if next := p.ahead(); next.kind == tokenName && !next.newline && !isReserved(next.text) {
				return p.variableStatement()
			}
			p.restore(before)
		}
	case "function":
		return p.function(0)
	case "async":
		if next := p.ahead(); next.is("function") && !next.newline {
			return p.named()
		}
	case "class":
		return p.class()
	case "import":
		if next := p.ahead(); !next.is("(") && !next.is(".") {
			return p.importStatement()
		}
	case "export":
		return p.export()
	}
	if next := p.ahead(); next.kind == tokenName && !next.newline || next.kind == tokenString {
		return p.typeDeclaration(next)
	} else if p.is("global") && next.is("{") {
		n := p.node(Namespace)
		p.next()
		n.more().Body = p.block()
		return p.done(n)
	}
	return nil
}

// typeDeclaration reads declarations that only TypeScript has.
func (p *parser) typeDeclaration(next token) *Node {
	switch p.tok.text {
	case "type":
		if !isReserved(next.text) && !next.is("of") && !next.is("in") && !next.is("as") || next.is("of") {
			return p.typeAlias()
		}
	case "interface":
		return p.interfaceDeclaration()
	case "enum":
		return p.enum()
	case "namespace", "module":
		n := p.documented(Namespace)
		p.next()
		n.Text = p.tok.text
		p.next()
		for p.eat(".") {
			n.Text += "." + p.word()
		}
		if p.is("{") {
			n.more().Body = p.block()
		} else {
			p.semicolon()
		}
		return p.done(n)
	case "abstract":
		if next.is("class") {
			p.next()
			return p.class()
		}
	case "declare":
		p.next()
		n := p.statement()
		if n.Kind == Interface || n.Kind == TypeAlias || n.Kind == Enum || n.Kind == Class {
			return n
		}
		return &Node{Kind: Empty, Start: n.Start, End: n.End}
	}
	return nil
}

func (p *parser) variableStatement() *Node {
	n := p.variables()
	p.semicolon()
	return n
}

func (p *parser) variables() *Node {
	n := p.documented(Variables)
	n.Text = p.word()
	for {
		one := p.documented(Declarator)
		one.Left = p.pattern()
		p.eat("!")
		if p.eat(":") {
			one.more().Type = p.typed1()
		}
		if p.eat("=") {
			one.Right = p.assignment()
		}
		n.List = append(n.List, p.done(one))
		if !p.eat(",") {
			return p.done(n)
		}
	}
}

func (p *parser) typeAlias() *Node {
	n := p.documented(TypeAlias)
	p.next()
	n.Text = p.word()
	extra := n.more()
	if p.is("<") {
		extra.TypeParams = p.typeParameters()
	}
	p.expect("=")
	extra.Type = p.typed1()
	p.semicolon()
	return p.done(n)
}

func (p *parser) interfaceDeclaration() *Node {
	n := p.documented(Interface)
	p.next()
	n.Text = p.word()
	extra := n.more()
	if p.is("<") {
		extra.TypeParams = p.typeParameters()
	}
	if p.eat("extends") {
		for {
			extra.Params = append(extra.Params, p.namedType())
			if !p.eat(",") {
				break
			}
		}
	}
	n.List = p.typeMembers()
	return p.done(n)
}

func (p *parser) enum() *Node {
	n := p.documented(Enum)
	p.expect("enum")
	n.Text = p.word()
	p.expect("{")
	for !p.is("}") {
		one := p.documented(Property)
		p.key(one)
		if p.eat("=") {
			one.Right = p.assignment()
		}
		n.List = append(n.List, p.done(one))
		if !p.eat(",") {
			break
		}
	}
	p.expect("}")
	return p.done(n)
}
