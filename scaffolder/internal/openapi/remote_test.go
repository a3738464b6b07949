package openapi_test

import (
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/senior-backend/toolkit/scaffolder/internal/openapi"
)

func TestRemoteReferences(t *testing.T) {
	files := map[string]string{
		"/schemas/pet.yaml": `{type: object, properties: {owner: {$ref: "person.yaml#/Person"}, gone: {$ref: gone.yaml}, local: {$ref: "file:///etc/passwd"}}}`,
		"/person.yaml":      `{Person: {type: string, maxLength: 7}}`,
	}
	asked := 0
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		asked++
		if r.URL.Path == "/schemas/person.yaml" {
			http.Redirect(w, r, "/person.yaml", http.StatusFound)
			return
		}
		if files[r.URL.Path] == "" {
			http.NotFound(w, r)
			return
		}
		_, _ = w.Write([]byte(files[r.URL.Path]))
	}))
	defer server.Close()
	path := filepath.Join(t.TempDir(), "api.yaml")
	require.NoError(t, os.WriteFile(path, []byte(`openapi: 3.1.0
info: { title: A, version: "1" }
paths: {}
components: { schemas: { Pet: { $ref: "`+server.URL+`/schemas/pet.yaml" } } }
`), 0o600))
	read, err := openapi.Read(path, openapi.Options{})
	require.NoError(t, err)
	require.Zero(t, asked)
	require.Len(t, read.Problems, 1)
	require.Contains(t, read.Problems[0].Message, "is on the network, from where nothing is read; --allow-remote-refs allows it")

	read, err = openapi.Read(path, openapi.Options{AllowRemote: true})
	require.NoError(t, err)
	require.Contains(t, read.Files, server.URL+"/schemas/pet.yaml")
	var messages []string
	for _, problem := range read.Problems {
		messages = append(messages, problem.Message)
	}
	require.Len(t, messages, 2, "%v", messages)
	require.Contains(t, messages[0], "404 Not Found")
	require.Contains(t, messages[1], "is on the network", "a fetched file names none of this machine")
	found := false
	for _, named := range read.API.Schemas {
		found = found || named.Schema.MaxLength != nil && *named.Schema.MaxLength == 7
	}
	require.True(t, found, "references are relative to the file that they stand in")
}
