package main

import (
	"bytes"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/senior-backend/toolkit/loadtester/internal/plan"
	"github.com/senior-backend/toolkit/loadtester/internal/stats"
)

func TestLiveLinesFitTheTerminal(t *testing.T) {
	p := &plan.Plan{Duration: 10 * time.Minute}
	l := stats.Live{
		Requests: 12_345_678, Failed: 1_234, P50: 123456 * time.Microsecond, P99: 12345678 * time.Microsecond, Seconds: 300,
		Last: stats.Second{Requests: 58_751, Failed: 12, P50: 774 * time.Microsecond, P99: 2470 * time.Microsecond},
	}
	for range 60 {
		l.History = append(l.History, 58_000)
	}
	for _, columns := range []int{60, 80, 200} {
		lines := liveLines(p, l, 5*time.Minute, columns)
		require.Len(t, lines, 3)
		for _, line := range lines {
			require.LessOrEqual(t, len([]rune(line)), columns-1, line)
		}
		require.Regexp(t, `now +58,751/s +p50 774 µs +p99 2\.47 ms +failed 12`, lines[0])
		require.Regexp(t, `so far +41,152/s +p50 123 ms +p99 12\.3 s +failed 1,234`, lines[1])
		require.Contains(t, lines[2], "█")
		require.Contains(t, lines[2], "5m0s left")
	}
	require.Equal(t, []string{"  warming up, 10m4s left"}, liveLines(&plan.Plan{Warmup: 5 * time.Second, Duration: 10 * time.Minute}, l, time.Second, 80))
	require.Equal(t, []string{"  10m0s left"}, liveLines(p, stats.Live{}, 0, 80))
	l.Last = stats.Second{Requests: 7, Failed: 7}
	require.Regexp(t, `now +7\.00/s +p50 - +p99 - +failed 7`, liveLines(p, l, 0, 80)[0])
}

func TestBoardWritesOverItself(t *testing.T) {
	var out bytes.Buffer
	width := 20
	b := &board{to: &out, columns: func() int { return width }}
	b.draw("one", "a line \x1b[31mthat is far too long")
	require.Equal(t, "one\na line [31mthat is…\n", out.String())
	out.Reset()
	width = 8
	b.draw("two", strings.Repeat("▁", 20), "x")
	require.Equal(t, strings.Repeat("\x1b[1A\r\x1b[2K", 2)+"two\n▁▁▁▁▁▁…\nx\n", out.String())
	out.Reset()
	b.clear()
	b.clear()
	require.Equal(t, strings.Repeat("\x1b[1A\r\x1b[2K", 3), out.String())

	var none *board
	none.draw("nothing")
	none.clear()
}

func TestSpark(t *testing.T) {
	require.Equal(t, "▁▅█", spark([]float64{0, 50, 100}, 10))
	require.Equal(t, "▁█", spark([]float64{1000, 0, 1}, 2))
	require.Empty(t, spark([]float64{1}, -3))
	require.Equal(t, "▁", spark([]float64{0}, 1))
}
