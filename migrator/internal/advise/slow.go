package advise

import (
	"fmt"
	"slices"
	"strings"

	"github.com/senior-backend/toolkit/migrator/internal/schema"
)

const (
	slowMS     = 100 // on average
	heavyShare = 0.2 // of the time of all statements
	heavyMS    = 5   // on average, for a statement to count as heavy
	heavyTotal = 10_000
	mostSlow   = 10 // statements named
)

// slowStatements finds statements that take long, or most of the time.
func slowStatements(d *digest) []Finding {
	if d.Statistics == nil {
		return nil
	}
	all := 0.0
	for _, s := range d.Statistics.Statements {
		all += s.TotalMS
	}
	var findings []Finding
	for _, s := range d.Statistics.Statements {
		heavy := s.TotalMS >= max(heavyShare*all, heavyTotal) && s.MeanMS >= heavyMS
		if s.MeanMS < slowMS && !heavy || len(findings) == mostSlow {
			continue
		}
		f := Finding{
			Message:  fmt.Sprintf("a statement takes %.0f ms on average: %s", s.MeanMS, s.short()),
			Evidence: fmt.Sprintf("%d calls, %.0f ms in all, %.0f%% of all statements' time", s.Calls, s.TotalMS, 100*s.TotalMS/max(all, 1)),
			Advice:   "look at its plan with EXPLAIN (ANALYZE, BUFFERS) and real values",
		}
		if words := d.words(s); len(words) > 0 {
			f.Evidence += "; its plan: " + strings.Join(words, ", ")
			f.Advice = "index what it filters and sorts by; --suggest-indexes tries that"
		}
		if len(s.Scans) > 0 {
			f.Table = s.Scans[0].Table
		}
		findings = append(findings, f)
	}
	return findings
}

// words says what is wrong in a statement's plan.
func (d *digest) words(s Statement) []string {
	var words []string
	for _, scan := range s.Scans {
		t, _ := d.Schema.Object(scan.Table).(*schema.Table)
		if t == nil || !scan.Whole || d.rows(t) < bigTable {
			continue
		}
		word := fmt.Sprintf("reads all %.0f rows of %s", t.Rows, TableName(scan.Table))
		if scan.Condition != "" {
			word += fmt.Sprintf(" to keep about %.0f by %s", scan.Rows, scan.Condition)
		}
		if !slices.Contains(words, word) {
			words = append(words, word)
		}
	}
	if s.root != nil {
		f := flaws{d: d, union: s.unites(), total: s.root.Cost}
		f.look(*s.root)
		words = append(words, f.words...)
		words = append(words, s.misjudged()...)
	}
	if s.Spilled > 0 {
		words = append(words, fmt.Sprintf("wrote %s to temporary files in all its calls", size(s.Spilled)))
	}
	return words
}

// misjudged says that far more or fewer rows come than the planner expects.
func (s Statement) misjudged() []string {
	came := float64(s.Rows) / float64(max(1, s.Calls))
	expected := s.root.Rows
	if !s.reads() || max(came, expected) < someRows || max(came, expected) < farOff*min(max(came, 1), max(expected, 1)) {
		return nil
	}
	return []string{fmt.Sprintf("returns %.0f rows on average where the planner expects %.0f, so that it may choose a wrong way: analyse the tables, and give columns that depend on each other CREATE STATISTICS", came, expected)}
}

// readers lists the statements that read all of a table.
func (d *digest) readers(table schema.ID) []string {
	var texts []string
	for _, s := range d.Statistics.Statements {
		for _, scan := range s.Scans {
			if scan.Table == table && scan.Whole && len(texts) < 3 {
				texts = append(texts, s.short())
				break
			}
		}
	}
	return texts
}
