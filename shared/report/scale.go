package report

import (
	"math"
	"strconv"
	"strings"
)

// axisScale maps the values between low and high to fractions between 0 and 1.
type axisScale struct {
	kind      Scale
	low, high float64 // as scaled
}

func newScale(kind Scale, low, high float64) axisScale {
	return axisScale{kind: kind, low: scaled(kind, low), high: scaled(kind, high)}
}

// fraction is NaN for values that the scale does not have, such as 0 on a
// logarithmic one.
func (s axisScale) fraction(value float64) float64 {
	if s.high <= s.low {
		return 0.5
	}
	return (scaled(s.kind, value) - s.low) / (s.high - s.low)
}

// maxPercentile keeps the percentile scale finite: 1 is drawn where 0.9999999 is.
const maxPercentile = 0.9999999

// maxMagnitude is where values have no place on a scale: sums and differences
// of greater ones overflow.
const maxMagnitude = 1e150

// scaled is NaN for a value that has no place on the scale.
func scaled(kind Scale, value float64) float64 {
	if math.Abs(value) > maxMagnitude {
		return math.NaN()
	}
	switch kind {
	case ScaleLog:
		if value <= 0 {
			return math.NaN()
		}
		return math.Log10(value)
	case ScalePercentile:
		return -math.Log10(1 - min(max(value, 0), maxPercentile))
	}
	return value
}

func isFinite(value float64) bool { return !math.IsNaN(value) && !math.IsInf(value, 0) }

// chartExtent is the least and greatest finite coordinate of all series;
// low > high when there is none.
func chartExtent(c Chart, coordinate func(Point) float64) (low, high float64) {
	low, high = math.Inf(1), math.Inf(-1)
	for _, s := range c.Series {
		for _, p := range s.Points {
			if v := coordinate(p); isFinite(v) {
				low, high = min(low, v), max(high, v)
			}
		}
	}
	return low, high
}

type valueRange struct{ low, high, mean, last float64 }

// seriesRange describes the finite values of s.
func seriesRange(s Series) (valueRange, bool) {
	r, n := valueRange{low: math.Inf(1), high: math.Inf(-1)}, 0
	for _, p := range s.Points {
		if !isFinite(p.Y) {
			continue
		}
		n++
		r.low, r.high, r.last = min(r.low, p.Y), max(r.high, p.Y), p.Y
		r.mean += (p.Y - r.mean) / float64(n) // a sum could overflow
	}
	return r, n > 0
}

// formatNumber writes a value with three or four significant digits, thousands
// grouped, and never in a longer form than its precision is worth.
func formatNumber(v float64) string {
	abs := math.Abs(v)
	switch {
	case !isFinite(v):
		return "–"
	case abs != 0 && (abs < 0.001 || abs >= 1e15):
		return strconv.FormatFloat(v, 'g', 3, 64)
	case abs >= 1000 || v == math.Trunc(v):
		return groupThousands(strconv.FormatFloat(v, 'f', 0, 64))
	case abs >= 100:
		return trimZeros(strconv.FormatFloat(v, 'f', 1, 64))
	case abs >= 1:
		return trimZeros(strconv.FormatFloat(v, 'f', 2, 64))
	}
	return strconv.FormatFloat(v, 'g', 3, 64)
}

func trimZeros(digits string) string {
	if !strings.Contains(digits, ".") {
		return digits
	}
	return strings.TrimRight(strings.TrimRight(digits, "0"), ".")
}

func groupThousands(digits string) string {
	sign := ""
	if strings.HasPrefix(digits, "-") {
		sign, digits = "-", digits[1:]
	}
	for i := len(digits) - 3; i > 0; i -= 3 {
		digits = digits[:i] + "," + digits[i:]
	}
	return sign + digits
}

// formatOn writes a value on an axis; those of the percentile scale as "99.9%".
func formatOn(v float64, kind Scale) string {
	if kind != ScalePercentile {
		return formatNumber(v)
	}
	return strconv.FormatFloat(v*100, 'g', 8, 64) + "%"
}
