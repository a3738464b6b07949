package main

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/senior-backend/toolkit/migrator/internal/apply"
	"github.com/senior-backend/toolkit/migrator/internal/migration"
	"github.com/senior-backend/toolkit/migrator/internal/scratch"
	"github.com/senior-backend/toolkit/migrator/internal/script"
	"github.com/senior-backend/toolkit/shared/fault"
	"github.com/senior-backend/toolkit/shared/report"
)

// rehearse proves migrations and changes nothing of the database.
func rehearse(ctx context.Context, db *sql.DB, migrations []*migration.Migration, o options, s streams) (err error) {
	stage := apply.Stage{Target: db, CopyOnly: o.Migrating.CopyOnly, HoldLimit: o.Migrating.HoldLimit}
	if o.Rollback != "" && len(migrations) == 0 {
		if migrations, err = lastApplied(ctx, db, o); err != nil {
			return err
		}
	}
	if !stage.CopyOnly {
		if err := apply.Direct(ctx, db); err != nil {
			return err
		}
	}
	apart := slices.ContainsFunc(migrations, func(m *migration.Migration) bool { return m.Reaches(script.ReachServer) })
	copied, err := cloneOf(ctx, db, apart, o, s)
	switch {
	case err != nil && (o.Migrating.CopyOnly || ctx.Err() != nil):
		return err
	case err != nil:
		s.log.Warn().Msgf("proving on the database alone, since there is no copy of its schema: %v", err)
	default:
		stage.Clone, stage.Shared = copied.db, copied.shared
		defer func() { err = errors.Join(err, copied.drop()) }()
	}
	running := o.Migrating.running(s)
	running.MakeCopy = copier(db, o, s)
	rehearsal, err := apply.Rehearse(ctx, stage, running, migrations, o.Rollback != "")
	if err != nil {
		return err
	}
	if err := deliver(o, s, rehearsalDocument(rehearsal, o), rehearsalJSON(rehearsal)); err != nil {
		return err
	}
	if rehearsal.Err != nil {
		return rehearsal.Err
	}
	return hazardGate(rehearsal, o)
}

// hazardGate turns hazards from --fail-on up into status 3.
func hazardGate(r *apply.Rehearsal, o options) error {
	order := []string{"error", "warning", "info"}
	count := 0
	for _, h := range r.Hazards {
		if o.FailOn != "" && slices.Index(order, h.Severity) <= slices.Index(order, o.FailOn) {
			count++
		}
	}
	if count == 0 {
		return nil
	}
	return fault.Verdictf("%d hazards of severity %s or worse", count, o.FailOn)
}

func rehearsalDocument(r *apply.Rehearsal, o options) report.Document {
	doc := report.Document{Title: "Dry run: " + scratch.Label(o.Connection), Subtitle: report.RedactURL(o.Connection), Verdict: rehearsalVerdict(r)}
	statements := 0
	for _, m := range r.Migrations {
		statements += len(m.Statements)
	}
	doc.Figures = []report.Figure{
		{Label: "Migrations", Value: strconv.Itoa(len(r.Migrations))},
		{Label: "Statements to run", Value: strconv.Itoa(statements)},
		{Label: "Hazards", Value: strconv.Itoa(len(r.Hazards))},
	}
	if len(r.Hazards) > 0 {
		doc.Sections = append(doc.Sections, report.Section{Heading: "Hazards", Blocks: []report.Block{hazardFindings(r)}})
	}
	for _, m := range r.Migrations {
		doc.Sections = append(doc.Sections, migrationSection(m))
	}
	if len(r.Sequences) > 0 {
		doc.Sections = append(doc.Sections, report.Section{Heading: "Sequences", Blocks: []report.Block{report.Text(
			"No rollback takes back the values that the dry run took from " + strings.Join(r.Sequences, ", ") + ". With --copy-only the database is left alone altogether.")}})
	}
	return doc
}

// notThere counts the statements that were not proved on the database.
func notThere(r *apply.Rehearsal) int {
	n := 0
	for _, m := range r.Migrations {
		for _, o := range m.Statements {
			if o.Target.Result == apply.Beyond || o.Target.Result == apply.Untried {
				n++
			}
		}
	}
	return n
}

func rehearsalVerdict(r *apply.Rehearsal) report.Verdict {
	places := []string{}
	if r.OnClone {
		places = append(places, "on a copy of the schema")
	}
	if r.OnTarget {
		there := "on the database itself, rolled back"
		if n := notThere(r); n > 0 {
			there += fmt.Sprintf(", but for %s that could not run there", count(n, "statement"))
		}
		places = append(places, there)
	}
	switch {
	case r.Err != nil:
		return report.Verdict{Level: report.LevelBad, Text: "It would fail: " + r.Err.Error()}
	case !slices.ContainsFunc(r.Migrations, func(m apply.Rehearsed) bool { return len(m.Statements) > 0 }):
		return report.Verdict{Level: report.LevelGood, Text: "Nothing is pending."}
	}
	level := report.LevelGood
	if len(r.Hazards) > 0 && r.Hazards[0].Severity != "info" {
		level = report.LevelWarn
	}
	text := "It would run: proved " + strings.Join(places, " and ") + ". Nothing was changed."
	if n := provedNowhere(r); n > 0 {
		level = report.LevelWarn
		text += fmt.Sprintf(" %s could be proved nowhere, as noted below.", count(n, "statement"))
	}
	return report.Verdict{Level: level, Text: text}
}

// provedNowhere counts the statements that ran neither on the copy nor on the database.
func provedNowhere(r *apply.Rehearsal) int {
	n := 0
	for _, m := range r.Migrations {
		for _, o := range m.Statements {
			if o.Clone.Result != apply.Proved && o.Target.Result != apply.Proved {
				n++
			}
		}
	}
	return n
}

func hazardFindings(r *apply.Rehearsal) report.Findings {
	var found report.Findings
	for _, h := range r.Hazards {
		found = append(found, report.Finding{
			Severity: report.Severity(h.Severity), Code: h.Code, Subject: fmt.Sprintf("%s:%d", h.Migration, h.Line), Message: h.Message, Advice: h.Advice,
		})
	}
	return found
}

// mostStatements is how many statements of a migration the report shows.
const mostStatements = 200

func migrationSection(m apply.Rehearsed) report.Section {
	section := report.Section{Heading: m.Name}
	if len(m.Statements) == 0 {
		section.Blocks = []report.Block{report.Text("Nothing to run: it is " + string(m.State) + ".")}
		return section
	}
	table := report.Table{Columns: []report.Column{{Head: "Line", Numeric: true}, {Head: "Statement"}, {Head: "Strongest lock"}, {Head: "Blocks"}, {Head: "On the copy"}, {Head: "On the database"}}}
	locks := report.Table{Caption: "What is locked, read and written", Columns: []report.Column{{Head: "Line", Numeric: true}, {Head: "Object"}, {Head: "What happens to it"}}}
	var notes []string
	shown := m.Statements
	if len(shown) > mostStatements {
		shown = shown[:mostStatements]
		notes = append(notes, fmt.Sprintf("The first %d of %d statements; --json has all.", mostStatements, len(m.Statements)))
	}
	for _, o := range shown {
		line := report.Cell{Text: strconv.Itoa(o.Step.Line)}
		mode, blocks := strongest(o)
		table.Rows = append(table.Rows, []report.Cell{line, {Text: shortened(o.Step.Text)}, {Text: mode}, blocks, proofCell(o.Clone), proofCell(o.Target)})
		for _, p := range []apply.Proof{o.Clone, o.Target} {
			note := fmt.Sprintf("Line %d: %s.", o.Step.Line, p.Note)
			if p.Note != "" && !slices.Contains(notes, note) {
				notes = append(notes, note)
			}
		}
		for _, one := range happenings(o) {
			locks.Rows = append(locks.Rows, []report.Cell{line, {Text: one[0]}, {Text: one[1]}})
		}
	}
	section.Blocks = []report.Block{table}
	if len(locks.Rows) > 0 {
		section.Blocks = append(section.Blocks, locks)
	}
	if len(notes) > 0 {
		section.Blocks = append(section.Blocks, report.Text(strings.Join(notes, "\n\n")))
	}
	return section
}

func shortened(sql string) string {
	line := []rune(strings.Join(strings.Fields(sql), " "))
	if len(line) > 60 {
		return string(line[:59]) + "…"
	}
	return string(line)
}

// strongest is the strongest lock of a statement and what it blocks.
func strongest(o apply.Observation) (string, report.Cell) {
	if len(o.Locks) == 0 {
		return "", report.Cell{}
	}
	lock := o.Locks[0] // strongest first
	blocks := report.Cell{Text: lock.Blocks()}
	if blocks.Text != "nothing" {
		blocks.Level = report.LevelWarn
	}
	return lock.SQLMode(), blocks
}

// happenings says for each object what a statement does to it. The locks of
// indexes add nothing to those of their tables.
func happenings(o apply.Observation) [][2]string {
	var found [][2]string
	seen := map[string]bool{}
	for _, lock := range o.Locks {
		if !lock.Index && !seen[lock.Object] {
			seen[lock.Object] = true
			found = append(found, [2]string{lock.Object, lock.SQLMode() + ", which blocks " + lock.Blocks()})
		}
	}
	for _, t := range o.Rewritten {
		what := "written anew"
		if t.Reason != "" {
			what += ": " + t.Reason
		}
		found = append(found, [2]string{t.Object, what})
	}
	for _, t := range o.Scanned {
		found = append(found, [2]string{t.Object, "read from end to end"})
	}
	for _, name := range o.Gone {
		found = append(found, [2]string{name, "gone under this name"})
	}
	for _, name := range o.Remade {
		found = append(found, [2]string{name, "gone until a later statement makes it again"})
	}
	if len(o.Phases) > 0 {
		found = append(found, [2]string{"", "phases: " + strings.Join(o.Phases, ", ")})
	}
	return found
}

func proofCell(p apply.Proof) report.Cell {
	level := map[apply.Result]report.Level{apply.Proved: report.LevelGood, apply.Broken: report.LevelBad, apply.Dependent: report.LevelNotice, apply.Beyond: report.LevelNotice}[p.Result]
	text := string(p.Result)
	if p.Result == apply.Proved {
		text = fmt.Sprintf("%s, %s", text, p.Duration.Round(100*time.Microsecond))
	}
	if p.Rows > 0 {
		text += fmt.Sprintf(", %d rows", p.Rows)
	}
	return report.Cell{Text: text, Level: level}
}
