package script

import (
	"regexp"
	"slices"
	"strings"
)

// Reach is how far a statement's effect goes.
type Reach int

// The reaches, from near to far.
const (
	ReachDatabase Reach = iota // the database that it runs in
	ReachServer                // the whole server: roles, databases, settings
	ReachOutside               // files, programs and other servers
)

// Reach says how far the statement's effect goes, as far as its words tell. The
// bodies of DO blocks are searched for words that reach the server; those of
// functions that are called are not known.
func (p Piece) Reach() Reach {
	head := p.Head()
	object := at(head, 1)
	switch at(head, 0) {
	case "CREATE", "ALTER", "DROP":
		return p.reachOfObject(head, object)
	case "GRANT", "REVOKE":
		on := slices.Index(head, "ON")
		if on < 0 || slices.Contains([]string{"DATABASE", "TABLESPACE", "PARAMETER"}, at(head, on+1)) {
			return ReachServer
		}
	case "COMMENT", "SECURITY":
		on := slices.Index(head, "ON")
		if slices.Contains([]string{"DATABASE", "TABLESPACE", "ROLE", "SUBSCRIPTION"}, at(head, on+1)) {
			return ReachServer
		}
	case "REASSIGN":
		return ReachServer
	case "COPY":
		return p.reachOfCopy(head)
	case "DO":
		if serverWords.MatchString(p.Text) {
			return ReachServer
		}
	}
	return ReachDatabase
}

func (p Piece) reachOfObject(head []string, object string) Reach {
	switch object {
	case "DATABASE", "ROLE", "GROUP", "SYSTEM", "OWNED": // DROP OWNED takes privileges on databases away
		return ReachServer
	case "USER":
		if at(head, 2) != "MAPPING" {
			return ReachServer
		}
	case "TABLESPACE": // its directory is outside of the server's own
		return ReachOutside
	case "SUBSCRIPTION":
		if s, made := p.Subscription(); made && !s.Connects {
			return ReachDatabase
		}
		return ReachOutside
	}
	return ReachDatabase
}

// reachOfCopy tells COPY of the client's data from that of the server's files.
func (p Piece) reachOfCopy(head []string) Reach {
	for i, word := range head {
		if word != "TO" && word != "FROM" || i == 0 {
			continue
		}
		if next := at(head, i+1); next == "PROGRAM" || strings.HasPrefix(next, "'") || strings.HasPrefix(next, "E'") {
			return ReachOutside
		}
	}
	return ReachDatabase
}

var serverWords = regexp.MustCompile(`(?i)\b(?:CREATE|ALTER|DROP)\s+(?:ROLE|USER|GROUP|DATABASE|SYSTEM|OWNED)\b|\bREASSIGN\s+OWNED\b|\bON\s+(?:DATABASE|ROLE)\b`)
