package script

import (
	"strings"
	"unicode/utf8"

	"github.com/senior-backend/toolkit/shared/fault"
)

// byteOrderMark is what some editors put first in a UTF-8 file; it takes no column.
const byteOrderMark = "\ufeff"

// place is a position that only moves forward, so that finding the lines of all
// pieces takes one pass.
type place struct {
	offset int
	line   int // from 1
	column int // from 1, in characters
}

// advance moves over text, which begins at the place.
func (p *place) advance(text string) {
	p.offset += len(text)
	if last := strings.LastIndexByte(text, '\n'); last >= 0 {
		p.line += strings.Count(text, "\n")
		p.column = 1
		text = text[last+1:]
	}
	p.column += utf8.RuneCountInString(text)
}

// refuse is the error for what is wrong at offset, which is not before the place.
func (s *splitter) refuse(offset int, message, hint string) error {
	at := s.at
	at.advance(s.text[at.offset:offset])
	return &fault.Input{Path: s.path, Line: at.line, Column: at.column, Message: message, Hint: hint}
}

// refuseEncoding says why no server would take the text, or nothing.
func (s *splitter) refuseEncoding() error {
	if strings.HasPrefix(s.text, "\xff\xfe") || strings.HasPrefix(s.text, "\xfe\xff") {
		return s.refuse(0, "the file is UTF-16 text", "save it as UTF-8")
	}
	if zero := strings.IndexByte(s.text, 0); zero >= 0 {
		return s.refuse(zero, "the file holds a NUL byte, so it is no SQL text", "custom-format dumps become SQL with pg_restore -f FILE.sql")
	}
	return nil
}
