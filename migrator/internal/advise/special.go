package advise

import (
	"math"
	"slices"
	"strings"

	"github.com/senior-backend/toolkit/migrator/internal/schema"
)

// A table that lies in the order of a column, and is so large that an index of
// all its rows weighs.
const (
	orderly    = 0.95   // correlation of a column with the order of the rows, as pg_stats has it
	manyPages  = 10_000 // of 8 kB
	brinBlocks = 128    // pages that an entry of a BRIN index stands for, unless told otherwise
)

// special makes the indexes for operators that a plain B-tree does not know.
func (g *generator) special() {
	for _, p := range g.access.within {
		if c, ok := g.prefix(p); ok {
			g.found = append(g.found, c)
			continue
		}
		if c, ok := g.specialFor(p); ok {
			g.found = append(g.found, c)
		}
	}
}

// specialFor is the GIN or GiST index for a condition.
func (g *generator) specialFor(p predicate) (candidate, bool) {
	typed := g.typed(p.on)
	key := keyOf(p.on)
	c := candidate{table: g.table, method: "gin"}
	switch {
	case slices.Contains([]string{"~~", "~~*", "~", "~*", "%"}, p.by) && (typed == "" || isText(typed)):
		class, prepare, ok := g.trigrams()
		if !ok {
			return c, false
		}
		key.suffix, c.prepare = " "+class, prepare
	case typed == "jsonb" && slices.Contains([]string{"@>", "@?", "@@"}, p.by):
		key.suffix = " jsonb_path_ops"
	case typed == "jsonb" && strings.HasPrefix(p.by, "?"), p.by == "@@" && (typed == "tsvector" || typed == ""):
	case strings.HasSuffix(typed, "[]") && slices.Contains([]string{"@>", "<@", "&&"}, p.by):
	case strings.HasSuffix(typed, "range") && slices.Contains([]string{"@>", "<@", "&&", "-|-", "<<", ">>"}, p.by):
		c.method = "gist"
	default:
		return c, false
	}
	c.keys = []candidateKey{key}
	return c, true
}

// typed is the type of a column, and empty for an expression.
func (g *generator) typed(o operand) string {
	if c := g.d.Schema.Column(g.table.Identity, o.column); c != nil {
		return typeOf(c)
	}
	return ""
}

func isText(typed string) bool {
	return typed == "text" || typed == "character varying" || typed == "character"
}

// prefix is the B-tree for LIKE with a pattern that is known and begins with
// letters. In a locale with rules of its own it needs another operator class.
func (g *generator) prefix(p predicate) (candidate, bool) {
	typed := g.typed(p.on)
	if p.by != "~~" || !isText(typed) || p.with.constant == "" || strings.ContainsAny(p.with.constant[:1], `%_\`) {
		return candidate{}, false
	}
	key := keyOf(p.on)
	if c := g.d.Schema.Column(g.table.Identity, p.on.column); !bytewise(c.Collation) && (c.Collation != "" || g.d.Statistics == nil || !bytewise(g.d.Statistics.Server.Collate)) {
		key.suffix = " text_pattern_ops"
		if typed == "character" {
			key.suffix = " bpchar_pattern_ops"
		}
	}
	c := candidate{table: g.table, method: "btree", keys: []candidateKey{key}}
	return c, !g.d.has(c)
}

// bytewise says whether a collation compares bytes, so that a prefix is a range.
func bytewise(collation string) bool {
	name := strings.Trim(collation[strings.LastIndexByte(collation, '.')+1:], `"`)
	return name == "C" || name == "POSIX"
}

// ranges makes BRIN indexes for ranges of columns that grow with the table.
func (g *generator) ranges() {
	if g.d.Statistics == nil || g.table.IsPartitioned() || g.d.Statistics.Tables[g.table.Identity].Pages < manyPages {
		return
	}
	for _, o := range g.access.ranges {
		if o.column == "" || math.Abs(g.d.Statistics.Columns[schema.ColumnID(g.table.Identity, o.column)].Correlation) < orderly {
			continue
		}
		c := candidate{table: g.table, method: "brin", keys: []candidateKey{keyOf(o)}}
		if !g.summarised(o.column) {
			g.found = append(g.found, c)
		}
	}
}

// spared says whether a BRIN index that is there was preferred to the B-tree:
// the statement only reads ranges.
func (g *generator) spared(c candidate) bool {
	return len(c.keys) == 1 && len(g.access.order) == 0 && g.summarised(c.keys[0].column) &&
		slices.ContainsFunc(g.access.ranges, func(o operand) bool { return o.column == c.keys[0].column })
}

// summarised says whether there is a BRIN index on the column.
func (g *generator) summarised(column string) bool {
	return slices.ContainsFunc(g.d.Schema.Indexes(g.table.Identity), func(i *schema.Index) bool {
		return i.Valid && i.Method == "brin" && i.Keys[0].Column == column
	})
}

// trigrams is the operator class for LIKE and its like, and what makes it.
func (g *generator) trigrams() (class string, prepare []string, ok bool) {
	if e, _ := g.d.Schema.Object(schema.ID{Kind: schema.KindExtension, Name: "pg_trgm"}).(*schema.Extension); e != nil {
		if e.In == "public" || e.In == "" {
			return "gin_trgm_ops", nil, true
		}
		return quote(e.In) + ".gin_trgm_ops", nil, true
	}
	if g.d.Statistics != nil && g.d.Statistics.Trigrams {
		return "gin_trgm_ops", []string{"CREATE EXTENSION IF NOT EXISTS pg_trgm"}, true
	}
	return "", nil, false
}
