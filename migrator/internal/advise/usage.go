package advise

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/senior-backend/toolkit/migrator/internal/schema"
	"github.com/senior-backend/toolkit/shared/report"
)

const (
	bigTable   = 10_000 // rows from which on reading all of a table is slow
	manyScans  = 20     // reads that are no accident
	longEnough = 30 * 24 * time.Hour
)

// seqScans finds big tables that are read from end to end again and again.
func seqScans(d *digest) []Finding {
	if d.Statistics == nil {
		return nil
	}
	var findings []Finding
	for _, t := range d.tables {
		s := d.Statistics.Tables[t.Identity]
		rows := t.Rows
		if rows < 0 {
			rows = float64(s.Live)
		}
		if rows < bigTable || s.SeqScans < manyScans || s.SeqScans <= s.IndexScans/10 || float64(s.SeqRows) < rows/2*float64(s.SeqScans) {
			continue
		}
		by := ""
		if texts := d.readers(t.Identity); len(texts) > 0 {
			by = "; by " + strings.Join(texts, "; ")
		}
		f := Finding{
			Table:   t.Identity,
			Message: fmt.Sprintf("%s is read from end to end again and again", TableName(t.Identity)),
			Evidence: fmt.Sprintf("%d sequential scans read %d rows of about %.0f each time, %d scans used an index%s%s",
				s.SeqScans, s.SeqRows/s.SeqScans, rows, s.IndexScans, d.since(), by),
			Advice: "find the statements that do it (pg_stat_statements) and index what they filter by; --suggest-indexes tries what it knows",
		}
		if c := d.obvious(t); c != nil {
			f.Advice = "index what the statement that does it most compares; --suggest-indexes tries this one and others, and says what they save"
			f.Columns, f.SQL = c.columns(), []string{c.statement(d.nameFor(*c, nil))}
		}
		findings = append(findings, f)
	}
	return findings
}

// obvious is the B-tree for the statement that reads all of a table most often:
// what it compares by =, then its order or range.
func (d *digest) obvious(t *schema.Table) *candidate {
	var best *candidate
	calls := int64(0)
	for n := range d.Statistics.Statements {
		s := &d.Statistics.Statements[n]
		for _, a := range s.accesses {
			root := d.root(a.table)
			if !a.whole || s.Calls <= calls || root == nil || root.Identity != t.Identity && a.table != t.Identity {
				continue
			}
			g := generator{d: d, table: root, access: a}
			g.whole()
			for _, c := range g.found {
				if c.where == "" && (best == nil || s.Calls > calls || len(c.keys) > len(best.keys)) {
					best, calls = &c, s.Calls
				}
			}
		}
	}
	return best
}

// since says from when on the counters count.
func (d *digest) since() string {
	if d.Statistics.Since.IsZero() {
		return ", since the statistics began"
	}
	return ", since " + d.Statistics.Since.Format("2006-01-02 15:04")
}

// unusedIndex finds indexes that no query used while their table was read. A
// standby's reads are not counted here, and a standby's own counters would hide
// those of the primary: the rule speaks on the primary alone.
func unusedIndex(d *digest) []Finding {
	if d.Statistics == nil || !d.Statistics.Primary {
		return nil
	}
	severity := report.SeverityInfo
	if !d.Statistics.Since.IsZero() && d.Now.Sub(d.Statistics.Since) > longEnough {
		severity = report.SeverityWarning
	}
	var findings []Finding
	for _, t := range d.tables {
		s := d.Statistics.Tables[t.Identity]
		if s.SeqScans+s.IndexScans < manyScans || t.IsPartitioned() || max(t.Rows, float64(s.Live)) < tryRows { // a small table is read whole, whatever indexes it has
			continue
		}
		for _, i := range d.indexes(t.Identity) {
			scans, known := d.Statistics.Indexes[i.Identity]
			if !known || scans > 0 || i.Unique || !i.Valid || d.ties(i) > 0 || d.servesKey(t, i) || d.overlaps(t, i) {
				continue
			}
			findings = append(findings, Finding{
				Table: t.Identity, Columns: named(i), Severity: severity,
				Message: fmt.Sprintf("index %s is not used", i.Identity.Name),
				Evidence: fmt.Sprintf("no scan of it while %s was read %d times%s; it takes %s and slows each write; reads on standbys are not counted",
					TableName(t.Identity), s.SeqScans+s.IndexScans, d.since(), size(i.Bytes)),
				Advice: "drop it once the statistics cover all that runs, also monthly jobs and standbys",
				SQL:    []string{dropIndex(t, i)},
			})
		}
	}
	return findings
}

// overlaps says whether another index begins alike. The planner uses one of the
// two; which of them goes is for the rules on duplicates to say, lest both do.
func (d *digest) overlaps(t *schema.Table, i *schema.Index) bool {
	return slices.ContainsFunc(d.indexes(t.Identity), func(o *schema.Index) bool {
		return o != i && o.Valid && (begins(i, o) || begins(o, i) || shape(i) == shape(o))
	})
}

// servesKey says whether an index is the only one that serves a foreign key:
// deletes of referenced rows need it, however seldom they are.
func (d *digest) servesKey(t *schema.Table, i *schema.Index) bool {
	return slices.ContainsFunc(d.foreignKeys(t.Identity), func(fk *schema.Constraint) bool {
		if !i.Covers(fk.Columns) {
			return false
		}
		others := slices.DeleteFunc(d.Schema.Indexes(t.Identity), func(o *schema.Index) bool { return o.Identity == i.Identity })
		return !slices.ContainsFunc(others, func(o *schema.Index) bool { return o.Valid && o.Predicate == "" && o.Covers(fk.Columns) })
	})
}
