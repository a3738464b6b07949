package apply_test

import (
	"context"
	"database/sql"
	"errors"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/rs/zerolog"
	"github.com/stretchr/testify/require"

	"github.com/senior-backend/toolkit/migrator/internal/apply"
	"github.com/senior-backend/toolkit/migrator/internal/migration"
	"github.com/senior-backend/toolkit/migrator/internal/scratch/scratchtest"
	"github.com/senior-backend/toolkit/shared/fault"
)

func defaults() apply.Options {
	return apply.Options{
		HistorySchema: "migrator",
		LockTimeout:   200 * time.Millisecond,
		LockRetries:   3,
		RunWait:       30 * time.Second,
		Tool:          "test",
		Log:           zerolog.Nop(),
	}
}

// directory makes a directory of files; names and texts alternate.
func directory(t *testing.T, files ...string) string {
	t.Helper()
	dir := t.TempDir()
	for i := 0; i < len(files); i += 2 {
		require.NoError(t, os.WriteFile(filepath.Join(dir, files[i]), []byte(files[i+1]), 0o600))
	}
	return dir
}

func read(t *testing.T, dir string) []*migration.Migration {
	t.Helper()
	migrations, _, err := migration.ReadDirectory(dir)
	require.NoError(t, err)
	return migrations
}

func up(t *testing.T, db *sql.DB, o apply.Options, migrations []*migration.Migration) ([]apply.Outcome, error) {
	t.Helper()
	runner, err := apply.Open(context.Background(), db, o)
	require.NoError(t, err)
	defer runner.Close()
	return runner.Up(context.Background(), migrations)
}

func actions(outcomes []apply.Outcome) []apply.Action {
	var found []apply.Action
	for _, outcome := range outcomes {
		found = append(found, outcome.Action)
	}
	return found
}

func value[T any](t *testing.T, db *sql.DB, query string) T {
	t.Helper()
	var v T
	require.NoError(t, db.QueryRow(query).Scan(&v), query)
	return v
}

func TestUpAndDown(t *testing.T) {
	db := scratchtest.Database(t, "").DB()
	dir := directory(t,
		"1_table.sql", "CREATE TABLE t (a int PRIMARY KEY, b text);\nCOPY t FROM stdin;\n1\tone\n2\t\\N\n\\.\n",
		"1_table_rollback.sql", "DROP TABLE t;",
		"2_index.sql", "SET lock_timeout = '1s';\nCREATE INDEX CONCURRENTLY i ON t (b);\nALTER TABLE t ADD c int;\nVACUUM t;",
		"2_index_rollback.sql", "ALTER TABLE t DROP c;\nDROP INDEX CONCURRENTLY i;",
		"10_last.sql", "UPDATE t SET b = 'x';",
	)
	migrations := read(t, dir)
	outcomes, err := up(t, db, defaults(), migrations)
	require.NoError(t, err)
	require.Equal(t, []apply.Action{apply.Applied, apply.Applied, apply.Applied}, actions(outcomes))
	require.Equal(t, 2, value[int](t, db, "SELECT count(*) FROM t WHERE b = 'x' AND c IS NULL"))
	require.True(t, value[bool](t, db, "SELECT indisvalid FROM pg_index WHERE indexrelid = 'i'::regclass"))

	outcomes, err = up(t, db, defaults(), migrations)
	require.NoError(t, err)
	require.Equal(t, []apply.Action{apply.Kept, apply.Kept, apply.Kept}, actions(outcomes))

	runner, err := apply.Open(context.Background(), db, defaults())
	require.NoError(t, err)
	defer runner.Close()
	_, err = runner.Down(context.Background(), migrations[2])
	require.ErrorContains(t, err, "there is no rollback for this migration; write one beside it: 10_last_rollback.sql")
	for _, m := range []*migration.Migration{migrations[1], migrations[0]} {
		outcome, err := runner.Down(context.Background(), m)
		require.NoError(t, err)
		require.Equal(t, apply.RolledBack, outcome.Action)
	}
	require.True(t, value[bool](t, db, "SELECT to_regclass('t') IS NULL"))
	_, err = runner.Down(context.Background(), migrations[0])
	require.ErrorContains(t, err, "this migration is not applied")
	records, err := apply.InForce(context.Background(), db, "migrator")
	require.NoError(t, err)
	require.Len(t, records, 1)
}

func TestFailuresSayWhereAndWhatIsLeft(t *testing.T) {
	server := scratchtest.Server(t)
	for name, test := range map[string]struct {
		text         string
		line, column int
		message      string
	}{
		"place":    {"SELECT 1;\nSELECT 'é', nothing;\n", 2, 13, `column "nothing" does not exist (SQLSTATE 42703); nothing of this file was applied`},
		"detail":   {"CREATE TABLE t (a int UNIQUE);\nINSERT INTO t\nVALUES (1), (1);", 2, 1, "duplicate key value violates unique constraint \"t_a_key\" (SQLSTATE 23505); Key (a)=(1) already exists.; nothing of this file was applied"},
		"data":     {"CREATE TABLE t (a int);\nCOPY t FROM stdin;\n1\nx\n\\.\n", 4, 0, "invalid input syntax for type integer: \"x\" (SQLSTATE 22P02); nothing of this file was applied"},
		"deferred": {"CREATE TABLE t (a int UNIQUE DEFERRABLE INITIALLY DEFERRED);\nINSERT INTO t VALUES (1), (1);", 2, 1, "duplicate key value violates unique constraint"},
		"stepwise": {"VACUUM;\nCREATE TABLE t ();\nDROP TABLE u;", 3, 1, "table \"u\" does not exist (SQLSTATE 42P01); 2 statements before it stay applied; mend it and run the same command, which goes on there"},
		"encoding": {"SELECT 1;\nSELECT 'é\xe9';", 2, 10, "invalid byte sequence for encoding \"UTF8\": 0xe9 0x27 0x3b (SQLSTATE 22021); save the file as UTF-8; nothing of this file was applied"},
		"function": {"DO $$\nBEGIN\n  PERFORM 1/0;\nEND $$;", 1, 1, "division by zero (SQLSTATE 22012); in SQL statement"},
	} {
		t.Run(name, func(t *testing.T) {
			db := scratchtest.In(t, server, "").DB()
			dir := directory(t, "a.sql", test.text)
			outcomes, err := up(t, db, defaults(), read(t, dir))
			var input *fault.Input
			require.ErrorAs(t, err, &input)
			require.Equal(t, []int{test.line, test.column}, []int{input.Line, input.Column})
			require.ErrorContains(t, err, test.message)
			require.Equal(t, []apply.Action{apply.Failed}, actions(outcomes))
			require.Equal(t, "failed", value[string](t, db, "SELECT state FROM migrator.history"))
		})
	}
}

func TestMendedFileGoesOn(t *testing.T) {
	db := scratchtest.Database(t, "CREATE TABLE log (n int); CREATE TABLE old ();").DB()
	dir := directory(t, "a.sql", "SET search_path = public;\nVACUUM;\nINSERT INTO log VALUES (1);\nINSERT INTO nowhere VALUES (2);")
	_, err := up(t, db, defaults(), read(t, dir))
	require.ErrorContains(t, err, "3 statements before it stay applied")

	require.NoError(t, os.WriteFile(filepath.Join(dir, "a.sql"), []byte("SET search_path = public;\nVACUUM old;\nINSERT INTO log VALUES (1);\nINSERT INTO log VALUES (2);"), 0o600))
	_, err = up(t, db, defaults(), read(t, dir))
	require.ErrorContains(t, err, "the first 3 statements of this file are applied already, and they have been changed since")

	require.NoError(t, os.WriteFile(filepath.Join(dir, "a.sql"), []byte("SET search_path = public;\nVACUUM;\nINSERT INTO log VALUES (1);\nINSERT INTO log VALUES (2);"), 0o600))
	outcomes, err := up(t, db, defaults(), read(t, dir))
	require.NoError(t, err)
	require.Equal(t, apply.Resumed, outcomes[0].Action)
	require.Equal(t, 4, outcomes[0].From)
	require.Equal(t, 3, value[int](t, db, "SELECT sum(n) FROM log"))
}

func TestChangedFileIsRefused(t *testing.T) {
	db := scratchtest.Database(t, "").DB()
	dir := directory(t, "a.sql", "CREATE TABLE t ();")
	_, err := up(t, db, defaults(), read(t, dir))
	require.NoError(t, err)
	require.NoError(t, os.WriteFile(filepath.Join(dir, "a.sql"), []byte("CREATE TABLE t (a int);"), 0o600))
	_, err = up(t, db, defaults(), read(t, dir))
	require.ErrorContains(t, err, "has been changed since")
	require.ErrorContains(t, err, "--accept-changed")
	entries, err := apply.Status(context.Background(), db, "migrator", read(t, dir))
	require.NoError(t, err)
	require.Equal(t, apply.StateChanged, entries[0].State)

	accepting := defaults()
	accepting.AcceptChanged = true
	outcomes, err := up(t, db, accepting, read(t, dir))
	require.NoError(t, err)
	require.Equal(t, []apply.Action{apply.Accepted}, actions(outcomes))
	outcomes, err = up(t, db, defaults(), read(t, dir))
	require.NoError(t, err)
	require.Equal(t, []apply.Action{apply.Kept}, actions(outcomes))
}

func TestScriptsThatChangeTheSession(t *testing.T) {
	db := scratchtest.Database(t, "CREATE ROLE nobody_in_particular; GRANT ALL ON SCHEMA public TO nobody_in_particular;").DB()
	t.Cleanup(func() {})
	dir := directory(t,
		"1.sql", "SET ROLE nobody_in_particular;\nSELECT set_config('search_path', '', false);\nCREATE TABLE public.t ();\nSELECT pg_advisory_unlock_all();",
		"2.sql", "SET ROLE nobody_in_particular; VACUUM; DISCARD ALL; CREATE TABLE u ();",
		"3.sql", "DO $$ BEGIN INSERT INTO v VALUES (1); COMMIT; END $$;",
		"4.sql", "BEGIN ISOLATION LEVEL SERIALIZABLE; CREATE TABLE w (); END; SELECT 1; START TRANSACTION; SAVEPOINT a; DROP TABLE w; ROLLBACK TO a; COMMIT;",
	)
	_, err := db.Exec("CREATE TABLE v (a int)")
	require.NoError(t, err)
	outcomes, err := up(t, db, defaults(), read(t, dir))
	require.NoError(t, err)
	require.Len(t, outcomes, 4)
	require.Equal(t, "nobody_in_particular", value[string](t, db, "SELECT tableowner FROM pg_tables WHERE tablename = 't'"))
	require.Equal(t, 1, value[int](t, db, "SELECT count(*) FROM v"))
	require.True(t, value[bool](t, db, "SELECT to_regclass('w') IS NOT NULL"))
}

func TestRunWaitsForAnother(t *testing.T) {
	db := scratchtest.Database(t, "").DB()
	first, err := apply.Open(context.Background(), db, defaults())
	require.NoError(t, err)
	impatient := defaults()
	impatient.RunWait = 0
	_, err = apply.Open(context.Background(), db, impatient)
	var environment *fault.Environment
	require.ErrorAs(t, err, &environment)
	require.Contains(t, environment.Message, "another run is migrating this database: server process")

	patient := defaults()
	patient.Observe = func(e apply.Event) {
		if e.Kind == apply.EventWaiting {
			first.Close()
		}
	}
	second, err := apply.Open(context.Background(), db, patient)
	require.NoError(t, err)
	second.Close()

	third, err := apply.Open(context.Background(), db, defaults())
	require.NoError(t, err)
	defer third.Close()
	ctx, cancel := context.WithCancel(context.Background())
	stopped := defaults()
	stopped.Observe = func(apply.Event) { cancel() }
	_, err = apply.Open(ctx, db, stopped)
	require.True(t, errors.Is(err, context.Canceled), "%v", err)
}
