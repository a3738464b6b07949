package openapi

import (
	"flag"
	"io/fs"
	"os"
	"path/filepath"
	"reflect"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/senior-backend/toolkit/scaffolder/internal/api"
)

var documents = flag.String("documents", "testdata/documents", "directory of the documents that TestRoundTrip reads, writes and reads again")

// TestRoundTrip holds that nothing of what is read gets lost in writing, over
// every document of a directory: go test ./internal/openapi -run RoundTrip -documents DIR.
func TestRoundTrip(t *testing.T) {
	count := 0
	err := filepath.WalkDir(*documents, func(path string, entry fs.DirEntry, err error) error {
		require.NoError(t, err)
		if entry.IsDir() {
			return nil
		}
		read, err := Read(path, Options{})
		if err != nil {
			t.Logf("not a document: %v", err)
			return nil
		}
		count++
		t.Run(path, func(t *testing.T) {
			t.Logf("%d operations, %d webhooks, %d schemas, %d problems",
				len(read.API.Operations), len(read.API.Webhooks), len(read.API.Schemas), len(read.Problems))
			for format, name := range map[Format]string{YAML: "again.yaml", JSON: "again.json"} {
				requireSameAgain(t, read.API, format, name)
			}
		})
		return nil
	})
	require.NoError(t, err)
	require.NotZero(t, count, "no document in %s", *documents)
}

func requireSameAgain(t *testing.T, wanted *api.API, format Format, name string) {
	text, err := Write(wanted, format)
	require.NoError(t, err)
	path := filepath.Join(t.TempDir(), name)
	require.NoError(t, os.WriteFile(path, text, 0o600))
	again, err := Read(path, Options{})
	require.NoError(t, err)
	forgetPositions(reflect.ValueOf(wanted), map[uintptr]bool{})
	forgetPositions(reflect.ValueOf(again.API), map[uintptr]bool{})
	require.Equal(t, *wanted, *again.API)
	textAgain, err := Write(again.API, format)
	require.NoError(t, err)
	require.Equal(t, string(text), string(textAgain))
}

// forgetPositions empties every position that v leads to.
func forgetPositions(v reflect.Value, seen map[uintptr]bool) {
	switch v.Kind() {
	case reflect.Pointer:
		if !v.IsNil() && !seen[v.Pointer()] {
			seen[v.Pointer()] = true
			forgetPositions(v.Elem(), seen)
		}
	case reflect.Slice:
		for i := range v.Len() {
			forgetPositions(v.Index(i), seen)
		}
	case reflect.Struct:
		if v.Type() == reflect.TypeFor[api.Position]() {
			v.SetZero()
			return
		}
		for i := range v.NumField() {
			forgetPositions(v.Field(i), seen)
		}
	}
}
