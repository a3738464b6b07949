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
// single table by one column, a foreign key links that table to one that the
// parent reads, and the child is called about once for each row that the
// parent returns.
func nPlusOne(d *digest) []Finding {
	if d.Statistics == nil {
		return nil
	}
	var findings []Finding
	for _, child := range d.Statistics.Statements {
		if !child.reads() || child.Calls < fewCalls || len(child.Scans) != 1 || len(child.Scans[0].Equal) == 0 {
			continue
		}
		best, distance := (*pairing)(nil), closest
		for _, parent := range d.Statistics.Statements {
			if parent.Text == child.Text || !parent.reads() || parent.Rows < parentRows*parent.Calls || parent.Calls == 0 {
				continue
			}
			p := d.pair(parent, child)
			if p == nil {
				continue
			}
			if off := math.Abs(1 - p.score); off < distance {
				best, distance = p, off
			}
		}
		if best != nil {
			findings = append(findings, best.finding())
		}
	}
	return findings
}

// pairing is a parent and a child that a foreign key links.
type pairing struct {
	parent, child Statement
	from, to      schema.ID // the parent's table, the child's
	column        string    // that the child looks up by
	score         float64   // the child's calls by the parent's rows
}

func (d *digest) pair(parent, child Statement) *pairing {
	scan := child.Scans[0]
	for _, other := range parent.Scans {
		if other.Table == scan.Table {
			continue
		}
		column := d.linking(other.Table, scan)
		if column == "" {
			continue
		}
		return &pairing{
			parent: parent, child: child, from: other.Table, to: scan.Table, column: column,
			score: float64(child.Calls) / float64(parent.Rows),
		}
	}
	return nil
}

// linking is the column by which the scan follows a foreign key between its
// table and the other one, in either direction.
func (d *digest) linking(other schema.ID, scan Scan) string {
	for _, fk := range d.foreignKeys(scan.Table) {
		if fk.RefTable == other && len(fk.Columns) == 1 && slices.Contains(scan.Equal, fk.Columns[0]) {
			return fk.Columns[0]
		}
	}
	for _, fk := range d.foreignKeys(other) {
		if fk.RefTable == scan.Table && len(fk.RefColumns) == 1 && slices.Contains(scan.Equal, fk.RefColumns[0]) {
			return fk.RefColumns[0]
		}
	}
	return ""
}

func (p pairing) finding() Finding {
	return Finding{
		Table:   p.to,
		Columns: []string{p.column},
		Message: fmt.Sprintf("N+1: %s is looked up by %s once for each row of %s", TableName(p.to), p.column, TableName(p.from)),
		Evidence: fmt.Sprintf("%d look-ups for %d rows of the list (%.2f each, %.0f per call of the list), %.0f ms in all; list: %s; look-up: %s",
			p.child.Calls, p.parent.Rows, p.score, float64(p.child.Calls)/float64(p.parent.Calls), p.child.TotalMS, p.parent.short(), p.child.short()),
		Advice: fmt.Sprintf("fetch them all at once: SELECT * FROM %s WHERE %s = ANY($1), with the list's values as $1, or a JOIN with %s; an ORM calls that eager loading",
			path(p.to), quote(p.column), path(p.from)),
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
