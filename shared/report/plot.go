package report

import (
	"fmt"
	"html"
	"html/template"
	"math"
	"strings"
	"unicode/utf8"
)

// The drawing's measures, in the units of its view box; the page scales it.
const (
	plotWidth    = 760.0
	plotHeight   = 280.0
	marginTop    = 30.0
	marginRight  = 18.0
	marginBottom = 44.0
	digitWidth   = 6.4 // of the labels' type, about
	pointBudget  = 4000
	pointsOfOne  = 800 // more than one per pixel shows nothing more
	dotsUpTo     = 40  // points of a series; fewer are drawn as dots with their values
	palette      = 8
)

type legendEntry struct{ Class, Name string }

// plot draws one chart. What it writes is SVG whose texts are escaped and
// whose colours are classes of the page's style.
type plot struct {
	chart               Chart
	number              int // distinguishes the identifiers in one page
	x, y                axisScale
	lowX, highX         float64
	lowY, highY         float64
	left, right         float64
	top, bottom         float64
	out                 strings.Builder
	stacked             []stackedSeries
	positions           []float64 // the x values of stacked series
	widthOfBar, padding float64
}

func newPageChart(c Chart, number int) *pageChart {
	out := &pageChart{Title: c.Title, SVG: template.HTML(drawPlot(c, number)), Numbers: chartNumbers(c)}
	if len(c.Series) > 1 {
		for i, s := range c.Series {
			out.Legend = append(out.Legend, legendEntry{seriesClass(s, i), s.Name})
		}
	}
	return out
}

// seriesClass gives a series its colour, and its dashes when colours repeat.
func seriesClass(s Series, i int) string {
	class := s.Level.String()
	if class == "" {
		class = fmt.Sprintf("s%d", i%palette)
	}
	if i/palette%2 == 1 {
		class += " dash"
	}
	return class
}

func chartNumbers(c Chart) *pageTable {
	t := &pageTable{Headed: true, Columns: []Column{
		{Head: "Series"},
		{Head: "Least", Numeric: true},
		{Head: "Mean", Numeric: true},
		{Head: "Greatest", Numeric: true},
		{Head: "Last", Numeric: true},
		{Head: "Points", Numeric: true},
	}}
	for _, s := range c.Series {
		row := []pageCell{{Text: s.Name}, {}, {}, {}, {}, {Text: formatNumber(float64(len(s.Points)))}}
		if r, ok := seriesRange(s); ok {
			for i, text := range []string{formatNumber(r.low), meanText(c, r.mean), formatNumber(r.high), formatNumber(r.last)} {
				row[i+1].Text = text
			}
		}
		for i := range row[1:] {
			row[i+1].Class = "number"
		}
		t.Rows = append(t.Rows, row)
	}
	if len(t.Rows) == 0 {
		return nil
	}
	return t
}

func drawPlot(c Chart, number int) string {
	p := &plot{chart: c, number: number, top: marginTop, right: plotWidth - marginRight, bottom: plotHeight - marginBottom}
	if c.Kind == ChartArea || c.Kind == ChartBar {
		p.stack()
	}
	p.measure()
	p.open()
	p.axes()
	switch c.Kind {
	case ChartArea:
		p.areas()
	case ChartBar:
		p.bars()
	default:
		for i, s := range c.Series {
			p.lineOf(s, i)
		}
	}
	p.markers()
	p.out.WriteString("</svg>")
	return p.out.String()
}

func (p *plot) printf(format string, args ...any) { fmt.Fprintf(&p.out, format, args...) }

// measure finds the ranges of both axes and the room for their labels.
func (p *plot) measure() {
	usable := Chart{}
	for _, s := range p.chart.Series {
		kept := Series{}
		for _, segment := range segments(s.Points, p.chart.XScale, p.chart.YScale) {
			kept.Points = append(kept.Points, segment...)
		}
		usable.Series = append(usable.Series, kept)
	}
	p.lowX, p.highX = chartExtent(usable, func(pt Point) float64 { return pt.X })
	low, high := chartExtent(usable, func(pt Point) float64 { return pt.Y })
	if p.stacked != nil {
		low, high = p.stackExtent()
	}
	if p.lowX > p.highX {
		p.lowX, p.highX, low, high = 0, 1, 0, 1
		if p.chart.XScale == ScaleLog {
			p.lowX, p.highX = 1, 10
		}
	}
	if p.chart.XScale == ScalePercentile {
		p.lowX, p.highX = math.Min(p.lowX, 0), math.Min(p.highX, maxPercentile)
	}
	p.lowY, p.highY = valueExtent(p.chart.YScale, low, high)
	longest := 0
	for _, v := range ticks(p.chart.YScale, p.lowY, p.highY, 5) {
		longest = max(longest, utf8.RuneCountInString(formatOn(v, p.chart.YScale)))
	}
	p.left = math.Max(36, float64(longest)*digitWidth+16)
	p.x, p.y = newScale(p.chart.XScale, p.lowX, p.highX), newScale(p.chart.YScale, p.lowY, p.highY)
	if p.chart.Kind == ChartBar {
		p.spaceBars()
	}
}

func (p *plot) atX(v float64) float64 {
	return p.left + p.padding + p.x.fraction(v)*(p.right-p.left-2*p.padding)
}

func (p *plot) atY(v float64) float64 { return p.bottom - p.y.fraction(v)*(p.bottom-p.top) }

// open begins the drawing with its title and a description for those who
// cannot see it.
func (p *plot) open() {
	title := p.chart.Title
	if title == "" {
		title = "Chart"
	}
	var about []string
	for _, s := range p.chart.Series {
		if r, ok := seriesRange(s); ok {
			about = append(about, fmt.Sprintf("%s from %s to %s, mean %s", s.Name, formatNumber(r.low), formatNumber(r.high), formatNumber(r.mean)))
		}
	}
	p.printf(`<svg class="plot" viewBox="0 0 %g %g" role="img" aria-labelledby="t%d d%d"><title id="t%d">%s</title><desc id="d%d">%s</desc>`,
		plotWidth, plotHeight, p.number, p.number, p.number, html.EscapeString(title), p.number, html.EscapeString(strings.Join(about, "; ")))
}

func (p *plot) axes() {
	for _, v := range ticks(p.chart.YScale, p.lowY, p.highY, 5) {
		y := p.atY(v)
		p.printf(`<line class="grid" x1="%.1f" y1="%.1f" x2="%.1f" y2="%.1f"/>`, p.left, y, p.right, y)
		p.text(p.left-8, y+4, "end", formatOn(v, p.chart.YScale), "")
	}
	p.printf(`<line class="base" x1="%.1f" y1="%.1f" x2="%.1f" y2="%.1f"/>`, p.left, p.bottom, p.right, p.bottom)
	last := math.Inf(-1)
	whole := wholeX(p.chart)
	for _, v := range ticks(p.chart.XScale, p.lowX, p.highX, 8) {
		if whole && v != math.Trunc(v) {
			continue // between two of what is counted there is nothing
		}
		x, label := p.atX(v), formatOn(v, p.chart.XScale)
		half := float64(utf8.RuneCountInString(label)) * digitWidth / 2
		if x-half < last+8 { // labels must not touch
			continue
		}
		last = x + half
		p.printf(`<line class="base" x1="%.1f" y1="%.1f" x2="%.1f" y2="%.1f"/>`, x, p.bottom, x, p.bottom+4)
		p.text(math.Min(x, plotWidth-half-5), p.bottom+17, "middle", label, "")
	}
	if p.chart.YLabel != "" {
		p.text(2, 14, "start", shorten(p.chart.YLabel, 60), "")
	}
	if p.chart.XLabel != "" {
		p.text((p.left+p.right)/2, plotHeight-6, "middle", shorten(p.chart.XLabel, 100), "")
	}
}

func (p *plot) text(x, y float64, anchor, text, class string) {
	if class != "" {
		class = ` class="` + class + `"`
	}
	p.printf(`<text x="%.1f" y="%.1f" text-anchor="%s"%s>%s</text>`, x, y, anchor, class, html.EscapeString(text))
}

// lineOf draws a series as joined points, interrupted at gaps.
func (p *plot) lineOf(s Series, i int) {
	class := seriesClass(s, i)
	budget := min(pointsOfOne, max(100, pointBudget/len(p.chart.Series)))
	parts := segments(s.Points, p.chart.XScale, p.chart.YScale)
	total := 0
	for _, part := range parts {
		total += len(part)
	}
	var d strings.Builder
	for _, part := range parts {
		drawn := make([]Point, len(part))
		for n, point := range part {
			drawn[n] = Point{p.atX(point.X), p.atY(point.Y)}
		}
		if total > budget {
			drawn = downsample(drawn, max(3, len(part)*budget/total))
		}
		writePath(&d, drawn, 'M')
		if len(drawn) == 1 && total > dotsUpTo {
			d.WriteString("h.1") // with round ends, a lone point shows as a dot
		}
	}
	p.printf(`<path class="line %s" d="%s"/>`, class, d.String())
	if total > dotsUpTo {
		return
	}
	for _, part := range parts {
		for _, point := range part {
			p.printf(`<circle class="dot %s" cx="%.1f" cy="%.1f" r="3"><title>%s</title></circle>`, class, p.atX(point.X), p.atY(point.Y),
				html.EscapeString(fmt.Sprintf("%s: %s at %s", s.Name, formatNumber(point.Y), formatOn(point.X, p.chart.XScale))))
		}
	}
}

func writePath(d *strings.Builder, points []Point, first byte) {
	for i, point := range points {
		command := byte('L')
		if i == 0 {
			command = first
		}
		fmt.Fprintf(d, "%c%.1f %.1f", command, point.X, point.Y)
	}
}

// markers are dashed lines whose labels take the next of three rows when they
// would run into each other.
func (p *plot) markers() {
	const rows = 2
	var ends [rows]float64
	for _, m := range p.chart.Markers {
		x := p.atX(m.X)
		if !isFinite(x) || x < p.left-1 || x > p.right+1 {
			continue
		}
		p.printf(`<line class="marker" x1="%.1f" y1="%.1f" x2="%.1f" y2="%.1f"><title>%s</title></line>`, x, p.top-4, x, p.bottom,
			html.EscapeString(m.Label))
		label := shorten(m.Label, 40)
		width := float64(displayWidth(label)) * digitWidth
		start, anchor := x+4, "start"
		if start+width > plotWidth {
			start, anchor = x-4-width, "end"
		}
		for row := range rows {
			if start < ends[row] {
				continue
			}
			ends[row] = start + width + 6
			at := x + 4
			if anchor == "end" {
				at = x - 4
			}
			p.text(at, p.top+7+float64(row)*13, anchor, label, "marker-label")
			break
		}
	}
}
