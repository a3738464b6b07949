package advise_test

import (
	"context"
		"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/senior-backend/toolkit/migrator/internal/scratch"
	"github.com/senior-backend/toolkit/migrator/internal/scratch/scratchtest"
)

// Every SQL block of the guide runs, in order, in one session. A text block
// after it shows what its last statement returns: these lines, in this order,
// others may stand between them. What EXPLAIN ANALYZE measures differs from run
// to run, so there the numbers are not compared.
func TestGuideFill(t *testing.T) {
	ctx := context.Background()
	page, err := os.ReadFile(filepath.Join("..", "..", "..", "docs", "references", "database_optimization_guide.md"))
	require.NoError(t, err)
	server := scratchtest.Open(t, scratch.Options{Version: 15, Preload: "pg_stat_statements"})
	conn, err := scratchtest.In(t, server, "").DB().Conn(ctx)
	require.NoError(t, err)
	defer conn.Close()
	_, err = conn.ExecContext(ctx, "DROP ROLE IF EXISTS shop_application") // of a run before: servers are kept
	require.NoError(t, err)

	filled := string(page)
	ran, shown := 0, 0
	var returned []string
	measured := false
	for _, b := range fenced(string(page)) {
		switch b.language {
		case "sql":
			measured = strings.Contains(b.text, "EXPLAIN (ANALYZE")
			returned = runBlock(ctx, t, conn, b)
			ran++
		case "text":
			if strings.TrimSpace(b.text) == "x" { filled = strings.Replace(filled, "```text\nx\n", "```text\n"+strings.Join(returned, "\n")+"\n", 1) } else { t.Log(b.line, measured, b.text, returned) }
			shown++
		}
	}
	require.NoError(t, os.WriteFile("/tmp/docs.9e2z/filled.md", []byte(filled), 0o644))
	require.Greater(t, ran, 20, "SQL blocks")
	require.Greater(t, shown, 5, "blocks of output")
}

