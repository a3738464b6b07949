package plan

import (
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/senior-backend/toolkit/migrator/internal/schema"
)

var modifiers = regexp.MustCompile(`\([0-9, ]*\)`)

// families are groups of types that the server can cast into each other without
// going through text, the first member naming them.
var families = [][]string{
	{"smallint", "integer", "bigint", "numeric", "real", "double precision"},
	{"text", "character varying", "character", "name", "\"char\"", "bpchar"},
	{"timestamp without time zone", "timestamp with time zone", "date"},
	{"json", "jsonb"},
	{"money", "numeric"},
	{"inet", "cidr"},
	{"bit", "bit varying"},
	{"integer", "boolean"},
	{"integer", "oid"},
	{"bigint", "oid"},
	{"time without time zone", "time with time zone"},
	{"interval", "time without time zone"},
	{"macaddr", "macaddr8"},
}

// castFor is the USING expression of a type change; empty when the server
// converts by itself.
func castFor(column, from, to string, viaText bool) string {
	bareFrom, bareTo := modifiers.ReplaceAllString(from, ""), modifiers.ReplaceAllString(to, "")
	if !viaText && (bareFrom == bareTo || widens(bareFrom, bareTo)) {
		return ""
	}
	if isText(bareTo) {
		if isText(bareFrom) {
			return ""
		}
		return column + "::" + to
	}
	if strings.HasSuffix(from, "[]") == strings.HasSuffix(to, "[]") && (isText(bareFrom) || !viaText && related(bareFrom, bareTo)) {
		return column + "::" + to
	}
	if isArray, wasArray := strings.HasSuffix(to, "[]"), strings.HasSuffix(from, "[]"); isArray != wasArray {
		if isArray {
			return "CASE WHEN " + column + " IS NOT NULL THEN ARRAY[" + column + "]::text[]::" + to + " END"
		}
		return column + "[1]::text::" + to
	}
	if strings.HasSuffix(from, "[]") {
		return column + "::text[]::" + to
	}
	return column + "::text::" + to
}

// widens reports whether every number of one type is one of the other, so that
// the server converts by itself.
func widens(from, to string) bool {
	whole := families[0][:4]
	was, is := slices.Index(whole, from), slices.Index(whole, to)
	return was >= 0 && was < is
}

func isText(bare string) bool { return slices.Contains(families[1], bare) }

func related(from, to string) bool {
	from, to = strings.TrimSuffix(from, "[]"), strings.TrimSuffix(to, "[]")
	return slices.ContainsFunc(families, func(family []string) bool {
		return slices.Contains(family, from) && slices.Contains(family, to)
	})
}

// grows reports whether a change of type needs no row written anew: the old
// values are stored as the new ones would be (alter_table.sgml, "Notes").
func grows(old, wanted *schema.Column) bool {
	if old.Collation != wanted.Collation && old.Type != wanted.Type {
		return false
	}
	from, to := modifiers.ReplaceAllString(old.Type, ""), modifiers.ReplaceAllString(wanted.Type, "")
	switch {
	case old.Type == wanted.Type:
		return true // only the collation: indexes are built anew, rows are not
	case from == "character varying" && to == "text", from == "text" && wanted.Type == "character varying":
		return true
	case from != to:
		return from == "cidr" && to == "inet"
	case from == "character varying", from == "bit varying":
		was, is := sizes(old.Type), sizes(wanted.Type)
		return len(is) == 0 || len(was) > 0 && was[0] <= is[0]
	case from == "numeric":
		was, is := sizes(old.Type), sizes(wanted.Type)
		return len(is) == 0 || len(was) == len(is) && was[0] <= is[0] && (len(was) < 2 || was[1] == is[1])
	case strings.HasPrefix(from, "time"), from == "interval":
		was, is := sizes(old.Type), sizes(wanted.Type)
		return len(is) == 0 || len(was) > 0 && was[0] <= is[0]
	}
	return false
}

// sizes are the numbers of a type's modifiers.
func sizes(of string) []int {
	var all []int
	for _, field := range strings.FieldsFunc(modifiers.FindString(of), func(r rune) bool { return r < '0' || r > '9' }) {
		if n, err := strconv.Atoi(field); err == nil {
			all = append(all, n)
		}
	}
	return all
}
