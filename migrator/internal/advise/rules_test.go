package advise_test

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/senior-backend/toolkit/migrator/internal/advise"
	"github.com/senior-backend/toolkit/migrator/internal/catalog"
	"github.com/senior-backend/toolkit/migrator/internal/scratch"
	"github.com/senior-backend/toolkit/migrator/internal/scratch/scratchtest"
)

// ruleCase is a condition that a rule must see, and the nearest one that it must not.
type ruleCase struct {
	rule   string
	bad    string   // makes the condition; each finding's SQL must repair it
	finds  []string // the messages
	manual bool     // the repair takes a person
	good   string
}

// TestRules makes each condition in a real database, sees the finding, runs the
// suggestion as printed, and sees the finding gone.
func TestRules(t *testing.T) {
	server := scratchtest.Server(t)
	tried := map[string]bool{}
	for i, c := range append(structureCases(), dataCases()...) {
		tried[c.rule] = true
		t.Run(fmt.Sprintf("%s/%d", c.rule, i), func(t *testing.T) {
			d := scratchtest.In(t, server, "")
			run(t, d, c.bad)
			findings := find(t, d, c.rule)
			var messages []string
			for _, f := range findings {
				messages = append(messages, f.Message)
			}
			require.Equal(t, c.finds, messages)
			for _, f := range findings {
				require.Equal(t, c.manual, f.Script() == "", f.Script())
				require.NotEmpty(t, f.Advice)
				// The server's own splitting: statements that refuse a transaction must stand alone.
				for _, statement := range f.SQL {
					run(t, d, statement)
				}
			}
			if !c.manual {
				run(t, d, "ANALYZE")
				require.Empty(t, find(t, d, c.rule))
			}
			spared := scratchtest.In(t, server, "")
			run(t, spared, c.good)
			require.Empty(t, find(t, spared, c.rule))
		})
	}
	for _, code := range advise.Codes() {
		require.True(t, tried[code] || byWork(code), "rule %s has no case", code)
	}
}

// byWork says whether the tests of the workload try the rule.
func byWork(code string) bool {
	for _, c := range workloadCases() {
		if c.rule == code {
			return true
		}
	}
	return slices.Contains([]string{
		"long-transaction", "idle-transaction", "lock-wait", "connection-limit", // TestSessions, TestConnectionLimit
		"n-plus-one", "slow-statement", "lazy-relation", // scenario_test.go
		"wraparound", "cache-misses", "temp-files", "idle-replication-slot", // server_test.go
	}, code)
}

func run(t *testing.T, d *scratch.Database, sql string) {
	t.Helper()
	conn, err := d.DB().Conn(context.Background())
	require.NoError(t, err)
	defer conn.Close()
	_, err = conn.ExecContext(context.Background(), sql)
	require.NoError(t, err, sql)
}

func facts(t *testing.T, d *scratch.Database) advise.Facts {
	t.Helper()
	_, err := d.DB().Exec("SELECT pg_stat_clear_snapshot()")
	require.NoError(t, err)
	read, err := catalog.Read(context.Background(), d.DB())
	require.NoError(t, err)
	statistics, err := advise.ReadStatistics(context.Background(), d.DB())
	require.NoError(t, err)
	return advise.Facts{Schema: read, Statistics: statistics, Now: time.Now()}
}

func find(t *testing.T, d *scratch.Database, rule string) []advise.Finding {
	t.Helper()
	selected, err := advise.Select(rule)
	require.NoError(t, err)
	return advise.Advise(facts(t, d), selected)
}

// unindexed is written apart from the rule: foreign keys whose columns are not
// the leading keys of any valid, whole btree or hash index.
const unindexed = `
SELECT DISTINCT n.nspname || '.' || r.relname || ' ' || (SELECT string_agg(a.attname, ',' ORDER BY k.place)
	FROM unnest(c.conkey) WITH ORDINALITY k (number, place) JOIN pg_attribute a ON a.attrelid = c.conrelid AND a.attnum = k.number)
FROM pg_constraint c JOIN pg_class r ON r.oid = c.conrelid JOIN pg_namespace n ON n.oid = r.relnamespace
WHERE c.contype = 'f' AND c.conparentid = 0 AND NOT EXISTS (
	SELECT FROM pg_index i JOIN pg_class x ON x.oid = i.indexrelid JOIN pg_am a ON a.oid = x.relam
	WHERE i.indrelid = c.conrelid AND i.indpred IS NULL AND i.indisvalid AND a.amname IN ('btree', 'hash')
	AND (SELECT array_agg(k ORDER BY k) FROM unnest((i.indkey::int2[])[0:cardinality(c.conkey) - 1]) k)
		= (SELECT array_agg(k ORDER BY k) FROM unnest(c.conkey) k)
	AND i.indnkeyatts >= cardinality(c.conkey)) ORDER BY 1`

// TestSchemas analyses every file of testdata/schemas, or of the directory that
// MIGRATOR_SCHEMAS names, and counts the unindexed foreign keys independently.
func TestSchemas(t *testing.T) {
	dir := os.Getenv("MIGRATOR_SCHEMAS")
	if dir == "" {
		dir = filepath.Join("testdata", "schemas")
	}
	files, err := filepath.Glob(filepath.Join(dir, "*.sql"))
	require.NoError(t, err)
	require.NotEmpty(t, files)
	server := scratchtest.Server(t)
	for _, file := range files {
		t.Run(filepath.Base(file), func(t *testing.T) {
			d := scratchtest.In(t, server, "")
			require.NoError(t, d.Load(context.Background(), file))
			for _, f := range advise.Advise(facts(t, d), advise.Selection{}) {
				require.NotEmpty(t, f.Message)
				require.NotEmpty(t, f.Advice, f.Message)
				require.NotEmpty(t, f.Link, f.Message)
			}
			findings := find(t, d, "fk-without-index")
			var found []string
			for _, f := range findings {
				found = append(found, f.Table.Schema+"."+f.Table.Name+" "+strings.Join(f.Columns, ","))
			}
			slices.Sort(found)
			rows, err := d.DB().Query(unindexed)
			require.NoError(t, err)
			want, err := readRows(rows)
			require.NoError(t, err)
			slices.Sort(want)
			require.Equal(t, want, found)
			for _, f := range findings {
				for _, statement := range f.SQL {
					run(t, d, statement)
				}
			}
			require.Empty(t, find(t, d, "fk-without-index"))
		})
	}
}

func TestSelect(t *testing.T) {
	_, err := advise.Select("no-such-rule")
	require.ErrorContains(t, err, `no rule is called "no-such-rule"`)
	_, err = advise.Select("json-type=maybe")
	require.ErrorContains(t, err, "=on or =off")
}
