package script

import (
	"slices"
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
	if n.kind == suffix && n.tags != nil {
		tags, n = append(slices.Clone(tags), n.tags...), n.items[0]
	}
	annotated := Suffix(Grouped(n), "/** "+strings.Join(tags, " ")+" */ ", "")
	annotated.tags = tags
	return annotated
}

// choiceOf takes a choice with tags apart.
func choiceOf(n *Node) (choice *Node, tags []string, ok bool) {
	if n.kind != suffix || n.tags == nil || n.items[0].kind != suffix || n.items[0].keys[0] != "(" || n.items[0].keys[1] != ")" {
		return nil, nil, false
	}
	return n.items[0].items[0], n.tags, true
}

// raised moves the tags of a choice to the comment before its property, which
// says the same: prettier would take the parentheses away that they need inside.
func raised(field Field) Field {
	if choice, tags, ok := choiceOf(field.Value); ok {
		field.Value, field.Tags = choice, append(slices.Clone(field.Tags), tags...)
	}
	return field
}
