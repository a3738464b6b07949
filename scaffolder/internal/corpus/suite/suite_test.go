package main

import (
	"bytes"
	"encoding/json"
	"flag"
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/senior-backend/toolkit/scaffolder/internal/emit/emittest"
)

// source is a Go module that holds a copy of JSON Schema's own tests (MIT).
const source = "github.com/kaptinlin/jsonschema@v0.9.3"

var update = flag.Bool("update", false, "write the list of failures anew")

const listed = "../../../../docs/json-schema-tests.md"

// title is what the list begins with.
const title = `# Tests of JSON Schema that are decided otherwise

What [scaffolder](scaffolder.md)'s validators decide otherwise than JSON Schema's own tests want, each with its reason. The
test of the runner in ` + "`scaffolder/internal/corpus/suite`" + ` writes this page with ` + "`-update`" + `, and fails when it is not what comes out.
`

// TestFloor holds the validators to what they have once reached. The numbers
// only rise; docs/scaffolder.md says why the other tests fail.
func TestFloor(t *testing.T) {
	command := exec.Command("go", "mod", "download", "-json", source)
	command.Dir, command.Env = t.TempDir(), append(os.Environ(), "GOWORK=off", "GOFLAGS=")
	output, err := command.Output()
	require.NoError(t, err, "%s", output)
	var module struct{ Dir string }
	require.NoError(t, json.Unmarshal(output, &module))
	packages := emittest.Packages(t)
	page := title
	for _, test := range []struct {
		draft, version string
		floor          score
	}{
		{"draft2020-12", "3.1.0", score{Passed: 1188, Total: 1238}},
		{"draft4", "3.0.3", score{Passed: 595, Total: 610}},
	} {
		t.Run(test.draft, func(t *testing.T) {
			var said bytes.Buffer
			got, err := measure(filepath.Join(module.Dir, "testdata", "JSON-Schema-Test-Suite", "tests", test.draft), packages, test.version, &said)
			require.NoError(t, err, said.String())
			require.Equal(t, test.floor.Total, got.Total)
			require.GreaterOrEqual(t, got.Passed, test.floor.Passed, said.String())
			for _, f := range got.Failed {
				require.NotEmpty(t, f.reason(), "%+v", f)
			}
			page += list(test.draft, got)
		})
	}
	if *update {
		require.NoError(t, os.WriteFile(listed, []byte(page), 0o644))
	}
	wanted, err := os.ReadFile(listed)
	require.NoError(t, err)
	require.Equal(t, string(wanted), page, "write it anew with -update")
}
