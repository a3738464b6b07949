package apply

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/senior-backend/toolkit/migrator/internal/migration"
)

func stepOf(t testing.TB, sql string) (migration.Step, bool) {
	t.Helper()
	path := filepath.Join(t.TempDir(), "a.sql")
	require.NoError(t, os.WriteFile(path, []byte(sql), 0o600))
	m, err := migration.Read(path)
	if err != nil || m.Up.Count != 1 {
		return migration.Step{}, false
	}
	return m.Up.Steps()[0], true
}

func TestAimOf(t *testing.T) {
	for sql, want := range map[string]aim{
		`CREATE INDEX CONCURRENTLY i ON t (a)`:                                             {kind: aimMakeIndex, index: "i", table: "t"},
		`create unique index concurrently if not exists "I.i" on only "S".T using gin (a)`: {kind: aimMakeIndex, index: `"I.i"`, table: `"S".t`},
		`CREATE INDEX CONCURRENTLY ON s.t (lower(a)) WHERE b`:                              {kind: aimMakeIndex, table: "s.t"},
		`DROP INDEX CONCURRENTLY IF EXISTS s.i CASCADE`:                                    {kind: aimDropIndex, name: "s.i"},
		`REINDEX (VERBOSE) TABLE CONCURRENTLY t`:                                           {kind: aimReindex},
		`ALTER TABLE IF EXISTS s.p DETACH PARTITION s.c CONCURRENTLY`:                      {kind: aimDetach, table: "s.p", name: "s.c"},
		`ALTER TABLE ONLY p DETACH PARTITION "C" CONCURRENTLY`:                             {kind: aimDetach, table: "p", name: `"C"`},
		`CREATE DATABASE "Other" TEMPLATE x`:                                               {kind: aimMakeOrDrop, name: `"Other"`, what: "CREATE DATABASE"},
		`DROP DATABASE IF EXISTS other`:                                                    {kind: aimMakeOrDrop, name: "other", what: "DROP DATABASE"},
		`VACUUM (ANALYZE, FULL) s.t`:                                                       {kind: aimRewrite, table: "s.t"},
		`vacuum full verbose "T"`:                                                          {kind: aimRewrite, table: `"T"`},
		`VACUUM FULL`:                                                                      {kind: aimRewrite},
		`VACUUM t`:                                                                         {},
		`ALTER SYSTEM SET a = 1`:                                                           {},
	} {
		step, read := stepOf(t, sql)
		require.True(t, read, sql)
		require.Equal(t, want, aimOf(step), sql)
	}
}

func FuzzAimOf(f *testing.F) {
	for _, seed := range []string{"CREATE INDEX CONCURRENTLY", "ALTER TABLE DETACH PARTITION CONCURRENTLY", "DROP INDEX", "REINDEX", "(SELECT 1)", "CREATE INDEX CONCURRENTLY IF", "CREATE INDEX CONCURRENTLY i"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, sql string) {
		if step, read := stepOf(t, sql); read {
			_ = aimOf(step)
			_ = concurrently(step)
			_ = writesRows(step)
			_ = hazards(&Rehearsal{Migrations: []Rehearsed{{Statements: []Observation{{Step: step}}}}})
			_ = step.Reach()
			_ = separable(migration.Unit{Steps: []migration.Step{step}})
		}
	})
}
