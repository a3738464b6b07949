package verdict

import (
	"fmt"
	"strings"

	"github.com/senior-backend/toolkit/loadtester/internal/capacity"
	"github.com/senior-backend/toolkit/loadtester/internal/result"
)

// ObjectiveCheck judges whether there is a load within the objectives at all.
func ObjectiveCheck(objectives []string, e *capacity.Estimate) Check {
	c := Check{Name: "--slo " + strings.Join(objectives, " --slo "), Holds: e.Objective != nil}
	if c.Holds {
		c.Text = fmt.Sprintf("kept up to %s with %s", Rate(e.Objective.Rate), Connections(e.Objective.Connections))
		return c
	}
	first := e.Steps[0]
	c.Text = fmt.Sprintf("not kept even with %s: p99 %s, %s failed",
		Connections(float64(first.Connections)), result.Millis(first.P99), words(first.ErrorRate, unitShare))
	return c
}

// Rate words a rate of requests.
func Rate(v float64) string { return result.Number(v) + " requests/s" }

// Connections words a number of connections, which need not be whole.
func Connections(v float64) string {
	text := fmt.Sprintf("%.0f", v)
	if exact := fmt.Sprintf("%.1f", v); v < 5 && exact != text+".0" {
		text = exact
	}
	if text == "1" {
		return "1 connection"
	}
	return text + " connections"
}

// AdviseCapacity returns what follows from a search for the capacity besides its result,
// most serious first. Records are those of the loads.
func AdviseCapacity(e *capacity.Estimate, records []*result.Record) []Advice {
	var found []Advice
	for _, a := range []*Advice{capacityIsOurs(e), limitedCapacity(records), repeatability(e), errorsAtLoad(e), falling(e)} {
		if a != nil {
			found = append(found, *a)
		}
	}
	return found
}

// capacityIsOurs: at the highest rates this machine had no time left.
func capacityIsOurs(e *capacity.Estimate) *Advice {
	busiest := 0.0
	for _, s := range e.Steps {
		if s.Rate >= 0.9*e.Ceiling {
			busiest = max(busiest, s.ClientBusy)
		}
	}
	if busiest < busy {
		return nil
	}
	return &Advice{
		Code: "client-busy", Serious: true,
		Message:  "This machine was at its limit: the ceiling is its own, and a floor of what the server can do.",
		Evidence: fmt.Sprintf("at the highest rates the load generator kept its threads %.0f%% busy", busiest*100),
		Action:   "use more --threads or another machine",
	}
}

func limitedCapacity(records []*result.Record) *Advice {
	var limited, all uint64
	for _, r := range records {
		limited += r.StatusCodes["429"]
		all += r.TotalRequests
	}
	if limited == 0 {
		return nil
	}
	return &Advice{
		Code: "rate-limited", Serious: true,
		Message:  "The server limits the rate, so this is the limiter's capacity and not the server's.",
		Evidence: fmt.Sprintf("%s of %s answers were 429", result.Count(limited), result.Count(all)),
		Action:   "lift the limit for this client and search again",
	}
}

func repeatability(e *capacity.Estimate) *Advice {
	if e.Repeatable {
		return nil
	}
	return &Advice{
		Code: "not-repeatable", Serious: true,
		Message:  "The two passes disagree, so the knee is a rough guess.",
		Evidence: fmt.Sprintf("they are %.0f%% apart over the same loads; 15%% would do", min(e.Spread, 1)*100),
		Action:   "search for longer with --duration, on a machine that does nothing else",
	}
}

func errorsAtLoad(e *capacity.Estimate) *Advice {
	s := e.ErrorsFrom
	if s == nil || s.Connections == e.Steps[0].Connections {
		return nil
	}
	return &Advice{
		Code: "errors-at-load", Serious: true,
		Message: "Requests fail from a certain load on.",
		Evidence: fmt.Sprintf("from %s on: %s failed there (%s)",
			Connections(float64(s.Connections)), words(s.ErrorRate, unitShare), s.Errors),
		Action: "keep below that load, or look for what runs out there: connections, memory, a pool, a queue",
	}
}

// falling: more connections don't just bring no more, they bring less.
func falling(e *capacity.Estimate) *Advice {
	last := e.Steps[len(e.Steps)-1]
	if last.Rate >= 0.85*e.Ceiling || last.ErrorRate > 0.5 {
		return nil
	}
	evidence := fmt.Sprintf("%s at best, %s with %s", Rate(e.Ceiling), Rate(last.Rate), Connections(float64(last.Connections)))
	return &Advice{
		Code:     "rate-falls",
		Message:  "Beyond its capacity the server gets slower with every connection.",
		Evidence: evidence,
		Action:   "limit the requests it takes at once, so that a rush makes a queue and no collapse; look for locks and for memory that swaps",
	}
}
