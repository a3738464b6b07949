package scratch

import (
	"database/sql/driver"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/lib/pq"

	"github.com/senior-backend/toolkit/migrator/internal/script"
	"github.com/senior-backend/toolkit/shared/fault"
)

// errRestart asks for the load to begin anew.
var errRestart = errors.New("begin anew")

// errBadConn has database/sql throw a connection away.
var errBadConn = driver.ErrBadConn

// allowed says whether to run a statement. What makes or enters another
// database is passed over, as the temporary one takes its place; what changes
// the whole server is refused where the server is somebody's.
func (l *loader) allowed(p script.Piece) (bool, error) {
	var words []string
	for _, word := range p.Head() {
		words = append(words, strings.ToUpper(word))
	}
	if len(words) < 2 {
		return true, nil
	}
	verb, object := words[0], words[1]
	changes := verb == "CREATE" || verb == "ALTER" || verb == "DROP"
	switch {
	case changes && object == "DATABASE":
		l.database.server.log.Debug().Msgf("%s:%d: passed over: %s DATABASE", l.path, p.Line, verb)
		return false, nil
	case changes && slices.Contains([]string{"ROLE", "USER", "GROUP", "TABLESPACE", "SYSTEM", "SUBSCRIPTION"}, object) &&
		!(object == "USER" && len(words) > 2 && words[2] == "MAPPING"):
		if !l.database.server.Shared() {
			return true, nil
		}
		return false, &fault.Input{
			Path: l.path, Line: p.Line, Column: p.Column,
			Message: fmt.Sprintf("%s %s reaches beyond the temporary database, into a server that is in use", verb, object),
			Hint:    "take it out of the schema file, or load the file into a private PostgreSQL: leave --connection and --scratch out",
		}
	}
	return true, nil
}

// meta passes over psql's commands that mean nothing for a schema and refuses the others.
func (l *loader) meta(p script.Piece) error {
	// pg_dump and pg_dumpall write the first four; the others only talk.
	harmless := []string{`\restrict`, `\unrestrict`, `\connect`, `\c`, `\echo`, `\qecho`, `\warn`, `\encoding`, `\timing`, `\pset`, `\x`}
	name := p.MetaName()
	settles := name == `\set` && strings.HasPrefix(p.MetaArguments(), "ON_ERROR")
	if !settles && !slices.Contains(harmless, name) {
		return &fault.Input{
			Path: l.path, Line: p.Line, Column: p.Column,
			Message: fmt.Sprintf("psql's %s is not understood here", name),
			Hint:    "write the SQL out: psql's commands are not PostgreSQL's",
		}
	}
	return nil
}

// advice says what to do about errors that schema files commonly meet.
func advice(e *pq.Error, s *Server) string {
	switch {
	case e.Code == "0A000" && strings.Contains(e.Message, "extension"), e.Code == "58P01" && strings.Contains(e.Message, "extension"):
		if s.Shared() {
			return "install the extension's package on the server, or name a server that has it with --scratch URL"
		}
		return fmt.Sprintf("the private PostgreSQL %d has not that extension: install its package on this machine, or name a server that has it with --scratch URL", s.Major())
	case e.Code == "42704" && strings.Contains(e.Message, "role"):
		return "the role of the connection may not make the missing one: create it, or load into a private PostgreSQL"
	}
	return ""
}
