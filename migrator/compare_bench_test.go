package main

import (
	"context"
	"fmt"
	"net/url"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/senior-backend/toolkit/migrator/internal/catalog"
	"github.com/senior-backend/toolkit/migrator/internal/diff"
	"github.com/senior-backend/toolkit/migrator/internal/plan"
	"github.com/senior-backend/toolkit/migrator/internal/proof"
	"github.com/senior-backend/toolkit/migrator/internal/scratch"
	"github.com/senior-backend/toolkit/migrator/internal/scratch/scratchtest"
)

// wide is a schema of n tables with what tables commonly have. Every tenth is
// another in the second edition.
func wide(n int, second bool) string {
	var b strings.Builder
	b.WriteString("CREATE TYPE state AS ENUM ('new', 'open', 'done');\n")
	b.WriteString("CREATE FUNCTION touch() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN NEW.updated_at := now(); RETURN NEW; END';\n")
	for i := range n {
		kind, extra := "integer", ""
		if second && i%10 == 0 {
			kind, extra = "bigint", ", note text DEFAULT '' NOT NULL"
		}
		fmt.Fprintf(&b, `CREATE TABLE t%[1]d (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, parent_id bigint, code varchar(20) NOT NULL,
	amount %[2]s DEFAULT 0 CHECK (amount >= 0), state state DEFAULT 'new' NOT NULL, body jsonb DEFAULT '{}', tags text[],
	created_at timestamptz DEFAULT now() NOT NULL, updated_at timestamptz, owner_id bigint%[3]s, UNIQUE (code));
CREATE INDEX t%[1]d_parent ON t%[1]d (parent_id);
CREATE INDEX t%[1]d_open ON t%[1]d (created_at) WHERE state = 'open';
COMMENT ON TABLE t%[1]d IS 'Table %[1]d';
CREATE TRIGGER touch BEFORE UPDATE ON t%[1]d FOR EACH ROW EXECUTE FUNCTION touch();
`, i, kind, extra)
		if i > 0 {
			fmt.Fprintf(&b, "ALTER TABLE t%d ADD FOREIGN KEY (parent_id) REFERENCES t%d;\n", i, i-1)
		}
		if i%5 == 0 {
			fmt.Fprintf(&b, "CREATE VIEW v%[1]d AS SELECT id, code, amount FROM t%[1]d WHERE state <> 'done';\n", i)
		}
	}
	return b.String()
}

// BenchmarkCompare375 tells how long the comparison of 375 tables takes without
// the loading of files: the reading of both schemas, the differences and both
// plans; and apart from it, the proof there and back.
func BenchmarkCompare375(b *testing.B) {
	server, ctx := scratchtest.Server(b), context.Background()
	from, to := scratchtest.In(b, server, wide(375, false)).DB(), scratchtest.In(b, server, wide(375, true)).DB()
	var own, proved time.Duration
	for b.Loop() {
		start := time.Now()
		source, err := catalog.Read(ctx, from)
		require.NoError(b, err)
		target, err := catalog.Read(ctx, to)
		require.NoError(b, err)
		m := proof.Migration{Source: source, Target: target}
		m.Up = plan.Make(diff.Compare(source, target, m.Options).Changes, source, target, plan.Options{})
		m.Down = plan.Make(diff.Compare(target, source, m.Options).Changes, target, source, plan.Options{})
		own += time.Since(start)
		start = time.Now()
		require.NoError(b, proof.Prove(ctx, from, m))
		proved += time.Since(start)
	}
	b.ReportMetric(own.Seconds()/float64(b.N), "own-s/op")
	b.ReportMetric(proved.Seconds()/float64(b.N), "proof-s/op")
}

// Reading takes as many queries for a hundred tables as for two.
func TestReadingTakesABoundedNumberOfQueries(t *testing.T) {
	server := scratchtest.Server(t)
	queries := func(tables int) int64 {
		parsed, err := url.Parse(scratchtest.In(t, server, wide(tables, false)).URL())
		require.NoError(t, err)
		query := parsed.Query()
		c := &cutter{server: filepath.Join(query.Get("host"), ".s.PGSQL."+query.Get("port"))}
		query.Set("host", c.listen(t))
		parsed.RawQuery = query.Encode()
		db, err := scratch.Connect(context.Background(), parsed.String())
		require.NoError(t, err)
		defer db.Close()
		before := c.seen.Load()
		_, err = catalog.Read(context.Background(), db)
		require.NoError(t, err)
		return c.seen.Load() - before
	}
	few := queries(2)
	require.Equal(t, few, queries(100))
	require.Less(t, few, int64(40))
}
