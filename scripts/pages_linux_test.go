package scripts

import (
	"flag"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

var update = flag.Bool("update", false, "write what commands print into the pages")

var (
	figure  = regexp.MustCompile(`[0-9][0-9.,:_]*( ?(ns|µs|ms|s|min|B|KiB|MiB|kB|MB)\b)?`)
	drawing = regexp.MustCompile(`[\s─]+`)
	socket  = regexp.MustCompile(`(?s)postgres://postgres@/.{0,200}?sslmode=disable`)
	floor   = regexp.MustCompile(` +a floor: this machine was the limit`)
	port    = regexp.MustCompile(`\bPORT=([0-9]+) `)
	ours    = regexp.MustCompile(`^(scaffolder|migrator|loadtester) [^ \[]`)
)

// page is a document as the session that it describes. The lines of its blocks are run
// in order, in one shell that begins in one directory:
//
//	sh       each line is a command
//	console  "$ " and a command, and what it prints, where "..." stands for more
//
// and those of blocks without a language when they call one of the tools. A comment
// behind a command, "# status 3, or 0: why", says with which status it ends, if not with 0.
type page struct {
	path string
	// Shown and real are what the page calls things, and what they are, in turns.
	names []string
	// Shorter are what the page says and the test has no time for, and what it takes instead.
	shorter []string
	// Agents is how many machines `loadtester agent` is run on.
	agents int
}

// brief are loads and watches as pages have them, for as long as tests have time.
var brief = []string{
	"--duration 30", "--duration 0.5", "--duration 60", "--duration 0.5", "--duration 10", "--duration 0.5",
	"--watch 30s", "--watch 1s", "--find-capacity", "--find-capacity --duration 3 --concurrency 8",
}

// holds runs the page, and sees that its console blocks show what is printed, but for
// figures, times and the width of columns.
func (p page) holds(t *testing.T, env []string, directory string) {
	t.Helper()
	path := filepath.Join("..", filepath.FromSlash(p.path))
	text, err := os.ReadFile(path)
	require.NoError(t, err)
	if *update {
		p.shorter = nil
	}
	s := begin(t, env, directory)
	run := 0
	written := rewritten(string(text), func(language, block string) string {
		if language != "console" {
			for _, command := range commands(language, block) {
				p.print(t, s, command)
				run++
			}
			return block
		}
		var out strings.Builder
		for session := range strings.SplitSeq(strings.TrimPrefix(block, "$ "), "\n$ ") {
			command, shown, _ := strings.Cut(session, "\n")
			printed := p.print(t, s, command)
			run++
			first, more := strings.CutSuffix(strings.TrimRight(shown, "\n"), "...")
			if more && strings.HasPrefix(alike(printed), alike(first)) {
				printed = shown
			} else if more {
				lines := strings.SplitAfter(printed, "\n")
				printed = strings.Join(lines[:min(len(lines), strings.Count(first, "\n"))], "") + "...\n"
			}
			if !*update {
				require.Equal(t, alike(shown), alike(printed), "%s: $ %s\n%s", p.path, command, printed)
			}
			out.WriteString("$ " + command + "\n" + strings.TrimLeft(printed, "\n") + "\n")
		}
		return strings.TrimRight(out.String(), "\n") + "\n"
	})
	require.Positive(t, run, "%s has no command", p.path)
	if *update {
		require.NoError(t, os.WriteFile(path, []byte(written), 0o644))
	}
	held(p.path)
}

// rewritten is a page in which each fenced block is what becomes of it, by its language.
func rewritten(text string, become func(language, block string) string) string {
	var out, block strings.Builder
	language, inside := "", false
	for line := range strings.Lines(text) {
		fence, is := strings.CutPrefix(strings.TrimSpace(line), "```")
		switch {
		case is && inside:
			out.WriteString(become(language, block.String()))
			block.Reset()
			inside = false
		case is:
			language, inside = fence, true
		case inside:
			block.WriteString(line)
			continue
		}
		out.WriteString(line)
	}
	return out.String()
}

// commands are those of a block that shows none of what they print.
func commands(language, block string) []string {
	var list []string
	for line := range strings.Lines(strings.ReplaceAll(block, "\\\n", " ")) {
		line = strings.TrimSpace(line)
		if line != "" && !strings.HasPrefix(line, "#") && (language == "sh" || language == "" && ours.MatchString(line)) {
			list = append(list, line)
		}
	}
	return list
}

// print is what a command of the page prints, in the words of the page.
func (p page) print(t *testing.T, s *session, command string) string {
	t.Helper()
	if reason, there := elsewhere(command); there {
		t.Logf("%s: not run: %s: %s", p.path, command, reason)
		return ""
	}
	instead := append(slices.Clone(p.names), p.shorter...)
	for i := 1; i < len(p.names); i += 2 {
		if strings.ContainsAny(instead[i], "&?") { // an address that a shell would cut up
			instead[i] = "'" + instead[i] + "'"
		}
	}
	line := strings.NewReplacer(instead...).Replace(command)
	statuses := statusesOf(command)
	if strings.HasPrefix(command, "loadtester agent ") {
		for range p.agents {
			s.run(t, line+" &", statuses)
		}
		return ""
	}
	said := s.run(t, line, statuses)
	if port := port.FindStringSubmatch(line); port != nil && strings.HasSuffix(line, "&") {
		listens(t, "127.0.0.1:"+port[1])
	}
	shown := []string{s.directory + "/", ""}
	for i := 0; i < len(p.names); i += 2 {
		shown = append(shown, p.names[i+1], p.names[i])
	}
	// Reports wrap the address of a private server, which is long.
	said = socket.ReplaceAllString(said, "postgres://localhost/mydb")
	var lines []string
	for line := range strings.SplitSeq(strings.NewReplacer(shown...).Replace(said), "\n") {
		if !strings.HasPrefix(line, "INF ") { // what is going on, on standard error
			lines = append(lines, strings.TrimRight(line, " "))
		}
	}
	return strings.TrimRight(strings.Join(lines, "\n"), "\n") + "\n"
}

var comment = regexp.MustCompile(` # status ([0-9]+)(?:,? or ([0-9]+))?`)

// statusesOf are the statuses with which a command may end, as the page says.
func statusesOf(command string) []string {
	match := comment.FindStringSubmatch(command)
	if match == nil {
		return []string{"0"}
	}
	return slices.DeleteFunc(match[1:], func(status string) bool { return status == "" })
}

// alike leaves out of a text what differs from run to run.
func alike(text string) string {
	text = floor.ReplaceAllString(text, "") // depends on what else the machine does
	return strings.TrimSpace(drawing.ReplaceAllString(figure.ReplaceAllString(text, "0"), " "))
}
