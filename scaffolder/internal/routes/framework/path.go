package framework

import (
	"strconv"
	"strings"

	"github.com/senior-backend/toolkit/scaffolder/internal/routes/interpret"
)

// unknownPath stands in a path for a piece that is not known.
const unknownPath = "\x00"

// PathParameter is a parameter of a path.
type PathParameter struct {
	Name     string
	Pattern  string // a regular expression, when one was written
	Wildcard bool   // it may hold slashes
}

// Template is a path as OpenAPI writes it.
type Template struct {
	Path       string
	Parameters []PathParameter
}

func join(prefix, path string) string {
	if path == "" || path == "/" {
		return prefix
	}
	prefix = strings.TrimRight(prefix, "/")
	if !strings.HasPrefix(path, "/") && !strings.HasPrefix(path, "{") && path != unknownPath {
		path = "/" + path
	}
	return prefix + path
}

// written is the text of a path as a router takes it; what is not known in it
// is unknownPath.
func written(v interpret.Value) string {
	switch o := v.(type) {
	case interpret.Str:
		return string(o)
	case *interpret.Regex:
		if text, ok := fromRegex(o.Source); ok {
			return text
		}
	case interpret.Undefined, interpret.Null:
		return ""
	}
	return unknownPath
}

// maxVariants is how many paths one with optional pieces may stand for.
const maxVariants = 8

// Templates turns a path in a router's notation into templates: one, or more
// where pieces are optional.
func Templates(kind, path string) []Template {
	p := &pathReader{kind: kind, text: path}
	variants := p.sequence(0, 0)
	var out []Template
	seen := map[string]bool{}
	for _, v := range variants {
		t := v.template()
		if !seen[t.Path] {
			seen[t.Path] = true
			out = append(out, t)
		}
	}
	return out
}

// piece is literal text or a parameter.
type piece struct {
	text      string
	parameter *PathParameter
}

type variant []piece

type pathReader struct {
	kind    string
	text    string
	pos     int
	unnamed int
}

func (p *pathReader) peek() byte {
	if p.pos < len(p.text) {
		return p.text[p.pos]
	}
	return 0
}

// sequence reads up to a closing brace.
func (p *pathReader) sequence(closing byte, depth int) []variant {
	variants := []variant{nil}
	add := func(pieces ...piece) {
		for i := range variants {
			variants[i] = append(variants[i][:len(variants[i]):len(variants[i])], pieces...)
		}
	}
	for p.pos < len(p.text) {
		c := p.text[p.pos]
		switch {
		case c == closing && closing != 0:
			p.pos++
			return variants
		case c == '\\' && p.pos+1 < len(p.text):
			add(piece{text: p.text[p.pos+1 : p.pos+2]})
			p.pos += 2
		case c == ':' && p.kind == Fastify && strings.HasPrefix(p.text[p.pos:], "::"):
			add(piece{text: ":"})
			p.pos += 2
		case c == ':' && p.named():
			parameter, modifier := p.parameter()
			if p.kind == Fastify && parameter.Pattern == "" && strings.HasSuffix(p.text[:p.pos], "()") {
				continue // it holds nothing, and is there so that a star after it is one
			}
			variants = optional(variants, piece{parameter: parameter}, modifier)
		case c == '*' && !(p.kind == Fastify && p.shared()):
			add(piece{parameter: p.star()})
		case c == '(':
			source := p.group()
			parameter := p.unnamedGroup(source)
			modifier := p.modifier()
			variants = optional(variants, piece{parameter: parameter}, modifier)
		case c == '{' && p.kind != Fastify && depth < 10:
			p.pos++
			inner := p.sequence('}', depth+1)
			p.modifier()
			variants = both(variants, inner)
		case c == '?' && p.kind != Fastify:
			p.pos++
			variants = lastOptional(variants, p.pos == len(p.text))
		default:
			add(piece{text: p.text[p.pos : p.pos+1]})
			p.pos++
		}
	}
	return variants
}

// both lays out what a group in braces may add.
func both(variants, inner []variant) []variant {
	var out []variant
	for _, v := range variants {
		for _, i := range inner {
			if len(out) < maxVariants {
				out = append(out, append(v[:len(v):len(v)], i...))
			}
		}
	}
	for _, v := range variants {
		if len(out) < maxVariants {
			out = append(out, v)
		}
	}
	return out
}

// optional adds a parameter, which with ? or * may be left out together with
// the slash before it.
func optional(variants []variant, one piece, modifier byte) []variant {
	if modifier == '*' || modifier == '+' {
		one.parameter.Wildcard = true
	}
	var out []variant
	for _, v := range variants {
		out = append(out, append(v[:len(v):len(v)], one))
	}
	if modifier == '?' || modifier == '*' {
		for _, v := range variants {
			if len(out) < maxVariants {
				out = append(out, withoutSlash(v))
			}
		}
	}
	return out
}

func withoutSlash(v variant) variant {
	if len(v) > 1 && v[len(v)-1].text == "/" {
		return v[: len(v)-1 : len(v)-1]
	}
	return v
}

// lastOptional is Express 4's "/ab?c"; a last slash that may be left out is left
// out.
func lastOptional(variants []variant, end bool) []variant {
	var out []variant
	for _, v := range variants {
		if len(v) == 0 {
			out = append(out, v)
			continue
		}
		slash := v[len(v)-1].text == "/"
		if !slash || !end {
			out = append(out, v)
		}
		if slash && !end {
			continue
		}
		out = append(out, v[:len(v)-1:len(v)-1])
	}
	return out[:min(len(out), maxVariants)]
}

// shared tells whether a parameter stands in the segment before the position,
// where Fastify's router takes a star for text.
func (p *pathReader) shared() bool {
	before := strings.ReplaceAll(p.text[:p.pos], "[^/]", "")
	return strings.Contains(strings.ReplaceAll(before[strings.LastIndexByte(before, '/')+1:], "::", ""), ":")
}

// named tells a parameter from a colon.
func (p *pathReader) named() bool {
	if p.pos+1 >= len(p.text) {
		return false
	}
	c := p.text[p.pos+1]
	return nameByte(c) || c == '"' || c >= 0x80
}

func nameByte(c byte) bool {
	return c|0x20 >= 'a' && c|0x20 <= 'z' || c >= '0' && c <= '9' || c == '_' || c == '$'
}

func (p *pathReader) name() string {
	if p.peek() == '"' {
		var b strings.Builder
		for p.pos++; p.pos < len(p.text) && p.text[p.pos] != '"'; p.pos++ {
			if p.text[p.pos] == '\\' && p.pos+1 < len(p.text) {
				p.pos++
			}
			b.WriteByte(p.text[p.pos])
		}
		p.pos++
		return b.String()
	}
	start := p.pos
	for p.pos < len(p.text) && (nameByte(p.text[p.pos]) || p.text[p.pos] >= 0x80) {
		p.pos++
	}
	return p.text[start:p.pos]
}

func (p *pathReader) parameter() (*PathParameter, byte) {
	p.pos++
	parameter := &PathParameter{Name: p.name()}
	if p.peek() == '(' {
		parameter.Pattern = p.group()
		if parameter.Pattern == ".*" || parameter.Pattern == ".+" {
			parameter.Pattern, parameter.Wildcard = "", true
		}
	}
	return parameter, p.modifier()
}

func (p *pathReader) modifier() byte {
	if c := p.peek(); p.kind != Fastify && (c == '?' || c == '*' || c == '+') || p.kind == Fastify && c == '?' {
		p.pos++
		return c
	}
	return 0
}

func (p *pathReader) star() *PathParameter {
	p.pos++
	if p.kind != Fastify && p.pos < len(p.text) && (nameByte(p.text[p.pos]) || p.text[p.pos] == '"') {
		return &PathParameter{Name: p.name(), Wildcard: true}
	}
	return &PathParameter{Name: p.number("wildcard"), Wildcard: true}
}

// number makes names of pieces without one differ.
func (p *pathReader) number(name string) string {
	if p.unnamed++; p.unnamed > 1 {
		name += strconv.Itoa(p.unnamed)
	}
	return name
}

func (p *pathReader) unnamedGroup(source string) *PathParameter {
	if source == ".*" || source == ".+" || source == "*" {
		return &PathParameter{Name: p.number("wildcard"), Wildcard: true}
	}
	return &PathParameter{Name: p.number("match"), Pattern: source}
}

// group reads a regular expression in parentheses.
func (p *pathReader) group() string {
	start, level := p.pos+1, 0
	for ; p.pos < len(p.text); p.pos++ {
		switch p.text[p.pos] {
		case '\\':
			p.pos++
		case '(':
			level++
		case ')':
			if level--; level == 0 {
				p.pos++
				return p.text[start : p.pos-1]
			}
		}
	}
	p.pos = len(p.text)
	return p.text[min(start, len(p.text)):]
}

func (v variant) template() Template {
	var b strings.Builder
	t := Template{}
	taken := map[string]bool{}
	for _, one := range v {
		if one.parameter == nil {
			b.WriteString(one.text)
			continue
		}
		parameter := *one.parameter
		for n := 2; taken[parameter.Name]; n++ {
			parameter.Name = one.parameter.Name + strconv.Itoa(n)
		}
		taken[parameter.Name] = true
		b.WriteString("{" + parameter.Name + "}")
		t.Parameters = append(t.Parameters, parameter)
	}
	t.Path = lettered(b.String())
	if t.Path == "" {
		t.Path = "/"
	}
	if !strings.HasPrefix(t.Path, "/") {
		t.Path = "/" + t.Path
	}
	return t
}

// fromRegex writes a regular expression of a plain form in a router's notation.
func fromRegex(source string) (string, bool) {
	source, anchored := strings.CutPrefix(source, "^")
	if !anchored {
		return "", false
	}
	source = strings.TrimSuffix(strings.TrimSuffix(strings.TrimSuffix(source, "$"), `\/?`), "/?")
	var b strings.Builder
	unnamed := 0
	for i := 0; i < len(source); i++ {
		switch c := source[i]; c {
		case '\\':
			i++
			if i == len(source) || strings.IndexByte("dDwWsSbB", source[i]) >= 0 {
				return "", false
			}
			if source[i] != '/' && source[i] != '.' && source[i] != '-' {
				b.WriteByte('\\')
			}
			b.WriteByte(source[i])
		case '(':
			reader := &pathReader{text: source, pos: i}
			inner := reader.group()
			i = reader.pos - 1
			name := ""
			if strings.HasPrefix(inner, "?<") {
				if end := strings.IndexByte(inner, '>'); end > 0 {
					name, inner = inner[2:end], inner[end+1:]
				}
			}
			if strings.HasPrefix(inner, "?") {
				return "", false
			}
			if name == "" {
				unnamed++
				name = "match" + strconv.Itoa(unnamed)
			}
			b.WriteString(`:"` + name + `"`)
			if inner != "[^/]+?" && inner != "[^/]+" && inner != `[^\/]+` && inner != `[^\/]+?` {
				b.WriteString("(" + inner + ")")
			}
		case '.', '[', '*', '+', '?', '|', '{', '$', '^':
			return "", false
		default:
			b.WriteByte(c)
		}
	}
	return b.String(), b.Len() > 0
}
