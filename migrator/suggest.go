package main

import (
	"context"
	"errors"
	"fmt"
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
	kept        []advise.Suggestion
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
		if facts.Statistics, err = advise.ReadStatistics(ctx, src.db); err != nil {
			return err
		}
	}
	var suggestions []advise.Suggestion
	for _, suggestion := range advise.Suggest(facts) {
		if wantedSchema(o, suggestion.Table.Schema) {
			suggestions = append(suggestions, suggestion)
		}
	}
	if src.live && len(suggestions) > 0 {
		if suggestions, err = prove(ctx, o, s, src, suggestions); err != nil {
			return err
		}
	}
	result := indexAdvice{Status: "success", Source: src.name, Server: src.server(), label: src.label, Suggestions: []suggestedIndex{}, LeftOut: []suggestedIndex{}, Files: []string{}}
	result.fill(suggestions, src.live)
	if o.Output != "" && len(result.kept) > 0 {
		if result.Files, err = writeIndexes(o, s, result); err != nil {
			return err
		}
	}
	return deliver(o, s, indexDocument(result), result)
}

// prove has the suggestions tried on a scratch server, if there is one.
func prove(ctx context.Context, o options, s streams, src *source, suggestions []advise.Suggestion) (proved []advise.Suggestion, err error) {
	server, err := openScratch(ctx, o, s)
	if ctx.Err() != nil {
		return nil, context.Cause(ctx)
	}
	if err != nil {
		s.log.Warn().Err(err).Msg("the suggestions are not verified")
		return advise.Prove(ctx, src.db, nil, suggestions)
	}
	defer func() { err = errors.Join(err, server.Close()) }()
	database, err := server.Database(ctx)
	if err != nil {
		return nil, err
	}
	return advise.Prove(ctx, src.db, database.DB(), suggestions)
}

// fill keeps what pays, and what could not be tried for want of rows.
func (a *indexAdvice) fill(suggestions []advise.Suggestion, live bool) {
	for _, s := range suggestions {
		if !live {
			s.Proof.Note = "not verified: a schema file has no rows to try it on"
		} else if s.Proof.How == "" {
			s.Proof.Note = "not verified: " + s.Proof.Note
		}
		row := suggestedIndex{
			Table: advise.TableName(s.Table), Column: strings.Join(s.Columns, ", "), Reason: s.Reason, SQL: s.SQL + ";",
			Name: s.Name, Columns: s.Columns, Serves: s.Serves, Verified: s.Proof.Pays(), How: s.Proof.How,
			Before: s.Proof.Before, After: s.Proof.After, Bytes: s.Proof.Bytes, Note: s.Proof.Note, Rollback: s.Rollback + ";",
		}
		if s.Proof.How != "" && !s.Proof.Pays() {
			row.Note = "it does not pay"
			a.LeftOut = append(a.LeftOut, row)
			continue
		}
		a.kept = append(a.kept, s)
		a.Suggestions = append(a.Suggestions, row)
	}
	a.Count = len(a.Suggestions)
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
		findings = append(findings, report.Finding{
			Severity: report.SeverityInfo, Subject: s.Table + " (" + s.Column + ")", Message: s.Reason, Evidence: s.evidence(),
			Fix: &report.Code{Language: "sql", Text: s.SQL},
		})
	}
	if len(findings) > 0 {
		document.Sections = append(document.Sections, report.Section{Heading: "Suggested", Blocks: []report.Block{findings}})
	}
	if len(a.LeftOut) > 0 {
		table := report.Table{Columns: []report.Column{{Head: "index on"}, {Head: "cost before", Numeric: true}, {Head: "after", Numeric: true}}}
		for _, s := range a.LeftOut {
			table.Rows = append(table.Rows, []report.Cell{{Text: s.Table + " (" + s.Column + ")"}, {Text: fmt.Sprintf("%.0f", s.Before)}, {Text: fmt.Sprintf("%.0f", s.After)}})
		}
		document.Sections = append(document.Sections, report.Section{Heading: "Considered and left out: they do not pay", Blocks: []report.Block{table}})
	}
	if len(a.Files) > 0 {
		document.Sections = append(document.Sections, report.Section{Heading: "Written", Blocks: []report.Block{report.Code{Language: "text", Text: strings.Join(a.Files, "\n")}}})
	}
	return document
}

// evidence says what the planner said.
func (s suggestedIndex) evidence() string {
	var parts []string
	if s.How != "" {
		how := map[string]string{"hypopg": "HypoPG on the database itself", "scratch": "the index built over sampled rows"}[s.How]
		parts = append(parts, fmt.Sprintf("the planner's cost of the look-up falls from %.0f to %.0f (%s)", s.Before, s.After, how),
			fmt.Sprintf("about %.1f MB, and one more index for each write to keep", float64(s.Bytes)/(1<<20)))
	}
	if s.Note != "" {
		parts = append(parts, s.Note)
	}
	return strings.Join(parts, "; ")
}
