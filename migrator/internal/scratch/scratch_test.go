package scratch_test

import (
	"context"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/rs/zerolog"
	"github.com/stretchr/testify/require"

	"github.com/senior-backend/toolkit/migrator/internal/scratch"
	"github.com/senior-backend/toolkit/migrator/internal/scratch/scratchtest"
)

func TestOpenGivesAnEmptyDatabase(t *testing.T) {
	ctx := context.Background()
	begin := time.Now()
	s, err := scratch.Open(ctx, scratch.Options{Log: zerolog.New(zerolog.NewTestWriter(t))})
	require.NoError(t, err)
	t.Logf("open: %s", time.Since(begin))
	begin = time.Now()
	d, err := s.Database(ctx)
	require.NoError(t, err)
	t.Logf("database: %s", time.Since(begin))
	var n int
	require.NoError(t, d.DB().QueryRow("SELECT count(*) FROM pg_class WHERE relnamespace = 'public'::regnamespace").Scan(&n))
	require.Zero(t, n)
	begin = time.Now()
	require.NoError(t, s.Close())
	t.Logf("close: %s", time.Since(begin))
}

func TestCorpusDirectory(t *testing.T) {
	dir := os.Getenv("MIGRATOR_SCHEMAS")
	if dir == "" {
		dir = "testdata/schemas"
	}
	files, err := filepath.Glob(filepath.Join(dir, "*.sql"))
	require.NoError(t, err)
	require.NotEmpty(t, files)
	s := scratchtest.Server(t)
	for _, file := range files {
		t.Run(filepath.Base(file), func(t *testing.T) {
			d := scratchtest.In(t, s, "")
			begin := time.Now()
			require.NoError(t, d.Load(context.Background(), file))
			t.Log(time.Since(begin))
		})
	}
}
