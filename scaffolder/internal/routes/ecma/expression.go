package ecma

// expression reads one with commas.
func (p *parser) expression() *Node {
	first := p.assignment()
	if !p.is(",") {
		return first
	}
	n := &Node{Kind: Sequence, Start: first.Start, List: []*Node{first}}
	for p.eat(",") {
		n.List = append(n.List, p.assignment())
	}
	return p.done(n)
}

// withIn reads something in brackets, where `in` and arrows are usual again.
func (p *parser) withIn(rule func() *Node) *Node {
	in, arrow := p.noIn, p.noArrow
	p.noIn, p.noArrow = false, false
	n := rule()
	p.noIn, p.noArrow = in, arrow
	return n
}

const assignments = " = += -= *= /= %= **= <<= >>= >>>= &= |= ^= &&= ||= ??= "

func (p *parser) assignment() *Node {
	p.deeper()
	n := p.assigned()
	p.depth--
	return n
}

func (p *parser) assigned() *Node {
	if arrow := p.arrow(); arrow != nil {
		return arrow
	}
	if p.is("yield") {
		return p.yield()
	}
	left := p.conditional()
	p.joined()
	if p.tok.kind != tokenPunctuation || !contains(assignments, p.tok.text) {
		return left
	}
	n := &Node{Kind: Assign, Start: left.Start, Text: p.tok.text, Left: left}
	p.next()
	n.Right = p.assignment()
	return p.done(n)
}

func contains(list, text string) bool {
	for i := 0; i+len(text)+2 <= len(list); i++ {
		if list[i] == ' ' && list[i+1:i+1+len(text)] == text && list[i+1+len(text)] == ' ' {
			return true
		}
	}
	return false
}

func (p *parser) yield() *Node {
	n := p.node(Yield)
	p.next()
	if p.tok.newline || p.isAny(")", "]", "}", ",", ";", ":", "in", "of") || p.tok.kind == tokenEnd {
		return p.done(n)
	}
	p.eat("*")
	n.Left = p.assignment()
	return p.done(n)
}

func (p *parser) conditional() *Node {
	test := p.binary(0)
	if !p.is("?") {
		return test
	}
	n := &Node{Kind: Conditional, Start: test.Start, Left: test}
	p.next()
	n.Right = p.consequent()
	p.expect(":")
	n.more().Third = p.assignment()
	return p.done(n)
}

// consequent reads the middle of a conditional: where an arrow function with a
// type would leave no colon, it is none.
func (p *parser) consequent() *Node {
	in := p.noIn
	p.noIn = false
	start := attempt{p.tok.start, 'c'}
	n := p.once('?', func() *Node {
		middle := p.assignment()
		if !p.is(":") {
			return nil
		}
		return middle
	})
	if n == nil {
		if p.failed[start] {
			p.fail("expected an expression")
		}
		p.failed[start] = true // until it is read
		p.noArrow = true
		n = p.assignment()
		p.noArrow = false
		delete(p.failed, start)
	}
	p.noIn = in
	return n
}

// precedence of binary operators; 0 for what is none.
func precedence(text string) int {
	switch text {
	case "??":
		return 1
	case "||":
		return 2
	case "&&":
		return 3
	case "|":
		return 4
	case "^":
		return 5
	case "&":
		return 6
	case "==", "!=", "===", "!==":
		return 7
	case "<", ">", "<=", ">=", "instanceof", "in", "as", "satisfies":
		return 8
	case "<<", ">>", ">>>":
		return 9
	case "+", "-":
		return 10
	case "*", "/", "%":
		return 11
	case "**":
		return 12
	}
	return 0
}

func (p *parser) binary(above int) *Node {
	p.deeper()
	left := p.unary()
	for {
		p.joined()
		if p.tok.kind != tokenPunctuation && p.tok.kind != tokenName || p.is("in") && p.noIn {
			break
		}
		operator := p.tok.text
		level := precedence(operator)
		if level <= above {
			break
		}
		if operator == "as" || operator == "satisfies" {
			if p.tok.newline {
				break
			}
			n := &Node{Kind: As, Start: left.Start, Left: left}
			p.next()
			n.more().Type = p.typed1()
			left = p.done(n)
			continue
		}
		n := &Node{Kind: Binary, Start: left.Start, Text: operator, Left: left}
		p.next()
		if operator == "**" {
			level--
		}
		n.Right = p.binary(level)
		left = p.done(n)
	}
	p.depth--
	return left
}

func (p *parser) unary() *Node {
	switch {
	case p.tok.kind == tokenPunctuation && p.isAny("!", "~", "+", "-"),
		p.tok.kind == tokenName && p.isAny("typeof", "void", "delete"):
		n := p.node(Unary)
		n.Text = p.tok.text
		p.next()
		p.deeper()
		n.Left = p.unary()
		p.depth--
		return p.done(n)
	case p.isAny("++", "--"):
		n := p.node(Update)
		n.Text = p.tok.text
		p.next()
		p.deeper()
		n.Left = p.unary()
		p.depth--
		return p.done(n)
	case p.is("await"):
		if next := p.ahead(); next.kind == tokenPunctuation && contains(" ) ] } , ; . : = => ? ", next.text) || next.kind == tokenEnd {
			break
		}
		n := p.node(Await)
		p.next()
		p.deeper()
		n.Left = p.unary()
		p.depth--
		return p.done(n)
	case p.is("<") && p.typed && !p.elements:
		n := p.node(As)
		p.next()
		n.more().Type = p.typed1()
		p.expect(">")
		p.deeper()
		n.Left = p.unary()
		p.depth--
		return p.done(n)
	}
	n := p.suffixed(p.primary(), true)
	if p.isAny("++", "--") && !p.tok.newline {
		n = &Node{Kind: Update, Start: n.Start, Text: p.tok.text, Left: n}
		p.next()
		p.done(n)
	}
	return n
}

// suffixed reads members, calls and so on after an expression.
func (p *parser) suffixed(n *Node, calls bool) *Node {
	for {
		switch {
		case p.is("."):
			p.next()
			n = p.member(n, 0)
		case p.is("?.") && calls:
			p.next()
			switch {
			case p.is("("):
				n = p.call(n, nil, Optional)
			case p.is("["):
				n = p.index(n, Optional)
			case p.is("<"):
				arguments := p.typeArguments()
				n = p.call(n, arguments, Optional)
			default:
				n = p.member(n, Optional)
			}
		case p.is("["):
			n = p.index(n, 0)
		case p.is("(") && calls:
			n = p.call(n, nil, 0)
		case p.tok.kind == tokenTemplate:
			tagged := &Node{Kind: TaggedTemplate, Start: n.Start, Left: n}
			tagged.Right = p.templateLiteral()
			n = p.done(tagged)
		case p.is("!") && !p.tok.newline && p.typed:
			p.next()
			n = p.done(&Node{Kind: As, Start: n.Start, Left: n})
		case p.is("<") && p.typed:
			with := p.instantiated(n, calls)
			if with == nil {
				return n
			}
			n = with
		default:
			return n
		}
	}
}

// instantiated reads f<T>(…), or nil where < is smaller than.
func (p *parser) instantiated(n *Node, calls bool) *Node {
	return p.once('<', func() *Node {
		arguments := p.typeArguments()
		switch {
		case p.is("(") && calls:
			return p.call(n, arguments, 0)
		case p.is("(") && !calls, p.tok.kind == tokenTemplate:
		case p.tok.newline, p.tok.kind == tokenEnd, p.isAny(")", "]", "}", ",", ";", ":", "?", "?.", ".", "=", "=>", "==", "===", "!=", "!==", "&&", "||", "??", "&", "|"):
		default:
			return nil
		}
		with := *n
		extra := *n.More()
		extra.TypeArgs = arguments
		with.Extra = &extra
		return &with
	})
}

func (p *parser) member(object *Node, flags Flags) *Node {
	n := &Node{Kind: Dot, Flags: flags, Start: object.Start, Left: object, DocStart: p.tok.docStart, DocEnd: p.tok.docEnd}
	if p.tok.kind == tokenPrivate {
		n.Text = p.tok.text
		p.next()
	} else {
		n.Text = p.word()
	}
	return p.done(n)
}

func (p *parser) index(object *Node, flags Flags) *Node {
	n := &Node{Kind: Index, Flags: flags, Start: object.Start, Left: object}
	p.next()
	n.Right = p.withIn(p.expression)
	p.expect("]")
	return p.done(n)
}

func (p *parser) call(callee *Node, types []*Node, flags Flags) *Node {
	n := &Node{Kind: Call, Flags: flags, Start: callee.Start, Left: callee}
	if types != nil {
		n.more().TypeArgs = types
	}
	n.List = p.arguments()
	return p.done(n)
}

func (p *parser) arguments() []*Node {
	var list []*Node
	p.expect("(")
	for !p.is(")") {
		list = append(list, p.withIn(p.spreadable))
		if !p.eat(",") {
			break
		}
	}
	p.expect(")")
	return list
}

// spreadable reads an expression or ...expression.
func (p *parser) spreadable() *Node {
	if !p.is("...") {
		return p.assignment()
	}
	n := p.node(Spread)
	p.next()
	n.Left = p.assignment()
	return p.done(n)
}
