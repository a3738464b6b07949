package advise_test

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/senior-backend/toolkit/migrator/internal/advise"
)

// The guide explains each rule, in the section that its findings link to.
func TestGuide(t *testing.T) {
	text, err := os.ReadFile(filepath.Join("..", "..", "..", "docs", "references", "database_optimization_guide.md"))
	require.NoError(t, err)
	sections := map[string]string{}
	for section := range strings.SplitSeq(string(text), "\n## ") {
		heading, body, _ := strings.Cut(section, "\n")
		anchor := regexp.MustCompile(`[^a-z0-9 -]`).ReplaceAllString(strings.ToLower(heading), "")
		sections["#"+strings.ReplaceAll(anchor, " ", "-")] = body
	}
	for _, code := range advise.Codes() {
		require.Contains(t, sections[advise.Section(code)], "**"+code+"**", "%s in %s", code, advise.Section(code))
	}
}
