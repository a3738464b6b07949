package advise

import "slices"

// either is a condition with OR: the conditions of each of its arms, all on one
// relation. It is served by an index for each arm, or by none.
type either [][]predicate

// alternatives reads the ORs of a condition of which an index may serve every
// arm.
func alternatives(condition string, known func(alias string) bool) []either {
	var found []either
	for _, tokens := range conjuncts(tokenize(condition)) {
		if e := (reading{condition, known}).either(tokens); e != nil {
			found = append(found, e)
		}
	}
	return found
}

func (r reading) either(tokens []token) either {
	arms := disjuncts(tokens)
	if len(arms) < 2 {
		return nil
	}
	var e either
	for _, arm := range arms {
		var found []predicate
		for _, conjunct := range conjuncts(arm) {
			found = append(found, r.predicate(conjunct)...)
		}
		found = slices.DeleteFunc(found, func(p predicate) bool { return !p.on.usable() || p.with.alias != "" })
		if len(found) == 0 || e != nil && found[0].on.alias != e[0][0].on.alias {
			return nil
		}
		e = append(e, found)
	}
	return e
}

// disjuncts cuts a condition at its ORs.
func disjuncts(tokens []token) [][]token {
	tokens = bare(tokens)
	if len(tokens) == 0 {
		return nil
	}
	var arms [][]token
	from := 0
	for n, t := range tokens {
		if t.depth == tokens[0].depth && t.is("or") {
			arms = append(arms, tokens[from:n])
			from = n + 1
		}
	}
	return append(arms, tokens[from:])
}

// begins says whether some arm's conditions are about what an index begins with.
func (e either) begins(begins func(operand) bool) bool {
	return slices.ContainsFunc(e, func(arm []predicate) bool {
		return slices.ContainsFunc(arm, func(p predicate) bool { return begins(p.on) })
	})
}

// either makes the indexes that serve all arms of an OR together, for a bitmap
// of each.
func (g *generator) either() {
	for _, e := range g.access.either {
		var parts []candidate
		served := true
		for _, arm := range e {
			c, ok := g.arm(arm)
			served = served && ok
			if ok && !g.d.has(c) && !slices.ContainsFunc(parts, func(o candidate) bool { return o.definition() == c.definition() }) {
				parts = append(parts, c)
			}
		}
		if !served || len(parts) == 0 {
			continue
		}
		first := parts[0]
		first.beside = parts[1:]
		g.found = append(g.found, first)
	}
}

// arm is the index for one arm: a B-tree on what it compares, else a special one.
func (g *generator) arm(arm []predicate) (candidate, bool) {
	var equal, between []operand
	for _, p := range arm {
		switch {
		case p.by == "=":
			equal = append(equal, p.on)
		case slices.Contains([]string{"<", "<=", ">", ">="}, p.by):
			between = append(between, p.on)
		}
	}
	keys := g.bySelectivity(equal)
	if len(between) > 0 {
		keys = append(keys, keyOf(between[0]))
	}
	if keys = distinct(keys); len(keys) > 0 {
		if len(keys) > mostKeys {
			keys = keys[:mostKeys]
		}
		return candidate{table: g.table, method: "btree", keys: keys}, !slices.ContainsFunc(keys, func(k candidateKey) bool {
			return k.column != "" && !g.d.indexable(g.table, k.columns)
		})
	}
	for _, p := range arm {
		if c, ok := g.specialFor(p); ok {
			return c, true
		}
	}
	return candidate{}, false
}
