// Package scratchtest gives tests a real PostgreSQL without one being set up.
//
// A test goes in; a running private server, or a fresh database in it, comes
// out, and is gone when the test ends. Tests of several packages may run at
// once: each process gets its own cluster. The version is what this machine
// has, or what MIGRATOR_TEST_POSTGRES says, such as 13.
package scratchtest

import (
	"context"
	"os"
	"strconv"
	"testing"

	"github.com/rs/zerolog"
	"github.com/stretchr/testify/require"

	"github.com/senior-backend/toolkit/migrator/internal/scratch"
)

// Server returns a running private server that the test's end stops. A test
// that makes many databases asks once.
func Server(t testing.TB) *scratch.Server {
	t.Helper()
	return Open(t, scratch.Options{})
}

// Open is Server with options.
func Open(t testing.TB, o scratch.Options) *scratch.Server {
	t.Helper()
	o.Log = zerolog.Nop()
	if version := os.Getenv("MIGRATOR_TEST_POSTGRES"); version != "" && o.Version == 0 {
		major, err := strconv.Atoi(version)
		require.NoError(t, err, "MIGRATOR_TEST_POSTGRES")
		o.Version = major
	}
	server, err := scratch.Open(context.Background(), o)
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, server.Close()) })
	return server
}

// Database returns a fresh database on a server of its own, with the SQL run in it.
func Database(t testing.TB, sql string) *scratch.Database {
	t.Helper()
	return In(t, Server(t), sql)
}

// In returns a fresh database on the server, with the SQL run in it.
func In(t testing.TB, server *scratch.Server, sql string) *scratch.Database {
	t.Helper()
	d, err := server.Database(context.Background())
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, d.Close()) })
	if sql != "" {
		require.NoError(t, d.LoadText(context.Background(), t.Name()+".sql", sql))
	}
	return d
}

// Guard makes a role on the server that must give the password to connect.
func Guard(t testing.TB, server *scratch.Server, role, password string) {
	t.Helper()
	db, err := scratch.Connect(context.Background(), server.URL())
	require.NoError(t, err)
	defer db.Close()
	for _, statement := range []string{
		`SELECT format('CREATE ROLE %I LOGIN SUPERUSER PASSWORD %L', $1::text, $2::text)`,
		`SELECT format('COPY (VALUES (%L), (%L)) TO %L', format('local all %I scram-sha-256', $1::text), 'local all all trust', current_setting('hba_file')) WHERE $2::text IS NOT NULL`,
	} {
		var written string
		require.NoError(t, db.QueryRow(statement, role, password).Scan(&written))
		_, err = db.Exec("SET password_encryption = 'scram-sha-256'; " + written)
		require.NoError(t, err)
	}
	_, err = db.Exec("SELECT pg_reload_conf()")
	require.NoError(t, err)
}
