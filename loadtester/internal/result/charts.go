package result

import (
	"math"

	"github.com/senior-backend/toolkit/shared/report"
)

// overTime is two lines of the run by seconds, for a terminal; nil when there are too few
// to see anything.
func overTime(r *Record) *report.Section {
	if len(r.Series) < 3 {
		return nil
	}
	rate, p99 := report.Series{Name: "rate"}, report.Series{Name: "p99"}
	for i, s := range r.wholeSeconds() {
		rate.Points = append(rate.Points, report.Point{X: float64(i + 1), Y: float64(s.Requests)})
		p99.Points = append(p99.Points, report.Point{X: float64(i + 1), Y: orGap(s.P99)})
	}
	return &report.Section{Heading: "Over time", Blocks: []report.Block{
		report.Chart{Title: "Rate", Kind: report.ChartLine, YLabel: "requests/s", Series: []report.Series{rate}},
		report.Chart{Title: "Latency", Kind: report.ChartLine, YLabel: "ms", Series: []report.Series{p99}},
	}}
}

// wholeSeconds are the seconds of the run; the rest of one would look like a drop.
func (r *Record) wholeSeconds() []Point {
	return r.Series[:min(len(r.Series), int(r.DurationSeconds))]
}

// charts are the pictures of a run, for a page.
func charts(r *Record) report.Section {
	s := report.Section{Heading: "Charts"}
	if len(r.Series) > 0 && r.TotalRequests > 0 {
		s.Blocks = append(s.Blocks, RateChart([]*Record{r}, []string{"requests"}))
	}
	if len(r.wholeSeconds()) >= 3 {
		s.Blocks = append(s.Blocks, percentileChart(r), outcomeChart(r))
	}
	if r.SuccessfulRequests > 0 {
		s.Blocks = append(s.Blocks, Distributions([]*Record{r}, []string{"latency"}))
	}
	return s
}

// RateChart charts the requests of runs over their time, each below its name: by seconds,
// or by tenths of them for runs that are too short for that.
func RateChart(records []*Record, names []string) report.Chart {
	chart := report.Chart{Title: "Throughput", Kind: report.ChartLine, XLabel: "seconds", YLabel: "requests/s"}
	short := true
	for _, r := range records {
		short = short && len(r.Series) < 10 && len(r.Tenths()) > 1
	}
	for i, r := range records {
		s := report.Series{Name: names[i]}
		if short {
			for k, n := range r.Tenths() {
				s.Points = append(s.Points, report.Point{X: float64(k+1) / 10, Y: float64(n) * 10})
			}
		} else {
			for k, second := range r.wholeSeconds() {
				s.Points = append(s.Points, report.Point{X: float64(k + 1), Y: float64(second.Requests)})
			}
		}
		chart.Series = append(chart.Series, s)
	}
	return chart
}

// percentileChart charts the percentiles of each second.
func percentileChart(r *Record) report.Chart {
	chart := report.Chart{
		Title: "Latency over time", Kind: report.ChartLine, XLabel: "seconds", YLabel: "ms",
		Series: []report.Series{{Name: "p50"}, {Name: "p90"}, {Name: "p99"}, {Name: "max"}},
	}
	least, most := math.Inf(1), 0.0
	for i, s := range r.wholeSeconds() {
		for k, v := range []float64{s.P50, s.P90, s.P99, s.Max} {
			chart.Series[k].Points = append(chart.Series[k].Points, report.Point{X: float64(i + 1), Y: orGap(v)})
			if v > 0 {
				least, most = min(least, v), max(most, v)
			}
		}
	}
	if most > 20*least {
		chart.YScale = report.ScaleLog // else the maximum would press the rest flat
	}
	return chart
}

// P99Chart charts the p99 of each second of runs, each below its name.
func P99Chart(records []*Record, names []string) report.Chart {
	chart := report.Chart{Title: "p99 over time", Kind: report.ChartLine, XLabel: "seconds", YLabel: "ms"}
	for i, r := range records {
		s := report.Series{Name: names[i]}
		for k, second := range r.wholeSeconds() {
			s.Points = append(s.Points, report.Point{X: float64(k + 1), Y: orGap(second.P99)})
		}
		chart.Series = append(chart.Series, s)
	}
	return chart
}

// outcomeChart stacks what came of the requests in each second.
func outcomeChart(r *Record) report.Chart {
	chart := report.Chart{Title: "Answers and errors", Kind: report.ChartArea, XLabel: "seconds", YLabel: "requests/s"}
	for _, kind := range []struct {
		key, name string
		level     report.Level
	}{
		{"1xx", "1xx", report.LevelNone},
		{"2xx", "2xx", report.LevelGood},
		{"3xx", "3xx", report.LevelNotice},
		{"4xx", "4xx", report.LevelWarn},
		{"5xx", "5xx", report.LevelBad},
		{NoAnswer, "no answer", report.LevelNone},
	} {
		s, any := report.Series{Name: kind.name, Level: kind.level}, false
		for i, second := range r.wholeSeconds() {
			n := second.Outcomes[kind.key]
			any = any || n > 0
			s.Points = append(s.Points, report.Point{X: float64(i + 1), Y: float64(n)})
		}
		if any {
			chart.Series = append(chart.Series, s)
		}
	}
	return chart
}

// Distributions charts the latencies of runs over an axis of percentiles, each below
// its name.
func Distributions(records []*Record, names []string) report.Chart {
	chart := report.Chart{
		Title: "Latency by percentile", Kind: report.ChartLine, XScale: report.ScalePercentile,
		XLabel: "percentile", YLabel: "ms",
	}
	for i, r := range records {
		chart.Series = append(chart.Series, report.Series{Name: names[i], Points: r.percentiles()})
	}
	return chart
}

// percentiles are enough points for a smooth line at every nine, however many bars
// the histogram has.
func (r *Record) percentiles() []report.Point {
	var points []report.Point
	var seen uint64
	last := -1.0
	for _, bar := range r.bars {
		x := float64(seen) / float64(max(1, r.SuccessfulRequests))
		seen += bar.Count
		if position := -math.Log10(1 - x); position-last >= 0.02 {
			points = append(points, report.Point{X: x, Y: ms(bar.To)})
			last = position
		}
	}
	return points
}

func orGap(v float64) float64 {
	if v == 0 {
		return math.NaN()
	}
	return v
}
