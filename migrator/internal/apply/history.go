package apply

import (
	"cmp"
	"context"
	"database/sql"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/lib/pq"

	"github.com/senior-backend/toolkit/migrator/internal/migration"
	"github.com/senior-backend/toolkit/shared/fault"
)

// Record is one row of the history: what became of one migration.
type Record struct {
	Name         string
	Path         string // absolute, of the up file when it last ran
	Format       migration.Format
	Checksum     string
	Direction    string // "up" or "down"
	State        string // "running", "failed", "applied" or "rolled back"
	Position     int64  // order of being applied; 0 when not
	Statements   int    // of the script that ran last
	Done         int    // of them that are there for good
	DoneChecksum string // of those
	Started      int    // the statement outside a transaction that was begun last
	Marker       string // what was there before it; see marker
	By           string
	Tool         string
	StartedAt    time.Time
	FinishedAt   sql.NullTime
	Duration     time.Duration
	Error        string // of the last failure; empty after a success
}

const (
	directionUp   = "up"
	directionDown = "down"

	stateRunning    = "running"
	stateFailed     = "failed"
	stateApplied    = "applied"
	stateRolledBack = "rolled back"
)

// history is the table of records.
type history struct {
	schema string
}

func (h *history) table() string { return pq.QuoteIdentifier(h.schema) + ".history" }

// create makes the table unless it is there. It runs under the database's lock.
func (h *history) create(ctx context.Context, s *session) error {
	exists, err := h.exists(ctx, s.conn)
	if err != nil || exists {
		return err
	}
	_, err = s.conn.ExecContext(ctx, fmt.Sprintf(`BEGIN;
CREATE SCHEMA IF NOT EXISTS %[1]s;
CREATE TABLE %[2]s (
	name          text PRIMARY KEY,
	path          text NOT NULL,
	format        text NOT NULL,
	checksum      text NOT NULL,
	direction     text NOT NULL CHECK (direction IN ('up', 'down')),
	state         text NOT NULL CHECK (state IN ('running', 'failed', 'applied', 'rolled back')),
	position      bigint NOT NULL DEFAULT 0,
	statements    integer NOT NULL,
	done          integer NOT NULL DEFAULT 0,
	done_checksum text NOT NULL DEFAULT '',
	started       integer NOT NULL DEFAULT 0,
	marker        text NOT NULL DEFAULT '',
	applied_by    text NOT NULL DEFAULT session_user,
	tool          text NOT NULL,
	started_at    timestamptz NOT NULL DEFAULT now(),
	finished_at   timestamptz,
	duration_ms   bigint NOT NULL DEFAULT 0,
	error         text NOT NULL DEFAULT ''
);
COMMENT ON TABLE %[2]s IS 'Migrations that migrator applied to this database, one row for each file.';
COMMIT`, pq.QuoteIdentifier(h.schema), h.table()))
	if err != nil {
		_, _ = s.conn.ExecContext(ctx, "ROLLBACK")
		return h.refused("make the history", err)
	}
	return nil
}

func (h *history) exists(ctx context.Context, q querier) (bool, error) {
	var exists bool
	err := q.QueryRowContext(ctx, "SELECT to_regclass($1) IS NOT NULL", h.table()).Scan(&exists)
	if err != nil {
		return false, h.refused("look for the history", err)
	}
	return exists, nil
}

const columns = `name, path, format, checksum, direction, state, position, statements, done, done_checksum,
	started, marker, applied_by, tool, started_at, finished_at, duration_ms, error`

// find returns the record of a migration, or nil.
func (h *history) find(ctx context.Context, s *session, name string) (*Record, error) {
	record, err := scanRecord(s.conn.QueryRowContext(ctx, "SELECT "+columns+" FROM "+h.table()+" WHERE name = $1", name))
	if errors.Is(err, sql.ErrNoRows) {
		return nil, nil
	}
	if err != nil {
		return nil, h.refused("read the history", err)
	}
	return &record, nil
}

// all returns all records; none when there is no history yet.
func (h *history) all(ctx context.Context, q querier) ([]Record, error) {
	exists, err := h.exists(ctx, q)
	if err != nil || !exists {
		return nil, err
	}
	rows, err := q.QueryContext(ctx, "SELECT "+columns+" FROM "+h.table()+" ORDER BY started_at, name")
	if err != nil {
		return nil, h.refused("read the history", err)
	}
	defer rows.Close()
	var records []Record
	for rows.Next() {
		record, err := scanRecord(rows)
		if err != nil {
			return nil, fmt.Errorf("read the history: %w", err)
		}
		records = append(records, record)
	}
	return records, rows.Err()
}

// isHalf says that a migration stopped on its way up and left something behind.
func (r Record) isHalf() bool {
	return r.Direction == directionUp && (r.State == stateFailed || r.State == stateRunning) && (r.Done > 0 || r.Started > 0)
}

// inForce are the migrations that a rollback can take back, newest first. Those
// that run again whenever they change, and have no way back, are left out.
func inForce(records []Record) []Record {
	var found []Record
	for _, record := range records {
		if (record.Position > 0 || record.isHalf()) && !migration.IsRepeatable(record.Name) {
			found = append(found, record)
		}
	}
	slices.SortFunc(found, func(a, b Record) int {
		if a.isHalf() || b.isHalf() {
			return cmp.Or(cmp.Compare(truth(b.isHalf()), truth(a.isHalf())), b.StartedAt.Compare(a.StartedAt))
		}
		return cmp.Compare(b.Position, a.Position)
	})
	return found
}

func truth(is bool) int {
	if is {
		return 1
	}
	return 0
}

type scanner interface{ Scan(into ...any) error }

func scanRecord(row scanner) (Record, error) {
	var r Record
	var milliseconds int64
	err := row.Scan(&r.Name, &r.Path, &r.Format, &r.Checksum, &r.Direction, &r.State, &r.Position, &r.Statements, &r.Done, &r.DoneChecksum,
		&r.Started, &r.Marker, &r.By, &r.Tool, &r.StartedAt, &r.FinishedAt, &milliseconds, &r.Error)
	r.Duration = time.Duration(milliseconds) * time.Millisecond
	return r, err
}

// write makes the record as given. Position is set by the first write in state
// applied, and taken away by the one in state rolled back.
func (h *history) write(ctx context.Context, s *session, r Record) error {
	_, err := s.conn.ExecContext(ctx, fmt.Sprintf(`
INSERT INTO %[1]s AS h (name, path, format, checksum, direction, state, position, statements, done, done_checksum,
	started, marker, tool, finished_at, duration_ms, error)
SELECT $1, $2, $3, $4, $5, $6, CASE WHEN $6 = 'applied' THEN (SELECT coalesce(max(position), 0) + 1 FROM %[1]s) ELSE 0 END,
	$7, $8, $9, $10, $11, $12, CASE WHEN $6 <> 'running' THEN clock_timestamp() END, $13, $14
ON CONFLICT (name) DO UPDATE SET path = $2, format = $3, checksum = $4, direction = $5, state = $6,
	position = CASE WHEN $6 = 'rolled back' THEN 0 WHEN $6 = 'applied' AND h.position = 0 THEN excluded.position ELSE h.position END,
	statements = $7, done = $8, done_checksum = $9, started = $10, marker = $11, tool = $12,
	applied_by = session_user, started_at = CASE WHEN h.direction <> $5 OR h.state IN ('applied', 'rolled back') THEN now() ELSE h.started_at END,
	finished_at = excluded.finished_at, duration_ms = $13, error = $14`, h.table()),
		r.Name, r.Path, string(r.Format), r.Checksum, r.Direction, r.State,
		r.Statements, r.Done, r.DoneChecksum, r.Started, r.Marker, r.Tool, r.Duration.Milliseconds(), r.Error)
	if err != nil {
		return h.refused("write the history", err)
	}
	return nil
}

// refused is an error of the history's table. What the role may not do is said
// in a way that somebody can help.
func (h *history) refused(what string, err error) error {
	if !isCode(err, "42501") {
		return fmt.Errorf("%s: %w", what, err)
	}
	return &fault.Environment{
		Message: fmt.Sprintf("this role may not %s, %s: %s", what, h.table(), serverMessage(err)),
		Hint:    "name a schema that is its own with --history-schema, or grant it that one",
		Err:     err,
	}
}
