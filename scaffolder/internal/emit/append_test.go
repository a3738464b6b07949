package emit_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/senior-backend/toolkit/scaffolder/internal/emit"
)

func handlers(names ...string) emit.File {
	file := emit.File{Imports: "import { notImplemented } from \"../middleware/errors.js\";\nimport type { Handlers } from \"../types.js\";\n"}
	for _, name := range names {
		file.Handlers = append(file.Handlers, emit.Handler{Name: name, Code: "export const " + name + " = 1;\n"})
	}
	return file
}

const imports = `import { notImplemented } from "../middleware/errors.js";
import type { Handlers } from "../types.js";
`

func TestAppend(t *testing.T) {
	tests := map[string]struct {
		existing string
		wanted   emit.File
		content  string
		added    []string
		removed  []string
	}{
		"nothing is missing": {
			existing: "export const a = 1;\n", wanted: handlers("a"), content: "export const a = 1;\n",
		},
		"a new one goes to the end, the user's code stays": {
			existing: imports + "\n// mine\nexport const a: Handlers[\"a\"] = mine;",
			wanted:   handlers("a", "b"),
			content:  imports + "\n// mine\nexport const a: Handlers[\"a\"] = mine;\n\nexport const b = 1;\n",
			added:    []string{"b"},
		},
		"functions and lists are exports too": {
			existing: "export async function a() {}\nconst x = 1;\nexport { x as b, c };\n", wanted: handlers("a", "b", "c"),
			content: "export async function a() {}\nconst x = 1;\nexport { x as b, c };\n",
		},
		"comments and templates are no exports": {
			existing: imports + "/*\nexport const a = 1;\n*/\n// export const a = 1;\nconst t = `\nexport const a = 1;\n`;\n",
			wanted:   handlers("a"),
			content: imports + "/*\nexport const a = 1;\n*/\n// export const a = 1;\nconst t = `\nexport const a = 1;\n`;\n" +
				"\nexport const a = 1;\n",
			added: []string{"a"},
		},
		"imports that were taken out come back": {
			existing: "export const a = 1;\n", wanted: handlers("a", "b"),
			content: imports + "export const a = 1;\n\nexport const b = 1;\n", added: []string{"b"},
		},
		"gone operations are reported and stay": {
			existing: imports + "export const old: Handlers[\"old\"] = x;\nexport const helper = 1;\n", wanted: handlers(),
			content: imports + "export const old: Handlers[\"old\"] = x;\nexport const helper = 1;\n", removed: []string{"old"},
		},
		"line ends stay as they are": {
			existing: "import { notImplemented, Handlers } from \"x\";\r\nexport const a = 1;\r\n", wanted: handlers("b"),
			content: "import { notImplemented, Handlers } from \"x\";\r\nexport const a = 1;\r\n\r\nexport const b = 1;\r\n",
			added:   []string{"b"},
		},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			got := emit.Append(test.existing, test.wanted)
			require.Equal(t, test.content, got.Content)
			require.Equal(t, test.added, got.Added)
			require.Equal(t, test.removed, got.Removed)
			require.Equal(t, got.Content, emit.Append(got.Content, test.wanted).Content, "appending again changes nothing")
		})
	}
}

func FuzzAppend(f *testing.F) {
	f.Add("export const a = `${\"}\"}`; // x\n/* y */ 'z\n")
	f.Fuzz(func(t *testing.T, existing string) {
		got := emit.Append(existing, handlers("a"))
		require.Equal(t, got.Content, emit.Append(got.Content, handlers("a")).Content)
	})
}
