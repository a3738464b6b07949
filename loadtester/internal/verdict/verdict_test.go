package verdict_test

import (
	"encoding/json"
	"math"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/senior-backend/toolkit/loadtester/internal/plan"
	"github.com/senior-backend/toolkit/loadtester/internal/result"
	"github.com/senior-backend/toolkit/loadtester/internal/stats"
	"github.com/senior-backend/toolkit/loadtester/internal/verdict"
	"github.com/senior-backend/toolkit/shared/fault"
)

func TestThresholds(t *testing.T) {
	r := &result.Record{
		LatencyP50: 10, LatencyP99: 199.5, LatencyP999: 1500, LatencyAvg: 12, ErrorRate: 0.005,
		RequestsPerSecond: 1000, TotalRequests: 200, SuccessfulRequests: 199, FailedRequests: 1,
	}
	for text, holds := range map[string]bool{
		"p99<200ms": true, "p99 < 199ms": false, "P99<0.2s": true, "p50<=10": true, "p50<10": false, "p99.9<1.5s": false,
		"p999<=1.5s": true, "error_rate<1%": true, "error_rate<0.001": false, "rps>1000": false, "rps>=1000": true, "avg>5ms": true,
		"failed<1": false, "requests>=200": true, "mean<12500us": true,
	} {
		threshold, err := verdict.ParseThreshold(text)
		require.NoError(t, err, text)
		checks := verdict.Judge(verdict.Expectations{Thresholds: []verdict.Threshold{threshold}}, r, &stats.Summary{Tally: &stats.Tally{}})
		require.Len(t, checks, 1)
		require.Equal(t, holds, checks[0].Holds, "%s: %s", text, checks[0].Text)
		require.Equal(t, holds, verdict.Failed(checks) == nil)
	}
	for _, text := range []string{"", "p99", "p99<", "<5", "p99=5ms", "p42<1s", "p99<fast", "rps>5ms", "rps>5%", "p99<10%", "p99<1s<2s"} {
		_, err := verdict.ParseThreshold(text)
		require.Error(t, err, text)
		require.Equal(t, fault.StatusUsage, fault.Status(err))
	}
}

func TestRatios(t *testing.T) {
	for text, want := range map[string]float64{"10%": 0.1, "0.1": 0.1, "100%": 1, "0": 0, " 99.5 % ": 0.995} {
		got, err := verdict.ParseRatio("--expect-ratio", text)
		require.NoError(t, err, text)
		require.InDelta(t, want, got, 1e-12)
	}
	for _, text := range []string{"", "x", "-1%", "101%", "2", "NaN"} {
		_, err := verdict.ParseRatio("--expect-ratio", text)
		require.Error(t, err, text)
	}
}

func TestRateLimit(t *testing.T) {
	tally := &stats.Tally{}
	for range 30 {
		tally.OK.Record(time.Millisecond)
		tally.Status[200]++
	}
	s := &stats.Summary{Tally: tally}
	r := &result.Record{TotalRequests: 30, DurationSeconds: 2}
	expect := verdict.Expectations{RateLimit: true}
	require.ErrorContains(t, verdict.Failed(verdict.Judge(expect, r, s)), "no rate limit was seen in 30 requests")

	tally.Failed.Record(time.Millisecond)
	tally.Status[429]++
	s.Answers = []stats.Answer{
		{At: 2e9, Before: 31, Status: 429},
		{At: 1e9, Before: 30, Status: 429, Headers: "Date: x\nX-RateLimit-Limit: 30\nRetry-After: 2\nRateLimit: \"a\";r=0;t=2\n"},
	}
	checks := verdict.Judge(expect, r, s)
	require.NoError(t, verdict.Failed(checks))
	require.Contains(t, checks[0].Details, "first 429 after 30 requests and 1.00 s")
	require.Contains(t, checks[0].Details, `announced: X-RateLimit-Limit: 30, Retry-After: 2, RateLimit: "a";r=0;t=2`)
	wait, ok := verdict.RetryAfter(verdict.FirstLimited(s), time.Now())
	require.True(t, ok)
	require.Equal(t, 2*time.Second, wait)

	now := time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)
	wait, ok = verdict.RetryAfter(&stats.Answer{Headers: "retry-after: Fri, 02 Jan 2026 03:04:15 GMT\n"}, now)
	require.True(t, ok)
	require.Equal(t, 10*time.Second, wait)
	for _, headers := range []string{"", "Retry-After: soon\n", "Retry-After: -1\n", "Retry-After: 1e99\n"} {
		_, ok = verdict.RetryAfter(&stats.Answer{Headers: headers}, now)
		require.False(t, ok, headers)
	}

	tally.Status[503]++
	tally.Failed.Record(time.Millisecond)
	require.ErrorContains(t, verdict.Failed(verdict.Judge(expect, r, s)), "1 answers were 5xx")
}

func TestAnnouncedAgainstAllowed(t *testing.T) {
	for headers, want := range map[string]string{
		"RateLimit-Policy: \"100-in-2sec\"; q=100; w=2; pk=:MTI=:\nRateLimit: \"100-in-2sec\"; r=0; t=2": "announced 100 in 2.00 s",
		"RateLimit-Policy: \"default\";q=100;w=2":                                                        "announced 100 in 2.00 s",
		"RateLimit-Limit: 100\nRateLimit-Policy: 100;w=2":                                                "announced 100 in 2.00 s",
		"RateLimit-Limit: 100, 100;w=2":                                                                  "announced 100 in 2.00 s",
		"RateLimit: limit=100, remaining=0, reset=1":                                                     "announced 100 in 2.00 s",
		"ratelimit-limit: 100\nratelimit-remaining: 0\nratelimit-reset: 1":                               "announced 100 in 2.00 s",
		"X-RateLimit-Limit: 100\nX-RateLimit-Reset: 1000000002":                                          "announced 100 in 2.00 s",
		"X-RateLimit-Limit: 10\nX-RateLimit-Reset: 1000000002":                                           "more than announced: 10 in 2.00 s would allow at most 20",
		"X-RateLimit-Limit: 100":                                                                         "no window is announced",
		"Retry-After: 5":                                                                                 "clients can't tell",
		"RateLimit-Limit: 99999999999999999999999;w=0\nRateLimit: x;t=-1":                                "clients can't tell",
	} {
		tally := &stats.Tally{}
		for range 100 {
			tally.OK.Record(time.Millisecond)
		}
		tally.Failed.Record(time.Millisecond)
		tally.Status[200], tally.Status[429] = 100, 1
		s := &stats.Summary{Tally: tally, Answers: []stats.Answer{{At: 900 * time.Millisecond, Status: 429, Headers: headers}}}
		r := &result.Record{TotalRequests: 101, DurationSeconds: 1.5, StartedAt: time.Unix(1_000_000_000, 0)}
		checks := verdict.Judge(verdict.Expectations{RateLimit: true}, r, s)
		require.Contains(t, strings.Join(checks[0].Details, "; "), want, headers)
	}
}

func TestBypass(t *testing.T) {
	plain, forwarded := verdict.Spree{Allowed: 2, Limited: 98}, verdict.Spree{Forwarded: true, Allowed: 100}
	same, fresh := verdict.Spree{Forwarded: true, Limited: 100}, verdict.Spree{Forwarded: true, Allowed: 100, Limited: 20}
	for want, sprees := range map[string][]verdict.Spree{
		"can be passed":      {plain, forwarded, plain, forwarded, plain, forwarded},
		"addresses 0% were":  {plain, same, plain, fresh, plain, same}, // a new window began in one
		"could not be told":  {{Allowed: 100}, forwarded, {Allowed: 90, Limited: 10}, forwarded},
		"could not be tried": nil,
		"of others 2%":       {plain, same, plain, same},
	} {
		c := verdict.Bypass(sprees)
		require.Contains(t, c.Text, want)
		require.Equal(t, strings.HasPrefix(c.Text, "of requests"), c.Holds)
	}
}

// Answers that are alike are told once.
func TestDifferingAnswersAreToldOnce(t *testing.T) {
	s := &stats.Summary{Tally: &stats.Tally{}}
	for i, body := range []string{"a", "b", "a", "a"} {
		s.Answers = append(s.Answers, stats.Answer{At: time.Duration(i+1) * time.Millisecond, Status: 500, Body: body})
	}
	checks := verdict.Judge(verdict.Expectations{Status: "200", Ratio: 1}, &result.Record{TotalRequests: 4, FailedRequests: 4}, s)
	require.Equal(t, []string{"HTTP 500 after 1.00 ms (1 of 3 alike): a", "HTTP 500 after 2.00 ms: b"}, checks[0].Details)
}

// run makes up a run of a server: seconds or slices with noise of its own.
func run(random *rand.Rand, latency, noise float64, seconds int) *result.Record {
	r := &result.Record{
		Method: "GET", Concurrency: 10, TotalRequests: 1000, SuccessfulRequests: 1000,
		DurationSeconds: float64(seconds), PlannedSeconds: float64(seconds),
	}
	jitter := func(scale float64) float64 { return math.Exp(random.NormFloat64() * noise * scale) }
	for range seconds {
		r.Series = append(r.Series, result.Point{
			Requests: uint64(10_000 / latency * jitter(1)),
			P50:      latency * jitter(1), P90: 2 * latency * jitter(1), P99: 4 * latency * jitter(3),
		})
		last := r.Series[len(r.Series)-1]
		r.LatencyP50 += last.P50 / float64(seconds)
		r.LatencyP90 += last.P90 / float64(seconds)
		r.LatencyP99 += last.P99 / float64(seconds)
		r.RequestsPerSecond += float64(last.Requests) / float64(seconds)
	}
	return r
}

// Of comparisons of a server with itself at most 5% may find a difference, and of those
// with one that is a tenth slower at least 95% must.
func TestPairsTellDifferenceFromNoise(t *testing.T) {
	random := rand.New(rand.NewPCG(3, 4))
	const trials, slices = 20, 25
	found := func(factor float64) (n int) {
		for range trials {
			var a, b []*result.Record
			for range slices {
				drift := 1 + 0.3*random.Float64() // of the machine, for both
				a = append(a, run(random, 10*drift, 0.05, 1))
				b = append(b, run(random, 10*drift*factor, 0.05, 1))
			}
			for _, d := range verdict.Pairs(a[0], b[0], a, b) {
				if d.Metric == "p10" {
					continue // records that are made up have none
				}
				if d.Metric != "error_rate" {
					require.LessOrEqual(t, d.Low, d.Ratio(), d.Metric)
					require.GreaterOrEqual(t, d.High, d.Ratio(), d.Metric)
				}
				if d.Metric != "error_rate" && d.Verdict != verdict.Same {
					if factor > 1 {
						require.Equal(t, verdict.Worse, d.Verdict, d.Metric)
					}
					n++
					break
				}
			}
		}
		return n
	}
	require.LessOrEqual(t, found(1), trials*5/100)
	require.GreaterOrEqual(t, found(1.1), trials*95/100)
}

func TestRegressions(t *testing.T) {
	for name, tt := range map[string]struct {
		factor, noise float64
		seconds       int
		holds         bool
	}{
		"unchanged":                  {1, 0.02, 20, true},
		"within the tolerance":       {1.05, 0.005, 20, true},
		"slower":                     {1.3, 0.02, 20, false},
		"slower, too short to tell":  {1.3, 0.001, 2, false},
		"faster":                     {0.5, 0.02, 20, true},
		"slower, but only by chance": {1.12, 1.5, 6, true},
	} {
		t.Run(name, func(t *testing.T) {
			const trials = 12
			wrong := 0
			random := rand.New(rand.NewPCG(5, 6))
			for range trials {
				old, now := run(random, 10, tt.noise, tt.seconds), run(random, 10*tt.factor, tt.noise, tt.seconds)
				if _, check := verdict.Regressions(old, now, 0.1); check.Holds != tt.holds {
					wrong++
				}
			}
			require.LessOrEqual(t, wrong, 1)
		})
	}
	random := rand.New(rand.NewPCG(5, 6))
	old, now := run(random, 10, 0.01, 10), run(random, 10, 0.01, 10)
	now.ErrorRate = 0.02
	_, check := verdict.Regressions(old, now, 0.1)
	require.Contains(t, check.Text, "error_rate 2%, was 0%")
}

func TestBaselines(t *testing.T) {
	p, err := plan.Options{URLs: []string{"http://h/"}, Method: "GET", Concurrency: 10, Duration: "30", Timeout: "1", Grace: "1", Warmup: "0"}.Validate()
	require.NoError(t, err)
	path := filepath.Join(t.TempDir(), "saved.json")
	load := func(text string) (*result.Record, error) {
		require.NoError(t, os.WriteFile(path, []byte(text), 0o600))
		return verdict.LoadBaseline(path, &p.Targets[0])
	}
	const record = `"total_requests": 5, "successful_requests": 5, "method": "GET", "concurrency": 10, "duration_seconds": 30.4`
	r, err := load(`{"results": [{` + record + `}]}`)
	require.NoError(t, err)
	require.NoError(t, verdict.Alike(path, r, p))
	r, err = load(`{"results": [{"target_url": "http://x/"}, {"target_url": "http://h/", ` + record + `}]}`)
	require.NoError(t, err)
	require.Equal(t, "http://h/", r.TargetURL)
	_, err = load(`{` + record + `}`)
	require.NoError(t, err)

	for text, want := range map[string]string{
		``:                     "is empty",
		`x`:                    "1:1: is no JSON result",
		"{\n  \"results\": 5}": path + ":2:14: is no result: results is a JSON number",
		`[]`:                   "is no result",
		`{}`:                   "holds no result",
		`{"results": [null]}`:  "",
		`{"results": [{}]}`:    "without a successful request",
		`{"results": [{` + record + `}, {` + record + `}]}`: "none of them of http://h/",
	} {
		_, err := load(text)
		require.ErrorContains(t, err, want, text)
		require.Equal(t, fault.StatusFailed, fault.Status(err))
	}
	for _, unlike := range []string{`"concurrency": 5`, `"method": "POST"`, `"rate": 7`, `"planned_seconds": 10`} {
		r, err := load(`{` + record + `, ` + unlike + `}`)
		require.NoError(t, err)
		require.ErrorContains(t, verdict.Alike(path, r, p), "--force", unlike)
	}
}

func TestDifferencesAreJSON(t *testing.T) {
	text, err := json.Marshal(verdict.Difference{Metric: "p50", Unit: "time", Low: math.NaN(), High: math.Inf(1), Verdict: verdict.Same})
	require.NoError(t, err)
	require.JSONEq(t, `{"metric":"p50","unit":"time","a":0,"b":0,"ratio":null,"ratio_low":null,"ratio_high":null,"verdict":"same"}`, string(text))
}
