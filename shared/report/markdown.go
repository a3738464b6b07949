package report

import (
	"bufio"
	"fmt"
	"io"
	"net/url"
	"strings"
)

const maxPadded = 40 // a wider column of a table's source is not aligned

// Markdown writes d in GitHub's flavour. All text is escaped, so that it
// appears as it is and brings in no markup, links or images. The error is w's.
func (d Document) Markdown(w io.Writer) error {
	m := markdown{out: bufio.NewWriter(w)}
	m.document(prepared(d))
	return m.out.Flush()
}

// markdown writes prepared texts. The bufio.Writer keeps the first error.
type markdown struct {
	out     *bufio.Writer
	heading string // of the section being written
}

func (m markdown) write(parts ...string) {
	for _, part := range parts {
		m.out.WriteString(part)
	}
}

func (m markdown) document(d Document) {
	if d.Title == "" {
		d.Title = "Report"
	}
	m.write("# ", escapeMarkdown(d.Title), "\n")
	if d.Subtitle != "" {
		m.write("\n", escapeMarkdown(d.Subtitle), "\n")
	}
	if d.Verdict.Text != "" {
		m.write("\n> ", levelMark(d.Verdict.Level), " **", escapeMarkdown(d.Verdict.Text), "**\n")
	}
	if len(d.Figures) > 0 {
		table := Table{Columns: []Column{{Head: "Figure"}, {Head: "Value", Numeric: true}, {Head: "Note"}}}
		for _, f := range d.Figures {
			table.Rows = append(table.Rows, []Cell{{Text: f.Label}, {Text: f.Value, Level: f.Level}, {Text: f.Note}})
		}
		m.write("\n")
		m.table(table)
	}
	for _, section := range d.Sections {
		if section.Heading != "" {
			m.write("\n## ", escapeMarkdown(section.Heading), "\n")
		}
		m.heading = section.Heading
		for _, block := range section.Blocks {
			m.write("\n")
			m.block(block)
		}
	}
}

func (m markdown) block(block Block) {
	switch b := block.(type) {
	case Text:
		for i, paragraph := range paragraphs(string(b)) {
			if i > 0 {
				m.write("\n")
			}
			m.write(escapeMarkdown(paragraph), "\n")
		}
	case Code:
		m.code(b, "")
	case Table:
		m.table(b)
	case Findings:
		m.findings(b)
	case Chart:
		m.chart(b)
	}
}

// code writes a fenced block whose fence is longer than any in its text.
func (m markdown) code(c Code, indent string) {
	fence := strings.Repeat("`", max(3, longestRun(c.Text, '`')+1))
	language := strings.Map(func(r rune) rune {
		if r < 0x80 && isWordByte(byte(r)) {
			return r
		}
		return -1
	}, c.Language)
	m.write(indent, fence, language, "\n")
	for line := range strings.SplitSeq(c.Text, "\n") {
		m.write(strings.TrimRight(indent+line, " "), "\n")
	}
	m.write(indent, fence, "\n")
}

func longestRun(text string, c byte) int {
	longest, run := 0, 0
	for i := 0; i < len(text); i++ {
		if text[i] != c {
			run = 0
			continue
		}
		run++
		longest = max(longest, run)
	}
	return longest
}

func (m markdown) table(t Table) {
	if t.Caption != "" {
		m.write("**", escapeMarkdown(t.Caption), "**\n\n")
	}
	if len(t.Columns) == 0 {
		return
	}
	rows := make([][]string, 0, len(t.Rows)+1)
	head := make([]string, len(t.Columns))
	for i, column := range t.Columns {
		head[i] = escapeMarkdown(column.Head)
	}
	rows = append(rows, head)
	for _, row := range t.Rows {
		cells := make([]string, len(row))
		for i, cell := range row {
			cells[i] = escapeMarkdown(cell.Text)
			if cell.Level == LevelBad && cells[i] != "" {
				cells[i] = "**" + cells[i] + "**"
			}
		}
		rows = append(rows, cells)
	}
	widths := make([]int, len(t.Columns))
	for i := range widths {
		widths[i] = 3
		for _, row := range rows {
			widths[i] = max(widths[i], min(displayWidth(row[i]), maxPadded))
		}
	}
	for n, row := range rows {
		m.write("|")
		for i, cell := range row {
			m.write(" ", pad(cell, widths[i], t.Columns[i].Numeric), " |")
		}
		m.write("\n")
		if n == 0 {
			m.rule(t.Columns, widths)
		}
	}
}

func (m markdown) rule(columns []Column, widths []int) {
	m.write("|")
	for i, column := range columns {
		dashes := strings.Repeat("-", widths[i])
		if column.Numeric {
			dashes = dashes[1:] + ":"
		}
		m.write(" ", dashes, " |")
	}
	m.write("\n")
}

func (m markdown) findings(findings Findings) {
	parted := ""
	for _, group := range bySeverity(findings, m.heading) {
		if group.Heading != "" {
			m.write(parted, "### ", group.Heading, "\n")
			parted = "\n"
		}
		for _, f := range group.Findings {
			m.write(parted)
			m.finding(f)
			parted = "\n"
		}
	}
}

func (m markdown) finding(f Finding) {
	head := ""
	if f.Subject != "" {
		head = "**" + codeSpan(f.Subject) + "**: "
	}
	m.write("- ", head, escapeMarkdown(inlineProse(f.Message)))
	if f.Code != "" {
		m.write(" (", codeSpan(f.Code), ")")
	}
	m.write("\n")
	for _, aspect := range [][2]string{{"Evidence", f.Evidence}, {"Advice", f.Advice}} {
		if text := inlineProse(aspect[1]); text != "" {
			m.write("\n  ", aspect[0], ": ", escapeMarkdown(text), "\n")
		}
	}
	if f.Fix != nil && f.Fix.Text != "" {
		m.write("\n")
		m.code(*f.Fix, "  ")
	}
	if f.Link != "" {
		m.write("\n  ", markdownLink(f.Link), "\n")
	}
}

// chart writes the figures of each series, since Markdown draws no pictures.
func (m markdown) chart(c Chart) {
	table := Table{Caption: c.Title, Columns: []Column{
		{Head: "Series"},
		{Head: "Least", Numeric: true},
		{Head: "Mean", Numeric: true},
		{Head: "Greatest", Numeric: true},
		{Head: "Last", Numeric: true},
		{Head: "Course"},
	}}
	if c.YLabel != "" {
		table.Columns[0].Head += " (" + c.YLabel + ")"
	}
	if c.XLabel != "" {
		table.Columns[5].Head += " over " + c.XLabel
	}
	low, high := chartExtent(c, func(p Point) float64 { return p.X })
	for _, s := range c.Series {
		r, ok := seriesRange(s)
		row := []Cell{{Text: s.Name}, {}, {}, {}, {}, {}}
		if ok {
			row = []Cell{
				{Text: s.Name},
				{Text: formatNumber(r.low)},
				{Text: meanText(c, r.mean)},
				{Text: formatNumber(r.high)},
				{Text: formatNumber(r.last)},
				{Text: sparkline(s, c, low, high, 24)},
			}
		}
		table.Rows = append(table.Rows, row)
	}
	m.table(table)
	for _, marker := range c.Markers {
		m.write("\n", fmt.Sprintf("At %s: ", formatOn(marker.X, c.XScale)), escapeMarkdown(marker.Label), "\n")
	}
}

// codeSpan is for names. It is not for tables, where "|" would end the cell.
func codeSpan(text string) string {
	fence := strings.Repeat("`", longestRun(text, '`')+1)
	if len(fence) > 1 {
		text = " " + text + " "
	}
	return fence + text + fence
}

// escapeMarkdown makes one line of text appear as it is, wherever it stands.
func escapeMarkdown(text string) string {
	var b strings.Builder
	for i := 0; i < len(text); i++ {
		c := text[i]
		switch {
		case strings.IndexByte("\\`*_[]<>|~$#", c) >= 0:
			b.WriteByte('\\')
		case c == '&':
			b.WriteString("&amp;")
			continue
		case c == ':' && strings.HasPrefix(text[i:], "://"):
			b.WriteString(`\`) // no link by itself
		case i == 0 && (c == '-' || c == '+' || c == '='):
			b.WriteByte('\\')
		case (c == '.' || c == ')') && i > 0 && strings.Trim(text[:i], "0123456789") == "" && (i+1 == len(text) || text[i+1] == ' '):
			b.WriteByte('\\') // no ordered list
		}
		b.WriteByte(c)
	}
	return b.String()
}

// markdownLink is a link when its target is harmless, and text otherwise.
func markdownLink(target string) string {
	if !isSafeLink(target) {
		return escapeMarkdown(target)
	}
	escaped := strings.NewReplacer("(", "%28", ")", "%29", "<", "%3C", ">", "%3E", " ", "%20", "\\", "%5C", "|", "%7C").Replace(target)
	return "[" + escapeMarkdown(target) + "](" + escaped + ")"
}

// isSafeLink reports whether target is relative or leads to a page.
func isSafeLink(target string) bool {
	parsed, err := url.Parse(target)
	if err != nil || target == "" {
		return false
	}
	switch strings.ToLower(parsed.Scheme) {
	case "http", "https":
		return parsed.Host != ""
	case "":
		return parsed.Opaque == "" && parsed.Host == ""
	}
	return false
}
