package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
	"time"

	"github.com/urfave/cli/v2"

	"github.com/senior-backend/toolkit/migrator/internal/advise"
	"github.com/senior-backend/toolkit/migrator/internal/schema"
	"github.com/senior-backend/toolkit/shared/atomicfile"
	"github.com/senior-backend/toolkit/shared/cmdline"
	"github.com/senior-backend/toolkit/shared/fault"
	"github.com/senior-backend/toolkit/shared/report"
)

// adviseOptions is what only --analyze and --suggest-indexes read.
type adviseOptions struct {
	Rules string        // "a,b" applies only these, "a=off" all but this
	Watch time.Duration // look only at what happens meanwhile; 0 looks at all since the statistics began

	Baseline string // file of an earlier analysis to compare with; empty compares with none
}

func (o *adviseOptions) flags() []cli.Flag {
	return []cli.Flag{
		&cli.StringFlag{Name: "rules", Usage: "only the rules in `LIST`, or all but those with =off", Category: groupAnalyze, Destination: &o.Rules},
		&cli.DurationFlag{Name: "watch", Usage: "only what happens on the database during `TIME`", Category: groupAnalyze, Destination: &o.Watch},
		&cli.StringFlag{Name: "baseline", Usage: "say what changed since the earlier analysis in `FILE`", Category: groupAnalyze + cmdline.Brief, Destination: &o.Baseline},
	}
}

func (o *adviseOptions) read(*cli.Context) {}

func (o adviseOptions) validate(all options) error {
	if o.Watch < 0 || o.Watch > 0 && all.Connection == "" {
		return fault.Usagef("argument --watch: it takes a positive time and a database to watch: --connection URL")
	}
	if o.Baseline != "" && all.mode() != modeAnalyze {
		return fault.Usagef("argument --baseline: it goes with --analyze")
	}
	if _, err := advise.Select(o.Rules); err != nil {
		return fault.Usagef("argument --rules: %v", err)
	}
	return nil
}

// analysis is the result of --analyze as JSON.
type analysis struct {
	Status  string          `json:"status"`
	Source  string          `json:"source"`
	Server  string          `json:"server"`
	Tables  int             `json:"tables_count"`
	Issues  analysisCounts  `json:"issues"`
	Detail  []analysisIssue `json:"issues_detail"`
	Missing []string        `json:"not_examined,omitempty"`
	ReadAt  time.Time       `json:"read_at"`

	Statements []statementTimes `json:"statements,omitempty"` // that clients sent, by their time in all
	Since      *sinceBaseline   `json:"since,omitempty"`      // with --baseline

	Files    []string `json:"files,omitempty"`
	findings []advise.Finding
	label    string
	all      bool // nothing is folded
}

type analysisCounts struct {
	Errors      int `json:"errors"`
	Warnings    int `json:"warnings"`
	Suggestions int `json:"suggestions"`
}

type analysisIssue struct {
	Severity   report.Severity `json:"severity"`
	Category   string          `json:"category"`
	Table      string          `json:"table"`
	Message    string          `json:"message"`
	Suggestion string          `json:"suggestion"`
	Code       string          `json:"code"`
	Columns    []string        `json:"columns"`
	Evidence   string          `json:"evidence"`
	Advice     string          `json:"advice"`
	SQL        []string        `json:"sql"`
	Link       string          `json:"link"`
}

// runAnalyze reports what is wrong with a schema.
func runAnalyze(ctx context.Context, o options, s streams) (err error) {
	selected, err := advise.Select(o.Advising.Rules)
	if err != nil {
		return err
	}
	var earlier analysis
	if o.Advising.Baseline != "" {
		if earlier, err = readBaseline(o.Advising.Baseline); err != nil {
			return err
		}
	}
	src, err := openSource(ctx, o, s)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, src.Close()) }()
	facts := advise.Facts{Schema: src.schema, Now: s.now()}
	result := analysis{Status: "success", Source: src.name, Server: src.server(), label: src.label, all: o.Verbose || o.Advising.Rules != ""}
	if src.live {
		if facts.Statistics, err = readStatistics(ctx, o, s, src); err != nil {
			return err
		}
		facts.Now = s.now()
		result.Missing, result.Statements = facts.Statistics.Missing, timesOf(facts.Statistics.Statements)
	}
	result.ReadAt = facts.Now.UTC().Truncate(time.Second)
	result.fill(o, src.schema, advise.Advise(facts, selected))
	if o.Advising.Baseline != "" {
		result.since(o.Advising.Baseline, earlier)
	}
	document := analysisDocument(result)
	if o.Output != "" {
		if o, err = reportFiles(o, s); err != nil {
			return err
		}
		machine := stamped(o, s, "analysis.json")
		result.Files = []string{o.HTML, o.Markdown, machine}
		if err := atomicfile.Write(machine, func(w io.Writer) error { return writeJSON(w, result) }); err != nil {
			return err
		}
	}
	if err := deliver(o, s, document, result); err != nil {
		return err
	}
	return gate(o, result)
}

// readStatistics reads the statistics or, with --watch, what becomes of them.
func readStatistics(ctx context.Context, o options, s streams, src *source) (*advise.Statistics, error) {
	before, err := advise.ReadStatistics(ctx, src.db)
	if err != nil || o.Advising.Watch == 0 {
		return before, err
	}
	at := s.now()
	s.log.Info().Msgf("watching for %s", o.Advising.Watch)
	select {
	case <-ctx.Done(): // what was seen so far is reported
	case <-time.After(o.Advising.Watch):
	}
	after, err := advise.ReadSince(context.WithoutCancel(ctx), src.db, before)
	if err != nil {
		return nil, err
	}
	return advise.Between(before, after, at), nil
}

// reportFiles has the report written into the output directory, where no other
// place was named.
func reportFiles(o options, s streams) (options, error) {
	if err := os.MkdirAll(o.Output, 0o755); err != nil {
		return o, &fault.Environment{Message: "make the output directory: " + err.Error(), Hint: "name another with --output", Err: err}
	}
	if o.HTML == "" {
		o.HTML = stamped(o, s, "analysis.html")
	}
	if o.Markdown == "" {
		o.Markdown = stamped(o, s, "analysis.md")
	}
	return o, nil
}

func (a *analysis) fill(o options, of *schema.Schema, findings []advise.Finding) {
	wanted := func(id schema.ID) bool { return wantedSchema(o, id.Schema) }
	for _, t := range of.Tables() {
		if wanted(t.Identity) {
			a.Tables++
		}
	}
	a.Detail = []analysisIssue{}
	for _, f := range findings {
		if !f.Table.IsZero() && !wanted(f.Table) {
			continue
		}
		a.findings = append(a.findings, f)
		switch f.Severity {
		case report.SeverityError:
			a.Issues.Errors++
		case report.SeverityWarning:
			a.Issues.Warnings++
		default:
			a.Issues.Suggestions++
		}
		a.Detail = append(a.Detail, analysisIssue{
			Severity: f.Severity, Category: f.Category, Table: f.TableName(), Message: f.Message, Suggestion: f.Suggestion(),
			Code: f.Rule, Columns: append([]string{}, f.Columns...), Evidence: f.Evidence, Advice: f.Advice,
			SQL: append([]string{}, f.SQL...), Link: f.Link,
		})
	}
}

// wantedSchema says whether --schema lets a schema through.
func wantedSchema(o options, name string) bool {
	if len(o.Schemas) == 0 {
		return true
	}
	for _, wanted := range o.Schemas {
		if wanted == name {
			return true
		}
	}
	return false
}

// gate is the verdict that --fail-on asks for.
func gate(o options, a analysis) error {
	if o.FailOn == "" {
		return nil
	}
	n := 0
	for _, f := range a.findings {
		if advise.AtLeast(f.Severity, report.Severity(o.FailOn)) {
			n++
		}
	}
	if n == 0 {
		return nil
	}
	return fault.Verdictf("%s of severity %s or worse (--fail-on %s)", count(n, "finding"), o.FailOn, o.FailOn)
}

// analysisDocument is the result for a person.
func analysisDocument(a analysis) report.Document {
	document := report.Document{
		Title:    "Schema analysis: " + a.label,
		Subtitle: detail(a.Server, a.Source, a.label),
		Verdict:  report.Verdict{Level: report.LevelGood, Text: fmt.Sprintf("Nothing to object to in %s.", count(a.Tables, "table"))},
		Figures: []report.Figure{
			{Label: "tables", Value: fmt.Sprint(a.Tables)},
			{Label: "errors", Value: fmt.Sprint(a.Issues.Errors), Level: levelIf(a.Issues.Errors, report.LevelBad)},
			{Label: "warnings", Value: fmt.Sprint(a.Issues.Warnings), Level: levelIf(a.Issues.Warnings, report.LevelWarn)},
			{Label: "suggestions", Value: fmt.Sprint(a.Issues.Suggestions)},
		},
	}
	if len(a.findings) > 0 {
		document.Verdict = report.Verdict{Level: report.LevelNotice, Text: fmt.Sprintf("%s in %s.", count(len(a.findings), "finding"), count(a.Tables, "table"))}
	}
	if a.Since != nil {
		document.Verdict.Text += a.Since.inShort()
		document.Sections = append(document.Sections, a.Since.sections()...)
	}
	for _, group := range []struct {
		severity report.Severity
		heading  string
	}{{report.SeverityError, "Errors"}, {report.SeverityWarning, "Warnings"}, {report.SeverityInfo, "Suggestions"}} {
		findings := a.folded(group.severity)
		if len(findings) > 0 {
			document.Sections = append(document.Sections, report.Section{Heading: group.heading, Blocks: []report.Block{findings}})
		}
	}
	document.Sections = append(document.Sections, statementSections(a.Statements)...)
	if len(a.Missing) > 0 {
		document.Sections = append(document.Sections, report.Section{
			Heading: "Not examined", Blocks: []report.Block{report.Text(strings.Join(a.Missing, "\n\n"))},
		})
	}
	return document
}

func levelIf(n int, level report.Level) report.Level {
	if n == 0 {
		return report.LevelNone
	}
	return level
}

func documentFinding(f advise.Finding) report.Finding {
	finding := report.Finding{
		Severity: f.Severity, Code: f.Rule, Subject: f.TableName(), Message: f.Message,
		Evidence: f.Evidence, Advice: f.Advice, Link: f.Link,
	}
	if script := f.Script(); script != "" {
		finding.Fix = &report.Code{Language: "sql", Text: script}
	}
	return finding
}
