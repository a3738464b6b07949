package report

import (
	"bufio"
	"fmt"
	"io"
	"os"
	"slices"
	"strconv"
	"strings"

	"golang.org/x/term"
)

const (
	defaultWidth = 80
	minWidth     = 24
	maxWidth     = 160 // longer lines are hard to read
	minNote      = 16  // a narrower note stands below its figure
)

// TextOptions says how a Document becomes text. The zero value is plain text,
// 80 columns wide.
type TextOptions struct {
	Width int  // columns; 0 means 80, and what is out of 24 to 160 is brought into it
	Color bool // emphasis and colour by escape sequences
}

// TextOptionsFor returns the options that fit w: a terminal's width, and colour
// when it is a terminal and NO_COLOR is unset; otherwise COLUMNS or 80 columns
// and no colour.
func TextOptionsFor(w io.Writer) TextOptions {
	width, err := strconv.Atoi(os.Getenv("COLUMNS"))
	if err != nil || width <= 0 {
		width = defaultWidth
	}
	file, ok := w.(*os.File)
	if !ok || !term.IsTerminal(int(file.Fd())) {
		return TextOptions{Width: width}
	}
	if columns, _, err := term.GetSize(int(file.Fd())); err == nil && columns > 0 {
		width = columns
	}
	return TextOptions{Width: width, Color: os.Getenv("NO_COLOR") == "" && os.Getenv("TERM") != "dumb"}
}

// Text writes d for a terminal or a log. Without Color it writes no control
// character but line feeds. The error is w's.
func (d Document) Text(w io.Writer, options TextOptions) error {
	if options.Width <= 0 {
		options.Width = defaultWidth
	}
	p := printer{out: bufio.NewWriter(w), width: min(max(options.Width, minWidth), maxWidth), color: options.Color}
	p.document(prepared(d))
	return p.out.Flush()
}

// printer writes prepared texts. The bufio.Writer keeps the first error.
type printer struct {
	out     *bufio.Writer
	width   int
	color   bool
	indent  string
	heading string // of the section being written
}

// Styles are the numbers of ECMA-48's SGR.
const (
	styleBold = "1"
	styleDim  = "2"
)

func levelStyle(level Level) string {
	switch level {
	case LevelGood:
		return "32"
	case LevelNotice:
		return "36"
	case LevelWarn:
		return "33"
	case LevelBad:
		return "31"
	}
	return ""
}

func levelMark(level Level) string {
	switch level {
	case LevelGood:
		return "✓"
	case LevelWarn:
		return "!"
	case LevelBad:
		return "✗"
	}
	return "•"
}

func (p *printer) styled(text string, styles ...string) string {
	codes := strings.Join(slices.DeleteFunc(slices.Clone(styles), func(style string) bool { return style == "" }), ";")
	if !p.color || codes == "" || text == "" {
		return text
	}
	return "\x1b[" + codes + "m" + text + "\x1b[0m"
}

// line writes text, which may hold styles, as one line.
func (p *printer) line(text string) {
	if text = strings.TrimRight(text, " "); text != "" {
		p.out.WriteString(p.indent + text)
	}
	p.out.WriteByte('\n')
}

// room is how many columns are left of the indentation.
func (p *printer) room() int { return max(p.width-len(p.indent), 8) }

// prose writes text wrapped, each line behind hang spaces but the first.
func (p *printer) prose(first, text string, hang int, styles ...string) {
	for i, line := range wrap(text, p.room()-hang) {
		lead := first
		if i > 0 {
			lead = strings.Repeat(" ", hang)
		}
		p.line(lead + p.styled(line, styles...))
	}
}

func (p *printer) document(d Document) {
	if d.Title != "" {
		p.prose("", d.Title, 0, styleBold)
	}
	if d.Subtitle != "" {
		p.prose("", d.Subtitle, 0, styleDim)
	}
	if d.Verdict.Text != "" {
		p.line("")
		mark := p.styled(levelMark(d.Verdict.Level), styleBold, levelStyle(d.Verdict.Level))
		p.prose(mark+" ", d.Verdict.Text, 2, styleBold, levelStyle(d.Verdict.Level))
	}
	p.figures(d.Figures)
	for _, section := range d.Sections {
		p.section(section)
	}
}

func (p *printer) figures(figures []Figure) {
	if len(figures) == 0 {
		return
	}
	label, value := 0, 0
	for _, f := range figures {
		label, value = max(label, displayWidth(f.Label)), max(value, displayWidth(f.Value))
	}
	label, value = min(label, p.room()*2/5), min(value, p.room()/3)
	note := p.room() - label - value - 3*columnGap
	below := note < minNote
	outer := p.indent
	p.indent += "  "
	p.line("")
	for _, f := range figures {
		cells, widths := []Cell{{Text: f.Label}, {Text: f.Value, Level: f.Level}}, []int{label, value}
		if !below && f.Note != "" {
			cells, widths = append(cells, Cell{Text: f.Note}), append(widths, note)
		}
		p.row(make([]Column, len(cells)), cells, widths, "", styleBold, styleDim)
		if below && f.Note != "" {
			p.prose("  ", f.Note, 2, styleDim)
		}
	}
	p.indent = outer
}

func (p *printer) section(s Section) {
	if len(s.Blocks) == 0 && s.Heading == "" {
		return
	}
	p.heading = s.Heading
	p.line("")
	if s.Heading != "" {
		p.prose("", s.Heading, 0, styleBold)
		p.line(p.styled(strings.Repeat("─", min(displayWidth(s.Heading), p.room())), styleDim))
	}
	for i, block := range s.Blocks {
		if i > 0 {
			p.line("")
		}
		switch b := block.(type) {
		case Text:
			p.paragraphs(string(b))
		case Code:
			p.code(b)
		case Table:
			p.table(b)
		case Findings:
			p.findings(b)
		case Chart:
			p.chart(b)
		}
	}
}

func (p *printer) paragraphs(text string) {
	for i, paragraph := range paragraphs(text) {
		if i > 0 {
			p.line("")
		}
		p.prose("", paragraph, 0)
	}
}

// code is not wrapped: it is there to be copied.
func (p *printer) code(c Code) {
	for line := range strings.SplitSeq(c.Text, "\n") {
		p.line("    " + strings.ReplaceAll(line, "\t", "    "))
	}
}

func count(n int, singular, plural string) string {
	if n == 1 {
		return "1 " + singular
	}
	return fmt.Sprintf("%d %s", n, plural)
}
