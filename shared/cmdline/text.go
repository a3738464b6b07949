package cmdline

import (
	"fmt"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/senior-backend/toolkit/shared/report"
)

// quote writes text as Python's repr does, so that an error shows blanks and
// control characters.
func quote(text string) string {
	mark := '\''
	if strings.Contains(text, "'") && !strings.Contains(text, `"`) {
		mark = '"'
	}
	var b strings.Builder
	b.WriteRune(mark)
	for i := 0; i < len(text); {
		r, size := utf8.DecodeRuneInString(text[i:])
		switch {
		case r == mark || r == '\\':
			b.WriteRune('\\')
			b.WriteRune(r)
		case r == utf8.RuneError && size == 1:
			// Python holds such a byte as a lone surrogate.
			fmt.Fprintf(&b, `\udc%02x`, text[i])
		default:
			b.WriteString(visible(r))
		}
		i += size
	}
	b.WriteRune(mark)
	return b.String()
}

// visible returns r, or an escape when a terminal would not show r as itself.
func visible(r rune) string {
	switch {
	case r == ' ' || unicode.IsPrint(r):
		return string(r)
	case r == '\n':
		return `\n`
	case r == '\r':
		return `\r`
	case r == '\t':
		return `\t`
	case r < 0x100:
		return fmt.Sprintf(`\x%02x`, r)
	case r < 0x10000:
		return fmt.Sprintf(`\u%04x`, r)
	default:
		return fmt.Sprintf(`\U%08x`, r)
	}
}

// oneLine makes text fit for one line of a terminal: without secrets, line
// breaks become blanks, and control characters become visible.
func oneLine(text string) string {
	text = strings.Join(strings.FieldsFunc(report.Redact(text), func(r rune) bool { return r == '\n' || r == '\r' }), " ")
	return printable(text)
}

// printable makes the control characters in text visible.
func printable(text string) string {
	var b strings.Builder
	for i := 0; i < len(text); {
		r, size := utf8.DecodeRuneInString(text[i:])
		if r == utf8.RuneError && size == 1 {
			b.WriteString(`\x` + strconv.FormatUint(uint64(text[i]), 16))
		} else {
			b.WriteString(visible(r))
		}
		i += size
	}
	return b.String()
}

// redactLines redacts text that keeps its lines, such as a stack.
func redactLines(text []byte) string {
	lines := strings.Split(strings.TrimRight(report.Redact(string(text)), "\n"), "\n")
	for i, line := range lines {
		indented := strings.TrimLeft(line, "\t")
		lines[i] = strings.Repeat("  ", len(line)-len(indented)) + printable(indented)
	}
	return strings.Join(lines, "\n")
}
