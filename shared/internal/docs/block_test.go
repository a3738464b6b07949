package docs

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// drawings are the blocks that are no input or output of anything: the figures of
// the architecture, lines of usage, and a problem that scaffolder's TestReferenceProblem
// compares.
var drawings = map[string]int{"docs/architecture.md": 4, "docs/loadtester.md": 1, "docs/migrator.md": 1, "docs/scaffolder.md": 1}

// Every fenced block of the pages is run, compiled, compared or understood by some
// test. This one says how, by the block's language and page, and fails for what it
// knows no test for, so that no block is passed over unseen:
//
//	ts       compiled in strict mode (scaffolder/internal/emit, TestGuidesCompile)
//	sql      run in order on PostgreSQL (migrator/internal/advise, TestGuideRuns; of migrator.md TestReferenceExample,
//	         of scaffolder.md TestDocuments in scripts)
//	text     compared with what the SQL before it returns (likewise)
//	sh       and console, and calls of the tools in blocks without a language: run, in order, and what
//	         console shows compared with what is printed (scripts, page.holds; what cannot be run is named
//	         there with its reason, and TestEveryPageIsDescribed knows each page)
//	json     shapes that the guide's prose is about: valid JSON
func TestEveryBlockIsHeld(t *testing.T) {
	root := filepath.Join("..", "..", "..")
	kinds := map[string]int{}
	for _, pattern := range []string{"*.md", "docs/*.md", "docs/*/*.md"} {
		paths, err := filepath.Glob(filepath.Join(root, filepath.FromSlash(pattern)))
		require.NoError(t, err)
		for _, path := range paths {
			name, err := filepath.Rel(root, path)
			require.NoError(t, err)
			text, err := os.ReadFile(path)
			require.NoError(t, err)
			drawn := 0
			for _, b := range blocksOf(string(text)) {
				kinds[b.language]++
				how := heldBy(filepath.ToSlash(name), b)
				if how == "drawing" {
					drawn++
					how = ""
				}
				require.Empty(t, how, "%s:%d: no test holds this block: %s", name, b.line, how)
			}
			require.LessOrEqual(t, drawn, drawings[filepath.ToSlash(name)], "%s has a block that is neither run nor compared", name)
		}
	}
	for _, language := range []string{"ts", "sql", "text", "console", "sh"} {
		require.Positive(t, kinds[language], language)
	}
}

type fencedBlock struct {
	language string
	lines    []string
	line     int
}

func blocksOf(text string) []fencedBlock {
	var blocks []fencedBlock
	var open *fencedBlock
	for n, line := range strings.Split(text, "\n") {
		language, fence := strings.CutPrefix(strings.TrimSpace(line), "```")
		switch {
		case fence && open == nil:
			open = &fencedBlock{language: language, line: n + 1}
		case fence:
			blocks = append(blocks, *open)
			open = nil
		case open != nil:
			open.lines = append(open.lines, line)
		}
	}
	return blocks
}

// heldBy returns "" for a block that some test holds, "drawing" for what may be
// one, and else what is wrong.
func heldBy(page string, b fencedBlock) string {
	guide := strings.HasPrefix(page, "docs/references/")
	switch b.language {
	case "ts", "json", "jsonl":
		return ""
	case "sql", "text":
		if guide || page == "docs/migrator.md" || page == "docs/scaffolder.md" && b.language == "sql" {
			return ""
		}
		return b.language + " is run in the guides alone"
	case "console", "sh":
		return ""
	case "":
		return drawing(b)
	}
	return "nobody knows the language " + b.language
}

// drawing tells blocks without a language that call no tool.
func drawing(b fencedBlock) string {
	for _, line := range b.lines {
		words := strings.Fields(line)
		if len(words) > 1 && !strings.HasPrefix(words[1], "[") && slices.Contains([]string{"scaffolder", "migrator", "loadtester"}, words[0]) {
			return ""
		}
	}
	return "drawing"
}
