package cmdline

import (
	"bufio"
	"bytes"
	"compress/gzip"
	"context"
	"encoding/json"
	"flag"
	"fmt"
	"math"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"github.com/urfave/cli/v2"

	"github.com/senior-backend/toolkit/shared/fault"
)

var update = flag.Bool("update", false, "make new command lines and record what python3.11's argparse says to them")

const (
	recording  = "testdata/argparse.jsonl.gz"
	oracle     = "testdata/argparse_answers.py"
	oracleWant = "3.11" // later versions read "-vc=5" and some abbreviations otherwise
	linesAsked = 12000
)

// recorded is one command line and what argparse said to it.
type recorded struct {
	Set    string          `json:"set"`
	Args   []string        `json:"args"`
	Answer json.RawMessage `json:"answer"`
}

// TestArgparse holds the parser to argparse's recorded answers and, where the
// Python they were recorded with is at hand, the record to argparse.
func TestArgparse(t *testing.T) {
	python := findPython()
	if *update {
		require.NotEmpty(t, python, "recording needs python "+oracleWant)
		record(t, python)
	}
	lines := readRecording(t)
	require.GreaterOrEqual(t, len(lines), 10000)
	t.Run("ours", func(t *testing.T) {
		for part := range slices.Chunk(lines, 1500) {
			t.Run(part[0].Set, func(t *testing.T) {
				t.Parallel()
				for _, line := range part {
					require.JSONEq(t, string(line.Answer), ours(t, line.Set, line.Args), "%s %q", line.Set, line.Args)
				}
			})
		}
	})
	if python == "" {
		t.Logf("no python %s here: the recorded answers stand for it", oracleWant)
		return
	}
	for i, answer := range ask(t, python, lines) {
		require.JSONEq(t, answer, string(lines[i].Answer), "the record of %s %q is wrong", lines[i].Set, lines[i].Args)
	}
}

// ours says what Run makes of args, in the words of the oracle.
func ours(t *testing.T, set string, args []string) string {
	t.Helper()
	var stdout, stderr bytes.Buffer
	app := flagSets()[set]
	app.Action = func(c *cli.Context) error {
		_, err := c.App.Writer.Write(spoken(t, c))
		return err
	}
	argv := append([]string{set}, args...)
	prepare(app, strings.NewReader(""), &stdout, &stderr)
	if line, err := parse(app, argv); err == nil && line.stop == "" && line.given(completionFlag) {
		// Run would print a script; the question is how the line is read.
		require.NoError(t, app.RunContext(t.Context(), line.argv))
		return stdout.String()
	}
	status := Run(context.Background(), app, argv, strings.NewReader(""), &stdout, &stderr)
	switch {
	case status == fault.StatusUsage:
		_, err := parse(app, argv)
		var usage *fault.Usage
		require.ErrorAs(t, err, &usage)
		require.Empty(t, stdout.String())
		require.Equal(t, 1, strings.Count(stderr.String(), "\n"), "one line: %q", stderr.String())
		return encode(t, map[string]any{"error": usage.Message})
	case strings.HasPrefix(stdout.String(), "{"):
	case strings.Contains(stdout.String(), "Usage: "):
		stdout = *bytes.NewBufferString(`{"stop": "help"}`)
	default:
		stdout = *bytes.NewBufferString(`{"stop": "version"}`)
	}
	require.Equal(t, fault.StatusOK, status, stderr.String())
	return stdout.String()
}

// spoken is what the action sees, as JSON.
func spoken(t *testing.T, c *cli.Context) []byte {
	values := map[string]any{}
	for _, f := range c.App.Flags {
		name := f.Names()[0]
		if !c.IsSet(name) {
			continue
		}
		switch f.(type) {
		case *cli.Float64Flag:
			values[name] = bits(c.Float64(name))
		case *cli.StringSliceFlag:
			values[name] = c.StringSlice(name)
		case *cli.IntSliceFlag:
			values[name] = c.IntSlice(name)
		default:
			values[name] = c.Value(name)
		}
	}
	positionals := append([]string{}, c.Args().Slice()...)
	return []byte(encode(t, map[string]any{"flags": values, "positionals": positionals}))
}

func bits(f float64) string {
	if math.IsNaN(f) {
		return "nan"
	}
	return fmt.Sprintf("%016x", math.Float64bits(f))
}

func encode(t *testing.T, value any) string {
	t.Helper()
	text, err := json.Marshal(value)
	require.NoError(t, err)
	return string(text)
}

// findPython returns the Python that the answers were recorded with, if it is
// installed with the libraries that the oracle needs; python3-minimal lacks some.
func findPython() string {
	const asked = "import argparse, json, struct, sys; print('%d.%d' % sys.version_info[:2])"
	for _, name := range []string{"python3", "python" + oracleWant} {
		out, err := exec.Command(name, "-c", asked).Output()
		if err == nil && strings.TrimSpace(string(out)) == oracleWant {
			return name
		}
	}
	return ""
}

// ask puts the lines to argparse, all in one process.
func ask(t *testing.T, python string, lines []recorded) []string {
	t.Helper()
	type declared struct {
		Names []string `json:"names"`
		Kind  string   `json:"kind"`
		Many  bool     `json:"many"`
	}
	var (
		sets  [][]declared
		index = map[string]int{}
		asked [][]any
	)
	for name, app := range flagSets() {
		prepare(app, nil, nil, nil)
		var set []declared
		for i, o := range options(app.Flags, true) {
			kind := map[valueKind]string{kindText: "text", kindInt: "int", kindFloat: "float"}[o.kind]
			if !o.takesValue {
				kind = "bool"
			}
			slice, ok := app.Flags[i].(cli.DocGenerationSliceFlag)
			set = append(set, declared{o.spelled, kind, ok && slice.IsSliceFlag()})
		}
		index[name] = len(sets)
		sets = append(sets, set)
	}
	for _, line := range lines {
		asked = append(asked, []any{index[line.Set], line.Args})
	}
	command := exec.Command(python, oracle)
	command.Stdin = strings.NewReader(encode(t, map[string]any{"sets": sets, "lines": asked}))
	command.Stderr = os.Stderr
	out, err := command.Output()
	require.NoError(t, err)
	answers := strings.Split(strings.TrimSuffix(string(out), "\n"), "\n")
	require.Len(t, answers, len(lines))
	return answers
}

func record(t *testing.T, python string) {
	t.Helper()
	lines := makeLines(linesAsked)
	for i, answer := range ask(t, python, lines) {
		lines[i].Answer = json.RawMessage(answer)
	}
	var packed bytes.Buffer
	zip, err := gzip.NewWriterLevel(&packed, gzip.BestCompression)
	require.NoError(t, err)
	encoder := json.NewEncoder(zip)
	for _, line := range lines {
		require.NoError(t, encoder.Encode(line))
	}
	require.NoError(t, zip.Close())
	require.NoError(t, os.MkdirAll(filepath.Dir(recording), 0o755))
	require.NoError(t, os.WriteFile(recording, packed.Bytes(), 0o644))
}

func readRecording(t *testing.T) []recorded {
	t.Helper()
	file, err := os.Open(recording)
	require.NoError(t, err)
	defer file.Close()
	unzipped, err := gzip.NewReader(file)
	require.NoError(t, err)
	var lines []recorded
	for scanner := bufio.NewScanner(unzipped); scanner.Scan(); {
		var line recorded
		require.NoError(t, json.Unmarshal(scanner.Bytes(), &line))
		lines = append(lines, line)
	}
	return lines
}
