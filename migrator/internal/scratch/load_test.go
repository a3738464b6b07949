package scratch_test

import (
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/rs/zerolog"
	"github.com/stretchr/testify/require"

	"github.com/senior-backend/toolkit/migrator/internal/scratch"
	"github.com/senior-backend/toolkit/migrator/internal/scratch/scratchtest"
	"github.com/senior-backend/toolkit/shared/fault"
)

// TestSchemas loads every file of testdata/schemas, or of the directory that
// MIGRATOR_SCHEMAS names.
func TestSchemas(t *testing.T) {
	dir := os.Getenv("MIGRATOR_SCHEMAS")
	if dir == "" {
		dir = "testdata/schemas"
	}
	files, err := filepath.Glob(filepath.Join(dir, "*.sql"))
	require.NoError(t, err)
	require.NotEmpty(t, files)
	s := scratchtest.Server(t)
	for _, file := range files {
		t.Run(filepath.Base(file), func(t *testing.T) {
			require.NoError(t, scratchtest.In(t, s, "").Load(context.Background(), file))
		})
	}
}

func TestDumpedRowsAreLoaded(t *testing.T) {
	d := scratchtest.Database(t, "")
	require.NoError(t, d.Load(context.Background(), "testdata/schemas/library.sql"))
	var titles string
	require.NoError(t, d.DB().QueryRow("SELECT string_agg(title || coalesce(shelf, '-'), '|' ORDER BY id) FROM lending.books").Scan(&titles))
	require.Equal(t, "Semicolons; and other marks-|A tab\tin the titleB|Backslash \\. at largeC", titles)
}

func TestDirectoryIsLoadedByName(t *testing.T) {
	dir := t.TempDir()
	require.NoError(t, os.WriteFile(filepath.Join(dir, "02_b.sql"), []byte("CREATE TABLE b (a_id int REFERENCES a);"), 0o600))
	require.NoError(t, os.WriteFile(filepath.Join(dir, "01_a.sql"), []byte("CREATE TABLE a (id int PRIMARY KEY);"), 0o600))
	require.NoError(t, os.WriteFile(filepath.Join(dir, "notes.txt"), []byte("no SQL"), 0o600))
	require.NoError(t, scratchtest.Database(t, "").Load(context.Background(), dir))
}

func TestRolesBecomeStubsForAsLongAsTheDatabaseLives(t *testing.T) {
	s := scratchtest.Server(t)
	for name, sql := range map[string]string{
		"alone":            `CREATE TABLE t (); ALTER TABLE t OWNER TO "Stub One"; GRANT SELECT ON t TO stub_two; SET ROLE stub_three; CREATE TABLE u ();`,
		"in a transaction": `BEGIN; CREATE TABLE t (); ALTER TABLE t OWNER TO "Stub One"; GRANT SELECT ON t TO stub_two; COMMIT;`,
	} {
		t.Run(name, func(t *testing.T) {
			d, err := s.Database(context.Background())
			require.NoError(t, err)
			require.NoError(t, d.LoadText(context.Background(), "roles.sql", sql))
			require.Contains(t, names(t, s, stubs), "stub_two")
			require.NoError(t, d.Close())
			require.Empty(t, names(t, s, `SELECT rolname FROM pg_roles WHERE rolname ILIKE 'stub%'`))
		})
	}
}

func TestBadFiles(t *testing.T) {
	dir := t.TempDir()
	write := func(name, text string) string {
		path := filepath.Join(dir, name)
		require.NoError(t, os.WriteFile(path, []byte(text), 0o600))
		return path
	}
	large := write("large.sql", "")
	require.NoError(t, os.Truncate(large, 200<<20))
	empty := filepath.Join(dir, "empty-directory")
	require.NoError(t, os.Mkdir(empty, 0o700))
	s := scratchtest.Server(t)
	shared := scratchtest.Open(t, scratch.Options{ScratchURL: s.URL()})
	for name, c := range map[string]struct {
		server *scratch.Server
		path   string
		want   string
	}{
		"missing":           {s, filepath.Join(dir, "none.sql"), "none.sql: no such file"},
		"no files":          {s, empty, "holds no .sql file"},
		"large":             {s, large, "large.sql: 200 MB is more than a schema holds"},
		"empty":             {s, write("empty.sql", ""), "holds no SQL statement"},
		"only comments":     {s, write("comments.sql", "-- nothing\n/* here */"), "holds no SQL statement"},
		"syntax":            {s, write("syntax.sql", "CREATE TABLE t (\n  id int,\n  name text texts\n);\n"), "syntax.sql:3:13: syntax error"},
		"place":             {s, write("place.sql", "CREATE TABLE ü (id int);\n\n  CREATE TABLE b (\n  \"ä\" nosuchtype);\n"), "place.sql:4:7: type \"nosuchtype\" does not exist"},
		"no position":       {s, write("twice.sql", "CREATE TABLE t ();\n  CREATE TABLE t ();\n"), "twice.sql:2:3: relation \"t\" already exists"},
		"unknown extension": {s, write("extension.sql", "CREATE EXTENSION nosuchthing;"), "has not that extension"},
		"meta-command":      {s, write("meta.sql", "SELECT 1;\n\\i other.sql\n"), "meta.sql:2:1: psql's \\i is not understood"},
		"unclosed":          {s, write("open.sql", "SELECT 1;\nSELECT 'a"), "open.sql:2"},
		"bad rows":          {s, write("rows.sql", "CREATE TABLE t (id int);\nCOPY t FROM stdin;\nx\n\\.\n"), "rows.sql:2:1: invalid input syntax for type integer"},
		"role on a server":  {shared, write("role.sql", "CREATE TABLE t ();\nCREATE ROLE r;"), "role.sql:2:1: CREATE ROLE reaches beyond"},
	} {
		t.Run(name, func(t *testing.T) {
			err := scratchtest.In(t, c.server, "").Load(context.Background(), c.path)
			require.ErrorContains(t, err, c.want)
			var input *fault.Input
			require.ErrorAs(t, err, &input)
			require.NotContains(t, err.Error(), "\n")
		})
	}
}

func TestConnectSaysWhatIsInTheWay(t *testing.T) {
	s := scratchtest.Server(t)
	scratchtest.Guard(t, s, "guarded", "open sesame")
	guarded := strings.Replace(s.URL(), "postgres@", "guarded:open%20says%20me@", 1)
	for name, c := range map[string]struct{ dsn, want string }{
		"refused":          {"postgres://u:secret@127.0.0.1:1/db", "cannot connect to 127.0.0.1:1"},
		"unknown host":     {"postgres://u:secret@nosuchhost.invalid/db", `unknown host "nosuchhost.invalid"`},
		"no database":      {strings.Replace(s.URL(), "/postgres?", "/nosuchdb?", 1), `database "nosuchdb" does not exist; check the database's name, or create it: createdb nosuchdb`},
		"wrong password":   {guarded, `password authentication failed for user "guarded"`},
		"not a connection": {"localhost", "not a connection"},
		"bad URL":          {"postgres://u:se%cret@host/db", "cannot be read"},
		"bad port":         {"postgres://u:secret@host:port/db", "cannot be read"},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := scratch.Connect(context.Background(), c.dsn)
			require.ErrorContains(t, err, c.want)
			for _, secret := range []string{"secret", "se%cret", "says"} {
				require.NotContains(t, err.Error(), secret)
			}
		})
	}
	db, err := scratch.Connect(context.Background(), strings.Replace(s.URL(), "postgres@", "guarded:open%20sesame@", 1))
	require.NoError(t, err)
	require.NoError(t, db.Close())
}

func TestConnectTakesKeysAndValues(t *testing.T) {
	d := scratchtest.Database(t, "CREATE TABLE t ()")
	cfg, err := scratch.Config(d.URL())
	require.NoError(t, err)
	db, err := scratch.Connect(context.Background(), "host="+cfg.Host+" user=postgres dbname="+d.Name())
	require.NoError(t, err)
	defer db.Close()
	var application string
	require.NoError(t, db.QueryRow("SELECT current_setting('application_name') FROM (SELECT count(*) FROM t) x").Scan(&application))
	require.Equal(t, "migrator", application)
}

func TestStubMayServeSeveralDatabases(t *testing.T) {
	host := scratchtest.Server(t)
	for _, shared := range []string{"", host.URL()} {
		s, err := scratch.Open(context.Background(), scratch.Options{ScratchURL: shared, Log: zerolog.Nop()})
		require.NoError(t, err)
		load := func() *scratch.Database {
			d, err := s.Database(context.Background())
			require.NoError(t, err)
			require.NoError(t, d.LoadText(context.Background(), "stub.sql", "CREATE TABLE t (); GRANT SELECT ON t TO stub_of_both;"))
			return d
		}
		first, second := load(), load()
		require.NoError(t, first.Close(), "the other still needs the role")
		require.Contains(t, names(t, s, stubs), "stub_of_both")
		require.NoError(t, second.Close())
		require.NoError(t, s.Close())
		require.Empty(t, names(t, host, stubs))
	}
}
