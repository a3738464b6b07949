package advise_test

import (
	"context"
	"database/sql"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/senior-backend/toolkit/migrator/internal/advise"
	"github.com/senior-backend/toolkit/migrator/internal/catalog"
	"github.com/senior-backend/toolkit/migrator/internal/scratch"
	"github.com/senior-backend/toolkit/migrator/internal/scratch/scratchtest"
)

// tablesOf is a schema of so many tables, each with a primary key, a foreign
// key, and two or three indexes in all.
func tablesOf(n int) string {
	var b strings.Builder
	for i := range n {
		fmt.Fprintf(&b, "CREATE TABLE table_%d (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, parent_id bigint, name text NOT NULL, status text, total numeric(12,2) NOT NULL, created_at timestamptz NOT NULL DEFAULT now(), updated_at timestamptz NOT NULL DEFAULT now());\n", i)
		fmt.Fprintf(&b, "CREATE INDEX table_%d_name ON table_%d (name);\n", i, i)
		if i%5 < 2 {
			fmt.Fprintf(&b, "CREATE INDEX table_%d_parent ON table_%d (parent_id, created_at DESC) WHERE status IS NOT NULL;\n", i, i)
		}
		if i > 0 {
			fmt.Fprintf(&b, "ALTER TABLE table_%d ADD FOREIGN KEY (parent_id) REFERENCES table_%d;\n", i, i/2)
		}
	}
	return b.String()
}

// analysed reads and judges a database, and returns the findings.
func analysed(tb testing.TB, db *sql.DB) []advise.Finding {
	tb.Helper()
	read, err := catalog.Read(context.Background(), db)
	require.NoError(tb, err)
	statistics, err := advise.ReadStatistics(context.Background(), db)
	require.NoError(tb, err)
	return advise.Advise(advise.Facts{Schema: read, Statistics: statistics, Now: time.Now()}, advise.Selection{})
}

// queries is how many statements the server ran for an analysis.
func queries(t *testing.T, server *scratch.Server, tables int) int64 {
	t.Helper()
	d := scratchtest.In(t, server, "CREATE EXTENSION pg_stat_statements;\n"+tablesOf(tables))
	const counted = "SELECT coalesce(sum(calls), 0)::int8 FROM pg_stat_statements WHERE dbid = (SELECT oid FROM pg_database WHERE datname = current_database())"
	run(t, d, "SELECT pg_stat_statements_reset()")
	require.NotEmpty(t, analysed(t, d.DB()))
	var n int64
	require.NoError(t, d.DB().QueryRow(counted).Scan(&n))
	return n
}

func TestQueriesDoNotGrowWithTheTables(t *testing.T) {
	server := scratchtest.Open(t, scratch.Options{Preload: "pg_stat_statements"})
	few, many := queries(t, server, 4), queries(t, server, 80)
	require.Greater(t, few, int64(20))
	require.Equal(t, few, many)
}

// BenchmarkAnalysis reads and judges 375 tables with 900 indexes.
func BenchmarkAnalysis(b *testing.B) {
	server := scratchtest.Open(b, scratch.Options{Preload: "pg_stat_statements"})
	d := scratchtest.In(b, server, "CREATE EXTENSION pg_stat_statements;\n"+tablesOf(375))
	var indexes int
	require.NoError(b, d.DB().QueryRow("SELECT count(*) FROM pg_indexes WHERE schemaname = 'public'").Scan(&indexes))
	require.Equal(b, 900, indexes)
	for b.Loop() {
		require.NotEmpty(b, analysed(b, d.DB()))
	}
}
