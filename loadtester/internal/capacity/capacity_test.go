package capacity_test

import (
	"math"
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/senior-backend/toolkit/loadtester/internal/capacity"
)

// search tries loads against a server that is a formula: the rate of n connections.
func search(most int, objective bool, rate func(n float64) capacity.Step) capacity.Estimate {
	s := capacity.NewSearch(most, objective)
	steps := 0
	for n, ok := s.Next(); ok; n, ok = s.Next() {
		step := rate(float64(n))
		step.Connections = n
		s.Add(step)
		if steps++; steps > s.Most() {
			panic("more steps than announced")
		}
	}
	return s.Estimate()
}

// workers is a server of c workers that take 10 ms for a request, with noise.
func workers(c, noise, within float64) func(float64) capacity.Step {
	random := rand.New(rand.NewPCG(1, uint64(c)))
	return func(n float64) capacity.Step {
		rate := 100 * min(n, c) * (1 + noise*random.NormFloat64())
		return capacity.Step{Rate: rate, P99: n / rate * 1000, Within: n/rate*1000 < within}
	}
}

func TestKneeOfWorkers(t *testing.T) {
	for _, c := range []float64{1, 2, 3, 5, 8, 13, 24, 50, 100} {
		for _, noise := range []float64{0, 0.02} {
			e := search(1024, false, workers(c, noise, math.Inf(1)))
			require.NotNil(t, e.Knee, c)
			require.InEpsilon(t, c, e.Knee.Connections, 0.07, "%v workers", c)
			require.InEpsilon(t, 100*c, e.Ceiling, 0.05, "%v workers", c)
			require.True(t, e.Repeatable)
			require.Nil(t, e.Objective)
			require.Nil(t, e.ErrorsFrom)
			require.InEpsilon(t, c, e.Operating(false).Connections, 0.1)
		}
	}
}

func TestNoKneeWhileTheRateGrows(t *testing.T) {
	e := search(8, false, workers(100, 0, math.Inf(1)))
	require.Nil(t, e.Knee)
	require.Nil(t, e.Operating(false))
	require.InEpsilon(t, 800, e.Ceiling, 0.01)
	require.Equal(t, 8, e.Steps[len(e.Steps)-1].Connections)
}

func TestHighestLoadWithinAnObjective(t *testing.T) {
	// 8 workers of 10 ms: 16 connections take 20 ms each.
	e := search(1024, true, workers(8, 0, 20.01))
	require.InDelta(t, 16, e.Objective.Connections, 1)
	require.InEpsilon(t, 800, e.Objective.Rate, 0.01)

	// A server whose answers take 1 ms more for each connection: 15 ms are kept up to 5.
	slower := func(n float64) capacity.Step {
		latency := 10 + n
		return capacity.Step{Rate: n / latency * 1000, Within: latency <= 15}
	}
	e = search(1024, true, slower)
	require.Equal(t, 5.0, e.Objective.Connections)
	require.Equal(t, e.Objective, e.Operating(true))
	require.Equal(t, 3, e.Objective.Instances(1000, 1))
	require.Equal(t, 4, e.Objective.Instances(1000, 0.8))

	// One unlucky step below doesn't end it.
	unlucky := func(n float64) capacity.Step {
		s := slower(n)
		s.Within = s.Within && n != 2
		return s
	}
	e = search(1024, true, unlucky)
	require.Equal(t, 5.0, e.Objective.Connections)

	e = search(1024, true, workers(8, 0, 5))
	require.Nil(t, e.Objective)
	require.Nil(t, e.Operating(true))
}

func TestScalabilityLawIsFound(t *testing.T) {
	truth := capacity.USL{Lambda: 500, Sigma: 0.03, Kappa: 0.0004}
	random := rand.New(rand.NewPCG(1, 2))
	e := search(512, false, func(n float64) capacity.Step {
		return capacity.Step{Rate: truth.Rate(n) * (1 + 0.005*random.NormFloat64()), Within: true}
	})
	require.InEpsilon(t, truth.Lambda, e.Fit.Lambda, 0.03)
	require.InEpsilon(t, truth.Sigma, e.Fit.Sigma, 0.15)
	require.InEpsilon(t, truth.Kappa, e.Fit.Kappa, 0.15)
	require.Greater(t, e.Fit.RSquared, 0.98)
	require.InEpsilon(t, math.Sqrt((1-truth.Sigma)/truth.Kappa), e.Fit.Peak.Connections, 0.1)

	linear := search(64, false, func(n float64) capacity.Step { return capacity.Step{Rate: 10 * n, Within: true} })
	require.InDelta(t, 0, linear.Fit.Sigma, 1e-6)
	require.InDelta(t, 0, linear.Fit.Kappa, 1e-6)
}

func TestDisagreeingPassesAreNotRepeatable(t *testing.T) {
	tries := map[float64]int{}
	e := search(256, false, func(n float64) capacity.Step {
		tries[n]++
		if tries[n] == 1 {
			return workers(8, 0, math.Inf(1))(n)
		}
		return workers(12, 0, math.Inf(1))(n)
	})
	require.False(t, e.Repeatable)
	require.Greater(t, e.Spread, 0.3)
}

func TestErrorsBeginAtALoad(t *testing.T) {
	e := search(256, false, func(n float64) capacity.Step {
		s := workers(8, 0, math.Inf(1))(n)
		if n > 12 {
			s.ErrorRate, s.Errors = 0.1, "HTTP 503"
		}
		return s
	})
	require.Greater(t, e.ErrorsFrom.Connections, 12)
	require.Equal(t, "HTTP 503", e.ErrorsFrom.Errors)
}

func TestServerThatNeverAnswers(t *testing.T) {
	e := search(256, true, func(float64) capacity.Step { return capacity.Step{ErrorRate: 1} })
	require.Nil(t, e.Knee)
	require.Nil(t, e.Fit)
	require.Zero(t, e.Ceiling)
}
