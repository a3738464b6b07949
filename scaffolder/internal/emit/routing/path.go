package routing

import (
	"strconv"
	"strings"

	"github.com/senior-backend/toolkit/scaffolder/internal/emit/plan"
	"github.com/senior-backend/toolkit/scaffolder/internal/emit/script"
)

// Path writes a path in the notation of path-to-regexp, which the routers of
// Express and Koa have, as an expression.
func Path(parts []plan.Part) *script.Node {
	if adjacent(parts) {
		return script.Call("new RegExp", script.String(expression(parts)))
	}
	var b strings.Builder
	for i, part := range parts {
		if !part.Parameter {
			b.WriteString(escape(part.Text))
			continue
		}
		if script.IsIdentifier(part.Text) {
			b.WriteString(":" + group(part.Text, i))
			continue
		}
		b.WriteString(`:"` + strings.NewReplacer(`\`, `\\`, `"`, `\"`).Replace(part.Text) + `"`)
	}
	return script.String(b.String())
}

// escape takes their meaning from the characters that have one in paths, and
// encodes those that never arrive as they are: routers compare with what stands
// in the request.
func escape(text string) string {
	var b strings.Builder
	for _, c := range []byte(plan.EncodedPath(text)) {
		if strings.IndexByte(`\()[]+?!:*`, c) >= 0 {
			b.WriteByte('\\')
		}
		b.WriteByte(c)
	}
	return b.String()
}

// adjacent tells paths whose parameters cannot be told apart by what stands
// between them, or whose names go on in the text after them.
func adjacent(parts []plan.Part) bool {
	for i := 1; i < len(parts); i++ {
		if !parts[i-1].Parameter {
			continue
		}
		if parts[i].Parameter || continues(parts[i].Text) {
			return true
		}
	}
	return false
}

// continues tells text that would be read as a part of the name before it.
func continues(text string) bool {
	c := text[0]
	return c >= '0' && c <= '9' || c|0x20 >= 'a' && c|0x20 <= 'z' || c == '_' || c == '$' || c >= 0x80
}

// expression writes a path as a regular expression with named groups.
func expression(parts []plan.Part) string {
	var b strings.Builder
	b.WriteByte('^')
	for i, part := range parts {
		if part.Parameter {
			b.WriteString("(?<" + group(part.Text, i) + ">[^/]+?)")
			continue
		}
		for _, r := range plan.EncodedPath(part.Text) {
			if strings.ContainsRune(`\^$.*+?()[]{}|/`, r) {
				b.WriteByte('\\')
			}
			b.WriteRune(r)
		}
	}
	b.WriteByte('$')
	return b.String()
}

// Names are the parameters of an expression by what the router calls them, where
// it does not call them so itself: groups that cannot be named after them or,
// where groups are numbered, all of them.
func Names(parts []plan.Part, numbered bool) []script.Field {
	var names []script.Field
	count := 0
	for i, part := range parts {
		if !part.Parameter || !adjacent(parts) && part.Text != proto {
			continue
		}
		name := group(part.Text, i)
		if numbered && adjacent(parts) {
			name = strconv.Itoa(count)
		}
		count++
		if name != part.Text {
			names = append(names, script.Field{Key: name, Value: script.String(part.Text)})
		}
	}
	return names
}

// proto is the one name that the objects into which routers put parameters cannot hold.
const proto = "__proto__"

func group(name string, index int) string {
	if script.IsIdentifier(name) && name != proto {
		return name
	}
	return "p" + strconv.Itoa(index)
}
