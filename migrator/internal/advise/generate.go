package advise

import (
	"slices"
	"strings"

	"github.com/senior-backend/toolkit/migrator/internal/schema"
)

// generator makes the candidates of one access.
type generator struct {
	d      *digest
	table  *schema.Table
	access *access
	reads  bool // the statement only reads
	found  []candidate
}

// whole makes the B-trees: columns compared by = first, then the order that is
// wanted, then a range.
func (g *generator) whole() {
	a := g.access
	equal := g.bySelectivity(a.equal)
	if len(equal) > mostKeys {
		equal = equal[:mostKeys]
	}
	var lists [][]candidateKey
	add := func(groups ...[]candidateKey) {
		if keys := slices.Concat(groups...); len(keys) > 0 {
			lists = append(lists, distinct(keys))
		}
	}
	add(equal)
	for n := range equal {
		add(equal[n : n+1])
		add(equal[n:n+1], equal)
		add(equal[n:n+1], slices.Concat(equal[n+1:], equal[:n]))
	}
	order := g.order()
	add(equal, order)
	add(order)
	for _, o := range a.listed {
		one := []candidateKey{keyOf(o)}
		add(equal, one)
		add(one, order)
		add(equal, one, order)
	}
	for _, o := range a.ranges {
		one := []candidateKey{keyOf(o)}
		add(equal, one)
		add(one)
		add(equal, order, one)
	}
	joins := g.bySelectivity(a.joins)
	for n := range joins {
		add(joins[n : n+1])
		add(joins[n:n+1], equal)
		add(equal, joins[n:n+1])
		add(joins[n:n+1], order)
	}
	if len(joins) > 1 && len(joins) <= mostKeys {
		add(joins)
		add(equal, joins)
	}
	where := g.predicate()
	if where != "" && len(lists) == 0 {
		if key := g.d.primaryKey(g.table.Identity); key != nil {
			add([]candidateKey{{sql: quote(key.Columns[0]), column: key.Columns[0], columns: key.Columns[:1]}})
		}
	}
	for _, keys := range lists {
		g.tree(keys, where)
	}
}

// tree adds a B-tree, its covering form and its partial form.
func (g *generator) tree(keys []candidateKey, where string) {
	if len(keys) > mostKeys {
		keys = keys[:mostKeys]
	}
	for _, k := range keys {
		if !g.d.indexable(g.table, k.columns) && k.column != "" {
			return
		}
	}
	c := candidate{table: g.table, method: "btree", keys: keys}
	g.add(c)
	include := g.included(keys)
	if len(include) > 0 {
		covering := c
		covering.include = include
		g.add(covering)
	}
	if where == "" {
		return
	}
	c.where = where
	g.add(c)
	if len(include) > 0 {
		c.include = include
		g.add(c)
	}
}

func (g *generator) add(c candidate) {
	if c.method == "btree" && (g.d.has(c) || g.spared(c)) {
		return
	}
	g.found = append(g.found, c)
}

// distinct leaves out keys that come a second time.
func distinct(keys []candidateKey) []candidateKey {
	var kept []candidateKey
	for _, k := range keys {
		if !slices.ContainsFunc(kept, func(o candidateKey) bool { return o.sql == k.sql }) {
			kept = append(kept, k)
		}
	}
	return kept
}

// bySelectivity puts the columns of more values first.
func (g *generator) bySelectivity(operands []operand) []candidateKey {
	var keys []candidateKey
	for _, o := range operands {
		keys = append(keys, keyOf(o))
	}
	slices.SortStableFunc(keys, func(a, b candidateKey) int {
		da, db := g.values(a), g.values(b)
		switch {
		case da > db:
			return -1
		case da < db:
			return 1
		}
		return 0
	})
	return keys
}

// values is about how many values a key has.
func (g *generator) values(k candidateKey) float64 {
	if g.d.Statistics == nil || k.column == "" {
		return 0
	}
	distinct := g.d.Statistics.Columns[schema.ColumnID(g.table.Identity, k.column)].Distinct
	if distinct < 0 {
		return -distinct * g.d.live(g.table)
	}
	return distinct
}

// order is the wanted order as keys. One that goes down in all columns is the
// same as one that goes up, read backwards.
func (g *generator) order() []candidateKey {
	keys := slices.Clone(g.access.order)
	if len(keys) == 0 {
		return nil
	}
	if keys[0].descending {
		for n := range keys {
			keys[n].descending, keys[n].nullsFirst = !keys[n].descending, !keys[n].nullsFirst
		}
	}
	var found []candidateKey
	for _, k := range keys {
		key := keyOf(k.on)
		if k.descending {
			key.suffix = " DESC"
		}
		if !k.plain() {
			key.suffix += map[bool]string{true: " NULLS FIRST", false: " NULLS LAST"}[k.nullsFirst]
		}
		found = append(found, key)
	}
	return found
}

// predicate is the condition of a partial index: what the statement always
// says and few rows fulfil.
func (g *generator) predicate() string {
	if g.d.Statistics == nil {
		return ""
	}
	var conditions []string
	for _, p := range g.access.fixed {
		stats, known := g.d.Statistics.Columns[schema.ColumnID(g.table.Identity, p.on.column)]
		if p.on.column == "" || !known {
			continue
		}
		condition, share := "", 1.0
		switch p.by {
		case "is null":
			condition, share = quote(p.on.column)+" IS NULL", stats.Nulls
		case "is not null":
			condition, share = quote(p.on.column)+" IS NOT NULL", 1-stats.Nulls
		case "is true":
			condition, share = quote(p.on.column), stats.share("t")
		case "is false":
			condition, share = "NOT "+quote(p.on.column), stats.share("f")
		}
		if share <= fewEnough && !slices.Contains(conditions, condition) {
			conditions = append(conditions, condition)
		}
	}
	slices.Sort(conditions)
	return strings.Join(conditions, " AND ")
}

// included are the few columns beside the keys with which the statement needs
// no look at the table.
func (g *generator) included(keys []candidateKey) []string {
	if !g.reads || g.access.needs == nil || g.d.Statistics == nil {
		return nil
	}
	var rest []string
	width := 0.0
	for _, name := range g.access.needs {
		if slices.ContainsFunc(keys, func(k candidateKey) bool { return k.column == name }) {
			continue
		}
		if slices.Contains([]string{"ctid", "tableoid", "xmin", "xmax", "cmin", "cmax"}, name) {
			return nil
		}
		if g.d.Schema.Column(g.table.Identity, name) == nil {
			continue // a key word
		}
		stats, known := g.d.Statistics.Columns[schema.ColumnID(g.table.Identity, name)]
		if !known {
			return nil
		}
		rest, width = append(rest, name), width+stats.Width
	}
	if len(rest) > mostIncluded || width > mostWidth || len(keys)+len(rest) >= len(g.d.Schema.Columns(g.table.Identity)) { // a second copy of the table
		return nil
	}
	slices.Sort(rest)
	return rest
}
