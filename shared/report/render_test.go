package report_test

import (
	"bytes"
	"flag"
	"io"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/senior-backend/toolkit/shared/report"
)

var update = flag.Bool("update", false, "write the golden files anew")

func TestRenderings(t *testing.T) {
	text := func(options report.TextOptions) func(report.Document, io.Writer) error {
		return func(d report.Document, w io.Writer) error { return d.Text(w, options) }
	}
	for name, render := range map[string]func(report.Document, io.Writer) error{
		"sample.txt":        text(report.TextOptions{}),
		"sample-narrow.txt": text(report.TextOptions{Width: 44}),
		"sample-wide.txt":   text(report.TextOptions{Width: 132}),
		"sample-color.txt":  text(report.TextOptions{Width: 100, Color: true}),
		"sample.json":       report.Document.JSON,
		"sample.md":         report.Document.Markdown,
		"sample.html":       report.Document.HTML,
	} {
		t.Run(name, func(t *testing.T) {
			var b bytes.Buffer
			require.NoError(t, render(sample(), &b))
			golden := filepath.Join("testdata", name)
			if *update {
				require.NoError(t, os.MkdirAll("testdata", 0o755))
				require.NoError(t, os.WriteFile(golden, b.Bytes(), 0o644))
			}
			want, err := os.ReadFile(golden)
			require.NoError(t, err)
			require.Equal(t, string(want), b.String())
		})
	}
}
