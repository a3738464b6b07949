package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestFilesAreHeldAgainstTheServer(t *testing.T) {
	dir := t.TempDir()
	for name, text := range map[string]string{
		"roles.sql":   "DO $$ BEGIN CREATE ROLE pieces_role; EXCEPTION WHEN duplicate_object THEN END $$;",
		"good.sql":    "CREATE TABLE t (a int);\nCOPY t FROM stdin;\n1\n\\.\nCREATE FUNCTION f() RETURNS int LANGUAGE sql AS $$ SELECT 1; $$;\nALTER TABLE t OWNER TO pieces_role;",
		"needs.sql":   "ALTER TABLE of_another_file ADD a int;",
		"rows.sql":    "CREATE TABLE r (a int);\nCOPY r FROM stdin;\nno number\n\\.\n",
		"copy.sql":    "COPY r (a FROM stdin);",
		"nothing.sql": "-- nothing at all\n",
		"wrong.sql":   "SELECT 1;\nSELECT FROM WHERE;",
		"broken.sql":  "SELECT 'never closed;",
	} {
		require.NoError(t, os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600))
	}
	var out strings.Builder
	c, err := run(t.Context(), dir, 0, false, &out)
	require.NoError(t, err, out.String())
	require.Equal(t, 8, c.files)
	require.Equal(t, 2, c.copies)
	require.Contains(t, out.String(), "wrong.sql:2:1: ")
	require.Contains(t, out.String(), "copy.sql:1:1: ")
	require.Contains(t, out.String(), "rows.sql:2:1: ")
	require.Contains(t, out.String(), "not run to its end: "+filepath.Join(dir, "rows.sql"))
	require.Contains(t, out.String(), "broken.sql:1:8: a string that is opened here is never closed")
	require.NotContains(t, out.String(), "good.sql")
	require.Equal(t, 4, c.unloaded)
	c, err = run(t.Context(), dir, 0, true, &out)
	require.NoError(t, err)
	require.Equal(t, []int{8, 3, 0}, []int{c.files, c.faults, c.unloaded})
	_, err = run(t.Context(), t.TempDir(), 0, true, &out)
	require.ErrorContains(t, err, "holds no SQL file")
}
