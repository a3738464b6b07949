package layout

import (
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestWorkspace(t *testing.T) {
	out, err := exec.Command("go", "env", "GOWORK").Output()
	require.NoError(t, err)
	file := strings.TrimSpace(string(out))
	require.NotContains(t, []string{"", "off"}, file, "the rules are those of the workspace: run this within it")
	violations, err := Check(filepath.Dir(file), Toolkit())
	require.NoError(t, err)
	require.Empty(t, strings.Join(violations, "\n"))
}

// TestFixture shows that each rule can be violated.
func TestFixture(t *testing.T) {
	root, err := filepath.Abs(filepath.Join("testdata", "workspace"))
	require.NoError(t, err)
	violations, err := Check(root, Rules{
		Prefix:       "example.org/kit/",
		Shared:       "shared",
		Models:       []string{"one/internal/model"},
		Allowed:      map[string][]string{"one/internal/right": {"one/internal/left"}},
		Restricted:   map[string][]string{"net/http": {"main", "one/internal/right"}},
		ExitPackage:  "shared/edge",
		ExitFunction: "Main",
		BannedNames:  []string{"util"},
		MaxLines:     30,
	})
	require.NoError(t, err)
	require.Equal(t, []string{
		"one/go.mod:1: replaces example.org/kit/shared: `go install MODULE@VERSION` refuses that",
		"one/internal/left/left.go:5: imports net/http: only main, one/internal/right may",
		"one/internal/left/left.go:7: imports one/internal/right: siblings meet through the model, or by a line in Rules.Allowed",
		"one/internal/left/left.go:8: imports one/internal/righttest: that is for tests only",
		"one/internal/left/left_elsewhere.go:7: imports net/http/httptest: only main, one/internal/right may",
		"one/internal/left/left_test.go:5: uses t.Skip: a test that is skipped proves nothing",
		"one/internal/model/model.go:4: imports one/internal/left: a model imports nothing of ours",
		"one/internal/right/right.go:34: has 34 lines, 30 are the limit",
		"one/internal/try/main.go:17: uses os.Exit: only edge.Main may",
		"one/internal/util/util.go:1: package util: the name says nothing",
		"one/main.go:12: has an init function: it runs before anybody can choose",
		"one/main.go:15: uses os.Stdout: only edge.Main may",
		"one/main.go:16: uses os.Exit: only edge.Main may",
		"one/main.go:7: imports two/entry: a tool imports no other tool",
		"shared/edge/edge.go:14: uses os.Exit: only edge.Main may",
		"shared/edge/edge.go:6: imports two/entry: shared imports no tool",
	}, violations)
}

func TestNoWorkspace(t *testing.T) {
	_, err := Check(t.TempDir(), Toolkit())
	require.Error(t, err)
}
