package report

import (
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"
)

// prepared returns a copy of d in which every text is redacted and holds
// nothing that a terminal, a browser or an editor would obey instead of show.
// Every rendering begins with it.
func prepared(d Document) Document {
	d.Title, d.Subtitle = inline(d.Title), inline(d.Subtitle)
	d.Verdict.Text = inline(d.Verdict.Text)
	d.Figures = mapSlice(d.Figures, func(f Figure) Figure {
		f.Label, f.Value, f.Note = inline(f.Label), inline(f.Value), inline(f.Note)
		return f
	})
	d.Sections = mapSlice(d.Sections, func(s Section) Section {
		s.Heading = inline(s.Heading)
		s.Blocks = mapSlice(s.Blocks, preparedBlock)
		return s
	})
	return d
}

func preparedBlock(b Block) Block {
	switch b := b.(type) {
	case Text:
		return Text(verbatim(string(b)))
	case Code:
		return preparedCode(b)
	case Table:
		return preparedTable(b)
	case Findings:
		return Findings(mapSlice(b, preparedFinding))
	case Chart:
		b.Title, b.XLabel, b.YLabel = inline(b.Title), inline(b.XLabel), inline(b.YLabel)
		b.Series = mapSlice(b.Series, func(s Series) Series {
			s.Name = inline(s.Name)
			return s
		})
		b.Markers = mapSlice(b.Markers, func(m Marker) Marker {
			m.Label = inline(m.Label)
			return m
		})
		return b
	}
	return b
}

func preparedCode(c Code) Code {
	c.Language = inline(c.Language)
	c.Text = strings.Trim(verbatim(c.Text), "\n")
	return c
}

// preparedTable also makes every row as long as the head, and the head as long
// as the longest row.
func preparedTable(t Table) Table {
	t.Caption = inline(t.Caption)
	t.Columns = mapSlice(t.Columns, func(c Column) Column {
		c.Head = inline(c.Head)
		return c
	})
	for _, row := range t.Rows {
		for len(t.Columns) < len(row) {
			t.Columns = append(t.Columns, Column{})
		}
	}
	t.Rows = mapSlice(t.Rows, func(row []Cell) []Cell {
		cells := make([]Cell, len(t.Columns))
		for i, cell := range row {
			cells[i] = Cell{Text: inline(cell.Text), Level: cell.Level}
		}
		return cells
	})
	return t
}

func preparedFinding(f Finding) Finding {
	f.Code, f.Subject, f.Link = inline(f.Code), inline(f.Subject), inline(f.Link)
	f.Message, f.Evidence, f.Advice = verbatim(f.Message), verbatim(f.Evidence), verbatim(f.Advice)
	if f.Fix != nil {
		fix := preparedCode(*f.Fix)
		f.Fix = &fix
	}
	return f
}

func mapSlice[T any](in []T, f func(T) T) []T {
	out := make([]T, len(in))
	for i, v := range in {
		out[i] = f(v)
	}
	return out
}

// inline is text for one line: redacted, visible, with single spaces.
func inline(text string) string { return strings.Join(strings.Fields(verbatim(text)), " ") }

// verbatim is text whose lines and tabs stay: redacted and visible.
func verbatim(text string) string { return visible(Redact(text)) }

// visible returns text as valid UTF-8 in which control characters, escape
// sequences and characters that turn the reading direction are spelt out, such
// as \x1b, so that they can be seen and do nothing.
func visible(text string) string {
	if isVisible(text) {
		return text
	}
	text = strings.ReplaceAll(text, "\r\n", "\n")
	var b strings.Builder
	for _, r := range text {
		switch {
		case !isHazardous(r):
			b.WriteRune(r)
		case r < 0x80:
			fmt.Fprintf(&b, `\x%02x`, r)
		default:
			fmt.Fprintf(&b, `\u%04x`, r)
		}
	}
	return b.String()
}

func isVisible(text string) bool {
	return utf8.ValidString(text) && strings.IndexFunc(text, isHazardous) < 0
}

func isHazardous(r rune) bool {
	switch {
	case r == '\n', r == '\t':
		return false
	case r >= 0x202a && r <= 0x202e, r >= 0x2066 && r <= 0x2069, r == 0x200e, r == 0x200f, r == 0x061c: // direction
		return true
	case r == 0x2028, r == 0x2029, r == 0xfeff, r == 0xfffe, r == 0xffff:
		return true
	}
	return unicode.IsControl(r)
}

// paragraphs splits prose at blank lines.
func paragraphs(text string) []string {
	var out []string
	var lines []string
	flush := func() {
		if len(lines) > 0 {
			out = append(out, strings.Join(lines, " "))
			lines = nil
		}
	}
	for line := range strings.Lines(text) {
		line = strings.Join(strings.Fields(line), " ")
		if line == "" {
			flush()
			continue
		}
		lines = append(lines, line)
	}
	flush()
	return out
}
