package cmdline

import (
	"regexp"
	"strconv"
	"strings"
	"time"

	"github.com/urfave/cli/v2"
)

// valueKind is the type of a flag's value.
type valueKind int

const (
	kindText valueKind = iota // anything; a cli.GenericFlag checks for itself
	kindInt
	kindUint
	kindFloat
	kindDuration
)

func kindOf(flag cli.Flag) valueKind {
	switch flag.(type) {
	case *cli.IntFlag, *cli.Int64Flag, *cli.IntSliceFlag, *cli.Int64SliceFlag:
		return kindInt
	case *cli.UintFlag, *cli.Uint64Flag, *cli.UintSliceFlag, *cli.Uint64SliceFlag:
		return kindUint
	case *cli.Float64Flag, *cli.Float64SliceFlag:
		return kindFloat
	case *cli.DurationFlag:
		return kindDuration
	default:
		return kindText
	}
}

// convert checks a value as Python's int and float do and returns it in the
// form that urfave/cli reads alike: to Python "010" is ten and "1_000" a
// thousand, to Go the first is eight.
func (o *option) convert(value string) (string, error) {
	switch o.kind {
	case kindInt:
		if n, err := strconv.ParseInt(pythonNumber(value), 10, 64); err == nil {
			return strconv.FormatInt(n, 10), nil
		}
		return "", o.errorf("invalid int value: %s", quote(value))
	case kindUint:
		if n, err := strconv.ParseUint(strings.TrimPrefix(pythonNumber(value), "+"), 10, 64); err == nil {
			return strconv.FormatUint(n, 10), nil
		}
		return "", o.errorf("invalid int value: %s (it must not be negative)", quote(value))
	case kindFloat:
		text := pythonNumber(value)
		if _, err := strconv.ParseFloat(text, 64); err == nil && !strings.ContainsAny(text, "xX_") {
			return text, nil
		}
		return "", o.errorf("invalid float value: %s", quote(value))
	case kindDuration:
		if _, err := time.ParseDuration(value); err == nil {
			return value, nil
		}
		return "", o.errorf("invalid duration value: %s (write it as 30s, 1m30s or 250ms)", quote(value))
	default:
		return value, nil
	}
}

var digitGroups = regexp.MustCompile(`([0-9])_([0-9])`)

// pythonNumber drops what Python allows in a number and Go does not: blanks
// around it and single underscores between digits.
func pythonNumber(text string) string {
	text = strings.TrimSpace(text)
	for strings.Contains(text, "_") {
		joined := digitGroups.ReplaceAllString(text, "$1$2")
		if joined == text {
			break
		}
		text = joined
	}
	return text
}

// goFlagError is how the standard library words a value that a flag's Set refused.
var goFlagError = regexp.MustCompile(`(?s)^invalid value ("(?:[^"\\]|\\.)*") for flag -([^:]+): (.*)$`)

// refusal words such an error as argparse would.
func refusal(flags []cli.Flag, err error) string {
	parts := goFlagError.FindStringSubmatch(err.Error())
	if parts == nil {
		return err.Error()
	}
	value, unquoteErr := strconv.Unquote(parts[1])
	if unquoteErr != nil {
		return err.Error()
	}
	for _, o := range options(flags, true) {
		if o.name == parts[2] {
			return o.errorf("invalid value: %s: %s", quote(value), parts[3]).Error()
		}
	}
	return err.Error()
}
