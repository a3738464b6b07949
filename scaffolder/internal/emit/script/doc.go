package script

import (
	"strconv"
	"strings"
	"unicode/utf8"
)

// Doc is a doc comment: its text, and after it its tags, each on a line of its own.
type Doc struct {
	Text string
	Tags []string
}

// Comment writes the comment with the given indent, ending in a newline; "" for
// an empty one.
func (d Doc) Comment(indent string) string {
	lines := append(commentLines(d.Text), d.Tags...)
	if len(lines) == 0 {
		return ""
	}
	if len(lines) == 1 {
		return indent + "/** " + lines[0] + " */\n"
	}
	var b strings.Builder
	b.WriteString(indent + "/**\n")
	for _, line := range lines {
		b.WriteString(strings.TrimRight(indent+" * "+line, " ") + "\n")
	}
	b.WriteString(indent + " */\n")
	return b.String()
}

// Tag is a tag of a doc comment with a value of any content. What would end the
// comment, the line or the tag is written as a string literal of JSON.
func Tag(name, value string) string {
	if value == "" {
		return "@" + name
	}
	return "@" + name + " " + tagValue(value)
}

func tagValue(value string) string {
	plain := value[0] != '"' && strings.TrimSpace(value) == value && utf8.ValidString(value) &&
		!strings.Contains(value, "*/") && !strings.Contains(value, " @") && strings.IndexFunc(value, invisible) < 0
	if plain {
		return value
	}
	return `"` + JSONText(strings.NewReplacer(`\`, `\\`, `"`, `\"`).Replace(value)) + `"`
}

// JSONText writes what is inside of JSON so that it can stand in a comment.
func JSONText(text string) string {
	var b strings.Builder
	last := rune(0)
	for _, r := range text {
		switch {
		case r == '/' && last == '*':
			b.WriteString(`\/`)
		case r == '@' && last == ' ', r <= 0xffff && invisible(r):
			b.WriteString(`\u` + pad(strconv.FormatInt(int64(r), 16)))
		case r == utf8.RuneError || invisible(r):
		default:
			b.WriteRune(r)
		}
		last = r
	}
	return b.String()
}

// Annotated is a type with tags in a comment before it.
func Annotated(n *Node, tags []string) *Node {
	if len(tags) == 0 {
		return n
	}
	if n.kind == suffix && strings.HasPrefix(n.keys[0], "/** ") {
		return Suffix(n.items[0], "/** "+strings.Join(tags, " ")+n.keys[0][3:], n.keys[1])
	}
	return Suffix(Grouped(n), "/** "+strings.Join(tags, " ")+" */ ", "")
}
