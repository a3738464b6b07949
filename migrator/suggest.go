package main

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/senior-backend/toolkit/migrator/internal/advise"
	"github.com/senior-backend/toolkit/shared/report"
)

// indexAdvice is the result of --suggest-indexes as JSON.
type indexAdvice struct {
	Status      string           `json:"status"`
	Source      string           `json:"source"`
	Server      string           `json:"server"`
	Count       int              `json:"suggestions_count"`
	Suggestions []suggestedIndex `json:"suggestions"`
	LeftOut     []suggestedIndex `json:"left_out"`
	Files       []string         `json:"files"`
	Missing     []string         `json:"not_examined,omitempty"`
	label       string
}

type suggestedIndex struct {
	Table    string   `json:"table"`
	Column   string   `json:"column"`
	Reason   string   `json:"reason"`
	SQL      string   `json:"sql"`
	Name     string   `json:"name"`
	Columns  []string `json:"columns"`
	Serves   []string `json:"serves"`
	Verified bool     `json:"verified"`
	How      string   `json:"verified_by"`
	Before   float64  `json:"cost_before"`
	After    float64  `json:"cost_after"`
	Bytes    int64    `json:"estimated_bytes"`
	Note     string   `json:"note"`
	Rollback string   `json:"rollback_sql"`

	Prepare    []string          `json:"prepare_sql"`  // what must run before
	Statements []servedStatement `json:"statements"`   // that it serves
	Replaces   []string          `json:"replaces"`     // indexes that can go once it is there
	Written    float64           `json:"rows_written"` // that it has to follow, in the time of the statistics
	Overhead   float64           `json:"write_overhead"`
}

type servedStatement struct {
	Query  string  `json:"query"`
	Calls  int64   `json:"calls"`
	MeanMS float64 `json:"mean_ms"`
	Before float64 `json:"cost_before"`
	After  float64 `json:"cost_after"`
}

// runSuggest writes the indexes that were seen to help.
func runSuggest(ctx context.Context, o options, s streams) (err error) {
	src, err := openSource(ctx, o, s)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, src.Close()) }()
	facts := advise.Facts{Schema: src.schema, Now: s.now()}
	if src.live {
		if facts.Statistics, err = readStatistics(ctx, o, s, src); err != nil {
			return err
		}
	}
	advice := advise.Advice{Suggested: advise.Suggest(facts)}
	if src.live {
		if advice, err = tried(ctx, o, s, src, facts); err != nil {
			return err
		}
		advice.Notes = append(advice.Notes, facts.Statistics.Missing...)
	}
	result := indexAdvice{Status: "success", Source: src.name, Server: src.server(), label: src.label, Suggestions: []suggestedIndex{}, LeftOut: []suggestedIndex{}, Files: []string{}}
	result.fill(o, advice, src.live)
	if o.Output != "" && result.Count > 0 {
		if result.Files, err = writeIndexes(o, s, result); err != nil {
			return err
		}
	}
	return deliver(o, s, indexDocument(result), result)
}

// tried has indexes tried on the database, or on temporary ones where there is
// a server for them.
func tried(ctx context.Context, o options, s streams, src *source, facts advise.Facts) (advice advise.Advice, err error) {
	var close []func() error
	defer func() {
		for _, c := range slices.Backward(close) {
			err = errors.Join(err, c())
		}
	}()
	trials := advise.Trials{Live: src.db}
	trials.Scratch = func(ctx context.Context) (*sql.DB, error) {
		server, err := openScratch(ctx, o, s)
		if err != nil {
			return nil, err
		}
		close = append(close, server.Close)
		database, err := server.Database(ctx)
		if err != nil {
			return nil, err
		}
		return database.DB(), nil
	}
	trials.Copy = func(ctx context.Context) (*sql.DB, error) {
		s.log.Info().Msg("copying the schema and a sample of rows, to try indexes there")
		copied, err := cloneOf(ctx, src.db, false, o, s)
		if err != nil {
			return nil, err
		}
		close = append(close, copied.drop)
		return copied.db, nil
	}
	return advise.SuggestFor(ctx, facts, trials)
}

// fill takes what the command line asks for.
func (a *indexAdvice) fill(o options, advice advise.Advice, live bool) {
	for _, s := range advice.Suggested {
		if !wantedSchema(o, s.Table.Schema) {
			continue
		}
		if !live {
			s.Proof.Note = "not verified: a schema file has no rows to try it on"
		} else if s.Proof.How == "" {
			s.Proof.Note = "not verified: " + s.Proof.Note
		}
		a.Suggestions = append(a.Suggestions, suggestedIndexOf(s))
	}
	for _, s := range advice.LeftOut {
		if wantedSchema(o, s.Table.Schema) {
			a.LeftOut = append(a.LeftOut, suggestedIndexOf(s))
		}
	}
	a.Missing = advice.Notes
	a.Count = len(a.Suggestions)
}

func suggestedIndexOf(s advise.Suggestion) suggestedIndex {
	row := suggestedIndex{
		Table: advise.TableName(s.Table), Column: strings.Join(s.Columns, ", "), Reason: s.Reason, SQL: s.SQL + ";",
		Name: s.Name, Columns: s.Columns, Serves: s.Serves, Verified: s.Proof.Pays(), How: s.Proof.How,
		Before: s.Proof.Before, After: s.Proof.After, Bytes: s.Proof.Bytes, Note: s.Proof.Note, Rollback: s.Rollback + ";",
		Prepare: append([]string{}, s.Prepare...), Replaces: append([]string{}, s.Replaces...), Written: s.Written, Overhead: s.Overhead,
		Statements: []servedStatement{},
	}
	for _, q := range s.Queries {
		row.Statements = append(row.Statements, servedStatement{Query: q.Text, Calls: q.Calls, MeanMS: q.MeanMS, Before: q.Before, After: q.After})
	}
	return row
}

// indexDocument is the result for a person.
func indexDocument(a indexAdvice) report.Document {
	document := report.Document{
		Title:    "Index suggestions: " + a.label,
		Subtitle: detail(a.Server, a.Source, a.label),
		Verdict:  report.Verdict{Level: report.LevelGood, Text: "No index is missing."},
	}
	if a.Count > 0 {
		document.Verdict = report.Verdict{Level: report.LevelNotice, Text: "Worth having: " + count(a.Count, "index") + "."}
	}
	var findings report.Findings
	for _, s := range a.Suggestions {
		finding := report.Finding{
			Severity: report.SeverityInfo, Subject: s.Table + " (" + s.Column + ")", Message: s.Reason, Evidence: s.evidence(),
			Fix: &report.Code{Language: "sql", Text: s.script()},
		}
		if len(s.Statements) > 0 {
			finding.Advice = "create it for these statements, each with the planner's cost: " + strings.Join(s.served(), "; ")
		}
		findings = append(findings, finding)
	}
	if len(findings) > 0 {
		document.Sections = append(document.Sections, report.Section{Heading: "Suggested", Blocks: []report.Block{findings}})
	}
	if len(a.LeftOut) > 0 {
		table := report.Table{Columns: []report.Column{{Head: "index on"}, {Head: "cost before", Numeric: true}, {Head: "after", Numeric: true}, {Head: "why not"}}}
		for _, s := range a.LeftOut {
			table.Rows = append(table.Rows, []report.Cell{
				{Text: s.Table + " (" + s.Column + ")"}, {Text: fmt.Sprintf("%.0f", s.Before)}, {Text: fmt.Sprintf("%.0f", s.After)}, {Text: s.Note},
			})
		}
		document.Sections = append(document.Sections, report.Section{Heading: "Considered and left out", Blocks: []report.Block{table}})
	}
	if len(a.Missing) > 0 {
		document.Sections = append(document.Sections, report.Section{Heading: "Not examined", Blocks: []report.Block{report.Text(strings.Join(a.Missing, "\n\n"))}})
	}
	if len(a.Files) > 0 {
		document.Sections = append(document.Sections, report.Section{Heading: "Written", Blocks: []report.Block{report.Code{Language: "text", Text: strings.Join(a.Files, "\n")}}})
	}
	return document
}

// evidence says what the planner said, and what the index costs.
func (s suggestedIndex) evidence() string {
	var parts []string
	if s.How != "" {
		how := map[string]string{"hypopg": "HypoPG on the database itself", "scratch": "the index built over sampled rows"}[s.How]
		what := "look-up"
		if len(s.Statements) > 0 {
			what = "first of the statements that it serves"
		}
		parts = append(parts, fmt.Sprintf("the planner's cost of the %s falls from %.0f to %.0f (%s)", what, s.Before, s.After, how))
		upkeep := "one more index for each write to keep"
		if s.Written > 0 {
			upkeep = fmt.Sprintf("it had to follow %.0f of the rows written so far", s.Written)
			if s.Overhead > 0 {
				upkeep += fmt.Sprintf(", which costs %.2g%% of what it saves", 100*s.Overhead)
			}
		}
		parts = append(parts, fmt.Sprintf("about %.1f MB; %s", float64(s.Bytes)/(1<<20), upkeep))
	}
	if len(s.Replaces) > 0 {
		parts = append(parts, "once it is there, "+strings.Join(s.Replaces, " and ")+" can go: it begins alike")
	}
	if s.Note != "" {
		parts = append(parts, s.Note)
	}
	return strings.Join(parts, "; ")
}

// served are the statements with what the planner says of each.
func (s suggestedIndex) served() []string {
	var lines []string
	for _, q := range s.Statements {
		lines = append(lines, fmt.Sprintf("cost from %.0f to %.0f (%d calls, %.2f ms on average): %s", q.Before, q.After, q.Calls, q.MeanMS, q.Query))
	}
	if len(lines) == 0 {
		return s.Serves
	}
	return lines
}

// script is what makes the index.
func (s suggestedIndex) script() string {
	var b strings.Builder
	for _, statement := range s.Prepare {
		b.WriteString(statement + ";\n")
	}
	return b.String() + s.SQL
}
