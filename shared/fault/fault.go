// Package fault holds the kinds of error that a tool of this workspace can end
// with, and the exit status of each.
//
// Any error goes in; out come a status and, through Error, one line for a
// person. A kind exists only where somebody branches on it: everything else is
// an ordinary wrapped error and means "it could not be done", status 1.
//
// The statuses are the contract of all three tools:
//
//	0    done, and every expectation held
//	1    it could not be done
//	2    the command line was wrong
//	3    done, but an expectation or gate did not hold
//	130  interrupted
package fault

import (
	"context"
	"errors"
	"fmt"
	"strings"
)

// The exit statuses of the tools.
const (
	StatusOK          = 0
	StatusFailed      = 1
	StatusUsage       = 2
	StatusVerdict     = 3
	StatusInterrupted = 130
)

// Status returns the exit status that err stands for. It is meant for the
// outermost edge of a program; code further in passes errors on.
func Status(err error) int {
	var (
		usage   *Usage
		verdict *Verdict
	)
	switch {
	case err == nil:
		return StatusOK
	case errors.As(err, &usage):
		return StatusUsage
	case errors.Is(err, ErrInterrupted), errors.Is(err, context.Canceled):
		return StatusInterrupted
	case errors.As(err, &verdict):
		return StatusVerdict
	default:
		return StatusFailed
	}
}

// ErrInterrupted says that a person or a supervisor stopped the tool with
// SIGINT or SIGTERM and that it reported what it had. Status 130.
var ErrInterrupted = errors.New("interrupted")

// Usage is a command line that cannot be obeyed: an unknown flag, a missing or
// a contradictory argument. Status 2.
type Usage struct {
	Message string
}

// Usagef returns a Usage with a formatted message.
func Usagef(format string, args ...any) error {
	return &Usage{Message: fmt.Sprintf(format, args...)}
}

func (e *Usage) Error() string { return e.Message }

// Input is something a person wrote that cannot be worked with: a file, a
// document in it, a statement. It prints as "path:line:column: message; hint".
// Status 1.
type Input struct {
	Path    string // as the person named it; empty when there is no file
	Line    int    // from 1; 0 when unknown
	Column  int    // from 1, in characters; 0 when unknown
	Message string // what is wrong
	Hint    string // what to do about it; may be empty
	Err     error  // the cause, for errors.Is and errors.As; not printed
}

func (e *Input) Error() string {
	var b strings.Builder
	if e.Path != "" {
		b.WriteString(e.Path)
		if e.Line > 0 {
			fmt.Fprintf(&b, ":%d", e.Line)
			if e.Column > 0 {
				fmt.Fprintf(&b, ":%d", e.Column)
			}
		}
		b.WriteString(": ")
	} else if e.Line > 0 {
		fmt.Fprintf(&b, "line %d: ", e.Line)
	}
	b.WriteString(withHint(e.Message, e.Hint))
	return b.String()
}

func (e *Input) Unwrap() error { return e.Err }

// Environment is something outside the tool that it needs and cannot have: a
// server that does not answer, a program that is not installed, a full disk.
// Status 1.
type Environment struct {
	Message string // what could not be reached or used
	Hint    string // how to get or start it; may be empty
	Err     error  // the cause, for errors.Is and errors.As; not printed
}

func (e *Environment) Error() string { return withHint(e.Message, e.Hint) }

func (e *Environment) Unwrap() error { return e.Err }

// Verdict says that the work was done and that an expectation or a gate did
// not hold. The report has been written by then. Status 3.
type Verdict struct {
	Message string
}

// Verdictf returns a Verdict with a formatted message.
func Verdictf(format string, args ...any) error {
	return &Verdict{Message: fmt.Sprintf(format, args...)}
}

func (e *Verdict) Error() string { return e.Message }

func withHint(message, hint string) string {
	if hint == "" {
		return message
	}
	return message + "; " + hint
}
