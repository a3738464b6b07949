// Package emittest gives tests what generated projects depend on.
package emittest

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/senior-backend/toolkit/scaffolder/internal/api"
	"github.com/senior-backend/toolkit/scaffolder/internal/emit"
	"github.com/senior-backend/toolkit/scaffolder/internal/relation"
)

// Frameworks are all that servers can be written for.
func Frameworks() []string { return []string{emit.Express, emit.Fastify, emit.Koa} }

// Packages installs what the generated projects depend on, once for all tests
// and runs, and returns the folder with node_modules.
func Packages(t *testing.T) string {
	t.Helper()
	all := map[string]map[string]string{"dependencies": {}, "devDependencies": {}}
	for _, framework := range Frameworks() {
		rows := &relation.Source{Tables: []*relation.Table{{}}}
		result, err := emit.Server(&api.API{}, emit.Options{Framework: framework, Project: true, Rows: rows})
		require.NoError(t, err)
		for _, file := range result.Files {
			if file.Path == "package.json" {
				var wanted map[string]json.RawMessage
				require.NoError(t, json.Unmarshal([]byte(file.Content), &wanted))
				for kind := range all {
					var some map[string]string
					require.NoError(t, json.Unmarshal(wanted[kind], &some))
					maps.Copy(all[kind], some)
				}
			}
		}
	}
	content, err := json.Marshal(all)
	require.NoError(t, err)
	sum := sha256.Sum256(content)
	cache, err := os.UserCacheDir()
	if err != nil {
		cache = os.TempDir()
	}
	folder := filepath.Join(cache, "scaffolder-tests", hex.EncodeToString(sum[:8]))
	if _, err := os.Stat(folder); err == nil {
		return folder
	}
	require.NoError(t, os.MkdirAll(filepath.Dir(folder), 0o755))
	building, err := os.MkdirTemp(filepath.Dir(folder), "building-")
	require.NoError(t, err)
	require.NoError(t, os.WriteFile(filepath.Join(building, "package.json"), content, 0o644))
	install := exec.Command("npm", "install", "--no-audit", "--no-fund")
	install.Dir = building
	output, err := install.CombinedOutput()
	require.NoError(t, err, string(output))
	if err := os.Rename(building, folder); err != nil {
		require.DirExists(t, folder) // another test was quicker
		require.NoError(t, os.RemoveAll(building))
	}
	return folder
}
