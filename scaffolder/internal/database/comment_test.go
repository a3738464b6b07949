package database

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/senior-backend/toolkit/scaffolder/internal/api"
	"github.com/senior-backend/toolkit/scaffolder/internal/database/databasetest"
)

const documents = `
CREATE DOMAIN list AS jsonb CHECK (jsonb_typeof(VALUE) = 'array');
CREATE DOMAIN settings AS jsonb;
COMMENT ON DOMAIN settings IS 'How it is set up. @schema {"type": "object", "properties": {"depth": {"type": "integer"}}}';
CREATE TABLE documents (
	id int PRIMARY KEY,
	anything jsonb,
	checked json NOT NULL CHECK (json_typeof(checked) = 'object'),
	either jsonb CHECK (jsonb_typeof(either) IN ('array', 'string')),
	words jsonb NOT NULL,
	size jsonb,
	tree jsonb NOT NULL,
	listed list NOT NULL,
	set settings NOT NULL,
	wrong jsonb,
	broken jsonb,
	away jsonb
);
COMMENT ON COLUMN documents.anything IS 'Whatever came.';
COMMENT ON COLUMN documents.words IS 'Words in it. @type string[]';
COMMENT ON COLUMN documents.size IS '@schema {"type": "object", "required": ["width"], "properties": {"width": {"type": "number", "minimum": 0}}} In metres.';
COMMENT ON COLUMN documents.tree IS '@schema {"$ref": "#/$defs/node", "$defs": {"node": {"type": "object", "properties": {"children": {"type": "array", "items": {"$ref": "#/$defs/node"}}}}}}';
COMMENT ON COLUMN documents.wrong IS '@type text';
COMMENT ON COLUMN documents.broken IS '@schema {"type": ';
COMMENT ON COLUMN documents.away IS '@schema {"$ref": "/etc/passwd"}';
`

// TestJSON takes what JSON columns hold from comments, and from checks.
func TestJSON(t *testing.T) {
	a, notes := describe(t, Options{URL: databasetest.Database(t, "documents", documents)})
	null := &api.Schema{Types: []string{"null"}}
	for name, want := range map[string]*api.Schema{
		"anything": {Description: "Whatever came."},
		"checked":  {Types: []string{"object"}},
		"either":   {Types: []string{"array", "string", "null"}},
		"words":    {Types: []string{"array"}, Items: &api.Schema{Types: []string{"string"}}, Description: "Words in it."},
		"size":     {AnyOf: []*api.Schema{{Ref: "DocumentsSize"}, null}, Description: "In metres."},
		"tree":     {Ref: "DocumentsTree"},
		"listed":   {Ref: "List"},
		"set":      {Ref: "Settings"},
		"wrong":    {Description: "@type text"},
		"away":     {Description: `@schema {"$ref": "/etc/passwd"}`},
	} {
		require.Equal(t, want, property(t, a, "Documents", name), name)
	}
	require.Equal(t, []string{"array"}, a.Schema("List").Types)
	require.Equal(t, "How it is set up.", a.Schema("Settings").Description)
	require.Equal(t, []string{"width"}, a.Schema("DocumentsSize").Required)
	require.NotNil(t, a.Schema("DocumentsTree"))
	said := strings.Join(notes, "\n")
	for _, part := range []string{"documents.wrong: its comment does not say", "@type text is not known", "documents.broken", "no JSON", "documents.away", "leads out of it"} {
		require.Contains(t, said, part)
	}
}
