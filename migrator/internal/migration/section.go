package migration

import (
	"fmt"
	"strings"

	"github.com/senior-backend/toolkit/migrator/internal/script"
	"github.com/senior-backend/toolkit/shared/fault"
)

// section is the part of a file that runs in one direction. Its text begins
// with as many line breaks as lines stand before it in the file, so that places
// in it are places in the file.
type section struct {
	path  string
	text  string
	found bool
	mode  mode
}

// mode is what a file says about its transactions.
type mode int

const (
	modeUnsaid   mode = iota
	modeWhole         // all in one transaction
	modeStepwise      // each statement on its own
)

// sections cuts a file at the marker lines of goose and dbmate. A file without
// any is one section that goes up. The tools find their markers line by line,
// without reading the SQL, and so does this.
func sections(path, text string) (up, down section, format Format, err error) {
	up, down, format = section{path: path, mode: header(text)}, section{path: path}, Plain
	into := (*section)(nil)
	lineNumber, begin, first := 0, 0, 0
	prefix := 0 // lines before begin
	flush := func(end int) {
		if into != nil {
			into.text += lead(into.text, prefix) + text[begin:end]
		}
	}
	for offset := 0; offset < len(text); {
		next := len(text)
		if stop := strings.IndexByte(text[offset:], '\n'); stop >= 0 {
			next = offset + stop + 1
		}
		lineNumber++
		tool, words := marker(text[offset:next])
		target := (*section)(nil)
		switch {
		case tool == "":
		case words[0] == "up":
			target = &up
		case words[0] == "down":
			target = &down
		case tool == Goose && words[0] == "no" && len(words) > 1 && words[1] == "transaction":
			up.mode, down.mode = modeStepwise, modeStepwise
		case tool == Goose && words[0] == "statementend" && into != nil: // also ends what has no semicolon
			into.text += lead(into.text, prefix) + text[begin:offset] + ";--" + text[offset+2:next]
			begin, prefix = next, lineNumber
		case tool == Goose && strings.HasPrefix(words[0], "envsub") && len(words) > 1 && words[1] == "on":
			return up, down, format, &fault.Input{Path: path, Line: lineNumber, Message: "goose would replace environment variables in this file, and that is not done here", Hint: "write the values out and remove this line"}
		}
		if target != nil {
			if format == Plain {
				first = offset
			}
			format = tool
			flush(offset)
			into, begin, prefix = target, next, lineNumber
			into.found = true
			if tool == Dbmate && len(words) > 1 && words[1] == "transaction:false" {
				into.mode = modeStepwise
			}
		}
		offset = next
	}
	if format == Plain {
		up.text, up.found = text, true
		return up, down, format, nil
	}
	flush(len(text))
	return up, down, format, refuseBefore(path, text[:first], format)
}

// lead is the line breaks that text lacks to have as many as lines come before.
func lead(text string, lines int) string {
	return strings.Repeat("\n", max(0, lines-strings.Count(text, "\n")))
}

// refuseBefore refuses statements before the first marker, which belong to no
// direction and would not run.
func refuseBefore(path, text string, format Format) error {
	for piece, err := range script.Pieces(path, text) {
		if err != nil {
			return err
		}
		if piece.Kind != script.Blank {
			return refuse(path, piece, fmt.Sprintf("this stands before the part that goes up, where %s runs nothing", format), "move it below the marker")
		}
	}
	return nil
}

// marker reads a line such as "-- +goose Up" or "-- migrate:up transaction:false"
// into the tool and its words in lower case; no tool when the line is no marker.
func marker(line string) (Format, []string) {
	rest, isComment := strings.CutPrefix(strings.TrimPrefix(line, "\ufeff"), "--")
	if !isComment {
		return "", nil
	}
	words := strings.Fields(strings.ToLower(rest))
	switch {
	case len(words) > 1 && words[0] == "+goose":
		return Goose, words[1:]
	case len(words) > 0 && (words[0] == "migrate:up" || words[0] == "migrate:down"):
		words[0] = strings.TrimPrefix(words[0], "migrate:")
		return Dbmate, words
	}
	return "", nil
}

// header reads the comment that --compare writes first into its files:
// "-- migrator: plan online" or "-- migrator: plan transactional".
func header(text string) mode {
	for line := range strings.Lines(strings.TrimPrefix(text, "\ufeff")) {
		line = strings.TrimSpace(line)
		if line == "" {
			continue
		}
		rest, isComment := strings.CutPrefix(line, "--")
		if !isComment {
			return modeUnsaid
		}
		words := strings.Fields(strings.ToLower(rest))
		if len(words) < 3 || words[0] != "migrator:" || words[1] != "plan" {
			continue
		}
		switch strings.TrimRight(words[2], ",;:.") {
		case "online":
			return modeStepwise
		case "transactional":
			return modeWhole
		}
	}
	return modeUnsaid
}
