package docs

import (
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestPages(t *testing.T) {
	problems, err := Check(filepath.Join("..", "..", ".."))
	require.NoError(t, err)
	require.Empty(t, strings.Join(problems, "\n"))
}

// TestSite shows that each kind of link can be wrong.
func TestSite(t *testing.T) {
	problems, err := Check(filepath.Join("testdata", "site"))
	require.NoError(t, err)
	require.Equal(t, []string{
		"README.md:7: docs/missing.md leads nowhere: there is no docs/missing.md",
		"README.md:8: docs/page.md#nothing leads nowhere: docs/page.md has no such heading",
		"README.md:9: ../elsewhere.md leads out of the repository",
		"README.md:15: missing.png leads nowhere: there is no missing.png",
		"docs/page.md:3: #second-2 leads nowhere: docs/page.md has no such heading",
		"docs/page.md:13: gone.md leads nowhere: there is no docs/gone.md",
	}, problems)
}

func TestNoPages(t *testing.T) {
	_, err := Check(t.TempDir())
	require.ErrorContains(t, err, "there are none")
}
