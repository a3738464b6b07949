package report

import (
	"slices"
	"strings"
)

const (
	columnGap    = 2
	minColumn    = 8  // a text column is not made narrower than this
	maxCellLines = 12 // what is longer is cut
)

// table writes a grid when its columns fit the width, with cells wrapped, and
// otherwise one record per row.
func (p *printer) table(t Table) {
	if t.Caption != "" {
		p.prose("", t.Caption, 0, styleDim)
	}
	if len(t.Columns) == 0 {
		return
	}
	if len(t.Rows) == 0 {
		p.line("  (no rows)")
		return
	}
	if widths, ok := columnWidths(t, p.room()); ok {
		p.grid(t, widths)
		return
	}
	p.records(t)
}

// columnWidths shares room among the columns: what they need when there is
// enough, otherwise the widest text columns give way first.
func columnWidths(t Table, room int) ([]int, bool) {
	widths, least := make([]int, len(t.Columns)), make([]int, len(t.Columns))
	for i, column := range t.Columns {
		widths[i] = displayWidth(column.Head)
		least[i] = widestWord(column.Head)
	}
	for _, row := range t.Rows {
		for i, cell := range row {
			size := displayWidth(cell.Text)
			widths[i] = max(widths[i], size)
			if t.Columns[i].Numeric {
				least[i] = max(least[i], size)
			}
		}
	}
	total, smallest := columnGap*(len(widths)-1), columnGap*(len(widths)-1)
	for i := range widths {
		if !t.Columns[i].Numeric {
			least[i] = min(max(least[i], minColumn), widths[i])
		}
		total += widths[i]
		smallest += least[i]
	}
	if smallest > room {
		return nil, false
	}
	for ; total > room; total-- {
		widest := -1
		for i := range widths {
			if widths[i] > least[i] && (widest < 0 || widths[i] > widths[widest]) {
				widest = i
			}
		}
		widths[widest]--
	}
	return widths, true
}

func widestWord(text string) int {
	widest := 0
	for word := range strings.FieldsSeq(text) {
		widest = max(widest, displayWidth(word))
	}
	return widest
}

func (p *printer) grid(t Table, widths []int) {
	head := make([]Cell, len(t.Columns))
	rule := make([]string, len(t.Columns))
	for i, column := range t.Columns {
		head[i].Text = column.Head
		rule[i] = strings.Repeat("─", widths[i])
	}
	if strings.TrimSpace(joinHeads(head)) != "" {
		p.row(t.Columns, head, widths, slices.Repeat([]string{styleBold}, len(head))...)
		p.line(p.styled(strings.Join(rule, strings.Repeat(" ", columnGap)), styleDim))
	}
	for _, row := range t.Rows {
		p.row(t.Columns, row, widths)
	}
}

func joinHeads(cells []Cell) string {
	var b strings.Builder
	for _, cell := range cells {
		b.WriteString(cell.Text)
	}
	return b.String()
}

// row writes one row; styles, where given, are those of each cell.
func (p *printer) row(columns []Column, cells []Cell, widths []int, styles ...string) {
	lines := make([][]string, len(cells))
	height := 1
	for i, cell := range cells {
		lines[i] = wrap(cell.Text, widths[i])
		if len(lines[i]) > maxCellLines {
			last := lines[i][maxCellLines-1]
			lines[i] = append(lines[i][:maxCellLines-1], shorten(last+" …", widths[i]))
		}
		height = max(height, len(lines[i]))
	}
	for n := range height {
		var b strings.Builder
		for i := range cells {
			text := ""
			if n < len(lines[i]) {
				text = lines[i][n]
			}
			if i > 0 {
				b.WriteString(strings.Repeat(" ", columnGap))
			}
			padded := pad(text, widths[i], columns[i].Numeric)
			if text != "" {
				style := []string{levelStyle(cells[i].Level)}
				if i < len(styles) {
					style = append(style, styles[i])
				}
				padded = strings.Replace(padded, text, p.styled(text, style...), 1)
			}
			b.WriteString(padded)
		}
		p.line(b.String())
	}
}

// records writes each row as "head: value" lines, for tables that are wider
// than the screen.
func (p *printer) records(t Table) {
	label := 0
	for _, column := range t.Columns {
		label = max(label, displayWidth(column.Head))
	}
	label = min(label, p.room()/3)
	for n, row := range t.Rows {
		if n > 0 {
			p.line("")
		}
		for i, cell := range row {
			if cell.Text == "" {
				continue
			}
			head := pad(shorten(t.Columns[i].Head, label), label+columnGap, false)
			p.prose(p.styled(head, styleDim), cell.Text, label+columnGap, levelStyle(cell.Level))
		}
	}
}
