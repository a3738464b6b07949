package report_test

import (
	"bytes"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/senior-backend/toolkit/shared/report"
)

// What is counted has no label between two numbers; what is measured has.
func TestLabelsOfWhatIsCounted(t *testing.T) {
	labelled := func(step float64) string {
		line := report.Series{Name: "a"}
		for i := range 5 {
			line.Points = append(line.Points, report.Point{X: 1 + step*float64(i), Y: 10})
		}
		var page bytes.Buffer
		document := report.Document{Sections: []report.Section{{Blocks: []report.Block{
			report.Chart{Title: "t", Kind: report.ChartLine, XLabel: "slice", Series: []report.Series{line}},
		}}}}
		require.NoError(t, document.HTML(&page))
		return page.String()
	}
	require.False(t, strings.Contains(labelled(1), ">1.5</text>"))
	require.True(t, strings.Contains(labelled(1), ">4</text>"))
	require.True(t, strings.Contains(labelled(0.5), ">1.5</text>"))
}
