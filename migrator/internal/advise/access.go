package advise

import (
	"slices"
	"strings"

	"github.com/senior-backend/toolkit/migrator/internal/schema"
)

// access is how a statement gets at the rows of one relation.
type access struct {
	table  schema.ID
	alias  string
	equal  []operand   // compared with constants by =
	listed []operand   // by = ANY
	joins  []operand   // with other relations' columns by =
	ranges []operand   // by <, <=, >, >=
	bounds []predicate // the same, with what they are compared with
	fixed  []predicate // IS NULL and its like, and booleans
	within []predicate // operators that a B-tree does not know
	either []either    // conditions with OR
	open   []predicate // on expressions that hold a parameter
	order  []sortKey   // in which the rows are wanted
	needs  []string    // the columns read; nil when that is all of them, or not known
	whole  bool        // some scan of it reads all rows
	rows   float64     // that come out, as the planner expects
	wide   bool        // needs is not to be had
}

// sortKey is a key of an order.
type sortKey struct {
	on         operand
	descending bool
	nullsFirst bool
}

// plain says whether NULLs are where the direction puts them by itself.
func (k sortKey) plain() bool { return k.nullsFirst == k.descending }

// surveyor gathers the accesses of a plan.
type surveyor struct {
	byAlias map[string]*access
	order   []string // the aliases as they were met
	sorts   int
}

// survey reads the plan of a statement whose read form is given.
func survey(root node, text string) []*access {
	s := surveyor{byAlias: map[string]*access{}}
	s.relations(root)
	s.conditions(root)
	s.outputs(root, true)
	if s.sorts == 0 {
		s.written(text)
	}
	var found []*access
	for _, alias := range s.order {
		a := s.byAlias[alias]
		if a.wide {
			a.needs = nil
		}
		found = append(found, a)
	}
	return found
}

func (s *surveyor) known(alias string) bool { return s.byAlias[alias] != nil }

func (s *surveyor) relations(n node) {
	if n.Relation != "" && strings.HasSuffix(n.Type, "Scan") && n.Schema != "pg_catalog" && n.Schema != "information_schema" {
		a := s.byAlias[n.Alias]
		if a == nil {
			a = &access{table: schema.ID{Kind: schema.KindTable, Schema: n.Schema, Name: n.Relation}, alias: n.Alias}
			s.byAlias[n.Alias] = a
			s.order = append(s.order, n.Alias)
		}
		a.whole = a.whole || n.Type == "Seq Scan"
		a.rows = max(a.rows, n.Rows)
	}
	for _, below := range n.Plans {
		s.relations(below)
	}
}

func (s *surveyor) conditions(n node) {
	for _, condition := range []string{n.IndexCond, n.Recheck, n.Filter, n.JoinFilter, n.HashCond, n.MergeCond} {
		for _, p := range predicates(condition, s.known) {
			s.take(p)
		}
		for _, e := range alternatives(condition, s.known) {
			if a := s.byAlias[e[0][0].on.alias]; a != nil {
				a.either = append(a.either, e)
			}
		}
	}
	if n.Type == "Sort" || n.Type == "Incremental Sort" {
		s.sorts++
		s.wanted(n.SortKey)
	}
	if n.Type == "Aggregate" {
		s.extremes(n.Output)
	}
	for _, below := range n.Plans {
		s.conditions(below)
	}
}

// take files a predicate with its relation.
func (s *surveyor) take(p predicate) {
	a := s.byAlias[p.on.alias]
	if a == nil {
		return
	}
	add := func(to *[]operand, o operand) {
		if !slices.ContainsFunc(*to, func(other operand) bool { return other.key() == o.key() }) {
			*to = append(*to, o)
		}
	}
	switch {
	case len(p.on.row) > 0 && p.with.alias == "" && strings.ContainsAny(p.by, "<>"):
		add(&a.ranges, operand{alias: p.on.alias, column: p.on.row[0], columns: p.on.row[:1]})
	case len(p.on.open) > 0 && p.with.alias == "":
		a.open = append(a.open, p)
	case !p.on.usable():
	case strings.HasPrefix(p.by, "is "):
		a.fixed = append(a.fixed, p)
	case p.by == "=" && p.any && p.with.alias == "":
		add(&a.listed, p.on)
	case p.by == "=" && p.with.alias != "":
		add(&a.joins, p.on)
	case p.by == "=":
		add(&a.equal, p.on)
	case slices.Contains([]string{"<", "<=", ">", ">="}, p.by) && p.with.alias == "":
		add(&a.ranges, p.on)
		a.bounds = append(a.bounds, p)
	case p.with.alias == "" && !slices.Contains([]string{"<>", "!~~", "!~~*", "!~"}, p.by):
		a.within = append(a.within, p)
	}
}

// wanted files an order with the relation of its first key, as far as its keys
// are of that relation.
func (s *surveyor) wanted(keys []string) {
	var order []sortKey
	for _, text := range keys {
		tokens := tokenize(text)
		k := sortKey{}
		nulls := false
		for len(tokens) > 2 && (ends(tokens, []string{"nulls", "first"}) || ends(tokens, []string{"nulls", "last"})) {
			k.nullsFirst, nulls = tokens[len(tokens)-1].is("first"), true
			tokens = tokens[:len(tokens)-2]
		}
		if ends(tokens, []string{"desc"}) {
			k.descending = true
			tokens = tokens[:len(tokens)-1]
		}
		if !nulls {
			k.nullsFirst = k.descending
		}
		k.on = reading{text, s.known}.operand(tokens)
		if !k.on.usable() || len(order) > 0 && order[0].on.alias != k.on.alias {
			break
		}
		order = append(order, k)
	}
	if len(order) > 0 {
		if a := s.byAlias[order[0].on.alias]; len(a.order) < len(order) {
			a.order = order
		}
	}
}

// extremes files max(x) and min(x), which an index in that order gives at once.
func (s *surveyor) extremes(output []string) {
	for _, text := range output {
		tokens := tokenize(text)
		if len(tokens) < 4 || !tokens[0].is("max") && !tokens[0].is("min") || closing(tokens[1:]) != len(tokens)-2 {
			continue
		}
		o := reading{text, s.known}.operand(tokens[2 : len(tokens)-1])
		if len(tokens) == 4 && len(s.order) == 1 && tokens[2].name() != "" { // shown without its alias
			o = operand{alias: s.order[0], column: tokens[2].name(), columns: []string{tokens[2].name()}}
		}
		if a := s.byAlias[o.alias]; o.usable() && a != nil && len(a.order) == 0 {
			a.order = []sortKey{{on: o}}
		}
	}
}

// written takes the order from the statement's own ORDER BY: a plan in which
// some index already gives it does not show it.
func (s *surveyor) written(text string) {
	tokens := tokenize(text)
	from := slices.IndexFunc(tokens, func(t token) bool { return t.depth == 0 && t.is("order") })
	if from < 0 || from+1 >= len(tokens) || !tokens[from+1].is("by") {
		return
	}
	var keys []string
	start := from + 2
	for n := start; n <= len(tokens); n++ {
		end := n == len(tokens) || tokens[n].depth == 0 && slices.ContainsFunc([]string{"limit", "offset", "fetch", "for", "union"}, tokens[n].is)
		if !end && !(tokens[n].depth == 0 && tokens[n].is(",")) {
			continue
		}
		if n > start {
			keys = append(keys, s.qualified(text, tokens[start:n]))
		}
		start = n + 1
		if end {
			break
		}
	}
	s.wanted(keys)
}

// qualified puts the alias before a column that stands alone, where there is
// but one relation that it can be of.
func (s *surveyor) qualified(text string, key []token) string {
	written := text[key[0].start:key[len(key)-1].end]
	alone := key[0].name() != "" && (len(key) == 1 || slices.ContainsFunc([]string{"asc", "desc", "nulls"}, key[1].is))
	if alone && len(s.order) == 1 {
		written = quote(s.order[0]) + "." + written
	}
	for n, t := range key {
		if t.is("asc") && n > 0 {
			written = strings.Replace(written, t.text, "", 1)
		}
	}
	return written
}

// outputs notes which columns are read of each relation. A scan below a join or
// the like may show columns that nobody asked for, as that costs it less; what
// the nodes above it show then counts.
func (s *surveyor) outputs(n node, asked bool) {
	scan := n.Relation != ""
	texts := []string{n.IndexCond, n.Recheck, n.Filter, n.JoinFilter, n.HashCond, n.MergeCond}
	texts = append(append(texts, n.SortKey...), n.GroupKey...)
	if !scan || asked {
		texts = append(texts, n.Output...)
	}
	for _, text := range texts {
		s.reads(text)
	}
	for _, below := range n.Plans {
		above := slices.Contains([]string{"Limit", "Subquery Scan", "Append", "Merge Append", "Gather", "Gather Merge", "LockRows", "Sort", "Incremental Sort", "Hash", "Materialize", "Memoize", "Unique"}, n.Type)
		s.outputs(below, above || slices.Contains([]string{"InitPlan", "SubPlan", "Subquery"}, below.Parent))
	}
}

func (s *surveyor) reads(text string) {
	tokens := tokenize(text)
	r := reading{text, s.known}
	if len(s.order) == 1 { // what is put out is then shown without the alias
		a := s.byAlias[s.order[0]]
		for n, t := range tokens {
			called := n+1 < len(tokens) && (tokens[n+1].is("(") || tokens[n+1].is("."))
			if name := t.name(); name != "" && !called && (n == 0 || !tokens[n-1].is("::")) && !slices.Contains(a.needs, name) {
				a.needs = append(a.needs, name)
			}
		}
	}
	for n := 0; n+2 < len(tokens); n++ {
		if tokens[n].name() == "" || !tokens[n+1].is(".") || !s.known(tokens[n].name()) {
			continue
		}
		a := s.byAlias[tokens[n].name()]
		if tokens[n+2].text == "*" {
			a.wide = true
		}
		if r.isColumn(tokens, n) && !slices.Contains(a.needs, tokens[n+2].name()) {
			a.needs = append(a.needs, tokens[n+2].name())
		}
	}
}
