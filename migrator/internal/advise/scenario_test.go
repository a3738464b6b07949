package advise_test

import (
	"database/sql"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/lib/pq"
	"github.com/stretchr/testify/require"

	"github.com/senior-backend/toolkit/migrator/internal/advise"
	"github.com/senior-backend/toolkit/migrator/internal/schema"
	"github.com/senior-backend/toolkit/migrator/internal/scratch"
	"github.com/senior-backend/toolkit/migrator/internal/scratch/scratchtest"
	"github.com/senior-backend/toolkit/shared/report"
)

// shopTables are a schema with a missing composite index, a redundant one and an
// unused one, on which an application runs.
const shopTables = `
CREATE EXTENSION pg_stat_statements;
CREATE TABLE customers (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, name text NOT NULL);
CREATE TABLE orders (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, customer_id bigint NOT NULL REFERENCES customers, status text NOT NULL, placed timestamptz NOT NULL);
CREATE TABLE order_items (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, order_id bigint NOT NULL REFERENCES orders, sku text NOT NULL);
CREATE TABLE sessions (token text PRIMARY KEY, seen timestamptz NOT NULL);
CREATE TABLE events (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, kind int NOT NULL, day date NOT NULL, body text NOT NULL);
CREATE INDEX orders_customer ON orders (customer_id);
CREATE INDEX items_order ON order_items (order_id);
CREATE INDEX items_order_sku ON order_items (order_id, sku);
CREATE INDEX idle ON orders (placed);
`

const shop = shopTables + `
INSERT INTO customers (name) SELECT 'c' || n FROM generate_series(1, 500) n;
INSERT INTO orders (customer_id, status, placed) SELECT 1 + n % 500, 'open', now() FROM generate_series(1, 5000) n;
INSERT INTO order_items (order_id, sku) SELECT 1 + n % 5000, 'sku' FROM generate_series(1, 15000) n;
INSERT INTO sessions SELECT 't' || n, now() FROM generate_series(1, 1000) n;
INSERT INTO events (kind, day, body) SELECT n % 100, date '2025-01-01' + n % 300, repeat('x', 50) FROM generate_series(1, 60000) n;
ANALYZE;
SELECT pg_stat_statements_reset();`

// useShop is the application: a list whose items it fetches one by one, and
// statements that are fine.
func useShop(t *testing.T, db *sql.DB) {
	t.Helper()
	for page := range 15 {
		rows, err := db.Query("SELECT id, customer_id FROM orders WHERE id > $1 ORDER BY id LIMIT 20", page*20)
		require.NoError(t, err)
		var ids []int64
		for rows.Next() {
			var id, customer int64
			require.NoError(t, rows.Scan(&id, &customer))
			ids = append(ids, id)
		}
		require.NoError(t, rows.Err())
		for n, id := range ids {
			ask(t, db, "SELECT * FROM order_items WHERE order_id = $1", id)
			if n == 0 {
				ask(t, db, "SELECT * FROM customers WHERE id = $1", id%500)
			}
		}
		for n := range 20 {
			ask(t, db, "SELECT * FROM sessions WHERE token = $1", fmt.Sprint("t", n))
		}
		for n := range 3 {
			ask(t, db, "SELECT count(*) FROM events WHERE kind = $1 AND day = $2", n, "2025-03-03")
		}
	}
}

func ask(t *testing.T, db *sql.DB, query string, args ...any) {
	t.Helper()
	rows, err := db.Query(query, args...)
	require.NoError(t, err)
	for rows.Next() {
	}
	require.NoError(t, rows.Err())
	require.NoError(t, rows.Close())
}

func TestScenario(t *testing.T) {
	server := scratchtest.Open(t, scratch.Options{Preload: "pg_stat_statements"})
	d := scratchtest.In(t, server, shop)
	useShop(t, d.DB())
	var f advise.Facts
	require.Eventually(t, func() bool {
		f = facts(t, d)
		return len(advise.Advise(f, selection(t, "seq-scan,unused-index"))) == 2
	}, 20*time.Second, 200*time.Millisecond)

	found := map[string][]string{}
	for _, finding := range advise.Advise(f, selection(t, "no-timestamps=off")) {
		require.NotEqual(t, report.SeverityError, finding.Severity, finding.Message)
		found[finding.Rule] = append(found[finding.Rule], finding.Message)
	}
	require.Equal(t, []string{"N+1: order_items is looked up by order_id once for each row of orders"}, found["n-plus-one"])
	require.Equal(t, []string{"index idle is not used"}, found["unused-index"])
	require.Equal(t, []string{"events is read from end to end again and again"}, found["seq-scan"])
	require.Len(t, found["redundant-index"], 1)
	require.Empty(t, found["lazy-relation"])

	advised := advice(t, server, d, shopTables)
	require.Equal(t, []string{"events (day, kind)"}, definitions(advised.Suggested))
	suggested := advised.Suggested[0]
	require.Equal(t, "CREATE INDEX CONCURRENTLY IF NOT EXISTS idx_events_day_kind ON events (day, kind)", suggested.SQL)
	require.True(t, suggested.Proof.Pays())
	require.Contains(t, suggested.Serves[0], "SELECT count(*) FROM events")
	run(t, d, suggested.SQL)
	run(t, d, "ANALYZE")
	require.Empty(t, definitions(advice(t, server, d, shopTables+suggested.SQL).Suggested))
}

// What the findings say is run, the loop becomes one query for the list, and
// the next reading sees neither scan nor loop. What is looked up now and then
// beside a list, and sessions that have nothing to do with it, are no loops.
func TestMendedLoopsAndScansAreGone(t *testing.T) {
	d := scratchtest.In(t, scratchtest.Open(t, scratch.Options{Preload: "pg_stat_statements"}), shop)
	useShop(t, d.DB())
	eventually(t, d, "seq-scan", 1)
	scan, loop := find(t, d, "seq-scan")[0], find(t, d, "n-plus-one")
	require.Equal(t, []string{"CREATE INDEX CONCURRENTLY IF NOT EXISTS idx_events_day_kind ON events (day, kind)"}, scan.SQL)
	require.Contains(t, scan.Evidence, "SELECT count(*) FROM events WHERE kind = $1 AND day = $2")
	require.Len(t, loop, 1)
	require.Contains(t, loop[0].Advice, "SELECT * FROM order_items WHERE order_id = ANY($1)")
	require.Contains(t, loop[0].Evidence, "300 look-ups for 300 rows of the list (1.00 each, 20 per call of the list)")
	run(t, d, scan.SQL[0])
	before := facts(t, d)
	for page := range 30 {
		var ids []int64
		rows, err := d.DB().Query("SELECT id, customer_id FROM orders WHERE id > $1 ORDER BY id LIMIT 20", page*20)
		require.NoError(t, err)
		for rows.Next() {
			var id, customer int64
			require.NoError(t, rows.Scan(&id, &customer))
			ids = append(ids, id)
		}
		require.NoError(t, rows.Err())
		ask(t, d.DB(), "SELECT * FROM order_items WHERE order_id = ANY($1)", pq.Array(ids))
		ask(t, d.DB(), "SELECT * FROM customers WHERE id = $1", page)
		ask(t, d.DB(), "SELECT count(*) FROM events WHERE kind = $1 AND day = $2", page, "2025-03-03")
	}
	var after advise.Facts
	require.Eventually(t, func() bool {
		after = facts(t, d)
		after.Statistics = advise.Between(before.Statistics, after.Statistics, before.Now)
		return after.Statistics.Tables[schema.ID{Kind: schema.KindTable, Schema: "public", Name: "events"}].IndexScans >= 30
	}, 30*time.Second, 100*time.Millisecond)
	require.Empty(t, advise.Advise(after, selection(t, "n-plus-one,seq-scan")))
}

// Where statements are not known, the relations that may be loaded lazily are
// named; once they are counted, as the report says how to, it is the loops.
func TestLazyRelationsAreNamedWhereNoStatementsAreKnown(t *testing.T) {
	server := scratchtest.Open(t, scratch.Options{Preload: "pg_stat_statements"})
	d := scratchtest.In(t, server, "CREATE TABLE p (id int PRIMARY KEY); CREATE TABLE c (p int REFERENCES p); CREATE TABLE alone (id int PRIMARY KEY, up int REFERENCES alone)")
	found := find(t, d, "lazy-relation")
	require.Len(t, found, 1)
	require.Equal(t, "lists of p risk N+1 queries: c by p", found[0].Message)
	const remedy = "CREATE EXTENSION pg_stat_statements"
	require.Contains(t, facts(t, d).Statistics.Missing[0], remedy)
	run(t, d, remedy)
	require.Empty(t, find(t, d, "lazy-relation"))
}

// A statement that reads a whole table is slow until the index is there that
// --suggest-indexes, which its finding names, has tried.
func TestSlowStatementMendedByTheIndexItAsksFor(t *testing.T) {
	const table = `CREATE EXTENSION pg_stat_statements;
		CREATE TABLE t (id int PRIMARY KEY, k int NOT NULL, pad text NOT NULL);
		CREATE FUNCTION checks(int) RETURNS boolean LANGUAGE plpgsql VOLATILE COST 0.0001 AS 'BEGIN PERFORM count(*) FROM generate_series(1, 300); RETURN true; END';
		CREATE VIEW checked AS SELECT * FROM t WHERE checks(id);`
	server := scratchtest.Open(t, scratch.Options{Preload: "pg_stat_statements"})
	d := scratchtest.In(t, server, table+"INSERT INTO t SELECT n, n % 5000, repeat('x', 200) FROM generate_series(1, 10000) n; ANALYZE; SELECT pg_stat_statements_reset()")
	const query = "SELECT pad FROM checked WHERE k = $1"
	for range 4 {
		ask(t, d.DB(), query, 7)
	}
	found := find(t, d, "slow-statement")
	require.Len(t, found, 1)
	require.Contains(t, found[0].Evidence, "reads all 10000 rows of t")
	require.Contains(t, found[0].Advice, "--suggest-indexes")
	advised := advice(t, server, d, table).Suggested
	require.Equal(t, []string{"t (k)"}, definitions(advised))
	run(t, d, advised[0].SQL)
	before := facts(t, d)
	for range 4 {
		ask(t, d.DB(), query, 7)
	}
	after := facts(t, d)
	after.Statistics = advise.Between(before.Statistics, after.Statistics, before.Now)
	require.Empty(t, advise.Advise(after, selection(t, "slow-statement")))
}

// Slow statements are named with what is wrong in their plans.
func TestSlowStatement(t *testing.T) {
	d := scratchtest.In(t, scratchtest.Open(t, scratch.Options{Preload: "pg_stat_statements"}), `
		CREATE EXTENSION pg_stat_statements;
		CREATE TABLE a (id int PRIMARY KEY, k int NOT NULL, pad text NOT NULL);
		INSERT INTO a SELECT n, n % 20, repeat('x', 400) FROM generate_series(1, 30000) n;
		CREATE TABLE b (n int NOT NULL);
		INSERT INTO b SELECT generate_series(1, 2000);
		ANALYZE;
		SELECT pg_stat_statements_reset()`)
	run(t, d, "ALTER DATABASE "+current(t, d)+" SET max_parallel_workers_per_gather = 0") // one plan on any machine
	d.DB().SetMaxIdleConns(0)                                                             // sessions that began before do not have it
	d.DB().SetMaxIdleConns(2)
	ask(t, d.DB(), "SELECT 1")
	require.Empty(t, find(t, d, "slow-statement"))
	ask(t, d.DB(), "SELECT pg_sleep($1)", 0.15)
	selective := "SELECT a.pad, (SELECT pg_sleep($1)) FROM a WHERE a.k = $2 ORDER BY a.pad"
	ask(t, d.DB(), selective, 0.15, 3)
	large := "SELECT a.pad, (SELECT pg_sleep($1)) FROM a WHERE a.k <> $2 ORDER BY a.pad"
	ask(t, d.DB(), large, 0.15, 3)
	loop := "SELECT (SELECT pg_sleep($1)), count(*) FROM b x JOIN b y ON x.n < y.n + $2"
	ask(t, d.DB(), loop, 0.15, -5000)
	wrong := "SELECT a.id, (SELECT pg_sleep($1)) FROM a WHERE a.k + a.id > $2 AND a.id + a.k > $3 AND a.id * $4 > a.k"
	ask(t, d.DB(), wrong, 0.15, -1, -1, 1)
	united := "SELECT a.id FROM a UNION SELECT a.k FROM a WHERE (SELECT pg_sleep($1)) IS NOT NULL"
	ask(t, d.DB(), united, 0.15)
	kept := "SELECT a.id FROM a UNION ALL SELECT a.k FROM a WHERE (SELECT pg_sleep($1)) IS NOT NULL"
	ask(t, d.DB(), kept, 0.15)
	hashed := "SELECT count(x.pad || y.pad) FROM a x JOIN a y ON x.id = y.k + $2 WHERE (SELECT pg_sleep($1)) IS NOT NULL"
	ask(t, d.DB(), hashed, 0.15, 1)
	repeated := "SELECT sum((SELECT count(*) FROM b WHERE b.n < a.k + $2)) FROM a WHERE (SELECT pg_sleep($1)) IS NOT NULL AND a.id < $3"
	ask(t, d.DB(), repeated, 0.15, 1, 300)
	once := "SELECT count(*) FROM a WHERE id NOT IN (SELECT n FROM b) AND (SELECT pg_sleep($1)) IS NOT NULL"
	ask(t, d.DB(), once, 0.15)
	quick := "SELECT a.pad FROM a WHERE a.id = $1"
	ask(t, d.DB(), quick, 7)
	found := map[string]string{}
	for _, f := range find(t, d, "slow-statement") {
		found[f.Message[strings.Index(f.Message, ": ")+2:]] = f.Evidence
	}
	require.Contains(t, found, "SELECT pg_sleep($1)")
	require.NotContains(t, found, quick)
	require.Contains(t, found[selective], "reads all 30000 rows of a to keep about 1500 by (a.k = $2), sorts by a.pad")
	require.NotContains(t, found[selective], "spills")
	require.Contains(t, found[large], "which spills to disk as work_mem is 4.0 MB")
	require.Contains(t, found[large], "to temporary files in all its calls")
	require.Contains(t, found[loop], "goes through all of b for each of about 2000 rows, in a nested loop")
	require.Contains(t, found[united], "compares about 60000 rows with each other, as UNION drops duplicates: UNION ALL spares that")
	require.Contains(t, found, kept)
	require.NotContains(t, found[kept], "UNION")
	require.Contains(t, found[hashed], "builds a hash table of about 11.7 MB for a join, which spills to disk as work_mem is 4.0 MB")
	require.Contains(t, found[repeated], "runs a subquery that reads all of b once for each of about ")
	require.Contains(t, found, once)
	require.NotContains(t, found[once], "runs a subquery")
	require.Contains(t, found[wrong], "returns 29981 rows on average where the planner expects 1111")
}

func selection(t *testing.T, rules string) advise.Selection {
	t.Helper()
	selected, err := advise.Select(rules)
	require.NoError(t, err)
	return selected
}

func TestBetweenSeesOnlyWhatHappenedMeanwhile(t *testing.T) {
	d := scratchtest.In(t, scratchtest.Open(t, scratch.Options{Preload: "pg_stat_statements"}), shop)
	useShop(t, d.DB())
	events := schema.ID{Kind: schema.KindTable, Schema: "public", Name: "events"}
	require.Eventually(t, func() bool { return facts(t, d).Statistics.Tables[events].SeqScans >= 45 }, 20*time.Second, 100*time.Millisecond)
	before := facts(t, d)
	require.NotEmpty(t, advise.Advise(before, selection(t, "n-plus-one")))
	quiet := facts(t, d)
	quiet.Statistics = advise.Between(before.Statistics, quiet.Statistics, before.Now)
	require.Empty(t, advise.Advise(quiet, selection(t, "n-plus-one,seq-scan")))
	useShop(t, d.DB())
	busy := facts(t, d)
	busy.Statistics = advise.Between(before.Statistics, busy.Statistics, before.Now)
	require.Len(t, advise.Advise(busy, selection(t, "n-plus-one")), 1)
}
