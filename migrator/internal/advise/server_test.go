package advise_test

import (
	"context"
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/senior-backend/toolkit/migrator/internal/scratch"
	"github.com/senior-backend/toolkit/migrator/internal/scratch/scratchtest"
)

// eventually waits for the server's counters, which come late.
func eventually(t *testing.T, d *scratch.Database, rule string, findings int) {
	t.Helper()
	require.Eventually(t, func() bool { return len(find(t, d, rule)) == findings }, 30*time.Second, 100*time.Millisecond, rule)
}

func TestSpillingSorts(t *testing.T) {
	d := scratchtest.Database(t, "SELECT pg_stat_reset()")
	c := conn(t, d)
	sort := func(memory string, rows int) {
		_, err := c.ExecContext(context.Background(), fmt.Sprintf("SET work_mem = '%s'; SELECT count(*) FROM (SELECT repeat('x', 1000) || n AS x FROM generate_series(1, %d) n ORDER BY 1) s", memory, rows))
		require.NoError(t, err)
	}
	sort("64kB", 10_000) // a little of it is nothing
	require.Eventually(t, func() bool { return facts(t, d).Statistics.Server.TempFiles > 0 }, 30*time.Second, 100*time.Millisecond)
	require.Empty(t, find(t, d, "temp-files"))
	sort("64kB", 130_000)
	eventually(t, d, "temp-files", 1)
	run(t, d, "SELECT pg_stat_reset()")
	sort("256MB", 130_000)
	require.Empty(t, find(t, d, "temp-files"))
}

// The catalogs fit into the cache, and the table does not.
func TestCacheThatIsTooSmall(t *testing.T) {
	server := scratchtest.Open(t, scratch.Options{Settings: []string{"shared_buffers=16MB"}})
	d := scratchtest.In(t, server, "CREATE TABLE t (a text); ALTER TABLE t ALTER a SET STORAGE PLAIN; INSERT INTO t SELECT repeat('x', 3900) FROM generate_series(1, 8000); CREATE TABLE small (a int); INSERT INTO small VALUES (1); VACUUM ANALYZE; SELECT pg_stat_reset()")
	for range 35 {
		run(t, d, "SELECT count(*) FROM t")
	}
	eventually(t, d, "cache-misses", 1)
	run(t, d, "SELECT pg_stat_reset()")
	run(t, d, "DO $$ BEGIN FOR n IN 1..120000 LOOP PERFORM FROM small; END LOOP; END $$")
	require.Eventually(t, func() bool { return facts(t, d).Statistics.Server.BlocksHit > 120_000 }, 30*time.Second, 100*time.Millisecond)
	require.Empty(t, find(t, d, "cache-misses"))
}

func TestSlotThatNobodyReads(t *testing.T) {
	server := scratchtest.Open(t, scratch.Options{Settings: []string{"wal_level=replica", "max_wal_senders=2", "max_replication_slots=2", "max_wal_size=32MB", "min_wal_size=32MB"}})
	d := scratchtest.In(t, server, "CREATE TABLE t (a int)")
	run(t, d, "SELECT pg_create_physical_replication_slot('forgotten', true)")
	require.Empty(t, find(t, d, "idle-replication-slot"))
	for range 4 {
		run(t, d, "INSERT INTO t VALUES (1)")
		run(t, d, "SELECT pg_switch_wal()")
	}
	found := find(t, d, "idle-replication-slot")
	require.Len(t, found, 1)
	require.Equal(t, "replication slot forgotten is not read and keeps WAL from being removed", found[0].Message)
	run(t, d, found[0].SQL[0])
	require.Empty(t, find(t, d, "idle-replication-slot"))
}

// A database that was not frozen for long: the catalog is told so.
func TestTransactionIDsRunOut(t *testing.T) {
	d := scratchtest.Database(t, "CREATE TABLE t (a int)")
	age := func(transactions string) {
		run(t, d, "UPDATE pg_database SET datfrozenxid = ((pg_current_xact_id()::text::numeric + 4294967296 - "+transactions+") % 4294967296)::text::xid WHERE datname = current_database()")
	}
	require.Empty(t, find(t, d, "wraparound"))
	age("1000000000")
	require.Empty(t, find(t, d, "wraparound"))
	age("1200000000")
	found := find(t, d, "wraparound")
	require.Len(t, found, 1)
	run(t, d, found[0].SQL[0])
	require.Empty(t, find(t, d, "wraparound"))
}
