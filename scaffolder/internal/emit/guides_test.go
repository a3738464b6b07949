package emit_test

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/senior-backend/toolkit/scaffolder/internal/emit/emittest"
)

var typescript = regexp.MustCompile("(?s)\n```ts\n(.*?)\n```\n")

// Every TypeScript block of the guides and workflows compiles as a module of its
// own, with what generated projects depend on.
func TestGuidesCompile(t *testing.T) {
	modules := emittest.Packages(t)
	folder := t.TempDir()
	require.NoError(t, os.Symlink(filepath.Join(modules, "node_modules"), filepath.Join(folder, "node_modules")))
	blocks := 0
	for _, pattern := range []string{"*.md", "references/*.md", "workflows/*.md"} {
		pages, err := filepath.Glob(filepath.Join("..", "..", "..", "docs", filepath.FromSlash(pattern)))
		require.NoError(t, err)
		for _, page := range pages {
			text, err := os.ReadFile(page)
			require.NoError(t, err)
			for i, match := range typescript.FindAllSubmatchIndex(text, -1) {
				line := strings.Count(string(text[:match[2]]), "\n") + 1
				name := fmt.Sprintf("%s_%d_line_%d.ts", strings.TrimSuffix(filepath.Base(page), ".md"), i, line)
				require.NoError(t, os.WriteFile(filepath.Join(folder, name), append(text[match[2]:match[3]:match[3]], "\nexport {};\n"...), 0o644))
				blocks++
			}
		}
	}
	require.GreaterOrEqual(t, blocks, 12)
	settings := `{"compilerOptions":{"target":"es2023","lib":["es2023"],"module":"nodenext","types":["node"],"strict":true,
		"noUncheckedIndexedAccess":true,"exactOptionalPropertyTypes":true,"skipLibCheck":true,"noEmit":true},"include":["*.ts"]}`
	require.NoError(t, os.WriteFile(filepath.Join(folder, "tsconfig.json"), []byte(settings), 0o644))
	require.NoError(t, os.WriteFile(filepath.Join(folder, "package.json"), []byte(`{"type":"module"}`), 0o644))
	compile := exec.Command(filepath.Join(modules, "node_modules", ".bin", "tsc"), "-p", ".")
	compile.Dir = folder
	said, err := compile.CombinedOutput()
	require.NoError(t, err, string(said))
}
