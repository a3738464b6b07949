// Package databasetest gives tests a real PostgreSQL database.
//
// A name and SQL go in; the URL of a database of that name, in which the SQL
// was run, comes out, and the database is gone when the test ends. The server
// is the migrator's private one, run by its keep command as another process:
// it is found on this machine or fetched once, so that nothing has to be set up.
package databasetest

import (
	"bufio"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

const keep = "github.com/senior-backend/toolkit/migrator/internal/scratch/keep"

// Database returns the URL of a database that holds what statements make. The
// server has loaded the libraries.
func Database(t testing.TB, name, statements string, libraries ...string) string {
	t.Helper()
	dir := t.TempDir()
	file := filepath.Join(dir, name+".sql")
	require.NoError(t, os.WriteFile(file, []byte(statements), 0o600))
	program := filepath.Join(dir, "keep")
	built, err := exec.Command("go", "build", "-o", program, keep).CombinedOutput()
	require.NoError(t, err, "%s", built)

	server := exec.Command(program, "--name", name, "--preload", strings.Join(libraries, ","), file)
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
