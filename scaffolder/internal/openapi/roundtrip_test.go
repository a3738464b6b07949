package openapi

import (
	"bytes"
	"flag"
	"fmt"
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
	require.Empty(t, difference(reflect.ValueOf(wanted), reflect.ValueOf(again.API), "api"))
	textAgain, err := Write(again.API, format)
	require.NoError(t, err)
	require.True(t, bytes.Equal(text, textAgain), "written again, the text is another")
}

// TestOldRoundTrip holds that what 3.0 can say survives being written as 3.0.
func TestOldRoundTrip(t *testing.T) {
	for _, name := range []string{"old-30.yaml", "swagger.json"} {
		t.Run(name, func(t *testing.T) {
			first, err := Read(filepath.Join("testdata/documents", name), Options{})
			require.NoError(t, err)
			text, left, err := WriteOld(first.API, YAML)
			require.NoError(t, err)
			require.Empty(t, left)
			again := read(t, string(text))
			require.Equal(t, version30, again.Version)
			require.Empty(t, again.Problems)
			require.Empty(t, difference(reflect.ValueOf(first.API), reflect.ValueOf(again.API), "api"))
		})
	}
}

func TestWriteOld(t *testing.T) {
	document := read(t, `
openapi: 3.1.0
info: {title: x, version: '1', summary: s, license: {name: n, identifier: i}}
webhooks: {w: {post: {responses: {'200': {description: ok}}}}}
paths: {/a: {get: {}}}
components:
  securitySchemes: {m: {type: mutualTLS}}
  schemas:
    A: {type: [string, integer, 'null']}
    B: {$ref: '#/components/schemas/A', description: beside}
    C: {const: 5, minimum: 1, exclusiveMinimum: 2, maximum: 9, exclusiveMaximum: 10}
    D: {anyOf: [{$ref: '#/components/schemas/A'}, {type: 'null'}]}
    E: {type: array, prefixItems: [{type: string}], items: false}
    F: {not: false, type: 'null'}
`)
	text, left, err := WriteOld(document.API, YAML)
	require.NoError(t, err)
	var messages []string
	for _, p := range left {
		messages = append(messages, fmt.Sprintf("%d: %s", p.Position.Line, p.Message))
	}
	require.Equal(t, []string{
		"13: the keyword prefixItems is left out: OpenAPI 3.0 has no such thing",
		"7: the security scheme m is left out: OpenAPI 3.0 has no such thing",
	}, messages)
	require.Equal(t, `openapi: 3.0.4
info:
  title: x
  version: "1"
  license:
    name: n
paths:
  /a:
    get:
      responses:
        default:
          description: Not described.
x-webhooks:
  w:
    post:
      responses:
        "200":
          description: ok
components:
  schemas:
    A:
      allOf:
        - anyOf:
            - type: string
            - type: integer
      nullable: true
    B:
      description: beside
      allOf:
        - $ref: '#/components/schemas/A'
    C:
      enum:
        - 5
      minimum: 2
      maximum: 9
      exclusiveMinimum: true
    D:
      allOf:
        - $ref: '#/components/schemas/A'
      nullable: true
    E:
      type: array
      items: {}
    F:
      enum:
        - null
      not:
        not: {}
      nullable: true
`, string(text))
}

// difference says where a and b first differ, positions aside. A comparison
// that prints both sides takes minutes over a large document.
func difference(a, b reflect.Value, at string) string {
	switch a.Kind() {
	case reflect.Pointer:
		if a.IsNil() || b.IsNil() {
			if a.IsNil() != b.IsNil() {
				return fmt.Sprintf("%s: nil %v, then %v", at, a.IsNil(), b.IsNil())
			}
			return ""
		}
		return difference(a.Elem(), b.Elem(), at)
	case reflect.Slice:
		if a.Len() != b.Len() || a.IsNil() != b.IsNil() {
			return fmt.Sprintf("%s: %d items, then %d", at, a.Len(), b.Len())
		}
		for i := range a.Len() {
			if d := difference(a.Index(i), b.Index(i), fmt.Sprintf("%s[%d]", at, i)); d != "" {
				return d
			}
		}
	case reflect.Struct:
		if a.Type() == reflect.TypeFor[api.Position]() {
			return ""
		}
		for i := range a.NumField() {
			if d := difference(a.Field(i), b.Field(i), at+"."+a.Type().Field(i).Name); d != "" {
				return d
			}
		}
	default:
		if !a.Equal(b) {
			return fmt.Sprintf("%s: %.100v, then %.100v", at, a, b)
		}
	}
	return ""
}
