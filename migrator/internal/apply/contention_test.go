package apply_test

import (
	"cmp"
	"context"
	"database/sql"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/senior-backend/toolkit/migrator/internal/apply"
	"github.com/senior-backend/toolkit/migrator/internal/scratch"
	"github.com/senior-backend/toolkit/migrator/internal/scratch/scratchtest"
)

// clients write to table t until they are told to stop. A statement that waits
// for a lock for longer than ten seconds fails. stop returns the first that
// did, and logs how long the slowest took.
func clients(t *testing.T, url string) (stop func() error) {
	t.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	results := make(chan error, 4)
	var slowest atomic.Int64
	for range 4 {
		db, err := scratch.Connect(ctx, url)
		require.NoError(t, err)
		db.SetMaxOpenConns(1)
		_, err = db.Exec("SET lock_timeout = '10s'")
		require.NoError(t, err)
		go func() {
			defer db.Close()
			var err error
			for ctx.Err() == nil && err == nil {
				begun := time.Now()
				_, err = db.Exec("UPDATE t SET n = n + 1 WHERE id = 1 + (random() * 99)::int")
				took := time.Since(begun).Milliseconds()
				for was := slowest.Load(); took > was && !slowest.CompareAndSwap(was, took); was = slowest.Load() {
				}
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
		t.Logf("the slowest statement of a client took %d ms", slowest.Load())
		return first
	}
}

const busyTable = "CREATE TABLE t (id int PRIMARY KEY, n int NOT NULL DEFAULT 0); INSERT INTO t SELECT generate_series(1, 100); CREATE TABLE other ();"

func TestClientsGoOnDuringAnApply(t *testing.T) {
	database := scratchtest.Database(t, busyTable)
	stop := clients(t, database.URL())
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
	stop := clients(t, database.URL())
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
	stop := clients(t, database.URL())
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
	require.Equal(t, "100ms", value[string](t, db, "SELECT timeout FROM seen"))
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
