package scripts

import (
	"flag"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

var update = flag.Bool("update", false, "write what commands print into the workflows' pages")

var (
	consoleBlock = regexp.MustCompile("(?s)\n```console\n(.*?)```\n")
	figure       = regexp.MustCompile(`[0-9][0-9.,:_]*( ?(ns|µs|ms|s|min|B|KiB|MiB|kB|MB)\b)?`)
	drawing      = regexp.MustCompile(`[ ─]+`)
)

// page is what a page shows of a session: "$ " and a command, and what it prints,
// where "..." stands for more.
type page struct {
	path string
	// Shown and real are what the page calls things, and what they are, in turns.
	names []string
}

// holds runs the commands of a page's console blocks, in order and in one directory,
// and sees that they print what the page shows, but for figures, times and the
// width of columns. Those that name one of the scripts say what said holds.
func (p page) holds(t *testing.T, env []string, directory string, said map[string]string) {
	t.Helper()
	path := filepath.Join("..", "docs", "workflows", p.path)
	text, err := os.ReadFile(path)
	require.NoError(t, err)
	written := consoleBlock.ReplaceAllStringFunc(string(text), func(block string) string {
		inside := strings.TrimSuffix(strings.TrimPrefix(block, "\n```console\n"), "```\n")
		var out strings.Builder
		for session := range strings.SplitSeq(strings.TrimPrefix(inside, "$ "), "\n$ ") {
			command, shown, _ := strings.Cut(session, "\n")
			printed := p.print(t, env, directory, command, said)
			if first, more := strings.CutSuffix(strings.TrimRight(shown, "\n"), "..."); more {
				lines := strings.SplitAfter(printed, "\n")
				printed = strings.Join(lines[:min(len(lines), strings.Count(first, "\n"))], "") + "...\n"
			}
			if !*update {
				require.Equal(t, alike(shown), alike(printed), "%s: $ %s\n%s", p.path, command, printed)
			}
			out.WriteString("$ " + command + "\n" + printed + "\n")
		}
		return "\n```console\n" + strings.TrimRight(out.String(), "\n") + "\n```\n"
	})
	require.Regexp(t, consoleBlock, string(text), "%s shows no session", p.path)
	if *update {
		require.NoError(t, os.WriteFile(path, []byte(written), 0o644))
	}
}

// print is what a command prints, in the words of the page.
func (p page) print(t *testing.T, env []string, directory, command string, said map[string]string) string {
	t.Helper()
	shown := make([]string, 0, len(p.names))
	for i := 0; i < len(p.names); i += 2 {
		shown = append(shown, p.names[i+1], p.names[i])
	}
	text, known := said[command]
	if !known {
		run := exec.Command("bash", "-c", strings.NewReplacer(p.names...).Replace(command))
		run.Dir, run.Env = directory, append(env, "COLUMNS=100", "NO_COLOR=1")
		out, err := run.CombinedOutput()
		if err != nil {
			require.NotNil(t, run.ProcessState, "%v", err)
		}
		text = string(out)
	}
	var lines []string
	for line := range strings.SplitSeq(strings.NewReplacer(shown...).Replace(text), "\n") {
		if !strings.HasPrefix(line, "INF ") { // what is going on, on standard error
			lines = append(lines, strings.TrimRight(line, " "))
		}
	}
	return strings.TrimRight(strings.Join(lines, "\n"), "\n") + "\n"
}

// alike leaves out of a text what differs from run to run.
func alike(text string) string {
	return strings.TrimSpace(drawing.ReplaceAllString(figure.ReplaceAllString(text, "0"), " "))
}
