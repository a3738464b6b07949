package advise

import (
	"context"
	"database/sql"
	"fmt"
	"time"

	"github.com/lib/pq"

	"github.com/senior-backend/toolkit/migrator/internal/schema"
)

// Statistics is what a live server tells about its data and its work.
type Statistics struct {
	Since   time.Time // when the counters were last reset; zero when unknown
	Primary bool      // not a standby
	Tables  map[schema.ID]TableStatistics
	Columns map[schema.ID]ColumnStatistics
	Missing []string // what could not be read, and what to do about it
}

// TableStatistics are a table's counters since Statistics.Since.
type TableStatistics struct {
	Inserted, Updated, Deleted int64
	Live, Dead                 int64 // rows, as the server estimates them
	SeqScans, SeqRows          int64
	IndexScans                 int64
	Analyzed                   time.Time // zero for never
	Vacuumed                   time.Time // zero for never
}

// ColumnStatistics are what ANALYZE found in a column.
type ColumnStatistics struct {
	Nulls    float64  // share of the rows, 0 to 1
	Distinct float64  // number of values; -1 when it grows with the table
	Common   []string // the most common values
}

// ReadStatistics reads the server's statistics in one read-only transaction.
func ReadStatistics(ctx context.Context, db *sql.DB) (*Statistics, error) {
	tx, err := db.BeginTx(ctx, &sql.TxOptions{ReadOnly: true})
	if err != nil {
		return nil, fmt.Errorf("read statistics: %w", err)
	}
	defer tx.Rollback() //nolint:errcheck // nothing was written
	s := &Statistics{Tables: map[schema.ID]TableStatistics{}, Columns: map[schema.ID]ColumnStatistics{}}
	for _, read := range []func(context.Context, *sql.Tx) error{s.readServer, s.readTables, s.readColumns} {
		if err := read(ctx, tx); err != nil {
			return nil, fmt.Errorf("read statistics: %w", err)
		}
	}
	return s, nil
}

func (s *Statistics) readServer(ctx context.Context, tx *sql.Tx) error {
	var since sql.NullTime
	var all bool
	err := tx.QueryRowContext(ctx, `SELECT stats_reset, NOT pg_is_in_recovery(), pg_has_role(current_user, 'pg_read_all_stats', 'USAGE')
		FROM pg_stat_database WHERE datname = current_database()`).Scan(&since, &s.Primary, &all)
	s.Since = since.Time
	if !all {
		s.Missing = append(s.Missing, "other roles' activity: GRANT pg_monitor TO CURRENT_USER")
	}
	return err
}

func (s *Statistics) readTables(ctx context.Context, tx *sql.Tx) error {
	rows, err := tx.QueryContext(ctx, `SELECT schemaname, relname, n_tup_ins, n_tup_upd, n_tup_del, n_live_tup, n_dead_tup, seq_scan, seq_tup_read,
		coalesce(idx_scan, 0), greatest(last_analyze, last_autoanalyze), greatest(last_vacuum, last_autovacuum) FROM pg_stat_user_tables`)
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		id := schema.ID{Kind: schema.KindTable}
		var t TableStatistics
		var analyzed, vacuumed sql.NullTime
		if err := rows.Scan(&id.Schema, &id.Name, &t.Inserted, &t.Updated, &t.Deleted, &t.Live, &t.Dead, &t.SeqScans, &t.SeqRows,
			&t.IndexScans, &analyzed, &vacuumed); err != nil {
			return err
		}
		t.Analyzed, t.Vacuumed = analyzed.Time, vacuumed.Time
		s.Tables[id] = t
	}
	return rows.Err()
}

func (s *Statistics) readColumns(ctx context.Context, tx *sql.Tx) error {
	rows, err := tx.QueryContext(ctx, `SELECT schemaname, tablename, attname, null_frac, n_distinct,
		CASE WHEN n_distinct BETWEEN 1 AND 20 THEN most_common_vals::text::text[] END
		FROM pg_stats WHERE NOT inherited AND schemaname NOT IN ('pg_catalog', 'information_schema')`)
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		id := schema.ID{Kind: schema.KindColumn}
		var c ColumnStatistics
		if err := rows.Scan(&id.Schema, &id.Parent, &id.Name, &c.Nulls, &c.Distinct, pq.Array(&c.Common)); err != nil {
			return err
		}
		if c.Distinct < 0 {
			c.Distinct = -1
		}
		s.Columns[id] = c
	}
	return rows.Err()
}
