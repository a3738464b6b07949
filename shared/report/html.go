package report

import (
	"bytes"
	"crypto/sha256"
	_ "embed" // the page's template and style
	"encoding/base64"
	"fmt"
	"html/template"
	"io"
	"strings"
)

//go:embed page.tmpl
var pageTemplate string

//go:embed page.css
var pageStyle string

const contentsFrom = 4 // sections; fewer need no table of contents

// HTML writes d as one page that needs nothing else: style and pictures are in
// it, there is no script, and its content security policy forbids all of both
// that is not. The error is w's.
func (d Document) HTML(w io.Writer) error {
	page, err := template.New("page").Parse(pageTemplate)
	if err != nil {
		return fmt.Errorf("parse page template: %w", err)
	}
	var b bytes.Buffer
	if err := page.Execute(&b, newPage(prepared(d))); err != nil {
		return fmt.Errorf("render page: %w", err)
	}
	_, err = w.Write(b.Bytes())
	return err
}

// page is what the template prints. The template decides nothing.
type page struct {
	Title, Subtitle string
	Style           template.CSS
	StyleHash       string
	Verdict         *pageVerdict
	Figures         []Figure
	Contents        bool
	Sections        []pageSection
}

type pageVerdict struct{ Level, Mark, Text string }

type pageSection struct {
	ID, Heading string
	Blocks      []pageBlock
}

// pageBlock has one of its fields set.
type pageBlock struct {
	Paragraphs []string
	Code       *Code
	Table      *pageTable
	Findings   []pageFindings
	Chart      *pageChart
}

type pageTable struct {
	Caption string
	Headed  bool
	Columns []Column
	Rows    [][]pageCell
}

type pageCell struct{ Class, Text string }

type pageFindings struct {
	Level   Level
	Heading string
	Items   []pageFinding
}

type pageFinding struct {
	Subject, Code             string
	Message, Evidence, Advice []string
	Fix                       *Code
	Link                      string
}

// Safe is for the template: whether a link may be followed.
func (pageFindings) Safe(link string) bool { return isSafeLink(link) }

type pageChart struct {
	Title   string
	Legend  []legendEntry
	SVG     template.HTML // built by plot, which escapes
	Numbers *pageTable
}

func newPage(d Document) page {
	sum := sha256.Sum256([]byte(pageStyle))
	p := page{
		Title:     d.Title,
		Subtitle:  d.Subtitle,
		Style:     template.CSS(pageStyle),
		StyleHash: "sha256-" + base64.StdEncoding.EncodeToString(sum[:]),
		Figures:   d.Figures,
	}
	if p.Title == "" {
		p.Title = "Report"
	}
	if d.Verdict.Text != "" {
		p.Verdict = &pageVerdict{d.Verdict.Level.String(), levelMark(d.Verdict.Level), d.Verdict.Text}
	}
	headings, charts := 0, 0
	for i, s := range d.Sections {
		section := pageSection{ID: fmt.Sprintf("s%d", i+1), Heading: s.Heading}
		if s.Heading != "" {
			headings++
		}
		for _, block := range s.Blocks {
			if _, ok := block.(Chart); ok {
				charts++
			}
			section.Blocks = append(section.Blocks, newPageBlock(block, s.Heading, charts))
		}
		p.Sections = append(p.Sections, section)
	}
	p.Contents = headings >= contentsFrom
	return p
}

func newPageBlock(block Block, heading string, number int) pageBlock {
	switch b := block.(type) {
	case Text:
		return pageBlock{Paragraphs: paragraphs(string(b))}
	case Code:
		return pageBlock{Code: &b}
	case Table:
		return pageBlock{Table: newPageTable(b)}
	case Findings:
		return pageBlock{Findings: newPageFindings(b, heading)}
	case Chart:
		return pageBlock{Chart: newPageChart(b, number)}
	}
	return pageBlock{}
}

func newPageTable(t Table) *pageTable {
	out := &pageTable{Caption: t.Caption, Columns: t.Columns}
	for _, column := range t.Columns {
		out.Headed = out.Headed || column.Head != ""
	}
	for _, row := range t.Rows {
		cells := make([]pageCell, len(row))
		for i, cell := range row {
			class := cell.Level.String()
			if t.Columns[i].Numeric {
				class = strings.TrimSpace("number " + class)
			}
			cells[i] = pageCell{Class: class, Text: cell.Text}
		}
		out.Rows = append(out.Rows, cells)
	}
	return out
}

func newPageFindings(findings Findings, heading string) []pageFindings {
	var out []pageFindings
	for _, group := range bySeverity(findings, heading) {
		items := make([]pageFinding, len(group.Findings))
		for i, f := range group.Findings {
			items[i] = pageFinding{
				Subject: f.Subject, Code: f.Code, Message: paragraphs(f.Message), Evidence: paragraphs(f.Evidence),
				Advice: paragraphs(f.Advice), Fix: f.Fix, Link: f.Link,
			}
			if f.Fix != nil && f.Fix.Text == "" {
				items[i].Fix = nil
			}
		}
		out = append(out, pageFindings{Level: group.Level, Heading: group.Heading, Items: items})
	}
	return out
}
