package advise

import (
	"context"
	"database/sql"
	"fmt"

	"github.com/lib/pq"

	"github.com/senior-backend/toolkit/migrator/internal/schema"
)

func (s *Statistics) readServer(ctx context.Context, tx *sql.Tx) error {
	var since sql.NullTime
	var all bool
	var hidden int64
	err := tx.QueryRowContext(ctx, `SELECT d.stats_reset, NOT pg_is_in_recovery(), pg_has_role(current_user, 'pg_read_all_stats', 'USAGE'),
		d.blks_hit, d.blks_read, d.temp_files, d.temp_bytes, (SELECT sum(numbackends) FROM pg_stat_database)::int8,
		current_setting('max_connections')::int8, (SELECT age(datfrozenxid) FROM pg_database WHERE datname = d.datname)::int8,
		EXISTS (SELECT FROM pg_available_extensions WHERE name = 'pg_trgm'),
		pg_size_bytes(current_setting('work_mem')), pg_size_bytes(current_setting('max_wal_size')),
		(SELECT datcollate FROM pg_database WHERE datname = d.datname), current_setting('default_text_search_config'),
		(SELECT count(*) FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace WHERE c.relkind IN ('r', 'p', 'm')
			AND n.nspname NOT IN ('pg_catalog', 'information_schema') AND n.nspname !~ '^pg_(toast|temp)' AND NOT has_any_column_privilege(c.oid, 'SELECT')),
		d.datname, pg_size_bytes(current_setting('shared_buffers')),
		pg_database_size(d.datname), (pg_size_bytes(current_setting('work_mem')) * current_setting('hash_mem_multiplier')::float8)::int8
		FROM pg_stat_database d WHERE d.datname = current_database()`).Scan(&since, &s.Primary, &all,
		&s.Server.BlocksHit, &s.Server.BlocksRead, &s.Server.TempFiles, &s.Server.TempBytes, &s.Server.Connections,
		&s.Server.MaxConnections, &s.Server.Age, &s.Trigrams, &s.Server.WorkMem, &s.Server.MaxWAL,
		&s.Server.Collate, &s.Server.TextSearch, &hidden,
		&s.Server.Database, &s.Server.Buffers, &s.Server.Bytes, &s.Server.HashMem)
	s.Since = since.Time
	if !all {
		s.Missing = append(s.Missing, "The sessions and statements of other roles, which this role may not see: GRANT pg_monitor to it.")
	}
	if hidden > 0 {
		s.Missing = append(s.Missing, fmt.Sprintf("What the data is like in %d %s that this role may not read (columns without NULL, few values, bloat; no index can be tried there): GRANT SELECT.", hidden, verb(int(hidden), "table", "tables")))
	}
	return err
}

func (s *Statistics) readTables(ctx context.Context, tx *sql.Tx) error {
	rows, err := tx.QueryContext(ctx, `SELECT t.schemaname, t.relname, t.n_tup_ins, t.n_tup_upd, t.n_tup_del, t.n_tup_hot_upd, t.n_live_tup, t.n_dead_tup,
		t.seq_scan, t.seq_tup_read, coalesce(t.idx_scan, 0), greatest(t.last_analyze, t.last_autoanalyze), greatest(t.last_vacuum, t.last_autovacuum),
		c.relpages FROM pg_stat_user_tables t JOIN pg_class c ON c.oid = t.relid`)
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		id := schema.ID{Kind: schema.KindTable}
		var t TableStatistics
		var analyzed, vacuumed sql.NullTime
		if err := rows.Scan(&id.Schema, &id.Name, &t.Inserted, &t.Updated, &t.Deleted, &t.UpdatedHot, &t.Live, &t.Dead, &t.SeqScans, &t.SeqRows,
			&t.IndexScans, &analyzed, &vacuumed, &t.Pages); err != nil {
			return err
		}
		t.Analyzed, t.Vacuumed = analyzed.Time, vacuumed.Time
		s.Tables[id] = t
	}
	return rows.Err()
}

func (s *Statistics) readColumns(ctx context.Context, tx *sql.Tx) error {
	rows, err := tx.QueryContext(ctx, `SELECT schemaname, tablename, attname, null_frac, n_distinct, avg_width, coalesce(correlation, 0),
		CASE WHEN n_distinct BETWEEN 1 AND 20 THEN most_common_vals::text::text[] END,
		CASE WHEN n_distinct BETWEEN 1 AND 20 THEN most_common_freqs::float8[] END
		FROM pg_stats WHERE NOT inherited AND schemaname NOT IN ('pg_catalog', 'information_schema')`)
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		id := schema.ID{Kind: schema.KindColumn}
		var c ColumnStatistics
		if err := rows.Scan(&id.Schema, &id.Parent, &id.Name, &c.Nulls, &c.Distinct, &c.Width, &c.Correlation, pq.Array(&c.Common), pq.Array(&c.Shares)); err != nil {
			return err
		}
		s.Columns[id] = c
	}
	return rows.Err()
}

func (s *Statistics) readIndexes(ctx context.Context, tx *sql.Tx) error {
	rows, err := tx.QueryContext(ctx, `SELECT schemaname, relname, indexrelname, idx_scan FROM pg_stat_user_indexes`)
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		id := schema.ID{Kind: schema.KindIndex}
		var scans int64
		if err := rows.Scan(&id.Schema, &id.Parent, &id.Name, &scans); err != nil {
			return err
		}
		s.Indexes[id] = scans
	}
	return rows.Err()
}

func (s *Statistics) readSessions(ctx context.Context, tx *sql.Tx) error {
	rows, err := tx.QueryContext(ctx, `SELECT pid, coalesce(usename, ''), coalesce(application_name, ''), coalesce(state, ''), xact_start, state_change,
		coalesce(query, ''), coalesce(wait_event_type = 'Lock', false),
		CASE WHEN wait_event_type = 'Lock' THEN pg_blocking_pids(pid) END
		FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid() AND backend_type = 'client backend'`)
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		var x Session
		var began, changed sql.NullTime
		if err := rows.Scan(&x.PID, &x.Role, &x.Application, &x.State, &began, &changed, &x.Query, &x.Waits, pq.Array(&x.BlockedBy)); err != nil {
			return err
		}
		x.Began, x.Changed = began.Time, changed.Time
		s.Sessions = append(s.Sessions, x)
	}
	return rows.Err()
}

func (s *Statistics) readSlots(ctx context.Context, tx *sql.Tx) error {
	rows, err := tx.QueryContext(ctx, `SELECT slot_name, active,
		coalesce(pg_wal_lsn_diff(CASE WHEN pg_is_in_recovery() THEN pg_last_wal_replay_lsn() ELSE pg_current_wal_lsn() END, restart_lsn), 0)::int8
		FROM pg_replication_slots`)
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		var slot Slot
		if err := rows.Scan(&slot.Name, &slot.Active, &slot.Retained); err != nil {
			return err
		}
		s.Slots = append(s.Slots, slot)
	}
	return rows.Err()
}
