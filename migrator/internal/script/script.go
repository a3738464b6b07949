// Package script cuts a PostgreSQL script into its pieces: the statements, the
// psql meta-commands, the data blocks of COPY ... FROM stdin, and what stands
// between them.
//
// The text of a file goes in; pieces come out, each with its place. Joined, the
// pieces are the text, byte for byte. Where a statement ends follows the lexical
// rules of the server and, for parentheses and BEGIN ATOMIC bodies, those of
// psql; what a statement means is left to the server. The text is not copied,
// and each byte is looked at once, however long the file.
//
// Refused, with the line where the construct was opened: quotes, dollar quotes,
// comments, parentheses, BEGIN ATOMIC bodies and COPY data that never end, and
// text that no PostgreSQL server could take (NUL bytes, UTF-16).
package script

import "strings"

// Kind is what a piece is.
type Kind int

// The kinds of piece.
const (
	// Blank is white space, comments, a byte order mark and the semicolons of
	// empty statements.
	Blank Kind = iota
	// Statement is one SQL statement from its first word to its semicolon, or
	// to its last word where a meta-command or the end of the file ends it.
	Statement
	// Meta is a psql meta-command such as \connect, up to the end of its line.
	Meta
	// CopyData is what follows a COPY ... FROM stdin, with the line \. that
	// ends it.
	CopyData
)

// Piece is one part of a script.
type Piece struct {
	Kind   Kind
	Text   string // exactly as in the file
	Offset int    // of the first byte, from 0
	Line   int    // of the first character, from 1
	Column int    // of the first character, from 1, in characters
}

// Split returns all pieces of text. The path only names the file in errors,
// which are *fault.Input.
func Split(path, text string) ([]Piece, error) {
	var pieces []Piece
	for piece, err := range Pieces(path, text) {
		if err != nil {
			return nil, err
		}
		pieces = append(pieces, piece)
	}
	return pieces, nil
}

// MetaName is the name of a Meta piece with its backslash, such as "\restrict";
// empty for other pieces.
func (p Piece) MetaName() string {
	if p.Kind != Meta {
		return ""
	}
	end := 1
	for end < len(p.Text) && !isSpace(p.Text[end]) && p.Text[end] != '\\' {
		end++
	}
	if end == 1 && len(p.Text) > 1 && p.Text[1] == '\\' {
		end = 2
	}
	return p.Text[:end]
}

// MetaArguments is what follows the name of a Meta piece, trimmed and
// otherwise as written; empty for other pieces.
func (p Piece) MetaArguments() string {
	if p.Kind != Meta {
		return ""
	}
	return strings.TrimSpace(p.Text[len(p.MetaName()):])
}

// Rows is the data of a CopyData piece without the line \. that ends it: each
// row with its line break. There are none for other pieces.
func (p Piece) Rows() string {
	if p.Kind != CopyData {
		return ""
	}
	return strings.TrimSuffix(strings.TrimRight(p.Text, "\r\n"), `\.`)
}

// Locate turns a place in a piece, as the server reports it (in characters,
// from 1), into a line and a column of the file.
func (p Piece) Locate(position int) (line, column int) {
	at := place{line: p.Line, column: p.Column}
	count := 1
	for offset := range p.Text {
		if count >= position {
			at.advance(p.Text[:offset])
			return at.line, at.column
		}
		count++
	}
	at.advance(p.Text)
	return at.line, at.column
}
