package apply_test

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/senior-backend/toolkit/migrator/internal/apply"
	"github.com/senior-backend/toolkit/migrator/internal/migration"
	"github.com/senior-backend/toolkit/migrator/internal/scratch"
	"github.com/senior-backend/toolkit/migrator/internal/scratch/scratchtest"
)

// TestMain makes the test binary a migrator of its own when it is asked to: one
// that a test can kill.
func TestMain(m *testing.M) {
	if url := os.Getenv("APPLY_TEST_URL"); url != "" {
		os.Exit(child(url))
	}
	os.Exit(m.Run())
}

// child applies a directory and kills itself at the event that it is told.
func child(url string) int {
	killAt, _ := strconv.Atoi(os.Getenv("APPLY_TEST_KILL_AT"))
	events := 0
	o := defaults()
	o.LockRetries = 100
	o.Observe = func(e apply.Event) {
		events++
		if events == killAt {
			_ = syscall.Kill(os.Getpid(), syscall.SIGKILL)
			select {}
		}
	}
	migrations, _, err := migration.ReadDirectory(os.Getenv("APPLY_TEST_DIR"))
	switch {
	case err != nil:
	case os.Getenv("APPLY_TEST_DOWN") != "":
		err = childDown(url, o, migrations[0])
	default:
		err = childUp(url, o, migrations)
	}
	if err != nil {
		fmt.Println(err)
		return 1
	}
	fmt.Println("events", events)
	return 0
}

func childUp(url string, o apply.Options, migrations []*migration.Migration) error {
	ctx := context.Background()
	db, err := scratch.Connect(ctx, url)
	if err != nil {
		return err
	}
	defer db.Close()
	runner, err := apply.Open(ctx, db, o)
	if err != nil {
		return err
	}
	defer runner.Close()
	_, err = runner.Up(ctx, migrations)
	return err
}

func childCommand(t *testing.T, url, dir string, killAt int) *exec.Cmd {
	t.Helper()
	program, err := os.Executable()
	require.NoError(t, err)
	command := exec.Command(program)
	command.Env = append(os.Environ(), "APPLY_TEST_URL="+url, "APPLY_TEST_DIR="+dir, "APPLY_TEST_KILL_AT="+strconv.Itoa(killAt))
	return command
}

// work is migrations of all kinds, each of which shows when it ran twice.
func work(t *testing.T) string {
	return directory(t,
		"1_tables.sql", "CREATE TABLE t (a int, b text);\nINSERT INTO t SELECT n, n::text FROM generate_series(1, 3000) n;\nCREATE TABLE log (n int);\nINSERT INTO log VALUES (1);",
		"2_online.sql", `-- migrator: plan online
SET lock_timeout = '3s';
CREATE INDEX CONCURRENTLY i ON t (a);
INSERT INTO log VALUES (2);
CREATE UNIQUE INDEX CONCURRENTLY IF NOT EXISTS u ON t (a);
ALTER TABLE t ADD CONSTRAINT t_pkey PRIMARY KEY USING INDEX u;
CREATE INDEX CONCURRENTLY ON t (b);
BEGIN;
INSERT INTO log VALUES (3);
ALTER TABLE t ADD c int;
COMMIT;
DROP INDEX CONCURRENTLY i;
REINDEX TABLE CONCURRENTLY t;
VACUUM t;
INSERT INTO log VALUES (4);`,
		"3_enum.sql", "CREATE TYPE e AS ENUM ('a');\nINSERT INTO log VALUES (5);",
		"4_goose.sql", "-- +goose NO TRANSACTION\n-- +goose Up\nALTER TYPE e ADD VALUE 'b';\nINSERT INTO log SELECT 6 WHERE 'b'::e IS NOT NULL;\n-- +goose Down\n",
	)
}

// state is what a run leaves, as text.
func state(t *testing.T, db *sql.DB) string {
	t.Helper()
	var lines []string
	rows, err := db.Query(`SELECT format('%s %s %s', c.relkind, c.relname, coalesce(i.indisvalid::text, '')) FROM pg_class c LEFT JOIN pg_index i ON i.indexrelid = c.oid
WHERE c.relnamespace IN ('public'::regnamespace, 'migrator'::regnamespace)
UNION ALL SELECT format('column %s %s', attrelid::regclass, attname) FROM pg_attribute WHERE attrelid IN ('t'::regclass, 'log'::regclass) AND attnum > 0
UNION ALL SELECT 'label ' || enumlabel FROM pg_enum
UNION ALL SELECT format('log %s %s', n, count(*)) FROM log GROUP BY n
UNION ALL SELECT format('t %s', count(*)) FROM t
UNION ALL SELECT format('history %s %s %s/%s', name, state, done, statements) FROM migrator.history ORDER BY 1`)
	require.NoError(t, err)
	defer rows.Close()
	for rows.Next() {
		var line string
		require.NoError(t, rows.Scan(&line))
		lines = append(lines, line)
	}
	require.NoError(t, rows.Err())
	return strings.Join(lines, "\n")
}

// undisturbed runs the work in peace and returns what it leaves and how many
// events it had.
func undisturbed(t *testing.T, server *scratch.Server, dir string) (string, int) {
	t.Helper()
	database := scratchtest.In(t, server, "")
	events := eventsOf(t, database, dir)
	return state(t, database.DB()), events
}

// eventsOf runs the directory in peace and returns how many events it had.
func eventsOf(t *testing.T, database *scratch.Database, dir string) int {
	t.Helper()
	out, err := childCommand(t, database.URL(), dir, 0).CombinedOutput()
	require.NoError(t, err, "%s", out)
	events, err := strconv.Atoi(strings.TrimSpace(strings.TrimPrefix(string(out), "events")))
	require.NoError(t, err, "%s", out)
	return events
}

func TestKilledAtEachStep(t *testing.T) {
	server := scratchtest.Server(t)
	dir := work(t)
	want, events := undisturbed(t, server, dir)
	require.Greater(t, events, 40)
	t.Logf("killed at each of %d steps", events)
	for at := 1; at <= events; at++ {
		database := scratchtest.In(t, server, "")
		out, err := childCommand(t, database.URL(), dir, at).CombinedOutput()
		require.ErrorContains(t, err, "killed", "%s", out)
		out, err = childCommand(t, database.URL(), dir, 0).CombinedOutput()
		require.NoError(t, err, "killed at %d: %s", at, out)
		require.Equal(t, want, state(t, database.DB()), "killed at %d", at)
		require.NoError(t, database.Close())
	}
}

// kills is how often TestKilledAtAnyMoment kills; MIGRATOR_TEST_KILLS says otherwise.
const kills = 18

func TestKilledAtAnyMoment(t *testing.T) {
	rounds := kills / 3
	if text := os.Getenv("MIGRATOR_TEST_KILLS"); text != "" {
		asked, err := strconv.Atoi(text)
		require.NoError(t, err, "MIGRATOR_TEST_KILLS")
		rounds = (asked + 2) / 3
	}
	server := scratchtest.Server(t)
	dir := work(t)
	want, _ := undisturbed(t, server, dir)
	seed := uint64(time.Now().UnixNano())
	random := rand.New(rand.NewPCG(seed, 0))
	for round := range rounds {
		database := scratchtest.In(t, server, "")
		for range 3 {
			command := childCommand(t, database.URL(), dir, 0)
			require.NoError(t, command.Start())
			time.Sleep(time.Duration(random.IntN(300)) * time.Millisecond)
			_ = command.Process.Kill()
			_ = command.Wait()
		}
		out, err := childCommand(t, database.URL(), dir, 0).CombinedOutput()
		require.NoError(t, err, "seed %d, round %d: %s", seed, round, out)
		require.Equal(t, want, state(t, database.DB()), "seed %d, round %d", seed, round)
		require.NoError(t, database.Close())
	}
}

// A server that goes away ends the session at any moment, as this does.
func TestConnectionLostAtEachStep(t *testing.T) {
	server := scratchtest.Server(t)
	dir := work(t)
	want, events := undisturbed(t, server, dir)
	database := scratchtest.In(t, server, "")
	for at := 1; at <= events; at += 3 { // the next run begins where this one ended
		seen := 0
		o := defaults()
		o.Observe = func(apply.Event) {
			if seen++; seen == at%5+2 {
				terminate(t, database.DB())
			}
		}
		err := childUp(database.URL(), o, read(t, dir))
		if err != nil {
			require.ErrorContains(t, err, "run the same command again", "at %d", at)
		}
	}
	require.NoError(t, childUp(database.URL(), defaults(), read(t, dir)))
	require.Equal(t, want, state(t, database.DB()))
}

func TestTenAtOnce(t *testing.T) {
	server := scratchtest.Server(t)
	dir := work(t)
	want, _ := undisturbed(t, server, dir)
	database := scratchtest.In(t, server, "")
	var commands []*exec.Cmd
	var outputs []*strings.Builder
	for range 10 {
		command := childCommand(t, database.URL(), dir, 0)
		output := &strings.Builder{}
		command.Stdout = output
		require.NoError(t, command.Start())
		commands, outputs = append(commands, command), append(outputs, output)
	}
	for i, command := range commands {
		require.NoError(t, command.Wait(), outputs[i].String())
	}
	require.Equal(t, want, state(t, database.DB()))
}

// childDown takes back the migration, which has one statement a unit.
func childDown(url string, o apply.Options, m *migration.Migration) error {
	ctx := context.Background()
	db, err := scratch.Connect(ctx, url)
	if err != nil {
		return err
	}
	defer db.Close()
	server, err := scratch.Open(ctx, scratch.Options{ScratchURL: url})
	if err != nil {
		return err
	}
	defer server.Close()
	runner, err := apply.Open(ctx, db, o)
	if err != nil {
		return err
	}
	defer runner.Close()
	const shape = `SELECT coalesce(string_agg(format('%s %s', relkind, relname), ',' ORDER BY relname), '') FROM pg_class WHERE relnamespace = 'public'::regnamespace`
	o.MakeCopy = func(ctx context.Context, m *migration.Migration) (*apply.Copy, error) {
		copied, err := server.Database(ctx)
		if err != nil {
			return nil, err
		}
		var there, again string
		if err := db.QueryRow(shape).Scan(&there); err != nil {
			return nil, err
		}
		for _, step := range m.Up.Steps() {
			if err := copied.DB().QueryRow(shape).Scan(&again); err != nil || again == there {
				break
			}
			if _, err := copied.DB().Exec(step.Text); err != nil {
				return nil, err
			}
		}
		same := func(context.Context) (bool, error) {
			err := copied.DB().QueryRow(shape).Scan(&again)
			return again == there, err
		}
		return &apply.Copy{DB: copied.DB(), Same: same, Drop: copied.Close}, nil
	}
	runner.Close()
	if runner, err = apply.Open(ctx, db, o); err != nil {
		return err
	}
	defer runner.Close()
	_, err = runner.Down(ctx, m)
	return err
}

// However a migration and its rollback are cut short, the rollback leads back.
func TestHalfAppliedIsTakenBack(t *testing.T) {
	server := scratchtest.Server(t)
	dir := directory(t,
		"1.sql", "CREATE TABLE t (a int);\nCREATE INDEX CONCURRENTLY i ON t (a);\nCREATE TABLE u ();\nCREATE UNIQUE INDEX CONCURRENTLY j ON t (a);",
		"1_rollback.sql", "-- migrator: plan online\nDROP INDEX CONCURRENTLY j;\nDROP TABLE u;\nDROP INDEX CONCURRENTLY i;\nDROP TABLE t;",
	)
	events := eventsOf(t, scratchtest.In(t, server, ""), dir)
	for at := 4; at <= events; at += 2 {
		database := scratchtest.In(t, server, "")
		out, err := childCommand(t, database.URL(), dir, at).CombinedOutput()
		require.ErrorContains(t, err, "killed", "%s", out)
		err = errors.New("not tried")
		for killAt := 1 + at%5; err != nil && killAt >= 0; killAt -= 1 + at%5 {
			down := childCommand(t, database.URL(), dir, killAt)
			down.Env = append(down.Env, "APPLY_TEST_DOWN=yes")
			out, err = down.CombinedOutput()
		}
		require.NoError(t, err, "killed at %d: %s", at, out)
		require.Zero(t, value[int](t, database.DB(), "SELECT count(*) FROM pg_class WHERE relnamespace = 'public'::regnamespace"), "killed at %d", at)
		require.Equal(t, "rolled back", value[string](t, database.DB(), "SELECT state FROM migrator.history"), "killed at %d", at)
		require.NoError(t, database.Close())
	}
}
