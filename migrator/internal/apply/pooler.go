package apply

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"fmt"

	"github.com/senior-backend/toolkit/shared/fault"
)

// Direct returns a fault.Environment when the connections go through a pooler that
// gives each transaction any server process: there the lock of the database, the
// settings and the repair of what a crash left belong to nobody. A pooler that
// gives each connection a process of its own is as good as none.
//
// Two connections tell: one that is idle lends its process to the other.
// Queries with arguments would fail on their own there, and settings would
// stay behind for others, so this comes before everything else.
func Direct(ctx context.Context, db *sql.DB) error {
	idle, err := db.Conn(ctx)
	if err != nil {
		return fmt.Errorf("connect: %w", err)
	}
	defer idle.Close()
	busy, err := db.Conn(ctx)
	if isCode(err, codeTooMany) { // the role may have one, so it cannot be told
		return nil
	}
	if err != nil {
		return fmt.Errorf("connect: %w", err)
	}
	defer busy.Close()
	for range 3 {
		shared, err := lends(ctx, idle, busy)
		if err != nil {
			return fmt.Errorf("look for a connection pooler: %w", err)
		}
		if shared {
			return &fault.Environment{
				Message: "the connection goes through a pooler in transaction mode: the server process behind it changes, and a session's locks and settings do not last",
				Hint:    "connect to the PostgreSQL server itself, or to a pool in session mode (PgBouncer: pool_mode = session for this database)",
			}
		}
	}
	return nil
}

// lends says whether the idle connection's server process serves the busy one's
// transaction, or is another one meanwhile.
func lends(ctx context.Context, idle, busy *sql.Conn) (shared bool, err error) {
	before, err := processOf(ctx, idle)
	if err != nil {
		return false, err
	}
	if again, err := processOf(ctx, idle); err != nil || again != before { // processes taken in turns
		return true, err
	}
	if _, err := busy.ExecContext(ctx, "BEGIN"); err != nil {
		if errors.Is(err, driver.ErrBadConn) && ctx.Err() == nil { // as in statement mode
			return true, nil
		}
		return false, err
	}
	defer func() {
		_, undone := busy.ExecContext(ctx, "ROLLBACK")
		err = errors.Join(err, undone)
	}()
	lent, err := processOf(ctx, busy)
	if err != nil || lent == before {
		return lent == before, err
	}
	after, err := processOf(ctx, idle)
	return after != before, err
}

func processOf(ctx context.Context, conn *sql.Conn) (pid int, err error) {
	err = conn.QueryRowContext(ctx, "SELECT pg_backend_pid()").Scan(&pid)
	return pid, err
}
