package engine

import (
	"context"
	"fmt"
	"net/http"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// occupancy is how many requests a server has at once, over time.
type occupancy struct {
	mu    sync.Mutex
	now   int
	most  int
	marks []mark
}

type mark struct {
	at  time.Time
	now int
}

func (o *occupancy) serve(_ http.ResponseWriter, r *http.Request) {
	o.change(1)
	select {
	case <-r.Context().Done():
	case <-time.After(20 * time.Millisecond):
	}
	o.change(-1)
}

func (o *occupancy) change(by int) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.now += by
	o.most = max(o.most, o.now)
	o.marks = append(o.marks, mark{time.Now(), o.now})
}

// Connections come and go as the stages say: a request takes 20 ms, so nearly as many are
// under way as there are connections.
func TestConnectionsFollowTheStages(t *testing.T) {
	onEach(t, func(t *testing.T, load loader) {
		onceQuiet(t, func() string {
			var seen occupancy
			url := serve(t, seen.serve)
			o := options(url)
			// 1 to 20 within a second, which stay for half a second, then 4, then none.
			o.Duration, o.Stages, o.Threads = "", "1s:20,0.5s:20,0:4,1s:4,0:0,0.3s:0", 2
			began := time.Now()
			s := load(context.Background(), o)
			require.Empty(t, errorsOf(s))
			require.GreaterOrEqual(t, s.Elapsed, 2800*time.Millisecond)
			require.Equal(t, uint64(20), s.Tally.Opened, "none is opened twice")
			return seen.wrong(began)
		})
	})
}

// wrong says what the server saw that doesn't fit the stages; nothing when all does.
func (o *occupancy) wrong(began time.Time) string {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.most > 20 || o.most < 13 {
		return fmt.Sprintf("%d at once at most", o.most)
	}
	for _, m := range o.marks {
		at := m.at.Sub(began)
		// What a request began before lasts for 20 ms, on a busy machine longer.
		if at > 2*time.Second && at < 2400*time.Millisecond && m.now > 4 || at < 300*time.Millisecond && m.now > 1+20*3/10 {
			return fmt.Sprintf("%d at once after %v", m.now, at)
		}
	}
	return ""
}

// A rate that grows evenly from 0 has sent a quarter of its requests in the first half.
func TestRateFollowsTheRamp(t *testing.T) {
	onEach(t, func(t *testing.T, load loader) {
		url := serve(t, func(http.ResponseWriter, *http.Request) {})
		o := options(url)
		o.Rate, o.Ramp, o.Duration, o.Threads, o.Concurrency = 400, "2s", "2", 2, 2
		s := load(context.Background(), o)
		require.Equal(t, uint64(400), s.Tally.Requests()+s.Unsent+s.Unended)
		require.LessOrEqual(t, s.Seconds[0].Requests, uint64(110))
		require.Equal(t, 2*time.Second, s.Elapsed)
	})
}

// A connection pauses between an answer and the next request, and a request is due only
// after that.
func TestThinkTime(t *testing.T) {
	onEach(t, func(t *testing.T, load loader) {
		url := serve(t, func(http.ResponseWriter, *http.Request) {})
		o := options(url)
		o.Think, o.Duration, o.Concurrency, o.Threads = "100ms-200ms", "1.9", 8, 2
		s := load(context.Background(), o)
		require.Empty(t, errorsOf(s))
		require.LessOrEqual(t, s.Tally.OK.Count(), uint64(8*19), "100 ms apart at least")
		require.Equal(t, uint64(8), s.Tally.Opened)
		if s.Tally.OK.Max() < 20*time.Millisecond { // a machine that keeps up
			require.GreaterOrEqual(t, s.Tally.OK.Count(), uint64(8*7))
		}
		require.Less(t, s.Tally.OK.Quantile(0.1), 100*time.Millisecond, "the pause is no part of a latency")
		require.GreaterOrEqual(t, s.Elapsed, 1900*time.Millisecond)
	})
}
