package apply

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"fmt"
	"time"

	"github.com/lib/pq"

	"github.com/senior-backend/toolkit/shared/fault"
)

// querier is what records are read through: a session or the pool.
type querier interface {
	QueryContext(ctx context.Context, query string, args ...any) (*sql.Rows, error)
	QueryRowContext(ctx context.Context, query string, args ...any) *sql.Row
}

// session is the one connection that changes the database.
type session struct {
	conn     *sql.Conn
	db       *sql.DB // for looking at the session from outside
	pid      int
	options  Options
	blockers string // who was in the way of the last statement; empty for nobody
	notices  []Notice
	endless  bool          // the statement that runs has no lock timeout
	limit    time.Duration // the lock timeout that the session has, or the script has set; 0 for none
	since    time.Time     // when the transaction began whose statements run; zero outside of one
}

// runKey is the key of the advisory lock of a database that is being migrated:
// the bytes "migrator".
const runKey = int64(0x6d69677261746f72)

func newSession(ctx context.Context, db *sql.DB, o Options) (*session, error) {
	conn, err := db.Conn(ctx)
	if err != nil {
		return nil, fmt.Errorf("connect: %w", err)
	}
	s := &session{conn: conn, db: db, options: o}
	err = conn.Raw(func(raw any) error {
		c, isConn := raw.(driver.Conn)
		if !isConn {
			return errors.New("not a connection")
		}
		pq.SetNoticeHandler(c, func(notice *pq.Error) {
			o.Log.Debug().Msgf("server: %s: %s", notice.Severity, notice.Message)
			if code := string(notice.Code); code == codeTooLong || isThere(code) {
				s.notices = append(s.notices, Notice{Code: code, Message: notice.Message})
			}
		})
		return nil
	})
	if err == nil {
		err = conn.QueryRowContext(ctx, "SELECT pg_backend_pid()").Scan(&s.pid)
	}
	if err == nil {
		err = s.reset(ctx)
	}
	if err != nil {
		s.close()
		return nil, fmt.Errorf("prepare the session: %w", err)
	}
	return s, nil
}

// takeNotices returns the remarks of the server and forgets them.
func (s *session) takeNotices() []Notice {
	taken := s.notices
	s.notices = nil
	return taken
}

// reset gives the session its settings, whatever ran in it before. It does what
// DISCARD ALL does, but keeps the advisory lock.
func (s *session) reset(ctx context.Context) error {
	_, err := s.conn.ExecContext(ctx, fmt.Sprintf(`SET SESSION AUTHORIZATION DEFAULT; RESET ALL; CLOSE ALL; UNLISTEN *;
DEALLOCATE ALL; DISCARD PLANS; DISCARD TEMP; DISCARD SEQUENCES;
SET lock_timeout = %d; SET statement_timeout = 0; SET idle_in_transaction_session_timeout = 0;
SET client_min_messages = notice; SET default_transaction_read_only = off`, patienceOf(s.options.LockTimeout).Milliseconds()))
	s.limit = s.options.LockTimeout
	if err == nil {
		// In a deadlock the one whose timeout ends first gives way: that shall be
		// this session, which tries again. Only a superuser may say so.
		_, err = s.conn.ExecContext(ctx, "SELECT set_config('deadlock_timeout', '20', false) FROM pg_roles WHERE rolname = current_user AND rolsuper")
	}
	if err != nil {
		return fmt.Errorf("reset the session: %w", err)
	}
	return nil
}

// close ends the connection for good: nobody else shall get its settings.
func (s *session) close() {
	_ = s.conn.Raw(func(any) error { return driver.ErrBadConn })
	_ = s.conn.Close()
}

// lock takes the database's advisory lock, or waits for the run that has it.
func (s *session) lock(ctx context.Context) error {
	deadline := time.Now().Add(s.options.RunWait)
	told := false
	for pause := 50 * time.Millisecond; ; pause = min(2*pause, time.Second) {
		var got bool
		if err := s.conn.QueryRowContext(ctx, "SELECT pg_try_advisory_lock($1)", runKey).Scan(&got); err != nil {
			return fmt.Errorf("lock the database for this run: %w", err)
		}
		if got {
			return nil
		}
		holder := s.holder(ctx)
		if time.Now().After(deadline) {
			return &fault.Environment{Message: "another run is migrating this database: " + holder, Hint: "run again when it has ended, or wait longer with --wait"}
		}
		if !told {
			s.options.Log.Info().Msgf("waiting for another run to end: %s", holder)
			if s.options.Observe != nil {
				s.options.Observe(Event{Kind: EventWaiting})
			}
			told = true
		}
		if err := sleep(ctx, pause); err != nil {
			return err
		}
	}
}

// holds says whether the lock is still the session's: a script may have let it go.
func (s *session) holds(ctx context.Context) (bool, error) {
	var holds bool
	err := s.conn.QueryRowContext(ctx, `SELECT EXISTS (SELECT FROM pg_locks WHERE locktype = 'advisory' AND pid = pg_backend_pid() AND granted
	AND classid = ($1::bigint >> 32)::oid AND objid = ($1::bigint & 4294967295)::oid AND objsubid = 1)`, runKey).Scan(&holds)
	return holds, err
}

func (s *session) holder(ctx context.Context) string {
	var pid int
	var user, application, since string
	err := s.conn.QueryRowContext(ctx, `SELECT l.pid, coalesce(a.usename, '?'), coalesce(nullif(a.application_name, ''), 'no name'),
	coalesce(to_char(a.backend_start, 'YYYY-MM-DD HH24:MI:SS TZ'), 'an unknown time')
FROM pg_locks l LEFT JOIN pg_stat_activity a USING (pid)
WHERE l.locktype = 'advisory' AND l.granted AND l.classid = ($1::bigint >> 32)::oid AND l.objid = ($1::bigint & 4294967295)::oid AND l.objsubid = 1
	AND l.database = (SELECT oid FROM pg_database WHERE datname = current_database())`, runKey).Scan(&pid, &user, &application, &since)
	if err != nil {
		return "it has just ended"
	}
	return fmt.Sprintf("server process %d of role %s (%s), connected since %s", pid, user, application, since)
}

func sleep(ctx context.Context, d time.Duration) error {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-ctx.Done():
		return context.Cause(ctx)
	case <-timer.C:
		return nil
	}
}
