package advise

import (
	"strings"
	"unicode/utf8"
)

// tokenKind is what a piece of SQL is.
type tokenKind int

const (
	tokenMark      tokenKind = iota // one of ( ) [ ] , . ; : or ::
	tokenWord                       // an identifier or key word, as it stands
	tokenQuoted                     // "an identifier"
	tokenString                     // a constant in quotes
	tokenNumber                     // a number
	tokenParameter                  // $1
	tokenOperator                   // a run of operator characters
)

// token is a piece of SQL. Comments and blanks are none.
type token struct {
	kind       tokenKind
	text       string
	start, end int // in the text that it was cut from
	depth      int // of parentheses and brackets around it; of one itself, outside
}

// is says whether the token is the key word, in any case, or the mark.
func (t token) is(word string) bool {
	return (t.kind == tokenWord || t.kind == tokenMark) && strings.EqualFold(t.text, word)
}

// name is the identifier that the token stands for, or "".
func (t token) name() string {
	switch t.kind {
	case tokenWord:
		return strings.ToLower(t.text)
	case tokenQuoted:
		return strings.ReplaceAll(t.text[1:len(t.text)-1], `""`, `"`)
	}
	return ""
}

const operatorCharacters = "+-*/<>=~!@#%^&|`?"

// tokenize cuts SQL, as a client wrote it or as the server shows an
// expression, into tokens. What is never closed ends with the text.
func tokenize(text string) []token {
	var tokens []token
	depth := 0
	for at := 0; at < len(text); {
		kind, length := tokenAt(text[at:])
		if kind >= 0 {
			t := token{kind: kind, text: text[at : at+length], start: at, end: at + length, depth: depth}
			switch {
			case t.is("("), t.is("["):
				depth++
			case t.is(")"), t.is("]"):
				depth = max(0, depth-1)
				t.depth = depth
			}
			tokens = append(tokens, t)
		}
		at += length
	}
	return tokens
}

// tokenAt is the kind and length of what the text begins with; the kind is
// negative for blanks and comments.
func tokenAt(text string) (tokenKind, int) {
	switch c := text[0]; {
	case c <= ' ':
		return -1, 1
	case strings.HasPrefix(text, "--"):
		return -1, lengthTo(text, "\n")
	case strings.HasPrefix(text, "/*"):
		return -1, commentLength(text)
	case c == '\'':
		return tokenString, stringLength(text, false)
	case (c == 'E' || c == 'e') && strings.HasPrefix(text[1:], "'"):
		return tokenString, 1 + stringLength(text[1:], true)
	case c == '"':
		if n := nameLength(text); n > 1 {
			return tokenQuoted, n
		}
		return -1, 1
	case c == '$':
		n := dollarLength(text)
		if n > 1 && strings.Trim(text[1:n], "0123456789") == "" {
			return tokenParameter, n
		}
		return tokenString, n
	case c >= '0' && c <= '9':
		return tokenNumber, runLength(text, func(c byte) bool { return wordPart(c) || c == '.' })
	case wordPart(c):
		return tokenWord, runLength(text, func(c byte) bool { return wordPart(c) || c == '$' })
	case strings.IndexByte(operatorCharacters, c) >= 0:
		return tokenOperator, operatorLength(text)
	case strings.HasPrefix(text, "::"):
		return tokenMark, 2
	}
	_, width := utf8.DecodeRuneInString(text)
	return tokenMark, width
}

func wordPart(c byte) bool {
	return c == '_' || c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9' || c >= 0x80
}

func runLength(text string, part func(byte) bool) int {
	n := 0
	for n < len(text) && part(text[n]) {
		n++
	}
	return n
}

// operatorLength stops where a comment begins.
func operatorLength(text string) int {
	n := runLength(text, func(c byte) bool { return strings.IndexByte(operatorCharacters, c) >= 0 })
	for _, comment := range []string{"--", "/*"} {
		if at := strings.Index(text[:n], comment); at > 0 {
			n = at
		}
	}
	return n
}

// lengthTo is the length up to and with the mark, or of all.
func lengthTo(text, mark string) int {
	if at := strings.Index(text, mark); at >= 0 {
		return at + len(mark)
	}
	return len(text)
}

func commentLength(text string) int {
	depth := 0
	for at := 0; at+1 < len(text); at++ {
		switch text[at : at+2] {
		case "/*":
			depth++
			at++
		case "*/":
			depth--
			at++
			if depth == 0 {
				return at + 1
			}
		}
	}
	return len(text)
}

func stringLength(text string, escapes bool) int {
	for at := 1; at < len(text); at++ {
		switch {
		case escapes && text[at] == '\\':
			at++
		case text[at] == '\'' && strings.HasPrefix(text[at+1:], "'"):
			at++
		case text[at] == '\'':
			return at + 1
		}
	}
	return len(text)
}

func nameLength(text string) int {
	for at := 1; at < len(text); at++ {
		switch {
		case text[at] == '"' && strings.HasPrefix(text[at+1:], `"`):
			at++
		case text[at] == '"':
			return at + 1
		}
	}
	return 1 // a quote by itself
}

// dollarLength is the length of a parameter, of a $tag$ string, or of the sign alone.
func dollarLength(text string) int {
	n := 1 + runLength(text[1:], wordPart)
	if n < len(text) && text[n] == '$' && (n == 1 || text[1] < '0' || text[1] > '9') {
		return n + 1 + lengthTo(text[n+1:], text[:n+1])
	}
	return n
}
