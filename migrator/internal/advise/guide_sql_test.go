package advise_test

import (
	"context"
	"database/sql"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/senior-backend/toolkit/migrator/internal/scratch"
	"github.com/senior-backend/toolkit/migrator/internal/scratch/scratchtest"
	"github.com/senior-backend/toolkit/migrator/internal/script"
)

// block is a fenced block of a Markdown page.
type block struct {
	language string
	text     string
	line     int // of the fence, from 1
}

func fenced(page string) []block {
	var blocks []block
	var open *block
	for n, line := range strings.Split(page, "\n") {
		language, fence := strings.CutPrefix(line, "```")
		switch {
		case fence && open == nil:
			open = &block{language: language, line: n + 1}
		case fence:
			blocks = append(blocks, *open)
			open = nil
		case open != nil:
			open.text += line + "\n"
		}
	}
	return blocks
}

// Every SQL block of the guide runs, in order, in one session. A text block
// after it shows what its last statement returns: these lines, in this order,
// others may stand between them. What EXPLAIN ANALYZE measures differs from run
// to run, so there the numbers are not compared.
func TestGuideRuns(t *testing.T) {
	for page, least := range map[string]struct{ ran, shown int }{
		"database_optimization_guide": {20, 5},
		"api_design_patterns":         {3, 0},
		"backend_security_practices":  {2, 0},
	} {
		t.Run(page, func(t *testing.T) {
			ran, shown := runGuide(t, page+".md")
			require.GreaterOrEqual(t, ran, least.ran, "SQL blocks")
			require.GreaterOrEqual(t, shown, least.shown, "blocks of output")
		})
	}
}

// runGuide runs the blocks of a page, in a database of its own.
func runGuide(t *testing.T, name string) (ran, shown int) {
	ctx := context.Background()
	page, err := os.ReadFile(filepath.Join("..", "..", "..", "docs", "references", name))
	require.NoError(t, err)
	server := scratchtest.Open(t, scratch.Options{Version: 15, Preload: "pg_stat_statements"})
	conn, err := scratchtest.In(t, server, "").DB().Conn(ctx)
	require.NoError(t, err)
	defer conn.Close()
	_, err = conn.ExecContext(ctx, "DROP ROLE IF EXISTS shop_application") // of a run before: servers are kept
	require.NoError(t, err)

	var returned []string
	measured := false
	for _, b := range fenced(string(page)) {
		switch b.language {
		case "sql":
			measured = strings.Contains(b.text, "EXPLAIN (ANALYZE")
			returned = runBlock(ctx, t, conn, b)
			ran++
		case "text":
			requireLines(t, b, returned, measured)
			shown++
		}
	}
	return ran, shown
}

// runBlock runs the statements one by one, as psql would, and returns the rows of the last.
func runBlock(ctx context.Context, t *testing.T, conn *sql.Conn, b block) []string {
	t.Helper()
	pieces, err := script.Split("guide", b.text)
	require.NoError(t, err, "line %d", b.line)
	var returned []string
	for _, piece := range pieces {
		require.NotEqual(t, script.Meta, piece.Kind, "line %d: psql's commands do not run here", b.line+piece.Line)
		if piece.Kind != script.Statement {
			continue
		}
		rows, err := conn.QueryContext(ctx, piece.Text)
		require.NoError(t, err, "line %d: %s", b.line+piece.Line, piece.Text)
		returned, err = readRows(rows)
		require.NoError(t, err, "line %d: %s", b.line+piece.Line, piece.Text)
	}
	return returned
}

func readRows(rows *sql.Rows) ([]string, error) {
	defer rows.Close()
	names, err := rows.Columns()
	if err != nil {
		return nil, err
	}
	var lines []string
	for rows.Next() {
		values := make([]sql.NullString, len(names))
		into := make([]any, len(names))
		for i := range values {
			into[i] = &values[i]
		}
		if err := rows.Scan(into...); err != nil {
			return nil, err
		}
		var line []string
		for _, value := range values {
			line = append(line, value.String)
		}
		lines = append(lines, strings.Join(line, " | "))
	}
	return lines, rows.Err()
}

func requireLines(t *testing.T, b block, returned []string, measured bool) {
	t.Helper()
	number := regexp.MustCompile(`[0-9]+(\.[0-9]+)?`)
	plain := func(line string) string {
		if measured {
			line = number.ReplaceAllString(line, "N")
		}
		return strings.TrimSpace(line)
	}
	rest := returned
	for n, line := range strings.Split(strings.TrimSpace(b.text), "\n") {
		at := -1
		for i, candidate := range rest {
			if plain(candidate) == plain(line) {
				at = i
				break
			}
		}
		require.GreaterOrEqual(t, at, 0, "%s", fmt.Sprintf("line %d shows\n%s\nand the server returns\n%s", b.line+1+n, line, strings.Join(returned, "\n")))
		rest = rest[at+1:]
	}
}
