package main

import (
	"bytes"
	"context"
	"encoding/json"
	"maps"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/santhosh-tekuri/jsonschema/v6"
	"github.com/stretchr/testify/require"

	"github.com/senior-backend/toolkit/shared/cmdline"
)

// Whatever a run ends with, its document is as docs/loadtester.schema.json says, and has
// no key that is not in there.
func TestResultsAreAsTheSchemaSays(t *testing.T) {
	const path = "../docs/loadtester.schema.json"
	schema, err := jsonschema.NewCompiler().Compile(path)
	require.NoError(t, err)
	text, err := os.ReadFile(path)
	require.NoError(t, err)
	known := map[string]any{}
	require.NoError(t, json.Unmarshal(text, &known))

	server := httptest.NewServer(handler())
	t.Cleanup(server.Close)
	secure := httptest.NewTLSServer(handler())
	t.Cleanup(secure.Close)
	second := httptest.NewUnstartedServer(handler())
	second.EnableHTTP2 = true
	second.StartTLS()
	t.Cleanup(second.Close)
	dir := t.TempDir()
	url, saved, requests := server.URL, filepath.Join(dir, "saved.json"), filepath.Join(dir, "requests.jsonl")
	require.NoError(t, os.WriteFile(requests, []byte(`{"url": "/a/{{randInt 1 9}}", "weight": 2}
{"method": "POST", "url": "/missing", "body": {"a": 1}, "expect": [200, "3xx"], "name": "none"}
`), 0o600))
	var met []string
	for _, args := range [][]string{
		{url, "-o", saved, "-d", "1.5"},
		{url, "--compare", saved, "-d", "1.5", "--tolerance", "100%"},
		{url, url + "/missing", "--requests", "20"},
		{url, url + "/slow", "--compare", "-d", "1"},
		{url + "/missing", url + "/old", "--compare", "-d", "1"},
		{url + "/validated", "-m", "POST", "--expect-status", "200", "--requests", "20"},
		{url + "/limited", "--expect-rate-limit", "--requests", "100", "-c", "1"},
		{url + "/slow", "--rate", "500", "--max-connections", "10", "-d", "1", "--threshold", "p99<1us"},
		{url + "/stuck", "-t", "0.2", "-d", "0.5"},
		{url + "/a/{{uuid}}", url + "/missing", "--spread", "--requests", "40"},
		{url, "--stages", "0.5s:3", "--think", "10ms"},
		{url + "/flaky", "-d", "2.5", "-c", "2"},
		{secure.URL, "--no-verify-ssl", "--no-keepalive", "--requests", "50"},
		{url + "/limited", "--find-capacity", "-d", "0.5", "-c", "16", "--slo", "p99<10s", "--target-rate", "1e6"},
		{url + "/missing", "--find-capacity", "-d", "0.5", "-c", "4"},
		{url, "--requests-file", requests, "--requests", "40"},
		{url, url + "/api", "--requests-file", requests, "--compare", "-d", "1"},
		{url + "/windows", "--expect-rate-limit", "--bypass-check", "-d", "1", "-c", "2"},
		{second.URL, "--http2", "--streams", "3", "--no-verify-ssl", "--requests", "40"},
		{url + "/insecure", "--check-headers"},
	} {
		var out, diag bytes.Buffer
		cmdline.Run(context.Background(), newApp(), append([]string{"loadtester", "--json"}, args...), nil, &out, &diag)
		document, err := jsonschema.UnmarshalJSON(strings.NewReader(out.String()))
		require.NoError(t, err, "%v: %s", args, diag.String())
		require.NoError(t, schema.Validate(document), "%v: %s", args, out.String())
		requireKnown(t, known, known, document)
		if top, ok := document.(map[string]any); ok {
			met = append(met, slices.Collect(maps.Keys(top))...)
		}
	}
	require.Subset(t, met, []string{"status", "results", "checks", "comparison", "advice", "capacity", "headers"}, "every part was met")
}

// requireKnown fails for keys of a value that its schema doesn't name.
func requireKnown(t *testing.T, root, schema map[string]any, value any) {
	t.Helper()
	if either, ok := schema["anyOf"].([]any); ok && value != nil {
		schema, _ = either[1].(map[string]any)
	}
	if ref, ok := schema["$ref"].(string); ok {
		defs, _ := root["$defs"].(map[string]any)
		schema, _ = defs[strings.TrimPrefix(ref, "#/$defs/")].(map[string]any)
		require.NotNil(t, schema, ref)
	}
	switch value := value.(type) {
	case []any:
		items, _ := schema["items"].(map[string]any)
		for _, v := range value {
			requireKnown(t, root, items, v)
		}
	case map[string]any:
		if schema["additionalProperties"] != nil {
			return // its keys are data
		}
		properties, _ := schema["properties"].(map[string]any)
		for key, v := range value {
			of, ok := properties[key].(map[string]any)
			require.True(t, ok, "the schema doesn't name %s", key)
			requireKnown(t, root, of, v)
		}
	}
}
