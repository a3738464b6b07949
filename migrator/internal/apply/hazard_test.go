package apply_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/senior-backend/toolkit/migrator/internal/apply"
	"github.com/senior-backend/toolkit/migrator/internal/scratch/scratchtest"
)

// risky is a schema with one of each thing that a migration can hurt.
const risky = `CREATE TABLE big (id bigint PRIMARY KEY, a int, b text NOT NULL DEFAULT '', c varchar(50), empty text);
ALTER TABLE big ALTER b SET STORAGE PLAIN;
CREATE INDEX big_a ON big (a);
CREATE UNIQUE INDEX big_unique ON big (a);
CREATE TABLE small (id int, big_id bigint);
CREATE TABLE events (at timestamptz, n int) PARTITION BY RANGE (at);
CREATE TABLE events_2026 PARTITION OF events FOR VALUES FROM ('2026-01-01') TO ('2027-01-01');
CREATE DOMAIN positive AS int;
CREATE TABLE priced (price positive);
CREATE FUNCTION used() RETURNS int LANGUAGE sql AS 'SELECT 1';
CREATE TYPE state AS ENUM ('new');
CREATE MATERIALIZED VIEW sums AS SELECT count(*) FROM big;
`

const riskyRows = `INSERT INTO big (id, a, b) SELECT n, n, repeat('x', 7000) FROM generate_series(1, 1500) n;
INSERT INTO small SELECT n, 1 + n % 1500 FROM generate_series(1, 12000) n;
INSERT INTO priced VALUES (1);
ANALYZE;
`

// Each migration shows exactly these hazards, and tells what to do instead.
func TestHazards(t *testing.T) {
	server := scratchtest.Server(t)
	target := scratchtest.In(t, server, risky+riskyRows).DB()
	for text, want := range map[string]string{
		// What blocks.
		"CREATE INDEX i ON big (c)":                                              "warning blocking-index-build: CREATE INDEX CONCURRENTLY",
		"DROP INDEX big_a":                                                       "warning blocking-index-drop: DROP INDEX CONCURRENTLY",
		"DROP INDEX CONCURRENTLY big_a":                                          "",
		"REINDEX TABLE big":                                                      "warning blocking-reindex: REINDEX ... CONCURRENTLY",
		"REINDEX TABLE CONCURRENTLY big":                                         "",
		"VACUUM FULL big":                                                        "warning table-rewrite: pg_repack",
		"CLUSTER big USING big_a":                                                "warning table-rewrite: pg_repack",
		"ALTER TABLE events DETACH PARTITION events_2026":                        "warning blocking-detach: CONCURRENTLY",
		"ALTER TABLE big ADD n float DEFAULT random()":                           "warning table-rewrite: fill it in batches",
		"ALTER TABLE big ADD n int GENERATED ALWAYS AS (a) STORED":               "warning table-rewrite: fill it in batches",
		"ALTER TABLE big ADD n bigserial":                                        "warning table-rewrite: fill it in batches; info column-type: IDENTITY",
		"ALTER TABLE big ALTER a SET NOT NULL":                                   "warning scan-under-lock: first ADD CHECK; warning required-column: add a default",
		"ALTER TABLE big ADD CHECK (a > 0)":                                      "warning scan-under-lock: NOT VALID",
		"ALTER TABLE big ADD UNIQUE (a)":                                         "warning scan-under-lock: CREATE UNIQUE INDEX CONCURRENTLY",
		"ALTER TABLE big ADD EXCLUDE USING btree (a WITH =)":                     "warning scan-under-lock: run it when nobody needs the table",
		"ALTER TABLE big ADD CONSTRAINT big_a_key UNIQUE USING INDEX big_unique": "",
		"ALTER TABLE small ADD FOREIGN KEY (big_id) REFERENCES big":              "info scan-under-lock: NOT VALID; info fk-without-index: CREATE INDEX CONCURRENTLY",
		"ALTER DOMAIN positive ADD CHECK (VALUE > 0)":                            "info scan-under-lock: NOT VALID",
		"REFRESH MATERIALIZED VIEW sums":                                         "info table-rewrite: CONCURRENTLY",

		// What running code or the rows do not survive.
		"DROP TABLE small": "error data-loss: keep a copy; warning breaks-running-code: first deploy code",
		"DROP TABLE small; CREATE TABLE small (id bigint)": "error data-loss: keep a copy",
		"TRUNCATE small":                          "error data-loss: keep a copy",
		"ALTER TABLE big DROP b":                  "error data-loss: keep a copy; warning breaks-running-code: first deploy code",
		"ALTER TABLE big DROP empty":              "warning breaks-running-code: first deploy code",
		"DROP DATABASE IF EXISTS nobody_has_this": "error data-loss: keep a dump",
		"ALTER TABLE big RENAME a TO z":           "warning breaks-running-code: first deploy code",
		"-- migrator: plan online\nBEGIN; ALTER TYPE state RENAME TO state_old; CREATE TYPE state AS ENUM ('b'); COMMIT; DROP TYPE state_old": "",
		"ALTER TABLE big RENAME a TO a_old; ALTER TABLE big DROP a_old":                                                                       "error data-loss: keep a copy; warning breaks-running-code: first deploy code",
		"ALTER TABLE big ADD n int; ALTER TABLE big DROP n":                                                                                   "",
		"DROP FUNCTION used()":                      "warning breaks-running-code: first deploy code",
		"DROP TYPE state":                           "warning breaks-running-code: first deploy code",
		"ALTER TABLE big ALTER c TYPE varchar(100)": "warning type-change: first deploy code",
		"ALTER TABLE big ALTER b DROP NOT NULL":     "info null-allowed: takes NULL",
		"ALTER TABLE big ALTER b DROP DEFAULT":      "warning required-column: add a default",
		"ALTER TYPE state ADD VALUE 'old'":          "",

		// What a transaction keeps to itself for long.
		"UPDATE small SET id = 1":                                                                                     "warning unbatched-write: in batches",
		"ALTER TABLE big ADD n int; UPDATE small SET id = 1":                                                          "warning unbatched-write: in batches; warning work-under-lock: in a transaction of its own",
		"-- migrator: plan online\nALTER TABLE big ADD n int; UPDATE small SET id = 1":                                "warning unbatched-write: in batches",
		"ALTER TABLE big ADD n int; ALTER TABLE small ADD n int":                                                      "warning many-exclusive-locks: plan online",
		"-- migrator: plan online\nALTER TABLE small ALTER id TYPE text; ALTER TABLE small ALTER big_id TYPE numeric": "warning type-change: first; warning type-change: first; info table-rewrite: batches; info table-rewrite: batches; info read-again: one ALTER TABLE",
		"SET lock_timeout = 0; ALTER TABLE big ADD n int":                                                             "warning no-lock-timeout: --lock-timeout",
		"SET LOCAL lock_timeout = '2min'; ALTER TABLE big ADD n int":                                                  "info long-lock-timeout: --lock-timeout",
		"SET lock_timeout = '100ms'; ALTER TABLE big ADD n int":                                                       "",

		// What may be regretted.
		"ALTER TABLE big ADD n json": "info column-type: jsonb",
		"CREATE TABLE n (id int PRIMARY KEY, a char(3), b timestamp, c varchar(9))":                   "info column-type: bigint; info column-type: text; info column-type: timestamptz; info column-type: text",
		"CREATE TABLE n (a int, b int, c int, d int); CREATE INDEX ON n (a, b, c, d)":                 "info wide-index: narrow the most",
		"CREATE TABLE n (a timestamp) PARTITION BY RANGE (a); CREATE TABLE n1 PARTITION OF n DEFAULT": "info column-type: timestamptz",
		"CREATE TABLE n (a bigint REFERENCES big); CREATE INDEX ON n (a)":                             "",
		"CREATE TABLE IF NOT EXISTS small ()":                                                         "info nothing-done: see that what is there",
		"CREATE TABLE " + strings.Repeat("n", 70) + " ()":                                             "warning name-cut: at most 63 bytes",
	} {
		t.Run(text[:min(len(text), 60)], func(t *testing.T) {
			rehearsal := rehearseOn(t, server, target, risky, text, nil)
			require.NoError(t, rehearsal.Err)
			var got []string
			for _, h := range rehearsal.Hazards {
				got = append(got, h.Severity+" "+h.Code)
				require.NotEmpty(t, h.Message)
				require.Positive(t, h.Line)
			}
			var hazards, advice []string
			for one := range strings.SplitSeq(want, "; ") {
				if head, what, isHazard := strings.Cut(one, ": "); isHazard {
					hazards, advice = append(hazards, head), append(advice, what)
				}
			}
			require.Equal(t, hazards, got, "%+v", rehearsal.Hazards)
			for i, h := range rehearsal.Hazards {
				require.Contains(t, h.Advice, advice[i], h.Message)
			}
		})
	}
}

func TestHazardsWithoutTheRows(t *testing.T) {
	server := scratchtest.Server(t)
	target := scratchtest.In(t, server, risky+riskyRows).DB()
	rehearsal := rehearseOn(t, server, target, risky, "DELETE FROM small", func(s *apply.Stage) { s.CopyOnly = true })
	require.NoError(t, rehearsal.Err)
	require.Len(t, rehearsal.Hazards, 1)
	require.Equal(t, "up to 12000 rows are locked until the transaction ends", rehearsal.Hazards[0].Message)
}
