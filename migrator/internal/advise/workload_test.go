package advise_test

import (
	"context"
	"database/sql"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/senior-backend/toolkit/migrator/internal/advise"
	"github.com/senior-backend/toolkit/migrator/internal/schema"
	"github.com/senior-backend/toolkit/migrator/internal/scratch"
	"github.com/senior-backend/toolkit/migrator/internal/scratch/scratchtest"
)

// workloadCase is a condition that work makes, whose statistics come with a delay.
type workloadCase struct {
	rule   string
	setUp  string
	work   string // run 25 times
	find   string
	repair bool // by the suggestion as printed
	good   string
	spared string // the work that is fine
}

const rows20000 = "CREATE TABLE t (id int PRIMARY KEY, a int, b int); INSERT INTO t SELECT n, n, n FROM generate_series(1, 20000) n; "

func workloadCases() []workloadCase {
	return []workloadCase{
		{
			rule: "seq-scan", setUp: rows20000 + "ANALYZE t", work: "SELECT count(*) FROM t WHERE a = 5",
			find: "t is read from end to end again and again",
			good: rows20000 + "ANALYZE t", spared: "SELECT count(*) FROM t WHERE id = 5",
		},
		{
			rule: "unused-index", setUp: rows20000 + "CREATE INDEX idle ON t (a); ANALYZE t", work: "SELECT count(*) FROM t WHERE id = 5",
			find: "index idle is not used", repair: true,
			good:   rows20000 + "CREATE UNIQUE INDEX ON t (b); CREATE INDEX busy ON t (a); ANALYZE t; CREATE TABLE c (id int PRIMARY KEY, t int REFERENCES t); CREATE INDEX ON c (t)",
			spared: "SELECT count(*) FROM t, c WHERE t.a = 5 AND c.id = 1",
		},
		{
			rule: "never-analyzed", setUp: rows20000, find: "t was never analysed: the planner guesses", repair: true,
			good: "CREATE TABLE t (a int); INSERT INTO t VALUES (1)",
		},
		{
			rule: "dead-rows", setUp: rows20000 + "UPDATE t SET a = 1", find: "t holds many dead rows", repair: true,
			good: rows20000 + "DELETE FROM t WHERE id < 100",
		},
		{
			rule: "table-bloat", repair: true, find: "t takes much more room than its rows need",
			setUp: "CREATE TABLE t (id int, pad text); ALTER TABLE t ALTER pad SET STORAGE PLAIN; INSERT INTO t SELECT n, repeat('x', 1500) FROM generate_series(1, 15000) n; DELETE FROM t WHERE id < 14000",
			work:  "VACUUM (ANALYZE) t",
			good:  "CREATE TABLE t (id int, pad text); ALTER TABLE t ALTER pad SET STORAGE PLAIN; INSERT INTO t SELECT n, repeat('x', 1500) FROM generate_series(1, 15000) n", spared: "VACUUM (ANALYZE) t",
		},
		{
			rule: "index-bloat", repair: true, find: "index fat takes much more room than it needs",
			setUp: "CREATE TABLE t (id int); INSERT INTO t SELECT generate_series(1, 700000); CREATE INDEX fat ON t (id); DELETE FROM t WHERE id % 20 <> 0",
			work:  "VACUUM (ANALYZE) t",
			good:  "CREATE TABLE t (id int); INSERT INTO t SELECT generate_series(1, 700000); CREATE INDEX fit ON t (id)", spared: "ANALYZE t",
		},
	}
}

func TestWorkload(t *testing.T) {
	server := scratchtest.Server(t)
	for _, c := range workloadCases() {
		t.Run(c.rule, func(t *testing.T) {
			d := work(t, server, c.setUp, c.work)
			var findings []advise.Finding
			require.Eventually(t, func() bool {
				findings = find(t, d, c.rule)
				return len(findings) == 1
			}, 20*time.Second, 100*time.Millisecond)
			require.Equal(t, c.find, findings[0].Message)
			require.Equal(t, c.repair, findings[0].Script() != "")
			for _, statement := range findings[0].SQL {
				run(t, d, statement)
			}
			if c.repair {
				require.Eventually(t, func() bool { return len(find(t, d, c.rule)) == 0 }, 20*time.Second, 100*time.Millisecond)
			}
			spared := work(t, server, c.good, c.spared)
			require.Eventually(t, func() bool { // the statistics have arrived
				return facts(t, spared).Statistics.Tables[schema.ID{Kind: schema.KindTable, Schema: "public", Name: "t"}].Inserted > 0
			}, 20*time.Second, 100*time.Millisecond)
			require.Empty(t, find(t, spared, c.rule))
		})
	}
}

func work(t *testing.T, server *scratch.Server, setUp, statement string) *scratch.Database {
	t.Helper()
	d := scratchtest.In(t, server, "")
	run(t, d, setUp)
	times := 25
	if statement == "" || statement[:3] != "SEL" {
		times = min(1, len(statement))
	}
	for range times {
		run(t, d, statement)
	}
	return d
}

// later is the facts as they would be read after a while.
func later(t *testing.T, d *scratch.Database, rule string, while time.Duration) []advise.Finding {
	t.Helper()
	selected, err := advise.Select(rule)
	require.NoError(t, err)
	f := facts(t, d)
	f.Now = f.Now.Add(while)
	return advise.Advise(f, selected)
}

func conn(t *testing.T, d *scratch.Database) *sql.Conn {
	t.Helper()
	c, err := d.DB().Conn(context.Background())
	require.NoError(t, err)
	t.Cleanup(func() { _ = c.Close() })
	return c
}

func TestSessions(t *testing.T) {
	ctx := context.Background()
	d := scratchtest.Database(t, "CREATE TABLE t ()")
	idle, blocked := conn(t, d), conn(t, d)
	_, err := idle.ExecContext(ctx, "BEGIN; LOCK TABLE t IN SHARE MODE")
	require.NoError(t, err)
	done := make(chan error)
	go func() {
		_, err := blocked.ExecContext(ctx, "BEGIN; LOCK TABLE t IN ROW EXCLUSIVE MODE; COMMIT")
		done <- err
	}()
	require.Eventually(t, func() bool { return len(later(t, d, "lock-wait", time.Minute)) == 1 }, 10*time.Second, 50*time.Millisecond)
	require.Empty(t, later(t, d, "idle-transaction", 0))
	require.Empty(t, later(t, d, "long-transaction", 0))
	long := later(t, d, "long-transaction", 10*time.Minute)
	require.Len(t, long, 1)
	require.Len(t, later(t, d, "idle-transaction", 10*time.Minute), 1)
	waits := later(t, d, "lock-wait", time.Minute)
	require.Len(t, waits, 1)
	require.Contains(t, waits[0].Evidence, "idle in transaction")
	require.Contains(t, waits[0].Evidence, "LOCK TABLE t IN SHARE MODE")
	run(t, d, waits[0].SQL[0])
	require.NoError(t, <-done)
	require.Error(t, idle.PingContext(ctx))
	require.Empty(t, later(t, d, "idle-transaction", 10*time.Minute))
	require.Empty(t, later(t, d, "lock-wait", time.Minute))

	idle = conn(t, d)
	_, err = idle.ExecContext(ctx, "BEGIN; SELECT count(*) FROM t")
	require.NoError(t, err)
	found := later(t, d, "idle-transaction", 10*time.Minute)
	require.Len(t, found, 1)
	run(t, d, found[0].SQL[0])
	require.Error(t, idle.PingContext(ctx))
	require.Empty(t, later(t, d, "idle-transaction", 10*time.Minute))

	busy := conn(t, d)
	_, err = busy.ExecContext(ctx, "BEGIN")
	require.NoError(t, err)
	go func() {
		_, err := busy.ExecContext(ctx, "SELECT pg_sleep(600)")
		done <- err
	}()
	require.Eventually(t, func() bool { return len(later(t, d, "long-transaction", 10*time.Minute)) == 1 }, 10*time.Second, 50*time.Millisecond)
	require.Empty(t, later(t, d, "idle-transaction", 10*time.Minute))
	run(t, d, later(t, d, "long-transaction", 10*time.Minute)[0].SQL[0])
	require.Error(t, <-done)
	require.Empty(t, later(t, d, "long-transaction", 10*time.Minute))
}

func TestConnectionLimit(t *testing.T) {
	d := scratchtest.Database(t, "")
	require.Empty(t, find(t, d, "connection-limit"))
	var pool []*sql.Conn
	for range 42 { // of 50
		pool = append(pool, conn(t, d))
	}
	require.Len(t, find(t, d, "connection-limit"), 1)
	d.DB().SetMaxIdleConns(5) // a smaller pool, as the advice has it
	for _, c := range pool {
		require.NoError(t, c.Close())
	}
	require.Eventually(t, func() bool { return len(find(t, d, "connection-limit")) == 0 }, 10*time.Second, 50*time.Millisecond)
}
