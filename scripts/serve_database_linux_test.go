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
	empty, out := filepath.Join(directory, "empty.sql"), filepath.Join(directory, "out")
	require.NoError(t, os.WriteFile(empty, []byte("SELECT 1;\n"), 0o600))
	database := kept(t, directory, empty)
	status, said := script(t, env, "serve-database.sh", "--rows", "serve-database/rows.sql", "--duration", "4",
		"serve-database/schema.sql", database, out)
	require.Equal(t, 0, status, said)

	var suggested struct {
		Suggestions []struct{ Table, SQL string }
	}
	text, err := os.ReadFile(filepath.Join(out, "suggestions.json"))
	require.NoError(t, err)
	require.NoError(t, json.Unmarshal(text, &suggested))
	require.Len(t, suggested.Suggestions, 1, "%s", text)
	require.Contains(t, suggested.Suggestions[0].SQL, "ON orders (customer_id)")
	for _, name := range []string{"comparison.html", "migration.html", "load.html", "analysis.html", "api/openapi.yaml"} {
		require.FileExists(t, filepath.Join(out, name))
	}
	requireNothingRuns(t, out)

	// What the load needed is found, built and taken back, as the page about it has it.
	api := served(t, filepath.Join(out, "api"), "DATABASE_URL="+database, "RATE_LIMIT=1000000000")
	scripts, err := filepath.Abs(".")
	require.NoError(t, err)
	work := filepath.Join(directory, "work")
	lay(t, work, "schema/v2.sql")
	page{path: "docs/workflows/database-optimization.md", names: []string{
		"postgres://localhost/mydb", database, "http://localhost:3000", api,
		"scripts/optimize-database.sh", filepath.Join(scripts, "optimize-database.sh"),
	}, shorter: append([]string{"--watch 5s", "--watch 1s", "--concurrency 8 --duration 10", "--concurrency 8 --duration 2"}, brief...)}.holds(t, env, work)
	for _, name := range []string{"before.html", "before.json", "suggestions.json", "dry-run.html"} {
		require.FileExists(t, filepath.Join(work, "reports", name))
	}
}

// kept returns the URL of a database in which files are loaded, and whose server counts statements.
func kept(t *testing.T, directory string, files ...string) string {
	t.Helper()
	server := exec.Command(filepath.Join(directory, "bin", "keep"), append([]string{"--name", "mydb", "--preload", "pg_stat_statements"}, files...)...)
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
