package emit_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/senior-backend/toolkit/scaffolder/internal/emit"
	"github.com/senior-backend/toolkit/scaffolder/internal/openapi"
)

// FuzzServer writes servers, load plans and pages from whatever can be read as a
// document: it must neither panic nor leave its folder.
func FuzzServer(f *testing.F) {
	for _, name := range []string{"small.yaml", "serve.yaml"} {
		content, err := os.ReadFile(filepath.Join("testdata", name))
		require.NoError(f, err)
		f.Add(string(content))
	}
	for _, name := range hostile {
		f.Add(`{"openapi":"3.1.0","info":{"title":` + string(text(name)) + `,"version":"1"},"paths":{` + string(text("/"+name+"/{"+name+"}")) +
			`:{"post":{"operationId":` + string(text(name)) + `,"tags":[` + string(text("../"+name)) + `],"requestBody":{"content":{"application/json":{"schema":{"$ref":"#/components/schemas/A"}}}}}}},` +
			`"components":{"schemas":{"A":{"type":["object",` + string(text(name)) + `],"properties":{` + string(text(name)) + `:{"pattern":` + string(text(name)) + `,"enum":[` + string(text(name)) + `],"$ref":"#/components/schemas/A"}}}}}}`)
	}
	f.Fuzz(func(t *testing.T, document string) {
		read, err := openapi.Read("-", openapi.Options{Stdin: strings.NewReader(document)})
		if err != nil {
			return
		}
		for _, framework := range frameworks {
			result, err := emit.Server(read.API, emit.Options{Framework: framework, Project: true, Replies: true, Document: "{}"})
			require.NoError(t, err)
			for _, file := range result.Files {
				require.True(t, filepath.IsLocal(file.Path), file.Path)
				require.NotContains(t, file.Content, "\u2028")
			}
		}
		plan, _, _ := emit.LoadPlan(read.API)
		require.True(t, plan == "" || strings.HasSuffix(plan, "}\n"))
	})
}
