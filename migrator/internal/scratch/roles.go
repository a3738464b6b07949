package scratch

import (
	"context"
	"errors"
	"fmt"
	"regexp"

	"github.com/lib/pq"
)

// isInUse says that a role cannot go yet, since another database names it.
func isInUse(err error) bool {
	var e *pq.Error
	return errors.As(err, &e) && e.Code == "2BP01"
}

// leave keeps a stub that another database needs for the end of the run.
func (s *Server) leave(role string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.roles = append(s.roles, role)
}

// dropLeft drops the stubs that were left. One still in use by then serves
// another run; the sweep of a later run takes it away.
func (s *Server) dropLeft(ctx context.Context) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	var errs []error
	for _, role := range s.roles {
		if _, err := s.admin.ExecContext(ctx, "DROP ROLE IF EXISTS "+pq.QuoteIdentifier(role)); !isInUse(err) {
			errs = append(errs, err)
		}
	}
	s.roles = nil
	return errors.Join(errs...)
}

var missingRole = regexp.MustCompile(`^role "(.*)" does not exist$`)

// stubMissingRole makes the role whose lack err is about, and says whether it
// did. A stub cannot log in; on a private server it may do everything, so that
// a file which takes the role on runs on.
func (d *Database) stubMissingRole(ctx context.Context, err error) (bool, error) {
	var e *pq.Error
	if !errors.As(err, &e) || e.Code != "42704" && e.Code != "22023" {
		return false, nil
	}
	match := missingRole.FindStringSubmatch(e.Message)
	if match == nil {
		return false, nil
	}
	admin, role := d.server.admin, pq.QuoteIdentifier(match[1])
	attributes := " NOLOGIN"
	if !d.server.Shared() {
		attributes += " SUPERUSER"
	}
	if _, err := admin.ExecContext(ctx, "CREATE ROLE "+role+attributes); err != nil {
		var e *pq.Error
		if errors.As(err, &e) && e.Code == "42710" { // another run made it meanwhile
			return true, nil
		}
		return false, fmt.Errorf("role %q does not exist, and this connection's role may not make it", match[1])
	}
	d.roles = append(d.roles, match[1])
	d.server.log.Debug().Msgf("made role %s, which the schema names", role)
	if !d.server.Shared() {
		return true, nil
	}
	_, err = admin.ExecContext(ctx, fmt.Sprintf("COMMENT ON ROLE %s IS %s", role, pq.QuoteLiteral(stubNote+d.name)))
	if err != nil {
		return false, fmt.Errorf("mark role %s: %w", role, err)
	}
	// Objects can be handed to the stub by its members only; superusers need it not.
	_, _ = admin.ExecContext(ctx, "GRANT "+role+" TO CURRENT_USER")
	return true, nil
}
