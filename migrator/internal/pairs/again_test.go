package main

import (
	"context"
	"database/sql"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/senior-backend/toolkit/migrator/internal/catalog"
	"github.com/senior-backend/toolkit/migrator/internal/diff"
	"github.com/senior-backend/toolkit/migrator/internal/plan"
	"github.com/senior-backend/toolkit/migrator/internal/proof"
	"github.com/senior-backend/toolkit/migrator/internal/scratch/scratchtest"
)

// What cannot be had by changing a table is had by a new one, with the rows.
func TestTablesMadeAgainKeepTheirRows(t *testing.T) {
	server, ctx := scratchtest.Server(t), context.Background()
	for name, sides := range map[string][2]string{
		"child": {
			"CREATE TABLE p (v int); CREATE TABLE t (v int, id serial PRIMARY KEY, n int GENERATED ALWAYS AS IDENTITY, UNIQUE (v));",
			"CREATE TABLE p (v int); CREATE TABLE t (id serial PRIMARY KEY, n int GENERATED ALWAYS AS IDENTITY, UNIQUE (v)) INHERITS (p);",
		},
		"partitioned": {
			"CREATE TYPE e AS ENUM ('a', 'b'); CREATE TABLE t (v int, id serial PRIMARY KEY, x e DEFAULT 'b', d int GENERATED ALWAYS AS (v * 2) STORED);",
			`CREATE TYPE e AS ENUM ('b', 'c'); CREATE TABLE t (v int, id serial PRIMARY KEY, x e DEFAULT 'b', d int GENERATED ALWAYS AS (v * 2) STORED) PARTITION BY RANGE (id);
			CREATE TABLE t1 PARTITION OF t FOR VALUES FROM (1) TO (3); CREATE TABLE t2 PARTITION OF t DEFAULT;
			CREATE FUNCTION f() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RAISE EXCEPTION $$fired$$; END'; CREATE TRIGGER f BEFORE INSERT ON t FOR EACH ROW WHEN (NEW.v > 900) EXECUTE FUNCTION f();`,
		},
		"other partitions": {
			"CREATE TABLE t (v int, id serial) PARTITION BY HASH (id); CREATE TABLE a PARTITION OF t FOR VALUES WITH (modulus 2, remainder 0); CREATE TABLE b PARTITION OF t FOR VALUES WITH (modulus 2, remainder 1);",
			"CREATE TABLE t (v bigint, id serial) PARTITION BY LIST (v); CREATE TABLE c PARTITION OF t FOR VALUES IN (1000); CREATE TABLE d PARTITION OF t DEFAULT;",
		},
	} {
		for _, kind := range []plan.Kind{plan.Online, plan.Transactional} {
			t.Run(name+"/"+string(kind), func(t *testing.T) {
				from, to := scratchtest.In(t, server, sides[0]).DB(), scratchtest.In(t, server, sides[1]).DB()
				source, err := catalog.Read(ctx, from)
				require.NoError(t, err)
				target, err := catalog.Read(ctx, to)
				require.NoError(t, err)
				_, err = from.Exec("INSERT INTO t (v) VALUES (1000), (2000), (3000)")
				require.NoError(t, err)
				options := diff.Options{Owner: true}
				m := proof.Migration{
					Source: source, Target: target, Options: options,
					Up:   plan.Make(diff.Compare(source, target, options).Changes, source, target, plan.Options{Kind: kind}),
					Down: plan.Make(diff.Compare(target, source, options).Changes, target, source, plan.Options{Kind: kind}),
				}
				for _, hazard := range append(m.Up.Hazards(), m.Down.Hazards()...) {
					require.NotEqual(t, "table public.t", map[bool]string{true: hazard.Object}[hazard.Code == plan.DataLoss])
				}
				require.NoError(t, proof.Step(ctx, from, m.Up, target, options, false))
				require.Equal(t, [3]int{3, 6000, 6}, sums(t, from))
				_, err = from.Exec("INSERT INTO t (v) VALUES (4)") // numbers go on
				require.NoError(t, err)
				require.Equal(t, [3]int{4, 6004, 10}, sums(t, from))
				require.NoError(t, proof.Step(ctx, from, m.Down, source, options, true))
				require.Equal(t, [3]int{4, 6004, 10}, sums(t, from))
			})
		}
	}
}

// sums says how many rows there are, and what their values and numbers add up to.
func sums(t *testing.T, db *sql.DB) (of [3]int) {
	require.NoError(t, db.QueryRow("SELECT count(*), sum(v), sum(id) FROM t").Scan(&of[0], &of[1], &of[2]))
	return of
}
