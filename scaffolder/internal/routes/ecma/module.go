package ecma

func (p *parser) importStatement() *Node {
	n := p.node(Import)
	p.next()
	if p.tok.kind == tokenString {
		n.Text = p.moduleName()
		return p.done(n)
	}
	if p.is("type") {
		if next := p.ahead(); next.kind == tokenName && !next.is("from") || next.is("{") || next.is("*") {
			p.next()
			n.Flags |= TypeOnly
		}
	} else if p.isAny("defer", "source") {
		if next := p.ahead(); next.is("*") || next.kind == tokenName && !next.is("from") {
			p.next()
		}
	}
	if p.tok.kind == tokenName {
		name := p.node(ImportName)
		name.Text = "default"
		name.Left = p.literal(Identifier)
		n.List = append(n.List, p.done(name))
		if p.eat("=") {
			name.Text = "="
			n.Right = p.assignment()
			p.semicolon()
			return p.done(n)
		}
		p.eat(",")
	}
	switch {
	case p.is("*"):
		name := p.node(ImportName)
		name.Text = "*"
		p.next()
		p.expect("as")
		name.Left = p.literal(Identifier)
		n.List = append(n.List, p.done(name))
	case p.is("{"):
		n.List = append(n.List, p.specifiers(ImportName)...)
	}
	p.expect("from")
	n.Text = p.moduleName()
	return p.done(n)
}

// specifiers reads { a, b as c, type d }.
func (p *parser) specifiers(kind Kind) []*Node {
	var list []*Node
	p.expect("{")
	for !p.is("}") {
		n := p.documented(kind)
		if p.is("type") {
			if next := p.ahead(); (next.kind == tokenName || next.kind == tokenString) && !next.is("as") {
				p.next()
				n.Flags |= TypeOnly
			}
		}
		n.Left = p.specifier()
		n.Text = n.Left.Text
		if p.eat("as") {
			n.Left = p.specifier()
		}
		list = append(list, p.done(n))
		if !p.eat(",") {
			break
		}
	}
	p.expect("}")
	return list
}

func (p *parser) specifier() *Node {
	if p.tok.kind != tokenName && p.tok.kind != tokenString {
		p.fail("expected a name")
	}
	return p.literal(Identifier)
}

// moduleName reads a module's name and what is said of it.
func (p *parser) moduleName() string {
	if p.tok.kind != tokenString {
		p.fail("expected a module's name")
	}
	text := p.tok.text
	p.next()
	if (p.is("with") || p.is("assert")) && !p.tok.newline {
		p.next()
		p.object()
	}
	p.semicolon()
	return text
}

func (p *parser) export() *Node {
	n := p.documented(Export)
	p.next()
	switch {
	case p.eat("default"):
		n.Kind, n.Flags = ExportAssign, Default
		n.Left = p.exportedDefault()
		return p.done(n)
	case p.eat("="):
		n.Kind = ExportAssign
		n.Left = p.expression()
		p.semicolon()
		return p.done(n)
	case p.eat("*"):
		n.Kind = ExportAll
		if p.eat("as") {
			n.Left = p.specifier()
		}
		p.expect("from")
		n.Text = p.moduleName()
		return p.done(n)
	case p.is("as") && p.ahead().is("namespace"):
		p.next()
		p.next()
		p.word()
		p.semicolon()
		n.Kind = Empty
		return p.done(n)
	case p.is("type") && (p.ahead().is("{") || p.ahead().is("*")):
		p.next()
		n.Flags |= TypeOnly
		if p.eat("*") {
			n.Kind = ExportAll
			if p.eat("as") {
				n.Left = p.specifier()
			}
			p.expect("from")
			n.Text = p.moduleName()
			return p.done(n)
		}
	}
	if p.is("{") {
		n.List = p.specifiers(ExportName)
		if p.eat("from") {
			n.Text = p.moduleName()
		} else {
			p.semicolon()
		}
		return p.done(n)
	}
	if p.is("@") {
		n.Left = p.decorated()
	} else {
		n.Left = p.statement()
	}
	if n.Left.DocEnd == 0 {
		n.Left.DocStart, n.Left.DocEnd = n.DocStart, n.DocEnd
	}
	return p.done(n)
}

// exportedDefault reads a declaration without a name, or an expression.
func (p *parser) exportedDefault() *Node {
	switch {
	case p.is("function"), p.is("class"), p.is("@"):
		return p.primary()
	case p.is("async") && p.ahead().is("function"):
		return p.primary()
	case p.is("abstract") && p.ahead().is("class"):
		p.next()
		return p.class()
	case p.is("interface") && p.ahead().kind == tokenName:
		return p.interfaceDeclaration()
	case p.is("enum"):
		return p.enum()
	}
	n := p.assignment()
	p.semicolon()
	return n
}
