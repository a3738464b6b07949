package apply

import (
	"context"
	"database/sql"
	"fmt"
	"strings"
	"time"

	"github.com/senior-backend/toolkit/migrator/internal/migration"
)

// How often a long statement is looked at, and how often a person is told.
const (
	watchAfter = 400 * time.Millisecond
	watchEvery = 500 * time.Millisecond
	tellEvery  = 10 * time.Second
)

// watch looks at a statement from another connection while it runs: who is in
// its way, and how far an index has come.
type watch struct {
	cancel   context.CancelFunc
	ended    chan struct{}
	gaveWay  bool // the statement was ended, since others would wait behind it
	blocking time.Time
}

// watch begins to look. What is in the way is in s.blockers once stop returned.
func (s *session) watch(ctx context.Context, step migration.Step) *watch {
	ctx, cancel := context.WithCancel(ctx)
	w := &watch{cancel: cancel, ended: make(chan struct{})}
	s.blockers = ""
	go w.look(ctx, s, step)
	return w
}

func (w *watch) look(ctx context.Context, s *session, step migration.Step) {
	defer close(w.ended)
	told := time.Now()
	since := s.since
	if since.IsZero() {
		since = told
	}
	first, every := min(watchAfter, max(s.options.LockTimeout/2, time.Millisecond)), watchEvery
	switch {
	case s.endless: // it may queue long after it began
		every = min(every, max(s.options.LockTimeout/8, 5*time.Millisecond))
		first = every
	case s.limit > 0:
		every = min(every, max(s.limit/25, 5*time.Millisecond))
	}
	if sleep(ctx, first) != nil {
		return
	}
	for {
		if blockers, err := blockersOf(ctx, s.db, s.pid); err == nil && blockers != "" {
			s.blockers = blockers
			if s.endless {
				w.giveWay(ctx, s)
			} else {
				w.stepBack(ctx, s, s.limit > 0 && time.Since(since) > s.limit*95/100)
			}
		}
		if time.Since(told) > tellEvery {
			told = time.Now()
			s.tell(ctx, step)
		}
		if w.gaveWay || sleep(ctx, every) != nil {
			return
		}
	}
}

func (w *watch) stop() {
	w.cancel()
	<-w.ended
}

// stepBack ends a statement that waits for a lock. The server's lock_timeout
// counts for each lock anew, but who needs one that the transaction has already
// waits through them all: so when that has lasted long enough and there is
// somebody, it ends. It ends at once when each waits for the other: after its own
// deadlock_timeout, the server would end either.
func (w *watch) stepBack(ctx context.Context, s *session, late bool) {
	var crossed, waiting bool
	err := s.db.QueryRowContext(ctx, `SELECT EXISTS (SELECT FROM unnest(pg_blocking_pids($1)) AS b (pid) WHERE $1 = ANY (pg_blocking_pids(b.pid))),
	EXISTS (SELECT FROM pg_locks AS l WHERE NOT l.granted AND l.pid <> $1 AND $1 = ANY (pg_blocking_pids(l.pid)))`, s.pid).Scan(&crossed, &waiting)
	if err == nil && (crossed || late && waiting) {
		_, err = s.db.ExecContext(ctx, "SELECT pg_cancel_backend($1)", s.pid)
		w.gaveWay = err == nil
	}
}

// giveWay ends a statement that has no lock timeout once it stands in a queue
// for a lock that others would wait behind for longer than the lock timeout. Most
// concurrent statements wait for transactions to end, which keeps nobody; but the
// last step of DETACH PARTITION CONCURRENTLY queues for ACCESS EXCLUSIVE.
func (w *watch) giveWay(ctx context.Context, s *session) {
	var queued bool
	err := s.db.QueryRowContext(ctx, `SELECT EXISTS (SELECT FROM pg_locks WHERE pid = $1 AND NOT granted AND locktype = 'relation'
	AND mode IN ('AccessExclusiveLock', 'ExclusiveLock', 'ShareRowExclusiveLock', 'ShareLock'))`, s.pid).Scan(&queued)
	switch {
	case err != nil:
	case !queued:
		w.blocking = time.Time{}
	case w.blocking.IsZero():
		w.blocking = time.Now()
	case time.Since(w.blocking) > s.options.LockTimeout/2: // it stood there before it was seen
		_, err := s.db.ExecContext(ctx, "SELECT pg_cancel_backend($1)", s.pid)
		w.gaveWay = err == nil
		w.blocking = time.Time{}
	}
}

// tell logs how far a long statement has come.
func (s *session) tell(ctx context.Context, step migration.Step) {
	progress := indexProgress(ctx, s.db, s.pid)
	if progress == "" {
		progress = "running"
	}
	s.options.Log.Info().Msgf("statement %d (line %d): %s%s", step.Number, step.Line, progress, inTheWay(s.blockers))
}

func blockersOf(ctx context.Context, db *sql.DB, pid int) (string, error) {
	rows, err := db.QueryContext(ctx, `SELECT format('server process %s of role %s (%s), %s for %s', a.pid, coalesce(a.usename, '?'),
	coalesce(nullif(a.application_name, ''), 'no name'), coalesce(a.state, a.backend_type, 'unknown'),
	coalesce(to_char(clock_timestamp() - coalesce(a.xact_start, a.state_change), 'HH24:MI:SS'), 'an unknown time'))
FROM unnest(pg_blocking_pids($1)) AS b (pid) JOIN pg_stat_activity a USING (pid) LIMIT 3`, pid)
	if err != nil {
		return "", err
	}
	defer rows.Close()
	var found []string
	for rows.Next() {
		var one string
		if err := rows.Scan(&one); err != nil {
			return "", err
		}
		found = append(found, one)
	}
	return strings.Join(found, ", "), rows.Err()
}

// indexProgress says how far the index build of a server process has come, or nothing.
func indexProgress(ctx context.Context, db *sql.DB, pid int) string {
	var phase string
	var blocks, blocksTotal, tuples, tuplesTotal, lockers, lockersTotal int64
	err := db.QueryRowContext(ctx, `SELECT phase, blocks_done, blocks_total, tuples_done, tuples_total, lockers_done, lockers_total
FROM pg_stat_progress_create_index WHERE pid = $1`, pid).Scan(&phase, &blocks, &blocksTotal, &tuples, &tuplesTotal, &lockers, &lockersTotal)
	switch {
	case err != nil:
		return ""
	case blocksTotal > 0:
		return fmt.Sprintf("%s, %d%% of %d blocks", phase, 100*blocks/blocksTotal, blocksTotal)
	case tuplesTotal > 0:
		return fmt.Sprintf("%s, %d%% of %d rows", phase, 100*tuples/tuplesTotal, tuplesTotal)
	case lockersTotal > 0:
		return fmt.Sprintf("%s, %d of %d transactions ended", phase, lockers, lockersTotal)
	}
	return phase
}
