package main

import (
	"cmp"
	"encoding/json"
	"fmt"
	"os"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/senior-backend/toolkit/migrator/internal/advise"
	"github.com/senior-backend/toolkit/shared/fault"
	"github.com/senior-backend/toolkit/shared/report"
)

// statementTimes is what the server counted of one statement.
type statementTimes struct {
	Query   string  `json:"query"`
	Calls   int64   `json:"calls"`
	Rows    int64   `json:"rows"`
	TotalMS float64 `json:"total_ms"`
	MeanMS  float64 `json:"mean_ms"`
}

func timesOf(statements []advise.Statement) []statementTimes {
	var times []statementTimes
	for _, s := range statements {
		times = append(times, statementTimes{
			Query: strings.Join(strings.Fields(s.Text), " "), Calls: s.Calls, Rows: s.Rows, TotalMS: s.TotalMS, MeanMS: s.MeanMS,
		})
	}
	return times
}

// sinceBaseline is what has changed since an earlier analysis.
type sinceBaseline struct {
	Baseline   string            `json:"baseline"` // the file
	At         time.Time         `json:"read_at"`  // when it was made
	Gone       []string          `json:"gone"`     // findings, as "code table: message"
	Came       []string          `json:"came"`
	Statements []changedMeasured `json:"statements"` // whose time changed, the most time saved first
}

// changedMeasured is a statement whose calls take another time since the baseline.
type changedMeasured struct {
	Query  string  `json:"query"`
	Calls  int64   `json:"calls"` // since then
	Before float64 `json:"mean_ms_before"`
	After  float64 `json:"mean_ms"`
}

// Changes below are noise.
const (
	fewestCalls = 5
	leastChange = 0.2 // of the time before
)

// readBaseline reads the result of an earlier analysis.
func readBaseline(path string) (earlier analysis, err error) {
	text, err := os.ReadFile(path)
	if err != nil {
		return earlier, &fault.Input{Path: path, Message: "cannot be read: " + strings.TrimPrefix(err.Error(), "open "+path+": "), Hint: "--baseline takes the JSON of an earlier analysis", Err: err}
	}
	if err := json.Unmarshal(text, &earlier); err != nil || earlier.Status == "" || earlier.Detail == nil {
		return earlier, &fault.Input{Path: path, Message: "is no result of --analyze", Hint: "make one with --analyze --json > FILE, or --output DIR", Err: err}
	}
	return earlier, nil
}

// since compares an analysis with an earlier one.
func (a *analysis) since(path string, earlier analysis) {
	c := &sinceBaseline{Baseline: path, At: earlier.ReadAt, Gone: []string{}, Came: []string{}, Statements: []changedMeasured{}}
	before, now := findingKeys(earlier), findingKeys(*a)
	for _, issue := range earlier.Detail {
		if !slices.Contains(now, issue.key()) {
			c.Gone = append(c.Gone, issue.line())
		}
	}
	for _, issue := range a.Detail {
		if !slices.Contains(before, issue.key()) {
			c.Came = append(c.Came, issue.line())
		}
	}
	times := map[string]statementTimes{}
	for _, s := range earlier.Statements {
		times[s.Query] = s
	}
	for _, s := range a.Statements {
		b, known := times[s.Query]
		if !known || b.Calls == 0 {
			continue
		}
		calls, total := s.Calls-b.Calls, s.TotalMS-b.TotalMS
		if calls < 0 { // the counters were reset meanwhile
			calls, total = s.Calls, s.TotalMS
		}
		if calls < fewestCalls {
			continue
		}
		if mean := total / float64(calls); mean < b.MeanMS*(1-leastChange) || mean > b.MeanMS*(1+leastChange) {
			c.Statements = append(c.Statements, changedMeasured{Query: s.Query, Calls: calls, Before: b.MeanMS, After: mean})
		}
	}
	slices.SortStableFunc(c.Statements, func(x, y changedMeasured) int { return cmp.Compare(y.saved(), x.saved()) })
	a.Since = c
}

// saved is the time that all calls since then took less.
func (m changedMeasured) saved() float64 { return float64(m.Calls) * (m.Before - m.After) }

func findingKeys(a analysis) []string {
	var keys []string
	for _, issue := range a.Detail {
		keys = append(keys, issue.key())
	}
	return keys
}

var numbers = regexp.MustCompile(`[0-9]+(\.[0-9]+)?`)

// key is what stays the same of a finding while its figures change.
func (i analysisIssue) key() string {
	return strings.Join([]string{i.Code, i.Table, strings.Join(i.Columns, ","), numbers.ReplaceAllString(i.Message, "")}, "\x00")
}

func (i analysisIssue) line() string { return strings.TrimSpace(i.Code+" "+i.Table) + ": " + i.Message }

// sections are the sinceBaseline for a person.
func (c sinceBaseline) sections() []report.Section {
	var sections []report.Section
	heading := "Since " + c.Baseline
	if !c.At.IsZero() {
		heading += " of " + c.At.UTC().Format("2006-01-02 15:04 MST")
	}
	if len(c.Statements) > 0 {
		table := report.Table{Columns: []report.Column{
			{Head: "ms a call before", Numeric: true}, {Head: "since", Numeric: true}, {Head: "calls since", Numeric: true}, {Head: "change"}, {Head: "statement"},
		}}
		for _, m := range c.Statements[:min(len(c.Statements), mostListed)] {
			table.Rows = append(table.Rows, []report.Cell{
				{Text: fmt.Sprintf("%.3f", m.Before)}, {Text: fmt.Sprintf("%.3f", m.After)}, {Text: fmt.Sprint(m.Calls)}, m.verdict(), {Text: clipped(m.Query)},
			})
		}
		sections = append(sections, report.Section{Heading: heading + ": statements", Blocks: []report.Block{table}})
	}
	for _, group := range []struct {
		what  string
		lines []string
	}{{"gone", c.Gone}, {"new", c.Came}} {
		if len(group.lines) > 0 {
			sections = append(sections, report.Section{Heading: heading + ": " + group.what, Blocks: []report.Block{report.Text(strings.Join(group.lines, "\n\n"))}})
		}
	}
	if len(sections) == 0 {
		sections = []report.Section{{Heading: heading, Blocks: []report.Block{report.Text("Nothing has changed.")}}}
	}
	return sections
}

func (m changedMeasured) verdict() report.Cell {
	if m.After > m.Before {
		return report.Cell{Text: "slower", Level: report.LevelBad}
	}
	factor := m.Before / max(m.After, 1e-6)
	decimals := 1
	if factor >= 100 {
		decimals = 0
	}
	return report.Cell{Text: fmt.Sprintf("%.*f times as fast", decimals, factor), Level: report.LevelGood}
}

// inShort says it in a sentence.
func (c sinceBaseline) inShort() string {
	faster, slower := 0, 0
	for _, m := range c.Statements {
		if m.After < m.Before {
			faster++
		} else {
			slower++
		}
	}
	return fmt.Sprintf(" Since the baseline: %s faster, %d slower; %s gone, %d new.",
		count(faster, "statement"), slower, count(len(c.Gone), "finding"), len(c.Came))
}

// mostListed bounds the tables of statements.
const mostListed = 10

// clipped keeps a statement within a table's cell.
func clipped(query string) string {
	letters := []rune(query)
	if len(letters) <= 100 {
		return query
	}
	return string(letters[:99]) + "…"
}

// statementSections name the statements that take most time, in all and a call.
func statementSections(times []statementTimes) []report.Section {
	var sections []report.Section
	for _, by := range []struct {
		heading string
		of      func(statementTimes) float64
	}{
		{"Statements by their time in all", func(s statementTimes) float64 { return s.TotalMS }},
		{"Statements by their time a call", func(s statementTimes) float64 { return s.MeanMS }},
	} {
		sorted := slices.Clone(times)
		slices.SortStableFunc(sorted, func(x, y statementTimes) int { return cmp.Compare(by.of(y), by.of(x)) })
		table := report.Table{Columns: []report.Column{{Head: "ms in all", Numeric: true}, {Head: "calls", Numeric: true}, {Head: "ms a call", Numeric: true}, {Head: "rows a call", Numeric: true}, {Head: "statement"}}}
		for _, s := range sorted[:min(len(sorted), mostListed)] {
			table.Rows = append(table.Rows, []report.Cell{
				{Text: fmt.Sprintf("%.0f", s.TotalMS)},
				{Text: fmt.Sprint(s.Calls)},
				{Text: fmt.Sprintf("%.3f", s.MeanMS)},
				{Text: fmt.Sprintf("%.1f", float64(s.Rows)/float64(max(1, s.Calls)))},
				{Text: clipped(s.Query)},
			})
		}
		if len(table.Rows) > 0 {
			sections = append(sections, report.Section{Heading: by.heading, Blocks: []report.Block{table}})
		}
	}
	return sections
}
