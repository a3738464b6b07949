package emit_test

import (
	"flag"
	"io/fs"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/senior-backend/toolkit/scaffolder/internal/emit"
)

var update = flag.Bool("update", false, "write the golden files anew")

// static are files that do not depend on the API; they are compiled and run by
// other tests.
var static = map[string]bool{
	"adapter.ts": true, "body.ts": true, "checks.ts": true, "combinations.ts": true, "credentials.ts": true,
	"errors.ts": true, "formats.ts": true, "issues.ts": true, "log.ts": true, "parameters.ts": true,
	"request.ts": true, "schema.ts": true, "security.ts": true, "shapes.ts": true, "harness.ts": true, "docs.ts": true, "limits.ts": true, "replies.ts": true, "delivery.ts": true, "listen.ts": true, "server.ts": true, "redis.ts": true, "int64.ts": true,
}

func TestGolden(t *testing.T) {
	for _, framework := range frameworks {
		t.Run(framework, func(t *testing.T) {
			folder := filepath.Join("testdata", "golden", framework)
			result, err := emit.Server(read(t, "testdata/small.yaml"), emit.Options{Framework: framework, Project: true})
			require.NoError(t, err)
			require.Equal(t, 4, result.RoutesCount)
			require.Equal(t, 2, result.TypesCount)
			again, err := emit.Server(read(t, "testdata/small.yaml"), emit.Options{Framework: framework, Project: true})
			require.NoError(t, err)
			require.Equal(t, result, again, "the same document gives the same bytes")
			if *update {
				require.NoError(t, os.RemoveAll(folder))
			}
			written := map[string]bool{}
			for _, file := range result.Files {
				if static[filepath.Base(file.Path)] {
					continue
				}
				// As .txt, so that no tool takes them for sources of this module.
				path := filepath.Join(folder, filepath.FromSlash(file.Path)+".txt")
				written[path] = true
				if *update {
					require.NoError(t, os.MkdirAll(filepath.Dir(path), 0o755))
					require.NoError(t, os.WriteFile(path, []byte(file.Content), 0o644))
				}
				wanted, err := os.ReadFile(path)
				require.NoError(t, err)
				require.Equal(t, string(wanted), file.Content, path)
			}
			require.NoError(t, filepath.WalkDir(folder, func(path string, entry fs.DirEntry, err error) error {
				require.True(t, entry.IsDir() || written[path], "%s is not written any more", path)
				return err
			}))
		})
	}
}

func TestTypesOnly(t *testing.T) {
	result, err := emit.Server(read(t, "testdata/small.yaml"), emit.Options{TypesOnly: true, Source: "src"})
	require.NoError(t, err)
	require.Len(t, result.Files, 1)
	require.Equal(t, "src/types.ts", result.Files[0].Path)
	require.NotContains(t, result.Files[0].Content, "import")
}

func TestUnknownFramework(t *testing.T) {
	_, err := emit.Server(read(t, "testdata/small.yaml"), emit.Options{Framework: "hapi"})
	require.EqualError(t, err, `unknown framework "hapi": take express, fastify or koa`)
}
