package report

import (
	"errors"
	"net/url"
	"strconv"
	"strings"
)

// ConnectionProblem says what a parser found wrong with a connection, a
// postgres:// URL or key=value pairs, without quoting any of it: the parsers'
// own messages hold the URL, or a piece of what may be the password.
func ConnectionProblem(err error) string {
	var (
		parse  *url.Error
		escape url.EscapeError
		number *strconv.NumError
	)
	switch {
	case errors.As(err, &escape):
		return "a % begins no %XX; special characters in a password are written %XX"
	case errors.As(err, &number):
		what, _, _ := strings.Cut(strings.TrimPrefix(err.Error(), "pq: "), ": ")
		return what
	case errors.As(err, &parse):
		return parse.Err.Error() + "; special characters in a password are written %XX"
	default:
		return strings.TrimPrefix(err.Error(), "pq: ")
	}
}
