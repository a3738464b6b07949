package main

import (
	"context"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/senior-backend/toolkit/migrator/internal/scratch"
	"github.com/senior-backend/toolkit/migrator/internal/scratch/scratchtest"
)

// locksOf watches a database until it is told to stop, and returns the modes of
// the locks on relations that others held meanwhile.
func locksOf(t *testing.T, d *scratch.Database) (stop func() []string) {
	t.Helper()
	watcher, err := d.DB().Conn(context.Background())
	require.NoError(t, err)
	done, modes := make(chan struct{}), make(chan []string)
	go func() {
		seen := map[string]bool{}
		for {
			found, err := column(context.Background(), d.DB(), `SELECT DISTINCT l.mode FROM pg_locks l JOIN pg_database b ON b.oid = l.database
				WHERE b.datname = current_database() AND l.locktype = 'relation' AND l.pid <> pg_backend_pid()`)
			for n := 0; err == nil && n < len(found); n++ {
				seen[found[n]] = true
			}
			select {
			case <-done:
				var all []string
				for mode := range seen {
					all = append(all, mode)
				}
				modes <- all
				return
			default:
			}
		}
	}()
	return func() []string {
		close(done)
		defer watcher.Close()
		return <-modes
	}
}

// Each mode that reads a database takes no lock above ACCESS SHARE in it and
// writes no row there, with HypoPG and, where indexes are built to try them, in
// temporary databases.
func TestReadingModesLockAndWriteNothing(t *testing.T) {
	server := scratchtest.Open(t, scratch.Options{Preload: "pg_stat_statements"})
	d := scratchtest.In(t, server, bankSchema)
	bank(t, d.DB(), 20)
	dir := t.TempDir()
	baseline := filepath.Join(dir, "earlier")
	modes := [][]string{
		{"--analyze", "--output", baseline},
		{"--analyze", "--watch", "1s"},
		{"--suggest-indexes", "--output", dir},
		{"--suggest-indexes", "--watch", "100ms"},
	}
	d.DB().SetMaxIdleConns(0) // the counters of sessions that are gone are complete
	counters := func() []string {
		rows, err := column(context.Background(), d.DB(), "SELECT (tup_inserted + tup_updated + tup_deleted)::text FROM pg_stat_database WHERE datname = current_database()")
		require.NoError(t, err)
		return rows
	}
	written := func() []string {
		last := []string{}
		require.Eventually(t, func() bool {
			now := counters()
			same := slices.Equal(last, now)
			last = now
			return same
		}, 30*time.Second, 700*time.Millisecond)
		return last
	}
	try := func() {
		for _, mode := range modes {
			before, stop := written(), locksOf(t, d)
			migrator(t, append([]string{"--connection", d.URL()}, mode...)...)
			require.Equal(t, []string{"AccessShareLock"}, stop(), mode)
			require.Equal(t, before, written(), mode)
		}
	}
	migrator(t, "--connection", d.URL(), "--output", baseline)
	files, err := filepath.Glob(filepath.Join(baseline, "*_analysis.json"))
	require.NoError(t, err)
	modes = append(modes, []string{"--analyze", "--baseline", files[0]})
	try()
	available, err := column(context.Background(), d.DB(), "SELECT name FROM pg_available_extensions WHERE name = 'hypopg'")
	require.NoError(t, err)
	if len(available) > 0 {
		_, err := d.DB().Exec("CREATE EXTENSION hypopg")
		require.NoError(t, err)
		try()
	}
}
