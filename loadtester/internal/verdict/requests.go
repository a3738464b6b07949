package verdict

import (
	"fmt"

	"github.com/senior-backend/toolkit/loadtester/internal/result"
)

// shownFailures is how many of the requests that were answered otherwise are told of.
const shownFailures = 20

// requestsCheck demands that each request with an expectation of its own was answered
// with what it expects, as often as the ratio says. nil means that there is none. One
// that was never answered can't be said to hold.
func requestsCheck(x Expectations, r *result.Record) *Check {
	c := Check{Name: "expect of each request"}
	judged, held := 0, 0
	for i := range r.Requests {
		q := &r.Requests[i]
		if q.Expect == "" {
			continue
		}
		judged++
		if q.Total > 0 && float64(q.Successful) >= x.Ratio*float64(q.Total) {
			held++
			continue
		}
		if len(c.Details) == shownFailures {
			c.Details = append(c.Details, "…")
		}
		if len(c.Details) > shownFailures {
			continue
		}
		seen := "no request ended"
		if q.Total > 0 {
			seen = fmt.Sprintf("%s of %s requests were not: %s", result.Count(q.Failed), result.Count(q.Total), q.ErrorsText())
		}
		where := ""
		if q.Line > 0 {
			where = fmt.Sprintf("line %d: ", q.Line)
		}
		c.Details = append(c.Details, fmt.Sprintf("%s%s expects %s; %s", where, q.Title(), q.Expect, seen))
	}
	if judged == 0 {
		return nil
	}
	c.Holds = held == judged
	c.Text = fmt.Sprintf("all %d requests were answered as they expect", judged)
	if !c.Holds {
		c.Text = fmt.Sprintf("%d of %d requests were not answered as they expect", judged-held, judged)
	}
	return &c
}
