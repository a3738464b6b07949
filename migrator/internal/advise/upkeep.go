package advise

import (
	"fmt"
	"math"

	"github.com/senior-backend/toolkit/migrator/internal/schema"
)

const (
	manyRows   = 1000     // rows from which on the planner needs statistics
	deadShare  = 0.2      // as autovacuum_vacuum_scale_factor has it
	deadRows   = 10_000   // fewer are not worth a word
	bloatBytes = 10 << 20 // wasted space below is not worth a word
	bloatShare = 0.5      // of what the file takes
	page       = 8192
)

// neverAnalyzed finds tables of whose data the planner knows nothing.
func neverAnalyzed(d *digest) []Finding {
	if d.Statistics == nil || !d.Statistics.Primary {
		return nil
	}
	var findings []Finding
	for _, t := range d.tables {
		s, ok := d.Statistics.Tables[t.Identity]
		if !ok || t.IsPartitioned() || !s.Analyzed.IsZero() || s.Live < manyRows || d.analyzed(t) {
			continue
		}
		findings = append(findings, Finding{
			Table:    t.Identity,
			Message:  fmt.Sprintf("%s was never analysed: the planner guesses", TableName(t.Identity)),
			Evidence: fmt.Sprintf("about %d rows and no statistics", s.Live),
			Advice:   "analyse it, and see that autovacuum is on",
			SQL:      []string{"ANALYZE " + path(t.Identity)},
		})
	}
	return findings
}

// analyzed says whether there are statistics of a column, even if the counters
// that would say when they were made are lost.
func (d *digest) analyzed(t *schema.Table) bool {
	for _, c := range d.Schema.Columns(t.Identity) {
		if _, ok := d.Statistics.Columns[c.ID()]; ok {
			return true
		}
	}
	return false
}

// deadRowsLag finds tables that vacuum does not keep up with.
func deadRowsLag(d *digest) []Finding {
	if d.Statistics == nil || !d.Statistics.Primary {
		return nil
	}
	var findings []Finding
	for _, t := range d.tables {
		s := d.Statistics.Tables[t.Identity]
		if s.Dead < deadRows || float64(s.Dead) < deadShare*float64(s.Live+s.Dead) {
			continue
		}
		last := "never vacuumed"
		if !s.Vacuumed.IsZero() {
			last = "last vacuumed " + s.Vacuumed.Format("2006-01-02 15:04")
		}
		findings = append(findings, Finding{
			Table:    t.Identity,
			Message:  fmt.Sprintf("%s holds many dead rows", TableName(t.Identity)),
			Evidence: fmt.Sprintf("%d dead beside %d live rows, %s", s.Dead, s.Live, last),
			Advice:   "vacuum it; if they come back, lower autovacuum_vacuum_scale_factor for the table and look for long transactions and idle replication slots",
			SQL:      []string{"VACUUM (ANALYZE) " + path(t.Identity)},
		})
	}
	return findings
}

// tableBloat finds tables whose file is much larger than its rows need. The
// estimate takes the average widths that ANALYZE found, 28 bytes a row for its
// header and pointer and 8-byte alignment (as the server's storage layout has it).
func tableBloat(d *digest) []Finding {
	if d.Statistics == nil {
		return nil
	}
	var findings []Finding
	for _, t := range d.tables {
		s := d.Statistics.Tables[t.Identity]
		width, known := d.width(t.Identity, columnsOf(d.Schema.Columns(t.Identity)))
		if !known || t.Rows <= 0 || t.IsPartitioned() {
			continue
		}
		need := math.Ceil(t.Rows * (28 + align(width)) / (page - 24))
		wasted := (float64(s.Pages) - need) * page
		if wasted < bloatBytes || wasted < bloatShare*float64(s.Pages)*page {
			continue
		}
		findings = append(findings, Finding{
			Table:    t.Identity,
			Message:  fmt.Sprintf("%s takes much more room than its rows need", TableName(t.Identity)),
			Evidence: fmt.Sprintf("an estimate: %s, of which %s are free or dead", size(s.Pages*page), size(int64(wasted))),
			Advice:   "rewrite it while nobody needs it, as the statement locks it for all that time; pg_repack does it on a table in use",
			SQL:      []string{"VACUUM (FULL, ANALYZE) " + path(t.Identity)},
		})
	}
	return findings
}

// indexBloat finds B-trees that are much larger than their entries need: 16
// bytes an entry besides its keys, pages nine tenths full.
func indexBloat(d *digest) []Finding {
	if d.Statistics == nil {
		return nil
	}
	var findings []Finding
	for _, t := range d.tables {
		for _, i := range d.Schema.Indexes(t.Identity) {
			width, known := d.width(t.Identity, append(i.KeyColumns(), i.Include...))
			if i.Method != "btree" || i.Predicate != "" || !known || t.Rows < 0 || i.OnPartitioned || !i.Valid {
				continue
			}
			need := math.Ceil(t.Rows * (16 + align(width)) / (0.9 * page))
			wasted := float64(i.Bytes) - need*page
			if wasted < bloatBytes || wasted < bloatShare*float64(i.Bytes) {
				continue
			}
			findings = append(findings, Finding{
				Table: t.Identity, Columns: named(i),
				Message:  fmt.Sprintf("index %s takes much more room than it needs", i.Identity.Name),
				Evidence: fmt.Sprintf("an estimate: %s, of which %s are free", size(i.Bytes), size(int64(wasted))),
				Advice:   "build it again beside the old one",
				SQL:      []string{"REINDEX INDEX CONCURRENTLY " + path(i.Identity)},
			})
		}
	}
	return findings
}

// width is the average width of the columns together, and whether it is known of all.
func (d *digest) width(table schema.ID, columns []string) (float64, bool) {
	total := 0.0
	for _, name := range columns {
		c, ok := d.Statistics.Columns[schema.ColumnID(table, name)]
		if !ok {
			return 0, false
		}
		total += c.Width * (1 - c.Nulls)
	}
	return total, len(columns) > 0
}

func align(width float64) float64 { return math.Ceil(width/8) * 8 }
