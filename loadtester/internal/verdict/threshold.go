package verdict

import (
	"fmt"
	"regexp"
	"strconv"
	"strings"
	"time"

	"github.com/senior-backend/toolkit/loadtester/internal/result"
	"github.com/senior-backend/toolkit/shared/fault"
)

// Threshold is a bound on one metric of a run.
type Threshold struct {
	text   string
	metric string
	op     string
	value  float64 // milliseconds, a share, or a number
}

// The kinds of unit a metric has.
const (
	unitTime  = "time"
	unitShare = "share"
	unitPlain = "number"
)

// metric returns the value of a metric and its kind of unit.
func metric(r *result.Record, name string) (value float64, unit string, ok bool) {
	switch name {
	case "min":
		return r.LatencyMin, unitTime, true
	case "max":
		return r.LatencyMax, unitTime, true
	case "avg", "mean":
		return r.LatencyAvg, unitTime, true
	case "stddev":
		return r.LatencyStddev, unitTime, true
	case "p50", "median":
		return r.LatencyP50, unitTime, true
	case "p90":
		return r.LatencyP90, unitTime, true
	case "p95":
		return r.LatencyP95, unitTime, true
	case "p99":
		return r.LatencyP99, unitTime, true
	case "p999", "p99.9":
		return r.LatencyP999, unitTime, true
	case "error_rate":
		return r.ErrorRate, unitShare, true
	case "rps":
		return r.RequestsPerSecond, unitPlain, true
	case "requests":
		return float64(r.TotalRequests), unitPlain, true
	case "failed":
		return float64(r.FailedRequests), unitPlain, true
	default:
		return 0, "", false
	}
}

const metricNames = "min, avg, p50, p90, p95, p99, p99.9, max, stddev, error_rate, rps, requests or failed"

// ParseThreshold reads a bound such as "p99<200ms", "error_rate<=1%" or "rps>1000".
// Times without a unit are milliseconds.
func ParseThreshold(text string) (Threshold, error) { return parseBound("--threshold", text) }

// ParseObjective reads a bound that a service is to stay within, such as "p99<200ms" or
// "error_rate<1%": an upper one of a latency or of the error rate.
func ParseObjective(text string) (Threshold, error) {
	t, err := parseBound("--slo", text)
	if err != nil {
		return t, err
	}
	if _, unit, _ := metric(&result.Record{}, t.metric); unit == unitPlain || t.op[0] != '<' {
		return t, fault.Usagef("--slo %q: no objective; write an upper bound of a latency or the error rate, such as 'p99<200ms'", text)
	}
	return t, nil
}

func parseBound(flag, text string) (Threshold, error) {
	parts := regexp.MustCompile(`^\s*([a-z0-9_.]+)\s*(<=|>=|<|>)\s*(\S+)\s*$`).FindStringSubmatch(strings.ToLower(text))
	if parts == nil {
		return Threshold{}, fault.Usagef("%s %q: not understood; write such as 'p99<200ms', 'error_rate<1%%' or 'rps>1000'", flag, text)
	}
	t := Threshold{text: strings.TrimSpace(text), metric: parts[1], op: parts[2]}
	_, unit, ok := metric(&result.Record{}, t.metric)
	if !ok {
		return Threshold{}, fault.Usagef("%s %q: unknown metric %q; choose from %s", flag, text, t.metric, metricNames)
	}
	value, err := parseValue(parts[3], unit)
	if err != nil {
		return Threshold{}, fault.Usagef("%s %q: %q is no %s", flag, text, parts[3], unit)
	}
	t.value = value
	return t, nil
}

func parseValue(text, unit string) (float64, error) {
	if unit == unitTime {
		if d, err := time.ParseDuration(text); err == nil {
			return float64(d) / float64(time.Millisecond), nil
		}
	}
	number, isPercent := strings.CutSuffix(text, "%")
	v, err := strconv.ParseFloat(number, 64)
	if err != nil {
		return 0, fmt.Errorf("parse number: %w", err)
	}
	if isPercent {
		if unit != unitShare {
			return 0, fmt.Errorf("%s takes no %%", unit)
		}
		v /= 100
	}
	return v, nil
}

// Holds tells whether a record is within the bound.
func (t Threshold) Holds(r *result.Record) bool { return t.check(r).Holds }

// check judges a record. A time of a run without a single success holds no bound.
func (t Threshold) check(r *result.Record) Check {
	got, unit, _ := metric(r, t.metric)
	c := Check{Name: t.text}
	switch t.op {
	case "<":
		c.Holds = got < t.value
	case "<=":
		c.Holds = got <= t.value
	case ">":
		c.Holds = got > t.value
	default:
		c.Holds = got >= t.value
	}
	c.Text = t.metric + " is " + words(got, unit)
	if unit == unitTime && r.SuccessfulRequests == 0 {
		c.Holds, c.Text = false, "no request succeeded"
	}
	return c
}

func words(v float64, unit string) string {
	switch unit {
	case unitTime:
		return result.Millis(v)
	case unitShare:
		return strconv.FormatFloat(v*100, 'g', 4, 64) + "%"
	default:
		return result.Number(v)
	}
}
