package script

import (
	"slices"
	"strings"
)

// Control is what a statement does to the transaction that it runs in.
type Control int

// The kinds of transaction control.
const (
	NoControl Control = iota
	Begins            // BEGIN, START TRANSACTION
	Commits           // COMMIT, END, PREPARE TRANSACTION
	RollsBack         // ROLLBACK, ABORT; not ROLLBACK TO
	Saves             // SAVEPOINT, RELEASE, ROLLBACK TO
)

// headLength is how many words a statement's head holds at most; no form of a
// statement needs more to be told apart.
const headLength = 24

// Head returns the leading tokens of a statement outside parentheses, at most
// 24: words in upper case, quoted identifiers and strings as they are written,
// and the dots of qualified names. It is empty for pieces that are no statements.
func (p Piece) Head() []string {
	if p.Kind != Statement {
		return nil
	}
	var head []string
	depth := 0
	lexer := lexer{text: p.Text}
	for len(head) < headLength {
		kind, start := lexer.next()
		text := p.Text[start:lexer.pos]
		switch {
		case kind == tokenEnd || kind == tokenUnfinished:
			return head
		case text == "(":
			depth++
		case text == ")":
			depth--
		case depth > 0:
		case kind == tokenWord:
			head = append(head, upper(text))
		case kind == tokenName || kind == tokenString || text == ".":
			head = append(head, text)
		}
	}
	return head
}

// Verb is the first word of a statement, in upper case; empty when it begins with
// something else, such as a parenthesis.
func (p Piece) Verb() string { return at(p.Head(), 0) }

// Control says whether the statement begins or ends a transaction.
func (p Piece) Control() Control {
	head := p.Head()
	switch at(head, 0) {
	case "BEGIN":
		return Begins
	case "START":
		return Begins
	case "COMMIT":
		if at(head, 1) == "PREPARED" {
			return NoControl
		}
		return Commits
	case "END":
		return Commits
	case "PREPARE":
		if at(head, 1) == "TRANSACTION" {
			return Commits
		}
	case "ABORT":
		return RollsBack
	case "ROLLBACK":
		switch {
		case at(head, 1) == "PREPARED":
			return NoControl
		case slices.Contains(head, "TO"):
			return Saves
		}
		return RollsBack
	case "SAVEPOINT", "RELEASE":
		return Saves
	}
	return NoControl
}

// OutsideTransaction says whether the server is likely to refuse the statement
// inside a transaction block. It is a hint read from the words: procedures and
// DO blocks that commit, and DISCARD or VACUUM run by functions, are not seen.
func (p Piece) OutsideTransaction() bool {
	head := p.Head()
	has := func(word string) bool { return slices.Contains(head, word) }
	second := at(head, 1)
	switch at(head, 0) {
	case "VACUUM":
		return true
	case "CLUSTER":
		return len(head) == 1 || len(head) == 2 && second == "VERBOSE"
	case "CREATE":
		return second == "DATABASE" || second == "TABLESPACE" || second == "SUBSCRIPTION" || has("INDEX") && has("CONCURRENTLY")
	case "DROP":
		return second == "DATABASE" || second == "TABLESPACE" || second == "SUBSCRIPTION" || second == "INDEX" && at(head, 2) == "CONCURRENTLY"
	case "ALTER":
		return p.altersOutside(head)
	case "REINDEX":
		return has("CONCURRENTLY") || strings.Contains(strings.ToUpper(p.Text), "CONCURRENTLY") ||
			second == "DATABASE" || second == "SYSTEM" || second == "SCHEMA"
	case "COMMIT", "ROLLBACK":
		return second == "PREPARED"
	case "DISCARD":
		return second == "ALL"
	}
	return false
}

func (p Piece) altersOutside(head []string) bool {
	switch at(head, 1) {
	case "SYSTEM":
		return true
	case "DATABASE":
		return slices.Contains(head, "TABLESPACE")
	case "SUBSCRIPTION":
		return slices.Contains(head, "REFRESH") || slices.Contains(head, "PUBLICATION")
	case "TABLE":
		return slices.Contains(head, "DETACH") && at(head, len(head)-1) == "CONCURRENTLY"
	}
	return false
}

// SetsSession says whether the statement changes settings of the session that
// later statements rely on: SET (not SET LOCAL, SET TRANSACTION, SET
// CONSTRAINTS), RESET, and set_config() as pg_dump writes it.
func (p Piece) SetsSession() bool {
	head := p.Head()
	switch at(head, 0) {
	case "SET":
		return !slices.Contains([]string{"LOCAL", "TRANSACTION", "CONSTRAINTS"}, at(head, 1))
	case "RESET":
		return true
	case "SELECT":
		return at(head, 1) == "SET_CONFIG" || at(head, 1) == "PG_CATALOG" && at(head, 3) == "SET_CONFIG"
	}
	return false
}

func at(words []string, index int) string {
	if index < 0 || index >= len(words) {
		return ""
	}
	return words[index]
}

// QualifiedName reads the name that begins at index i of a head, such as
// a."B".c, as SQL text that names the same object; next is the index after it.
// The text is empty when no name is there.
func QualifiedName(head []string, i int) (name string, next int) {
	var text strings.Builder
	for next = i; next < len(head) && head[next] != "." && !strings.HasPrefix(head[next], "'"); next++ {
		text.WriteString(lower(head[next]))
		if next++; at(head, next) != "." {
			return text.String(), next
		}
		text.WriteByte('.')
	}
	return "", i
}

// upper and lower fold as the server folds identifiers: letters of ASCII alone.
func upper(word string) string {
	return strings.Map(func(r rune) rune {
		if r >= 'a' && r <= 'z' {
			return r - 'a' + 'A'
		}
		return r
	}, word)
}

func lower(name string) string {
	if strings.HasPrefix(name, `"`) {
		return name
	}
	return strings.Map(func(r rune) rune {
		if r >= 'A' && r <= 'Z' {
			return r - 'A' + 'a'
		}
		return r
	}, name)
}
