package apply_test

import (
	"context"
	"database/sql"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/senior-backend/toolkit/migrator/internal/apply"
	"github.com/senior-backend/toolkit/migrator/internal/scratch"
	"github.com/senior-backend/toolkit/migrator/internal/scratch/scratchtest"
)

// shop is a schema with something of each kind that a rehearsal looks at.
const shop = `CREATE TABLE customers (id serial PRIMARY KEY, email text, phone text);
CREATE TABLE orders (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, customer_id int, total int, status text);
CREATE INDEX old_index ON orders (status);
CREATE VIEW totals AS SELECT customer_id, sum(total) FROM orders GROUP BY 1;
`

const shopRows = `INSERT INTO customers (email) SELECT n || '@example.org' FROM generate_series(1, 500) n;
INSERT INTO orders (customer_id, total) SELECT n % 500 + 1, n FROM generate_series(1, 10000) n;
`

// rehearse runs a dry run of one file on a database with rows and a copy without.
func rehearse(t *testing.T, server *scratch.Server, text string, change func(*apply.Stage)) (*apply.Rehearsal, *sql.DB) {
	t.Helper()
	target := scratchtest.In(t, server, shop+shopRows).DB()
	_, err := target.Exec("ANALYZE")
	require.NoError(t, err)
	return rehearseOn(t, server, target, shop, text, change), target
}

// rehearseOn is rehearse on a database that is there.
func rehearseOn(t *testing.T, server *scratch.Server, target *sql.DB, schema, text string, change func(*apply.Stage)) *apply.Rehearsal {
	t.Helper()
	clone := scratchtest.In(t, server, schema)
	stage := apply.Stage{Target: target, Clone: clone.DB(), HoldLimit: 10 * time.Second}
	if change != nil {
		change(&stage)
	}
	o := defaults()
	o.LockTimeout = 20 * time.Second // so that a busy machine's statements are not taken for long ones
	rehearsal, err := apply.Rehearse(context.Background(), stage, o, read(t, directory(t, "1.sql", text)), false)
	require.NoError(t, err)
	require.NoError(t, clone.Close())
	return rehearsal
}

func TestRehearsalSeesLocksAndWork(t *testing.T) {
	server := scratchtest.Server(t)
	target := scratchtest.In(t, server, shop+shopRows+"ANALYZE;").DB()
	for name, test := range map[string]struct {
		sql       string
		lock      apply.Lock
		rewritten []string
		scanned   []string
		gone      []string
		hazards   []string
		advice    string
	}{
		"new column": {sql: "ALTER TABLE orders ADD note text DEFAULT 'x'", lock: apply.Lock{Mode: "AccessExclusiveLock", Object: "public.orders"}},
		"computed default": {
			sql: "ALTER TABLE orders ADD r float DEFAULT random()", lock: apply.Lock{Mode: "AccessExclusiveLock", Object: "public.orders"},
			rewritten: []string{"public.old_index", "public.orders", "public.orders_pkey"}, hazards: []string{"table-rewrite"},
		},
		"blocking index":   {sql: "CREATE INDEX i ON orders (total)", lock: apply.Lock{Mode: "ShareLock", Object: "public.orders"}, scanned: []string{"public.orders"}, hazards: []string{"blocking-index-build"}},
		"concurrent index": {sql: "CREATE INDEX CONCURRENTLY i ON orders (total)", lock: apply.Lock{Mode: "ShareUpdateExclusiveLock", Object: "public.orders"}, scanned: []string{"public.orders"}},
		"check that scans": {sql: "ALTER TABLE orders ADD CHECK (total > 0)", lock: apply.Lock{Mode: "AccessExclusiveLock", Object: "public.orders"}, scanned: []string{"public.orders"}, hazards: []string{"scan-under-lock"}},
		"not null": {
			sql: "ALTER TABLE orders ALTER total SET NOT NULL", lock: apply.Lock{Mode: "AccessExclusiveLock", Object: "public.orders"},
			scanned: []string{"public.orders"}, hazards: []string{"required-column", "scan-under-lock"},
		},
		"unique": {
			sql: "ALTER TABLE orders ADD UNIQUE (total)", lock: apply.Lock{Mode: "AccessExclusiveLock", Object: "public.orders"},
			scanned: []string{"public.orders"}, hazards: []string{"scan-under-lock"}, advice: "CREATE UNIQUE INDEX CONCURRENTLY",
		},
		"check not valid":    {sql: "ALTER TABLE orders ADD CHECK (total > 0) NOT VALID", lock: apply.Lock{Mode: "AccessExclusiveLock", Object: "public.orders"}},
		"foreign key":        {sql: "ALTER TABLE orders ADD FOREIGN KEY (customer_id) REFERENCES customers", lock: apply.Lock{Mode: "ShareRowExclusiveLock", Object: "public.orders"}, scanned: []string{"public.orders"}, hazards: []string{"scan-under-lock", "fk-without-index"}},
		"dropped column":     {sql: "ALTER TABLE customers DROP phone", lock: apply.Lock{Mode: "AccessExclusiveLock", Object: "public.customers"}, gone: []string{"public.customers.phone"}, hazards: []string{"breaks-running-code"}},
		"renamed table":      {sql: "ALTER TABLE customers RENAME TO clients", lock: apply.Lock{Mode: "AccessExclusiveLock", Object: "public.customers"}, gone: []string{"public.customers"}, hazards: []string{"breaks-running-code"}},
		"dropped view":       {sql: "DROP VIEW totals", lock: apply.Lock{Mode: "AccessExclusiveLock", Object: "public.totals"}, gone: []string{"public.totals"}, hazards: []string{"breaks-running-code"}},
		"unbatched update":   {sql: "UPDATE orders SET status = 'new'", lock: apply.Lock{Mode: "RowExclusiveLock", Object: "public.orders"}, scanned: []string{"public.orders"}, hazards: []string{"unbatched-write"}},
		"refresh of nothing": {sql: "ANALYZE orders", lock: apply.Lock{Mode: "ShareUpdateExclusiveLock", Object: "public.orders"}},
	} {
		t.Run(name, func(t *testing.T) {
			rehearsal := rehearseOn(t, server, target, shop, test.sql, nil)
			require.NoError(t, rehearsal.Err)
			seen := rehearsal.Migrations[0].Statements[0]
			require.Equal(t, apply.Proved, seen.Clone.Result)
			require.Contains(t, seen.Locks, test.lock)
			require.Equal(t, test.rewritten, objects(seen.Rewritten))
			require.Equal(t, test.scanned, objects(seen.Scanned))
			require.Equal(t, test.gone, seen.Gone)
			var codes []string
			for _, h := range rehearsal.Hazards {
				codes = append(codes, h.Code)
			}
			require.Equal(t, test.hazards, codes)
			if test.advice != "" {
				require.Contains(t, rehearsal.Hazards[0].Advice, test.advice)
			}
			require.Zero(t, value[int](t, target, "SELECT count(*) FROM pg_class WHERE relname IN ('i', 'clients', 'history')"))
		})
	}
}

func objects(touched []apply.Touched) []string {
	var names []string
	for _, one := range touched {
		names = append(names, one.Object)
	}
	return names
}

func TestRehearsalChangesNothing(t *testing.T) {
	server := scratchtest.Server(t)
	target := scratchtest.In(t, server, shop+shopRows).DB()
	const catalogs = `SELECT (SELECT md5(string_agg(format('%s %s %s %s', oid, relname, relfilenode, relchecks), ',' ORDER BY oid)) FROM pg_class)
		|| (SELECT md5(string_agg(a::text, ',' ORDER BY attrelid, attnum)) FROM pg_attribute a) || (SELECT md5(string_agg(i::text, ',' ORDER BY indexrelid)) FROM pg_index i)
		|| (SELECT md5(string_agg(k::text, ',' ORDER BY oid)) FROM pg_constraint k)`
	before := value[string](t, target, catalogs)
	const contents = `SELECT md5(string_agg(c::text, ',' ORDER BY c.id)) || (SELECT md5(string_agg(o::text, ',' ORDER BY o.id)) FROM orders o)
		|| (SELECT string_agg(sequencename || coalesce(last_value, 0), ',' ORDER BY 1) FROM pg_sequences) FROM customers c`
	rows := value[string](t, target, contents)
	dir := directory(t,
		"1.sql", "ALTER TABLE orders ADD note text; UPDATE orders SET note = 'x'; DROP VIEW totals; TRUNCATE customers RESTART IDENTITY; DROP TABLE customers;",
		"2.sql", "CREATE INDEX CONCURRENTLY i ON orders (total); VACUUM orders; ALTER TABLE orders ADD CONSTRAINT k UNIQUE USING INDEX i;",
		"3.sql", "CREATE SCHEMA other; CREATE TABLE other.t AS SELECT * FROM orders; DELETE FROM orders;",
	)
	stage := apply.Stage{Target: target, Clone: scratchtest.In(t, server, shop).DB(), HoldLimit: 10 * time.Second}
	rehearsal, err := apply.Rehearse(context.Background(), stage, defaults(), read(t, dir), false)
	require.NoError(t, err)
	require.Error(t, rehearsal.Err, "the constraint over a plain index")
	require.ErrorContains(t, rehearsal.Err, `"i" is not a unique index`)
	stage.Clone = scratchtest.In(t, server, shop).DB()
	rehearsal, err = apply.Rehearse(context.Background(), stage, defaults(), append(read(t, dir)[:1], read(t, dir)[2]), false)
	require.NoError(t, err)
	require.NoError(t, rehearsal.Err)
	require.Empty(t, rehearsal.Sequences)
	require.Equal(t, before, value[string](t, target, catalogs))
	require.Equal(t, rows, value[string](t, target, contents))
}

func TestRehearsalSaysWhatWasProvedWhere(t *testing.T) {
	server := scratchtest.Server(t)
	rehearsal, _ := rehearse(t, server, `-- migrator: plan online
CREATE UNIQUE INDEX CONCURRENTLY u ON customers (email);
ALTER TABLE customers ADD CONSTRAINT u UNIQUE USING INDEX u;
INSERT INTO customers (email) VALUES ('new');
ALTER TABLE orders ADD CONSTRAINT c CHECK (total > 0) NOT VALID;
ALTER TABLE orders VALIDATE CONSTRAINT c;`, nil)
	require.NoError(t, rehearsal.Err)
	seen := rehearsal.Migrations[0].Statements
	require.Equal(t, apply.Proof{Result: apply.Beyond, Note: "no transaction can hold it"}, seen[0].Target)
	require.Contains(t, seen[0].Phases, "waiting for writers before build")
	require.Equal(t, apply.Beyond, seen[1].Target.Result)
	require.Contains(t, seen[1].Target.Note, "it needs statement 1, which could not run here")
	for _, one := range seen[2:] {
		require.Equal(t, apply.Proved, one.Target.Result)
	}
	require.Equal(t, []string{"public.customers_id_seq"}, rehearsal.Sequences)
	require.Contains(t, seen[4].Locks, apply.Lock{Mode: "ShareUpdateExclusiveLock", Object: "public.orders"}, "without the lock of the statement before")
}

func TestRehearsalTellsDroppedFromMadeAgain(t *testing.T) {
	server := scratchtest.Server(t)
	const again = "DROP VIEW totals;\nALTER TABLE orders ALTER total TYPE bigint;\nCREATE VIEW totals AS SELECT customer_id, sum(total) FROM orders GROUP BY 1;"
	for text, want := range map[string][]string{
		again:                                {"type-change", "table-rewrite"},
		"-- migrator: plan online\n" + again: {"type-change", "missing-meanwhile", "table-rewrite"},
		"-- migrator: plan online\nBEGIN;\nDROP VIEW totals;\nEND;": {"breaks-running-code"},
	} {
		rehearsal, _ := rehearse(t, server, text, nil)
		require.NoError(t, rehearsal.Err)
		var codes []string
		for _, h := range rehearsal.Hazards {
			if h.Code != "many-exclusive-locks" {
				codes = append(codes, h.Code)
			}
		}
		require.Equal(t, want, codes, text)
	}
}

func TestRehearsalLeavesOutWhatIsNew(t *testing.T) {
	server := scratchtest.Server(t)
	rehearsal, _ := rehearse(t, server, `CREATE TABLE fresh (a int); CREATE INDEX i ON fresh (a); ALTER TABLE fresh ALTER a TYPE bigint; ALTER TABLE fresh DROP a; DROP TABLE fresh;
ALTER TABLE orders RENAME TO sales; ALTER TABLE sales ALTER total TYPE bigint USING total::bigint;`, nil)
	require.Error(t, rehearsal.Err, "the view needs the column")
	rehearsal, _ = rehearse(t, server, `CREATE TABLE fresh (a int); CREATE INDEX i ON fresh (a); ALTER TABLE fresh ALTER a TYPE bigint; ALTER TABLE fresh DROP a; DROP TABLE fresh;
ALTER TABLE orders RENAME TO sales; ALTER TABLE sales ALTER customer_id SET NOT NULL;`, nil)
	require.NoError(t, rehearsal.Err)
	require.Len(t, rehearsal.Hazards, 3)
	require.Equal(t, "public.orders", rehearsal.Hazards[0].Object)
	require.Equal(t, "public.sales.customer_id", rehearsal.Hazards[1].Object)
	require.Equal(t, "public.sales", rehearsal.Hazards[2].Object)
	seen := rehearsal.Migrations[0].Statements
	require.Empty(t, seen[1].Locks)
	require.Positive(t, seen[6].Scanned[0].Bytes, "the size is that of the live table")
}

func TestRehearsalNeedsRows(t *testing.T) {
	server := scratchtest.Server(t)
	rehearsal, _ := rehearse(t, server, "ALTER TABLE orders ADD FOREIGN KEY (customer_id) REFERENCES customers;\nINSERT INTO orders (customer_id) VALUES (1);\nALTER TABLE orders ADD CHECK (total < 100);", nil)
	seen := rehearsal.Migrations[0].Statements
	require.Equal(t, apply.Dependent, seen[1].Clone.Result)
	require.Equal(t, apply.Proved, seen[1].Target.Result)
	require.ErrorContains(t, rehearsal.Err, `1.sql:3:1: check constraint "orders_total_check" of relation "orders" is violated by some row (SQLSTATE 23514)`)
	require.Equal(t, apply.Broken, seen[2].Target.Result)

	rehearsal, _ = rehearse(t, server, "ALTER TABLE orders ADD CHECK (total < 100);", func(s *apply.Stage) { s.CopyOnly = true })
	require.NoError(t, rehearsal.Err)
	require.False(t, rehearsal.OnTarget)
	require.Equal(t, apply.Untried, rehearsal.Migrations[0].Statements[0].Target.Result)
}

func TestRehearsalOfWhatOnlyATransactionShows(t *testing.T) {
	server := scratchtest.Server(t)
	rehearsal, _ := rehearse(t, server, "CREATE TYPE e AS ENUM ('a');", nil)
	require.NoError(t, rehearsal.Err)
	rehearsal, _ = rehearse(t, server, "CREATE TEMP TABLE x ON COMMIT DROP AS SELECT 1 AS a;\nSET LOCAL search_path = public, pg_catalog;\nUPDATE orders SET total = a FROM x;", nil)
	require.NoError(t, rehearsal.Err)
	rehearsal, _ = rehearse(t, server, "SET LOCAL work_mem = '5MB';\nDO $$ BEGIN ASSERT current_setting('work_mem') = '5MB'; END $$;", nil)
	require.NoError(t, rehearsal.Err)
	require.Equal(t, apply.Proved, rehearsal.Migrations[0].Statements[1].Clone.Result)
}

func TestRehearsalKeepsLocksForItsLimitOnly(t *testing.T) {
	server := scratchtest.Server(t)
	rehearsal, _ := rehearse(t, server, "ALTER TABLE orders ADD note text;\nDO $$ BEGIN IF EXISTS (SELECT FROM orders) THEN PERFORM pg_sleep(60); END IF; END $$;\nSELECT 1;", func(s *apply.Stage) {
		s.HoldLimit = 300 * time.Millisecond
	})
	require.NoError(t, rehearsal.Err)
	seen := rehearsal.Migrations[0].Statements
	require.Equal(t, apply.Proved, seen[0].Target.Result)
	require.Contains(t, seen[1].Target.Note, "stopped after 300ms, so as not to keep the database's locks for longer")
	require.Equal(t, apply.Untried, seen[2].Target.Result)
}

func TestRehearsalStepsBackFromLocks(t *testing.T) {
	server := scratchtest.Server(t)
	target := scratchtest.In(t, server, shop).DB()
	tx, err := target.Begin()
	require.NoError(t, err)
	t.Cleanup(func() { _ = tx.Rollback() })
	_, err = tx.Exec("SELECT FROM orders LIMIT 1")
	require.NoError(t, err)
	o := defaults()
	o.LockTimeout = 4 * time.Second // so that who is in the way is also seen on a busy machine
	rehearsal, err := apply.Rehearse(context.Background(), apply.Stage{
		Target: target, Clone: scratchtest.In(t, server, shop).DB(), HoldLimit: 20 * time.Second,
	}, o, read(t, directory(t, "1.sql", "ALTER TABLE orders ADD note text;")), false)
	require.NoError(t, err)
	require.NoError(t, rehearsal.Err)
	seen := rehearsal.Migrations[0].Statements[0]
	require.Equal(t, apply.Beyond, seen.Target.Result)
	require.Contains(t, seen.Target.Note, "lock timeout; in the way: server process")
}

func TestRehearsalForgivesWhatFollowsFromASkippedStatement(t *testing.T) {
	server := scratchtest.Server(t)
	rehearsal, _ := rehearse(t, server, `-- migrator: plan online
CREATE TYPE state AS ENUM ('new', 'paid');
ALTER TABLE orders ALTER status TYPE state USING status::state;
CREATE INDEX CONCURRENTLY news ON orders (total) WHERE status = 'new';
ALTER TYPE state RENAME TO state__old;
CREATE TYPE state AS ENUM ('new', 'sent');
DROP INDEX CONCURRENTLY news;
ALTER TABLE orders ALTER status TYPE state USING status::text::state;
DROP TYPE state__old;`, nil)
	require.NoError(t, rehearsal.Err)

	// The index that is dropped concurrently stands in the way of the new type.
	const more = shop + `CREATE TYPE state__old AS ENUM ('new', 'old'); ALTER TABLE orders ADD old state__old;
CREATE INDEX news ON orders (total) WHERE old = 'new';`
	const migration = `-- migrator: plan online
DROP INDEX CONCURRENTLY public.news;
CREATE TYPE state AS ENUM ('new', 'sent');
ALTER TABLE orders ALTER old TYPE state USING old::text::state;
DROP TYPE state__old;`
	dryRun := func(rows string) *apply.Rehearsal {
		stage := apply.Stage{Target: scratchtest.In(t, server, more+rows).DB(), Clone: scratchtest.In(t, server, more).DB(), HoldLimit: 10 * time.Second}
		rehearsal, err := apply.Rehearse(context.Background(), stage, defaults(), read(t, directory(t, "1.sql", migration)), false)
		require.NoError(t, err)
		return rehearsal
	}
	rehearsal = dryRun("")
	require.NoError(t, rehearsal.Err)
	seen := rehearsal.Migrations[0].Statements
	require.Equal(t, apply.Beyond, seen[0].Target.Result)
	for _, one := range seen[1:] {
		require.Equal(t, apply.Proved, one.Target.Result, one.Target.Note)
	}
	require.ErrorContains(t, dryRun("INSERT INTO orders (old) VALUES ('old');").Err, `invalid input value for enum state: "old"`)
}

func TestRehearsalNamesTheTransactionThatGathersLocks(t *testing.T) {
	server := scratchtest.Server(t)
	rehearsal, _ := rehearse(t, server, "ALTER TABLE orders ADD a int;\nALTER TABLE orders ADD b int;\nALTER TABLE customers ADD a int;", nil)
	require.NoError(t, rehearsal.Err)
	require.Len(t, rehearsal.Hazards, 1)
	require.Equal(t, "many-exclusive-locks", rehearsal.Hazards[0].Code)
	require.Equal(t, 3, rehearsal.Hazards[0].Line)
	require.Contains(t, rehearsal.Hazards[0].Message, "2 tables until it ends: public.customers, public.orders")

	rehearsal, _ = rehearse(t, server, "ALTER TABLE orders ADD FOREIGN KEY (customer_id) REFERENCES customers NOT VALID;\n", nil)
	require.NoError(t, rehearsal.Err)
	rehearsal, _ = rehearse(t, server, "-- migrator: plan online\nDROP TABLE orders, customers CASCADE;", nil)
	require.NoError(t, rehearsal.Err)
	for _, h := range rehearsal.Hazards {
		require.NotEqual(t, "many-exclusive-locks", h.Code, "one statement cannot be parted")
	}
}
