// Package migration is the model of migrations as files: which files of a
// directory are one migration, what format they are written in, and in which
// transactions their statements run.
//
// A path goes in; migrations with their statements and places come out. Read
// are plain SQL files with a NAME_rollback.sql beside them, and files made for
// goose, dbmate, golang-migrate and Flyway, recognised by their markers and
// names. Nothing is run, and no database is asked.
//
// Refused, with file and line: text that package script refuses, psql
// meta-commands, transactions that a file begins and does not commit, and what
// another tool would have substituted in the text.
package migration

import (
	"crypto/sha256"
	"encoding/hex"
	"slices"
	"strings"

	"github.com/senior-backend/toolkit/migrator/internal/script"
)

// Format is the tool that a migration was written for.
type Format string

// The formats.
const (
	Plain         Format = "plain"
	Goose         Format = "goose"
	Dbmate        Format = "dbmate"
	GolangMigrate Format = "golang-migrate"
	Flyway        Format = "flyway"
)

// Migration is one change of a database and, when there is one, its reverse.
type Migration struct {
	Name       string // the up file's name without its directory; unique in a directory
	Path       string // the up file, as found
	Version    string // the digits that its name begins with; may be empty
	Format     Format
	Repeatable bool    // runs again whenever it changes, after all others
	Checksum   string  // of the statements that go up; line ends do not count
	Up         *Script // never nil
	Down       *Script // nil when there is no way back
}

// Script is what runs in one direction.
type Script struct {
	Path  string
	Units []Unit
	Count int // of statements
}

// Unit is a run of statements that succeed or fail together.
type Unit struct {
	Transaction bool   // run between Begin and COMMIT; else it is one statement alone
	Begin       string // how its transaction begins, such as "BEGIN"
	Steps       []Step
}

// Step is one statement.
type Step struct {
	Number int // from 1, within the script
	script.Piece
	Data *script.Piece // what a COPY ... FROM stdin reads; else nil
}

// After is the unit without its statements up to number.
func (u Unit) After(number int) Unit {
	u.Steps = slices.DeleteFunc(slices.Clone(u.Steps), func(step Step) bool { return step.Number <= number })
	return u
}

// Reaches says whether a statement of either direction reaches exactly that far.
func (m *Migration) Reaches(far script.Reach) bool {
	for _, s := range []*Script{m.Up, m.Down} {
		if s != nil && slices.ContainsFunc(s.Steps(), func(step Step) bool { return step.Reach() == far }) {
			return true
		}
	}
	return false
}

// Steps returns the statements of all units in order.
func (s *Script) Steps() []Step {
	steps := make([]Step, 0, s.Count)
	for _, unit := range s.Units {
		steps = append(steps, unit.Steps...)
	}
	return steps
}

// Whole says that the script is one transaction.
func (s *Script) Whole() bool {
	return len(s.Units) == 0 || len(s.Units) == 1 && s.Units[0].Transaction
}

// PrefixChecksum identifies the first n statements, so that a script that
// stopped there can go on although what follows was edited.
func (s *Script) PrefixChecksum(n int) string {
	var prefix Prefix
	for _, step := range s.Steps() {
		if step.Number <= n {
			prefix = prefix.With(step)
		}
	}
	return prefix.String()
}

// Prefix is the checksum of a run of statements; the zero value is that of none.
type Prefix struct{ sum [sha256.Size]byte }

// With returns the checksum of the run and one more statement.
func (p Prefix) With(step Step) Prefix {
	sum := sha256.New()
	sum.Write(p.sum[:])
	sum.Write([]byte(normal(step.Text) + "\x00"))
	if step.Data != nil {
		sum.Write([]byte(normal(step.Data.Text)))
	}
	return Prefix{sum: [sha256.Size]byte(sum.Sum(nil))}
}

func (p Prefix) String() string { return hex.EncodeToString(p.sum[:]) }

// checksum identifies a text, whatever its line ends.
func checksum(text string) string {
	sum := sha256.Sum256([]byte(normal(text)))
	return hex.EncodeToString(sum[:])
}

func normal(text string) string {
	return strings.ReplaceAll(strings.TrimPrefix(text, "\ufeff"), "\r\n", "\n")
}
