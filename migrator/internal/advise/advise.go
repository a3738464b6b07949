// Package advise says what is wrong with a schema and what to run against it.
//
// Facts go in: a schema.Schema and, where it was read from a live database, the
// server's statistics (see ReadStatistics, the only SQL here). Findings come
// out, each with the rule's stable code, a severity, the evidence and, where
// the repair can be written down, SQL that repairs it when run as it stands.
// Nothing is written to the database. Rules that need statistics say nothing
// without them. Refused: names of rules that do not exist.
package advise

import (
	"cmp"
	"slices"
	"strings"
	"time"

	"github.com/senior-backend/toolkit/migrator/internal/schema"
	"github.com/senior-backend/toolkit/shared/report"
)

// Facts is what is known about a database.
type Facts struct {
	Schema     *schema.Schema
	Statistics *Statistics // nil when the schema came from a file
	Now        time.Time   // of the statistics
}

// Finding is one thing that a rule found.
type Finding struct {
	Rule     string // code of the rule, such as "fk-without-index"
	Category string
	Severity report.Severity
	Table    schema.ID // zero when it is about the whole database
	Columns  []string  // of Table, in the order that matters; may be empty
	Message  string    // what is wrong, a sentence without its full stop
	Evidence string    // why we think so; may be empty
	Advice   string    // what to do, for a person
	SQL      []string  // what to run, without semicolons; empty when it takes a person
	Link     string    // where to read more
}

// TableName is the table as a person names it: without "public".
func (f Finding) TableName() string { return TableName(f.Table) }

// TableName names a relation as a person does: without "public".
func TableName(id schema.ID) string {
	if id.Schema == "public" || id.Schema == "" {
		return id.Name
	}
	return id.Schema + "." + id.Name
}

// Script is the SQL of a finding as it can be run, or "" when there is none.
func (f Finding) Script() string {
	if len(f.SQL) == 0 {
		return ""
	}
	return strings.Join(f.SQL, ";\n") + ";"
}

// Suggestion is what to do in one text: the script, else the advice.
func (f Finding) Suggestion() string { return cmp.Or(f.Script(), f.Advice) }

// Advise applies the rules of the selection and returns what they find, most
// severe first; of one severity what costs time now before what may one day,
// and that before taste.
func Advise(facts Facts, selected Selection) []Finding {
	d := newDigest(facts)
	var findings []Finding
	for _, r := range rules() {
		if !selected.has(r.code) {
			continue
		}
		for _, f := range r.find(d) {
			f.Rule, f.Category, f.Link = r.code, r.category, guide+r.section
			f.Severity = cmp.Or(f.Severity, r.severity)
			findings = append(findings, f)
		}
	}
	slices.SortStableFunc(findings, func(a, b Finding) int {
		return cmp.Or(
			cmp.Compare(rank(a.Severity), rank(b.Severity)),
			cmp.Compare(weight(a.Category), weight(b.Category)),
		)
	})
	return findings
}

// weight orders findings of one severity.
func weight(category string) int {
	return slices.Index([]string{categoryWorkload, categoryIndex, categoryStructure, categoryType, categoryNaming}, category)
}

// AtLeast says whether severity reaches level. Any level reaches "".
func AtLeast(severity, level report.Severity) bool { return rank(severity) <= rank(level) }

func rank(s report.Severity) int {
	switch s {
	case report.SeverityError:
		return 0
	case report.SeverityWarning:
		return 1
	default:
		return 2
	}
}
