package migration_test

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/senior-backend/toolkit/migrator/internal/migration"
	"github.com/senior-backend/toolkit/shared/fault"
)

func write(t *testing.T, files map[string]string) string {
	t.Helper()
	dir := t.TempDir()
	for name, text := range files {
		path := filepath.Join(dir, name)
		if name != "" {
			require.NoError(t, os.MkdirAll(filepath.Dir(path), 0o700))
			require.NoError(t, os.WriteFile(path, []byte(text), 0o600))
		}
	}
	return dir
}

// outline shows how a script runs: a bracket for each transaction, the line and
// first word of each statement.
func outline(s *migration.Script) string {
	if s == nil {
		return "none"
	}
	var parts []string
	for _, unit := range s.Units {
		var words []string
		for _, step := range unit.Steps {
			words = append(words, fmt.Sprintf("%d %s", step.Line, strings.Fields(step.Text)[0]))
		}
		text := strings.Join(words, ", ")
		if unit.Transaction {
			text = "[" + text + "]"
		}
		parts = append(parts, text)
	}
	return strings.Join(parts, " ")
}

func TestFormats(t *testing.T) {
	for name, test := range map[string]struct {
		files    map[string]string
		read     string
		format   migration.Format
		version  string
		up, down string
	}{
		"plain": {
			map[string]string{"20260101_120000_a.sql": "CREATE TABLE t ();\nDROP TABLE t;", "20260101_120000_a_rollback.sql": "SELECT 1;"},
			"20260101_120000_a.sql", migration.Plain, "20260101_120000", "[1 CREATE, 2 DROP]", "[1 SELECT]",
		},
		"plain without rollback": {map[string]string{"a.sql": "VACUUM ;\nSELECT 1"}, "a.sql", migration.Plain, "", "1 VACUUM [2 SELECT]", "none"},
		"online":                 {map[string]string{"a.sql": "\ufeff-- migrator: plan online, made by hand\nSELECT 1;\nINSERT INTO t VALUES (1);"}, "a.sql", migration.Plain, "", "[2 SELECT] [3 INSERT]", "none"},
		"transactional":          {map[string]string{"a.sql": "-- migrator: plan transactional\nSET a.b = 1;\nBEGIN;\nSELECT 1;\nSELECT 2;\nCOMMIT;"}, "a.sql", migration.Plain, "", "[2 SET] [4 SELECT, 5 SELECT]", "none"},
		"goose": {
			map[string]string{"00001_a.sql": "-- +goose Up\n-- +goose StatementBegin\nCREATE FUNCTION f() RETURNS int LANGUAGE sql AS $$ SELECT 1; $$;\n-- +goose StatementEnd\nSELECT 2;\n\n-- +goose Down\nDROP FUNCTION f();\n"},
			"00001_a.sql", migration.Goose, "00001", "[3 CREATE, 5 SELECT]", "[8 DROP]",
		},
		"goose without semicolons": {
			map[string]string{"3_a.sql": "-- made by hand\n\n-- +goose Up\n-- +goose StatementBegin\nSELECT 1\n-- +goose StatementEnd\n-- +goose StatementBegin\nDO $$ BEGIN END $$\n-- +goose StatementEnd\nSELECT 2;\n-- +goose Down\n-- +goose StatementBegin\nSELECT 3\n-- +goose StatementEnd\n"},
			"3_a.sql", migration.Goose, "3", "[5 SELECT, 8 DO, 10 SELECT]", "[13 SELECT]",
		},
		"flyway without transaction": {
			map[string]string{"V3__a.sql": "SELECT 1;\nSELECT '${x}';", "V3__a.sql.conf": "# of Flyway\nexecuteInTransaction=false\nplaceholderReplacement = false\n"},
			"V3__a.sql", migration.Flyway, "3", "[1 SELECT] [2 SELECT]", "none",
		},
		"goose without transaction": {map[string]string{"2_a.sql": "-- +goose NO TRANSACTION\n-- +goose Up\nSELECT 1;\nSELECT 2;\n-- +goose Down\nSELECT 3;"}, "2_a.sql", migration.Goose, "2", "[3 SELECT] [4 SELECT]", "[6 SELECT]"},
		"dbmate":                    {map[string]string{"20260101120000_a.sql": "-- migrate:up\nCREATE TABLE t ()\n\n-- migrate:down\nDROP TABLE t"}, "20260101120000_a.sql", migration.Dbmate, "20260101120000", "[2 CREATE]", "[5 DROP]"},
		"dbmate without transaction": {
			map[string]string{"1_a.sql": "-- migrate:up transaction:false\r\nSELECT 1;\r\nSELECT 2;\r\n-- migrate:down\r\nSELECT 3;\r\nSELECT 4;\r\n"},
			"1_a.sql", migration.Dbmate, "1", "[2 SELECT] [3 SELECT]", "[5 SELECT, 6 SELECT]",
		},
		"golang-migrate": {map[string]string{"000007_a.up.sql": "SELECT 1;", "000007_a.down.sql": "SELECT 2;"}, "000007_a.up.sql", migration.GolangMigrate, "000007", "[1 SELECT]", "[1 SELECT]"},
		"flyway":         {map[string]string{"V1.2__a.sql": "CREATE INDEX CONCURRENTLY i ON t (a);", "U1.2__b.sql": "SELECT 2;"}, "V1.2__a.sql", migration.Flyway, "1.2", "1 CREATE", "[1 SELECT]"},
	} {
		t.Run(name, func(t *testing.T) {
			m, err := migration.Read(filepath.Join(write(t, test.files), test.read))
			require.NoError(t, err)
			require.Equal(t, test.format, m.Format)
			require.Equal(t, test.version, m.Version)
			require.Equal(t, test.up, outline(m.Up))
			require.Equal(t, test.down, outline(m.Down))
		})
	}
}

func TestDirectoriesAreInOrder(t *testing.T) {
	for name, test := range map[string]struct {
		files         []string
		want, skipped []string
	}{
		"numbers":      {[]string{"10_c.sql", "9_b.sql", "1_a.sql", "1_a_rollback.sql", "notes.txt"}, []string{"1_a.sql", "9_b.sql", "10_c.sql"}, nil},
		"times":        {[]string{"20260102_000000_a.sql", "20260101_235959_b.sql"}, []string{"20260101_235959_b.sql", "20260102_000000_a.sql"}, nil},
		"a dump":       {[]string{"1_a.sql", "schema.sql"}, []string{"1_a.sql"}, []string{"schema.sql"}},
		"no versions":  {[]string{"b.sql", "a.sql"}, []string{"a.sql", "b.sql"}, nil},
		"flyway":       {[]string{"R__views.sql", "V1.10__c.sql", "V1.9__b.sql", "V1__a.sql", "U1__a.sql"}, []string{"V1__a.sql", "V1.9__b.sql", "V1.10__c.sql", "R__views.sql"}, nil},
		"flyway below": {[]string{"2026/V2__b.sql", "V1__a.sql", "2026/undo/U2__b.sql", "2026/seed.sql", ".git/V9__x.sql", "B1__base.sql", "afterMigrate.sql"}, []string{"V1__a.sql", "V2__b.sql"}, []string{"B1__base.sql", "afterMigrate.sql"}},
		"pairs":        {[]string{"2_b.up.sql", "2_b.down.sql", "1_a.up.sql"}, []string{"1_a.up.sql", "2_b.up.sql"}, nil},
	} {
		t.Run(name, func(t *testing.T) {
			files := map[string]string{}
			for _, file := range test.files {
				files[file] = "SELECT 1;"
			}
			migrations, skipped, err := migration.ReadDirectory(write(t, files))
			require.NoError(t, err)
			var names []string
			for _, m := range migrations {
				names = append(names, m.Name)
			}
			require.Equal(t, test.want, names)
			require.Equal(t, test.skipped, skipped)
		})
	}
}

func TestRefusals(t *testing.T) {
	for text, want := range map[string]string{
		"":                                     "a.sql: the file holds no statement; write the migration into it, or delete it",
		"-- +goose Down\nSELECT 1;":            `a.sql: the file has no part that goes up, as goose marks it`,
		"BEGIN;\nSELECT 1;\nBEGIN;":            "a.sql:3:1: a transaction begins inside the one of line 1",
		"SELECT 1;\nCOMMIT;":                   "a.sql:2:1: a transaction is committed that this file did not begin",
		"SELECT 1;\nROLLBACK;":                 "a.sql:2:1: a transaction is rolled back that this file did not begin",
		"BEGIN;\nSELECT 1;\nROLLBACK;":         "a.sql:3:1: the migration rolls back what it did",
		"SELECT 1;\n\n\\i other.sql":           `a.sql:3:1: \i is a command of psql, not of the server`,
		"-- +goose Up\n\nSELECT 'a;":           "a.sql:3:8: a string that is opened here is never closed",
		"-- +goose Up\n-- +goose ENVSUB ON\n":  "a.sql:2: goose would replace environment variables",
		"\nSELECT 1;\n-- +goose Up\nSELECT 2;": "a.sql:2:1: this stands before the part that goes up, where goose runs nothing; move it below the marker",
		"SELECT 1;\n-- migrate:up\nSELECT 2;":  "a.sql:1:1: this stands before the part that goes up, where dbmate runs nothing",
	} {
		_, err := migration.Read(filepath.Join(write(t, map[string]string{"a.sql": text}), "a.sql"))
		var input *fault.Input
		require.ErrorAs(t, err, &input, text)
		require.ErrorContains(t, err, want)
	}
	for files, want := range map[[4]string]string{
		{"V1__a.sql", "SELECT 1;\nSELECT 'ä ${schema}';"}:                                          "V1__a.sql:2:11: Flyway would replace ${schema}, and that is not done here",
		{"V1__a.sql", "SELECT 1", "U1__a.sql", "SELECT ${x}"}:                                      "U1__a.sql:1:8: Flyway would replace ${x}",
		{"V1__a.sql", "SELECT 1", "V1__a.sql.conf", "\nshouldExecute=${env}==x"}:                   "V1__a.sql.conf:2: shouldExecute says when Flyway would run this file",
		{"1_a.sql", "-- +goose Up\nSELECT 1;", "2_b.go", "import \"github.com/pressly/goose/v3\""}: "2_b.go: this migration of goose is a program, which is not run here",
	} {
		_, _, err := migration.ReadDirectory(write(t, map[string]string{files[0]: files[1], files[2]: files[3]}))
		require.ErrorContains(t, err, want)
	}
	_, _, err := migration.ReadDirectory(write(t, map[string]string{"1_a.up.sql": "SELECT 1", "1_b.up.sql": "SELECT 1"}))
	require.ErrorContains(t, err, "1_b.up.sql: 1_a.up.sql has the same version, 1")
}

func TestFind(t *testing.T) {
	dir := write(t, map[string]string{
		"20260101_000000_add_indexes.sql": "", "20270101_000000_add_indexes.sql": "", "20280101_000000_add_indexes_rollback.sql": "",
		"20290101_000000_not_add_indexes.sql": "", "here.sql": "",
	})
	found, took, err := migration.Find(filepath.Join(dir, "add_indexes.sql"))
	require.NoError(t, err)
	require.True(t, took)
	require.Equal(t, filepath.Join(dir, "20270101_000000_add_indexes.sql"), found)
	found, took, err = migration.Find(filepath.Join(dir, "here.sql"))
	require.NoError(t, err)
	require.False(t, took)
	require.Equal(t, filepath.Join(dir, "here.sql"), found)
	for _, name := range []string{"gone.sql", "20260101_000000_gone.sql", filepath.Join("nowhere", "add_indexes.sql")} {
		_, _, err = migration.Find(filepath.Join(dir, name))
		require.ErrorIs(t, err, os.ErrNotExist)
		require.ErrorContains(t, err, "there is no such file")
	}
}

func TestChecksumsKnowWhatMatters(t *testing.T) {
	sum := func(text string) string {
		m, err := migration.Read(filepath.Join(write(t, map[string]string{"a.sql": text}), "a.sql"))
		require.NoError(t, err)
		return m.Checksum
	}
	require.Equal(t, sum("SELECT 1;\nSELECT 2;\n"), sum("\ufeffSELECT 1;\r\nSELECT 2;\r\n"))
	require.NotEqual(t, sum("SELECT 1;"), sum("SELECT 2;"))
	require.Equal(t, sum("-- +goose Up\nSELECT 1;\n-- +goose Down\nSELECT 2;"), sum("-- +goose Up\nSELECT 1;\n-- +goose Down\nSELECT 3;"))
}
