package template

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// Compiler compiles the texts of one request. Its zero value knows no columns.
type Compiler struct {
	Columns []string // of the data; nil when there is none
	count   uint64   // actions so far
	used    map[int]bool
}

// Error is why a text can't be compiled, and where in it.
type Error struct {
	Offset  int // in bytes
	Message string
}

func (e *Error) Error() string { return e.Message }

// Has tells whether text holds an action.
func Has(text string) bool { return strings.Contains(text, "{{") }

// Uses tells whether an action compiled so far takes the column.
func (c *Compiler) Uses(column int) bool { return c.used[column] }

// Compile compiles text whose data is escaped as given; with JSON that is done inside of
// strings. Literal text is taken as it is. Errors are of type *Error.
func (c *Compiler) Compile(text string, escape Escape) (Text, error) {
	return c.compile(text, escape, func(literal string) string { return literal })
}

// CompileURL compiles the path and query of a URL: what no request line can hold is
// escaped also where it stands in the literal text.
func (c *Compiler) CompileURL(text string) (Text, error) { return c.compile(text, URL, escapeLine) }

// CompileForm compiles a name or value of a form; the literal text is encoded too.
func (c *Compiler) CompileForm(text string) (Text, error) { return c.compile(text, Form, EscapeForm) }

func (c *Compiler) compile(text string, escape Escape, literal func(string) string) (Text, error) {
	var t Text
	var inString jsonString
	for at := 0; at < len(text); {
		begin := strings.Index(text[at:], "{{")
		if begin < 0 {
			t.addLiteral(literal(text[at:]))
			break
		}
		begin += at
		t.addLiteral(literal(text[at:begin]))
		inString.pass(text[at:begin])
		inner, size, err := cutAction(text[begin:])
		if err != nil {
			err.Offset += begin
			return Text{}, err
		}
		s, err := c.action(inner)
		if err != nil {
			err.Offset = begin
			return Text{}, err
		}
		s.escape = escape
		if escape == JSON && !inString.inside {
			s.escape = Raw
		}
		if s.action == actLiteral {
			t.addLiteral(literal(s.literal))
			inString.pass(s.literal)
		} else {
			t.segments = append(t.segments, s)
			t.dynamic = true
		}
		at = begin + size
	}
	return t, nil
}

// cutAction returns what stands between the braces at the beginning of text, and how
// long it is with them.
func cutAction(text string) (inner string, size int, err *Error) {
	quoted := false
	for i := 2; i < len(text); i++ {
		switch {
		case text[i] == '"':
			quoted = !quoted
		case quoted && text[i] == '\\':
			i++
		case !quoted && strings.HasPrefix(text[i:], "}}"):
			return strings.TrimSpace(text[2:i]), i + 2, nil
		}
	}
	return "", 0, &Error{Message: `{{ without }}; for the braces themselves write {{"{{"}}`}
}

func (c *Compiler) action(inner string) (segment, *Error) {
	words := strings.Fields(inner)
	s := segment{ordinal: c.count}
	c.count++
	switch {
	case strings.HasPrefix(inner, `"`):
		text, err := strconv.Unquote(inner)
		if err != nil {
			return s, &Error{Message: fmt.Sprintf("{{%s}}: not one quoted text", inner)}
		}
		s.literal = text
		return s, nil
	case strings.HasPrefix(inner, "."):
		return c.columnAction(s, strings.TrimSpace(inner[1:]))
	case inner == "uuid":
		s.action = actUUID
		return s, nil
	case inner == "seq":
		s.action = actSeq
		return s, nil
	case len(words) > 0 && words[0] == "randInt":
		return randIntAction(s, words[1:])
	}
	return s, &Error{Message: fmt.Sprintf(
		`{{%s}} is unknown; there are {{uuid}}, {{seq}}, {{randInt 1 100}}, {{.column}}; for the braces themselves write {{"{{"}}`, inner)}
}

func (c *Compiler) columnAction(s segment, name string) (segment, *Error) {
	s.action = actColumn
	s.column = slices.Index(c.Columns, name)
	switch {
	case s.column >= 0:
		if c.used == nil {
			c.used = map[int]bool{}
		}
		c.used[s.column] = true
		return s, nil
	case c.Columns == nil:
		return s, &Error{Message: fmt.Sprintf("{{.%s}} needs data; name it with --data FILE", name)}
	default:
		return s, &Error{Message: fmt.Sprintf("{{.%s}}: the data has no such column; it has %s", name, strings.Join(c.Columns, ", "))}
	}
}

func randIntAction(s segment, words []string) (segment, *Error) {
	s.action = actRandInt
	if len(words) == 2 {
		low, err := strconv.ParseInt(words[0], 10, 64)
		high, err2 := strconv.ParseInt(words[1], 10, 64)
		if err == nil && err2 == nil && low <= high {
			s.low, s.span = low, uint64(high)-uint64(low)+1
			return s, nil
		}
	}
	return s, &Error{Message: "{{randInt}} takes the lowest and the highest number, such as {{randInt 1 100}}"}
}

// escapeLine escapes what can't stand in a request line, and cuts nothing.
func escapeLine(text string) string {
	var b strings.Builder
	for i := range len(text) {
		if c := text[i]; c <= ' ' || c >= 0x7f || strings.IndexByte("\"<>\\^`{|}", c) >= 0 {
			b.Write([]byte{'%', hexDigits[c>>4], hexDigits[c&15]})
		} else {
			b.WriteByte(c)
		}
	}
	return b.String()
}

// jsonString follows JSON text to tell whether a place is inside of a string.
type jsonString struct{ inside, escaped bool }

func (j *jsonString) pass(text string) {
	for i := range len(text) {
		switch c := text[i]; {
		case j.escaped:
			j.escaped = false
		case j.inside && c == '\\':
			j.escaped = true
		case c == '"':
			j.inside = !j.inside
		}
	}
}

// Sample is text with a stand-in for each action: a digit, which is a number in JSON and
// part of any string. It is empty when the text can't be compiled.
func Sample(text string) string {
	var b strings.Builder
	for at := 0; at < len(text); {
		begin := strings.Index(text[at:], "{{")
		if begin < 0 {
			b.WriteString(text[at:])
			break
		}
		b.WriteString(text[at : at+begin])
		inner, size, err := cutAction(text[at+begin:])
		if err != nil {
			return ""
		}
		if literal, err := strconv.Unquote(inner); err == nil {
			b.WriteString(literal)
		} else {
			b.WriteByte('0')
		}
		at += begin + size
	}
	return b.String()
}
