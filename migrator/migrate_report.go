package main

import (
	"cmp"
	"fmt"
	"strings"
	"time"

	"github.com/senior-backend/toolkit/migrator/internal/apply"
	"github.com/senior-backend/toolkit/migrator/internal/scratch"
	"github.com/senior-backend/toolkit/shared/report"
)

// migrateResult is the JSON of --migrate and --rollback.
type migrateResult struct {
	Status     string          `json:"status"` // "success" or "failed"
	Error      string          `json:"error,omitempty"`
	Migrations []outcomeResult `json:"migrations"`
}

type outcomeResult struct {
	Name           string   `json:"name"`
	Path           string   `json:"path"`
	Action         string   `json:"action"`
	FirstStatement int      `json:"first_statement,omitempty"`
	Statements     int      `json:"statements"`
	DurationMS     int64    `json:"duration_ms"`
	Retries        int      `json:"retries"`
	Notes          []string `json:"notes"`
}

func reportOutcomes(outcomes []apply.Outcome, failure error, o options, s streams) error {
	result := migrateResult{Status: "success", Migrations: []outcomeResult{}}
	doc := report.Document{Title: "Migrations: " + scratch.Label(o.Connection), Subtitle: report.RedactURL(o.Connection)}
	table := report.Table{Columns: []report.Column{{Head: "Migration"}, {Head: "What was done"}, {Head: "Statements", Numeric: true}, {Head: "Time", Numeric: true}, {Head: "Notes"}}}
	changed := 0
	for _, outcome := range outcomes {
		result.Migrations = append(result.Migrations, outcomeResult{
			Name: outcome.Name, Path: outcome.Path, Action: string(outcome.Action), FirstStatement: outcome.From, Statements: outcome.Statements,
			DurationMS: outcome.Duration.Milliseconds(), Retries: outcome.Retries, Notes: append([]string{}, outcome.Notes...),
		})
		notes := outcome.Notes
		if outcome.Retries > 0 {
			notes = append(notes, fmt.Sprintf("stepped back %d times from locks", outcome.Retries))
		}
		level := report.LevelGood
		switch outcome.Action {
		case apply.Applied, apply.Resumed, apply.RolledBack:
			changed++
		case apply.Failed, apply.Stopped:
			level = report.LevelBad
		default:
			level = report.LevelNone
		}
		table.Rows = append(table.Rows, []report.Cell{
			{Text: outcome.Name},
			{Text: string(outcome.Action), Level: level},
			{Text: fmt.Sprint(outcome.Statements)},
			{Text: outcome.Duration.Round(time.Millisecond).String()},
			{Text: strings.Join(notes, "; ")},
		})
	}
	verb := "applied"
	if o.Rollback != "" {
		verb = "rolled back"
	}
	switch {
	case failure != nil:
		result.Status, result.Error = "failed", report.Redact(failure.Error())
		doc.Verdict = report.Verdict{Level: report.LevelBad, Text: failure.Error()}
	case changed == 0:
		doc.Verdict = report.Verdict{Level: report.LevelGood, Text: "Nothing was pending."}
	case changed == 1:
		doc.Verdict = report.Verdict{Level: report.LevelGood, Text: "1 migration was " + verb + "."}
	default:
		doc.Verdict = report.Verdict{Level: report.LevelGood, Text: fmt.Sprintf("%d migrations were %s.", changed, verb)}
	}
	if len(table.Rows) > 0 {
		doc.Sections = []report.Section{{Heading: "What was done", Blocks: []report.Block{table}}}
	}
	return deliver(o, s, doc, result)
}

// statusResult is the JSON of --status.
type statusResult struct {
	Status     string        `json:"status"`
	Migrations []entryResult `json:"migrations"`
}

type entryResult struct {
	Name       string `json:"name"`
	State      string `json:"state"`
	AppliedAt  string `json:"applied_at,omitempty"` // RFC 3339
	AppliedBy  string `json:"applied_by,omitempty"`
	Tool       string `json:"tool,omitempty"`
	Done       int    `json:"done"`
	Statements int    `json:"statements"`
	Error      string `json:"error,omitempty"`
}

func reportStatus(entries []apply.Entry, o options, s streams) error {
	result := statusResult{Status: "success", Migrations: []entryResult{}}
	table := report.Table{Columns: []report.Column{{Head: "Migration"}, {Head: "State"}, {Head: "When"}, {Head: "By"}, {Head: "Notes"}}}
	count := map[apply.State]int{}
	for _, entry := range entries {
		count[entry.State]++
		one := entryResult{Name: entry.Name, State: string(entry.State), Tool: entry.Elsewhere}
		note := ""
		if entry.Elsewhere != "" {
			note = "in the history of " + entry.Elsewhere
		}
		if record := entry.Record; record != nil {
			one.AppliedBy, one.Tool, one.Done, one.Statements, one.Error = record.By, record.Tool, record.Done, record.Statements, record.Error
			if record.FinishedAt.Valid {
				one.AppliedAt = record.FinishedAt.Time.Format(time.RFC3339)
			}
			if record.Done < record.Statements {
				note = fmt.Sprintf("%d of %d statements; ", record.Done, record.Statements)
			}
			note += record.Error
		}
		result.Migrations = append(result.Migrations, one)
		table.Rows = append(table.Rows, []report.Cell{
			{Text: entry.Name},
			{Text: string(entry.State), Level: stateLevel(entry.State)},
			{Text: one.AppliedAt},
			{Text: cmp.Or(one.AppliedBy, entry.Elsewhere)},
			{Text: strings.TrimSuffix(note, "; ")},
		})
	}
	doc := report.Document{Title: "Migrations: " + scratch.Label(o.Connection), Subtitle: report.RedactURL(o.Connection), Verdict: report.Verdict{
		Level: report.LevelNotice,
		Text:  fmt.Sprintf("%d applied, %d pending, %d otherwise.", count[apply.StateApplied], count[apply.StatePending], len(entries)-count[apply.StateApplied]-count[apply.StatePending]),
	}}
	if len(table.Rows) > 0 {
		doc.Sections = []report.Section{{Heading: "Migrations", Blocks: []report.Block{table}}}
	}
	return deliver(o, s, doc, result)
}

func stateLevel(state apply.State) report.Level {
	switch state {
	case apply.StateApplied:
		return report.LevelGood
	case apply.StatePending, apply.StateRolledBack:
		return report.LevelNotice
	case apply.StateMissing:
		return report.LevelWarn
	}
	return report.LevelBad
}
