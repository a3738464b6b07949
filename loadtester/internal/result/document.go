package result

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/senior-backend/toolkit/shared/report"
)

// Document is the report of the records of one run, one or more. Where the report
// speaks of them by names, such as A and B, they are given; else names is nil. A full
// report has the charts that a terminal can't show.
func Document(records []*Record, names []string, full bool) *report.Document {
	if len(records) == 1 {
		r := records[0]
		return &report.Document{Title: title(r), Subtitle: subtitle(r), Figures: figures(r), Sections: sections(r, full)}
	}
	d := &report.Document{Title: "Load test of " + plural(uint64(len(records)), "target")}
	var who []string
	for i, name := range names {
		who = append(who, fmt.Sprintf("%s is %s", name, title(records[i])))
	}
	if len(names) > 0 {
		d.Title = "Comparison of " + strings.Join(names, " and ")
		d.Subtitle = strings.Join(who, "; ")
	}
	d.Sections = append(d.Sections, report.Section{Heading: "Targets", Blocks: []report.Block{targetsTable(records, names)}})
	for i, r := range records {
		name := title(r)
		if len(names) > 0 {
			name = names[i]
		}
		parts := sections(r, full)
		if len(names) > 0 && !full { // the comparison says the rest, and a screen is short
			parts = nil
			if len(r.ErrorsByType) > 0 {
				parts = []report.Section{answersSection(r)}
			}
		}
		for i, s := range parts {
			if i == 0 {
				s.Heading = name + " · " + s.Heading
			}
			d.Sections = append(d.Sections, s)
		}
	}
	return d
}

func title(r *Record) string {
	if len(r.Requests) > 0 {
		return plural(uint64(len(r.Requests)), "request") + " at " + r.TargetURL
	}
	return r.Method + " " + r.TargetURL
}

func sections(r *Record, full bool) []report.Section {
	list := []report.Section{latencySection(r)}
	if len(r.StatusCodes)+len(r.ErrorsByType) > 0 {
		list = append(list, answersSection(r))
	}
	if s := eventsSection(r); s != nil {
		list = append(list, *s)
	}
	if len(r.Requests) > 0 {
		list = append(list, requestsSection(r))
	}
	list = append(list, trafficSection(r))
	if full {
		if c := charts(r); len(c.Blocks) > 0 {
			list = append(list, c)
		}
	} else if s := overTime(r); s != nil {
		list = append(list, *s)
	}
	return list
}

func targetsTable(records []*Record, names []string) report.Table {
	table := report.Table{Columns: []report.Column{
		{Head: "target"},
		{Head: "requests", Numeric: true},
		{Head: "rate", Numeric: true},
		{Head: "p50", Numeric: true},
		{Head: "p99", Numeric: true},
		{Head: "failed", Numeric: true},
	}}
	for i, r := range records {
		name := title(r)
		if len(names) > 0 {
			name = names[i] + ": " + name
		}
		failed := report.Cell{Text: Count(r.FailedRequests)}
		if r.FailedRequests > 0 {
			failed.Level = report.LevelBad
		}
		table.Rows = append(table.Rows, []report.Cell{
			{Text: name},
			{Text: Count(r.TotalRequests)},
			{Text: Number(r.RequestsPerSecond) + "/s"},
			{Text: r.latency(r.LatencyP50)},
			{Text: r.latency(r.LatencyP99)},
			failed,
		})
	}
	return table
}

// latency words a latency, if there were successes to have one.
func (r *Record) latency(v float64) string {
	if r.SuccessfulRequests == 0 {
		return "none"
	}
	return Millis(v)
}

func subtitle(r *Record) string {
	load := plural(uint64(r.Concurrency), "connection")
	if r.Streams > 1 {
		load += fmt.Sprintf(" with %d streams each", r.Streams)
	}
	if r.Rate > 0 {
		load = Number(r.Rate) + " requests/s on a schedule"
	}
	if r.Stages != "" {
		load = "up to " + load + " (" + r.Stages + ")"
	}
	if r.Think != "" {
		load += ", pausing " + r.Think
	}
	text := fmt.Sprintf("%s for %s", load, seconds(r.DurationSeconds))
	if r.Seed != 0 {
		text += fmt.Sprintf(", seed %d", r.Seed)
	}
	if r.Protocol != "" && r.Protocol != "HTTP/1.1" {
		text = r.Protocol + ", " + text
	}
	if r.Interrupted {
		text += fmt.Sprintf(", interrupted (%s were planned)", seconds(r.PlannedSeconds))
	}
	return text
}

func figures(r *Record) []report.Figure {
	figures := []report.Figure{
		{Label: "requests", Value: Count(r.TotalRequests)},
		{Label: "rate", Value: Number(r.RequestsPerSecond) + "/s"},
		{Label: "p50", Value: r.latency(r.LatencyP50)},
		{Label: "p99", Value: r.latency(r.LatencyP99)},
	}
	failed := report.Figure{Label: "failed", Value: Count(r.FailedRequests), Level: report.LevelGood}
	if r.FailedRequests > 0 {
		failed.Level = report.LevelBad
		failed.Note = percent(r.ErrorRate)
	}
	return append(figures, failed)
}

func latencySection(r *Record) report.Section {
	if r.SuccessfulRequests == 0 {
		return report.Section{Heading: "Latency", Blocks: []report.Block{
			report.Text("No request succeeded, so there is no latency to report."),
		}}
	}
	table := report.Table{}
	var row []report.Cell
	for _, c := range []struct {
		head  string
		value float64
	}{
		{"min", r.LatencyMin},
		{"avg", r.LatencyAvg},
		{"p50", r.LatencyP50},
		{"p90", r.LatencyP90},
		{"p95", r.LatencyP95},
		{"p99", r.LatencyP99},
		{"p99.9", r.LatencyP999},
		{"max", r.LatencyMax},
		{"stddev", r.LatencyStddev},
	} {
		table.Columns = append(table.Columns, report.Column{Head: c.head, Numeric: true})
		row = append(row, report.Cell{Text: Millis(c.value)})
	}
	table.Rows = [][]report.Cell{row}
	s := report.Section{Heading: "Latency of successful requests", Blocks: []report.Block{table}}
	if r.Rate > 0 {
		s.Blocks = append(s.Blocks, report.Text(fmt.Sprintf(
			"Counted from the moment each request was due. From the moment it was sent: p50 %s, p99 %s. "+
				"%s sent more than 10 ms late, %s never sent.",
			Millis(r.ServiceP50), Millis(r.ServiceP99), plural(r.LateRequests, "request"), Count(r.UnsentRequests))))
	}
	return s
}

func answersSection(r *Record) report.Section {
	table := report.Table{Columns: []report.Column{
		{Head: "answer"},
		{Head: "count", Numeric: true},
		{Head: "share", Numeric: true},
		{Head: "meaning"},
	}}
	add := func(name string, count uint64, level report.Level) {
		table.Rows = append(table.Rows, []report.Cell{
			{Text: name, Level: level},
			{Text: Count(count)},
			{Text: percent(float64(count) / float64(r.TotalRequests))},
			{Text: explain(name)},
		})
	}
	for status := 100; status < 1000; status++ {
		code := strconv.Itoa(status)
		if good := r.StatusCodes[code] - r.ErrorsByType["HTTP "+code]; good > 0 {
			add("HTTP "+code, good, report.LevelGood)
		}
	}
	for _, name := range byCount(r.ErrorsByType) {
		add(name, r.ErrorsByType[name], report.LevelBad)
	}
	return report.Section{Heading: "Answers", Blocks: []report.Block{table}}
}

func trafficSection(r *Record) report.Section {
	parts := []string{
		fmt.Sprintf("%s received in bodies (%s Mbit/s), %s in all; %s sent.",
			Bytes(r.TotalBytesReceived), Number(r.ThroughputMbps), Bytes(r.WireBytesReceived), Bytes(r.WireBytesSent)),
		opened(r),
	}
	if c, ok := r.Phases["connect"]; ok && r.Connections.Opened > 0 {
		parts[1] += fmt.Sprintf(" (connect %s", Millis(c.Avg))
		if t, ok := r.Phases["tls"]; ok {
			parts[1] += fmt.Sprintf(", TLS handshake %s", Millis(t.Avg))
		}
		parts[1] += " on average)"
	}
	parts[1] += "."
	if r.Redirects > 0 {
		parts = append(parts, plural(r.Redirects, "redirect")+" followed.")
	}
	if r.Protocol == "HTTP/3" {
		parts = append(parts, "HTTP/3 goes through quic-go, which costs this client several times as much for each request as the other protocols: it may be the limit.")
	}
	if r.GoAways > 0 {
		parts = append(parts, plural(r.GoAways, "connection")+" ended by the server with GOAWAY.")
	}
	if r.Connections.Retried > 0 {
		parts = append(parts, plural(r.Connections.Retried, "request")+" sent again since the server had closed the connection or refused to process it.")
	}
	if r.TCP.Retransmits+r.TCP.OutOfOrder > 0 {
		parts = append(parts, fmt.Sprintf("%s sent again, %s came out of order.",
			plural(r.TCP.Retransmits, "TCP segment"), Count(r.TCP.OutOfOrder)))
	}
	if r.UnendedRequests > 0 {
		parts = append(parts, plural(r.UnendedRequests, "request")+" still in flight at the end, counted in no other figure.")
	}
	return report.Section{Heading: "Traffic", Blocks: []report.Block{report.Text(strings.Join(parts, " "))}}
}

// opened words how many connections were opened, and that it was too few, when it was.
func opened(r *Record) string {
	if r.Rate == 0 && r.WarmupSeconds == 0 && r.Connections.Opened < min(uint64(r.Concurrency), r.TotalRequests) {
		return fmt.Sprintf("Only %s of %s opened before the end", Count(r.Connections.Opened), plural(uint64(r.Concurrency), "connection"))
	}
	if r.Connections.Opened == 0 && r.WarmupSeconds > 0 {
		return "The connections were opened in the warm-up"
	}
	return plural(r.Connections.Opened, "connection") + " opened"
}
