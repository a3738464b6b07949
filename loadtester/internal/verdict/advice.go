package verdict

import (
	"fmt"
	"math"

	"github.com/senior-backend/toolkit/loadtester/internal/plan"
	"github.com/senior-backend/toolkit/loadtester/internal/result"
	"github.com/senior-backend/toolkit/loadtester/internal/stats"
)

// Advice is something the data says, with the figures that say it and what to do.
type Advice struct {
	Code     string `json:"code"` // stable
	Message  string `json:"message"`
	Evidence string `json:"evidence"`
	Action   string `json:"action"`
	// Serious tells that the run's figures or the server can't be relied on as they are.
	Serious bool `json:"serious"`
}

// busy is the share of its time from which on a machine that computes is at its limit.
const busy = 0.9

// leastForAdvice is how many requests must have ended before shares of them mean anything.
const leastForAdvice = 100

// Advise returns what follows from a finished run, most serious first.
func Advise(p *plan.Plan, r *result.Record, s *stats.Summary) []Advice {
	var serious, plain []Advice
	rules := []func(*plan.Plan, *result.Record, *stats.Summary) *Advice{clientBusy, clientLimits, schedule}
	if r.TotalRequests >= leastForAdvice {
		rules = append(rules, ofMany()...)
	}
	for _, rule := range rules {
		switch a := rule(p, r, s); {
		case a == nil:
		case a.Serious:
			serious = append(serious, *a)
		default:
			plain = append(plain, *a)
		}
	}
	return append(serious, plain...)
}

// ofMany are the rules that need some requests to say anything.
func ofMany() []func(*plan.Plan, *result.Record, *stats.Summary) *Advice {
	return []func(*plan.Plan, *result.Record, *stats.Summary) *Advice{
		serverErrors, errorsBegin, rateLimited, saturated,
		churn, handshakes, bodies, tail, twoKinds, stalls,
	}
}

// clientBusy: this machine was the bottleneck, so the server may be capable of more.
func clientBusy(p *plan.Plan, r *result.Record, s *stats.Summary) *Advice {
	if s.Busy < busy || s.Elapsed.Seconds() < 0.5 {
		return nil
	}
	return &Advice{
		Code: "client-busy", Serious: true,
		Message:  "This machine was at its limit: the rate is a floor and the latencies a ceiling of what the server can do.",
		Evidence: fmt.Sprintf("the load generator kept %.0f%% of %d thread(s) busy", s.Busy*100, p.Threads),
		Action:   "use more --threads or another machine, or less load",
	}
}

func clientLimits(_ *plan.Plan, _ *result.Record, s *stats.Summary) *Advice {
	n := s.Tally.Errors[stats.KindLimit]
	if n == 0 {
		return nil
	}
	return &Advice{
		Code: "client-limit", Serious: true,
		Message:  "This machine ran out of file descriptors, ports or memory.",
		Evidence: fmt.Sprintf("%s requests failed for it", result.Count(n)),
		Action:   "raise ulimit -n, widen net.ipv4.ip_local_port_range, or keep connections alive",
	}
}

// schedule: the requests that were due could not all be sent in time.
func schedule(p *plan.Plan, r *result.Record, s *stats.Summary) *Advice {
	const few = 10
	missed := r.LateRequests + r.UnsentRequests
	if p.Rate == 0 || missed < few || float64(missed) < 0.01*float64(r.TotalRequests+r.UnsentRequests) {
		return nil
	}
	// Little's law: requests in the system = rate x time in it.
	needed := p.Rate * s.Tally.Service.Mean().Seconds()
	return &Advice{
		Code: "schedule-missed", Serious: true,
		Message: "The rate asked for could not be kept: requests waited for a free connection.",
		Evidence: fmt.Sprintf("%s late, %s never sent; response time p99 %s, service time p99 %s; by Little's law %s/s x %s needs %s connections on average",
			result.Count(r.LateRequests), result.Count(r.UnsentRequests), result.Millis(r.LatencyP99), result.Millis(r.ServiceP99),
			result.Number(p.Rate), result.Millis(s.Tally.Service.Mean().Seconds()*1000), result.Count(uint64(math.Ceil(needed)))),
		Action: "ask for a lower rate, allow more with --max-connections, or make the server faster",
	}
}

func serverErrors(_ *plan.Plan, r *result.Record, s *stats.Summary) *Advice {
	var n uint64
	for status := 500; status < 600; status++ {
		n += s.Tally.Status[status]
	}
	if float64(n) < 0.001*float64(r.TotalRequests) {
		return nil
	}
	return &Advice{
		Code: "server-errors", Serious: true,
		Message:  "The server answered with errors of its own.",
		Evidence: fmt.Sprintf("%s of %s answers were 5xx", result.Count(n), result.Count(r.TotalRequests)),
		Action:   "look into the server's log for the time of the run",
	}
}

func rateLimited(_ *plan.Plan, r *result.Record, s *stats.Summary) *Advice {
	n := s.Tally.Status[429]
	if n == 0 {
		return nil
	}
	return &Advice{
		Code:     "rate-limited",
		Message:  "The server limits the rate, so this is the limiter's speed and not the server's.",
		Evidence: fmt.Sprintf("%s of %s answers were 429", result.Count(n), result.Count(r.TotalRequests)),
		Action:   "lift the limit for this client to measure the server, or judge the limit with --expect-rate-limit",
	}
}

// churn: the server closes connections that could have been kept.
func churn(p *plan.Plan, r *result.Record, _ *stats.Summary) *Advice {
	opened := r.Connections.Opened
	if !p.KeepAlive || float64(opened) < 0.5*float64(r.TotalRequests) || opened < 10*uint64(p.Concurrency) {
		return nil
	}
	return &Advice{
		Code:     "connection-churn",
		Message:  "The server closes connections instead of keeping them alive.",
		Evidence: fmt.Sprintf("%s connections for %s requests", result.Count(opened), result.Count(r.TotalRequests)),
		Action:   "turn keep-alive on in the server and in the proxies before it",
	}
}

// handshakes: opening connections takes much of the time that requests take.
func handshakes(_ *plan.Plan, r *result.Record, s *stats.Summary) *Advice {
	spent := (s.Tally.Connect.Sum + s.Tally.Handshake.Sum).Seconds()
	all := s.Tally.OK.Mean().Seconds()*float64(s.Tally.OK.Count()) + s.Tally.Failed.Mean().Seconds()*float64(s.Tally.Failed.Count())
	if all == 0 || spent/all < 0.3 {
		return nil
	}
	return &Advice{
		Code:    "handshakes",
		Message: "Opening connections takes much of the time.",
		Evidence: fmt.Sprintf("%.0f%% of the requests' time; connect %s, TLS %s on average", min(spent/all, 1)*100,
			result.Millis(s.Tally.Connect.Mean().Seconds()*1000), result.Millis(s.Tally.Handshake.Mean().Seconds()*1000)),
		Action: "keep connections alive, or load for longer so that the beginning weighs less",
	}
}
