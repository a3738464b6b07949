package result

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
)

// Millis words a number of milliseconds with three digits and the unit that fits.
func Millis(v float64) string {
	switch {
	case v < 1:
		return digits(v*1000) + " µs"
	case v < 1000:
		return digits(v) + " ms"
	default:
		return digits(v/1000) + " s"
	}
}

// digits words a number with at least three significant digits.
func digits(v float64) string {
	switch {
	case v == 0:
		return "0"
	case v < 10:
		return strconv.FormatFloat(v, 'f', 2, 64)
	case v < 100:
		return strconv.FormatFloat(v, 'f', 1, 64)
	default:
		return strconv.FormatFloat(v, 'f', 0, 64)
	}
}

func seconds(v float64) string {
	if v >= 120 {
		return fmt.Sprintf("%d min %d s", int(v)/60, int(v)%60)
	}
	if v > 0 && v < 1 {
		return Millis(v * 1000)
	}
	return strings.TrimSuffix(strconv.FormatFloat(v, 'f', 1, 64), ".0") + " s"
}

// Count words a number with its thousands apart.
func Count(n uint64) string {
	s := strconv.FormatUint(n, 10)
	for i := len(s) - 3; i > 0; i -= 3 {
		s = s[:i] + "," + s[i:]
	}
	return s
}

func plural(n uint64, noun string) string {
	if n == 1 {
		return "1 " + noun
	}
	return Count(n) + " " + noun + "s"
}

// Number words a number with three digits, or whole with its thousands apart.
func Number(v float64) string {
	if v >= 1000 {
		return Count(uint64(v + 0.5))
	}
	return digits(v)
}

func percent(share float64) string {
	switch {
	case share > 0 && share < 0.0001:
		return "<0.01%"
	case share < 1 && share > 0.9999:
		return ">99.99%"
	default:
		return strings.TrimSuffix(strconv.FormatFloat(share*100, 'f', 2, 64), ".00") + "%"
	}
}

// Bytes words a number of bytes.
func Bytes(n uint64) string {
	const unit = 1024
	if n < unit {
		return plural(n, "byte")
	}
	v, i := float64(n)/unit, 0
	for v >= unit && i < 4 {
		v, i = v/unit, i+1
	}
	return digits(v) + " " + []string{"KiB", "MiB", "GiB", "TiB", "PiB"}[i]
}

// ErrorsText words what went wrong, most frequent first, in half a line.
func (r *Record) ErrorsText() string { return errorsText(r.ErrorsByType) }

func errorsText(counts map[string]uint64) string {
	const most = 4
	var parts []string
	for _, name := range byCount(counts) {
		if len(parts) == most {
			parts = append(parts, "…")
			break
		}
		parts = append(parts, name+" × "+Count(counts[name]))
	}
	return strings.Join(parts, ", ")
}

// byCount are the keys, most frequent first.
func byCount(counts map[string]uint64) []string {
	return slices.SortedFunc(maps.Keys(counts), func(a, b string) int {
		return cmp.Or(cmp.Compare(counts[b], counts[a]), cmp.Compare(a, b))
	})
}
