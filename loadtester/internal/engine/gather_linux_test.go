package engine

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// After a part of a body was thrown away, the loop looks away for as long as the times
// that it measures allow.
func TestGatheringIsShortBesideTheAnswers(t *testing.T) {
	for name, c := range map[string]struct {
		answers []time.Duration
		left    time.Duration
		want    time.Duration
	}{
		"no answer yet":                {nil, time.Second, 0},
		"slow answers":                 {[]time.Duration{20 * time.Millisecond}, time.Second, gatherMost},
		"slow answers, something due":  {[]time.Duration{20 * time.Millisecond}, 30 * time.Microsecond, 30 * time.Microsecond},
		"slow answers, due at once":    {[]time.Duration{20 * time.Millisecond}, 0, 0},
		"between":                      {[]time.Duration{6 * time.Millisecond}, time.Second, 30 * time.Microsecond},
		"quick answers":                {[]time.Duration{time.Millisecond}, time.Second, 0},
		"quick answers among slow":     {[]time.Duration{time.Second, time.Second, 200 * time.Microsecond}, time.Second, 0},
		"an answer in no time at all":  {[]time.Duration{time.Second, 0}, time.Second, 0},
		"slow ones after a quick long": {append([]time.Duration{time.Millisecond}, slow(200)...), time.Second, gatherMost},
	} {
		t.Run(name, func(t *testing.T) {
			g := gathering{}
			for _, after := range c.answers {
				g.answered(after)
			}
			require.Zero(t, g.moment(c.left), "nothing was thrown away")
			g.thrown = true
			require.InDelta(t, c.want, g.moment(c.left), float64(time.Microsecond))
			require.Zero(t, g.moment(c.left), "nothing was thrown away since")
		})
	}
}

func slow(n int) []time.Duration {
	all := make([]time.Duration, n)
	for i := range all {
		all[i] = 50 * time.Millisecond
	}
	return all
}
