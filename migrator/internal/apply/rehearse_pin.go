package apply

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"slices"
	"time"
)

// pin holds a lock that a concurrent statement has to wait for; nil when the
// statement has no table to pin.
func (c *clone) pin(ctx context.Context, goal aim) (*session, error) {
	var table sql.NullString
	query, name := "SELECT to_regclass($1)::text", goal.table
	switch goal.kind {
	case aimMakeIndex, aimDetach, aimRewrite:
	case aimDropIndex:
		query, name = "SELECT (SELECT indrelid::regclass::text FROM pg_index WHERE indexrelid = to_regclass($1))", goal.name
	default:
		return nil, nil
	}
	if err := c.session.conn.QueryRowContext(ctx, query, name).Scan(&table); err != nil || !table.Valid {
		return nil, err
	}
	pin, err := newSession(ctx, c.db, c.session.options)
	if err != nil {
		return nil, err
	}
	if err := pin.exec(ctx, fmt.Sprintf("BEGIN; LOCK TABLE ONLY %s IN ROW EXCLUSIVE MODE", table.String)); err != nil {
		pin.close()
		return nil, nil // not a table; the statement itself will say so
	}
	return pin, nil
}

// pinned runs a statement outside a transaction. The pin is let go when the wait
// for it was seen, however long that takes, so no timeout may end the wait.
func (c *clone) pinned(ctx context.Context, into *Observation, pinned bool) (rows int64, err error) {
	s := c.session
	if into.LockWait, err = s.lockWait(ctx); err != nil {
		return 0, err
	}
	if !pinned {
		return s.count(ctx, into.Step)
	}
	if err := s.exec(ctx, "SET lock_timeout = 0"); err != nil {
		return 0, err
	}
	rows, err = s.count(ctx, into.Step)
	if err != nil && isLost(err) {
		return rows, err
	}
	return rows, errors.Join(err, s.exec(ctx, fmt.Sprintf("SET lock_timeout = %d", into.LockWait.Milliseconds())))
}

// pinnedFor bounds how long a statement is kept waiting to be seen.
const pinnedFor = 3 * time.Second

// observe looks at the locks and phases of the session's statement until it
// has been seen waiting for the pin, and then lets it go on.
func (c *clone) observe(ctx context.Context, into *Observation, pin *session) {
	deadline := time.Now().Add(pinnedFor)
	known := c.seen.only(c.first)
	for ctx.Err() == nil {
		// Who waits is asked first, so that the locks and the phase of the wait are seen before it ends.
		waiting, failed := blockersOf(ctx, c.db, c.session.pid)
		locks, err := locksOf(ctx, c.db, c.session.pid, known)
		if err == nil {
			into.Locks = append(into.Locks, without(locks, into.Locks)...)
			sortLocks(into.Locks)
		}
		if progress := indexPhase(ctx, c.db, c.session.pid); progress != "" && !slices.Contains(into.Phases, progress) {
			into.Phases = append(into.Phases, progress)
		}
		if pin != nil && (failed == nil && waiting != "" && len(into.Locks) > 0 || time.Now().After(deadline)) {
			_ = pin.exec(ctx, "ROLLBACK")
			pin = nil
		}
		_ = sleep(ctx, 3*time.Millisecond)
	}
}

func indexPhase(ctx context.Context, db *sql.DB, pid int) string {
	var phase string
	if err := db.QueryRowContext(ctx, "SELECT phase FROM pg_stat_progress_create_index WHERE pid = $1", pid).Scan(&phase); err != nil {
		return ""
	}
	return phase
}
