package main

import (
	"fmt"
	"math"
	"strings"

	"github.com/senior-backend/toolkit/loadtester/internal/result"
	"github.com/senior-backend/toolkit/loadtester/internal/verdict"
	"github.com/senior-backend/toolkit/shared/report"
)

// capacityPage is the report of a search for the capacity.
func capacityPage(out outcome, full bool) *report.Document {
	f := out.capacity
	page := &report.Document{Title: "Capacity of " + f.target.Method + " " + f.target.Name}
	if len(f.Steps) == 0 {
		return page
	}
	least, most := f.Steps[0].Connections, f.Steps[len(f.Steps)-1].Connections
	page.Subtitle = fmt.Sprintf("%s of %d to %d connections, %s each", count(len(f.Steps), "load"), least, most, result.Millis(f.stepSeconds*1000))
	if f.Spread >= 0 {
		page.Subtitle += ", in two passes"
	}
	page.Figures = capacityFigures(f)
	if say := meaning(f); len(say) > 0 {
		page.Sections = append(page.Sections, report.Section{
			Heading: "What it means", Blocks: []report.Block{report.Text(strings.Join(say, " "))},
		})
	}
	page.Sections = append(page.Sections, report.Section{Heading: "Loads", Blocks: []report.Block{stepsTable(f, full)}})
	if full {
		page.Sections = append(page.Sections, report.Section{Heading: "Charts", Blocks: []report.Block{rateChart(f), latencyChart(f)}})
	}
	return page
}

func capacityFigures(f *found) []report.Figure {
	figures := []report.Figure{{Label: "ceiling", Value: result.Number(f.Ceiling) + "/s"}}
	if f.Knee != nil {
		value, unit, _ := strings.Cut(verdict.Connections(f.Knee.Connections), " ")
		figures = append(figures, report.Figure{Label: "knee", Value: value, Note: unit})
	}
	if f.Objective != nil {
		figures = append(figures, report.Figure{
			Label: "within " + strings.Join(f.Objectives, ", "), Value: result.Number(f.Objective.Rate) + "/s",
			Note: verdict.Connections(f.Objective.Connections),
		})
	}
	if f.Target != nil {
		figures = append(figures, report.Figure{
			Label: "instances for " + result.Number(f.Target.Rate) + "/s", Value: fmt.Sprint(f.Target.Instances),
			Note: fmt.Sprintf("%d with a quarter in reserve", f.Target.WithReserve),
		})
	}
	return figures
}

// capacityVerdict is the result in one sentence.
func capacityVerdict(f *found) report.Verdict {
	last := f.Steps[len(f.Steps)-1].Connections
	switch {
	case f.Ceiling == 0:
		return report.Verdict{Level: report.LevelBad, Text: "No request succeeded, so there is no capacity to find."}
	case f.Knee == nil:
		return report.Verdict{Level: report.LevelWarn, Text: fmt.Sprintf(
			"No end was found: the rate still grew at %d connections. Search further with --concurrency.", last)}
	case !f.Repeatable:
		return report.Verdict{Level: report.LevelWarn, Text: fmt.Sprintf(
			"The capacity ends near %s and %s, but the measurement does not repeat.", verdict.Connections(f.Knee.Connections), verdict.Rate(f.Ceiling))}
	default:
		return report.Verdict{Level: report.LevelNotice, Text: fmt.Sprintf(
			"The capacity ends at %s and %s.", verdict.Connections(f.Knee.Connections), verdict.Rate(f.Ceiling))}
	}
}

// meaning says in sentences what a person can do with the figures.
func meaning(f *found) []string {
	var say []string
	if f.Knee != nil {
		last := f.Steps[len(f.Steps)-1]
		say = append(say, fmt.Sprintf("Up to the knee more connections bring more; beyond it they only wait: with %d the p99 is %s.",
			last.Connections, result.Millis(last.P99)))
	}
	if f.Objective != nil {
		say = append(say, fmt.Sprintf("The highest load within %s is %s with %s.",
			strings.Join(f.Objectives, " and "), verdict.Rate(f.Objective.Rate), verdict.Connections(f.Objective.Connections)))
	}
	if f.PerInstance != nil {
		say = append(say, fmt.Sprintf("Give an instance %s at once (a pool, a proxy's limit), for %s.",
			verdict.Connections(f.PerInstance.Connections), verdict.Rate(f.PerInstance.Rate)))
	}
	if f.Target != nil {
		say = append(say, fmt.Sprintf("%s need %s of them, or %d with a quarter in reserve.",
			verdict.Rate(f.Target.Rate), count(f.Target.Instances, "instance"), f.Target.WithReserve))
	}
	return append(say, law(f)...)
}

// law words a fit of the Universal Scalability Law.
func law(f *found) []string {
	u := f.Fit
	if u == nil {
		return nil
	}
	text := fmt.Sprintf("Universal Scalability Law: %s for one connection, contention %.2g%%, coherency %.2g%%, R² %.3f",
		verdict.Rate(u.Lambda), u.Sigma*100, u.Kappa*100, u.RSquared)
	// A ceiling without a fall is fitted by a law that falls later; that is not worth a word.
	if last := f.Steps[len(f.Steps)-1]; u.Peak != nil && last.Rate < 0.95*f.Ceiling {
		text += fmt.Sprintf("; by it the rate peaks at %s and falls from there", verdict.Connections(math.Round(u.Peak.Connections)))
	}
	return []string{text + "."}
}

func count(n int, noun string) string {
	if n == 1 {
		return "1 " + noun
	}
	return fmt.Sprintf("%d %ss", n, noun)
}

func stepsTable(f *found, full bool) report.Table {
	table := report.Table{Columns: []report.Column{
		{Head: "connections", Numeric: true},
		{Head: "rate", Numeric: true},
		{Head: "p50", Numeric: true},
		{Head: "p99", Numeric: true},
		{Head: "failed", Numeric: true},
	}}
	if full && f.Fit != nil {
		table.Columns = append(table.Columns, report.Column{Head: "by the law", Numeric: true})
	}
	if len(f.Objectives) > 0 {
		table.Columns = append(table.Columns, report.Column{Head: "within"})
	}
	for _, s := range f.Steps {
		failed := report.Cell{Text: fmt.Sprintf("%.3g%%", s.ErrorRate*100)}
		if s.ErrorRate > 0 {
			failed.Level = report.LevelBad
		}
		row := []report.Cell{
			{Text: fmt.Sprint(s.Connections)},
			{Text: result.Number(s.Rate) + "/s"},
			{Text: result.Millis(s.P50)},
			{Text: result.Millis(s.P99)},
			failed,
		}
		if full && f.Fit != nil {
			row = append(row, report.Cell{Text: result.Number(f.Fit.Rate(float64(s.Connections))) + "/s"})
		}
		if len(f.Objectives) > 0 {
			within := report.Cell{Text: "yes", Level: report.LevelGood}
			if !s.Within {
				within = report.Cell{Text: "no", Level: report.LevelBad}
			}
			row = append(row, within)
		}
		table.Rows = append(table.Rows, row)
	}
	return table
}

func rateChart(f *found) report.Chart {
	chart := report.Chart{Title: "Rate by connections", Kind: report.ChartLine, XScale: report.ScaleLog, XLabel: "connections", YLabel: "requests/s"}
	measured := report.Series{Name: "measured"}
	for _, s := range f.Steps {
		measured.Points = append(measured.Points, report.Point{X: float64(s.Connections), Y: s.Rate})
	}
	chart.Series = []report.Series{measured}
	if f.Fit != nil {
		const points = 60
		law := report.Series{Name: "scalability law"}
		last := math.Log(float64(f.Steps[len(f.Steps)-1].Connections))
		for i := range points + 1 {
			n := math.Exp(last * float64(i) / points)
			law.Points = append(law.Points, report.Point{X: n, Y: f.Fit.Rate(n)})
		}
		chart.Series = append(chart.Series, law)
	}
	if f.Knee != nil && f.Knee.Connections >= 1 {
		chart.Markers = append(chart.Markers, report.Marker{X: f.Knee.Connections, Label: "knee"})
	}
	if f.Objective != nil {
		chart.Markers = append(chart.Markers, report.Marker{X: f.Objective.Connections, Label: "objective"})
	}
	return chart
}

func latencyChart(f *found) report.Chart {
	p50, p99 := report.Series{Name: "p50"}, report.Series{Name: "p99"}
	for _, s := range f.Steps {
		if s.P50 > 0 {
			p50.Points = append(p50.Points, report.Point{X: float64(s.Connections), Y: s.P50})
			p99.Points = append(p99.Points, report.Point{X: float64(s.Connections), Y: s.P99})
		}
	}
	return report.Chart{
		Title: "Latency by connections", Kind: report.ChartLine, XScale: report.ScaleLog, YScale: report.ScaleLog,
		XLabel: "connections", YLabel: "ms", Series: []report.Series{p50, p99},
	}
}
