package apply_test

import (
	"cmp"
	"context"
	"database/sql"
	"database/sql/driver"
	"os"
	"regexp"
	"strconv"
	"sync/atomic"
	"testing"
	"time"

	"github.com/lib/pq"
	"github.com/stretchr/testify/require"

	"github.com/senior-backend/toolkit/migrator/internal/apply"
	"github.com/senior-backend/toolkit/migrator/internal/scratch"
	"github.com/senior-backend/toolkit/migrator/internal/scratch/scratchtest"
)

// clients write to table t until they are told to stop. A statement that waits
// for a lock for longer than ten seconds fails. stop returns the first that did.
//
// It logs the longest time that one waited for the lock of a table as the server
// measured it, free of what a busy machine adds, and how long the slowest
// statement took for the client. With MIGRATOR_TEST_WAITS=strict, longest bounds
// the first.
func clients(t *testing.T, url string, longest time.Duration) (stop func() error) {
	t.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	results := make(chan error, 4)
	var slowest, waited maximum
	for range 4 {
		db, err := scratch.Connect(ctx, url)
		require.NoError(t, err)
		conn, err := db.Conn(ctx)
		require.NoError(t, err)
		require.NoError(t, conn.Raw(func(raw any) error {
			pq.SetNoticeHandler(raw.(driver.Conn), func(notice *pq.Error) {
				if found := acquired.FindStringSubmatch(notice.Message); found != nil {
					took, _ := strconv.ParseFloat(found[1], 64)
					waited.add(int64(took * 1000))
				}
			})
			return nil
		}))
		_, err = conn.ExecContext(ctx, "SET lock_timeout = '10s'; SET log_lock_waits = on; SET deadlock_timeout = '10ms'; SET client_min_messages = log")
		require.NoError(t, err)
		go func() {
			defer db.Close()
			defer conn.Close()
			var err error
			for ctx.Err() == nil && err == nil {
				begun := time.Now()
				_, err = conn.ExecContext(context.Background(), "UPDATE t SET n = n + 1 WHERE id = 1 + (random() * 99)::int")
				slowest.add(time.Since(begun).Microseconds())
				time.Sleep(2 * time.Millisecond)
			}
			results <- err
		}()
	}
	return func() error {
		cancel()
		var first error
		for range 4 {
			first = cmp.Or(first, <-results)
		}
		t.Logf("lock timeout %s: a client waited for a table for %.1f ms at the most, by the server's clock; its slowest statement took %.1f ms by its own",
			longest, float64(waited.Load())/1000, float64(slowest.Load())/1000)
		if os.Getenv("MIGRATOR_TEST_WAITS") == "strict" {
			require.LessOrEqual(t, waited.Load(), longest.Microseconds())
		}
		return first
	}
}

var acquired = regexp.MustCompile(`acquired \w+ on relation .* after ([0-9.]+) ms`)

// maximum is the largest number that was added.
type maximum struct{ atomic.Int64 }

func (m *maximum) add(n int64) {
	for was := m.Load(); n > was && !m.CompareAndSwap(was, n); was = m.Load() {
	}
}

const busyTable = "CREATE TABLE t (id int PRIMARY KEY, n int NOT NULL DEFAULT 0); INSERT INTO t SELECT generate_series(1, 100); CREATE TABLE other ();"

func TestClientsGoOnDuringAnApply(t *testing.T) {
	database := scratchtest.Database(t, busyTable)
	stop := clients(t, database.URL(), time.Second)
	dir := directory(t,
		"1.sql", "ALTER TABLE t ADD note text;\nALTER TABLE t ADD CONSTRAINT positive CHECK (n >= 0) NOT VALID;",
		"2.sql", "CREATE INDEX CONCURRENTLY i ON t (n);\nALTER TABLE t VALIDATE CONSTRAINT positive;\nDROP INDEX CONCURRENTLY i;",
	)
	o := defaults()
	o.LockTimeout, o.LockRetries = time.Second, 50
	_, err := up(t, database.DB(), o, read(t, dir))
	clientErr := stop()
	require.NoError(t, err)
	require.NoError(t, clientErr)
}

// The same while a long transaction holds the table: the run steps back, again
// and again, and nobody waits for longer than its patience.
func TestClientsGoOnBehindALongTransaction(t *testing.T) {
	database := scratchtest.Database(t, busyTable)
	tx, err := database.DB().Begin()
	require.NoError(t, err)
	_, err = tx.Exec("SELECT FROM t")
	require.NoError(t, err)
	stop := clients(t, database.URL(), 300*time.Millisecond)
	o := defaults()
	o.LockTimeout, o.LockRetries = 300*time.Millisecond, 100
	retries := 0
	o.Observe = func(e apply.Event) {
		if e.Kind == apply.EventRetrying {
			if retries++; retries == 4 {
				_ = tx.Rollback()
			}
		}
	}
	_, err = up(t, database.DB(), o, read(t, directory(t, "1.sql", "ALTER TABLE t ADD note text;\nALTER TABLE t ALTER n SET DEFAULT 1;")))
	clientErr := stop()
	require.NoError(t, err)
	require.NoError(t, clientErr)
	require.GreaterOrEqual(t, retries, 4)
}

// While a transaction holds the table, the run steps back again and again, and
// clients that only read go on between its attempts.
func TestLongTransactionInTheWay(t *testing.T) {
	database := scratchtest.Database(t, busyTable)
	holder, err := scratch.Connect(context.Background(), database.URL())
	require.NoError(t, err)
	defer holder.Close()
	tx, err := holder.Begin()
	require.NoError(t, err)
	_, err = tx.Exec("SET LOCAL application_name = 'the long report'; SELECT FROM t")
	require.NoError(t, err)
	dir := directory(t, "1.sql", "ALTER TABLE other ADD a int;\nALTER TABLE t ADD note text;")
	o := defaults()
	o.LockTimeout, o.LockRetries = 100*time.Millisecond, 2
	var retries atomic.Int32
	o.Observe = func(e apply.Event) {
		if e.Kind == apply.EventRetrying {
			retries.Add(1)
			// Nobody queues while the run rests.
			_, err := database.DB().Exec("SET lock_timeout = '50ms'; SELECT FROM t LIMIT 1")
			require.NoError(t, err)
		}
	}
	_, err = up(t, database.DB(), o, read(t, dir))
	require.ErrorContains(t, err, "canceling statement due to lock timeout (SQLSTATE 55P03)")
	require.ErrorContains(t, err, "(the long report)")
	require.ErrorContains(t, err, "gave up after 3 attempts")
	require.ErrorContains(t, err, "nothing of this file was applied")
	require.EqualValues(t, 2, retries.Load())

	// When it ends meanwhile, the run goes through.
	o.LockRetries = 50
	o.Observe = func(e apply.Event) {
		if e.Kind == apply.EventRetrying {
			_ = tx.Rollback()
		}
	}
	outcomes, err := up(t, database.DB(), o, read(t, dir))
	require.NoError(t, err)
	require.NotZero(t, outcomes[0].Retries)
}

// A partition that somebody reads is detached without anybody queueing behind.
func TestDetachGivesWay(t *testing.T) {
	server := scratchtest.Server(t)
	database := scratchtest.In(t, server, `CREATE TABLE p (id int, n int) PARTITION BY RANGE (id);
CREATE TABLE t PARTITION OF p FOR VALUES FROM (0) TO (1000); INSERT INTO p SELECT n, 0 FROM generate_series(1, 100) n;`)
	tx, err := database.DB().Begin()
	require.NoError(t, err)
	_, err = tx.Exec("SELECT FROM t") // not by way of p, whose readers are waited for elsewhere
	require.NoError(t, err)
	stop := clients(t, database.URL(), 500*time.Millisecond)
	concurrently, atLeast := " CONCURRENTLY", 2
	if server.Major() < 14 { // it has no such form, and the plain one does not queue for the partition
		concurrently, atLeast = "", 0
	}
	defer tx.Rollback() //nolint:errcheck // it only holds a lock
	o := defaults()
	o.LockTimeout, o.LockRetries = 500*time.Millisecond, 100
	retries := 0
	o.Observe = func(e apply.Event) {
		if e.Kind == apply.EventRetrying {
			if retries++; retries == 2 {
				_ = tx.Rollback()
			}
		}
	}
	_, err = up(t, database.DB(), o, read(t, directory(t, "1.sql", "ALTER TABLE p DETACH PARTITION t"+concurrently+";")))
	clientErr := stop()
	require.NoError(t, err)
	require.NoError(t, clientErr)
	require.GreaterOrEqual(t, retries, atLeast)
	require.Zero(t, value[int](t, database.DB(), "SELECT count(*) FROM pg_inherits"))
}

// Clients that hold what the run needs, and need what it holds, are never the
// ones that a deadlock ends.
func TestDeadlocksEndTheRunAndNotTheClient(t *testing.T) {
	database := scratchtest.Database(t, busyTable+"CREATE TABLE u (a int); INSERT INTO u VALUES (1);")
	client, err := scratch.Connect(context.Background(), database.URL())
	require.NoError(t, err)
	defer client.Close()
	dir := directory(t, "1.sql", "ALTER TABLE t ADD a int;\nALTER TABLE u ADD b int;")
	tx, err := client.Begin()
	require.NoError(t, err)
	_, err = tx.Exec("UPDATE u SET a = 2")
	require.NoError(t, err)
	o := defaults()
	o.LockTimeout, o.LockRetries = 5*time.Second, 50
	crossed := make(chan error, 1)
	var once, retries atomic.Int32
	o.Observe = func(e apply.Event) {
		if e.Kind == apply.EventRetrying {
			retries.Add(1)
		}
		if e.Kind == apply.EventDone && e.Statement == 1 && once.Add(1) == 1 {
			go func() {
				_, err := tx.Exec("SELECT FROM t") // waits for the run, which will wait for u
				if err == nil {
					err = tx.Commit()
				}
				crossed <- err
			}()
			time.Sleep(100 * time.Millisecond)
		}
	}
	_, err = up(t, database.DB(), o, read(t, dir))
	require.NoError(t, err)
	require.NoError(t, <-crossed)
	require.NotZero(t, retries.Load())
}

// A statement that needs two locks may wait for each as long as the server lets
// it. Whoever queues for the first waits through both, and so it gives way.
func TestWaitsOfOneStatementAreCountedTogether(t *testing.T) {
	database := scratchtest.Database(t, busyTable+"CREATE TABLE u (id int PRIMARY KEY);")
	db, ctx := database.DB(), context.Background()
	first, err := db.BeginTx(ctx, nil)
	require.NoError(t, err)
	defer first.Rollback() //nolint:errcheck // it only holds a lock
	_, err = first.Exec("LOCK TABLE t IN ROW EXCLUSIVE MODE")
	require.NoError(t, err)
	second, err := db.BeginTx(ctx, nil)
	require.NoError(t, err)
	defer second.Rollback() //nolint:errcheck // it only holds a lock
	_, err = second.Exec("LOCK TABLE u IN ROW EXCLUSIVE MODE")
	require.NoError(t, err)
	stop := clients(t, database.URL(), 3*time.Second)
	o := defaults()
	o.LockTimeout, o.LockRetries = 3*time.Second, 0
	o.Observe = func(e apply.Event) {
		if e.Kind == apply.EventStarting {
			go func() {
				time.Sleep(1200 * time.Millisecond)
				_ = first.Rollback()
			}()
		}
	}
	_, err = up(t, db, o, read(t, directory(t, "1.sql", "ALTER TABLE t ADD FOREIGN KEY (n) REFERENCES u NOT VALID;")))
	clientErr := stop()
	require.ErrorContains(t, err, "gave way, since others would have waited behind it")
	require.ErrorContains(t, err, "gave up after 1 attempt")
	require.NoError(t, clientErr)
}

// All waits of one transaction together last no longer than the lock timeout.
func TestPatienceWanes(t *testing.T) {
	database := scratchtest.Database(t, busyTable+"CREATE TABLE u (a int);")
	db := database.DB()
	holder, err := db.Begin()
	require.NoError(t, err)
	defer holder.Rollback() //nolint:errcheck // it only holds a lock
	_, err = holder.Exec("SELECT FROM u")
	require.NoError(t, err)
	dir := directory(t, "1.sql", "ALTER TABLE t ADD a int;\nSELECT pg_sleep(0.9);\nCREATE TABLE seen AS SELECT current_setting('lock_timeout') AS timeout;\nALTER TABLE u ADD b int;",
		"2.sql", "SET lock_timeout = '7s';\nSELECT pg_sleep(0.3);\nCREATE TABLE own AS SELECT current_setting('lock_timeout') AS timeout;")
	o := defaults()
	o.LockTimeout, o.LockRetries = time.Second, 5
	o.Observe = func(e apply.Event) {
		if e.Kind == apply.EventRetrying {
			_ = holder.Rollback()
		}
	}
	_, err = up(t, db, o, read(t, dir))
	require.NoError(t, err)
	require.Equal(t, "90ms", value[string](t, db, "SELECT timeout FROM seen"))
	require.Equal(t, "7s", value[string](t, db, "SELECT timeout FROM own"), "a timeout that the file sets is its own")
}

func TestUnfinishedIndexIsReplaced(t *testing.T) {
	database := scratchtest.Database(t, busyTable+"INSERT INTO t VALUES (101), (102);")
	db := database.DB()
	_, err := db.Exec("CREATE UNIQUE INDEX CONCURRENTLY i ON t (n)")
	require.ErrorContains(t, err, "could not create unique index")
	require.False(t, value[bool](t, db, "SELECT indisvalid FROM pg_index WHERE indexrelid = 'i'::regclass"))

	// Another's leftover of that name is replaced, though IF NOT EXISTS would keep it.
	dir := directory(t, "1.sql", "CREATE INDEX CONCURRENTLY IF NOT EXISTS i ON t (n);", "2.sql", "CREATE UNIQUE INDEX CONCURRENTLY ON t (n);")
	outcomes, err := up(t, db, defaults(), read(t, dir))
	require.ErrorContains(t, err, "could not create unique index")
	require.ErrorContains(t, err, "is duplicated")
	require.Equal(t, []string{"statement 1: dropped the unfinished index public.i"}, outcomes[0].Notes)
	require.True(t, value[bool](t, db, "SELECT indisvalid FROM pg_index WHERE indexrelid = 'i'::regclass"))
	require.Zero(t, value[int](t, db, "SELECT count(*) FROM pg_index WHERE NOT indisvalid"), "a failed build leaves nothing")
}

// An index that was finished in the moment before a crash is not built twice.
func TestFinishedIndexIsKept(t *testing.T) {
	database := scratchtest.Database(t, busyTable)
	db := database.DB()
	dir := directory(t, "1.sql", "CREATE INDEX CONCURRENTLY ON t (n);\nSELECT 1;")
	crashed := defaults()
	crashed.Observe = func(e apply.Event) {
		if e.Kind == apply.EventRecorded {
			terminate(t, db)
		}
	}
	_, err := up(t, db, crashed, read(t, dir))
	require.ErrorContains(t, err, "record statement 1, which is done")
	outcomes, err := up(t, db, defaults(), read(t, dir))
	require.NoError(t, err)
	require.Equal(t, apply.Applied, outcomes[0].Action)
	require.Equal(t, 2, value[int](t, db, "SELECT count(*) FROM pg_index WHERE indrelid = 't'::regclass"))
}

// terminate ends the session that migrates the database.
func terminate(t *testing.T, db *sql.DB) {
	t.Helper()
	_, err := db.Exec("SELECT pg_terminate_backend(pid) FROM pg_locks WHERE locktype = 'advisory' AND database = (SELECT oid FROM pg_database WHERE datname = current_database())")
	require.NoError(t, err)
}
