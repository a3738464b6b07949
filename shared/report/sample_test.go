package report_test

import (
	"math"

	"github.com/senior-backend/toolkit/shared/report"
)

// sample is a document with one of everything.
func sample() report.Document {
	return report.Document{
		Title:    "Load test of http://127.0.0.1:4000/v1/products",
		Subtitle: "GET with 50 connections for 60 s, loadtester 0.1.0, on 2 cores",
		Verdict:  report.Verdict{Level: report.LevelBad, Text: "1 of 3 expectations did not hold: p99 was 182 ms, at most 150 ms was wanted."},
		Figures: []report.Figure{
			{Label: "Requests", Value: "61,204", Note: "60.0 s, 50 connections"},
			{Label: "Rate", Value: "1,020 /s", Note: "steady within 2%", Level: report.LevelGood},
			{Label: "p50", Value: "21.4 ms"},
			{Label: "p99", Value: "182 ms", Note: "from the moment due", Level: report.LevelBad},
			{Label: "Failed", Value: "0.4%", Note: "231 answers with status 503", Level: report.LevelWarn},
			{Label: "Received", Value: "48.2 MiB"},
		},
		Sections: []report.Section{
			{Heading: "Findings", Blocks: []report.Block{sampleFindings()}},
			{Heading: "Latency", Blocks: []report.Block{
				report.Text("Latency counts from the moment a request was due,\nso that a stalled server is not flattered.\n\nThe second half is slower."),
				latencyChart(), distributionChart(),
			}},
			{Heading: "Answers", Blocks: []report.Block{statusChart(), histogramChart(), sampleTable()}},
			{Heading: "How to run it again", Blocks: []report.Block{
				report.Code{Language: "sh", Text: "loadtester http://127.0.0.1:4000/v1/products \\\n\t--concurrency 50 --duration 60\n"},
				report.Table{Caption: "Nothing was skipped", Columns: []report.Column{{Head: "Target"}, {Head: "Reason"}}},
			}},
		},
	}
}

func sampleFindings() report.Findings {
	return report.Findings{
		{
			Severity: report.SeverityError, Code: "threshold", Subject: "p99 < 150ms", Message: "The 99th percentile was 182 ms.",
			Evidence: "612 of 61,204 requests took longer than 182 ms; most of them between second 30 and second 41.",
			Advice:   "Look at what the server did then; the connection pool was exhausted at the same time.",
		},
		{
			Severity: report.SeverityWarning, Code: "fk-without-index", Subject: "orders.customer_id",
			Message:  "The foreign key to customers has no index.",
			Evidence: "20,000 rows; 31 sequential scans a minute.",
			Advice:   "Create an index without locking writes.",
			Fix:      &report.Code{Language: "sql", Text: "CREATE INDEX CONCURRENTLY orders_customer_id_idx\n    ON orders (customer_id);"},
			Link:     "https://www.postgresql.org/docs/current/ddl-constraints.html#DDL-CONSTRAINTS-FK",
		},
		{Severity: report.SeverityInfo, Message: "HTTP/2 was offered and not used."},
	}
}

func latencyChart() report.Chart {
	median, tail := report.Series{Name: "p50"}, report.Series{Name: "p99", Level: report.LevelBad}
	for second := range 60 {
		x := float64(second)
		y := 21 + 4*math.Sin(x/5)
		spike := 60 + 10*math.Cos(x/3)
		if second >= 30 && second < 41 {
			spike *= 3
		}
		if second >= 50 && second < 53 {
			y, spike = math.NaN(), math.NaN()
		}
		median.Points = append(median.Points, report.Point{X: x, Y: y})
		tail.Points = append(tail.Points, report.Point{X: x, Y: spike})
	}
	return report.Chart{
		Title: "Latency over time", Kind: report.ChartLine, XLabel: "Time (s)", YLabel: "Latency (ms)", YScale: report.ScaleLog,
		Series:  []report.Series{median, tail},
		Markers: []report.Marker{{X: 30, Label: "pool exhausted"}, {X: 33, Label: "first 503"}, {X: 58, Label: "stopping"}},
	}
}

func distributionChart() report.Chart {
	s := report.Series{Name: "latency"}
	for _, p := range []float64{0, 0.1, 0.25, 0.5, 0.75, 0.9, 0.95, 0.99, 0.995, 0.999, 0.9999} {
		s.Points = append(s.Points, report.Point{X: p, Y: 12 + 30*-math.Log10(1-p)*-math.Log10(1-p)})
	}
	return report.Chart{
		Title: "Latency by percentile", Kind: report.ChartLine, XLabel: "Percentile", YLabel: "Latency (ms)",
		XScale: report.ScalePercentile, Series: []report.Series{s},
	}
}

func statusChart() report.Chart {
	ok := report.Series{Name: "200", Level: report.LevelGood}
	limited := report.Series{Name: "429", Level: report.LevelWarn}
	failed := report.Series{Name: "503", Level: report.LevelBad}
	for second := range 60 {
		x := float64(second)
		ok.Points = append(ok.Points, report.Point{X: x, Y: 1000 + 40*math.Sin(x/4)})
		limited.Points = append(limited.Points, report.Point{X: x, Y: math.Max(0, 120*math.Sin(x/9))})
		bad := 0.0
		if second >= 33 && second < 41 {
			bad = 250
		}
		failed.Points = append(failed.Points, report.Point{X: x, Y: bad})
	}
	return report.Chart{
		Title: "Answers by status", Kind: report.ChartArea, XLabel: "Time (s)", YLabel: "Answers per second",
		Series: []report.Series{ok, limited, failed},
	}
}

func histogramChart() report.Chart {
	s := report.Series{Name: "requests"}
	for i := range 24 {
		s.Points = append(s.Points, report.Point{X: float64(i*10 + 5), Y: math.Round(9000 * math.Exp(-math.Pow(float64(i-3), 2)/18))})
	}
	return report.Chart{
		Title: "How many took how long", Kind: report.ChartBar, XLabel: "Latency (ms)", YLabel: "Requests",
		Series: []report.Series{s},
	}
}

func sampleTable() report.Table {
	return report.Table{
		Caption: "By kind of answer",
		Columns: []report.Column{{Head: "Answer"}, {Head: "Count", Numeric: true}, {Head: "Share", Numeric: true}, {Head: "First seen"}, {Head: "Example"}},
		Rows: [][]report.Cell{
			{{Text: "200 OK"}, {Text: "58,310"}, {Text: "95.3%", Level: report.LevelGood}, {Text: "0.00 s"}, {Text: `{"data":[{"sku":"SKU-000042","name":"Kettle no. 42","tags":["home","new"]}],"meta":{}}`}},
			{{Text: "429 Too Many Requests"}, {Text: "2,663"}, {Text: "4.3%", Level: report.LevelWarn}, {Text: "1.02 s"}, {Text: `{"error":{"code":"rate_limited"}}`}},
			{{Text: "503 Service Unavailable"}, {Text: "231"}, {Text: "0.4%", Level: report.LevelBad}, {Text: "33.20 s"}, {Text: "接続プールが一杯です 🚫 café"}},
		},
	}
}
