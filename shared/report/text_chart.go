package report

import (
	"math"
	"strings"
)

// Columns of a sparkline; a narrower one shows nothing.
const (
	minSparkline = 8
	maxSparkline = 60
)

var sparks = []rune("▁▂▃▄▅▆▇█")

// chart writes a sparkline per series with the figures that it cannot show.
func (p *printer) chart(c Chart) {
	switch {
	case c.Title != "" && c.YLabel != "" && displayWidth(c.Title+c.YLabel)+3 <= p.room():
		p.line(p.styled(c.Title, styleBold) + p.styled(" · "+c.YLabel, styleDim))
	case c.Title != "":
		p.prose("", c.Title, 0, styleBold)
	case c.YLabel != "":
		p.prose("", c.YLabel, 0, styleDim)
	}
	name := 0
	for _, s := range c.Series {
		name = max(name, displayWidth(s.Name))
	}
	name = min(name, p.room()/4)
	low, high := chartExtent(c, func(pt Point) float64 { return pt.X })
	stats, widest := make([]string, len(c.Series)), 0
	for i, s := range c.Series {
		stats[i] = "no values"
		if r, ok := seriesRange(s); ok {
			stats[i] = formatNumber(r.low) + " to " + formatNumber(r.high)
			if mean := meanText(c, r.mean); mean != "" {
				stats[i] += ", mean " + mean
			}
		}
		widest = max(widest, displayWidth(stats[i]))
	}
	width := min(maxSparkline, p.room()-name-4-widest)
	for i, s := range c.Series {
		lead, hang := pad(shortenMiddle(s.Name, name), name, false)+"  ", name+2
		if width >= minSparkline {
			hang += width + 2
			lead += p.styled(sparkline(s, c, low, high, width), sparkStyle(s.Level)) + "  "
		}
		p.prose(lead, stats[i], hang, styleDim)
	}
	if c.XLabel != "" && low <= high {
		p.prose("", c.XLabel+": "+formatOn(low, c.XScale)+" to "+formatOn(high, c.XScale), 0, styleDim)
	}
	for _, m := range c.Markers {
		p.prose("", "at "+formatOn(m.X, c.XScale)+": "+m.Label, 0, styleDim)
	}
}

// meanText is the mean of a series in words. Over percentiles, whose points crowd
// towards the end, it would say nothing, and there is none.
func meanText(c Chart, mean float64) string {
	if c.XScale == ScalePercentile {
		return ""
	}
	return formatNumber(mean)
}

func sparkStyle(level Level) string {
	if style := levelStyle(level); style != "" {
		return style
	}
	return levelStyle(LevelNotice)
}

// sparkline draws the means of s over width equal parts of the x axis, between
// the least and the greatest of them; gaps are spaces.
func sparkline(s Series, c Chart, low, high float64, width int) string {
	x, y := newScale(c.XScale, low, high), c.YScale
	sums, counts := make([]float64, width), make([]int, width)
	for _, point := range s.Points {
		at, value := x.fraction(point.X), scaled(y, point.Y)
		if !isFinite(value) || !isFinite(at) {
			continue
		}
		i := min(max(int(at*float64(width)), 0), width-1)
		sums[i] += value
		counts[i]++
	}
	least, greatest := math.Inf(1), math.Inf(-1)
	for i := range sums {
		if counts[i] > 0 {
			sums[i] /= float64(counts[i])
			least, greatest = min(least, sums[i]), max(greatest, sums[i])
		}
	}
	if y != ScaleLog && least > 0 {
		least = 0 // the height of a bar is to be proportional to its value
	}
	if points := len(s.Points); points < width {
		spread(sums, counts)
	}
	var b strings.Builder
	for i := range sums {
		if counts[i] == 0 {
			b.WriteByte(' ')
			continue
		}
		level := 0
		if greatest > least {
			level = int(math.Round((sums[i] - least) / (greatest - least) * float64(len(sparks)-1)))
		}
		b.WriteRune(sparks[min(max(level, 0), len(sparks)-1)])
	}
	return b.String()
}

// spread fills the empty parts between points that are sparser than the
// columns, so that few points do not look like gaps.
func spread(sums []float64, counts []int) {
	last := -1
	for i := range sums {
		if counts[i] == 0 && last >= 0 {
			sums[i], counts[i] = sums[last], -1
			continue
		}
		if counts[i] > 0 {
			last = i
		}
	}
}
