package proof

import (
	"context"
	"database/sql"
	"fmt"
)

// Empty takes out the rows that a schema file has put into a clone: they are few,
// or samples, and no part of what is compared. So a file is judged as a live
// database is, whose clone has none. Where rows refuse to go they stay.
func Empty(ctx context.Context, clone *sql.DB) error {
	var tables sql.NullString
	err := clone.QueryRowContext(ctx, `SELECT string_agg(format('%I.%I', n.nspname, c.relname), ', ')
		FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
		WHERE c.relkind = 'r' AND c.oid >= 16384 AND pg_catalog.pg_relation_size(c.oid) > 0 AND NOT EXISTS (
			SELECT FROM pg_catalog.pg_depend d WHERE d.classid = 'pg_catalog.pg_class'::regclass AND d.objid = c.oid AND d.deptype = 'e')`).Scan(&tables)
	if err != nil {
		return fmt.Errorf("look for rows in the clone: %w", err)
	}
	if !tables.Valid {
		return nil
	}
	// Triggers might object to it; only a superuser can keep them still.
	quiet := "SET LOCAL session_replication_role = replica; "
	for _, before := range []string{quiet, ""} {
		if _, err = clone.ExecContext(ctx, before+"TRUNCATE "+tables.String+" CASCADE"); err == nil {
			return nil
		}
	}
	return ctx.Err()
}
