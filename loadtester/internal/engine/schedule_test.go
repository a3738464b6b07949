package engine

import (
	"context"
	"fmt"
	"math"
	"net/http"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

func TestScheduleIsKept(t *testing.T) {
	onEach(t, func(t *testing.T, load loader) {
		var asked atomic.Uint64
		url := serve(t, func(http.ResponseWriter, *http.Request) { asked.Add(1) })
		onceQuiet(t, func() string {
			asked.Store(0)
			o := options(url)
			o.Rate, o.Threads, o.Concurrency, o.Duration = 333, 2, 2, "1.5"
			s := load(context.Background(), o)
			require.Equal(t, uint64(500), s.Tally.Requests()+s.Unsent+s.Unended)
			require.Equal(t, uint64(500), asked.Load()+s.Unsent)
			require.Equal(t, 1500*time.Millisecond, s.Elapsed)
			if s.Unsent >= 50 { // those due in the last moments may come too late
				return fmt.Sprintf("%d of 500 were not sent", s.Unsent)
			}
			return ""
		})
	})
}

// A server that answers more slowly than requests fall due, with few connections
// allowed: response times grow, service times don't, and what was never sent is told.
func TestScheduleThatCannotBeKept(t *testing.T) {
	onEach(t, func(t *testing.T, load loader) {
		url := serve(t, func(http.ResponseWriter, *http.Request) { time.Sleep(50 * time.Millisecond) })
		onceQuiet(t, func() string {
			o := options(url)
			o.Rate, o.Concurrency, o.MaxConnections, o.Duration = 100, 1, 2, "1"
			s := load(context.Background(), o)
			require.Equal(t, uint64(100), s.Tally.Requests()+s.Unsent+s.Unended)
			require.GreaterOrEqual(t, s.Unsent, uint64(58), "two connections send 42 in a second at most")
			require.Equal(t, uint64(2), s.Tally.Opened)
			service, response := s.Tally.Service.Quantile(0.5), s.Tally.OK.Quantile(0.9)
			if s.Unsent > 75 || service >= 100*time.Millisecond || response <= 300*time.Millisecond || s.Tally.Late <= 20 {
				return fmt.Sprintf("unsent %d, service %v, response %v, late %d", s.Unsent, service, response, s.Tally.Late)
			}
			return ""
		})
	})
}

// The test of coordinated omission: a server that stalls for one second in ten at 1,000
// requests a second keeps a tenth of them waiting, evenly for 0 to 1 second.
func TestStallShowsInPercentiles(t *testing.T) {
	onEach(t, func(t *testing.T, load loader) {
		var begun, over atomic.Int64
		url := serve(t, func(http.ResponseWriter, *http.Request) {
			now := time.Now()
			begun.CompareAndSwap(0, now.UnixNano())
			since := now.Sub(time.Unix(0, begun.Load()))
			if since > 4*time.Second && since < 5*time.Second {
				time.Sleep(5*time.Second - since)
				over.Store(max(over.Load(), time.Now().UnixNano()-begun.Load()))
			}
		})
		o := options(url)
		o.Rate, o.Concurrency, o.MaxConnections, o.Duration = 1000, 10, 1500, "10"
		s := load(context.Background(), o)
		require.Equal(t, uint64(10_000), s.Tally.OK.Count()+s.Unended+s.Unsent)
		p99, p999 := s.Tally.OK.Quantile(0.99), s.Tally.OK.Quantile(0.999)
		require.Greater(t, p99, 873*time.Millisecond)
		require.Greater(t, p999, 970*time.Millisecond)
		// On a busy machine the stall lasts longer than the server meant it to, and what
		// waited comes out later still; on one that keeps up it doesn't.
		if s.Tally.OK.Quantile(0.5) < 2*time.Millisecond && s.Tally.Late < 100 {
			stall := time.Duration(over.Load()) - 4*time.Second
			require.Less(t, p99, stall+time.Second)
		}
	})
}

// The percentiles are those of what the server did, and of what the network and this
// machine added, which is never negative.
func TestKnownLatencies(t *testing.T) {
	onEach(t, func(t *testing.T, load loader) {
		var mu sync.Mutex
		var took []time.Duration
		url := serve(t, func(http.ResponseWriter, *http.Request) {
			began := time.Now()
			mu.Lock()
			// The golden ratio's multiples spread evenly, here over 10 to 110 ms.
			part := math.Mod(float64(len(took)+1)*0.6180339887498949, 1)
			took = append(took, 0)
			mine := len(took) - 1
			mu.Unlock()
			time.Sleep(10*time.Millisecond + time.Duration(part*float64(100*time.Millisecond)))
			mu.Lock()
			took[mine] = time.Since(began)
			mu.Unlock()
		})
		onceQuiet(t, func() string {
			mu.Lock()
			took = nil
			mu.Unlock()
			o := options(url)
			o.Rate, o.Concurrency, o.Duration = 400, 50, "2"
			s := load(context.Background(), o)
			require.Equal(t, uint64(800), s.Tally.OK.Count()+s.Unsent)
			mu.Lock()
			defer mu.Unlock()
			slices.Sort(took)
			for _, q := range []float64{0.1, 0.5, 0.9, 0.99} {
				want := took[int(math.Ceil(q*float64(len(took))))-1]
				got := s.Tally.OK.Quantile(q)
				require.Greater(t, got, want-want/1000, "quantile %v", q)
				if got > want+150*time.Millisecond {
					return fmt.Sprintf("quantile %v is %v, but the server took %v", q, got, want)
				}
			}
			return ""
		})
	})
}
