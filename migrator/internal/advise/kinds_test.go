package advise_test

import (
	"context"
	"database/sql"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/senior-backend/toolkit/migrator/internal/advise"
	"github.com/senior-backend/toolkit/migrator/internal/schema"
	"github.com/senior-backend/toolkit/migrator/internal/scratch"
	"github.com/senior-backend/toolkit/migrator/internal/scratch/scratchtest"
)

// storeTables are tables with no index but their keys.
const storeTables = `
CREATE EXTENSION pg_stat_statements;
CREATE EXTENSION pg_trgm;
CREATE TABLE customers (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, email text NOT NULL, name text NOT NULL, tags text[] NOT NULL, profile jsonb NOT NULL);
CREATE TABLE orders (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, customer_id bigint NOT NULL REFERENCES customers, status text NOT NULL,
	total numeric(12,2) NOT NULL, placed timestamptz NOT NULL, note text NOT NULL);
CREATE TABLE jobs (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, queue text NOT NULL, run_at timestamptz NOT NULL, done_at timestamptz, body text NOT NULL);
CREATE TABLE articles (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, title text NOT NULL,
	search tsvector GENERATED ALWAYS AS (to_tsvector('english', title)) STORED);
CREATE TABLE bookings (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, room int NOT NULL, during tstzrange NOT NULL);
CREATE TABLE readings (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, sensor int NOT NULL, taken timestamptz NOT NULL, raw text NOT NULL);
CREATE TABLE visits (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, site int NOT NULL, amount int NOT NULL, raw text NOT NULL);
CREATE TABLE log (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, kind int NOT NULL, body text NOT NULL);
CREATE INDEX readings_sensor ON readings (sensor);
`

// VACUUM marks pages as visible to all only when the commits before it are on disk.
const storeRows = `
SET synchronous_commit = local;
INSERT INTO customers (email, name, tags, profile) SELECT 'User' || n || '@example.com', md5(n::text), ARRAY['t' || n % 500], jsonb_build_object('city', 'c' || n % 700) FROM generate_series(1, 15000) n;
INSERT INTO orders (customer_id, status, total, placed, note)
	SELECT 1 + n % 15000, (ARRAY['open', 'paid', 'sent', 'back'])[1 + n % 4], n % 900, timestamptz '2026-01-01' + n * interval '7 minutes', repeat('x', 60) FROM generate_series(1, 40000) n;
INSERT INTO jobs (queue, run_at, done_at, body) SELECT 'q' || n % 5, timestamptz '2026-01-01' + n * interval '1 minute', CASE WHEN n % 100 > 0 THEN now() END, repeat('y', 80) FROM generate_series(1, 20000) n;
INSERT INTO articles (title) SELECT 'word' || n % 3000 || ' text' || n FROM generate_series(1, 10000) n;
INSERT INTO bookings (room, during) SELECT n % 50, tstzrange(timestamptz '2026-01-01' + n * interval '1 hour', timestamptz '2026-01-01' + (n + 2) * interval '1 hour') FROM generate_series(1, 15000) n;
INSERT INTO readings (sensor, taken, raw) SELECT n % 41, timestamptz '2026-01-01' + n % 30 * interval '1 day', repeat('r', 60) FROM generate_series(1, 40000) n;
INSERT INTO visits (site, amount, raw) SELECT n % 100, n, repeat('r', 200) FROM generate_series(1, 40000) n;
INSERT INTO log (kind, body) SELECT n % 100, repeat('z', 100) FROM generate_series(1, 20000) n;
VACUUM ANALYZE;
SELECT pg_stat_statements_reset();`

// asked is a statement and how often it is sent.
type asked struct {
	times int
	query string
	args  []any
}

// storeWork is what an application asks, from single columns to full text.
func storeWork() []asked {
	return []asked{
		{20, "SELECT * FROM customers WHERE lower(email) = $1", []any{"user7@example.com"}},
		{20, "SELECT id FROM customers WHERE tags @> $1", []any{"{t7}"}},
		{20, "SELECT id FROM customers WHERE profile @> $1", []any{`{"city": "c7"}`}},
		{20, "SELECT id FROM customers WHERE name ILIKE $1", []any{"%abcdef%"}},
		{20, "SELECT o.id FROM customers c JOIN orders o ON o.customer_id = c.id WHERE c.email = $1", []any{"User7@example.com"}},
		{20, "SELECT * FROM orders WHERE customer_id = $1 AND status = $2", []any{7, "paid"}},
		{20, "SELECT * FROM orders ORDER BY total DESC, placed LIMIT $1", []any{10}},
		{20, "SELECT * FROM jobs WHERE done_at IS NULL AND queue = $1 ORDER BY run_at LIMIT $2 FOR UPDATE SKIP LOCKED", []any{"q1", 5}},
		{20, "SELECT id FROM articles WHERE search @@ to_tsquery($1)", []any{"word7"}},
		{20, "SELECT id FROM bookings WHERE during && $1", []any{"[2026-02-01,2026-02-02)"}},
		{20, "SELECT * FROM readings WHERE sensor = $1 AND taken > $2 ORDER BY taken LIMIT $3", []any{7, "2026-01-01", 10}},
		{20, "UPDATE readings SET raw = $1 WHERE sensor = $2 AND taken = $3", []any{"x", 7, "2026-01-07"}},
		{20, "SELECT sum(amount) FROM visits WHERE site = $1", []any{7}},
		{3, "SELECT body FROM log WHERE kind = $1 AND body = $2", []any{7, "b"}},
		{1, "INSERT INTO log (kind, body) SELECT n % 100, repeat('z', 100) FROM generate_series(1, $1) n", []any{30000}},
	}
}

func send(t *testing.T, db *sql.DB, work []asked) {
	t.Helper()
	for _, w := range work {
		for range w.times {
			ask(t, db, w.query, w.args...)
		}
	}
}

// advice is what is suggested for the work that was done; tables are those of
// the database.
func advice(t *testing.T, server *scratch.Server, d *scratch.Database, tables string) advise.Advice {
	t.Helper()
	found, err := advised(t, server, d, tables)
	require.NoError(t, err)
	require.Empty(t, found.Notes)
	return found
}

// advised is advice that may have notes.
func advised(t *testing.T, server *scratch.Server, d *scratch.Database, tables string) (advise.Advice, error) {
	t.Helper()
	return advise.SuggestFor(context.Background(), facts(t, d), advise.Trials{
		Live:    d.DB(),
		Scratch: func(context.Context) (*sql.DB, error) { return scratchtest.In(t, server, "").DB(), nil },
		Copy:    func(context.Context) (*sql.DB, error) { return scratchtest.In(t, server, tables).DB(), nil },
	})
}

// definitions are the indexes without the words that all have.
func definitions(suggestions []advise.Suggestion) []string {
	var found []string
	for _, s := range suggestions {
		_, definition, _ := strings.Cut(s.SQL, " ON ")
		found = append(found, definition)
	}
	return found
}

// kinds are the indexes for storeWork: B-trees on a column, on several, on an
// expression, partial, covering, in an order; GIN and GiST.
func kinds() []string {
	return []string{
		"customers (email)",
		"customers (lower(email))",
		"customers USING gin (tags)",
		"customers USING gin (profile jsonb_path_ops)",
		"customers USING gin (name gin_trgm_ops)",
		"orders (customer_id)",
		"orders (total, placed DESC)",
		"jobs (run_at) WHERE done_at IS NULL",
		"articles USING gin (search)",
		"bookings USING gist (during)",
		"readings (sensor, taken)",
		"visits (site) INCLUDE (amount)",
	}
}

func TestKindsOfIndexes(t *testing.T) {
	server := scratchtest.Open(t, scratch.Options{Preload: "pg_stat_statements"})
	d := scratchtest.In(t, server, storeTables+storeRows)
	send(t, d.DB(), storeWork())
	found := advice(t, server, d, storeTables)
	require.ElementsMatch(t, kinds(), definitions(found.Suggested))
	for _, s := range found.Suggested {
		require.True(t, s.Proof.Pays(), s.SQL)
		require.Equal(t, "scratch", s.Proof.How)
		require.NotEmpty(t, s.Queries, s.SQL)
		require.Positive(t, s.Proof.Bytes, s.SQL)
		for _, q := range s.Queries {
			require.Less(t, q.After, q.Before, s.SQL)
		}
		if strings.Contains(s.SQL, "(sensor, taken)") {
			require.Len(t, s.Queries, 2)
			require.Equal(t, []string{"readings_sensor"}, s.Replaces)
			require.Positive(t, s.Written)
		}
	}
	// Writes outweigh what three look-ups would save.
	require.Len(t, found.LeftOut, 1)
	require.Equal(t, "log", found.LeftOut[0].Table.Name)
	require.Contains(t, found.LeftOut[0].Proof.Note, "rows were written meanwhile")

	// What is suggested can be run as printed, is used, and leaves nothing to suggest.
	tables := storeTables
	for _, s := range found.Suggested {
		run(t, d, s.SQL)
		tables += s.SQL + ";\n"
	}
	run(t, d, "ANALYZE")
	require.Empty(t, definitions(advice(t, server, d, tables).Suggested))
	for _, s := range found.Suggested {
		run(t, d, s.Rollback)
	}
	require.Len(t, facts(t, d).Schema.Indexes(schema.ID{Kind: schema.KindTable, Schema: "public", Name: "readings"}), 2)

	// Where the server has HypoPG, it is asked, and suggests the same. (The PostgreSQL that npm brings has none.)
	var available bool
	require.NoError(t, d.DB().QueryRow("SELECT EXISTS (SELECT FROM pg_available_extensions WHERE name = 'hypopg')").Scan(&available))
	t.Logf("HypoPG is there: %v", available)
	if available {
		run(t, d, "CREATE SCHEMA tools; CREATE EXTENSION hypopg SCHEMA tools")
		requireHypoPG(t, advice(t, server, d, storeTables))
	}
}

// requireHypoPG holds the advice to kinds, with HypoPG asked for each B-tree.
func requireHypoPG(t *testing.T, found advise.Advice) {
	t.Helper()
	require.ElementsMatch(t, kinds(), definitions(found.Suggested))
	for _, s := range found.Suggested {
		if !strings.Contains(s.SQL, "USING") && !strings.Contains(s.SQL, "lower(") {
			require.Equal(t, "hypopg", s.Proof.How, s.SQL)
		}
	}
}

// A statement that asks for the last rows is taken for what it returns; one
// that asks for most of the table alike is not helped by an index.
func TestOpenBoundsAreTakenForWhatTheyReturn(t *testing.T) {
	const table = "CREATE EXTENSION pg_stat_statements; CREATE TABLE events (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, at timestamptz NOT NULL, body text NOT NULL);"
	const rows = "INSERT INTO events (at, body) SELECT timestamptz '2026-01-01' + (n * 7919 % 20000) * interval '1 minute', repeat('x', 80) FROM generate_series(1, 20000) n; VACUUM ANALYZE; SELECT pg_stat_statements_reset()"
	server := scratchtest.Open(t, scratch.Options{Preload: "pg_stat_statements"})
	for since, want := range map[string][]string{"2026-01-14 20:00Z": {"events (at)"}, "2026-01-02": nil} {
		d := scratchtest.In(t, server, table+rows)
		send(t, d.DB(), []asked{{20, "SELECT * FROM events WHERE at > $1 AND at IS NOT NULL", []any{since}}})
		found := advice(t, server, d, table)
		require.Equal(t, want, definitions(found.Suggested), since)
	}
}
