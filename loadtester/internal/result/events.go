package result

import (
	"cmp"
	"fmt"
	"slices"
	"time"

	"github.com/senior-backend/toolkit/loadtester/internal/stats"
	"github.com/senior-backend/toolkit/shared/report"
)

// Event is a stretch of a run in which the same thing went wrong.
type Event struct {
	Type  string    `json:"type"`  // a key of errors_by_type, "no_answers" or "tcp_retransmits"
	From  float64   `json:"from"`  // seconds since measuring began, to the second
	To    float64   `json:"to"`    // likewise; the end of the last second
	At    time.Time `json:"at"`    // From, on the clock
	Count uint64    `json:"count"` // how often; of no_answers 0
	// Share is the part of all requests that ended meanwhile, 0 to 1; of TCP segments, those
	// sent again for each request.
	Share float64 `json:"share"`
	Cause string  `json:"cause,omitempty"` // what the first one said, where it said more

	total uint64
}

const (
	noAnswers      = "no_answers"
	tcpRetransmits = "tcp_retransmits"
)

// calm is how many seconds without trouble end a stretch of it.
const calm = 3

// steady is the rate, in requests a second, from which on a second without any means
// something.
const steady = 20

// fewResent is the share of segments sent again that networks have on a good day.
const fewResent = 0.0005

// events finds what went wrong and when.
func events(s *stats.Summary) []Event {
	last := map[string]int{} // the index in list of the latest event of a type
	var list []Event
	add := func(name, cause string, second int, count, total uint64) {
		if i, ok := last[name]; ok && float64(second)-list[i].To < calm {
			e := &list[i]
			e.Count += count
			for missed := int(e.To); missed < second; missed++ {
				e.total += s.Seconds[missed].Requests
			}
			e.total += total
			e.To = float64(second + 1)
			return
		}
		last[name] = len(list)
		list = append(list, Event{
			Type: name, Cause: cause, From: float64(second), To: float64(second + 1),
			At: s.Started.Add(time.Duration(second) * time.Second).UTC(), Count: count, total: total,
		})
	}
	for i, second := range s.Seconds {
		for _, t := range second.Troubles {
			name, cause := t.Kind.String(), s.Causes[t.Kind]
			if t.Kind == stats.KindNone {
				name, cause = fmt.Sprintf("HTTP %d", t.Status), ""
			}
			add(name, cause, i, t.Count, second.Requests)
		}
		if second.Resent > 0 {
			add(tcpRetransmits, "", i, second.Resent, second.Requests)
		}
		if second.Requests == 0 && silent(s, i) {
			add(noAnswers, "", i, 0, 0)
		}
	}
	for i := range list {
		if e := &list[i]; e.total > 0 {
			e.Share = float64(e.Count) / float64(e.total)
		}
	}
	list = slices.DeleteFunc(list, func(e Event) bool { return e.Type == tcpRetransmits && e.Share < fewResent })
	return clip(list, s)
}

// silent tells whether a second without answers is a gap in what went steadily before and
// went on after: not the beginning, nor the end, where the run stops.
func silent(s *stats.Summary, second int) bool {
	return second > 0 && second < len(s.Seconds)-1 && float64(s.Tally.Requests())/float64(len(s.Seconds)) >= steady &&
		s.Elapsed > time.Duration(second+1)*time.Second
}

// mostEvents is how many events a result has; what comes and goes all the time is one.
const mostEvents = 100

// clip ends the last events where the run does, and makes one event of each type when
// there are too many.
func clip(list []Event, s *stats.Summary) []Event {
	if len(list) > mostEvents {
		whole := map[string]int{}
		var fewer []Event
		for _, e := range list {
			i, ok := whole[e.Type]
			if !ok {
				whole[e.Type] = len(fewer)
				fewer = append(fewer, e)
				continue
			}
			w := &fewer[i]
			w.To, w.Count = e.To, w.Count+e.Count
			if n := s.Tally.Requests(); n > 0 {
				w.Share = float64(w.Count) / float64(n)
			}
		}
		list = fewer
	}
	for i := range list {
		list[i].To = max(min(list[i].To, s.Elapsed.Seconds()), list[i].From)
	}
	slices.SortStableFunc(list, func(a, b Event) int { return cmp.Compare(a.From, b.From) })
	return list
}

// shownEvents is how many events a report shows; the JSON result has all.
const shownEvents = 20

// eventsSection says what went wrong and when; nil when nothing did, or when it did all
// the time, which the answers tell as well.
func eventsSection(r *Record) *report.Section {
	if len(r.Events) == 0 {
		return nil
	}
	table := report.Table{Columns: []report.Column{
		{Head: "from", Numeric: true},
		{Head: "to", Numeric: true},
		{Head: "what"},
		{Head: "count", Numeric: true},
		{Head: "share", Numeric: true},
		{Head: "meaning"},
	}}
	for i, e := range r.Events {
		if i == shownEvents {
			break
		}
		meaning := e.explain()
		if e.Cause != "" {
			meaning += ": " + e.Cause
		}
		row := []report.Cell{
			{Text: seconds(e.From)},
			{Text: seconds(e.To)},
			{Text: e.Type, Level: report.LevelBad},
			{Text: Count(e.Count)},
			{Text: percent(min(e.Share, 1))},
			{Text: meaning},
		}
		if e.Type == noAnswers {
			row[3].Text, row[4].Text = "", ""
		}
		table.Rows = append(table.Rows, row)
	}
	s := &report.Section{Heading: "What went wrong, and when", Blocks: []report.Block{table}}
	if more := len(r.Events) - shownEvents; more > 0 {
		s.Blocks = append(s.Blocks, report.Text(fmt.Sprintf("And %s more; the JSON result has all.", plural(uint64(more), "event"))))
	}
	return s
}

func (e *Event) explain() string {
	switch e.Type {
	case noAnswers:
		return "not one request ended"
	case tcpRetransmits:
		return "segments sent again: packets were lost on the way, or answered too late"
	default:
		return explain(e.Type)
	}
}
