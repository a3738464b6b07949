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

// others are commands in blocks that are not ours; the rest of a line with one of
// them is prose to the tests.
var others = []string{"npm", "go", "git", "cd", "export", "curl", "source", "python", "python3", "sh", "mkdir", "docker", "kubectl", "helm", "#"}

// Every fenced block of the pages is run, compiled, compared or understood by some
// test. This one says how, by the block's language and page, and fails for what it
// knows no test for, so that no block is passed over unseen:
//
//	ts       compiled in strict mode (scaffolder/internal/emit, TestGuidesCompile)
//	sql      run in order on PostgreSQL (migrator/internal/advise, TestGuideRuns; of migrator.md TestReferenceExample)
//	text     compared with what the SQL before it returns (likewise)
//	console  of the workflows: run, and compared with what is shown (scripts, page.holds);
//	         of README.md: printed by scripts/sessions.sh, its calls parsed as in sh
//	sh, ""   each line that calls a tool is parsed by the tool itself (TestReference of each); scripts must be there
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
				how := heldBy(root, filepath.ToSlash(name), b)
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
func heldBy(root, page string, b fencedBlock) string {
	guide := strings.HasPrefix(page, "docs/references/")
	switch b.language {
	case "ts", "json", "jsonl":
		return ""
	case "sql", "text":
		if guide || page == "docs/migrator.md" {
			return ""
		}
		return b.language + " is run in the guides alone"
	case "console":
		if strings.HasPrefix(page, "docs/workflows/") || page == "README.md" {
			return ""
		}
		return "sessions are kept in the workflows and README.md alone"
	case "sh", "":
		return commands(root, b)
	}
	return "nobody knows the language " + b.language
}

// commands looks at the lines of a block of commands.
func commands(root string, b fencedBlock) string {
	joined := strings.ReplaceAll(strings.Join(b.lines, "\n"), "\\\n", " ")
	for line := range strings.SplitSeq(joined, "\n") {
		words := strings.Fields(line)
		if len(words) == 0 {
			continue
		}
		switch command := strings.TrimPrefix(words[0], "./"); {
		case slices.Contains([]string{"scaffolder", "migrator", "loadtester"}, command):
			if len(words) > 1 && strings.HasPrefix(words[1], "[") {
				return "drawing"
			}
		case slices.Contains(others, command):
		case strings.Contains(command, "/") && strings.HasSuffix(command, ".sh"):
			if _, err := os.Stat(filepath.Join(root, filepath.FromSlash(command))); err != nil {
				return command + " is not there"
			}
		case b.language == "":
			return "drawing"
		default:
			return command + " is no command of ours"
		}
	}
	return ""
}
