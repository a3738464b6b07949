package script

import "strings"

// shape is what is known about a statement while it is read: whether a
// semicolon would end it, and whether data follows.
type shape struct {
	words    int    // unquoted words seen so far
	first    string // the first of them, upper case
	routine  bool   // CREATE [OR REPLACE] FUNCTION or PROCEDURE
	previous string // the last token, upper case when it is a short word

	parens    int // open parentheses
	parenAt   int // where the outermost was opened
	blocks    int // open BEGIN ATOMIC and, within it, CASE
	atomicAt  int
	beginAt   int // where the word BEGIN stood, if it was the last token
	copies    bool
	mentioned bool // standard_conforming_strings
}

// add takes the next token that is neither blank nor the last semicolon.
func (s *shape) add(kind tokenKind, text string, offset int) {
	switch {
	case kind == tokenSymbol && text == "(":
		if s.parens == 0 {
			s.parenAt = offset
		}
		s.parens++
	case kind == tokenSymbol && text == ")":
		s.parens = max(0, s.parens-1)
	case kind == tokenWord:
		s.word(text, offset)
		return
	case kind == tokenString && strings.Contains(text, conforming) && len(text) < 40:
		s.mentioned = true
	}
	s.previous = ""
	if kind == tokenSymbol {
		s.previous = text
	}
}

const (
	conforming  = "standard_conforming_strings"
	longestWord = len(conforming)
)

func (s *shape) word(text string, offset int) {
	s.words++
	word := ""
	if len(text) <= longestWord {
		word = strings.ToUpper(text)
	}
	before := s.previous
	s.previous = word
	if s.words == 1 {
		s.first = word
		return
	}
	switch word {
	case "FUNCTION", "PROCEDURE":
		s.routine = s.routine || s.first == "CREATE" && (s.words == 2 || s.words == 4 && before == "REPLACE")
	case "STDIN":
		s.copies = s.copies || s.first == "COPY" && s.parens == 0 && before == "FROM"
	case "BEGIN":
		s.beginAt = offset
	case "STANDARD_CONFORMING_STRINGS":
		s.mentioned = true
	}
	if s.routine && before != "." && before != "AS" {
		s.block(word, before)
	}
}

// block counts what BEGIN ATOMIC ... END encloses. CASE ends with END too.
func (s *shape) block(word, before string) {
	switch {
	case word == "ATOMIC" && before == "BEGIN" && s.parens == 0 && s.blocks == 0:
		s.blocks = 1
		s.atomicAt = s.beginAt
	case word == "CASE" && s.blocks > 0:
		s.blocks++
	case word == "END" && s.blocks > 0:
		s.blocks--
	}
}

// closed says that a semicolon ends the statement.
func (s *shape) closed() bool { return s.parens == 0 && s.blocks == 0 }

// open returns what was opened and never closed, and where; an empty text when
// there is nothing.
func (s *shape) open() (offset int, what string) {
	switch {
	case s.blocks > 0:
		return s.atomicAt, "the BEGIN ATOMIC body that is opened here is never closed"
	case s.parens > 0:
		return s.parenAt, "the parenthesis that is opened here is never closed"
	}
	return 0, ""
}

// escapes says whether the statement changes how the strings after it are read,
// and to what: SET and RESET standard_conforming_strings, and set_config().
func (s *shape) escapes(statement string) (escapes, set bool) {
	if !s.mentioned {
		return false, false
	}
	switch s.first {
	case "RESET":
		return false, true
	case "SET", "SELECT":
	default:
		return false, false
	}
	lexer := lexer{text: statement}
	after := false
	for {
		kind, start := lexer.next()
		if kind == tokenEnd || kind == tokenUnfinished {
			return false, false
		}
		text := strings.Trim(statement[start:lexer.pos], "'")
		switch {
		case kind != tokenWord && kind != tokenString && !isDigit(statement[start]):
		case strings.EqualFold(text, conforming):
			after = true
		case after && !strings.EqualFold(text, "to"):
			return isOff(text), true
		}
	}
}

func isOff(value string) bool {
	switch strings.ToLower(value) {
	case "off", "false", "no", "0", "of", "f", "n":
		return true
	}
	return false
}
