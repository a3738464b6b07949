package advise

import (
	"fmt"
	"math"
	"slices"
	"strings"

	"github.com/senior-backend/toolkit/migrator/internal/schema"
)

const (
	parentRows = 5   // that a call returns, at least: fewer make no loop
	closest    = 0.5 // how far from one look-up per row the numbers may be
	fewCalls   = 20  // of the child; fewer cost nothing
)

// nPlusOne finds loops that look up one row, or the children of one row, for
// each row of a list. A pair of statements is one when the child looks up a
// single table by the columns of a foreign key, that key links the table to one
// that the parent reads, and the child is called about once for each row that
// the parent returns.
func nPlusOne(d *digest) []Finding {
	if d.Statistics == nil {
		return nil
	}
	var lists []Statement
	for _, s := range d.Statistics.Statements {
		if s.Calls > 0 && s.Rows >= parentRows*s.Calls && s.reads() {
			lists = append(lists, s)
		}
	}
	var findings []Finding
	for _, child := range d.Statistics.Statements {
		if child.Calls < fewCalls || !child.reads() {
			continue
		}
		table, by := d.lookedUp(child)
		if len(by) == 0 {
			continue
		}
		best, distance := (*pairing)(nil), closest
		for _, parent := range lists {
			if parent.Text == child.Text {
				continue
			}
			score := float64(child.Calls) / float64(parent.Rows)
			off := math.Abs(1 - score)
			if off >= distance {
				continue
			}
			if p := d.pair(parent, table, by); p != nil {
				p.parent, p.child, p.score = parent, child, score
				best, distance = p, off
			}
		}
		if best != nil {
			findings = append(findings, best.finding())
		}
	}
	return findings
}

// lookedUp is the one table that a statement reads, and the columns that it
// compares with parameters by =; none when it reads several tables.
func (d *digest) lookedUp(s Statement) (table schema.ID, by []string) {
	seen := 0
	for _, a := range s.accesses {
		base := d.base(a.table)
		if seen > 0 && (base != table || base == a.table) { // the parts of one table may be several
			return schema.ID{}, nil
		}
		table = base
		seen++
		for _, o := range a.equal {
			if o.column != "" && !slices.Contains(by, o.column) {
				by = append(by, o.column)
			}
		}
	}
	return table, by
}

// base is the table that a partition, or a table that inherits from another,
// is read for.
func (d *digest) base(id schema.ID) schema.ID {
	t, _ := d.Schema.Object(id).(*schema.Table)
	switch {
	case t == nil:
		return id
	case t.IsPartition():
		return d.base(t.PartitionOf)
	case len(t.Inherits) == 1:
		return d.base(t.Inherits[0])
	}
	return id
}

// pairing is a parent and a child that a foreign key links.
type pairing struct {
	parent, child Statement
	from, to      schema.ID // the parent's table, the child's
	columns       []string  // that the child looks up by
	score         float64   // the child's calls by the parent's rows
}

func (d *digest) pair(parent Statement, table schema.ID, by []string) *pairing {
	for _, a := range parent.accesses {
		from := d.base(a.table)
		if columns := d.linking(from, table, by); len(columns) > 0 {
			return &pairing{from: from, to: table, columns: columns}
		}
	}
	return nil
}

// linking are the columns by which a look-up in the table follows a foreign key
// between it and the other one, in either direction.
func (d *digest) linking(other, table schema.ID, by []string) []string {
	all := func(columns []string) bool {
		return len(columns) > 0 && !slices.ContainsFunc(columns, func(c string) bool { return !slices.Contains(by, c) })
	}
	for _, fk := range d.foreignKeys(table) {
		if fk.RefTable == other && all(fk.Columns) {
			return fk.Columns
		}
	}
	if other == table {
		return nil // one row of it looked up by its key is no child of the list
	}
	for _, fk := range d.foreignKeys(other) {
		if fk.RefTable == table && all(fk.RefColumns) {
			return fk.RefColumns
		}
	}
	return nil
}

func (p pairing) finding() Finding {
	fetch := fmt.Sprintf("SELECT * FROM %s WHERE %s = ANY($1), with the list's values as $1", path(p.to), quote(p.columns[0]))
	if len(p.columns) > 1 {
		arrays := make([]string, len(p.columns))
		for n := range p.columns {
			arrays[n] = fmt.Sprintf("$%d", n+1)
		}
		fetch = fmt.Sprintf("SELECT * FROM %s WHERE (%s) IN (SELECT * FROM unnest(%s)), with the list's values as arrays", path(p.to), list(p.columns), strings.Join(arrays, ", "))
	}
	return Finding{
		Table:   p.to,
		Columns: p.columns,
		Message: fmt.Sprintf("N+1: %s is looked up by %s once for each row of %s", TableName(p.to), strings.Join(p.columns, ", "), TableName(p.from)),
		Evidence: fmt.Sprintf("%d look-ups for %d rows of the list (%.2f each, %.0f per call of the list), %.0f ms in all; list: %s; look-up: %s",
			p.child.Calls, p.parent.Rows, p.score, float64(p.child.Calls)/float64(p.parent.Calls), p.child.TotalMS, p.parent.short(), p.child.short()),
		Advice: fmt.Sprintf("fetch them all at once: %s, or a JOIN with %s; an ORM calls that eager loading", fetch, path(p.from)),
	}
}

// lazyRelation names, where no statements are known, the relations that ORMs
// load one row at a time unless told otherwise.
func lazyRelation(d *digest) []Finding {
	if d.Statistics != nil && d.Statistics.Statements != nil {
		return nil
	}
	children := map[schema.ID][]string{}
	for _, t := range d.own() {
		for _, fk := range d.foreignKeys(t.Identity) {
			if len(fk.Columns) == 1 && fk.RefTable != t.Identity {
				children[fk.RefTable] = append(children[fk.RefTable], TableName(t.Identity)+" by "+fk.Columns[0])
			}
		}
	}
	var findings []Finding
	for _, t := range d.own() {
		of := children[t.Identity]
		if len(of) == 0 {
			continue
		}
		findings = append(findings, Finding{
			Table:    t.Identity,
			Message:  fmt.Sprintf("lists of %s risk N+1 queries: %s", TableName(t.Identity), strings.Join(of, ", ")),
			Evidence: "the foreign keys alone; how the tables are read is not known",
			Advice:   "load these relations eagerly where lists are shown; pg_stat_statements lets the analysis see what happens",
		})
	}
	return findings
}
