// Package ecma parses TypeScript and JavaScript into a tree that keeps types,
// doc comments and positions.
//
// The text of a file goes in; its statements come out, always: what cannot be
// understood is skipped up to the next statement and named in File.Problems.
// Nothing is refused, nothing panics, and the work is bounded by the length of
// the text. Files may be ESM or CommonJS, TypeScript or JavaScript with or
// without JSX; elements are passed over.
//
// Why a parser of our own: the tool must install with `go install`, without a C
// compiler and without a replace line. esbuild's and tdewolff's parsers drop
// types, comments and positions; the tree-sitter grammar needs cgo, and as
// WebAssembly it needs a compiled module in the repository and a run-time that
// takes longer to start than this parser takes for a thousand files; the
// TypeScript compiler's own Go parser is internal to its module. What routes
// are read from is the grammar alone, without checking, so that early errors,
// type relations and emit are not needed, and a tolerant descent is small.
// The runner in ../oracle holds it against the TypeScript compiler.
package ecma

import (
	"strings"
	"unicode/utf8"
)

// File is one parsed source file.
type File struct {
	Path     string
	Text     string
	Body     []*Node
	Comments []Comment
	Problems []Problem
	lines    []int32
}

// Comment is a block comment.
type Comment struct {
	Start, End int32
}

// Problem is something that was passed over.
type Problem struct {
	Start   int32
	Message string
}

// Bounds on what is parsed.
const (
	maxDepth = 600    // of nesting
	maxWork  = 8      // tokens read for each byte of text, on average
	minWork  = 50_000 // tokens that may be read in the shortest file
)

// Parse parses a file. Its name tells whether it holds types or elements.
func Parse(path, text string) *File {
	if !utf8.ValidString(text) {
		text = strings.ToValidUTF8(text, "\uFFFD")
	}
	f := &File{Path: path, Text: text}
	p := &parser{file: f, scanner: scanner{text: text}, failed: map[attempt]bool{}}
	p.work = minWork + maxWork*len(text)
	p.typed = strings.HasSuffix(path, ".ts") || strings.HasSuffix(path, ".mts") || strings.HasSuffix(path, ".cts")
	p.elements = !p.typed
	if strings.HasSuffix(path, ".tsx") {
		p.typed = true
	}
	if strings.HasPrefix(text, "#!") {
		if end := strings.IndexByte(text, '\n'); end >= 0 {
			p.pos = int32(end)
		} else {
			p.pos = int32(len(text))
		}
	}
	p.comments = &f.Comments
	p.next()
	f.Body = p.statements("")
	return f
}

// Position tells line and column of an offset, both from 1; columns count
// characters.
func (f *File) Position(offset int32) (line, column int) {
	if f.lines == nil {
		f.lines = []int32{0}
		for i := range len(f.Text) {
			if f.Text[i] == '\n' {
				f.lines = append(f.lines, int32(i+1))
			}
		}
	}
	low, high := 0, len(f.lines)
	for high-low > 1 {
		if middle := (low + high) / 2; f.lines[middle] <= offset {
			low = middle
		} else {
			high = middle
		}
	}
	offset = min(offset, int32(len(f.Text)))
	return low + 1, utf8.RuneCountInString(f.Text[f.lines[low]:offset]) + 1
}

// Doc is the text of a doc comment, without stars; "" when start is 0.
func (f *File) Doc(node *Node) string {
	if node == nil || node.DocEnd == 0 || int(node.DocEnd) > len(f.Text) {
		return ""
	}
	return CommentText(f.Text[node.DocStart:node.DocEnd])
}

// CommentText is the text of a block comment without its delimiters and the
// star at the beginning of each line.
func CommentText(comment string) string {
	comment = strings.TrimSuffix(strings.TrimPrefix(strings.TrimPrefix(comment, "/*"), "*"), "*/")
	lines := strings.Split(strings.ReplaceAll(comment, "\r\n", "\n"), "\n")
	for i, line := range lines {
		trimmed := strings.TrimLeft(line, " \t")
		if i > 0 && strings.HasPrefix(trimmed, "*") {
			trimmed = strings.TrimPrefix(trimmed[1:], " ")
			lines[i] = strings.TrimRight(trimmed, " \t")
			continue
		}
		if i == 0 {
			line = strings.TrimPrefix(line, " ")
		}
		lines[i] = strings.TrimRight(line, " \t")
	}
	return strings.Trim(strings.Join(lines, "\n"), "\n")
}
