package describe

import (
	"strings"

	"github.com/senior-backend/toolkit/scaffolder/internal/routes/ecma"
	"github.com/senior-backend/toolkit/scaffolder/internal/routes/interpret"
)

// comment is a doc comment: its text, and its tags in order.
type comment struct {
	text string
	tags []blockTag
}

type blockTag struct{ name, text string }

func parseComment(text string) comment {
	var c comment
	current := -1
	var body []string
	for line := range strings.SplitSeq(text, "\n") {
		trimmed := strings.TrimSpace(line)
		if strings.HasPrefix(trimmed, "@") {
			several := []string{trimmed[1:]}
			if !strings.Contains(text, "\n") { // tags before a type share a line
				several = strings.Split(trimmed[1:], " @")
			}
			for _, one := range several {
				name, rest, _ := strings.Cut(one, " ")
				c.tags = append(c.tags, blockTag{name, strings.TrimSpace(rest)})
			}
			current = len(c.tags) - 1
			continue
		}
		if current >= 0 {
			c.tags[current].text += "\n" + line
			continue
		}
		body = append(body, line)
	}
	c.text = strings.TrimSpace(strings.Join(body, "\n"))
	for i := range c.tags {
		c.tags[i].text = strings.TrimSpace(c.tags[i].text)
	}
	return c
}

// tag is the text of the first tag of a name.
func (c comment) tag(name string) (string, bool) {
	for _, t := range c.tags {
		if strings.EqualFold(t.name, name) {
			return t.text, true
		}
	}
	return "", false
}

// docText is the doc comment of a node of a module.
func docText(place interpret.Place, n *ecma.Node) string {
	if place.Module == nil || place.Module.File == nil || n == nil {
		return ""
	}
	return place.Module.File.Doc(n)
}

// funcDoc is the doc comment of a function.
func funcDoc(fn *interpret.Func) string {
	if fn == nil || fn.Module == nil {
		return ""
	}
	if text := docText(fn.Place, fn.Doc); text != "" {
		return text
	}
	return docText(fn.Place, fn.Node)
}

// document takes summary, description and the like from doc comments: the
// handler's, then the route's.
func (d *describer) document(op *operation) {
	for _, text := range []string{docText(op.route.Entry.Place, op.route.Entry.Doc), funcDoc(op.handler)} {
		if text == "" {
			continue
		}
		c := parseComment(text)
		if _, foreign := c.tag("openapi"); foreign {
			continue
		}
		if _, foreign := c.tag("swagger"); foreign {
			continue
		}
		d.comment(op, c)
	}
}

func (d *describer) comment(op *operation, c comment) {
	paragraphs := strings.Split(c.text, "\n\n")
	var kept []string
	for _, paragraph := range paragraphs {
		paragraph = strings.TrimSpace(paragraph)
		switch {
		case paragraph == "" || saysRoute(paragraph, op):
		case strings.HasPrefix(paragraph, "operationId: ") && !strings.Contains(paragraph, "\n"):
			op.ID = strings.TrimPrefix(paragraph, "operationId: ")
		case paragraph == "Deprecated.":
			op.Deprecated = true
		default:
			kept = append(kept, paragraph)
		}
	}
	if op.Summary == "" && op.Description == "" && len(kept) > 0 {
		first := kept[0]
		if strings.Contains(first, "\n") || len([]rune(first)) > 120 {
			op.Description = strings.Join(kept, "\n\n")
		} else {
			op.Summary = strings.TrimSuffix(first, ".")
			op.Description = strings.Join(kept[1:], "\n\n")
		}
		if strings.HasSuffix(first, ".") && op.Summary != "" && strings.Count(first, ". ") > 0 {
			op.Summary = first
		}
	}
	if text, ok := c.tag("summary"); ok {
		op.Summary = text
	}
	if text, ok := c.tag("description"); ok {
		op.Description = text
	}
	d.thrown(op, c)
	if _, ok := c.tag("deprecated"); ok {
		op.Deprecated = true
	}
	if text, ok := c.tag("operationId"); ok && text != "" {
		op.ID = text
	}
	for _, t := range c.tags {
		if t.name == "tag" || t.name == "tags" {
			for one := range strings.SplitSeq(t.text, ",") {
				if one = strings.TrimSpace(one); one != "" {
					op.Tags = append(op.Tags, one)
				}
			}
		}
	}
}

// saysRoute tells a line that only names the method and path.
func saysRoute(text string, op *operation) bool {
	method, path, ok := strings.Cut(text, " ")
	return ok && strings.EqualFold(strings.Trim(method, "[]:"), op.Method) && strings.HasPrefix(strings.TrimSpace(path), "/") && !strings.Contains(strings.TrimSpace(path), " ")
}
