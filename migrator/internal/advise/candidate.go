package advise

import (
	"fmt"
	"slices"
	"strings"

	"github.com/senior-backend/toolkit/migrator/internal/schema"
)

// Bounds of what is tried.
const (
	mostKeys     = 4    // columns of a key
	mostIncluded = 3    // columns beside it
	mostWidth    = 40   // bytes of those
	fewEnough    = 0.5  // share of the rows from which on down a partial index is one
	tryRows      = 1000 // rows of a table, for an index to matter
	quickShare   = 0.2  // of a table's pages, below which a statement did not read it whole
)

// candidate is an index that might help.
type candidate struct {
	table   *schema.Table
	method  string
	keys    []candidateKey
	include []string
	where   string
	prepare []string // statements that must run before

	beside []candidate // the others that a condition with OR needs at the same time
}

// all lists the candidate and those beside it.
func (c candidate) all() []candidate {
	alone := c
	alone.beside = nil
	return append([]candidate{alone}, c.beside...)
}

// candidateKey is a key of an index: a column, or an expression in parentheses.
type candidateKey struct {
	sql     string
	column  string   // empty for an expression
	columns []string // that it reads
	suffix  string   // operator class, direction
}

func keyOf(o operand) candidateKey {
	return candidateKey{sql: o.key(), column: o.column, columns: o.columns}
}

// definition is what follows the index's name.
func (c candidate) definition() string {
	var keys []string
	for _, k := range c.keys {
		keys = append(keys, k.sql+k.suffix)
	}
	text := " ON " + path(c.table.Identity)
	if c.method != "btree" {
		text += " USING " + c.method
	}
	text += " (" + strings.Join(keys, ", ") + ")"
	if len(c.include) > 0 {
		text += " INCLUDE (" + list(c.include) + ")"
	}
	if c.where != "" {
		text += " WHERE " + c.where
	}
	return text
}

// computed says whether a key is an expression.
func (c candidate) computed() bool {
	return slices.ContainsFunc(c.keys, func(k candidateKey) bool { return k.column == "" })
}

// identity tells candidates apart.
func (c candidate) identity() string {
	var definitions []string
	for _, one := range c.all() {
		definitions = append(definitions, one.definition())
	}
	return strings.Join(definitions, ";")
}

// columns are the names that the index is called by.
func (c candidate) columns() []string {
	var names []string
	for _, k := range c.keys {
		names = append(names, k.columns...)
	}
	return slices.Compact(names)
}

// parts are what its name is made of.
func (c candidate) parts() []string {
	var parts []string
	for _, k := range c.keys {
		part := k.column
		if part == "" {
			var words []string
			for _, t := range tokenize(k.sql) {
				if name := t.name(); name != "" && plain.MatchString(name) {
					words = append(words, name)
				}
			}
			part = strings.Join(words, "_")
		}
		parts = append(parts, part)
	}
	if c.method != "btree" {
		parts = append(parts, c.method)
	}
	if c.where != "" {
		parts = append(parts, "partial")
	}
	return parts
}

// candidates are the indexes that might help a statement.
func (d *digest) candidates(s *Statement) []candidate {
	var found []candidate
	for _, a := range s.accesses {
		t := d.root(a.table)
		if t == nil || d.live(t) < tryRows || d.quick(s, a, t) {
			continue
		}
		g := generator{d: d, table: t, access: a, reads: s.reads()}
		g.whole()
		g.special()
		g.ranges()
		g.either()
		found = append(found, g.found...)
	}
	return found
}

// quick says whether the statement looked at far fewer pages than its generic
// plan would: with the values that came, an index serves it. That is so for
// LIKE, whose pattern the server does not keep, and for partial indexes.
func (d *digest) quick(s *Statement, a *access, t *schema.Table) bool {
	odd := slices.ContainsFunc(a.within, func(p predicate) bool { return p.by == "~~" && p.with.constant == "" }) ||
		slices.ContainsFunc(d.Schema.Indexes(t.Identity), func(i *schema.Index) bool { return i.Valid && i.Predicate != "" })
	pages := float64(d.Statistics.Tables[t.Identity].Pages)
	return odd && a.whole && s.Blocks > 0 && float64(s.Blocks) < quickShare*pages*float64(s.Calls)
}

// root is the table that a partition belongs to, or the table itself.
func (d *digest) root(id schema.ID) *schema.Table {
	for {
		t, _ := d.Schema.Object(id).(*schema.Table)
		if t == nil || !t.IsPartition() {
			return t
		}
		id = t.PartitionOf
	}
}

// live is about how many rows a table holds, with those of its partitions.
func (d *digest) live(t *schema.Table) float64 {
	if !t.IsPartitioned() {
		rows := t.Rows
		if d.Statistics != nil && (rows < 0 || rows == 0) {
			rows = float64(d.Statistics.Tables[t.Identity].Live)
		}
		return rows
	}
	total := 0.0
	for _, part := range d.tables {
		if part.PartitionOf == t.Identity {
			total += max(0, d.live(part))
		}
	}
	return total
}

// nameFor is a name for the index that nothing bears yet.
func (d *digest) nameFor(c candidate, taken []string) string {
	return shorten("idx_"+c.table.Identity.Name+"_"+strings.Join(c.parts(), "_"), func(name string) bool {
		return d.taken(c.table.Identity.Schema, name) || slices.Contains(taken, name)
	})
}

// statement makes the index.
func (c candidate) statement(name string) string {
	concurrently := "CONCURRENTLY "
	if c.table.IsPartitioned() {
		concurrently = ""
	}
	return fmt.Sprintf("CREATE INDEX %sIF NOT EXISTS %s%s", concurrently, quote(name), c.definition())
}

// has says whether an index that is there does what the candidate would, or
// will once it is valid again: that is for invalid-index to mend.
func (d *digest) has(c candidate) bool {
	return slices.ContainsFunc(d.Schema.Indexes(c.table.Identity), func(i *schema.Index) bool {
		if i.Method != "btree" || i.Predicate != "" && strings.Trim(i.Predicate, "()") != strings.Trim(c.where, "()") || len(c.keys) > len(i.Keys) {
			return false
		}
		for n, k := range c.keys {
			direction := ""
			if i.Keys[n].Descending {
				direction = " DESC"
			}
			if k.column == "" || i.Keys[n].Column != k.column || k.suffix != direction || !i.Keys[n].DefaultOp || i.Keys[n].NullsFirst != i.Keys[n].Descending {
				return false
			}
		}
		held := append(i.KeyColumns(), i.Include...)
		return !slices.ContainsFunc(c.include, func(name string) bool { return !slices.Contains(held, name) })
	})
}
