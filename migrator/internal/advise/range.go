package advise

import (
	"fmt"
	"math"
	"time"

	"github.com/senior-backend/toolkit/migrator/internal/schema"
	"github.com/senior-backend/toolkit/shared/report"
)

// Shares of a range at which its end comes into sight.
const (
	rangeWarn = 0.5
	rangeBad  = 0.8
)

// idRange finds primary keys of a type whose numbers can run out.
func idRange(d *digest) []Finding {
	var findings []Finding
	for _, t := range d.own() {
		key := d.primaryKey(t.Identity)
		if key == nil || len(key.Columns) != 1 || len(d.referencing(t.Identity, key.Columns[0])) > 0 {
			continue // what references another table's key follows that
		}
		c := d.Schema.Column(t.Identity, key.Columns[0])
		if c == nil || width(c.Type) == 0 || width(c.Type) == 8 {
			continue
		}
		f := Finding{
			Table:   t.Identity,
			Columns: key.Columns,
			Message: fmt.Sprintf("primary key %s is %s, which ends at %.0f", columnNames(t.Identity, key.Columns), c.Type, top(c.Type)),
			Advice:  "make it bigint, with the columns that reference it; this rewrites the tables",
		}
		if last := d.lastValue(c); last > 0 {
			f.Severity, f.Evidence = d.used(t, float64(last), top(c.Type))
		}
		f.SQL = d.widen(c)
		if f.SQL == nil {
			f.Advice = d.rebuildAdvice(c, "bigint")
		}
		findings = append(findings, f)
	}
	return findings
}

// top is the largest number of an integer type.
func top(name string) float64 { return math.Pow(2, float64(8*width(name)-1)) - 1 }

// referencing lists the foreign keys of a table that a column belongs to.
func (d *digest) referencing(table schema.ID, column string) []*schema.Constraint {
	var keys []*schema.Constraint
	for _, fk := range d.foreignKeys(table) {
		for _, c := range fk.Columns {
			if c == column {
				keys = append(keys, fk)
			}
		}
	}
	return keys
}

// feeding is the sequence that a column takes its default from, or nil.
func (d *digest) feeding(c *schema.Column) *schema.Sequence {
	for _, need := range d.Schema.Depends[schema.DefaultID(c.Table, c.ID().Name)] {
		if s, ok := d.Schema.Object(need).(*schema.Sequence); ok {
			return s
		}
	}
	return nil
}

// lastValue is the last number handed out for a column, 0 when unknown.
func (d *digest) lastValue(c *schema.Column) int64 {
	if d.Statistics == nil {
		return 0
	}
	if c.Sequence != nil {
		return c.Sequence.Last
	}
	if s := d.feeding(c); s != nil {
		return s.Last
	}
	return 0
}

// used says how much of a range is gone and, from the growth since the
// statistics were reset, when it ends.
func (d *digest) used(t *schema.Table, last, end float64) (report.Severity, string) {
	share := last / end
	severity := report.SeverityInfo
	switch {
	case share >= rangeBad:
		severity = report.SeverityError
	case share >= rangeWarn:
		severity = report.SeverityWarning
	}
	evidence := fmt.Sprintf("%.1f%% of the range is used (%.0f of %.0f)", 100*share, last, end)
	if t == nil || d.Statistics == nil || d.Statistics.Since.IsZero() {
		return severity, evidence
	}
	days := d.Now.Sub(d.Statistics.Since).Hours() / 24
	perDay := float64(d.Statistics.Tables[t.Identity].Inserted) / days
	if days < 1 || perDay <= 0 {
		return severity, evidence
	}
	left := (end - last) / perDay
	if left > 365*50 {
		return severity, evidence + fmt.Sprintf("; at %.0f rows a day that lasts for more than 50 years", perDay)
	}
	return severity, evidence + fmt.Sprintf("; at %.0f rows a day it is full in %s", perDay, d.Now.Add(time.Duration(left*24)*time.Hour).Format("January 2006"))
}

// widen makes a key bigint together with its sequence and all that references it.
func (d *digest) widen(c *schema.Column) []string {
	statements := d.alterType(c, "bigint", "")
	if statements == nil {
		return nil
	}
	if s := d.feeding(c); s != nil && width(s.Type) < 8 {
		statements = append(statements, fmt.Sprintf("ALTER SEQUENCE %s AS bigint", path(s.Identity)))
	}
	for _, t := range d.own() {
		for _, fk := range d.foreignKeys(t.Identity) {
			for i, name := range fk.Columns {
				if fk.RefTable != c.Table || i >= len(fk.RefColumns) || fk.RefColumns[i] != c.ID().Name {
					continue
				}
				other := d.Schema.Column(t.Identity, name)
				if other == nil || width(other.Type) == 0 || width(other.Type) == 8 || other == c {
					continue
				}
				more := d.alterType(other, "bigint", "")
				if more == nil {
					return nil
				}
				statements = append(statements, more...)
			}
		}
	}
	return statements
}

// sequenceRange finds sequences that are more than half used.
func sequenceRange(d *digest) []Finding {
	if d.Statistics == nil {
		return nil
	}
	var findings []Finding
	for _, s := range d.Schema.Sequences() {
		if s.Cycle || s.Increment <= 0 || float64(s.Last) < rangeWarn*float64(s.Max) {
			continue
		}
		owner, _ := d.Schema.Object(schema.ID{Kind: schema.KindTable, Schema: s.OwnedBy.Schema, Name: s.OwnedBy.Parent}).(*schema.Table)
		severity, evidence := d.used(owner, float64(s.Last), float64(s.Max))
		f := Finding{
			Table:    s.Identity,
			Severity: severity,
			Message:  fmt.Sprintf("sequence %s runs out", TableName(s.Identity)),
			Evidence: evidence,
			Advice:   "raise its end; the columns that it feeds must be bigint, too",
			SQL:      []string{fmt.Sprintf("ALTER SEQUENCE %s AS bigint NO MAXVALUE", path(s.Identity))},
		}
		if owner != nil {
			f.Table = owner.Identity
		}
		findings = append(findings, f)
	}
	return findings
}
