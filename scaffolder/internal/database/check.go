package database

import (
	"encoding/json"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/senior-backend/toolkit/scaffolder/internal/api"
)

// constrain says in schemas what a check says, as far as its form is plain:
// comparisons of one column with constants, joined by AND. The rest is left to
// the database. schema returns that of a column, or nil.
func constrain(check string, schema func(column string) *api.Schema) {
	e, err := parseExpression(check)
	if err != nil {
		return
	}
	parts := []expression{e}
	for len(parts) > 0 {
		part := parts[0]
		parts = parts[1:]
		if part.op == "AND" {
			parts = append(parts, part.args...)
			continue
		}
		if len(part.args) == 2 {
			constrainOne(part, schema)
		}
	}
}

func constrainOne(e expression, schema func(string) *api.Schema) {
	left, right := e.args[0], e.args[1]
	op := e.op
	if left.op == "number" || left.op == "text" {
		flipped, ok := map[string]string{"<": ">", ">": "<", "<=": ">=", ">=": "<=", "=": "="}[op]
		if !ok {
			return
		}
		left, right, op = right, left, flipped
	}
	if left.op == "call" && len(left.args) == 1 && left.args[0].op == "column" {
		switch s := schema(left.args[0].text); {
		case s == nil:
		case op == "=":
			limitLength(s, left.text, op, right)
			limitKind(s, left.text, right)
		case op == "= ANY" && right.op == "array":
			limitKind(s, left.text, right.args...)
		default:
			limitLength(s, left.text, op, right)
		}
		return
	}
	if left.op != "column" {
		return
	}
	s := schema(left.text)
	switch {
	case s == nil:
	case op == "= ANY":
		limitChoice(s, right)
	case op == "~" && right.op == "text":
		if isPlainPattern(right.text) && slices.Contains(s.Types, "string") && s.Pattern == "" {
			s.Pattern = right.text
		}
	default:
		limitNumber(s, op, right)
	}
}

func limitNumber(s *api.Schema, op string, right expression) {
	limit := api.Number(right.text)
	if right.op != "number" && right.op != "text" || !isNumber(right.text) {
		return
	}
	if isWhole(s) {
		limitWhole(s, op, right.text)
	}
	if !numeric(s) {
		return
	}
	switch op {
	case ">=":
		s.Minimum = limit
	case ">":
		s.Minimum, s.ExclusiveMinimum = "", limit
	case "<=":
		s.Maximum = limit
	case "<":
		s.Maximum, s.ExclusiveMaximum = "", limit
	case "=":
		s.Const = api.Value(limit)
	}
}

func numeric(s *api.Schema) bool {
	return slices.Contains(s.Types, "integer") || slices.Contains(s.Types, "number")
}

// isWhole says that a schema is of an int8, which is carried as text.
func isWhole(s *api.Schema) bool {
	return s.Format == "int64" && slices.Contains(s.Types, "string")
}

// limitWhole says as a pattern what the limits of numbers can't say of text: its sign.
func limitWhole(s *api.Schema, op, limit string) {
	switch op + " " + limit {
	case ">= 0", "> -1":
		s.Pattern = `^[0-9]{1,19}$`
	case "> 0", ">= 1":
		s.Pattern = `^[1-9][0-9]{0,18}$`
	}
}

func isNumber(text string) bool {
	_, err := strconv.ParseFloat(text, 64)
	return err == nil && json.Valid([]byte(text))
}

func limitLength(s *api.Schema, function, op string, right expression) {
	n, err := strconv.Atoi(right.text)
	if err != nil || n < 0 || !slices.Contains([]string{"length", "char_length", "character_length"}, function) || !slices.Contains(s.Types, "string") {
		return
	}
	switch op {
	case ">":
		n++
		fallthrough
	case ">=":
		s.MinLength = &n
	case "<":
		n--
		fallthrough
	case "<=":
		if s.MaxLength == nil || n < *s.MaxLength {
			s.MaxLength = &n
		}
	case "=":
		least := n
		s.MinLength, s.MaxLength = &least, &n
	}
}

func limitChoice(s *api.Schema, right expression) {
	if right.op != "array" || s.Enum != nil {
		return
	}
	enum := []api.Value{}
	for _, item := range right.args {
		switch {
		case item.op == "text" && slices.Contains(s.Types, "string"):
			enum = append(enum, jsonText(item.text))
		case item.op == "number" && isWhole(s):
			enum = append(enum, jsonText(item.text))
		case item.op == "number" && numeric(s):
			enum = append(enum, api.Value(item.text))
		default:
			return
		}
	}
	if slices.Contains(s.Types, "null") {
		enum = append(enum, "null")
	}
	s.Enum = enum
}

var foreignPattern = regexp.MustCompile(`\[\[|\[[:.=]|\\[mMyYAZBcexu0-9]|\(\?|\*\*\*|\\$`)

// isPlainPattern says that a POSIX expression means the same in ECMAScript.
func isPlainPattern(pattern string) bool {
	return !foreignPattern.MatchString(pattern) && !strings.Contains(pattern, "\n")
}

func jsonText(text string) api.Value {
	encoded, err := json.Marshal(text)
	if err != nil {
		return `""`
	}
	return api.Value(encoded)
}
