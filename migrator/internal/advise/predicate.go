package advise

import (
	"slices"
	"strings"
)

// predicate is one of the conditions that a plan puts together with AND, as
// far as an index may serve it.
type predicate struct {
	on   operand // what an index would hold
	by   string  // the operator: "=", "<", "@>" …; "is null", "is not null", "is true" and "is false" have no other side
	any  bool    // with any of an array's elements
	with operand // the other side; its alias is empty when it is a constant or parameter
}

// operand is one side of a comparison.
type operand struct {
	alias   string   // of the relation that all its columns are of; empty for none
	column  string   // when it is nothing but a column
	expr    string   // else, as SQL without the alias
	columns []string // that it reads
	row     []string // the columns of ROW(a, b)

	parameter string   // "$1", when it is that and of no relation
	constant  string   // 'a string', without its quotes, when it is that
	open      []string // parameters inside of the expression, which keep it out of an index
	raw       string   // that expression as it was read
}

// usable says whether an index can hold it.
func (o operand) usable() bool { return o.alias != "" && (o.column != "" || o.expr != "") }

// key is the operand as it stands in CREATE INDEX.
func (o operand) key() string {
	if o.column != "" {
		return quote(o.column)
	}
	if tokens := tokenize(o.expr); len(tokens) > 2 && tokens[0].kind == tokenWord && tokens[1].is("(") && closing(tokens[1:]) == len(tokens)-2 {
		return o.expr // a call needs no parentheses
	}
	return "(" + o.expr + ")"
}

// predicates reads a condition as EXPLAIN shows it: "((t.a = $1) AND (t.b > u.c))".
// The names are the aliases in the plan. What is not understood is left out.
func predicates(condition string, known func(alias string) bool) []predicate {
	var found []predicate
	for _, tokens := range conjuncts(tokenize(condition)) {
		found = append(found, reading{condition, known}.predicate(tokens)...)
	}
	return found
}

// conjuncts cuts a condition at its ANDs. One with OR stays whole.
func conjuncts(tokens []token) [][]token {
	tokens = bare(tokens)
	if len(tokens) == 0 {
		return nil
	}
	var parts [][]token
	from := 0
	for n, t := range tokens {
		if t.depth != tokens[0].depth {
			continue
		}
		if t.is("or") {
			return [][]token{tokens}
		}
		if t.is("and") {
			parts = append(parts, conjuncts(tokens[from:n])...)
			from = n + 1
		}
	}
	if from == 0 {
		return [][]token{tokens}
	}
	return append(parts, conjuncts(tokens[from:])...)
}

// bare takes off the parentheses around all.
func bare(tokens []token) []token {
	for len(tokens) > 1 && tokens[0].is("(") && closing(tokens) == len(tokens)-1 {
		tokens = tokens[1 : len(tokens)-1]
	}
	return tokens
}

// closing is where the parenthesis that the tokens begin with is closed, or -1.
func closing(tokens []token) int {
	for n, t := range tokens {
		if n > 0 && t.is(")") && t.depth == tokens[0].depth {
			return n
		}
	}
	return -1
}

// reading is a condition and the names in it.
type reading struct {
	text  string
	known func(alias string) bool
}

func (r reading) predicate(tokens []token) []predicate {
	if len(tokens) == 0 || slices.ContainsFunc(tokens, func(t token) bool { return t.depth == tokens[0].depth && t.is("or") }) {
		return nil
	}
	for suffix, by := range map[string]string{"is null": "is null", "is not null": "is not null", "is true": "is true", "is false": "is false"} {
		if words := strings.Fields(suffix); ends(tokens, words) {
			return one(predicate{on: r.operand(tokens[:len(tokens)-len(words)]), by: by})
		}
	}
	if tokens[0].is("not") {
		return one(predicate{on: r.operand(tokens[1:]), by: "is false"})
	}
	at, end, by := operatorOf(tokens)
	if at < 0 {
		return one(predicate{on: r.operand(tokens), by: "is true"})
	}
	left, right := tokens[:at], tokens[end:]
	p := predicate{by: by}
	if len(right) > 0 && (right[0].is("any") || right[0].is("all")) {
		p.any, right = right[0].is("any"), right[1:]
		if !p.any {
			return nil
		}
	}
	p.on, p.with = r.operand(left), r.operand(right)
	if p.on.alias == "" && p.with.alias != "" && !p.any {
		p.on, p.with, p.by = p.with, p.on, commuted(by)
	}
	if p.with.alias != "" && p.with.alias == p.on.alias || len(p.with.columns) > 0 && p.with.alias == "" {
		return nil // of one row with itself, or with several relations at once
	}
	found := one(p)
	if p.with.usable() && p.by == "=" && !p.any { // a join may be looked up from either side
		found = append(found, predicate{on: p.with, by: p.by, with: p.on})
	}
	return found
}

func one(p predicate) []predicate {
	if !p.on.usable() && len(p.on.row) == 0 && len(p.on.open) == 0 {
		return nil
	}
	return []predicate{p}
}

// constantOf is the value of a string constant.
func constantOf(text string) string {
	text = strings.TrimPrefix(strings.TrimPrefix(text, "E"), "e")
	if len(text) < 2 || text[0] != '\'' {
		return ""
	}
	return strings.ReplaceAll(text[1:len(text)-1], "''", "'")
}

func ends(tokens []token, words []string) bool {
	if len(tokens) <= len(words) {
		return false
	}
	for n, word := range words {
		if !tokens[len(tokens)-len(words)+n].is(word) {
			return false
		}
	}
	return true
}

// operatorOf finds the operator outside of all parentheses, also one that is
// written OPERATOR(schema.=).
func operatorOf(tokens []token) (at, end int, by string) {
	for n, t := range tokens {
		if t.depth != tokens[0].depth {
			continue
		}
		if t.kind == tokenOperator {
			return n, n + 1, t.text
		}
		if t.is("operator") && n+1 < len(tokens) {
			if close := closing(tokens[n+1:]); close > 0 {
				return n, n + close + 2, tokens[n+close].text
			}
		}
	}
	return -1, -1, ""
}

func commuted(by string) string {
	if other, ok := map[string]string{"<": ">", ">": "<", "<=": ">=", ">=": "<=", "@>": "<@", "<@": "@>"}[by]; ok {
		return other
	}
	return by
}

// operand reads one side. An expression that holds a parameter cannot be
// indexed, one of several relations neither.
func (r reading) operand(tokens []token) operand {
	tokens = bare(tokens)
	var o operand
	qualifiers := map[int]bool{} // the tokens of "alias."
	for n := 0; n+2 < len(tokens); n++ {
		if !r.isColumn(tokens, n) {
			continue
		}
		alias := tokens[n].name()
		if o.alias != "" && o.alias != alias {
			return operand{columns: append(o.columns, tokens[n+2].name())}
		}
		o.alias = alias
		o.columns = append(o.columns, tokens[n+2].name())
		qualifiers[n], qualifiers[n+1] = true, true
	}
	if o.alias == "" {
		if first := bare(tokens); len(first) > 0 && (len(first) == 1 || first[1].is("::")) {
			switch first[0].kind {
			case tokenParameter:
				o.parameter = first[0].text
			case tokenString:
				o.constant = constantOf(first[0].text)
			}
		}
		return o
	}
	if column := uncast(tokens); len(column) == 3 {
		o.column = column[2].name()
		return o
	}
	if len(tokens) > 2 && tokens[0].is("row") {
		o.row = slices.Clone(o.columns)
		return o
	}
	for _, t := range tokens {
		if t.is("subplan") || t.is("initplan") || t.is("select") {
			return operand{alias: o.alias, columns: o.columns}
		}
		if t.kind == tokenParameter {
			o.open = append(o.open, t.text)
		}
	}
	if len(o.open) == 0 {
		o.expr = r.without(tokens, qualifiers)
	} else {
		o.raw = r.text[tokens[0].start:tokens[len(tokens)-1].end]
	}
	return o
}

func (r reading) isColumn(tokens []token, n int) bool {
	return tokens[n].name() != "" && tokens[n+1].is(".") && tokens[n+2].name() != "" && r.known(tokens[n].name()) &&
		(n == 0 || !tokens[n-1].is(".")) && (n+3 >= len(tokens) || !tokens[n+3].is("("))
}

// uncast takes off casts that leave an index on the column usable: those
// between kinds of text.
func uncast(tokens []token) []token {
	for {
		tokens = bare(tokens)
		at := -1
		for n, t := range tokens {
			if t.is("::") && t.depth == tokens[0].depth {
				at = n
			}
		}
		if at < 0 {
			return tokens
		}
		switch strings.ToLower(joined(tokens[at+1:])) {
		case "text", "character varying", "varchar":
			tokens = tokens[:at]
		default:
			return tokens
		}
	}
}

func joined(tokens []token) string {
	var words []string
	for _, t := range tokens {
		words = append(words, t.text)
	}
	return strings.Join(words, " ")
}

// without is the text of the tokens without some of them.
func (r reading) without(tokens []token, left map[int]bool) string {
	var b strings.Builder
	blank := false
	for n, t := range tokens {
		blank = blank || n > 0 && tokens[n-1].end != t.start
		if left[n] {
			continue
		}
		if blank && b.Len() > 0 {
			b.WriteByte(' ')
		}
		blank = false
		b.WriteString(t.text)
	}
	return b.String()
}
