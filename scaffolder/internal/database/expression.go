package database

import (
	"errors"
	"slices"
	"strings"
)

// expression is a parsed part of a check, as far as checks are understood.
// Casts are left out: what is compared decides the type.
type expression struct {
	op   string // "column", "text", "number", "call", "array", or an operator
	text string // of the first three; of a call its function
	args []expression
}

var errNotUnderstood = errors.New("not understood")

// parseExpression parses what PostgreSQL prints for an expression. Anything but
// comparisons, AND, OR, calls, ARRAY and constants is errNotUnderstood.
func parseExpression(text string) (expression, error) {
	tokens, err := tokenize(text)
	if err != nil {
		return expression{}, err
	}
	p := &expressionParser{tokens: tokens}
	e, err := p.any()
	if err == nil && p.at < len(p.tokens) {
		err = errNotUnderstood
	}
	return e, err
}

type token struct {
	kind byte // 'i' identifier or keyword, 'q' quoted identifier, 's' string, 'n' number, 'o' operator
	text string
}

func tokenize(text string) ([]token, error) {
	var out []token
	for i := 0; i < len(text); {
		c := text[i]
		start := i
		switch {
		case c == ' ' || c == '\n' || c == '\t':
			i++
		case c == '\'' || c == '"':
			value, next, ok := quoted(text, i)
			if !ok {
				return nil, errNotUnderstood
			}
			kind := byte('s')
			if c == '"' {
				kind = 'q'
			}
			out, i = append(out, token{kind, value}), next
		case isWord(c) && (c < '0' || c > '9'):
			for i < len(text) && (isWord(text[i]) || text[i] >= '0' && text[i] <= '9') {
				i++
			}
			if i < len(text) && text[i] == '\'' { // E'...', B'...'
				return nil, errNotUnderstood
			}
			out = append(out, token{'i', text[start:i]})
		case c >= '0' && c <= '9':
			for i < len(text) && (text[i] >= '0' && text[i] <= '9' || text[i] == '.') {
				i++
			}
			out = append(out, token{'n', text[start:i]})
		case strings.IndexByte("()[],", c) >= 0:
			i++
			out = append(out, token{'o', text[start:i]})
		default:
			for i < len(text) && strings.IndexByte("+-*/<>=~!@#%^&|`?:.", text[i]) >= 0 {
				i++
			}
			if i == start {
				return nil, errNotUnderstood
			}
			out = append(out, token{'o', text[start:i]})
		}
	}
	return out, nil
}

func isWord(c byte) bool {
	return c == '_' || c == '$' || c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= 0x80 || c >= '0' && c <= '9'
}

// quoted reads a string or identifier in the quotes that stand at text[i];
// doubled quotes stand for one.
func quoted(text string, i int) (value string, next int, ok bool) {
	quote := text[i]
	var b strings.Builder
	for i++; i < len(text); i++ {
		if text[i] != quote {
			b.WriteByte(text[i])
			continue
		}
		if i+1 < len(text) && text[i+1] == quote {
			b.WriteByte(quote)
			i++
			continue
		}
		return b.String(), i + 1, true
	}
	return "", i, false
}

type expressionParser struct {
	tokens []token
	at     int
	depth  int
}

func (p *expressionParser) peek(kind byte, texts ...string) bool {
	if p.at >= len(p.tokens) || p.tokens[p.at].kind != kind {
		return false
	}
	for _, text := range texts {
		if p.tokens[p.at].text == text {
			return true
		}
	}
	return len(texts) == 0
}

func (p *expressionParser) take(kind byte, texts ...string) bool {
	if p.peek(kind, texts...) {
		p.at++
		return true
	}
	return false
}

// any is comparisons joined by AND or by OR; PostgreSQL prints parentheses
// where the two mix.
func (p *expressionParser) any() (expression, error) {
	if p.depth++; p.depth > 100 {
		return expression{}, errNotUnderstood
	}
	defer func() { p.depth-- }()
	first, err := p.comparison()
	if err != nil || !p.peek('i', "AND", "OR") {
		return first, err
	}
	joined := expression{op: p.tokens[p.at].text, args: []expression{first}}
	for p.take('i', joined.op) {
		next, err := p.comparison()
		if err != nil {
			return expression{}, err
		}
		joined.args = append(joined.args, next)
	}
	return joined, nil
}

func (p *expressionParser) comparison() (expression, error) {
	left, err := p.operand()
	if err != nil || !p.peek('o', "=", "<", ">", "<=", ">=", "~") {
		return left, err
	}
	op := p.tokens[p.at].text
	p.at++
	if p.take('i', "ANY") {
		op += " ANY"
	}
	right, err := p.operand()
	return expression{op: op, args: []expression{left, right}}, err
}

func (p *expressionParser) operand() (expression, error) {
	e, err := p.primary()
	for err == nil && p.take('o', "::") {
		err = p.castType()
	}
	return e, err
}

// castType skips a type: words, a modifier in parentheses, brackets.
func (p *expressionParser) castType() error {
	if p.words() == 0 {
		return errNotUnderstood
	}
	if p.take('o', "(") {
		for !p.take('o', ")") {
			if p.at++; p.at > len(p.tokens) {
				return errNotUnderstood
			}
		}
		p.words() // timestamp(3) without time zone
	}
	for p.take('o', "[") {
		if !p.take('o', "]") {
			return errNotUnderstood
		}
	}
	return nil
}

func (p *expressionParser) words() int {
	n := 0
	for p.peek('q') || p.peek('i') && !p.peek('i', "AND", "OR") {
		p.at++
		n++
		p.take('o', ".")
	}
	return n
}

func (p *expressionParser) primary() (expression, error) {
	if p.at >= len(p.tokens) {
		return expression{}, errNotUnderstood
	}
	t := p.tokens[p.at]
	p.at++
	switch {
	case t.kind == 'o' && t.text == "(":
		e, err := p.any()
		if err == nil && !p.take('o', ")") {
			err = errNotUnderstood
		}
		return e, err
	case t.kind == 'o' && t.text == "-" && p.peek('n'):
		p.at++
		return expression{op: "number", text: "-" + p.tokens[p.at-1].text}, nil
	case t.kind == 's':
		return expression{op: "text", text: t.text}, nil
	case t.kind == 'n':
		return expression{op: "number", text: t.text}, nil
	case t.kind == 'i' && t.text == "ARRAY" && p.take('o', "["):
		args, err := p.list("]")
		return expression{op: "array", args: args}, err
	case t.kind == 'i' && slices.Contains([]string{"NOT", "ALL", "SOME", "ANY", "EXISTS", "CASE", "SELECT"}, t.text):
		return expression{}, errNotUnderstood
	case t.kind == 'i' && p.take('o', "("):
		args, err := p.list(")")
		return expression{op: "call", text: t.text, args: args}, err
	case t.kind == 'q' || t.kind == 'i':
		return expression{op: "column", text: t.text}, nil
	}
	return expression{}, errNotUnderstood
}

func (p *expressionParser) list(end string) ([]expression, error) {
	var out []expression
	for !p.take('o', end) {
		if len(out) > 0 && !p.take('o', ",") {
			return nil, errNotUnderstood
		}
		e, err := p.any()
		if err != nil {
			return nil, err
		}
		out = append(out, e)
	}
	return out, nil
}
