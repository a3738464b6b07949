package plan_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/senior-backend/toolkit/loadtester/internal/plan"
	"github.com/senior-backend/toolkit/shared/fault"
)

func shaped(t *testing.T, change func(*plan.Options)) *plan.Plan {
	t.Helper()
	o := options()
	o.Duration = ""
	change(&o)
	p, err := o.Validate()
	require.NoError(t, err)
	return p
}

func TestConnectionsOverTime(t *testing.T) {
	p := shaped(t, func(o *plan.Options) { o.Stages = "10s:101,20s:101,0:50,10s:0" })
	require.Equal(t, 101, p.Concurrency)
	require.Equal(t, 40*time.Second, p.Duration)
	for at, want := range map[time.Duration]int{
		0: 1, 100 * time.Millisecond: 2, 5 * time.Second: 51, 10 * time.Second: 101, 29 * time.Second: 101,
		30 * time.Second: 50, 35 * time.Second: 25, 40 * time.Second: 0, time.Hour: 0,
	} {
		require.Equal(t, want, p.Shape.Connections(at), at)
	}
	require.Equal(t, time.Duration(0), p.Shape.Reach(1, 0))
	require.Equal(t, 100*time.Millisecond, p.Shape.Reach(2, 0))
	require.Equal(t, 10*time.Second, p.Shape.Reach(101, time.Second))
	require.Equal(t, 12*time.Second, p.Shape.Reach(101, 12*time.Second))
	require.Greater(t, p.Shape.Reach(101, 31*time.Second), 300*time.Hour)
	require.Greater(t, p.Shape.Reach(102, 0), 300*time.Hour)
	for n := 1; n <= 101; n++ {
		at := p.Shape.Reach(n, 0)
		require.Equal(t, n, p.Shape.Connections(at), "reached exactly then")
	}
}

func TestStagesBeginWithWhatIsGiven(t *testing.T) {
	p := shaped(t, func(o *plan.Options) { o.Stages, o.Concurrency, o.ConcurrencySet = "10s:30", 20, true })
	require.Equal(t, 20, p.Shape.Connections(0))
	require.Equal(t, 25, p.Shape.Connections(5*time.Second))

	p = shaped(t, func(o *plan.Options) { o.Stages, o.Duration, o.Warmup = "10s:30,5s:30", "3", "2" })
	require.Equal(t, 3*time.Second, p.Duration, "the shorter of both")
	p = shaped(t, func(o *plan.Options) { o.Stages, o.Warmup = "10s:30,5s:30", "2" })
	require.Equal(t, 13*time.Second, p.Duration, "the warm-up is part of them")

	p = shaped(t, func(o *plan.Options) { o.Ramp, o.Concurrency = "10s", 100 })
	require.Equal(t, 10*time.Second, p.Duration)
	require.Equal(t, 1, p.Shape.Connections(0))
	require.Equal(t, 50, p.Shape.Connections(5*time.Second))
	require.Equal(t, 100, p.Shape.Connections(11*time.Second))
}

// Every request is due when the rate says: as many before each moment as the area below
// the rates, in order.
func TestScheduleOfRates(t *testing.T) {
	p := shaped(t, func(o *plan.Options) { o.Rate, o.Stages = 100, "10s:100,10s:300,0:50,4s:50,6s:0" })
	require.InDelta(t, 300, p.Rate, 0)
	require.Equal(t, 30*time.Second, p.Duration)
	before := time.Duration(-1)
	for k := range uint64(3350) {
		due := p.Shape.Due(k)
		require.Greater(t, due, before, k)
		before = due
		n := p.Shape.Count(due)
		require.True(t, n <= k && n+2 >= k, "%d requests are due before %v, when number %d is", n, due, k)
	}
	for k, want := range map[uint64]time.Duration{
		0: 0, 500: 5 * time.Second, 1000: 10 * time.Second, 1750: 15 * time.Second, 3000: 20 * time.Second, 3200: 24 * time.Second,
	} {
		require.InDelta(t, want, p.Shape.Due(k), float64(time.Microsecond), k)
	}
	require.Greater(t, p.Shape.Due(3351), 300*time.Hour)

	p = shaped(t, func(o *plan.Options) { o.Rate, o.Ramp = 1000, "10" })
	require.Equal(t, time.Duration(0), p.Shape.Due(0))
	require.InDelta(t, 5*time.Second, p.Shape.Due(1250), float64(time.Microsecond))
	require.InDelta(t, 11*time.Second, p.Shape.Due(6000), float64(time.Microsecond))
}

func TestShapesThatCanNotBe(t *testing.T) {
	for name, change := range map[string]func(*plan.Options){
		"--stages \"30s\"":           func(o *plan.Options) { o.Stages = "30s" },
		"\"soon:5\" is no stage":     func(o *plan.Options) { o.Stages = "1:5,soon:5" },
		"\"5s:-1\" is no stage":      func(o *plan.Options) { o.Stages = "5s:-1" },
		"more than 60000":            func(o *plan.Options) { o.Stages = "5s:1000000" },
		"after a warm-up of 6s":      func(o *plan.Options) { o.Stages, o.Warmup = "5s:10", "6" },
		"exclude each other; a ramp": func(o *plan.Options) { o.Stages, o.Ramp = "5s:10", "1" },
		"--ramp \"0\"":               func(o *plan.Options) { o.Ramp = "0" },
		"--think \"5-\"":             func(o *plan.Options) { o.Think = "5-" },
		"--think \"2-1\"":            func(o *plan.Options) { o.Think = "2-1" },
		"--think and --rate exclude": func(o *plan.Options) { o.Think, o.Rate = "1", 5 },
	} {
		o := options()
		change(&o)
		_, err := o.Validate()
		require.ErrorContains(t, err, name)
		require.Equal(t, fault.StatusUsage, fault.Status(err), name)
	}
	p := shaped(t, func(o *plan.Options) { o.Think = "50ms-0.2" })
	require.Equal(t, plan.Span{Least: 50 * time.Millisecond, Most: 200 * time.Millisecond}, p.Think)
}
