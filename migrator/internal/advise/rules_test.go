package advise_test

import (
	"context"
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/senior-backend/toolkit/migrator/internal/advise"
	"github.com/senior-backend/toolkit/migrator/internal/catalog"
	"github.com/senior-backend/toolkit/migrator/internal/scratch"
	"github.com/senior-backend/toolkit/migrator/internal/scratch/scratchtest"
	"github.com/senior-backend/toolkit/shared/report"
)

// ruleCase is a condition that a rule must see, and the nearest one that it must not.
type ruleCase struct {
	rule   string
	bad    string   // makes the condition; each finding's SQL must repair it
	finds  []string // the messages
	says   string   // in each finding's evidence
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
				require.Contains(t, f.Evidence, c.says)
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

func TestSelect(t *testing.T) {
	_, err := advise.Select("no-such-rule")
	require.ErrorContains(t, err, `no rule is called "no-such-rule"`)
	_, err = advise.Select("json-type=maybe")
	require.ErrorContains(t, err, "=on or =off")
}

// From the rows that came since the statistics began, the end of a key's and a
// sequence's range is foretold.
func TestEndOfRangesIsForetold(t *testing.T) {
	d := scratchtest.Database(t, "CREATE TABLE t (id smallserial PRIMARY KEY)")
	apart(t, d, "INSERT INTO t SELECT FROM generate_series(1, 20000)")
	f := facts(t, d)
	f.Now = time.Date(2026, 3, 11, 0, 0, 0, 0, time.UTC)
	f.Statistics.Since = f.Now.Add(-100 * 24 * time.Hour) // 200 rows a day, and 12767 left
	for _, rule := range []string{"id-range", "sequence-range"} {
		found := advise.Advise(f, selection(t, rule))
		require.Len(t, found, 1, rule)
		require.Equal(t, "61.0% of the range is used (20000 of 32767); at 200 rows a day it is full in May 2026", found[0].Evidence)
		require.Equal(t, report.SeverityWarning, found[0].Severity)
	}
}
