package report

import "math"

const maxTicks = 60 // whatever the range, so that no axis can run away

// ticks are the values to label on an axis from low to high, about n of them
// on a linear scale.
func ticks(kind Scale, low, high float64, n int) []float64 {
	if !isFinite(low) || !isFinite(high) || low > high {
		return nil
	}
	switch kind {
	case ScaleLog:
		return logTicks(low, high)
	case ScalePercentile:
		return percentileTicks(low, high)
	}
	step := niceStep((high - low) / float64(n))
	var out []float64
	for i := math.Ceil(low/step - 1e-9); i*step <= high+step*1e-9 && len(out) < maxTicks; i++ {
		out = append(out, i*step+0) // turns -0 into 0
	}
	return out
}

// wholeX tells whether all points of a chart stand at whole numbers, as what is counted does.
func wholeX(c Chart) bool {
	for _, s := range c.Series {
		for _, p := range s.Points {
			if p.X != math.Trunc(p.X) {
				return false
			}
		}
	}
	return c.XScale != ScaleLog && c.XScale != ScalePercentile
}

// niceStep is the least of 1, 2, 2.5 and 5 times a power of ten that is not below rough.
func niceStep(rough float64) float64 {
	if rough <= 0 || !isFinite(rough) {
		return 1
	}
	power := math.Pow(10, math.Floor(math.Log10(rough)))
	for _, factor := range []float64{1, 2, 2.5, 5} {
		if factor*power >= rough*(1-1e-9) {
			return factor * power
		}
	}
	return 10 * power
}

// logTicks are the powers of ten, with 2 and 5 between them where they are few.
func logTicks(low, high float64) []float64 {
	first, last := math.Floor(math.Log10(low)), math.Ceil(math.Log10(high))
	factors := []float64{1}
	if last-first <= 3 {
		factors = []float64{1, 2, 5}
	}
	every := math.Max(1, math.Ceil((last-first)/8))
	var out []float64
	for e := first; e <= last && len(out) < maxTicks; e += every {
		for _, factor := range factors {
			if v := factor * math.Pow(10, e); v >= low*(1-1e-9) && v <= high*(1+1e-9) {
				out = append(out, v)
			}
		}
	}
	return out
}

func percentileTicks(low, high float64) []float64 {
	var out []float64
	for _, v := range []float64{0, 0.5, 0.75, 0.9, 0.95, 0.99, 0.999, 0.9999, 0.99999, 0.999999} {
		if v >= low && v <= high+1e-12 {
			out = append(out, v)
		}
	}
	return out
}

// valueExtent widens the range of a y axis to whole ticks. A linear axis
// begins at zero unless values are negative: heights are to be comparable.
func valueExtent(kind Scale, low, high float64) (float64, float64) {
	switch kind {
	case ScaleLog:
		if high <= 0 {
			return 1, 10
		}
		low, high = niceFloor(low), niceCeil(high)
		if low >= high {
			high = low * 10
		}
		return low, high
	case ScalePercentile:
		return 0, math.Max(high, 0.9)
	}
	low = math.Min(low, 0)
	if high <= low {
		high = low + 1
	}
	step := niceStep((high - low) / 5)
	return math.Floor(low/step+1e-9) * step, math.Ceil(high/step-1e-9) * step
}

func niceFloor(v float64) float64 {
	power := math.Pow(10, math.Floor(math.Log10(v)))
	for _, factor := range []float64{5, 2} {
		if factor*power <= v {
			return factor * power
		}
	}
	return power
}

func niceCeil(v float64) float64 {
	power := math.Pow(10, math.Floor(math.Log10(v)))
	for _, factor := range []float64{1, 2, 5} {
		if factor*power >= v*(1-1e-9) {
			return factor * power
		}
	}
	return power * 10
}
