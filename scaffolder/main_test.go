package main

import (
	"encoding/json"
	"errors"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"
	"github.com/stretchr/testify/require"

	"github.com/senior-backend/toolkit/scaffolder/internal/database/databasetest"
)

func TestMain(m *testing.M) {
	testscript.Main(m, map[string]func(){"scaffolder": main})
}

// TestScripts runs testdata/script. $DB is the URL of a database of a small shop.
func TestScripts(t *testing.T) {
	shop, err := os.ReadFile("testdata/shop.sql")
	require.NoError(t, err)
	url := databasetest.Database(t, "shop", string(shop))
	testscript.Run(t, testscript.Params{
		Dir: "testdata/script",
		Setup: func(env *testscript.Env) error {
			env.Setenv("DB", url)
			return nil
		},
		Cmds: map[string]func(*testscript.TestScript, bool, []string){
			"status": runForStatus,
			"sparse": makeSparse,
			"nested": makeNested,
			"json":   checkJSON,
			"lines":  countLines,
			"append": appendLine,
		},
	})
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

// makeNested is "nested FILE DEPTH": a document whose one schema nests so deep.
func makeNested(ts *testscript.TestScript, _ bool, args []string) {
	depth, err := strconv.Atoi(args[1])
	ts.Check(err)
	text := `{"openapi": "3.1.0", "info": {"title": "deep", "version": "1"}, "paths": {}, "components": {"schemas": {"A": ` +
		strings.Repeat(`{"properties": {"a": `, depth) + "true" + strings.Repeat("}}", depth) + "}}}"
	ts.Check(os.WriteFile(ts.MkAbs(args[0]), []byte(text), 0o600))
}

// checkJSON is "json KEY WANTED...": stdout is one JSON document that has each
// top-level key with that value, as JSON or as plain text.
func checkJSON(ts *testscript.TestScript, _ bool, args []string) {
	var document map[string]json.RawMessage
	ts.Check(json.Unmarshal([]byte(ts.ReadFile("stdout")), &document))
	for i := 0; i+1 < len(args); i += 2 {
		got := string(document[args[i]])
		if got = strings.Join(strings.Fields(got), ""); got != args[i+1] && got != strconv.Quote(args[i+1]) {
			ts.Fatalf("%s is %s, want %s", args[i], got, args[i+1])
		}
	}
}

// countLines is "lines FILE N": the file has N lines.
func countLines(ts *testscript.TestScript, _ bool, args []string) {
	want, err := strconv.Atoi(args[1])
	ts.Check(err)
	if got := strings.Count(ts.ReadFile(args[0]), "\n"); got != want {
		ts.Fatalf("%s has %d lines, want %d", args[0], got, want)
	}
}

// appendLine is "append FILE TEXT".
func appendLine(ts *testscript.TestScript, _ bool, args []string) {
	path := ts.MkAbs(args[0])
	ts.Check(os.WriteFile(path, []byte(ts.ReadFile(args[0])+args[1]+"\n"), 0o600))
}
