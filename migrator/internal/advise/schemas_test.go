package advise_test

import (
	"context"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/senior-backend/toolkit/migrator/internal/advise"
	"github.com/senior-backend/toolkit/migrator/internal/scratch"
	"github.com/senior-backend/toolkit/migrator/internal/scratch/scratchtest"
)

// schemaFiles are those of testdata/schemas, or of the directory that
// MIGRATOR_SCHEMAS names.
func schemaFiles(t *testing.T) []string {
	t.Helper()
	dir := os.Getenv("MIGRATOR_SCHEMAS")
	if dir == "" {
		dir = filepath.Join("testdata", "schemas")
	}
	files, err := filepath.Glob(filepath.Join(dir, "*.sql"))
	require.NoError(t, err)
	require.NotEmpty(t, files)
	return files
}

// loaded is a fresh database that holds the file.
func loaded(t *testing.T, server *scratch.Server, file string) *scratch.Database {
	t.Helper()
	d := scratchtest.In(t, server, "")
	require.NoError(t, d.Load(context.Background(), file))
	return d
}

// unindexed is written apart from the rule: foreign keys whose columns are not
// the leading keys of any valid, whole btree or hash index.
const unindexed = `
SELECT DISTINCT n.nspname || '.' || r.relname || ' ' || (SELECT string_agg(a.attname, ',' ORDER BY k.place)
	FROM unnest(c.conkey) WITH ORDINALITY k (number, place) JOIN pg_attribute a ON a.attrelid = c.conrelid AND a.attnum = k.number)
FROM pg_constraint c JOIN pg_class r ON r.oid = c.conrelid JOIN pg_namespace n ON n.oid = r.relnamespace
WHERE c.contype = 'f' AND c.conparentid = 0 AND NOT EXISTS (
	SELECT FROM pg_index i JOIN pg_class x ON x.oid = i.indexrelid JOIN pg_am a ON a.oid = x.relam
	WHERE i.indrelid = c.conrelid AND i.indpred IS NULL AND i.indisvalid AND a.amname IN ('btree', 'hash')
	AND (SELECT array_agg(k ORDER BY k) FROM unnest((i.indkey::int2[])[0:cardinality(c.conkey) - 1]) k)
		= (SELECT array_agg(k ORDER BY k) FROM unnest(c.conkey) k)
	AND i.indnkeyatts >= cardinality(c.conkey)) ORDER BY 1`

// TestSchemas analyses every file of testdata/schemas, or of the directory that
// MIGRATOR_SCHEMAS names, and counts the unindexed foreign keys independently.
func TestSchemas(t *testing.T) {
	dir := os.Getenv("MIGRATOR_SCHEMAS")
	if dir == "" {
		dir = filepath.Join("testdata", "schemas")
	}
	files, err := filepath.Glob(filepath.Join(dir, "*.sql"))
	require.NoError(t, err)
	require.NotEmpty(t, files)
	server := scratchtest.Server(t)
	for _, file := range files {
		t.Run(filepath.Base(file), func(t *testing.T) {
			d := scratchtest.In(t, server, "")
			require.NoError(t, d.Load(context.Background(), file))
			for _, f := range advise.Advise(facts(t, d), advise.Selection{}) {
				require.NotEmpty(t, f.Message)
				require.NotEmpty(t, f.Advice, f.Message)
				require.NotEmpty(t, f.Link, f.Message)
			}
			findings := find(t, d, "fk-without-index")
			var found []string
			for _, f := range findings {
				found = append(found, f.Table.Schema+"."+f.Table.Name+" "+strings.Join(f.Columns, ","))
			}
			slices.Sort(found)
			rows, err := d.DB().Query(unindexed)
			require.NoError(t, err)
			want, err := readRows(rows)
			require.NoError(t, err)
			slices.Sort(want)
			require.Equal(t, want, found)
			for _, f := range findings {
				for _, statement := range f.SQL {
					run(t, d, statement)
				}
			}
			require.Empty(t, find(t, d, "fk-without-index"))
		})
	}
}

// Every suggestion that is SQL runs as printed: those of one rule after the
// other, and the rule has nothing left to suggest then; and those of all rules
// in the order of the report.
func TestSuggestionsRunAsPrinted(t *testing.T) {
	server := scratchtest.Server(t)
	for _, file := range schemaFiles(t) {
		t.Run(filepath.Base(file), func(t *testing.T) {
			all := loaded(t, server, file)
			findings := suggesting(advise.Advise(facts(t, all), advise.Selection{}))
			byRule := map[string][]advise.Finding{}
			for _, f := range findings {
				byRule[f.Rule] = append(byRule[f.Rule], f)
			}
			for rule, of := range byRule {
				t.Run(rule, func(t *testing.T) {
					d := loaded(t, server, file)
					for _, f := range of {
						printed(t, d, f)
					}
					for _, left := range suggesting(find(t, d, rule)) {
						t.Errorf("%s is still there: %s", left.Message, left.Script())
					}
				})
			}
			t.Run("all", func(t *testing.T) {
				for _, f := range findings {
					printed(t, all, f)
				}
			})
			t.Logf("%d suggestions of %d rules", len(findings), len(byRule))
		})
	}
}

// suggesting are the findings that can be repaired by SQL.
func suggesting(findings []advise.Finding) []advise.Finding {
	return slices.DeleteFunc(findings, func(f advise.Finding) bool { return f.Script() == "" })
}

// printed runs a finding's script as a person who copies it does.
func printed(t *testing.T, d *scratch.Database, f advise.Finding) {
	t.Helper()
	conn, err := d.DB().Conn(context.Background())
	require.NoError(t, err)
	defer conn.Close()
	for _, statement := range f.SQL {
		if _, err := conn.ExecContext(context.Background(), statement); err != nil {
			t.Errorf("%s: %s: %v\n%s", f.Rule, f.Message, err, statement)
			_, _ = conn.ExecContext(context.Background(), "ROLLBACK")
			return
		}
	}
}
