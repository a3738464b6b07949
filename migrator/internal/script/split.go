package script

import (
	"fmt"
	"iter"
	"strings"
)

// Pieces returns the pieces of text one by one, in order; after an error there
// are no more. The path only names the file in errors.
func Pieces(path, text string) iter.Seq2[Piece, error] {
	return func(yield func(Piece, error) bool) {
		s := splitter{
			path:  path,
			text:  text,
			lexer: lexer{text: text},
			at:    place{line: 1, column: 1},
			yield: yield,
		}
		s.run()
	}
}

// splitter walks over a script once.
type splitter struct {
	path    string
	text    string
	lexer   lexer
	at      place // of the first byte that is in no piece yet
	yield   func(Piece, error) bool
	stopped bool // the consumer wants no more
}

func (s *splitter) run() {
	if err := s.refuseEncoding(); err != nil {
		s.fail(err)
		return
	}
	if strings.HasPrefix(s.text, byteOrderMark) {
		s.lexer.pos = len(byteOrderMark)
	}
	for !s.stopped {
		kind, start := s.lexer.next()
		switch {
		case kind == tokenEnd:
			s.emit(Blank, start)
			return
		case kind == tokenUnfinished && s.text[start] == '/':
			s.fail(s.refuse(start, s.lexer.problem, "end it with */"))
		case kind == tokenSpace, kind == tokenComment, s.text[start] == ';':
		case kind == tokenBackslash:
			s.emit(Blank, start)
			s.meta(start)
		default:
			s.emit(Blank, start)
			s.lexer.pos = start
			s.statement()
		}
	}
}

// emit makes a piece of what stands between the last one and end.
func (s *splitter) emit(kind Kind, end int) {
	if s.stopped || end <= s.at.offset {
		return
	}
	piece := Piece{Kind: kind, Text: s.text[s.at.offset:end], Offset: s.at.offset, Line: s.at.line, Column: s.at.column}
	marked := s.at.offset == 0 && strings.HasPrefix(piece.Text, byteOrderMark)
	s.at.advance(piece.Text)
	if marked && s.at.line == 1 {
		s.at.column--
	}
	s.stopped = !s.yield(piece, nil)
}

func (s *splitter) fail(err error) {
	if !s.stopped {
		s.yield(Piece{}, err)
		s.stopped = true
	}
}

// meta takes a meta-command, which ends with its line, and the data that \copy
// reads from the script.
func (s *splitter) meta(start int) {
	s.lexer.pos = s.lineEnd(start)
	words := strings.Fields(strings.ToLower(s.text[start:s.lexer.pos]))
	s.emit(Meta, s.lexer.pos)
	if len(words) > 3 && words[0] == `\copy` && strings.Contains(strings.Join(words, " "), " from stdin") {
		s.copyData(start)
	}
}

// lineEnd is where the line of offset ends, before its line break.
func (s *splitter) lineEnd(offset int) int {
	end := strings.IndexByte(s.text[offset:], '\n')
	if end < 0 {
		return len(s.text)
	}
	end += offset
	if end > offset && s.text[end-1] == '\r' {
		end--
	}
	return end
}

// statement takes one statement, whose first token is next.
func (s *splitter) statement() {
	begin := s.lexer.pos
	end := begin // of the last token that is no blank
	var shape shape
	for {
		kind, start := s.lexer.next()
		switch kind {
		case tokenSpace, tokenComment:
			continue
		case tokenUnfinished:
			s.fail(s.refuse(start, s.lexer.problem, fmt.Sprintf("the statement it belongs to begins at line %d", s.at.line)))
			return
		case tokenEnd, tokenBackslash:
			if open, what := shape.open(); what != "" {
				s.fail(s.refuse(open, what, "close it and end the statement with a semicolon"))
				return
			}
			s.lexer.pos = end
			s.finish(begin, end, &shape)
			return
		}
		end = s.lexer.pos
		if kind == tokenSymbol && s.text[start] == ';' && shape.closed() {
			s.finish(begin, end, &shape)
			return
		}
		shape.add(kind, s.text[start:end], start)
	}
}

// finish makes the statement's piece, and that of the data it reads.
func (s *splitter) finish(begin, end int, shape *shape) {
	s.emit(Statement, end)
	if escapes, set := shape.escapes(s.text[begin:end]); set {
		s.lexer.escapes = escapes
	}
	if shape.copies {
		s.copyData(end)
	}
}

// copyData takes the data block that begins on the line after offset.
func (s *splitter) copyData(offset int) {
	lineEnd := s.lineEnd(offset)
	rest := strings.TrimSpace(s.text[min(s.lexer.pos, lineEnd):lineEnd])
	if rest != "" && !strings.HasPrefix(rest, "--") {
		s.fail(s.refuse(s.lexer.pos, "the data of COPY ... FROM stdin begins on the next line, and more follows on this one", "give it a line of its own"))
		return
	}
	if strings.TrimSpace(s.text[lineEnd:]) == "" {
		s.lexer.pos = lineEnd
		return
	}
	data := lineEnd + strings.IndexByte(s.text[lineEnd:], '\n') + 1
	s.emit(Blank, data)
	for line := data; line < len(s.text); {
		end := strings.IndexByte(s.text[line:], '\n')
		next := line + end + 1
		if end < 0 {
			next = len(s.text)
		}
		if strings.HasPrefix(s.text[line:], `\.`) && strings.TrimRight(s.text[line:next], "\r\n") == `\.` {
			s.lexer.pos = next
			s.emit(CopyData, next)
			return
		}
		line = next
	}
	s.fail(s.refuse(data, `the data of COPY ... FROM stdin that begins here is never ended`, `end it with a line that holds only \.`))
}
