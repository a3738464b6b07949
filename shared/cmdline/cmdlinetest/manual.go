// Package cmdlinetest holds a tool's page in docs/ to the tool itself.
//
// The page, a Markdown file, and the app go in; the test fails when they
// differ. A table of the page whose first cell is a flag is a table of flags:
//
//	| flag | default | what it does | example | refused |
//	| --- | --- | --- | --- | --- |
//	| `--rate N` | | … | `--rate 200` | `--rate -5` |
//
// Code in the first cell names the flag with all its spellings, in the second
// its default, in the fourth and the fifth the arguments of an example and of
// command lines that are usage errors.
package cmdlinetest

import (
	"bytes"
	"context"
	"os"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"github.com/urfave/cli/v2"

	"github.com/senior-backend/toolkit/shared/cmdline"
	"github.com/senior-backend/toolkit/shared/fault"
)

// Page is the reference of one tool.
type Page struct {
	Path string

	// App returns the tool's app, with an action that checks the flags and does
	// nothing.
	App func() *cli.App

	// Base completes the arguments of an example: it adds the positional
	// arguments that the tool cannot do without.
	Base func(args []string) []string
}

var (
	code = regexp.MustCompile("`([^`\n]+)`")
	long = regexp.MustCompile(`(?:^|[^a-zA-Z0-9-])(--[a-z][a-z0-9.-]*[a-z0-9])`)
)

// row is one row of a table of flags.
type row struct {
	names             []string
	value             string
	examples, refused []string
}

// Flags checks that the page has a row for each flag of the app and no other
// flag, that the defaults are right, that the examples are understood and what
// is said to be refused is refused.
func (p Page) Flags(t *testing.T) {
	text := p.read(t)
	app := p.App()
	var help bytes.Buffer
	require.Equal(t, fault.StatusOK, cmdline.Run(context.Background(), app, []string{app.Name, "--verbose", "--help"}, strings.NewReader(""), &help, &help))

	rows := rowsOf(text)
	for _, flag := range app.Flags {
		var spellings []string
		for _, name := range flag.Names() {
			spellings = append(spellings, spelling(name))
		}
		at := slices.IndexFunc(rows, func(r row) bool { return slices.Contains(r.names, spellings[0]) })
		require.GreaterOrEqual(t, at, 0, "%s has no row for %s", p.Path, spellings[0])
		require.ElementsMatch(t, spellings, rows[at].names, "%s: the spellings of %s", p.Path, spellings[0])
		require.Contains(t, help.String(), spellings[0], "--verbose --help")
		p.checkDefault(t, flag, rows[at])
	}
	require.Len(t, rows, len(app.Flags), "%s has rows for flags that are not there, or two for one", p.Path)
	p.Mentions(t, p.Path, "")
	for _, r := range rows {
		p.checkExamples(t, r)
	}
}

// Mentions checks that every flag that a page mentions below a heading of the
// second level, or anywhere without one, is a flag of the app.
func (p Page) Mentions(t *testing.T, path, heading string) {
	text, err := os.ReadFile(path)
	require.NoError(t, err)
	section := "\n" + string(text)
	if heading != "" {
		_, below, found := strings.Cut(section, "\n## "+heading+"\n")
		require.True(t, found, "%s has no heading %s", path, heading)
		section, _, _ = strings.Cut(below, "\n## ")
	}
	app := p.App()
	cmdline.Run(context.Background(), app, []string{app.Name, "--version"}, strings.NewReader(""), &bytes.Buffer{}, &bytes.Buffer{})
	known := map[string]bool{}
	for _, flag := range app.Flags {
		for _, name := range flag.Names() {
			known[spelling(name)] = true
		}
	}
	for _, match := range long.FindAllStringSubmatch(section, -1) {
		require.True(t, known[match[1]], "%s mentions %s, which is no flag of %s", path, match[1], app.Name)
	}
}

func (p Page) read(t *testing.T) string {
	t.Helper()
	text, err := os.ReadFile(p.Path)
	require.NoError(t, err)
	return string(text)
}

func (p Page) checkDefault(t *testing.T, flag cli.Flag, r row) {
	t.Helper()
	doc, ok := flag.(cli.DocGenerationFlag)
	if !ok || !doc.TakesValue() {
		require.Empty(t, r.value, "%s: a switch is off by default", r.names[0])
		return
	}
	value := strings.Trim(doc.GetDefaultText(), `"`)
	if value == "0" || value == "0s" || value == "[]" {
		value = ""
	}
	shown := strings.TrimSuffix(r.value, ".")
	if shown == "0" {
		shown = ""
	}
	require.Equal(t, value, shown, "the default of %s", r.names[0])
}

func (p Page) checkExamples(t *testing.T, r row) {
	t.Helper()
	require.NotEmpty(t, r.examples, "%s has no example", r.names[0])
	require.NotEmpty(t, r.refused, "%s has no example of what is refused", r.names[0])
	for _, example := range r.examples {
		status, said := p.try(example)
		require.NotEqual(t, fault.StatusUsage, status, "the example of %s: %s: %s", r.names[0], example, said)
	}
	for _, line := range r.refused {
		status, said := p.try(line)
		require.Equal(t, fault.StatusUsage, status, "%s is said to be refused: %s: %s", r.names[0], line, said)
	}
}

// try checks a command line without doing what it says.
func (p Page) try(line string) (status int, said string) {
	var stderr bytes.Buffer
	app := p.App()
	status = cmdline.Run(context.Background(), app, append([]string{app.Name}, p.Base(words(line))...), strings.NewReader(""), &bytes.Buffer{}, &stderr)
	return status, stderr.String()
}

// rowsOf are the rows of the page's tables of flags.
func rowsOf(text string) []row {
	var rows []row
	for line := range strings.Lines(text) {
		cells := strings.Split(strings.Trim(strings.TrimSpace(line), "|"), "|")
		if len(cells) != 5 || !strings.HasPrefix(strings.TrimSpace(cells[0]), "`-") {
			continue
		}
		var r row
		for _, name := range codes(cells[0]) {
			r.names = append(r.names, strings.Fields(name)[0])
		}
		r.value = strings.Join(codes(cells[1]), " ")
		r.examples, r.refused = codes(cells[3]), codes(cells[4])
		rows = append(rows, r)
	}
	return rows
}

func codes(cell string) []string {
	var found []string
	for _, match := range code.FindAllStringSubmatch(cell, -1) {
		found = append(found, match[1])
	}
	return found
}

// words splits a command line at blanks outside quotes.
func words(line string) []string {
	var list []string
	var word strings.Builder
	quote, open := rune(0), false
	for _, r := range line {
		switch {
		case quote != 0 && r == quote:
			quote = 0
		case quote == 0 && (r == '\'' || r == '"'):
			quote, open = r, true
		case quote == 0 && r == ' ':
			if open {
				list = append(list, word.String())
				word.Reset()
			}
			open = false
		default:
			word.WriteRune(r)
			open = true
		}
	}
	if open {
		list = append(list, word.String())
	}
	return list
}

func spelling(name string) string {
	if len(name) == 1 {
		return "-" + name
	}
	return "--" + name
}

// Commands checks that every line of a fenced block that calls the tool, in the
// Markdown files at the paths, is one that the tool understands. It returns how
// many there are. A line of usage, with its brackets, and a drawing call nothing.
func (p Page) Commands(t *testing.T, paths ...string) int {
	name, n := p.App().Name, 0
	for _, path := range paths {
		text, err := os.ReadFile(path)
		require.NoError(t, err)
		for _, line := range fenced(string(text)) {
			arguments, calls := strings.CutPrefix(line, name+" ")
			if !calls || strings.HasPrefix(arguments, "[") || strings.HasPrefix(arguments, " ") {
				continue
			}
			n++
			var stderr bytes.Buffer
			app := p.App()
			status := cmdline.Run(context.Background(), app, append([]string{name}, words(arguments)...), strings.NewReader(""), &bytes.Buffer{}, &stderr)
			require.NotEqual(t, fault.StatusUsage, status, "%s: %s: %s", path, line, stderr.String())
		}
	}
	return n
}

// fenced are the lines of a page's fenced blocks, without prompts, comments and
// what the shell does besides calling a command.
func fenced(text string) []string {
	var lines []string
	inside := false
	for line := range strings.Lines(strings.ReplaceAll(text, "\\\n", " ")) {
		line = strings.TrimPrefix(strings.TrimSpace(line), "$ ")
		if strings.HasPrefix(line, "```") {
			inside = !inside
			continue
		}
		for _, end := range []string{" | ", " > ", " && ", " || ", "; ", "  #", " &"} {
			line, _, _ = strings.Cut(line, end)
		}
		if inside {
			lines = append(lines, line)
		}
	}
	return lines
}

// Keys checks that the page names, as code, every key of the JSON that the
// values become.
func (p Page) Keys(t *testing.T, values ...any) {
	text := p.read(t)
	named := map[string]bool{}
	for _, span := range codes(text) {
		for _, name := range regexp.MustCompile(`[a-z_0-9]+`).FindAllString(span, -1) {
			named[name] = true
		}
	}
	for _, value := range values {
		for _, key := range keys(reflect.TypeOf(value)) {
			require.True(t, named[key], "%s does not name the JSON key %s of %T", p.Path, key, value)
		}
	}
}

// keys are the keys of a type's JSON, those of what it holds included.
func keys(of reflect.Type) []string {
	switch of.Kind() {
	case reflect.Pointer, reflect.Slice, reflect.Array, reflect.Map:
		return keys(of.Elem())
	case reflect.Struct:
		var list []string
		for field := range of.Fields() {
			tag := field.Tag.Get("json")
			name, _, _ := strings.Cut(tag, ",")
			if tag == "-" || name == "" && !field.Anonymous {
				continue
			}
			if name != "" {
				list = append(list, name)
			}
			list = append(list, keys(field.Type)...)
		}
		return list
	}
	return nil
}
