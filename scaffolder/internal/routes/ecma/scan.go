package ecma

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

type tokenKind uint8

const (
	tokenEnd tokenKind = iota
	tokenName
	tokenPrivate
	tokenPunctuation
	tokenString
	tokenNumber
	tokenBigInt
	tokenTemplate // up to ${ or the end; tail says which
	tokenRegex
	tokenBad
)

type token struct {
	kind             tokenKind
	tail             bool // of a template: it ends here
	newline          bool // a line ends before it
	start, end       int32
	docStart, docEnd int32
	text             string // of a string or template what it stands for
}

// scanner cuts text into tokens, on demand: what a slash or a brace begins is
// known to the parser alone.
type scanner struct {
	text     string
	pos      int32
	tok      token
	comments *[]Comment
	work     int // tokens that may still be read
}

func (s *scanner) peek(ahead int32) byte {
	if at := s.pos + ahead; at < int32(len(s.text)) {
		return s.text[at]
	}
	return 0
}

// skip passes blanks and comments.
func (s *scanner) skip(t *token) {
	for s.pos < int32(len(s.text)) {
		switch c := s.text[s.pos]; {
		case c == '\n' || c == '\r':
			t.newline = true
			s.pos++
		case c == ' ' || c == '\t' || c == '\v' || c == '\f':
			s.pos++
		case c == '/' && s.peek(1) == '/', c == '<' && strings.HasPrefix(s.text[s.pos:], "<!--"):
			if end := strings.IndexAny(s.text[s.pos:], "\n\r"); end >= 0 {
				s.pos += int32(end)
			} else {
				s.pos = int32(len(s.text))
			}
		case c == '/' && s.peek(1) == '*':
			s.comment(t)
		case c >= utf8.RuneSelf:
			r, size := utf8.DecodeRuneInString(s.text[s.pos:])
			if r == '\u2028' || r == '\u2029' {
				t.newline = true
			} else if !unicode.IsSpace(r) && r != '\uFEFF' {
				return
			}
			s.pos += int32(size)
		default:
			return
		}
	}
}

func (s *scanner) comment(t *token) {
	start, end := s.pos, int32(len(s.text))
	if length := strings.Index(s.text[start+2:], "*/"); length >= 0 {
		end = start + 2 + int32(length) + 2
	}
	if strings.IndexByte(s.text[start:end], '\n') >= 0 {
		t.newline = true
	}
	if strings.HasPrefix(s.text[start:end], "/**") && end-start > 5 {
		t.docStart, t.docEnd = start, end
	}
	if list := *s.comments; len(list) == 0 || list[len(list)-1].Start < start {
		*s.comments = append(list, Comment{start, end})
	}
	s.pos = end
}

// scan reads the next token, of which a slash is punctuation.
func (s *scanner) scan() {
	var t token
	if s.work--; s.work < 0 {
		s.pos = int32(len(s.text))
	}
	s.skip(&t)
	t.start = s.pos
	if s.pos >= int32(len(s.text)) {
		t.end = s.pos
		s.tok = t
		return
	}
	c := s.text[s.pos]
	switch {
	case nameStart(c) || c == '\\' || c >= utf8.RuneSelf:
		s.name(&t)
	case c >= '0' && c <= '9' || c == '.' && s.peek(1) >= '0' && s.peek(1) <= '9':
		s.number(&t)
	case c == '"' || c == '\'':
		s.quoted(&t, c)
	case c == '`':
		s.pos++
		s.template(&t)
	case c == '#' && (nameStart(s.peek(1)) || s.peek(1) == '\\'):
		s.pos++
		s.name(&t)
		t.kind, t.text = tokenPrivate, s.text[t.start:s.pos]
	default:
		s.punctuation(&t)
	}
	t.end = s.pos
	s.tok = t
}

func nameStart(c byte) bool {
	return c|0x20 >= 'a' && c|0x20 <= 'z' || c == '_' || c == '$'
}

func namePart(c byte) bool { return nameStart(c) || c >= '0' && c <= '9' }

func (s *scanner) name(t *token) {
	start := s.pos
	escaped := false
	for s.pos < int32(len(s.text)) {
		c := s.text[s.pos]
		switch {
		case namePart(c):
			s.pos++
			continue
		case c == '\\' && s.peek(1) == 'u':
			escaped = true
			s.pos += 2
			if s.peek(0) == '{' {
				for s.pos < int32(len(s.text)) && s.text[s.pos] != '}' {
					s.pos++
				}
				s.pos++
			} else {
				s.pos = min(s.pos+4, int32(len(s.text)))
			}
			continue
		case c >= utf8.RuneSelf:
			r, size := utf8.DecodeRuneInString(s.text[s.pos:])
			if unicode.IsLetter(r) || unicode.IsDigit(r) || unicode.Is(unicode.Mn, r) || unicode.Is(unicode.Mc, r) || r == '\u200c' || r == '\u200d' {
				s.pos += int32(size)
				continue
			}
		}
		break
	}
	s.pos = min(s.pos, int32(len(s.text)))
	if s.pos == start { // a character that belongs nowhere
		_, size := utf8.DecodeRuneInString(s.text[s.pos:])
		s.pos += int32(size)
		t.kind, t.text = tokenBad, s.text[start:s.pos]
		return
	}
	t.kind, t.text = tokenName, s.text[start:s.pos]
	if escaped {
		t.text = unescape(t.text)
	}
}

func (s *scanner) number(t *token) {
	t.kind = tokenNumber
	start := s.pos
	if s.peek(0) == '0' && strings.IndexByte("xXoObB", s.peek(1)) >= 0 && s.peek(1) != 0 {
		s.pos += 2
		for namePart(s.peek(0)) {
			s.pos++
		}
	} else {
		s.digits()
		if s.peek(0) == '.' {
			s.pos++
			s.digits()
		}
		if s.peek(0)|0x20 == 'e' && (isDigit(s.peek(1)) || (s.peek(1) == '+' || s.peek(1) == '-') && isDigit(s.peek(2))) {
			s.pos += 2
			s.digits()
		}
		if s.peek(0) == 'n' {
			s.pos++
		}
	}
	t.text = strings.ReplaceAll(s.text[start:s.pos], "_", "")
	if strings.HasSuffix(t.text, "n") && !strings.HasPrefix(t.text, "0x") {
		t.kind, t.text = tokenBigInt, strings.TrimSuffix(t.text, "n")
	}
}

func isDigit(c byte) bool { return c >= '0' && c <= '9' }

func (s *scanner) digits() {
	for isDigit(s.peek(0)) || s.peek(0) == '_' {
		s.pos++
	}
}

func (s *scanner) quoted(t *token, quote byte) {
	t.kind = tokenString
	s.pos++
	start, escaped := s.pos, false
	for s.pos < int32(len(s.text)) {
		switch c := s.text[s.pos]; c {
		case quote:
			t.text = s.text[start:s.pos]
			if escaped {
				t.text = unescape(t.text)
			}
			s.pos++
			return
		case '\\':
			escaped = true
			s.pos++
			if s.peek(0) == '\r' && s.peek(1) == '\n' {
				s.pos++
			}
		case '\n':
			t.text = s.text[start:s.pos]
			return
		}
		s.pos++
	}
	s.pos = int32(len(s.text))
	t.text = s.text[min(start, s.pos):]
}

// template reads a piece of a template after its backquote or brace.
func (s *scanner) template(t *token) {
	t.kind = tokenTemplate
	start := s.pos
	for s.pos < int32(len(s.text)) {
		switch c := s.text[s.pos]; {
		case c == '`':
			t.text, t.tail = unescape(s.text[start:s.pos]), true
			s.pos++
			return
		case c == '$' && s.peek(1) == '{':
			t.text = unescape(s.text[start:s.pos])
			s.pos += 2
			return
		case c == '\\':
			s.pos++
		}
		s.pos++
	}
	s.pos = int32(len(s.text))
	t.text, t.tail = s.text[min(start, s.pos):], true
}

// regex reads on as a regular expression what began with a slash.
func (s *scanner) regex() {
	t := s.tok
	s.pos = t.start + 1
	class := false
	for s.pos < int32(len(s.text)) {
		c := s.text[s.pos]
		if c == '\n' {
			break
		}
		s.pos++
		switch {
		case c == '\\':
			s.pos++
		case c == '[':
			class = true
		case c == ']':
			class = false
		case c == '/' && !class:
			for namePart(s.peek(0)) {
				s.pos++
			}
			t.kind, t.end, t.text = tokenRegex, s.pos, s.text[t.start:s.pos]
			s.tok = t
			return
		}
	}
	s.pos = min(s.pos, int32(len(s.text)))
	t.kind, t.end, t.text = tokenBad, s.pos, s.text[t.start:s.pos]
	s.tok = t
}

// punctuations by length. What begins with > is always read one by one; the
// parser joins it outside of types.
var punctuations = []string{
	"...", "===", "!==", "**=", "<<=", "&&=", "||=", "??=",
	"=>", "==", "!=", "<=", "&&", "||", "??", "?.", "++", "--", "+=", "-=", "*=", "/=", "%=", "&=", "|=", "^=", "<<", "**",
}

func (s *scanner) punctuation(t *token) {
	t.kind = tokenPunctuation
	rest := s.text[s.pos:]
	for _, p := range punctuations {
		if rest[0] == p[0] && strings.HasPrefix(rest, p) {
			if p == "?." && len(rest) > 2 && isDigit(rest[2]) {
				continue
			}
			t.text = p
			s.pos += int32(len(p))
			return
		}
	}
	t.text = rest[:1]
	if rest[0] < 0x20 || strings.IndexByte("{}()[];,<>.+-*/%&|^!~?:=@", rest[0]) < 0 {
		t.kind = tokenBad
	}
	s.pos++
}

// joined reads on what began with > as an operator.
func (s *scanner) joined() {
	if s.tok.kind != tokenPunctuation || s.tok.text != ">" {
		return
	}
	rest := s.text[s.tok.start:]
	for _, p := range []string{">>>=", ">>>", ">>=", ">>", ">="} {
		if strings.HasPrefix(rest, p) {
			s.tok.text = p
			s.tok.end = s.tok.start + int32(len(p))
			s.pos = s.tok.end
			return
		}
	}
}
