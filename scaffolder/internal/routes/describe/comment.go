package describe

import (
	"strings"

	"github.com/senior-backend/toolkit/scaffolder/internal/api"
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
			name, rest, _ := strings.Cut(trimmed[1:], " ")
			c.tags = append(c.tags, blockTag{name, strings.TrimSpace(rest)})
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

// annotate takes description and constraints from the doc comment of a type or
// property, as the tools that make JSON Schemas of types read them.
func annotate(s *api.Schema, text string) {
	if text == "" {
		return
	}
	c := parseComment(text)
	if body := strings.TrimSpace(strings.TrimSuffix(c.text, "Deprecated.")); body != "" {
		s.Description = body
	}
	if strings.HasSuffix(c.text, "Deprecated.") {
		s.Deprecated = true
	}
	for _, t := range c.tags {
		annotation(s, t)
	}
}

func annotation(s *api.Schema, t blockTag) {
	count := func() *int {
		n := 0
		for _, c := range strings.Fields(t.text + " x")[0] {
			if c < '0' || c > '9' || n > 1<<30 {
				return nil
			}
			n = n*10 + int(c-'0')
		}
		return &n
	}
	number := func() api.Number {
		if isNumber(t.text) {
			return api.Number(t.text)
		}
		return ""
	}
	switch t.name {
	case "description":
		s.Description = t.text
	case "title":
		s.Title = t.text
	case "format":
		s.Format = strings.Fields(t.text + " ")[0]
	case "pattern":
		s.Pattern = t.text
	case "minimum", "min":
		s.Minimum = number()
	case "maximum", "max":
		s.Maximum = number()
	case "exclusiveMinimum":
		s.ExclusiveMinimum = number()
	case "exclusiveMaximum":
		s.ExclusiveMaximum = number()
	case "multipleOf":
		s.MultipleOf = number()
	case "minLength":
		s.MinLength = count()
	case "maxLength":
		s.MaxLength = count()
	case "minItems":
		s.MinItems = count()
	case "maxItems":
		s.MaxItems = count()
	case "minProperties":
		s.MinProperties = count()
	case "maxProperties":
		s.MaxProperties = count()
	case "uniqueItems":
		s.UniqueItems = true
	case "deprecated":
		s.Deprecated = true
	case "readonly", "readOnly":
		s.ReadOnly = true
	case "writeOnly":
		s.WriteOnly = true
	case "default":
		s.Default = jsonValue(t.text)
	case "example":
		if v := jsonValue(t.text); v != "" {
			s.Examples = append(s.Examples, v)
		}
	case "asType", "TJS-type", "type":
		if t.text == "integer" || t.text == "{integer}" {
			for i, name := range s.Types {
				if name == "number" {
					s.Types[i] = "integer"
				}
			}
		}
	}
}
