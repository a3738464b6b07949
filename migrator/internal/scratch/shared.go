package scratch

import (
	"context"
	"errors"
	"fmt"
)

// errNoCreate is what a noCreate is, for errors.Is.
var errNoCreate = errors.New("may not create databases")

// noCreate says that a server is there but takes no temporary databases.
type noCreate struct {
	reason string
	major  int
}

func (e *noCreate) Error() string { return e.reason }

func (e *noCreate) Is(target error) bool { return target == errNoCreate }

// openShared connects to somebody's server and sees that databases can be made there.
func openShared(ctx context.Context, url string, o Options) (*Server, error) {
	s, err := newServer(ctx, url, o)
	if err != nil {
		return nil, err
	}
	var (
		role                string
		may, standby, reads bool
	)
	row := s.admin.QueryRowContext(ctx, `SELECT current_user, rolcreatedb OR rolsuper, pg_is_in_recovery(),
		current_setting('default_transaction_read_only')::bool FROM pg_roles WHERE rolname = current_user`)
	if err := row.Scan(&role, &may, &standby, &reads); err != nil {
		return nil, errors.Join(fmt.Errorf("read the rights of the role: %w", err), s.Close())
	}
	refused := ""
	switch {
	case standby:
		refused = "the server is a standby, which takes no temporary databases"
	case reads:
		refused = "the server's sessions are read-only, so it takes no temporary databases"
	case !may:
		refused = fmt.Sprintf("role %q may not create databases", role)
	}
	if refused != "" {
		return nil, errors.Join(&noCreate{reason: refused, major: s.Major()}, s.Close())
	}
	if err := s.sweepShared(ctx); err != nil {
		o.Log.Debug().Err(err).Msg("left-over temporary databases remain")
	}
	return s, nil
}
