package advise_test

import (
	"context"
	"database/sql"
	"fmt"
	"testing"
	"time"

	"github.com/lib/pq"
	"github.com/stretchr/testify/require"

	"github.com/senior-backend/toolkit/migrator/internal/advise"
	"github.com/senior-backend/toolkit/migrator/internal/scratch"
	"github.com/senior-backend/toolkit/migrator/internal/scratch/scratchtest"
)

// eventually waits for the server's counters, which come late.
func eventually(t *testing.T, d *scratch.Database, rule string, findings int) {
	t.Helper()
	require.Eventually(t, func() bool { return len(find(t, d, rule)) == findings }, 30*time.Second, 100*time.Millisecond, rule)
}

// since is the facts as --watch has them: what happened since an earlier reading.
func since(t *testing.T, d *scratch.Database, before advise.Facts) advise.Facts {
	t.Helper()
	after := facts(t, d)
	after.Statistics = advise.Between(before.Statistics, after.Statistics, before.Now)
	return after
}

// The suggestion as printed makes the sorts fit; it holds for new sessions, and
// the next reading sees none that spilt.
func TestSpillingSorts(t *testing.T) {
	d := scratchtest.Database(t, "SELECT pg_stat_reset()")
	run(t, d, "ALTER DATABASE "+current(t, d)+" SET work_mem = '1MB'")
	sort := func(rows int) {
		apart(t, d, fmt.Sprintf("SELECT count(*) FROM (SELECT repeat('x', 1000) || n AS x FROM generate_series(1, %d) n ORDER BY 1) s", rows))
	}
	sort(20_000) // a little of it is nothing
	require.Eventually(t, func() bool { return facts(t, d).Statistics.Server.TempFiles > 0 }, 30*time.Second, 100*time.Millisecond)
	require.Empty(t, find(t, d, "temp-files"))
	for range 5 {
		sort(25_000)
	}
	eventually(t, d, "temp-files", 1)
	found := find(t, d, "temp-files")[0]
	require.Equal(t, []string{"ALTER DATABASE " + current(t, d) + " SET work_mem = '64MB'"}, found.SQL)
	run(t, d, found.SQL[0])
	before := facts(t, d)
	for range 5 {
		sort(25_000)
	}
	after := since(t, d, before)
	require.Empty(t, advise.Advise(after, selection(t, "temp-files")))
	require.Zero(t, after.Statistics.Server.TempFiles)
}

// apart runs SQL in a session of its own and waits until that has ended: the
// server has all its counters then, and none comes late.
func apart(t *testing.T, d *scratch.Database, text string) {
	t.Helper()
	c, err := pq.NewConnector(d.URL())
	require.NoError(t, err)
	db := sql.OpenDB(c)
	db.SetMaxOpenConns(1)
	var session int
	require.NoError(t, db.QueryRow("SELECT pg_backend_pid()").Scan(&session))
	_, err = db.Exec(text)
	require.NoError(t, err, text)
	require.NoError(t, db.Close())
	require.Eventually(t, func() bool {
		left := 1
		require.NoError(t, d.DB().QueryRow("SELECT count(*) FROM pg_stat_activity WHERE pid = $1", session).Scan(&left))
		return left == 0
	}, 30*time.Second, 10*time.Millisecond)
}

func current(t *testing.T, d *scratch.Database) string {
	t.Helper()
	var name string
	require.NoError(t, d.DB().QueryRow("SELECT quote_ident(current_database())").Scan(&name))
	return name
}

// The table does not fit into the cache. With the suggestion run as printed and
// the server restarted, the same work finds it there, and the counters from
// then on say so.
func TestCacheThatIsTooSmall(t *testing.T) {
	server := scratchtest.Open(t, scratch.Options{Settings: []string{"shared_buffers=16MB"}})
	d := scratchtest.In(t, server, `CREATE TABLE t (id int PRIMARY KEY, a text NOT NULL); ALTER TABLE t ALTER a SET STORAGE PLAIN;
		INSERT INTO t SELECT n, repeat('x', 3900) FROM generate_series(1, 8000) n;
		CREATE TABLE small (a int); INSERT INTO small VALUES (1); VACUUM ANALYZE; SELECT pg_stat_reset()`)
	work := func() {
		apart(t, d, `SET enable_seqscan = off; DO $$ BEGIN FOR round IN 1..30 LOOP
			FOR n IN 0..79 LOOP PERFORM count(a) FROM t WHERE id BETWEEN n * 100 AND n * 100 + 99; END LOOP; END LOOP; END $$`)
	}
	work()
	eventually(t, d, "cache-misses", 1)
	found := find(t, d, "cache-misses")[0]
	require.Contains(t, found.Evidence, "shared_buffers is 16.0 MB")
	require.Equal(t, []string{"ALTER SYSTEM SET shared_buffers = '48MB'"}, found.SQL)
	run(t, d, found.SQL[0])
	require.NoError(t, server.Restart(context.Background(), "shared_buffers"))
	var buffers string
	require.NoError(t, d.DB().QueryRow("SHOW shared_buffers").Scan(&buffers))
	require.Equal(t, "48MB", buffers)
	before := facts(t, d)
	work()
	require.Eventually(t, func() bool {
		s := since(t, d, before).Statistics.Server
		return s.BlocksHit+s.BlocksRead > 100_000
	}, 30*time.Second, 100*time.Millisecond)
	require.Empty(t, advise.Advise(since(t, d, before), selection(t, "cache-misses")))

	run(t, d, "SELECT pg_stat_reset()")
	apart(t, d, "DO $$ BEGIN FOR n IN 1..120000 LOOP PERFORM FROM small; END LOOP; END $$")
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
