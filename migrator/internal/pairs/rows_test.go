package main

import (
	"context"
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
