package main

import (
	"fmt"
	"os"
	"slices"
	"strings"
	"time"

	"github.com/senior-backend/toolkit/migrator/internal/diff"
	"github.com/senior-backend/toolkit/migrator/internal/plan"
	"github.com/senior-backend/toolkit/migrator/internal/schema"
	"github.com/senior-backend/toolkit/shared/atomicfile"
	"github.com/senior-backend/toolkit/shared/fault"
	"github.com/senior-backend/toolkit/shared/report"
)

// compared is the result of --compare as JSON.
type compared struct {
	Status     string          `json:"status"`
	Source     string          `json:"source"`
	Target     string          `json:"target"`
	Plan       string          `json:"plan"`
	Verified   bool            `json:"verified"`
	Added      []string        `json:"added_tables"`
	Removed    []string        `json:"removed_tables"`
	Changes    []changedObject `json:"changes"`
	UpSQL      string          `json:"up_sql"`
	DownSQL    string          `json:"down_sql"`
	Statements []plannedSQL    `json:"statements"`
	Hazards    []plan.Hazard   `json:"hazards"`
	Uncovered  []string        `json:"not_covered"`
	Offers     []offer         `json:"renames_offered"`
	Kept       []string        `json:"kept"`
	Unproved   *unproved       `json:"unproved,omitempty"`
	Files      []string        `json:"files"`
	up, down   plan.Plan
	from, to   string // the sides in short
}

// changedObject is one object that is not the same on both sides.
type changedObject struct {
	Object string `json:"object"`
	Change string `json:"change"` // added, removed or changed
	Old    string `json:"old,omitempty"`
	New    string `json:"new,omitempty"`
	part   bool   // it comes or goes with its table
}

// plannedSQL is one statement of the migration.
type plannedSQL struct {
	SQL           string        `json:"sql"`
	Object        string        `json:"object"`
	Comment       string        `json:"comment,omitempty"`
	Transactional bool          `json:"transactional"`
	Transaction   int           `json:"transaction,omitempty"` // statements of one number belong together
	Hazards       []plan.Hazard `json:"hazards"`
}

// unproved says why nothing was written.
type unproved struct {
	Message string   `json:"message"`
	Objects []string `json:"objects"`
}

func (c *comparison) summary() compared {
	m := c.migration
	result := compared{
		Status: "success", Source: c.source.name, Target: c.target.name, Plan: string(m.Up.Kind), Verified: c.verified,
		Added:   tablesIn(c.result.Differences, func(d diff.Difference) bool { return d.Old == nil }),
		Removed: tablesIn(c.result.Differences, func(d diff.Difference) bool { return d.New == nil }),
		Changes: []changedObject{}, Statements: []plannedSQL{}, Hazards: []plan.Hazard{}, Uncovered: []string{}, Files: []string{}, Offers: append([]offer{}, c.offers...), Kept: append([]string{}, c.kept...),
		up: m.Up, down: m.Down, from: c.source.label, to: c.target.label,
	}
	come, gone := map[string]bool{}, map[string]bool{}
	for _, d := range c.result.Differences {
		if d.ID.IsRelation() {
			come[d.ID.Schema+"."+d.ID.Name], gone[d.ID.Schema+"."+d.ID.Name] = d.Old == nil, d.New == nil
		}
	}
	for _, d := range c.result.Differences {
		change, whole := changed(d), d.ID.Schema+"."+d.ID.Parent
		change.part = d.ID.Parent != "" && (d.Old == nil && come[whole] || d.New == nil && gone[whole])
		result.Changes = append(result.Changes, change)
	}
	for _, statement := range m.Up.Statements {
		hazards := append([]plan.Hazard{}, statement.Hazards...)
		result.Statements = append(result.Statements, plannedSQL{
			SQL: statement.SQL + ";", Object: statement.Group, Comment: statement.Comment, Transactional: !statement.Alone, Transaction: statement.Together, Hazards: hazards,
		})
		result.Hazards = append(result.Hazards, hazards...)
	}
	for _, side := range []*end{c.source, c.target} {
		for _, what := range side.schema.Uncovered {
			if line := side.label + ": " + what; !slices.Contains(result.Uncovered, line) {
				result.Uncovered = append(result.Uncovered, line)
			}
		}
	}
	result.Uncovered = append(result.Uncovered, keptOwn(c.source.schema, c.target.schema)...)
	result.Uncovered = append(result.Uncovered, keptOwn(c.target.schema, c.source.schema)...)
	if result.changed() {
		title := "from " + c.source.label + " to " + c.target.label
		result.UpSQL = m.Up.Script(plan.Header{Title: title, Unverified: !c.verified})
		result.DownSQL = m.Down.Script(plan.Header{Title: "back from " + c.target.label + " to " + c.source.label, Unverified: !c.verified, Rollback: true})
	}
	if c.failure != nil {
		result.Status = "failed"
		result.Unproved = &unproved{Message: c.failure.Error(), Objects: []string{}}
		for _, d := range c.failure.Differences {
			result.Unproved.Objects = append(result.Unproved.Objects, d.ID.String())
		}
	}
	return result
}

// keptOwn names the columns that a table comes to inherit and keeps as its own
// too, which the server has no statement to change.
func keptOwn(from, to *schema.Schema) []string {
	var lines []string
	for _, table := range to.Tables() {
		old, ok := from.Object(table.ID()).(*schema.Table)
		if !ok || table.IsPartition() || slices.Equal(old.Inherits, table.Inherits) {
			continue
		}
		for _, column := range to.Columns(table.ID()) {
			if was := from.Column(table.ID(), column.ID().Name); was != nil && was.Local && !column.Local {
				lines = append(lines, column.ID().String()+": once inherited, it also stays the table's own")
			}
		}
	}
	return lines
}

func (r compared) changed() bool { return len(r.Statements) > 0 }

func changed(d diff.Difference) changedObject {
	change := changedObject{Object: d.ID.String(), Change: "changed"}
	switch {
	case d.Old == nil:
		change.Change = "added"
	case d.New == nil:
		change.Change = "removed"
	default:
		change.Old, change.New = diff.Describe(d.Old, d.New)
	}
	return change
}

// writeMigration writes the up and the rollback file under names that are free.
func writeMigration(o options, s streams, r compared) ([]string, error) {
	if err := os.MkdirAll(o.Output, 0o755); err != nil {
		return nil, &fault.Environment{Message: "make the output directory: " + err.Error(), Hint: "name another with --output", Err: err}
	}
	at := s.now()
	for range 1000 {
		later := s
		later.now = func() time.Time { return at }
		up, down := stamped(o, later, "migration.sql"), stamped(o, later, "migration_rollback.sql")
		if exists(up) || exists(down) {
			at = at.Add(time.Second)
			continue
		}
		if err := atomicfile.WriteBytes(down, []byte(r.DownSQL)); err != nil {
			return nil, err
		}
		if err := atomicfile.WriteBytes(up, []byte(r.UpSQL)); err != nil {
			_ = os.Remove(down)
			return nil, err
		}
		return []string{up, down}, nil
	}
	return nil, &fault.Environment{Message: "no free name for the migration in " + o.Output, Hint: "name another directory with --output"}
}

func exists(path string) bool {
	_, err := os.Lstat(path)
	return err == nil
}

// compareDocument is the result for a person.
func compareDocument(r compared) report.Document {
	document := report.Document{Title: "Schema comparison: " + r.from + " with " + r.to, Verdict: compareVerdict(r)}
	if r.from != r.Source || r.to != r.Target {
		document.Subtitle = r.Source + " with " + r.Target
	}
	if !r.changed() && r.Unproved == nil {
		return uncovered(document, r)
	}
	table := report.Table{Columns: []report.Column{{Head: ""}, {Head: "object"}, {Head: "old"}, {Head: "new"}}}
	for _, change := range r.Changes {
		if change.part {
			continue
		}
		level := map[string]report.Level{"added": report.LevelGood, "removed": report.LevelBad, "changed": report.LevelNotice}[change.Change]
		table.Rows = append(table.Rows, []report.Cell{{Text: change.Change, Level: level}, {Text: change.Object}, {Text: change.Old}, {Text: change.New}})
	}
	document.Figures = []report.Figure{
		{Label: "objects that differ", Value: fmt.Sprint(len(r.Changes))},
		{Label: "statements", Value: fmt.Sprint(len(r.Statements)), Note: r.Plan + " plan"},
		{Label: "hazards", Value: fmt.Sprint(len(r.Hazards))},
	}
	document.Sections = append(document.Sections, report.Section{Heading: "What differs", Blocks: []report.Block{table}})
	if r.Unproved != nil && len(r.Unproved.Objects) > 0 {
		document.Sections = append(document.Sections, report.Section{Heading: "Still differs after the migration", Blocks: []report.Block{report.Text(strings.Join(r.Unproved.Objects, "\n\n"))}})
	}
	if len(r.Hazards) > 0 {
		var findings report.Findings
		for _, hazard := range r.Hazards {
			findings = append(findings, report.Finding{Severity: severity(hazard.Code), Code: string(hazard.Code), Subject: hazard.Object, Message: hazard.Message + hazard.Size()})
		}
		document.Sections = append(document.Sections, report.Section{Heading: "Hazards", Blocks: []report.Block{findings}})
	}
	document.Sections = append(document.Sections, aside(r)...)
	document.Sections = append(document.Sections, report.Section{Heading: "Migration", Blocks: []report.Block{report.Code{Language: "sql", Text: r.UpSQL}}})
	if len(r.Files) > 0 {
		document.Sections = append(document.Sections, report.Section{Heading: "Written", Blocks: []report.Block{report.Code{Language: "text", Text: strings.Join(r.Files, "\n")}}})
	}
	return uncovered(document, r)
}

// aside says what is kept, and what may be a rename.
func aside(r compared) []report.Section {
	var sections []report.Section
	if len(r.Kept) > 0 {
		sections = append(sections, report.Section{Heading: "Kept", Blocks: []report.Block{report.Text(strings.Join(r.Kept, "\n\n"))}})
	}
	var lines []string
	for _, offer := range r.Offers {
		lines = append(lines, offer.Reason+": where it is only a new name, --rename "+offer.Hint+" keeps the rows")
	}
	if len(lines) > 0 {
		sections = append(sections, report.Section{Heading: "Perhaps renamed", Blocks: []report.Block{report.Text(strings.Join(lines, "\n\n"))}})
	}
	return sections
}

func uncovered(document report.Document, r compared) report.Document {
	if len(r.Uncovered) > 0 {
		document.Sections = append(document.Sections, report.Section{
			Heading: "Not compared", Blocks: []report.Block{report.Text(strings.Join(r.Uncovered, "\n\n"))},
		})
	}
	return document
}

func compareVerdict(r compared) report.Verdict {
	switch {
	case r.Unproved != nil:
		return report.Verdict{Level: report.LevelBad, Text: "Not proved: " + r.Unproved.Message + "."}
	case !r.changed():
		return report.Verdict{Level: report.LevelGood, Text: "No change: the schemas are the same."}
	case r.Verified:
		return report.Verdict{Level: report.LevelGood, Text: "The migration and its rollback were run on a clone and do what they should."}
	}
	return report.Verdict{Level: report.LevelWarn, Text: "Not verified: the migration was not run on a clone."}
}

// severity is how bad a hazard is.
func severity(code plan.Code) report.Severity {
	switch code {
	case plan.DataLoss:
		return report.SeverityError
	case plan.IndexBuild, plan.DependencyUntracked:
		return report.SeverityInfo
	}
	return report.SeverityWarning
}

// gateHazards is the error when --fail-on forbids a hazard of the migration.
func gateHazards(o options, r compared) error {
	order := []string{string(report.SeverityInfo), string(report.SeverityWarning), string(report.SeverityError)}
	if o.FailOn == "" {
		return nil
	}
	for _, hazard := range r.Hazards {
		if slices.Contains(o.Comparing.Allow, string(hazard.Code)) {
			continue
		}
		if slices.Index(order, string(severity(hazard.Code))) >= slices.Index(order, o.FailOn) {
			return fault.Verdictf("the migration has the hazard %s (%s: %s); --allow-hazards %s accepts it", hazard.Code, hazard.Object, hazard.Message, hazard.Code)
		}
	}
	return nil
}
