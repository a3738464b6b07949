package advise

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"math"
	"strconv"
	"strings"

	"github.com/lib/pq"

	"github.com/senior-backend/toolkit/migrator/internal/schema"
)

// How much is copied of each table.
const (
	copiedRows  = 30_000 // as many as ANALYZE looks at
	copiedBytes = 48 << 20
)

// ours marks statements that are no application's.
const ours = "/* migrator */"

// newCopied fills the tables of a copy of the schema with sampled rows and
// tells its planner how large the real ones are.
func newCopied(ctx context.Context, d *digest, live, copy *sql.DB, tables []*schema.Table) (b copied, notes []string, err error) {
	settings, err := planning(ctx, live)
	if err != nil {
		return b, nil, err
	}
	// Without a commit that waits for the log, VACUUM would not find the rows visible to all yet.
	s, err := newSession(ctx, copy, append(settings, "SET synchronous_commit = local")...)
	if err != nil {
		return b, nil, err
	}
	b = copied{session: s, kept: new([]string), scale: map[string]float64{}, pages: map[string]float64{}}
	for _, t := range tables {
		if err := b.load(ctx, d, live, t); err != nil {
			var refused *pq.Error
			if errors.As(err, &refused) {
				notes = append(notes, fmt.Sprintf("Indexes for statements on %s, whose rows could not be copied: %s.", TableName(t.Identity), refused.Message))
				continue // it stays empty, and nothing is tried on it
			}
			return b, nil, errors.Join(fmt.Errorf("copy rows of %s: %w", TableName(t.Identity), err), b.close())
		}
	}
	return b, notes, nil
}

// planning is the live server's settings that a plan depends on, as statements.
func planning(ctx context.Context, live *sql.DB) ([]string, error) {
	rows, err := live.QueryContext(ctx, `SELECT format('SET %I = %L', name, current_setting(name)) FROM pg_settings
		WHERE name IN ('random_page_cost', 'seq_page_cost', 'cpu_tuple_cost', 'cpu_index_tuple_cost', 'cpu_operator_cost', 'work_mem',
			'effective_cache_size', 'default_text_search_config', 'max_parallel_workers_per_gather')
		UNION ALL SELECT format('SELECT set_config(''search_path'', %L, false)', current_setting('search_path'))`)
	if err != nil {
		return nil, fmt.Errorf("read the planner's settings: %w", err)
	}
	defer rows.Close()
	var settings []string
	for rows.Next() {
		var setting string
		if err := rows.Scan(&setting); err != nil {
			return nil, fmt.Errorf("read the planner's settings: %w", err)
		}
		settings = append(settings, setting)
	}
	return settings, rows.Err()
}

// load copies some of a table's rows.
func (b copied) load(ctx context.Context, d *digest, live *sql.DB, t *schema.Table) error {
	total := math.Max(0, d.live(t))
	wanted := float64(copiedRows)
	if t.Bytes > 0 && total > 0 {
		wanted = math.Max(1000, math.Min(wanted, copiedBytes/(float64(t.Bytes)/total)))
	}
	if err := b.ready(ctx, d, t, wanted/math.Max(1, total)); err != nil {
		return err
	}
	rows, err := b.copyRows(ctx, d, live, t, total, wanted)
	if err != nil || rows == 0 {
		return err
	}
	if _, err := b.conn.ExecContext(ctx, "VACUUM (ANALYZE) "+path(t.Identity)); err != nil {
		return err
	}
	scale := math.Max(1, total/float64(rows))
	b.scale[path(t.Identity)] = scale
	if whole := d.Statistics.Tables[t.Identity].Pages; whole > 0 {
		var bytes int64
		if err := b.conn.QueryRowContext(ctx, "SELECT pg_relation_size($1::regclass)", path(t.Identity)).Scan(&bytes); err != nil {
			return err
		}
		b.pages[path(t.Identity)] = float64(bytes) / page / float64(whole)
	}
	return b.enlarge(ctx, t)
}

// learn has the copy know what values the expressions of candidates have
// before there is an index on them: without, the
// planner takes any of them for one row in two hundred, and a LIMIT 1 for
// nearly free. PostgreSQL 13 cannot.
func (b copied) learn(ctx context.Context, candidates []*weighed) error {
	learnt := map[string]*schema.Table{}
	for n, w := range candidates {
		for m, k := range w.keys {
			definition := fmt.Sprintf(" ON (%s) FROM %s", k.sql, path(w.table.Identity))
			if k.column != "" || w.method != "btree" || !b.takes(w.candidate) || learnt[definition] != nil {
				continue
			}
			_, err := b.conn.ExecContext(ctx, fmt.Sprintf("CREATE STATISTICS migrator_learnt_%d_%d%s", n, m, definition))
			var refused *pq.Error
			if errors.As(err, &refused) {
				continue
			}
			if err != nil {
				return fmt.Errorf("look at an expression: %w", err)
			}
			learnt[definition] = w.table
		}
	}
	for _, t := range learnt {
		if _, err := b.conn.ExecContext(ctx, "ANALYZE "+path(t.Identity)); err != nil {
			return fmt.Errorf("look at an expression: %w", err)
		}
		if err := b.enlarge(ctx, t); err != nil {
			return fmt.Errorf("look at an expression: %w", err)
		}
	}
	return nil
}

// enlarge tells the planner, after an ANALYZE, how large the real table is. Without the right of a
// superuser the planner is asked about the sample as it is.
func (b copied) enlarge(ctx context.Context, t *schema.Table) error {
	var may bool
	if err := b.conn.QueryRowContext(ctx, "SELECT has_table_privilege('pg_class', 'UPDATE')").Scan(&may); err != nil || !may {
		return err
	}
	_, err := b.conn.ExecContext(ctx, fmt.Sprintf(`UPDATE pg_class SET reltuples = reltuples * %g
		WHERE oid = %[2]s::regclass OR oid IN (SELECT relid FROM pg_partition_tree(%[2]s))`, b.scale[path(t.Identity)], literal(path(t.Identity))))
	return err
}

// ready has the copy take rows as they are: foreign keys would want those that
// were not copied, triggers would change them. A sample of a larger table is
// spread over as many pages as that takes, as far as that goes, and keeps the
// numbers of distinct values that were found in all of it.
func (b copied) ready(ctx context.Context, d *digest, t *schema.Table, share float64) error {
	var statements []string
	for _, fk := range d.foreignKeys(t.Identity) {
		statements = append(statements, fmt.Sprintf("ALTER TABLE %s DROP CONSTRAINT IF EXISTS %s", path(t.Identity), quote(fk.Identity.Name)))
	}
	statements = append(statements, fmt.Sprintf("ALTER TABLE %s DISABLE TRIGGER USER", path(t.Identity)))
	if share < 1 && !t.IsPartitioned() {
		statements = append(statements, fmt.Sprintf("ALTER TABLE %s SET (fillfactor = %.0f)", path(t.Identity), math.Max(10, filled(t)*share)))
		for _, c := range d.Schema.Columns(t.Identity) {
			if stats, ok := d.Statistics.Columns[c.ID()]; ok && stats.Distinct != 0 {
				statements = append(statements, fmt.Sprintf("ALTER TABLE %s ALTER COLUMN %s SET (n_distinct = %g)", path(t.Identity), quote(c.ID().Name), stats.Distinct))
			}
		}
	}
	for _, statement := range statements {
		if _, err := b.conn.ExecContext(ctx, statement); err != nil {
			return err
		}
	}
	return nil
}

// filled is how full, in per cent, a table's pages are to be.
func filled(t *schema.Table) float64 {
	for _, option := range t.Options {
		if value, ok := strings.CutPrefix(option, "fillfactor="); ok {
			if percent, err := strconv.ParseFloat(value, 64); err == nil {
				return percent
			}
		}
	}
	return 100
}

// copyRows streams the rows as text, which every type takes.
func (b copied) copyRows(ctx context.Context, d *digest, live *sql.DB, t *schema.Table, total, wanted float64) (int, error) {
	var names, texts []string
	for _, c := range d.Schema.Columns(t.Identity) {
		if c.Generated == "" {
			names, texts = append(names, c.ID().Name), append(texts, quote(c.ID().Name)+"::text")
		}
	}
	if len(names) == 0 {
		return 0, nil
	}
	from := path(t.Identity)
	if total > 2*wanted {
		from += fmt.Sprintf(" TABLESAMPLE SYSTEM (%f)", math.Min(100, 120*wanted/total))
	}
	source, err := live.BeginTx(ctx, &sql.TxOptions{ReadOnly: true})
	if err != nil {
		return 0, err
	}
	defer source.Rollback() //nolint:errcheck // nothing was written
	if _, err := source.ExecContext(ctx, "SET LOCAL lock_timeout = '2s'; SET LOCAL statement_timeout = '30s'"); err != nil {
		return 0, err
	}
	rows, err := source.QueryContext(ctx, fmt.Sprintf("SELECT "+ours+" %s FROM %s LIMIT %.0f", strings.Join(texts, ", "), from, wanted))
	if err != nil {
		return 0, err
	}
	defer rows.Close()
	return b.stream(ctx, rows, t, names)
}

func (b copied) stream(ctx context.Context, rows *sql.Rows, t *schema.Table, names []string) (count int, err error) {
	tx, err := b.conn.BeginTx(ctx, nil)
	if err != nil {
		return 0, err
	}
	defer tx.Rollback() //nolint:errcheck // after a commit it does nothing
	into, err := tx.PrepareContext(ctx, fmt.Sprintf("COPY %s (%s) FROM STDIN", path(t.Identity), list(names)))
	if err != nil {
		return 0, err
	}
	values, pointers := make([]sql.NullString, len(names)), make([]any, len(names))
	for n := range values {
		pointers[n] = &values[n]
	}
	line := make([]any, len(names))
	for rows.Next() {
		if err := rows.Scan(pointers...); err != nil {
			return 0, err
		}
		for n, v := range values {
			line[n] = any(nil)
			if v.Valid {
				line[n] = v.String
			}
		}
		if _, err := into.ExecContext(ctx, line...); err != nil {
			return 0, err
		}
		count++
	}
	if err := rows.Err(); err != nil {
		return 0, err
	}
	if _, err := into.ExecContext(ctx); err != nil {
		return 0, err
	}
	if err := into.Close(); err != nil {
		return 0, err
	}
	return count, tx.Commit()
}
