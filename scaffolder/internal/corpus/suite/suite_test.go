package main

import (
	"bytes"
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/senior-backend/toolkit/scaffolder/internal/emit/emittest"
)

// source is a Go module that holds a copy of JSON Schema's own tests (MIT).
const source = "github.com/kaptinlin/jsonschema@v0.9.3"

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
	for _, test := range []struct {
		draft, version string
		floor          score
	}{
		{"draft2020-12", "3.1.0", score{1188, 1238}},
		{"draft4", "3.0.3", score{595, 610}},
	} {
		t.Run(test.draft, func(t *testing.T) {
			t.Parallel()
			var said bytes.Buffer
			got, err := measure(filepath.Join(module.Dir, "testdata", "JSON-Schema-Test-Suite", "tests", test.draft), packages, test.version, &said)
			require.NoError(t, err, said.String())
			require.Equal(t, test.floor.Total, got.Total)
			require.GreaterOrEqual(t, got.Passed, test.floor.Passed, said.String())
		})
	}
}
