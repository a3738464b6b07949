package report_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"math"
	"regexp"
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"

	"github.com/rivo/uniseg"
	"github.com/stretchr/testify/require"
	"github.com/yuin/goldmark"
	"github.com/yuin/goldmark/extension"
	"github.com/yuin/goldmark/renderer/html"

	"github.com/senior-backend/toolkit/shared/report"
)

// filled is a document with text in every place that takes one.
func filled(text string, number float64) report.Document {
	cell := report.Cell{Text: text, Level: report.LevelBad}
	points := []report.Point{{X: 1, Y: 2}, {X: 2, Y: number}, {X: 3, Y: 4}}
	chart := report.Chart{
		Title: text, XLabel: text, YLabel: text,
		Series:  []report.Series{{Name: text, Points: points}, {Name: text, Level: report.LevelBad, Points: points}},
		Markers: []report.Marker{{X: 2, Label: text}},
	}
	blocks := []report.Block{
		report.Text(text),
		report.Code{Language: "sql", Text: text},
		report.Table{
			Caption: text, Columns: []report.Column{{Head: text}, {Head: text, Numeric: true}},
			Rows: [][]report.Cell{{cell, cell}, {cell}},
		},
		report.Findings{
			{
				Severity: report.SeverityError, Code: text, Subject: text, Message: text, Evidence: text, Advice: text,
				Fix: &report.Code{Language: "sh", Text: text}, Link: "docs/rules.md",
			},
			{Severity: report.SeverityInfo, Subject: text, Message: text},
		},
	}
	for _, kind := range []report.ChartKind{report.ChartLine, report.ChartArea, report.ChartBar} {
		for _, scale := range []report.Scale{report.ScaleLinear, report.ScaleLog, report.ScalePercentile} {
			chart.Kind, chart.XScale, chart.YScale = kind, scale, scale
			blocks = append(blocks, chart)
		}
	}
	return report.Document{
		Title: text, Subtitle: text, Verdict: report.Verdict{Level: report.LevelGood, Text: text},
		Figures:  []report.Figure{{Label: text, Value: text, Note: text, Level: report.LevelWarn}},
		Sections: []report.Section{{Heading: text, Blocks: blocks}},
	}
}

var hostile = []string{
	`<script>alert(1)</script>`, `"><img src=x onerror=alert(1)>`, `'"--></style></title><svg/onload=alert(1)>`, `{{.Title}} {{template "x"}}`,
	"&lt;b&gt; &amp; <!-- -->", "javascript:alert(1)", "]]></svg>", "\u202eright to left\u2066", "\x1b[31mred\x1b]0;title\x07", "\u009b31m \x7f \x00 \x08",
	"line\r\nover\rwrite", "bad \xff\xfe utf-8 \xed\xa0\x80", "| pipe \\| ` `` ``` **bold** __u__ ~~s~~ $x$", "# head", "- item", "1. item", "> quote", "***",
	"[a](javascript:alert(1)) ![i](http://x/y.png) <http://x>", "```\n</code></pre><script>\n```", "a\n\n    b\n\n***\n\n| a |\n|---|\n",
	"https://example.com www.example.com a@b.c", "宽字符宽字符宽字符宽字符宽字符宽字符宽字符宽字符 e\u0301e\u0301 👩‍👩‍👧 🏳️‍🌈 \u200b", strings.Repeat("long", 500), strings.Repeat("x ", 500), " ", "+", "=", "\t\tx\ty",
}

func TestTextObeysNothing(t *testing.T) {
	style := regexp.MustCompile("\x1b\\[[0-9;]+m")
	for _, text := range hostile {
		for _, width := range []int{24, 60, 80, 160} {
			for _, color := range []bool{false, true} {
				var b strings.Builder
				require.NoError(t, filled(text, 3).Text(&b, report.TextOptions{Width: width, Color: color}))
				plain := b.String()
				if color {
					plain = style.ReplaceAllString(plain, "")
				}
				requireHarmless(t, plain)
				for line := range strings.Lines(plain) {
					line = strings.TrimSuffix(line, "\n")
					if strings.HasPrefix(line, "    ") || strings.Contains(line, "docs/rules.md") {
						continue // code and links are not wrapped
					}
					require.LessOrEqual(t, uniseg.StringWidth(line), width, "%q", line)
				}
			}
		}
	}
}

func requireHarmless(t *testing.T, text string) {
	t.Helper()
	require.True(t, utf8.ValidString(text))
	for _, r := range text {
		if r != '\n' && (unicode.IsControl(r) || unicode.Is(unicode.Bidi_Control, r)) {
			require.Failf(t, "control character", "%q in %q", r, text)
		}
	}
}

var (
	tag    = regexp.MustCompile(`<(/?[a-zA-Z!][^\s>]*)`)
	anchor = regexp.MustCompile(`(?:href|src)="([^"]*)"`)
)

// tags is the sequence of elements in a page.
func tags(page string) []string {
	var out []string
	for _, match := range tag.FindAllStringSubmatch(page, -1) {
		out = append(out, match[1])
	}
	return out
}

func TestHTMLHasOnlyItsOwnElements(t *testing.T) {
	want := tags(renderHTML(t, filled("harmless", 3)))
	for _, text := range hostile {
		page := renderHTML(t, filled(text, 3))
		require.True(t, utf8.ValidString(page))
		for _, match := range anchor.FindAllStringSubmatch(page, -1) {
			require.Contains(t, []string{"#s1", "docs/rules.md"}, match[1])
		}
		if strings.Count(text, "\n\n") == 0 && strings.TrimSpace(text) != "" { // as many paragraphs
			require.Equal(t, want, tags(page), "%q", text)
		}
		require.False(t, strings.Contains(page, "<script"))
		require.False(t, strings.Contains(page, " style="), "the content security policy forbids style attributes")
		requireNoSuchNumber(t, page)
	}
}

// requireNoSuchNumber looks for what a drawing must not hold.
func requireNoSuchNumber(t *testing.T, page string) {
	t.Helper()
	if i := strings.Index(strings.ReplaceAll(page, "+Inf", "NaN"), "NaN"); i >= 0 {
		require.Failf(t, "no number", "%s", page[max(0, i-100):min(len(page), i+100)])
	}
}

func renderHTML(t *testing.T, d report.Document) string {
	t.Helper()
	var b strings.Builder
	require.NoError(t, d.HTML(&b))
	return b.String()
}

func TestLinksLeadToPagesOnly(t *testing.T) {
	for link, linked := range map[string]bool{
		"https://example.com/a?b=c": true, "docs/rules.md#x": true, "/rules": true,
		"javascript:alert(1)": false, "JaVaScRiPt:alert(1)": false, "data:text/html,x": false, "//evil.example": false, "http:": false, "vbscript:x": false,
		"\x01javascript:alert(1)": false, "java\nscript:alert(1)": false,
	} {
		d := report.Document{Sections: []report.Section{{Blocks: []report.Block{report.Findings{{Message: "m", Link: link}}}}}}
		require.Equal(t, linked, strings.Contains(renderHTML(t, d), "<a "), link)
		require.Equal(t, linked, strings.Contains(renderMarkdown(t, d), "<a "), link)
	}
}

// renderMarkdown is what a page that shows the Markdown becomes, with raw HTML
// let through.
func renderMarkdown(t *testing.T, d report.Document) string {
	t.Helper()
	var source, page bytes.Buffer
	require.NoError(t, d.Markdown(&source))
	for line := range strings.Lines(source.String()) {
		requireHarmless(t, strings.ReplaceAll(line, "\t", ""))
	}
	gfm := goldmark.New(
		goldmark.WithExtensions(extension.Table, extension.Strikethrough, extension.TaskList),
		goldmark.WithRendererOptions(html.WithUnsafe()),
	)
	require.NoError(t, gfm.Convert(source.Bytes(), &page))
	return page.String()
}

func TestMarkdownHasOnlyItsOwnElements(t *testing.T) {
	want := tags(renderMarkdown(t, filled("harmless", 3)))
	for _, text := range hostile {
		if strings.Count(text, "\n\n") > 0 || strings.TrimSpace(text) == "" {
			continue // more or fewer paragraphs
		}
		require.Equal(t, want, tags(renderMarkdown(t, filled(text, 3))), "%q", text)
	}
}

func TestJSONIsValidAndVisible(t *testing.T) {
	for _, text := range hostile {
		for _, number := range []float64{3, math.NaN(), math.Inf(1), math.Inf(-1), -1, math.MaxFloat64} {
			var b bytes.Buffer
			require.NoError(t, filled(text, number).JSON(&b))
			requireHarmless(t, b.String())
			var back map[string]any
			require.NoError(t, json.Unmarshal(b.Bytes(), &back))
			require.Contains(t, back, "title")
		}
	}
}

func TestEveryRenderingRedacts(t *testing.T) {
	for _, text := range []string{
		"postgres://ada:hunter2hunter2@h/db", "Authorization: Bearer hunter2hunter2", `{"password":"hunter2hunter2"}`, "password=hunter2hunter2",
	} {
		d := filled(text, 1)
		d.Sections[0].Blocks = append(d.Sections[0].Blocks, report.Findings{{Message: "m", Link: "https://a:hunter2hunter2@h/"}})
		var text, data strings.Builder
		require.NoError(t, d.Text(&text, report.TextOptions{}))
		require.NoError(t, d.JSON(&data))
		for _, rendering := range []string{text.String(), data.String(), renderHTML(t, d), renderMarkdown(t, d)} {
			require.NotContains(t, rendering, "hunter2")
			require.Contains(t, rendering, "***")
		}
	}
}

func TestNumbersThatAreNone(t *testing.T) {
	for _, number := range []float64{math.NaN(), math.Inf(1), math.Inf(-1), 0, -1, math.MaxFloat64, -math.MaxFloat64, math.SmallestNonzeroFloat64} {
		page := renderHTML(t, filled("x", number))
		requireNoSuchNumber(t, page)
		var b strings.Builder
		require.NoError(t, filled("x", number).Text(&b, report.TextOptions{}))
	}
}

func TestEmptyDocumentsRender(t *testing.T) {
	for _, d := range []report.Document{
		{},
		{Title: "t"},
		{Sections: []report.Section{{}}},
		{Sections: []report.Section{{Heading: "h", Blocks: []report.Block{
			nil, report.Text(""),
			report.Code{},
			report.Table{},
			report.Findings{},
			report.Chart{},
			report.Table{Rows: [][]report.Cell{{{Text: "a"}}, {}}},
			report.Chart{Kind: report.ChartBar, Series: []report.Series{{}}},
			report.Chart{Kind: report.ChartArea, XScale: report.ScaleLog, YScale: report.ScaleLog},
			report.Findings{{}},
		}}}},
	} {
		var b strings.Builder
		require.NoError(t, d.Text(&b, report.TextOptions{}))
		require.NoError(t, d.JSON(&b))
		_, _ = renderHTML(t, d), renderMarkdown(t, d)
	}
}

func TestALongSeriesStaysSmall(t *testing.T) {
	var blocks []report.Block
	for i := range 12 {
		chart := report.Chart{Kind: report.ChartLine}
		for n := range 3 {
			s := report.Series{Name: fmt.Sprint(n)}
			for x := range 3600 {
				s.Points = append(s.Points, report.Point{X: float64(x), Y: math.Sin(float64(x*i)) * float64(n)})
			}
			chart.Series = append(chart.Series, s)
		}
		blocks = append(blocks, chart)
	}
	page := renderHTML(t, report.Document{Sections: []report.Section{{Blocks: blocks}}})
	require.Less(t, len(page), 2<<20)
}

func FuzzRenderings(f *testing.F) {
	for _, text := range hostile {
		f.Add(text, 3.0, 80)
	}
	f.Fuzz(func(t *testing.T, text string, number float64, width int) {
		d := filled(text, number)
		var b strings.Builder
		require.NoError(t, d.Text(&b, report.TextOptions{Width: width}))
		requireHarmless(t, b.String())
		page := renderHTML(t, d)
		require.False(t, strings.Contains(page, "<script"))
		require.True(t, utf8.ValidString(page))
		var data bytes.Buffer
		require.NoError(t, d.JSON(&data))
		require.True(t, json.Valid(data.Bytes()))
		require.NotContains(t, tags(renderMarkdown(t, d)), "script")
	})
}
