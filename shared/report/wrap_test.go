package report

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestWrap(t *testing.T) {
	for _, test := range []struct {
		text  string
		width int
		want  []string
	}{
		{"", 10, []string{""}},
		{"one two three", 20, []string{"one two three"}},
		{"one two three", 7, []string{"one two", "three"}},
		{"abcdefghij", 4, []string{"abcd", "efgh", "ij"}},
		{"orders.customer_id", 10, []string{"orders.", "customer_", "id"}},
		{"漢字漢字漢字", 5, []string{"漢字", "漢字", "漢字"}},
		{"e\u0301e\u0301e\u0301e\u0301", 2, []string{"e\u0301e\u0301", "e\u0301e\u0301"}},
		{"👩‍👩‍👧👩‍👩‍👧", 2, []string{"👩‍👩‍👧", "👩‍👩‍👧"}},
		{"a bcdefgh", 4, []string{"a", "bcde", "fgh"}},
		{"漢", 1, []string{"漢"}},
	} {
		require.Equal(t, test.want, wrap(test.text, test.width), test.text)
	}
}

func TestShorten(t *testing.T) {
	require.Equal(t, "abc", shorten("abc", 3))
	require.Equal(t, "ab…", shorten("abcd", 3))
	require.Equal(t, "漢…", shorten("漢字漢字", 4))
	require.Equal(t, "…", shorten("abc", 1))
	require.Equal(t, "http…d/v1", shortenMiddle("http://localhost/long/path/d/v1", 9))
	require.Equal(t, "http…d/v2", shortenMiddle("http://localhost/long/path/d/v2", 9))
	require.Equal(t, "漢…字", shortenMiddle("漢字漢字漢字", 5))
}

func TestFormatNumber(t *testing.T) {
	for want, v := range map[string]float64{
		"0": 0, "1": 1, "12.35": 12.345, "123.5": 123.45, "1,235": 1234.6, "1,234,568": 1234567.8, "-1,235": -1234.6, "0.0123": 0.012345,
		"1.23e-05": 0.0000123, "1e+15": 1e15, "100": 99.999,
	} {
		require.Equal(t, want, formatNumber(v))
	}
}

func TestTicks(t *testing.T) {
	require.Equal(t, []float64{0, 20, 40, 60, 80, 100}, ticks(ScaleLinear, 0, 100, 5))
	require.Equal(t, []float64{1, 2, 5, 10, 20, 50, 100}, ticks(ScaleLog, 1, 100, 5))
	require.Equal(t, []float64{1, 10, 100, 1000, 10000, 100000}, ticks(ScaleLog, 1, 1e5, 5))
	require.Equal(t, []float64{0, 0.5, 0.75, 0.9, 0.95, 0.99}, ticks(ScalePercentile, 0, 0.995, 5))
	require.LessOrEqual(t, len(ticks(ScaleLinear, 0, 1e150, 5)), maxTicks)
}

func TestDownsampleKeepsTheSpike(t *testing.T) {
	points := make([]Point, 10_000)
	for i := range points {
		points[i] = Point{X: float64(i)}
	}
	points[6789].Y = 100
	drawn := downsample(points, 100)
	require.Len(t, drawn, 100)
	require.Equal(t, points[0], drawn[0])
	require.Equal(t, points[9999], drawn[99])
	require.Contains(t, drawn, points[6789])
}

func TestSparklineLeavesGaps(t *testing.T) {
	s := Series{}
	for x := range 30 {
		y := float64(x)
		if x >= 10 && x < 20 {
			y = nan()
		}
		s.Points = append(s.Points, Point{float64(x), y})
	}
	require.Equal(t, "▁▂▃"+strings.Repeat(" ", 3)+"▆▇█", sparkline(s, Chart{}, 0, 29, 9))
}

func nan() float64 { return scaled(ScaleLog, -1) }
