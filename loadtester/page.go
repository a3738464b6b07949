package main

import (
	"errors"
	"fmt"
	"math"

	"github.com/senior-backend/toolkit/loadtester/internal/result"
	"github.com/senior-backend/toolkit/loadtester/internal/verdict"
	"github.com/senior-backend/toolkit/shared/fault"
	"github.com/senior-backend/toolkit/shared/report"
)

// pageOf is the report of an outcome: the verdict first, then what was measured. A full
// one has the charts that a terminal can't show.
func pageOf(out outcome, full bool) *report.Document {
	var names []string
	if out.pair() {
		names = out.names[:]
	}
	var page *report.Document
	switch {
	case out.capacity != nil:
		page = capacityPage(out, full)
	case out.headers != nil:
		page = headersPage(out)
	default:
		page = result.Document(out.records, names, full)
	}
	page.Verdict = overall(out)
	flagFloor(page, out)
	var first []report.Section
	if len(out.differences) > 0 {
		first = append(first, comparison(out, full))
	}
	if len(out.checks) > 0 {
		first = append(first, expectations(out.checks))
	}
	page.Sections = append(first, page.Sections...)
	if out.agents != nil {
		page.Sections = append(page.Sections, agentsSection(out))
	}
	if len(out.advice) > 0 {
		page.Sections = append(page.Sections, recommendations(out))
	}
	return page
}

// flagFloor says at the rate that it is a floor, where this machine was the limit.
func flagFloor(page *report.Document, out outcome) {
	for _, a := range out.advice {
		if a.Code != "client-busy" && a.Code != "client-limit" {
			continue
		}
		for i := range page.Figures {
			if f := &page.Figures[i]; f.Label == "rate" || f.Label == "ceiling" {
				f.Note, f.Level = "a floor: this machine was the limit", report.LevelWarn
			}
		}
	}
}

func recommendations(out outcome) report.Section {
	var findings report.Findings
	for _, a := range out.advice {
		f := report.Finding{
			Severity: report.SeverityInfo, Code: a.Code, Message: a.Message, Evidence: a.Evidence, Advice: a.Action,
		}
		if a.Serious {
			f.Severity = report.SeverityWarning
		}
		if len(out.records) > 1 && out.capacity == nil {
			f.Subject = a.Target
		}
		findings = append(findings, f)
	}
	return report.Section{Heading: "What the data says", Blocks: []report.Block{findings}}
}

// overall words the verdict; there is none where nothing was asked for.
func overall(out outcome) report.Verdict {
	failed := 0
	for _, c := range out.checks {
		if !c.Holds {
			failed++
		}
	}
	switch {
	case errors.Is(out.failure, fault.ErrInterrupted):
		return report.Verdict{Level: report.LevelWarn, Text: "Interrupted: this is what was measured so far."}
	case out.failure != nil:
		return report.Verdict{Level: report.LevelBad, Text: out.failure.Error()}
	case failed > 0:
		return report.Verdict{Level: report.LevelBad, Text: fmt.Sprintf("%d of %d expectations did not hold.", failed, len(out.checks))}
	case out.capacity != nil && len(out.capacity.Steps) > 0:
		return capacityVerdict(out.capacity)
	case len(out.checks) > 0:
		return report.Verdict{Level: report.LevelGood, Text: "Every expectation held."}
	case len(out.differences) > 0:
		return report.Verdict{Level: report.LevelNotice, Text: summary(out)}
	default:
		return report.Verdict{}
	}
}

// summary says which of two targets is better at what.
func summary(out outcome) string {
	var better, worse int
	for _, d := range out.differences {
		switch d.Verdict {
		case verdict.Better:
			better++
		case verdict.Worse:
			worse++
		}
	}
	switch {
	case better+worse == 0:
		return "No difference that could be told from noise."
	case worse == 0:
		return "B is better than A, and nowhere worse."
	case better == 0:
		return "B is worse than A, and nowhere better."
	default:
		return "B is better than A at some metrics and worse at others."
	}
}

func expectations(checks []verdict.Check) report.Section {
	table := report.Table{Columns: []report.Column{{Head: "expected"}, {Head: "held"}, {Head: "seen"}}}
	s := report.Section{Heading: "Expectations"}
	evidence := report.Table{Columns: []report.Column{{Head: "expected"}, {Head: "evidence"}}}
	for _, c := range checks {
		held := report.Cell{Text: "yes", Level: report.LevelGood}
		if !c.Holds {
			held = report.Cell{Text: "no", Level: report.LevelBad}
		}
		table.Rows = append(table.Rows, []report.Cell{{Text: c.Name}, held, {Text: c.Text}})
		for _, d := range c.Details {
			evidence.Rows = append(evidence.Rows, []report.Cell{{Text: c.Name}, {Text: d}})
		}
	}
	s.Blocks = append(s.Blocks, table)
	if len(evidence.Rows) > 0 {
		s.Blocks = append(s.Blocks, evidence)
	}
	return s
}

func comparison(out outcome, full bool) report.Section {
	table := report.Table{Columns: []report.Column{
		{Head: "metric"},
		{Head: out.names[0], Numeric: true},
		{Head: out.names[1], Numeric: true},
		{Head: "difference", Numeric: true},
		{Head: "interval", Numeric: true},
		{Head: "verdict"},
	}}
	for _, d := range out.differences {
		a, b := d.Words()
		level := report.LevelNone
		switch d.Verdict {
		case verdict.Better:
			level = report.LevelGood
		case verdict.Worse:
			level = report.LevelBad
		}
		change, interval := "", ""
		if ratio := d.Ratio(); !math.IsNaN(ratio) && !math.IsInf(ratio, 0) {
			change = signed(ratio)
		}
		if !math.IsNaN(d.Low) {
			interval = signed(d.Low) + " to " + signed(d.High)
		}
		table.Rows = append(table.Rows, []report.Cell{
			{Text: d.Metric},
			{Text: a},
			{Text: b},
			{Text: change, Level: level},
			{Text: interval},
			{Text: d.Verdict, Level: level},
		})
	}
	s := report.Section{Heading: "Comparison", Blocks: []report.Block{table}}
	if out.pair() {
		s.Blocks = append(s.Blocks, report.Text("Difference and interval are those of short slices of load that ran next to "+
			"each other, so that what the machine did meanwhile is not in them."))
	}
	if full {
		s.Blocks = append(s.Blocks, overlays(out)...)
	}
	return s
}

// overlays are the charts that lay what is compared over each other.
func overlays(out outcome) []report.Block {
	if out.pair() {
		rates := report.Chart{Title: "Throughput by slices", Kind: report.ChartLine, XLabel: "slice", YLabel: "requests/s"}
		tails := report.Chart{Title: "p99 by slices", Kind: report.ChartLine, XLabel: "slice", YLabel: "ms"}
		for k, list := range out.slices {
			rate, tail := report.Series{Name: out.names[k]}, report.Series{Name: out.names[k]}
			for i, r := range list {
				rate.Points = append(rate.Points, report.Point{X: float64(i + 1), Y: r.RequestsPerSecond})
				tail.Points = append(tail.Points, report.Point{X: float64(i + 1), Y: r.LatencyP99})
			}
			rates.Series, tails.Series = append(rates.Series, rate), append(tails.Series, tail)
		}
		return []report.Block{rates, tails, result.Distributions(out.records, out.names[:])}
	}
	if out.baseline == nil || len(out.records) == 0 {
		return nil
	}
	var blocks []report.Block
	both, names := []*result.Record{out.baseline, out.records[0]}, []string{"saved", "now"}
	if len(out.baseline.Series) >= 3 && len(out.records[0].Series) >= 3 {
		blocks = append(blocks, result.RateChart(both, names), result.P99Chart(both, names))
	}
	if out.baseline.ReadHistogram() == nil { // the predecessor's results have none
		blocks = append(blocks, result.Distributions(both, names))
	}
	return blocks
}

// signed words a ratio as a change in percent.
func signed(ratio float64) string { return fmt.Sprintf("%+.1f%%", (ratio-1)*100) }
