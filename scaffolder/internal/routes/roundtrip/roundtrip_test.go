package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/senior-backend/toolkit/scaffolder/internal/api"
	"github.com/senior-backend/toolkit/scaffolder/internal/emit"
	"github.com/senior-backend/toolkit/scaffolder/internal/openapi"
	"github.com/senior-backend/toolkit/scaffolder/internal/routes"
)

// TestLibrary holds that a document with every construct that types and
// validators carry comes back as it was.
func TestLibrary(t *testing.T) {
	read, err := openapi.Read("testdata/library.yaml", openapi.Options{})
	require.NoError(t, err)
	for _, framework := range []string{emit.Express, emit.Fastify, emit.Koa} {
		t.Run(framework, func(t *testing.T) {
			back, err := again(read.API, framework)
			require.NoError(t, err)
			require.Len(t, back.Operations, len(read.API.Operations))
			c := newComparison(read.API, back)
			for _, op := range read.API.Operations {
				require.Empty(t, c.differences(op), op.Path)
			}
		})
	}
}

// TestDocumentsAreValid holds that what is written of sources is valid by the schemas
// of OpenAPI, of both versions, and that what is not is told.
func TestDocumentsAreValid(t *testing.T) {
	for _, path := range []string{"testdata/library.yaml", "../../corpus/drive/testdata/keywords.yaml", "../../emit/testdata/integers.yaml"} {
		read, err := openapi.Read(path, openapi.Options{})
		require.NoError(t, err)
		back, err := again(read.API, emit.Fastify)
		require.NoError(t, err)
		found, err := faults(back)
		require.NoError(t, err)
		require.Empty(t, found, path)
		back.Operations[0].Parameters = append(back.Operations[0].Parameters, &api.Parameter{Name: "where", In: "nowhere", Schema: &api.Schema{}})
		found, err = faults(back)
		require.NoError(t, err)
		require.NotEmpty(t, found, path)
	}
}

// TestDifferences holds that a document that says something else is told apart.
func TestDifferences(t *testing.T) {
	text, err := os.ReadFile("testdata/library.yaml")
	require.NoError(t, err)
	before, err := openapi.Read("testdata/library.yaml", openapi.Options{})
	require.NoError(t, err)
	for old, changed := range map[string]string{
		"maximum: 50": "maximum: 51", "format: date-time": "format: date", "multipleOf: 0.01": "multipleOf: 0.02",
		"oneOf: [{$ref": "anyOf: [{$ref", "default: en}": "default: de}", "X-Key": "X-Other", "pipeDelimited": "spaceDelimited",
	} {
		path := filepath.Join(t.TempDir(), "changed.yaml")
		require.Contains(t, string(text), old)
		require.NoError(t, os.WriteFile(path, []byte(strings.ReplaceAll(string(text), old, changed)), 0o600))
		after, err := openapi.Read(path, openapi.Options{})
		require.NoError(t, err)
		c := newComparison(before.API, after.API)
		found := 0
		for _, op := range before.API.Operations {
			found += len(c.differences(op))
		}
		require.NotZero(t, found, old)
	}
}

// TestTags holds that tags in types that people wrote are read.
func TestTags(t *testing.T) {
	folder := t.TempDir()
	require.NoError(t, os.WriteFile(filepath.Join(folder, "app.ts"), []byte(`import express, { type Request, type Response } from "express";
/** @additionalProperties false */
interface Item {
  /** How many. @see stock
   * @type integer
   * @minimum 1 and no less
   */
  count: number;
  /** @format email */
  owner?: string;
  sizes: (/** @maximum 9 */ number)[];
  corner: [number, number?, ...string[]];
}
const app = express();
/**
 * Adds an item.
 * @throws 404 No such shelf.
 */
function add(request: Request<{}, Item, Item>, response: Response) { response.json(request.body); }
app.post("/items", add);
`), 0o600))
	read, err := routes.Read(folder)
	require.NoError(t, err)
	text, err := openapi.Write(read.API, openapi.YAML)
	require.NoError(t, err)
	for _, wanted := range []string{"minimum: 1", "type: integer", "format: email", "maximum: 9", "additionalProperties: false", "No such shelf.", "minItems: 1\n"} {
		require.Contains(t, string(text), wanted)
	}
}
