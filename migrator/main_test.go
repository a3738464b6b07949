package main

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"
	"github.com/stretchr/testify/require"

	"github.com/senior-backend/toolkit/migrator/internal/scratch/scratchtest"
)

func TestMain(m *testing.M) {
	testscript.Main(m, map[string]func(){"migrator": main})
}

// TestScripts runs testdata/script. Each script has a database of its own on a
// real server, whose URL is $DB; $ROOT is the repository; $SERVER is the URL of the server, $GUARDED
// that of the database for a role with the password "open sesame", percent-encoded.
func TestScripts(t *testing.T) {
	server := scratchtest.Server(t)
	scratchtest.Guard(t, server, "guarded", "open sesame")
	testscript.Run(t, testscript.Params{
		Dir: "testdata/script",
		Setup: func(env *testscript.Env) error {
			for _, name := range []string{"HOME", "XDG_CACHE_HOME"} {
				env.Setenv(name, os.Getenv(name))
			}
			database, err := server.Database(context.Background())
			if err != nil {
				return err
			}
			env.Defer(func() { require.NoError(t, database.Close()) })
			root, err := filepath.Abs("..")
			if err != nil {
				return err
			}
			env.Setenv("ROOT", root)
			env.Setenv("DB", database.URL())
			env.Setenv("SERVER", server.URL())
			env.Setenv("GUARDED", strings.Replace(database.URL(), "postgres@", "guarded:open%20sesame@", 1))
			env.Values["db"] = database.DB()
			return nil
		},
		Cmds: map[string]func(*testscript.TestScript, bool, []string){
			"sql":    runSQL,
			"match":  matchOne,
			"status": runForStatus,
			"sparse": makeSparse,
		},
	})
}

// runSQL is "sql FILE", which runs a script in $DB, and "sql -- STATEMENT",
// which prints the first column of the result.
func runSQL(ts *testscript.TestScript, _ bool, args []string) {
	db, _ := ts.Value("db").(*sql.DB)
	if len(args) == 1 {
		_, err := db.Exec(ts.ReadFile(args[0]))
		ts.Check(err)
		return
	}
	rows, err := db.Query(strings.Join(args[1:], " "))
	ts.Check(err)
	defer rows.Close()
	for rows.Next() {
		var value sql.NullString
		ts.Check(rows.Scan(&value))
		fmt.Fprintln(ts.Stdout(), value.String)
	}
	ts.Check(rows.Err())
}

// matchOne is "match VARIABLE PATTERN": the variable becomes the one path that matches.
func matchOne(ts *testscript.TestScript, _ bool, args []string) {
	found, err := filepath.Glob(ts.MkAbs(args[1]))
	ts.Check(err)
	if len(found) != 1 {
		ts.Fatalf("%d files match %s: %v", len(found), args[1], found)
	}
	ts.Setenv(args[0], found[0])
}

// runForStatus is "status N COMMAND...": the command must exit with status N.
func runForStatus(ts *testscript.TestScript, _ bool, args []string) {
	want, err := strconv.Atoi(args[0])
	ts.Check(err)
	got := 0
	var exit *exec.ExitError
	if err := ts.Exec(args[1], args[2:]...); errors.As(err, &exit) {
		got = exit.ExitCode()
	} else {
		ts.Check(err)
	}
	if got != want {
		ts.Fatalf("exit status %d, want %d", got, want)
	}
}

// makeSparse is "sparse FILE MEGABYTES": a large file that takes no room.
func makeSparse(ts *testscript.TestScript, _ bool, args []string) {
	size, err := strconv.ParseInt(args[1], 10, 64)
	ts.Check(err)
	file, err := os.Create(ts.MkAbs(args[0]))
	ts.Check(err)
	ts.Check(file.Truncate(size << 20))
	ts.Check(file.Close())
}
