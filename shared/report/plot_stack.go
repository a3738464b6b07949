package report

import (
	"fmt"
	"html"
	"math"
	"slices"
	"strings"
)

const maxBars = 240 // more would be thinner than two pixels

// stackedSeries is one layer: where it begins and ends above each position.
type stackedSeries struct{ low, high []float64 }

// stack puts the series on top of each other at the union of their x values.
// What is missing or a gap counts as nothing; negative values cannot be stacked
// and count as nothing too.
func (p *plot) stack() {
	at := map[float64]int{}
	for _, s := range p.chart.Series {
		for _, point := range s.Points {
			if isFinite(scaled(p.chart.XScale, point.X)) {
				at[point.X] = 0
			}
		}
	}
	for x := range at {
		p.positions = append(p.positions, x)
	}
	slices.Sort(p.positions)
	for i, x := range p.positions {
		at[x] = i
	}
	values := make([][]float64, len(p.chart.Series))
	for i, s := range p.chart.Series {
		values[i] = make([]float64, len(p.positions))
		for _, point := range s.Points {
			if n, ok := at[point.X]; ok && isFinite(point.Y) && point.Y > 0 {
				values[i][n] = point.Y
			}
		}
	}
	limit := pointsOfOne
	if p.chart.Kind == ChartBar {
		limit = maxBars
	}
	p.thin(values, limit)
	base := make([]float64, len(p.positions))
	p.stacked = []stackedSeries{}
	for i := range values {
		layer := stackedSeries{low: slices.Clone(base), high: make([]float64, len(base))}
		for n := range base {
			base[n] += values[i][n]
			layer.high[n] = base[n]
		}
		p.stacked = append(p.stacked, layer)
	}
}

// thin replaces neighbouring positions by their means until at most limit are left.
func (p *plot) thin(values [][]float64, limit int) {
	group := (len(p.positions) + limit - 1) / limit
	if group < 2 {
		return
	}
	for i := range values {
		values[i] = groupMeans(values[i], group)
	}
	p.positions = groupMeans(p.positions, group)
}

func groupMeans(values []float64, size int) []float64 {
	var out []float64
	for part := range slices.Chunk(values, size) {
		sum := 0.0
		for _, v := range part {
			sum += v / float64(len(part))
		}
		out = append(out, sum)
	}
	return out
}

func (p *plot) stackExtent() (low, high float64) {
	low, high = math.Inf(1), math.Inf(-1)
	for _, layer := range p.stacked {
		for _, v := range layer.high {
			high = math.Max(high, v)
			if v > 0 {
				low = math.Min(low, v)
			}
		}
	}
	if low > high {
		return 0, 1
	}
	return low, high
}

// floorY is where a layer begins on the drawing: the lower edge stands for 0
// where the scale has none.
func (p *plot) floorY(v float64) float64 {
	if y := p.atY(v); isFinite(y) {
		return math.Min(math.Max(y, p.top), p.bottom)
	}
	return p.bottom
}

func (p *plot) areas() {
	for i, layer := range p.stacked {
		upper, lower := make([]Point, len(p.positions)), make([]Point, len(p.positions))
		for n, x := range p.positions {
			upper[n] = Point{p.atX(x), p.floorY(layer.high[n])}
			lower[len(lower)-1-n] = Point{p.atX(x), p.floorY(layer.low[n])}
		}
		var d strings.Builder
		writePath(&d, upper, 'M')
		writePath(&d, lower, 'L')
		if d.Len() > 0 {
			d.WriteByte('Z')
		}
		p.printf(`<path class="fill %s" d="%s"><title>%s</title></path>`,
			seriesClass(p.chart.Series[i], i), d.String(), html.EscapeString(p.chart.Series[i].Name))
	}
}

// spaceBars makes the bars as wide as their neighbours allow and keeps the
// first and the last within the axes.
func (p *plot) spaceBars() {
	room := p.right - p.left
	least := room / math.Max(1, float64(len(p.positions)))
	for n := 1; n < len(p.positions); n++ {
		span := (p.x.fraction(p.positions[n]) - p.x.fraction(p.positions[n-1])) * room
		if span > 0 {
			least = math.Min(least, span)
		}
	}
	p.widthOfBar = math.Min(math.Max(least*0.78, 1), 48)
	p.padding = p.widthOfBar/2 + 4
}

func (p *plot) bars() {
	for i, layer := range p.stacked {
		class := seriesClass(p.chart.Series[i], i)
		for n, x := range p.positions {
			top, bottom := p.floorY(layer.high[n]), p.floorY(layer.low[n])
			if bottom-top < 0.05 {
				continue
			}
			p.printf(`<rect class="fill %s" x="%.1f" y="%.1f" width="%.1f" height="%.1f"><title>%s</title></rect>`,
				class, p.atX(x)-p.widthOfBar/2, top, p.widthOfBar, bottom-top,
				html.EscapeString(fmt.Sprintf("%s: %s at %s", p.chart.Series[i].Name,
					formatNumber(layer.high[n]-layer.low[n]), formatOn(x, p.chart.XScale))))
		}
	}
}
