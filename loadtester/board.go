package main

import (
	"fmt"
	"io"
	"math"
	"os"
	"strings"
	"unicode"

	"github.com/senior-backend/toolkit/shared/cmdline"
)

// board is a few lines of a terminal that are written over again.
type board struct {
	to      io.Writer
	columns func() int // of the terminal, as it now is
	drawn   int        // lines that are there
}

// newBoard returns the board on which progress is shown: nil where there is no terminal
// that can be written over, where nobody wants to see it, and where lines are told
// instead, which it would tear apart.
func newBoard(o *options, s streams) *board {
	_, terminal := cmdline.Terminal(s.err)
	if !terminal || o.Quiet || o.Lines || os.Getenv("TERM") == "dumb" {
		return nil
	}
	return &board{to: s.err, columns: func() int { columns, _ := cmdline.Terminal(s.err); return columns }}
}

// draw replaces what is there. Lines that are too long for the terminal, as wide as it
// now is, are cut, so that they stay as many as they are.
func (b *board) draw(lines ...string) {
	if b == nil {
		return
	}
	columns := b.columns()
	var text strings.Builder
	b.rewind(&text)
	for _, line := range lines {
		text.WriteString(fit(line, max(columns-1, 1)) + "\n")
	}
	b.drawn = len(lines)
	fmt.Fprint(b.to, text.String())
}

// clear takes everything away; on an empty board it does nothing.
func (b *board) clear() {
	if b == nil || b.drawn == 0 {
		return
	}
	var text strings.Builder
	b.rewind(&text)
	b.drawn = 0
	fmt.Fprint(b.to, text.String())
}

// rewind erases the lines and goes back to the first. It erases each for itself: of a
// terminal that is erased from its very first line on, tmux keeps what stood there among
// the lines that one can scroll back to.
func (b *board) rewind(text *strings.Builder) {
	text.WriteString(strings.Repeat("\x1b[1A\r\x1b[2K", b.drawn))
}

// fit cuts a line, whose characters are one column wide, to so many columns, and takes out
// what a terminal would obey.
func fit(line string, columns int) string {
	runes := []rune(strings.Map(func(r rune) rune {
		if !unicode.IsPrint(r) {
			return -1
		}
		return r
	}, line))
	if len(runes) > columns {
		runes = append(runes[:columns-1], '…')
	}
	return string(runes)
}

// spark draws values as bars between 0 and the greatest of them, the latest ones if there
// is no room for all.
func spark(values []float64, room int) string {
	bars := []rune("▁▂▃▄▅▆▇█")
	values = values[max(0, len(values)-max(room, 0)):]
	greatest := 0.0
	for _, v := range values {
		greatest = max(greatest, v)
	}
	var b strings.Builder
	for _, v := range values {
		i := 0
		if greatest > 0 {
			i = int(math.Round(v / greatest * float64(len(bars)-1)))
		}
		b.WriteRune(bars[i])
	}
	return b.String()
}

// align pads cells so that those below each other begin in the same column.
func align(rows ...[]string) []string {
	var widths []int
	for _, row := range rows {
		for i, cell := range row {
			if i == len(widths) {
				widths = append(widths, 0)
			}
			widths[i] = max(widths[i], len([]rune(cell)))
		}
	}
	lines := make([]string, len(rows))
	for k, row := range rows {
		var b strings.Builder
		for i, cell := range row {
			if i > 0 {
				b.WriteString("  ")
			}
			b.WriteString(cell + strings.Repeat(" ", widths[i]-len([]rune(cell))))
		}
		lines[k] = "  " + strings.TrimRight(b.String(), " ")
	}
	return lines
}
