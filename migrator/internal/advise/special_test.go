package advise_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/senior-backend/toolkit/migrator/internal/scratch"
	"github.com/senior-backend/toolkit/migrator/internal/scratch/scratchtest"
)

// A large table that lies in the order of a column gets a BRIN index for
// ranges of it; one that does not, a B-tree, and so does the order of its rows.
func TestRangesOfTablesInOrder(t *testing.T) {
	const tables = `CREATE EXTENSION pg_stat_statements;
		CREATE TABLE log (id bigint NOT NULL, at timestamptz NOT NULL, mixed int NOT NULL, body text NOT NULL) WITH (fillfactor = 10);`
	const rows = `INSERT INTO log SELECT n, timestamptz '2026-01-01' + n * interval '1 second', n * 7919 % 60000, repeat('x', 100) FROM generate_series(1, 60000) n; ANALYZE; SELECT pg_stat_statements_reset()`
	server := scratchtest.Open(t, scratch.Options{Preload: "pg_stat_statements"})
	for query, want := range map[string]string{
		"SELECT count(*) FROM log WHERE at BETWEEN '2026-01-01 01:00' AND '2026-01-01 01:10'": "log USING brin (at)",
		"SELECT count(*) FROM log WHERE mixed BETWEEN 5 AND 9":                                "log (mixed)",
		"SELECT * FROM log ORDER BY at DESC LIMIT 10":                                         "log (at)",
	} {
		d := scratchtest.In(t, server, tables+rows)
		send(t, d.DB(), []asked{{20, query, nil}})
		found := advice(t, server, d, tables).Suggested
		require.Equal(t, []string{want}, definitions(found), query)
		require.True(t, found[0].Proof.Pays())
		run(t, d, found[0].SQL)
		require.Empty(t, advice(t, server, d, tables+found[0].SQL).Suggested)
	}
}

// What the server does not keep of a statement comes from the session that sent
// it; else it is inferred where the rows that came leave one choice, and the
// statement is named where they do not.
func TestConstantsThatTheServerDoesNotKeep(t *testing.T) {
	const tables = `CREATE EXTENSION pg_stat_statements;
		CREATE TABLE people (id bigint PRIMARY KEY, doc jsonb NOT NULL, name text COLLATE unicode NOT NULL);`
	const rows = `INSERT INTO people SELECT n, jsonb_build_object('city', 'c' || n % 500, 'town', 't' || n % 480, 'mail', n || '@x'), md5(n::text) FROM generate_series(1, 15000) n; ANALYZE; SELECT pg_stat_statements_reset()`
	server := scratchtest.Open(t, scratch.Options{Preload: "pg_stat_statements"})
	setUp := "CREATE COLLATION unicode (provider = icu, locale = 'en-US'); " + tables
	try := func(query string) ([]string, string, string) {
		d := scratchtest.In(t, server, setUp+rows)
		send(t, d.DB(), []asked{{20, query, nil}, {1, "SELECT 1", nil}})
		last := conn(t, d)
		if strings.Contains(query, "/* kept */") {
			_, err := last.ExecContext(t.Context(), strings.Replace(query, "/* kept */", "", 1))
			require.NoError(t, err)
		}
		found, err := advised(t, server, d, setUp)
		require.NoError(t, err)
		note := ""
		for _, s := range found.Suggested {
			note += s.Proof.Note
		}
		return definitions(found.Suggested), note, strings.Join(found.Notes, "\n")
	}
	found, note, _ := try("SELECT id FROM people WHERE doc ->> 'mail' = '7@x'")
	require.Equal(t, []string{"people ((doc ->> 'mail'::text))"}, found)
	require.Contains(t, note, "'mail' is the one that gives as many rows as came: check it")

	found, _, notes := try("SELECT id FROM people WHERE doc ->> 'city' = 'c7'") // or is it town?
	require.Empty(t, found)
	require.Contains(t, notes, "looks inside people.doc by a key that pg_stat_statements does not keep")

	found, note, notes = try("SELECT id /* kept */ FROM people WHERE doc ->> 'city' = 'c7'")
	require.Equal(t, []string{"people ((doc ->> 'city'::text))"}, found)
	require.Empty(t, note+notes)

	found, _, _ = try("SELECT id /* kept */ FROM people WHERE name LIKE 'abcd%'")
	require.Equal(t, []string{"people (name text_pattern_ops)"}, found)
}

// An index that is there and broken is mended, not made a second time.
func TestBrokenIndexesAreNoReasonForAnother(t *testing.T) {
	const tables = `CREATE EXTENSION pg_stat_statements; CREATE TABLE p (id int PRIMARY KEY);
		CREATE TABLE t (id int PRIMARY KEY, k int NOT NULL, p int NOT NULL REFERENCES p); CREATE INDEX broken ON t (k); CREATE INDEX broken_too ON t (p);`
	server := scratchtest.Open(t, scratch.Options{Preload: "pg_stat_statements"})
	d := scratchtest.In(t, server, tables+"INSERT INTO p VALUES (1); INSERT INTO t SELECT n, n, 1 FROM generate_series(1, 20000) n; ANALYZE; UPDATE pg_index SET indisvalid = false WHERE indexrelid IN ('broken'::regclass, 'broken_too'::regclass); SELECT pg_stat_statements_reset()")
	send(t, d.DB(), []asked{{20, "SELECT id FROM t WHERE k = $1", []any{7}}})
	found, err := advised(t, server, d, tables)
	require.NoError(t, err)
	require.Empty(t, definitions(found.Suggested))
	require.Len(t, find(t, d, "invalid-index"), 2)
	keys := find(t, d, "fk-without-index")
	require.Len(t, keys, 1)
	require.Equal(t, []string{"REINDEX INDEX CONCURRENTLY broken_too"}, keys[0].SQL)
	run(t, d, keys[0].SQL[0])
	require.Empty(t, find(t, d, "fk-without-index"))
}
