package plan

import (
	"fmt"
	"strings"
)

// Header is what a migration file says about itself.
type Header struct {
	Title      string // one line: what it does, from what to what
	Unverified bool   // it was not run on a clone before it was written
	Rollback   bool   // it takes another file back
}

// Settings are the statements that a session runs before the plan's own.
// Waiting for a lock is cut short: whoever waits blocks everybody behind it.
func (p Plan) Settings() []string {
	settings := []string{"SET check_function_bodies = off", "SET client_min_messages = warning"}
	if p.Kind == Online {
		settings = append(settings, "SET lock_timeout = '5s'", "SET statement_timeout = 0")
	}
	return settings
}

// Script writes the plan as a file that psql runs, and --migrate too.
func (p Plan) Script(h Header) string {
	var b strings.Builder
	fmt.Fprintf(&b, "-- migrator: plan %s\n", p.Kind)
	fmt.Fprintf(&b, "-- %s\n", oneLine(h.Title))
	if p.Kind == Online {
		b.WriteString("-- Each statement, and what stands between BEGIN and COMMIT, is a step of its own: when one fails, those before it are done.\n")
	} else {
		b.WriteString("-- All or nothing: one transaction.\n")
	}
	if h.Rollback {
		b.WriteString("-- Takes the schema back exactly; rows that were dropped do not come back.\n")
	}
	if h.Unverified {
		b.WriteString("-- Not verified: this was not run on a clone before it was written.\n")
	}
	b.WriteString("\n")
	for _, setting := range p.Settings() {
		b.WriteString(setting + ";\n")
	}
	alone := true
	group := ""
	if p.Kind == Transactional {
		alone = len(p.Statements) > 0 && p.Statements[0].Alone
	}
	if p.Kind == Transactional && !alone {
		b.WriteString("\nBEGIN;\n")
	}
	for n, statement := range p.Statements {
		if begins(p.Statements, n) {
			b.WriteString("\n-- At once, so that nobody misses what is made again.\nBEGIN;\n")
			group = ""
		}
		if p.Kind == Transactional && alone && !statement.Alone {
			b.WriteString("\nBEGIN;\n")
			alone = false
		}
		if statement.Group != group {
			group = statement.Group
			fmt.Fprintf(&b, "\n-- %s\n", oneLine(group))
		} else if statement.Comment != "" || len(statement.Hazards) > 0 {
			b.WriteString("\n")
		}
		writeStatement(&b, statement)
		if ends(p.Statements, n) {
			b.WriteString("\nCOMMIT;\n")
			group = ""
		}
	}
	if p.Kind == Transactional && !alone {
		b.WriteString("\nCOMMIT;\n")
	}
	return b.String()
}

// begins and ends report whether a statement is the first, or the last, of a
// transaction in an online plan.
func begins(statements []Statement, n int) bool {
	return statements[n].Together > 0 && (n == 0 || statements[n-1].Together != statements[n].Together)
}

func ends(statements []Statement, n int) bool {
	return statements[n].Together > 0 && (n+1 == len(statements) || statements[n+1].Together != statements[n].Together)
}

// Begins reports whether a transaction of an online plan begins with statement n.
func (p Plan) Begins(n int) bool { return begins(p.Statements, n) }

// Ends reports whether a transaction of an online plan ends with statement n.
func (p Plan) Ends(n int) bool { return ends(p.Statements, n) }

func writeStatement(b *strings.Builder, statement Statement) {
	if statement.Comment != "" {
		fmt.Fprintf(b, "-- %s\n", oneLine(statement.Comment))
	}
	for _, hazard := range statement.Hazards {
		fmt.Fprintf(b, "-- %s: %s%s\n", hazard.Code, oneLine(hazard.Message), hazard.size())
	}
	b.WriteString(statement.SQL + ";\n")
}

// size says how large the table is, when that is known.
func (h Hazard) size() string {
	switch {
	case h.Rows > 0 && h.Bytes > 0:
		size := fmt.Sprintf("about %.0f rows, %s", h.Rows, bytes(h.Bytes))
		if h.Seconds >= 1 {
			size += ", roughly " + duration(h.Seconds)
		}
		return " (" + size + ")"
	}
	return ""
}

// duration says how long something takes, no more exactly than it is known.
func duration(seconds float64) string {
	switch {
	case seconds >= 5400:
		return fmt.Sprintf("%.0f h", seconds/3600)
	case seconds >= 90:
		return fmt.Sprintf("%.0f min", seconds/60)
	}
	return fmt.Sprintf("%.0f s", seconds)
}

// Size says how large the hazard's table is and how long it takes; empty when
// that is not known.
func (h Hazard) Size() string { return h.size() }

func bytes(n int64) string {
	switch {
	case n >= 1<<30:
		return fmt.Sprintf("%.1f GB", float64(n)/(1<<30))
	case n >= 1<<20:
		return fmt.Sprintf("%.1f MB", float64(n)/(1<<20))
	}
	return fmt.Sprintf("%d kB", (n+1023)/1024)
}

// oneLine keeps a text within a comment, whatever names are in it.
func oneLine(text string) string {
	return strings.Map(func(r rune) rune {
		if r == '\n' || r == '\r' || r == 0x2028 || r == 0x2029 || r < ' ' {
			return ' '
		}
		return r
	}, text)
}
