package advise

import (
	"fmt"
	"maps"
	"math"
	"slices"
	"strconv"
	"strings"
)

// guessedLimit is what a LIMIT inside of a subquery is taken for, since only
// the rows that a whole statement returns are counted.
const guessedLimit = 10

// readForm is a statement as the planner can be asked about it without any
// lock but a reader's: what an UPDATE or DELETE looks for, the query of an
// INSERT, a SELECT that locks no rows. A LIMIT that is a parameter becomes what
// the statement returned on average, for the planner would take it for a tenth
// of the rows. There is none for what looks nothing up, and for CTEs that write.
func readForm(text string, returned float64) (string, bool) {
	tokens := tokenize(text)
	if end := slices.IndexFunc(tokens, func(t token) bool { return t.is(";") && t.depth == 0 }); end >= 0 {
		tokens = tokens[:end]
	}
	main := slices.IndexFunc(tokens, func(t token) bool {
		return t.depth == 0 && slices.ContainsFunc([]string{"select", "insert", "update", "delete"}, t.is)
	})
	if main < 0 || main > 0 && !tokens[0].is("with") || writesBelow(tokens) {
		return "", false
	}
	f := former{text: text, returned: max(1, math.Round(returned))}
	body, ok := tokens[main:], true
	switch {
	case body[0].is("update"):
		body, ok = f.rewrite(body, 1, "from")
	case body[0].is("delete"):
		body, ok = f.rewrite(body, 2, "using")
	case body[0].is("insert"):
		body, ok = insertedQuery(body)
	default:
		ok = !slices.ContainsFunc(body, func(t token) bool { return t.depth == 0 && t.is("into") })
	}
	if !ok {
		return "", false
	}
	form := strings.TrimSpace(f.write(f.unlocked(tokens[:main])) + f.prefix + f.write(f.unlocked(body)))
	return grouped(form), true
}

// grouped gives parameters in the list of what is selected the constants that
// the same expression has in GROUP BY or ORDER BY: the server counts
// "SELECT date_trunc('day', at) … GROUP BY date_trunc('day', at)" with a
// parameter in the first place alone, and would refuse it so.
func grouped(text string) string {
	tokens := tokenize(text)
	from := slices.IndexFunc(tokens, func(t token) bool { return t.depth == 0 && t.is("from") })
	constants := map[string]string{}
	for n, t := range tokens {
		if from < 0 || n < from || t.depth != 0 || !t.is("group") && !t.is("order") || n+1 >= len(tokens) || !tokens[n+1].is("by") {
			continue
		}
		for _, expression := range commaSeparated(tokens[n+2:]) {
			for at := 0; at+len(expression) <= from; at++ {
				if found, ok := aligned(tokens[at:at+len(expression)], expression); ok {
					maps.Copy(constants, found)
				}
			}
		}
	}
	return substitute(text, constants)
}

// commaSeparated cuts the list that tokens begin with at its commas. A clause ends it.
func commaSeparated(tokens []token) [][]token {
	var parts [][]token
	from := 0
	for n, t := range tokens {
		end := t.depth == 0 && slices.ContainsFunc([]string{"order", "having", "limit", "offset", "fetch", "window", "union"}, t.is)
		if end {
			tokens = tokens[:n]
			break
		}
		if t.depth == 0 && t.is(",") {
			parts = append(parts, tokens[from:n])
			from = n + 1
		}
	}
	return append(parts, tokens[min(from, len(tokens)):])
}

// writesBelow says whether a CTE writes.
func writesBelow(tokens []token) bool {
	for n, t := range tokens {
		if n > 0 && t.depth > 0 && tokens[n-1].is("(") && slices.ContainsFunc([]string{"insert", "update", "delete", "merge"}, t.is) {
			return true
		}
	}
	return false
}

// former writes tokens back as text.
type former struct {
	text     string
	returned float64
	prefix   string
}

// rewrite turns "UPDATE target SET … FROM others WHERE …" into what stands
// after "SELECT * FROM target, others", and DELETE alike. The verb is some words.
func (f *former) rewrite(body []token, verb int, others string) ([]token, bool) {
	clause := func(word string) int {
		return slices.IndexFunc(body, func(t token) bool { return t.depth == 0 && t.is(word) })
	}
	end := len(body)
	if at := clause("returning"); at > 0 {
		end = at
	}
	where := clause("where")
	if where <= verb || where > end || where+1 < end && body[where+1].is("current") {
		return nil, false // it changes all rows, or those of a cursor
	}
	stop, joined := where, clause(others)
	if others == "from" && joined > where || joined < verb {
		joined = -1
	}
	if joined > 0 {
		stop = joined
	}
	if body[0].is("update") {
		if stop = clause("set"); stop <= verb || stop > where {
			return nil, false
		}
	}
	f.prefix = "SELECT * FROM " + f.plain(body[verb:stop])
	if joined > 0 && joined < where {
		f.prefix += ", " + f.plain(body[joined+1:where])
	}
	f.prefix += " "
	return body[where:end], true
}

// plain is the text of tokens as it stands.
func (f *former) plain(tokens []token) string {
	if len(tokens) == 0 {
		return ""
	}
	return f.text[tokens[0].start:tokens[len(tokens)-1].end]
}

// insertedQuery is the query of INSERT … SELECT.
func insertedQuery(body []token) ([]token, bool) {
	from := slices.IndexFunc(body, func(t token) bool { return t.depth == 0 && (t.is("select") || t.is("with")) })
	if from < 0 {
		return nil, false
	}
	end := len(body)
	for n := from; n < len(body); n++ {
		if body[n].depth == 0 && (body[n].is("returning") || body[n].is("on") && n+1 < len(body) && body[n+1].is("conflict")) {
			end = n
			break
		}
	}
	return body[from:end], true
}

// unlocked leaves out FOR UPDATE and its like.
func (f *former) unlocked(tokens []token) []token {
	var kept []token
	for n := 0; n < len(tokens); n++ {
		locks := tokens[n].is("for") && n+1 < len(tokens) && slices.ContainsFunc([]string{"update", "no", "share", "key"}, tokens[n+1].is)
		if !locks {
			kept = append(kept, tokens[n])
			continue
		}
		for n+1 < len(tokens) && !slices.ContainsFunc([]string{")", "limit", "offset", "fetch", "for"}, tokens[n+1].is) {
			n++
		}
	}
	return kept
}

// write writes the tokens with limits and odd constants mended.
func (f *former) write(tokens []token) string {
	if len(tokens) == 0 {
		return ""
	}
	var b strings.Builder
	for n := 0; n < len(tokens); n++ {
		t := tokens[n]
		if n > 0 && tokens[n-1].end != t.start {
			b.WriteByte(' ')
		}
		parameter := n+1 < len(tokens) && tokens[n+1].kind == tokenParameter
		switch {
		case parameter && (t.is("limit") || n > 0 && tokens[n-1].is("fetch")):
			limit := float64(guessedLimit)
			if t.depth == 0 {
				limit = f.returned
			}
			fmt.Fprintf(&b, "%s %.0f", t.text, limit)
			n++
		case parameter && n > 0 && t.is("(") && tokens[n-1].is("extract"):
			b.WriteString("(epoch") // the field is no expression, and cannot be a parameter
			n++
		case parameter && t.is("offset"):
			b.WriteString(t.text + " 0")
			n++
		case parameter && slices.ContainsFunc([]string{"interval", "date", "timestamp", "timestamptz", "time"}, t.is):
			// A constant with its type before it has become a parameter, which may not stand there.
			n++
			b.WriteString(tokens[n].text + "::" + t.text)
		default:
			b.WriteString(t.text)
		}
	}
	return b.String() + " "
}

// parameterTypes is the list of types for PREPARE, and its length: those that
// the text leaves out need a type, as none can be inferred.
func parameterTypes(text string) (list string, parameters int) {
	used := map[int]bool{}
	for _, t := range tokenize(text) {
		if t.kind != tokenParameter {
			continue
		}
		n, err := strconv.Atoi(t.text[1:])
		if err != nil || n < 1 || n > 10_000 {
			return "", 0
		}
		used[n], parameters = true, max(parameters, n)
	}
	if parameters == 0 {
		return "", 0
	}
	types := make([]string, parameters)
	for n := range types {
		types[n] = "text"
		if used[n+1] {
			types[n] = "unknown"
		}
	}
	return "(" + strings.Join(types, ", ") + ")", parameters
}
