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

// What is dropped only to be made again is never missed by who looks: it goes
// and comes in one transaction, in which nothing waits that takes long.
func TestWhatIsMadeAgainIsNeverMissed(t *testing.T) {
	server, ctx := scratchtest.Server(t), context.Background()
	const rest = `CREATE FUNCTION f() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NEW; END';
CREATE TRIGGER tr BEFORE UPDATE OF x ON t FOR EACH ROW EXECUTE FUNCTION f();
CREATE VIEW v AS SELECT x FROM t; CREATE VIEW w AS SELECT x FROM v; CREATE INDEX i ON t (x) WHERE x > 0; CREATE INDEX j ON t (y);`
	from := scratchtest.In(t, server, "CREATE TABLE t (x int, y int);"+rest).DB()
	source, err := catalog.Read(ctx, from)
	require.NoError(t, err)
	target, err := catalog.Read(ctx, scratchtest.In(t, server, "CREATE TABLE t (x bigint, y int, CHECK (y > 0));"+rest+"CREATE INDEX k ON t (x, y);").DB())
	require.NoError(t, err)
	up := plan.Make(diff.Compare(source, target, diff.Options{}).Changes, source, target, plan.Options{Kind: plan.Online})
	within := map[string]bool{}
	open := false
	for n, statement := range up.Statements {
		open = open || up.Begins(n)
		require.Equal(t, statement.Together > 0, open, statement.SQL)
		for _, word := range []string{"DROP VIEW", "CREATE VIEW", "DROP TRIGGER", "CREATE TRIGGER", "ALTER TABLE public.t ALTER COLUMN x TYPE", "DROP INDEX public.i"} {
			if strings.HasPrefix(statement.SQL, word) {
				require.True(t, open, statement.SQL)
				within[word] = true
			}
		}
		if strings.Contains(statement.SQL, "CONCURRENTLY") || strings.Contains(statement.SQL, "VALIDATE") {
			require.False(t, open, statement.SQL)
		}
		open = open && !up.Ends(n)
	}
	require.Len(t, within, 6)
	script := up.Script(plan.Header{})
	require.Equal(t, 1, strings.Count(script, "\nBEGIN;\n"))
	require.Equal(t, 1, strings.Count(script, "\nCOMMIT;\n"))
	require.NoError(t, proof.Run(ctx, from, up))
}
