package main

import (
	"context"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/senior-backend/toolkit/migrator/internal/catalog"
	"github.com/senior-backend/toolkit/migrator/internal/diff"
	"github.com/senior-backend/toolkit/migrator/internal/plan"
	"github.com/senior-backend/toolkit/migrator/internal/proof"
	"github.com/senior-backend/toolkit/migrator/internal/scratch/scratchtest"
)

// A table with rows takes more of them after its numbers come from elsewhere.
func TestNewSequencesGoOnBehindTheRows(t *testing.T) {
	server, ctx := scratchtest.Server(t), context.Background()
	from := scratchtest.In(t, server, "CREATE TABLE a (id serial PRIMARY KEY, v int); CREATE TABLE b (id int GENERATED ALWAYS AS IDENTITY PRIMARY KEY, v int);").DB()
	to := scratchtest.In(t, server, "CREATE TABLE a (id int GENERATED ALWAYS AS IDENTITY PRIMARY KEY, v int); CREATE TABLE b (id serial PRIMARY KEY, v int);").DB()
	source, err := catalog.Read(ctx, from)
	require.NoError(t, err)
	target, err := catalog.Read(ctx, to)
	require.NoError(t, err)
	const insert = "INSERT INTO a (v) VALUES (1), (2); INSERT INTO b (v) VALUES (1), (2);"
	_, err = from.Exec(insert)
	require.NoError(t, err)
	up := plan.Make(diff.Compare(source, target, diff.Options{}).Changes, source, target, plan.Options{Kind: plan.Online})
	down := plan.Make(diff.Compare(target, source, diff.Options{}).Changes, target, source, plan.Options{Kind: plan.Online})
	for _, p := range []plan.Plan{up, down} {
		require.NoError(t, proof.Run(ctx, from, p))
		_, err = from.Exec(insert)
		require.NoError(t, err)
	}
}

// What has to go for a change is back before what takes long begins, and the
// types of a table change at once.
func TestViewsAreGoneForAShortTime(t *testing.T) {
	server, ctx := scratchtest.Server(t), context.Background()
	const rest = "CREATE TABLE other (a int); CREATE VIEW v AS SELECT x, y FROM t; CREATE VIEW w AS SELECT x FROM v;"
	source, err := catalog.Read(ctx, scratchtest.In(t, server, "CREATE TABLE t (x int, y int);"+rest+"CREATE INDEX i ON t (x) WHERE x > 0;").DB())
	require.NoError(t, err)
	target, err := catalog.Read(ctx, scratchtest.In(t, server, "CREATE TABLE t (x bigint, y text);"+rest+"CREATE INDEX i ON t (x) WHERE x > 0; CREATE INDEX j ON other (a);").DB())
	require.NoError(t, err)
	up := plan.Make(diff.Compare(source, target, diff.Options{}).Changes, source, target, plan.Options{Kind: plan.Online})
	at := map[string]int{}
	for n, statement := range up.Statements {
		for _, word := range []string{"DROP VIEW public.w", "DROP VIEW public.v", "ALTER TABLE public.t", "CREATE VIEW public.v", "CREATE VIEW public.w", "CREATE INDEX CONCURRENTLY i ", "CREATE INDEX CONCURRENTLY j "} {
			if strings.HasPrefix(statement.SQL, word) {
				require.NotContains(t, at, word)
				at[word] = n
			}
		}
	}
	require.Len(t, at, 7)
	require.Less(t, at["CREATE INDEX CONCURRENTLY j "], at["DROP VIEW public.w"])
	require.Equal(t, at["CREATE VIEW public.w"], at["ALTER TABLE public.t"]+2)
	require.Less(t, at["CREATE VIEW public.w"], at["CREATE INDEX CONCURRENTLY i "])
	require.Contains(t, up.Statements[at["ALTER TABLE public.t"]].SQL, "ALTER COLUMN x TYPE bigint,\n    ALTER COLUMN y TYPE text")
}

// What is made again keeps its owner, also where owners are not compared.
func TestOwnersSurvive(t *testing.T) {
	server, ctx := scratchtest.Server(t), context.Background()
	from := scratchtest.In(t, server, "CREATE TABLE t (x int); CREATE VIEW v AS SELECT x FROM t; ALTER VIEW v OWNER TO pg_monitor; GRANT SELECT ON v TO PUBLIC;").DB()
	source, err := catalog.Read(ctx, from)
	require.NoError(t, err)
	target, err := catalog.Read(ctx, scratchtest.In(t, server, "CREATE TABLE t (x bigint); CREATE VIEW v AS SELECT x FROM t; GRANT SELECT ON v TO PUBLIC;").DB())
	require.NoError(t, err)
	require.NoError(t, proof.Run(ctx, from, plan.Make(diff.Compare(source, target, diff.Options{}).Changes, source, target, plan.Options{Kind: plan.Online})))
	after, err := catalog.Read(ctx, from)
	require.NoError(t, err)
	for _, view := range after.Views() {
		require.Equal(t, "pg_monitor", view.Owner)
		require.Equal(t, source.Object(view.ID()).Common().Grants, view.Grants)
	}
}
