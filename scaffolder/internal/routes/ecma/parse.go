package ecma

import "strings"

type parser struct {
	scanner
	file     *File
	typed    bool // the file holds types
	elements bool // a < begins an element
	noIn     bool // the head of a for loop
	noArrow  bool // the middle of a conditional whose colon would be taken for a type
	extends  bool // what a conditional type compares with
	depth    int
	last     int32 // end of the token before
	failed   map[attempt]bool
}

// attempt is something tried at an offset. What failed once is not tried again
// there, so that the work does not double with every level.
type attempt struct {
	start int32
	what  byte
}

// unexpected is thrown where the text cannot go on, and caught where
// statements are listed or where something was only tried.
type unexpected struct{ message string }

func (p *parser) fail(message string) {
	panic(unexpected{message})
}

func (p *parser) next() {
	p.last = p.tok.end
	p.scan()
}

// deeper guards against nesting that no person writes; call the result when
// the level ends.
func (p *parser) deeper() {
	if p.depth++; p.depth > maxDepth {
		p.fail("is nested too deeply")
	}
}

// is tells whether the token is this punctuation or bare word.
func (p *parser) is(text string) bool {
	return p.tok.text == text && (p.tok.kind == tokenPunctuation || p.tok.kind == tokenName)
}

func (p *parser) isAny(texts ...string) bool {
	for _, text := range texts {
		if p.is(text) {
			return true
		}
	}
	return false
}

func (p *parser) eat(text string) bool {
	if p.is(text) {
		p.next()
		return true
	}
	return false
}

func (p *parser) expect(text string) {
	if !p.eat(text) {
		p.fail("expected " + text)
	}
}

// word takes any name, key words too.
func (p *parser) word() string {
	if p.tok.kind != tokenName {
		p.fail("expected a name")
	}
	text := p.tok.text
	p.next()
	return text
}

func (p *parser) node(kind Kind) *Node {
	return &Node{Kind: kind, Start: p.tok.start}
}

func (p *parser) documented(kind Kind) *Node {
	return &Node{Kind: kind, Start: p.tok.start, DocStart: p.tok.docStart, DocEnd: p.tok.docEnd}
}

func (p *parser) done(n *Node) *Node {
	n.End = p.last
	return n
}

// more makes room for the rarer fields.
func (n *Node) more() *Extra {
	if n.Extra == nil {
		n.Extra = &Extra{}
	}
	return n.Extra
}

// state is what trying something may change.
type state struct {
	pos   int32
	tok   token
	last  int32
	depth int
	noIn  bool
	noArr bool
	ext   bool
}

func (p *parser) save() state {
	return state{p.pos, p.tok, p.last, p.depth, p.noIn, p.noArrow, p.extends}
}

func (p *parser) restore(s state) {
	p.pos, p.tok, p.last, p.depth, p.noIn, p.noArrow, p.extends = s.pos, s.tok, s.last, s.depth, s.noIn, s.noArr, s.ext
}

// try runs a rule; where it does not fit, nothing has happened and nil comes
// back.
func (p *parser) try(rule func() *Node) (result *Node) {
	before := p.save()
	defer func() {
		if result == nil {
			p.restore(before)
		}
	}()
	defer p.caught(nil)
	return rule()
}

// once is try for what is not worth trying twice at one place.
func (p *parser) once(what byte, rule func() *Node) *Node {
	at := attempt{p.tok.start, what}
	if p.failed[at] {
		return nil
	}
	n := p.try(rule)
	if n == nil {
		p.failed[at] = true
	}
	return n
}

// caught ends a panic of the parser's own; others go on.
func (p *parser) caught(then func(unexpected)) {
	switch what := recover().(type) {
	case nil:
	case unexpected:
		if then != nil {
			then(what)
		}
	default:
		panic(what)
	}
}

// ahead looks at the token after this one.
func (p *parser) ahead() token {
	before := p.save()
	p.scan()
	t := p.tok
	p.restore(before)
	return t
}

// is tells whether the token is this punctuation or bare word.
func (t token) is(text string) bool {
	return t.text == text && (t.kind == tokenName || t.kind == tokenPunctuation)
}

const reserved = " break case catch class const continue debugger default delete do else enum export extends false finally for function if import in instanceof new null return super switch this throw true try typeof var void while with "

func isReserved(text string) bool {
	return strings.Contains(reserved, " "+text+" ")
}

// semicolon ends a statement, as far as it must.
func (p *parser) semicolon() {
	if p.eat(";") || p.is("}") || p.tok.kind == tokenEnd || p.tok.newline {
		return
	}
	p.fail("expected ;")
}

// statements reads up to the closing token, which is left; "" is the end of the
// file.
func (p *parser) statements(closing string) []*Node {
	var list []*Node
	for p.tok.kind != tokenEnd && (closing == "" || !p.is(closing)) {
		start := p.tok.start
		if n := p.recovered(); n != nil {
			list = append(list, n)
		}
		if p.tok.start == start && p.tok.kind != tokenEnd {
			p.next() // never stand still
		}
	}
	return list
}

// recovered reads a statement; after one that is not understood it stands at
// the next.
func (p *parser) recovered() (n *Node) {
	before := p.save()
	defer p.caught(func(what unexpected) {
		p.file.Problems = append(p.file.Problems, Problem{p.tok.start, what.message})
		failed := p.tok.start
		p.restore(before)
		p.resume(failed)
		n = nil
	})
	return p.statement()
}

// resume passes over the statement that begins here and failed at an offset, up to
// where the next may begin.
func (p *parser) resume(failed int32) {
	level := 0
	for p.tok.kind != tokenEnd {
		past := p.tok.start >= failed
		if p.tok.start == failed && p.tok.newline && level > 0 && beginsStatement(p.tok) {
			return // what was open before is taken for forgotten
		}
		switch {
		case p.isAny("(", "[", "{"):
			level++
		case p.isAny(")", "]", "}"):
			if level--; level < 0 {
				return
			}
			if level == 0 && past && p.is("}") {
				p.next()
				return
			}
		case p.is(";") && level <= 0 && past:
			p.next()
			return
		case p.tok.newline && level <= 0 && past && p.tok.start > failed && beginsStatement(p.tok):
			return
		case p.tok.kind == tokenTemplate && !p.tok.tail:
			p.skipTemplate()
			continue
		}
		p.next()
	}
}

// skipTemplate passes over a template with whatever stands in its braces.
func (p *parser) skipTemplate() {
	level := 1
	for p.next(); p.tok.kind != tokenEnd && level > 0; p.next() {
		switch {
		case p.is("{"):
			level++
		case p.is("}"):
			if level--; level == 0 {
				p.pos = p.tok.start + 1
				p.tok.text = ""
				p.template(&p.tok)
				if !p.tok.tail {
					level = 1
				}
			}
		}
	}
}

func beginsStatement(t token) bool {
	if t.kind != tokenName {
		return false
	}
	return !strings.Contains(" in instanceof of as extends ", " "+t.text+" ")
}
