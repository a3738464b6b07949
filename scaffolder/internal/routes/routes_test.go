package routes_test

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/rogpeppe/go-internal/txtar"
	"github.com/stretchr/testify/require"

	"github.com/senior-backend/toolkit/scaffolder/internal/routes"
)

// unpack writes the files of an archive, and returns the folder and the file
// "want".
func unpack(t *testing.T, path string) (folder, want string) {
	t.Helper()
	archive, err := txtar.ParseFile(path)
	require.NoError(t, err)
	folder = filepath.Join(t.TempDir(), "app")
	for _, file := range archive.Files {
		if file.Name == "want" {
			want = string(file.Data)
			continue
		}
		name := filepath.Join(folder, filepath.FromSlash(file.Name))
		require.NoError(t, os.MkdirAll(filepath.Dir(name), 0o755))
		require.NoError(t, os.WriteFile(name, file.Data, 0o600))
	}
	return folder, want
}

// TestApps reads small applications, one for each family of idioms.
func TestApps(t *testing.T) {
	paths, err := filepath.Glob("testdata/apps/*.txtar")
	require.NoError(t, err)
	require.NotEmpty(t, paths)
	for _, path := range paths {
		t.Run(filepath.Base(path), func(t *testing.T) {
			folder, want := unpack(t, path)
			read, err := routes.Read(folder)
			require.NoError(t, err)
			var got strings.Builder
			for _, op := range read.API.Operations {
				id := op.ID
				if id == "" {
					id = "-"
				}
				fmt.Fprintf(&got, "%s %s %s\n", op.Method, op.Path, id)
			}
			for _, note := range read.Notes {
				relative, err := filepath.Rel(folder, note.Position.Path)
				require.NoError(t, err)
				fmt.Fprintf(&got, "! %s:%d: %s\n", filepath.ToSlash(relative), note.Position.Line, note.Message)
			}
			require.Equal(t, want, got.String())
		})
	}
}
