package scripts

import (
	"bufio"
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// TestServeDatabase sees a schema become a migrated database, an API over it, a
// load on that, and the index that the load made necessary.
func TestServeDatabase(t *testing.T) {
	directory := t.TempDir()
	env := built(t, directory, "./scaffolder", "./migrator", "./loadtester", "./migrator/internal/scratch/keep")
	status, said := script(t, env, "serve-database.sh", "--rows", "serve-database/rows.sql", "--duration", "4",
		"serve-database/schema.sql", kept(t, directory), filepath.Join(directory, "out"))
	require.Equal(t, 0, status, said)

	var suggested struct {
		Suggestions []struct{ Table, SQL string }
	}
	text, err := os.ReadFile(filepath.Join(directory, "out", "suggestions.json"))
	require.NoError(t, err)
	require.NoError(t, json.Unmarshal(text, &suggested))
	require.Len(t, suggested.Suggestions, 1, "%s", text)
	require.Contains(t, suggested.Suggestions[0].SQL, "ON orders (customer_id)")
	for _, name := range []string{"comparison.html", "migration.html", "load.html", "analysis.html", "api/openapi.yaml"} {
		require.FileExists(t, filepath.Join(directory, "out", name))
	}
	requireNothingRuns(t, filepath.Join(directory, "out"))
}

// kept returns the URL of an empty database whose server counts statements.
func kept(t *testing.T, directory string) string {
	t.Helper()
	file := filepath.Join(directory, "empty.sql")
	require.NoError(t, os.WriteFile(file, []byte("SELECT 1;\n"), 0o600))
	server := exec.Command(filepath.Join(directory, "bin", "keep"), "--name", "served", "--preload", "pg_stat_statements", file)
	var said strings.Builder
	server.Stderr = &said
	stay, err := server.StdinPipe()
	require.NoError(t, err)
	out, err := server.StdoutPipe()
	require.NoError(t, err)
	require.NoError(t, server.Start())
	t.Cleanup(func() {
		_ = stay.Close() // which ends it
		_ = server.Wait()
	})
	address, err := bufio.NewReader(out).ReadString('\n')
	require.NoError(t, err, "%s", &said)
	return strings.TrimSpace(address)
}
