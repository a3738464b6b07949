package routes_test

import (
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/rogpeppe/go-internal/txtar"
	"github.com/stretchr/testify/require"

	"github.com/senior-backend/toolkit/scaffolder/internal/openapi"
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
			held(t, path, want, got.String())
		})
	}
}

var update = flag.Bool("update", false, "write what is read into the archives")

// held compares with an archive's file "want", or writes it.
func held(t *testing.T, path, want, got string) {
	t.Helper()
	if !*update {
		require.Equal(t, want, got)
		return
	}
	archive, err := txtar.ParseFile(path)
	require.NoError(t, err)
	for i, file := range archive.Files {
		if file.Name == "want" {
			archive.Files[i].Data = []byte(got)
		}
	}
	require.NoError(t, os.WriteFile(path, txtar.Format(archive), 0o600))
}

// TestSchemas reads what validators, types and comments say of a request, one
// archive for each kind.
func TestSchemas(t *testing.T) {
	paths, err := filepath.Glob("testdata/schemas/*.txtar")
	require.NoError(t, err)
	require.NotEmpty(t, paths)
	for _, path := range paths {
		t.Run(filepath.Base(path), func(t *testing.T) {
			folder, want := unpack(t, path)
			read, err := routes.Read(folder)
			require.NoError(t, err)
			require.Empty(t, read.Notes)
			got, err := openapi.Write(read.API, openapi.YAML)
			require.NoError(t, err)
			held(t, path, want, string(got))
		})
	}
}
