package apply

import (
	"context"
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/lib/pq"

	"github.com/senior-backend/toolkit/migrator/internal/migration"
	"github.com/senior-backend/toolkit/shared/fault"
)

// SQLSTATEs that decide what is done next. See PostgreSQL's Appendix A.
const (
	codeLockNotAvailable = "55P03"
	codeDeadlock         = "40P01"
	codeSerialization    = "40001"
	codeInTransaction    = "25001" // cannot run inside a transaction block
	codeTermination      = "2D000" // a procedure commits inside a transaction
	codeNewEnumValue     = "55P04" // an enum value added in the same transaction
	codeEncoding         = "22021" // bytes that are no characters
	codeNoDatabase       = "3D000"
	codeNoObject         = "42704"
	codeSyntax           = "42601"
	codeTooMany          = "53300" // connections
	codeTooLong          = "42622" // an identifier, which is cut
)

// isThere says that something was not made since there is one of that name: a
// schema, relation, column, type or function.
func isThere(code string) bool {
	return slices.Contains([]string{"42P06", "42P07", "42701", "42710", "42723"}, code)
}

// serverError is the server's answer, or nil when the server gave none.
func serverError(err error) *pq.Error {
	var answer *pq.Error
	if errors.As(err, &answer) {
		return answer
	}
	return nil
}

func isCode(err error, codes ...string) bool {
	answer := serverError(err)
	if answer == nil {
		return false
	}
	for _, code := range codes {
		if string(answer.Code) == code {
			return true
		}
	}
	return false
}

func serverMessage(err error) string {
	if answer := serverError(err); answer != nil {
		return answer.Message
	}
	return err.Error()
}

// isTransient says that the same statement may succeed a moment later.
func isTransient(err error) bool {
	return isCode(err, codeLockNotAvailable, codeDeadlock, codeSerialization)
}

// isLost says that the connection is gone, rather than that a statement failed.
func isLost(err error) bool {
	answer := serverError(err)
	if answer == nil {
		return true
	}
	code := string(answer.Code)
	return strings.HasPrefix(code, "57P") || strings.HasPrefix(code, "08") || answer.Severity == "FATAL" || answer.Severity == "PANIC"
}

// explained is err, or what to do about it when it is a lost connection that
// nothing has explained yet.
func explained(ctx context.Context, err error) error {
	var input *fault.Input
	var environment *fault.Environment
	if err == nil || ctx.Err() != nil || errors.As(err, &input) || errors.As(err, &environment) || !isLost(err) {
		return err
	}
	return &fault.Environment{Message: fmt.Sprintf("the connection was lost: %v", err), Hint: goesOn, Err: err}
}

const goesOn = "run the same command again: it goes on where it stopped"

// fail says where a statement of a file failed, in the server's words.
func fail(ctx context.Context, path string, step migration.Step, err error) error {
	if ctx.Err() != nil {
		return context.Cause(ctx)
	}
	answer := serverError(err)
	if answer == nil {
		return &fault.Environment{
			Message: fmt.Sprintf("the connection was lost at %s:%d: %v", path, step.Line, err),
			Hint:    goesOn,
			Err:     err,
		}
	}
	input := &fault.Input{Path: path, Line: step.Line, Column: step.Column, Err: err}
	if position, parseErr := strconv.Atoi(answer.Position); parseErr == nil {
		input.Line, input.Column = step.Locate(position)
	} else if line := dataLine(answer.Where); line > 0 && step.Data != nil {
		input.Line, input.Column = step.Data.Line+line-1, 0
	}
	if string(answer.Code) == codeEncoding && !utf8.ValidString(step.Text) {
		input.Line, input.Column = step.Locate(firstInvalid(step.Text))
	}
	input.Message = fmt.Sprintf("%s (SQLSTATE %s)", oneLine(answer.Message), answer.Code)
	var hints []string
	for _, hint := range []string{answer.Detail, answer.Hint, insideOf(answer), advice(answer)} {
		if hint != "" {
			hints = append(hints, oneLine(hint))
		}
	}
	input.Hint = strings.Join(hints, "; ")
	return input
}

// firstInvalid is where, in characters from 1, a text stops being UTF-8.
func firstInvalid(text string) int {
	position := 1
	for len(text) > 0 {
		r, size := utf8.DecodeRuneInString(text)
		if r == utf8.RuneError && size == 1 {
			return position
		}
		text = text[size:]
		position++
	}
	return position
}

// insideOf is where inside a function or trigger it failed.
func insideOf(answer *pq.Error) string {
	if answer.Where == "" || strings.HasPrefix(answer.Where, "COPY ") {
		return ""
	}
	first, _, _ := strings.Cut(answer.Where, "\n")
	return "in " + first
}

func advice(answer *pq.Error) string {
	switch string(answer.Code) {
	case codeInTransaction, codeTermination, codeNewEnumValue:
		return `begin the file with the line "-- migrator: plan online" so that its statements run one by one`
	case codeEncoding:
		return "save the file as UTF-8"
	}
	return ""
}

var copyLine = regexp.MustCompile(`^COPY .*?, line (\d+)`)

// dataLine is the line of COPY's data that an error's context names, or 0.
func dataLine(where string) int {
	match := copyLine.FindStringSubmatch(where)
	if match == nil {
		return 0
	}
	line, err := strconv.Atoi(match[1])
	if err != nil {
		return 0
	}
	return line
}

func oneLine(text string) string { return strings.Join(strings.Fields(text), " ") }

// withHint adds what a person can do now to an error of a file.
func withHint(err error, hint string) error {
	var input *fault.Input
	if !errors.As(err, &input) || hint == "" {
		return err
	}
	if input.Hint != "" {
		hint = input.Hint + "; " + hint
	}
	input.Hint = hint
	return err
}
