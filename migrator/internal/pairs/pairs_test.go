package main

import (
	"context"
	"os"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/senior-backend/toolkit/migrator/internal/plan"
	"github.com/senior-backend/toolkit/migrator/internal/scratch/scratchtest"
)

// TestPairs migrates the pairs of testdata there and back. By default pg_dump,
// where it is installed, has its say about every sixth, the migrator's own
// reading of the catalogs about all; and the transactional plan, which makes the
// same objects by other statements, is tried on every fifth. With
// MIGRATOR_TEST_PAIRS=all nothing is left out.
func TestPairs(t *testing.T) {
	pairs, err := find("testdata")
	require.NoError(t, err)
	require.GreaterOrEqual(t, len(pairs), 300)
	server := scratchtest.Server(t)
	every := os.Getenv("MIGRATOR_TEST_PAIRS") == "all"
	for _, kind := range []plan.Kind{plan.Online, plan.Transactional} {
		t.Run(string(kind), func(t *testing.T) {
			r := &runner{server: server, kind: kind, jobs: 2}
			r.findDump()
			var some []pair
			for n, p := range pairs {
				p.quick = !every && (n%6 != 0 || kind == plan.Transactional)
				if every || kind == plan.Online || n%5 == 0 {
					some = append(some, p)
				}
			}
			outcomes := r.all(context.Background(), some)
			require.Len(t, outcomes, len(some))
			for _, o := range outcomes {
				assert.True(t, o.up && o.back, "%s: %s", o.name, o.said)
			}
		})
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
