package main

import (
	"context"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/senior-backend/toolkit/migrator/internal/plan"
	"github.com/senior-backend/toolkit/migrator/internal/scratch/scratchtest"
)

// TestPairs migrates every pair of testdata there and back in both kinds of
// plan, and compares with what pg_dump, where it is installed, says.
func TestPairs(t *testing.T) {
	pairs, err := find("testdata")
	require.NoError(t, err)
	server := scratchtest.Server(t)
	for _, kind := range []plan.Kind{plan.Online, plan.Transactional} {
		r := &runner{server: server, kind: kind}
		r.findDump()
		// The transactional plan makes the same objects by other statements;
		// the migrator's own reading is enough to see that.
		r.quick = r.quick || kind == plan.Transactional
		w := &worker{runner: r}
		for _, p := range pairs {
			t.Run(string(kind)+"/"+p.name, func(t *testing.T) {
				o := w.try(context.Background(), p)
				require.True(t, o.up, o.said)
				require.True(t, o.back, o.said)
			})
		}
	}
}

func TestCases(t *testing.T) {
	pairs := cases("group", "CREATE TABLE both ();\n-- case: one\n-- to\nCREATE TABLE new ();\n-- case: two\nCREATE TABLE old ();\n-- to\n")
	require.Len(t, pairs, 2)
	require.Equal(t, "group__one", pairs[0].name)
	require.NotContains(t, pairs[0].from, "new")
	require.Contains(t, pairs[0].to, "CREATE TABLE new ()")
	require.Contains(t, pairs[1].from, "CREATE TABLE old ()")
	require.NotContains(t, pairs[1].to, "old")
	require.Contains(t, pairs[1].to, "both")
}

func TestDifference(t *testing.T) {
	require.Equal(t, "\n    +a\n    -c", difference([]string{"a", "b"}, []string{"b", "c"}))
}
