package advise

import (
	"fmt"
	"strings"

	"github.com/senior-backend/toolkit/migrator/internal/schema"
	"github.com/senior-backend/toolkit/shared/report"
)

// nullableUnique finds unique keys with columns that may be NULL: rows that
// differ in nothing but hold a NULL do not collide.
func nullableUnique(d *digest) []Finding {
	var findings []Finding
	for _, t := range d.own() {
		for _, i := range d.indexes(t.Identity) {
			if !i.Unique || i.Primary || i.NullsNotDistinct || !i.Valid {
				continue
			}
			if nullable := d.nullable(i); len(nullable) > 0 {
				findings = append(findings, d.closeKey(t, i, nullable))
			}
		}
	}
	return findings
}

// nullable lists the key columns that may be NULL and that no predicate keeps from it.
func (d *digest) nullable(i *schema.Index) []string {
	var columns []string
	for _, name := range named(i) {
		c := d.Schema.Column(i.Table, name)
		if c != nil && !c.NotNull && !strings.Contains(i.Predicate, quote(name)+" IS NOT NULL") && !strings.Contains(i.Predicate, quote(name)+" IS NULL") {
			columns = append(columns, name)
		}
	}
	return columns
}

func (d *digest) closeKey(t *schema.Table, i *schema.Index, nullable []string) Finding {
	f := Finding{
		Table:    t.Identity,
		Columns:  nullable,
		Message:  fmt.Sprintf("unique key %s holds %s, which may be NULL: such rows never collide", i.Identity.Name, columnNames(t.Identity, nullable)),
		Evidence: i.Definition,
		Advice:   "forbid NULL if every row has a value; otherwise, from PostgreSQL 15 on, make the key NULLS NOT DISTINCT, or leave it if several rows without a value are meant",
	}
	if len(i.Keys) > 1 {
		f.Severity = report.SeverityWarning
	}
	for _, name := range nullable {
		if rows := d.rows(t); rows >= 0 && rows < bigTable { // read in a moment
			f.SQL = append(f.SQL, fmt.Sprintf("ALTER TABLE %s ALTER COLUMN %s SET NOT NULL", path(t.Identity), quote(name)))
			continue
		}
		f.SQL = append(f.SQL, d.forbidNull(t, name)...)
	}
	return f
}

// knownRows is how many rows a table must have for its statistics to tell
// what its data is like.
const knownRows = 100

// missingNotNull finds columns that may be NULL and, by the statistics, never are.
func missingNotNull(d *digest) []Finding {
	if d.Statistics == nil {
		return nil
	}
	var findings []Finding
	for _, t := range d.own() {
		if d.rows(t) < knownRows || t.IsPartitioned() {
			continue
		}
		f := Finding{Table: t.Identity}
		for _, c := range d.columns(t) {
			stats, ok := d.Statistics.Columns[c.ID()]
			if c.NotNull || !ok || stats.Nulls > 0 {
				continue
			}
			f.Columns = append(f.Columns, c.ID().Name)
			f.SQL = append(f.SQL, d.forbidNull(t, c.ID().Name)...)
		}
		if len(f.Columns) == 0 {
			continue
		}
		f.Message = fmt.Sprintf("%s of %s may be NULL and never %s", strings.Join(f.Columns, ", "), TableName(t.Identity), verb(len(f.Columns), "is", "are"))
		f.Evidence = fmt.Sprintf("the statistics of about %.0f rows count no NULL", t.Rows)
		f.Advice = "forbid NULL where a value is always meant to be there; the check is validated without blocking writers"
		findings = append(findings, f)
	}
	return findings
}

// forbidNull sets NOT NULL without reading the table under an exclusive lock:
// a validated check spares that (PostgreSQL 12 on).
func (d *digest) forbidNull(t *schema.Table, column string) []string {
	table := path(t.Identity)
	check := quote(shorten(t.Identity.Name+"_"+column+"_not_null", func(name string) bool {
		return d.Schema.Has(schema.ID{Kind: schema.KindConstraint, Schema: t.Identity.Schema, Parent: t.Identity.Name, Name: name})
	}))
	return []string{
		fmt.Sprintf("ALTER TABLE %s ADD CONSTRAINT %s CHECK (%s IS NOT NULL) NOT VALID", table, check, quote(column)),
		fmt.Sprintf("ALTER TABLE %s VALIDATE CONSTRAINT %s", table, check),
		fmt.Sprintf("ALTER TABLE %s ALTER COLUMN %s SET NOT NULL", table, quote(column)),
		fmt.Sprintf("ALTER TABLE %s DROP CONSTRAINT %s", table, check),
	}
}

func verb(n int, one, many string) string {
	if n == 1 {
		return one
	}
	return many
}
