package cmdlinetest

import (
	"encoding/json"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"
	"github.com/urfave/cli/v2"
)

// updateVariable in the environment makes FlagSet write what it else compares.
const updateVariable = "UPDATE_FLAGS"

// FlagSet checks that the tests of package cmdline try the flags that the app really
// has: those in shared/cmdline/testdata/flags/NAME.json, of which the test's directory
// must be a sibling of shared.
func FlagSet(t *testing.T, app *cli.App) {
	t.Helper()
	type declared struct {
		Names []string `json:"names"`
		Kind  string   `json:"kind"`
	}
	var set []declared
	for _, flag := range app.Flags {
		set = append(set, declared{flag.Names(), kind(t, flag)})
	}
	text, err := json.MarshalIndent(set, "", " ")
	require.NoError(t, err)
	text = append(text, '\n')
	path := filepath.Join("..", "shared", "cmdline", "testdata", "flags", app.Name+".json")
	if os.Getenv(updateVariable) != "" {
		require.NoError(t, os.WriteFile(path, text, 0o644))
	}
	recorded, err := os.ReadFile(path)
	require.NoError(t, err)
	require.Equal(t, string(recorded), string(text), "the flags of %s have changed: run this test with %s=1, "+
		"then go test ./cmdline -run TestArgparse -update in shared, with Python 3.11", app.Name, updateVariable)
}

func kind(t *testing.T, flag cli.Flag) string {
	t.Helper()
	switch flag.(type) {
	case *cli.BoolFlag:
		return "bool"
	case *cli.StringFlag, *cli.DurationFlag, *cli.GenericFlag: // what argparse takes as it is
		return "text"
	case *cli.StringSliceFlag:
		return "many"
	case *cli.IntFlag:
		return "int"
	case *cli.Int64Flag:
		return "int64"
	case *cli.Float64Flag:
		return "float"
	default:
		require.Fail(t, "no kind for such a flag", "%T", flag)
		return ""
	}
}
