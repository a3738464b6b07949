package ecma

import (
	"strconv"
	"strings"
)

// unescape resolves the escapes of strings and templates.
func unescape(text string) string {
	if strings.IndexByte(text, '\\') < 0 {
		return text
	}
	var b strings.Builder
	for i := 0; i < len(text); i++ {
		if text[i] != '\\' || i+1 == len(text) {
			b.WriteByte(text[i])
			continue
		}
		i++
		switch c := text[i]; c {
		case 'n':
			b.WriteByte('\n')
		case 't':
			b.WriteByte('\t')
		case 'r':
			b.WriteByte('\r')
		case 'b':
			b.WriteByte('\b')
		case 'f':
			b.WriteByte('\f')
		case 'v':
			b.WriteByte('\v')
		case '0':
			b.WriteByte(0)
		case '\n':
		case '\r':
			if i+1 < len(text) && text[i+1] == '\n' {
				i++
			}
		case 'x', 'u':
			i += unicodeEscape(&b, text[i:])
		default:
			b.WriteByte(c)
		}
	}
	return b.String()
}

// unicodeEscape writes what an escape after its backslash stands for, and
// returns how many bytes beyond the first it has.
func unicodeEscape(b *strings.Builder, text string) int {
	code, length := hexadecimal(text)
	if length == 0 {
		b.WriteByte(text[0])
		return 0
	}
	if code >= 0xd800 && code < 0xdc00 && strings.HasPrefix(text[length:], `\u`) {
		if low, more := hexadecimal(text[length+1:]); more > 0 && low >= 0xdc00 && low < 0xe000 {
			b.WriteRune((code-0xd800)<<10 | (low - 0xdc00) + 0x10000)
			return length + more
		}
	}
	b.WriteRune(code)
	return length - 1
}

func hexadecimal(text string) (rune, int) {
	digits, length := "", 0
	switch {
	case text[0] == 'x' && len(text) >= 3:
		digits, length = text[1:3], 3
	case strings.HasPrefix(text, "u{"):
		if end := strings.IndexByte(text, '}'); end > 0 {
			digits, length = text[2:end], end+1
		}
	case text[0] == 'u' && len(text) >= 5:
		digits, length = text[1:5], 5
	}
	code, err := strconv.ParseUint(digits, 16, 21)
	if err != nil {
		return 0, 0
	}
	return rune(code), length
}
