package script

import "strings"

// tokenKind is what a token is, as far as splitting needs to know.
type tokenKind int

const (
	tokenEnd        tokenKind = iota
	tokenSpace                // white space
	tokenComment              // -- to the end of the line, /* nested */
	tokenWord                 // an identifier or keyword without quotes
	tokenName                 // "an identifier"
	tokenString               // 'a string' of any kind
	tokenBackslash            // the start of a meta-command
	tokenSymbol               // any other character
	tokenUnfinished           // opened and never closed; lexer.problem says what
)

// lexer reads tokens of PostgreSQL's scan.l that matter to where statements end.
type lexer struct {
	text    string
	pos     int
	escapes bool   // standard_conforming_strings is off: '\'' is one quote
	problem string // of a tokenUnfinished
}

// next returns the next token and where it begins; it ends at pos.
func (l *lexer) next() (tokenKind, int) {
	start := l.pos
	if start >= len(l.text) {
		return tokenEnd, start
	}
	switch c := l.text[start]; {
	case isSpace(c):
		for l.pos < len(l.text) && isSpace(l.text[l.pos]) {
			l.pos++
		}
		return tokenSpace, start
	case c == '\'':
		return l.quoted(start, l.escapes), start
	case c == '"':
		return l.name(), start
	case c == '$':
		return l.dollar(), start
	case isLetter(c):
		return l.word(), start
	case isDigit(c):
		for l.pos < len(l.text) && (isDigit(l.text[l.pos]) || isLetter(l.text[l.pos]) || l.text[l.pos] == '.') {
			l.pos++
		}
		return tokenSymbol, start
	case c == '-' && strings.HasPrefix(l.text[start:], "--"):
		l.lineComment()
		return tokenComment, start
	case c == '/' && strings.HasPrefix(l.text[start:], "/*"):
		return l.blockComment(), start
	case c == '\\':
		l.pos++
		return tokenBackslash, start
	default:
		l.pos++
		return tokenSymbol, start
	}
}

// word reads an identifier, or the string that E, B, X, N, U& prefix.
func (l *lexer) word() tokenKind {
	start := l.pos
	for l.pos < len(l.text) && isWordPart(l.text[l.pos]) {
		l.pos++
	}
	if l.pos >= len(l.text) || l.pos-start != 1 {
		return tokenWord
	}
	prefix := l.text[start] | 0x20
	switch rest := l.text[l.pos:]; {
	case rest[0] == '\'' && prefix == 'e':
		return l.quoted(l.pos, true)
	case rest[0] == '\'' && (prefix == 'b' || prefix == 'x'):
		return l.quoted(l.pos, false)
	case prefix == 'u' && strings.HasPrefix(rest, "&'"):
		return l.quoted(l.pos+1, false)
	case prefix == 'u' && strings.HasPrefix(rest, `&"`):
		l.pos++
		return l.name()
	}
	return tokenWord
}

// quoted reads the string whose first quote is at open. Strings that follow each
// other with a line break between them are one, of the first one's kind.
func (l *lexer) quoted(open int, escapes bool) tokenKind {
	l.pos = open + 1
	for {
		stop := strings.IndexByte(l.text[l.pos:], '\'')
		if escapes {
			stop = strings.IndexAny(l.text[l.pos:], `'\`)
		}
		if stop < 0 {
			return l.unfinished("a string that is opened here is never closed")
		}
		l.pos += stop + 1
		if l.text[l.pos-1] == '\\' {
			if l.pos >= len(l.text) {
				return l.unfinished("a string that is opened here is never closed")
			}
			l.pos++
			continue
		}
		if strings.HasPrefix(l.text[l.pos:], "'") {
			l.pos++
			continue
		}
		if !escapes {
			return tokenString
		}
		again := l.continuation()
		if again < 0 {
			return tokenString
		}
		l.pos = again + 1
	}
}

// continuation returns where the string that ends at pos goes on, or -1. Only
// strings with escapes need it: for the others the next quote opens a string of
// the same kind.
func (l *lexer) continuation() int {
	ahead := lexer{text: l.text, pos: l.pos}
	broken := false
	for ahead.pos < len(ahead.text) {
		switch c := ahead.text[ahead.pos]; {
		case c == '\'' && broken:
			return ahead.pos
		case c == '\n' || c == '\r':
			broken = true
			ahead.pos++
		case isSpace(c):
			ahead.pos++
		case strings.HasPrefix(ahead.text[ahead.pos:], "--"):
			ahead.lineComment()
		default:
			return -1
		}
	}
	return -1
}

func (l *lexer) name() tokenKind {
	for {
		l.pos++
		stop := strings.IndexByte(l.text[l.pos:], '"')
		if stop < 0 {
			return l.unfinished("a quoted identifier that is opened here is never closed")
		}
		l.pos += stop + 1
		if !strings.HasPrefix(l.text[l.pos:], `"`) {
			return tokenName
		}
	}
}

// dollar reads a dollar-quoted string, or the $ of a parameter.
func (l *lexer) dollar() tokenKind {
	end := l.pos + 1
	if end < len(l.text) && isLetter(l.text[end]) {
		for end < len(l.text) && (isLetter(l.text[end]) || isDigit(l.text[end])) {
			end++
		}
	}
	if end >= len(l.text) || l.text[end] != '$' {
		l.pos++
		return tokenSymbol
	}
	tag := l.text[l.pos : end+1]
	stop := strings.Index(l.text[end+1:], tag)
	if stop < 0 {
		return l.unfinished("the dollar quote " + tag + " that is opened here is never closed")
	}
	l.pos = end + 1 + stop + len(tag)
	return tokenString
}

func (l *lexer) lineComment() {
	stop := strings.IndexAny(l.text[l.pos:], "\r\n")
	if stop < 0 {
		l.pos = len(l.text)
		return
	}
	l.pos += stop
}

func (l *lexer) blockComment() tokenKind {
	depth := 1
	for at := l.pos + 2; ; {
		stop := strings.IndexAny(l.text[at:], "*/")
		if stop < 0 {
			return l.unfinished("a comment that is opened here is never closed")
		}
		at += stop
		switch {
		case strings.HasPrefix(l.text[at:], "/*"):
			depth++
			at += 2
		case strings.HasPrefix(l.text[at:], "*/"):
			depth--
			at += 2
		default:
			at++
		}
		if depth == 0 {
			l.pos = at
			return tokenComment
		}
	}
}

func (l *lexer) unfinished(problem string) tokenKind {
	l.problem = problem
	l.pos = len(l.text)
	return tokenUnfinished
}

func isSpace(c byte) bool  { return c == ' ' || (c >= '\t' && c <= '\r') }
func isDigit(c byte) bool  { return c >= '0' && c <= '9' }
func isLetter(c byte) bool { return c|0x20 >= 'a' && c|0x20 <= 'z' || c == '_' || c >= 0x80 }

func isWordPart(c byte) bool { return isLetter(c) || isDigit(c) || c == '$' }
