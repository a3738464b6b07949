package template

// Escape is how data is written into text, so that it stays one value there.
type Escape uint8

const (
	Raw  Escape = iota // as it is
	URL                // percent-encoded, into a path or query
	Form               // percent-encoded, with + for blanks, into a form's body
	JSON               // into a JSON string; outside of strings JSON takes it as it is
)

const hexDigits = "0123456789ABCDEF"

func (e Escape) appendTo(dst []byte, value string) []byte {
	switch e {
	case URL, Form:
		return appendPercent(dst, value, e == Form)
	case JSON:
		return appendJSON(dst, value)
	default:
		return append(dst, value...)
	}
}

// appendPercent leaves what RFC 3986 calls unreserved.
func appendPercent(dst []byte, value string, plus bool) []byte {
	for i := range len(value) {
		c := value[i]
		letter := c|0x20 >= 'a' && c|0x20 <= 'z' || c >= '0' && c <= '9'
		switch {
		case letter, c == '-', c == '.', c == '_', c == '~':
			dst = append(dst, c)
		case plus && c == ' ':
			dst = append(dst, '+')
		default:
			dst = append(dst, '%', hexDigits[c>>4], hexDigits[c&15])
		}
	}
	return dst
}

func appendJSON(dst []byte, value string) []byte {
	for i := range len(value) {
		switch c := value[i]; {
		case c == '"', c == '\\':
			dst = append(dst, '\\', c)
		case c == '\n':
			dst = append(dst, '\\', 'n')
		case c == '\r':
			dst = append(dst, '\\', 'r')
		case c == '\t':
			dst = append(dst, '\\', 't')
		case c < ' ':
			dst = append(dst, '\\', 'u', '0', '0', hexDigits[c>>4], hexDigits[c&15])
		default:
			dst = append(dst, c)
		}
	}
	return dst
}

// EscapeForm is text as a name or value in a form's body.
func EscapeForm(text string) string { return string(appendPercent(nil, text, true)) }
