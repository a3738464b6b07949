package scratch

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/lib/pq"
)

// lockClass is the first key of the advisory locks that say that a temporary
// database's owner lives; the second is the hash of the database's name.
const lockClass = 0x6d696772

// stubNote begins the comment on a role stub; the database's name follows.
const stubNote = "stub of temporary database "

// sweepPrivate removes what earlier runs left in a private cluster. Its lock is
// ours, so everything in it is left over.
func (s *Server) sweepPrivate(ctx context.Context) error {
	if err := s.dropAll(ctx, "SELECT datname FROM pg_database WHERE datname NOT IN ('postgres', 'template0', 'template1')", "DATABASE", " WITH (FORCE)"); err != nil {
		return fmt.Errorf("remove what an earlier run left: %w", err)
	}
	const roles = "SELECT rolname FROM pg_roles WHERE oid >= 16384"
	if err := s.dropAll(ctx, roles, "ROLE", ""); err != nil {
		return fmt.Errorf("remove what an earlier run left: %w", err)
	}
	return nil
}

// sweepShared removes temporary databases whose owner died, and their role stubs.
func (s *Server) sweepShared(ctx context.Context) error {
	const dead = `SELECT datname FROM pg_database WHERE datname ~ '^` + prefix + `[0-9]+_[0-9]+_[0-9a-f]+$'
		AND NOT EXISTS (SELECT FROM pg_locks WHERE locktype = 'advisory' AND granted
			AND classid::int8 = 1835624306 AND objid::int8 = (hashtext(datname)::int8 & 4294967295))`
	if err := s.dropAll(ctx, dead, "DATABASE", " WITH (FORCE)"); err != nil {
		return err
	}
	const stubs = `SELECT r.rolname FROM pg_roles r JOIN pg_shdescription c ON c.objoid = r.oid AND c.classoid = 'pg_authid'::regclass
		WHERE c.description LIKE '` + stubNote + `%' AND NOT EXISTS (SELECT FROM pg_database WHERE datname = substr(c.description, length('` + stubNote + `') + 1))`
	return s.dropAll(ctx, stubs, "ROLE", "")
}

// dropAll drops the objects whose names the query returns.
func (s *Server) dropAll(ctx context.Context, query, kind, suffix string) error {
	rows, err := s.admin.QueryContext(ctx, query)
	if err != nil {
		return err
	}
	defer rows.Close()
	var names []string
	for rows.Next() {
		var name string
		if err := rows.Scan(&name); err != nil {
			return err
		}
		names = append(names, name)
	}
	if err := rows.Err(); err != nil {
		return err
	}
	var errs []error
	for _, name := range names {
		s.log.Debug().Msgf("dropping left-over %s %s", strings.ToLower(kind), name)
		_, err := s.admin.ExecContext(ctx, "DROP "+kind+" IF EXISTS "+pq.QuoteIdentifier(name)+suffix)
		errs = append(errs, err)
	}
	return errors.Join(errs...)
}
