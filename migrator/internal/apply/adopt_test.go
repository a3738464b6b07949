package apply_test

import (
	"context"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/senior-backend/toolkit/migrator/internal/apply"
	"github.com/senior-backend/toolkit/migrator/internal/scratch/scratchtest"
)

// Databases that another tool has migrated so far go on from there.
func TestOtherHistoriesAreTakenOver(t *testing.T) {
	server := scratchtest.Server(t)
	for name, test := range map[string]struct {
		history string
		files   []string
	}{
		"goose": {
			"CREATE TABLE goose_db_version (id serial PRIMARY KEY, version_id bigint NOT NULL, is_applied boolean NOT NULL, tstamp timestamp DEFAULT now()); INSERT INTO goose_db_version (version_id, is_applied) VALUES (0, true), (1, true), (2, true), (2, false)",
			[]string{"00001_a.sql", "-- +goose Up\nCREATE TABLE a ();", "00002_b.sql", "-- +goose Up\nCREATE TABLE b ();\n-- +goose Down\nDROP TABLE b;"},
		},
		"dbmate": {
			"CREATE TABLE schema_migrations (version varchar PRIMARY KEY); INSERT INTO schema_migrations VALUES ('20260101000000')",
			[]string{"20260101000000_a.sql", "-- migrate:up\nCREATE TABLE a ();", "20260102000000_b.sql", "-- migrate:up\nCREATE TABLE b ();\n-- migrate:down\nDROP TABLE b;"},
		},
		"golang-migrate": {
			"CREATE TABLE schema_migrations (version bigint PRIMARY KEY, dirty boolean NOT NULL); INSERT INTO schema_migrations VALUES (1, false)",
			[]string{"0001_a.up.sql", "CREATE TABLE a ();", "0002_b.up.sql", "CREATE TABLE b ();", "0002_b.down.sql", "DROP TABLE b;"},
		},
		"Flyway": {
			"CREATE TABLE flyway_schema_history (installed_rank int PRIMARY KEY, version varchar(50), description text, success boolean); INSERT INTO flyway_schema_history VALUES (1, '1', 'a', true), (2, '2', 'b', false)",
			[]string{"V1__a.sql", "CREATE TABLE a ();", "V2__b.sql", "CREATE TABLE b ();", "U2__b.sql", "DROP TABLE b;"},
		},
	} {
		t.Run(name, func(t *testing.T) {
			db := scratchtest.In(t, server, test.history+";").DB()
			migrations := read(t, directory(t, test.files...))
			entries, err := apply.Status(context.Background(), db, "migrator", migrations)
			require.NoError(t, err)
			require.Equal(t, []apply.State{apply.StateApplied, apply.StatePending}, []apply.State{entries[0].State, entries[1].State})
			require.Equal(t, name, entries[0].Elsewhere)
			outcomes, err := up(t, db, defaults(), migrations)
			require.NoError(t, err)
			require.Equal(t, []apply.Action{apply.Adopted, apply.Applied}, actions(outcomes))
			require.True(t, value[bool](t, db, "SELECT to_regclass('a') IS NULL AND to_regclass('b') IS NOT NULL"))

			runner, err := apply.Open(context.Background(), db, defaults())
			require.NoError(t, err)
			defer runner.Close()
			outcome, err := runner.Down(context.Background(), migrations[1])
			require.NoError(t, err)
			require.Equal(t, apply.RolledBack, outcome.Action)
		})
	}
}
