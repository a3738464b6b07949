package openapi

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/senior-backend/toolkit/scaffolder/internal/api"
)

// read reads a document of the given text, in YAML or JSON.
func read(t *testing.T, text string) *Document {
	t.Helper()
	document, err := Read("-", Options{Stdin: strings.NewReader(text)})
	require.NoError(t, err)
	return document
}

// problems are the problems of a document, each as "line:column: message".
func problems(document *Document) []string {
	var out []string
	for _, p := range document.Problems {
		out = append(out, fmt.Sprintf("%d:%d: %s", p.Position.Line, p.Position.Column, p.Message))
	}
	return out
}

func TestProblemsNameTheirPlace(t *testing.T) {
	const head = "openapi: 3.1.0\ninfo: {title: x, version: '1'}\n"
	for _, test := range []struct {
		name, text string
		want       []string
	}{
		{"no info", "openapi: 3.1.0\n", []string{"1:1: the document has no info; title and version stay empty"}},
		{
			"dangling reference", head + "components: {schemas: {A: {$ref: '#/components/schemas/B'}}}",
			[]string{`3:34: schema reference "#/components/schemas/B" leads nowhere: there is no "B" at "#/components/schemas"; anything is accepted in its place`},
		},
		{
			"circle of references", head + "components:\n  schemas:\n    A: {$ref: '#/components/schemas/B'}\n    B: {$ref: '#/components/schemas/A'}",
			[]string{`5:8: schema "A" refers to itself and to nothing else; it accepts everything`},
		},
		{
			"reference to no schema", head + "components: {schemas: {A: {items: {$ref: '#/info/title'}}}}",
			[]string{`3:42: schema reference "#/info/title" leads to a string; anything is accepted in its place`},
		},
		{
			"network", head + "components: {schemas: {A: {$ref: 'https://example.com/a.json'}}}",
			[]string{`3:34: schema reference "https://example.com/a.json" is on the network, from where nothing is read; --allow-remote-refs allows it; anything is accepted in its place`},
		},
		{
			"missing file", head + "components: {schemas: {A: {$ref: 'no-such-file.yaml'}}}",
			[]string{`3:34: schema reference "no-such-file.yaml" cannot be read: no-such-file.yaml: there is no such file; check the path; anything is accepted in its place`},
		},
		{
			"keywords", head + "components:\n  schemas:\n    A:\n      type: strin\n      minLenght: 1\n      maxLength: -1\n      minimum: '3'\n      required: true\n      enum: a\n",
			[]string{
				`6:13: unknown type "strin" is ignored`, `7:7: unknown keyword "minLenght" is ignored`,
				`8:18: maxLength should be a whole number from 0, not -1; it is ignored`, `9:16: minimum should be a number, not a string`,
				`10:17: required should list the names of properties; a boolean is ignored`, `11:13: enum should be an array, not a string; it is ignored`,
			},
		},
		{
			"parameters", head + "paths:\n  /a/{b}:\n    get:\n      parameters:\n        - {name: c, in: path, required: true, schema: {}}\n        - {name: d, in: body, schema: {}}\n        - {in: query}\n",
			[]string{
				`5:5: path parameter "c" is not in the path /a/{b}; it is left out`, `5:5: parameter {b} of the path /a/{b} is not described; it is taken for a string`,
				`8:11: parameter "d" is in "body", which is no place for one; it is left out`, `9:11: a parameter needs a name; it is left out`,
			},
		},
		{
			"operations", head + "paths:\n  a: {fetch: {}, get: {operationId: x, responses: {twohundred: {}}}}\n  /b: {get: {operationId: x, response: {}}}\n",
			[]string{
				`4:3: path "a" should begin with /`, `4:7: a path has no "fetch"; it is ignored`, `4:52: "twohundred" is no status; the response is left out`,
				`5:8: operationId "x" is also that of GET /a`, `5:30: an operation has no "response"; it is ignored`,
			},
		},
		{
			"keys given twice", head + "paths:\n  /a: {get: {operationId: x}}\n  /b: {}\n  /a: {x-a: {b: 1, 'b': 2}}\n",
			[]string{`6:3: "/a" is there twice; what line 4 says of it is left out`, `6:20: "b" is there twice; what line 6 says of it is left out`},
		},
		{
			"security", head + "security: [{missing: []}]\ncomponents: {securitySchemes: {a: {type: apiKey, in: body}, b: {type: magic}}}\n",
			[]string{
				`3:13: there is no security scheme "missing"; whatever requires it refuses every request`,
				`4:35: security scheme "a" needs a name and in: header, query or cookie; whatever requires it refuses every request`,
				`4:64: security scheme "b" has the unknown type "magic"; whatever requires it refuses every request`,
			},
		},
	} {
		t.Run(test.name, func(t *testing.T) {
			require.Equal(t, test.want, problems(read(t, test.text)))
		})
	}
}

func TestReferences(t *testing.T) {
	document := read(t, `
openapi: 3.1.0
info: {title: x, version: '1'}
paths:
  /a:
    get:
      responses:
        '200': {description: ok, content: {application/json: {schema: {type: object, properties: {b: {type: integer}}}}}}
components:
  schemas:
    FromPath: {items: {$ref: '#/paths/~1a/get/responses/200/content/application~1json/schema/properties/b'}}
    Inside: {properties: {c: {$ref: '#/components/schemas/Pointed/properties/d'}}}
    Pointed: {properties: {d: {type: string}}}
    Local: {$defs: {x: {items: {$ref: '#/$defs/y'}}, y: {not: {$ref: '#'}}}, items: {$ref: '#/$defs/x'}}
    Whole: {properties: {w: {$ref: '#'}}}
    Recursive: {properties: {r: {$recursiveRef: '#'}}}
    Dynamic: {$dynamicAnchor: node, properties: {n: {$dynamicRef: '#node'}}}
`)
	require.Equal(t, []string{
		"14:92: reference \"#/$defs/x\" is relative to the schema that it stands in, not to the document",
		"15:36: reference \"#\" is relative to the schema that it stands in, not to the document",
	}, problems(document))
	a := document.API
	require.Equal(t, "integer", a.Schema(a.Schema("FromPath").Items.Ref).Types[0])
	require.Equal(t, "string", a.Schema(a.Schema("Inside").Properties[0].Schema.Ref).Types[0])
	x := a.Schema(a.Schema("Local").Items.Ref)
	require.Equal(t, "Local", a.Schema(x.Items.Ref).Not.Ref, "what such a reference leads to refers to the same schema")
	require.Equal(t, "Whole", a.Schema("Whole").Properties[0].Schema.Ref)
	require.Equal(t, "Recursive", a.Schema("Recursive").Properties[0].Schema.Ref)
	require.Equal(t, "Dynamic", a.Schema("Dynamic").Properties[0].Schema.Ref)
}

func TestReferencesForWholeCollections(t *testing.T) {
	document := read(t, `
openapi: 3.1.0
info: {title: x, version: '1'}
paths: {$ref: '#/x-paths'}
x-paths:
  /a:
    get:
      parameters: {$ref: '#/x-parameters'}
      responses: {$ref: '#/x-responses'}
x-parameters: [{name: q, in: query, schema: {type: string}}]
x-responses: {'200': {description: ok, content: {$ref: '#/x-content'}}, '404': {description: no, headers: {$ref: '#/x-nothing'}}}
x-content: {text/plain: {schema: {$ref: '#/components/schemas/A'}}}
components: {schemas: {$ref: '#/x-schemas'}}
x-schemas: {A: {properties: {$ref: '#/x-properties'}}}
x-properties: {p: {type: string}, $ref: {type: integer}}
`)
	op := document.API.Operations[0]
	require.Equal(t, "q", op.Parameters[0].Name)
	require.Equal(t, "A", op.Responses[0].Content[0].Schema.Ref)
	require.Equal(t, []api.Property{{Name: "p", Schema: document.API.Schema("A").Properties[0].Schema}, {Name: "$ref", Schema: document.API.Schema("A").Properties[1].Schema}}, document.API.Schema("A").Properties)
	require.Contains(t, problems(document), `11:114: reference "#/x-nothing" for all of headers leads nowhere: there is no "x-nothing" at "#"; it is left out`)
	require.Contains(t, problems(document), "4:15: a reference for all of paths is followed, although the specification has none")
}

func TestEveryReferenceNamesASchema(t *testing.T) {
	document, err := Read("testdata/documents/everything-31.yaml", Options{})
	require.NoError(t, err)
	text, err := Write(document.API, YAML)
	require.NoError(t, err)
	again := read(t, string(text))
	require.Empty(t, again.Problems)
	require.Empty(t, document.Problems)
}

func TestSecurityIsNeverOpenedByMistake(t *testing.T) {
	for _, security := range []string{"[{missing: []}]", "[bearer]", "bearer", "{bearer: []}", "[[]]", "5"} {
		t.Run(security, func(t *testing.T) {
			document := read(t, "openapi: 3.1.0\ninfo: {title: x, version: '1'}\npaths: {/a: {get: {security: "+security+"}}}\n")
			op := document.API.Operations[0]
			require.True(t, op.SecurityDeclared)
			require.Len(t, op.Security, 1)
			require.NotEmpty(t, op.Security[0], "an empty requirement lets everybody in")
		})
	}
}

func TestEffectiveSecurity(t *testing.T) {
	document := read(t, `
openapi: 3.1.0
info: {title: x, version: '1'}
security: [{key: []}]
paths:
  /a: {get: {}, put: {security: []}, post: {security: [{}]}}
components: {securitySchemes: {key: {type: apiKey, in: header, name: K}}}
`)
	get, put, post := document.API.Operations[0], document.API.Operations[1], document.API.Operations[2]
	require.Equal(t, []api.Requirement{{{Scheme: "key"}}}, get.Security)
	require.False(t, get.SecurityDeclared)
	require.Empty(t, put.Security)
	require.True(t, put.SecurityDeclared)
	require.Equal(t, []api.Requirement{{}}, post.Security)
}

func TestSymbolicLinksDoNotLeadOut(t *testing.T) {
	dir := t.TempDir()
	require.NoError(t, os.WriteFile(filepath.Join(dir, "secret.yaml"), []byte("description: secret"), 0o600))
	inside := filepath.Join(dir, "api")
	require.NoError(t, os.Mkdir(inside, 0o700))
	require.NoError(t, os.Symlink("../secret.yaml", filepath.Join(inside, "link.yaml")))
	path := filepath.Join(inside, "api.yaml")
	require.NoError(t, os.WriteFile(path, []byte("openapi: 3.1.0\ninfo: {title: x, version: '1'}\ncomponents: {schemas: {A: {$ref: link.yaml}}}\n"), 0o600))
	document, err := Read(path, Options{})
	require.NoError(t, err)
	require.Len(t, document.Problems, 1)
	require.Empty(t, document.API.Schemas[0].Schema.Description)
}

func TestNumbersKeepTheirDigits(t *testing.T) {
	for text, want := range map[string]string{
		"1": "1", "-0": "-0", "1.50": "1.50", "12345678901234567890.123": "12345678901234567890.123", "1e400": "1e400",
		"+1": "1", ".5": "0.5", "-.5": "-0.5", "5.": "5.0", "1_000": "1000", "0x1F": "31", "0o17": "15", "0b11": "3",
	} {
		t.Run(text, func(t *testing.T) {
			document := read(t, "openapi: 3.1.0\ninfo: {title: x, version: '1'}\ncomponents: {schemas: {A: {const: "+text+"}}}\n")
			require.Equal(t, api.Value(want), document.API.Schema("A").Const)
		})
	}
}

func TestValidJSONThatIsNoYAML(t *testing.T) {
	document := read(t, "{\"openapi\"\n: \"3.1.0\", \"info\": {\"title\": \"half \\ud800 pair \\ud83d\\ude00 \\/\", \"version\": \"1\"},\n"+
		"  \"components\": {\"schemas\": {\"A\": {\"const\": 1.50, \"type\": \"what\"}}}}")
	require.Equal(t, "half \ufffd pair \U0001F600 /", document.API.Title)
	require.Equal(t, api.Value("1.50"), document.API.Schema("A").Const)
	require.Equal(t, []string{`3:59: unknown type "what" is ignored`}, problems(document))
}

func TestNoUTF8(t *testing.T) {
	_, err := Read("-", Options{Stdin: strings.NewReader("openapi: 3.1.0\ninfo: {title: \"caf\xe9\"}\n")})
	require.EqualError(t, err, "<stdin>:2:19: is not encoded in UTF-8 from here on; convert it, with iconv for example")
}

func FuzzRead(f *testing.F) {
	for _, path := range []string{"everything-31.yaml", "old-30.yaml", "swagger.json"} {
		seed, err := os.ReadFile(filepath.Join("testdata/documents", path))
		require.NoError(f, err)
		f.Add(seed)
	}
	f.Add([]byte("openapi: 3.1.0\na: &a {<<: *a}\n"))
	f.Add([]byte("openapi: 3.1.0\npaths: {/a: {$ref: '#/paths/~1a'}}\n"))
	f.Fuzz(func(t *testing.T, text []byte) {
		document, err := Read("-", Options{Stdin: strings.NewReader(string(text))})
		if err != nil {
			require.NotEmpty(t, err.Error())
			return
		}
		for _, format := range []Format{YAML, JSON} {
			written, err := Write(document.API, format)
			require.NoError(t, err)
			_, err = Read("-", Options{Stdin: strings.NewReader(string(written))})
			require.NoError(t, err, "%s", written)
		}
	})
}

// TestExampleBesideContent leaves an example out that 3.1 forbids beside content.
func TestExampleBesideContent(t *testing.T) {
	text := `{"openapi":"3.1.0","info":{"title":"t","version":"1"},"paths":{"/a":{"get":{"parameters":[
		{"name":"q","in":"query","example":"outside","content":{"application/json":{"schema":{"type":"string"},"example":"inside"}}}],
		"responses":{"204":{"description":"d"}}}}}}`
	read, err := Read("-", Options{Stdin: strings.NewReader(text)})
	require.NoError(t, err)
	written, err := Write(read.API, YAML)
	require.NoError(t, err)
	require.Contains(t, string(written), "example: inside")
	require.NotContains(t, string(written), "outside")
}
