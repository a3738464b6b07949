// Package script writes TypeScript text: literals, comments and expressions
// laid out in lines of at most 80 columns, as prettier lays them out.
//
// Strings of any content go in; what comes out stays what it is where it
// stands: a literal, a key, a comment. Nothing is refused.
package script

import (
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/rivo/uniseg"
)

// Quote returns s as a string literal, in the quotes that need fewer escapes.
func Quote(s string) string {
	quote := byte('"')
	if strings.Count(s, `"`) > strings.Count(s, `'`) {
		quote = '\''
	}
	var b strings.Builder
	b.Grow(len(s) + 2)
	b.WriteByte(quote)
	for _, r := range s {
		writeEscaped(&b, r, quote)
	}
	b.WriteByte(quote)
	return b.String()
}

func writeEscaped(b *strings.Builder, r rune, quote byte) {
	switch {
	case r == rune(quote), r == '\\':
		b.WriteByte('\\')
		b.WriteRune(r)
	case r == '\n':
		b.WriteString(`\n`)
	case r == '\r':
		b.WriteString(`\r`)
	case r == '\t':
		b.WriteString(`\t`)
	case invisible(r):
		if r > 0xffff {
			b.WriteString(`\u{` + strconv.FormatInt(int64(r), 16) + `}`)
			return
		}
		b.WriteString(`\u` + pad(strconv.FormatInt(int64(r), 16)))
	default:
		b.WriteRune(r)
	}
}

func pad(hex string) string {
	return strings.Repeat("0", 4-len(hex)) + hex
}

// invisible tells characters that must not stand in source text as they are:
// controls, line separators, and those that turn the direction of the text.
func invisible(r rune) bool {
	switch {
	case r < 0x20, r >= 0x7f && r <= 0xa0, r == 0xad:
		return true
	case r >= 0x200b && r <= 0x200f, r >= 0x2028 && r <= 0x202f, r >= 0x2060 && r <= 0x206f:
		return true
	case r == 0xfeff, r == 0xfffd, r >= 0xfff9 && r <= 0xfffb, r >= 0xe0000 && r <= 0xe007f:
		return true
	}
	return false
}

// Key returns name as a key of an object literal or an object type.
func Key(name string) string {
	if IsIdentifier(name) || isWord(name) {
		return name
	}
	return Quote(name)
}

// isWord tells names of letters of any script.
func isWord(name string) bool {
	for i, r := range name {
		if r > 0xffff || !unicode.IsLetter(r) && r != '_' && r != '$' && (i == 0 || r < '0' || r > '9') {
			return false
		}
	}
	return name != ""
}

// LiteralKey returns name as a key of an object literal that becomes an own
// property whatever its name: "__proto__" must be computed for that.
func LiteralKey(name string) string {
	if name == "__proto__" {
		return `["__proto__"]`
	}
	return Key(name)
}

// IsIdentifier tells whether s can stand as a property name without quotes.
func IsIdentifier(s string) bool {
	if s == "" || s[0] >= '0' && s[0] <= '9' {
		return false
	}
	for i := 0; i < len(s); i++ {
		c := s[i]
		if c != '_' && c != '$' && (c < '0' || c > '9') && (c|0x20 < 'a' || c|0x20 > 'z') {
			return false
		}
	}
	return true
}

// Comment returns text as a doc comment with the given indent, ending in a
// newline; "" for no text. Nothing in it can end the comment.
func Comment(indent string, text string) string {
	return Doc{Text: text}.Comment(indent)
}

func commentLines(text string) []string {
	text = strings.NewReplacer("\r\n", "\n", "\r", "\n", "\u2028", "\n", "\u2029", "\n").Replace(text)
	var lines []string
	for line := range strings.SplitSeq(strings.TrimSpace(text), "\n") {
		line = strings.TrimRight(Inline(line), " \t")
		if line == "" && (len(lines) == 0 || lines[len(lines)-1] == "") {
			continue
		}
		lines = append(lines, line)
	}
	if len(lines) == 1 && lines[0] == "" {
		return nil
	}
	return lines
}

// Inline returns text so that it can stand in a comment of any kind, on one line.
func Inline(text string) string {
	var b strings.Builder
	last := rune(0)
	for _, r := range text {
		switch {
		case last == '*' && r == '/':
			b.WriteString("\\/")
		case unicode.IsSpace(r) && r != 0x85: // no-break spaces and the like, too
			b.WriteByte(' ')
			r = ' '
		case invisible(r):
			// Left out: it could not be seen, only mislead.
			continue
		case r == '@' && (last == 0 || last == ' '):
			// A tag would change what tools make of the comment.
			b.WriteString("\\@")
		default:
			b.WriteRune(r)
		}
		last = r
	}
	return b.String()
}

// Width is the number of columns that s takes: letters of some scripts take two.
func Width(s string) int {
	for i := range len(s) {
		if s[i] >= utf8.RuneSelf {
			return uniseg.StringWidth(s)
		}
	}
	return len(s)
}
