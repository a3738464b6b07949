// Command oracle holds the parser of routes against the TypeScript compiler,
// over every source file in a directory, and prints what differs.
//
//	go run ./internal/routes/oracle [--typescript DIR] DIR...
//
// Without --typescript, a folder in which `npm install typescript` has run, it
// only counts the files, the problems and the time. With it, both parsers list
// the calls of each file (how many arguments they have, and where they end), its
// functions and its classes; the lists must be equal wherever the compiler sees
// no error.
package main

import (
	"bufio"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"io/fs"
	"log"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/senior-backend/toolkit/scaffolder/internal/routes/ecma"
)

func main() {
	if err := run(os.Args[1:], os.Stdout); err != nil {
		log.Fatal(err)
	}
}

func run(arguments []string, out io.Writer) error {
	flags := flag.NewFlagSet("oracle", flag.ContinueOnError)
	typescript := flags.String("typescript", "", "a folder with node_modules/typescript")
	if err := flags.Parse(arguments); err != nil {
		return fmt.Errorf("parse flags: %w", err)
	}
	if flags.NArg() == 0 {
		return errors.New("name directories of sources")
	}
	var files []string
	for _, folder := range flags.Args() {
		more, err := sources(folder)
		if err != nil {
			return err
		}
		files = append(files, more...)
	}
	var o *oracle
	if *typescript != "" {
		started, err := start(*typescript)
		if err != nil {
			return err
		}
		defer started.stop()
		o = started
	}
	return compare(files, o, out)
}

func sources(folder string) ([]string, error) {
	var files []string
	err := filepath.WalkDir(folder, func(path string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		if strings.Contains(filepath.Base(path), ".d.") { // these hold types alone
			return nil
		}
		switch filepath.Ext(path) {
		case ".ts", ".tsx", ".mts", ".cts", ".js", ".jsx", ".mjs", ".cjs":
			files = append(files, path)
		}
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("list sources: %w", err)
	}
	return files, nil
}

func compare(files []string, o *oracle, out io.Writer) error {
	var spent time.Duration
	size, troubled, differ, judged := 0, 0, 0, 0
	for _, path := range files {
		text, err := os.ReadFile(path)
		if err != nil {
			return fmt.Errorf("read source: %w", err)
		}
		before := time.Now()
		file := ecma.Parse(path, string(text))
		took := time.Since(before)
		spent += took
		size += len(text)
		if took > 2*time.Second {
			_, _ = fmt.Fprintf(out, "%s: took %v\n", path, took)
		}
		ours := summary(file)
		if o == nil {
			if len(file.Problems) > 0 {
				troubled++
				line, column := file.Position(file.Problems[0].Start)
				_, _ = fmt.Fprintf(out, "%s:%d:%d: %s\n", path, line, column, file.Problems[0].Message)
			}
			continue
		}
		theirs, err := o.ask(path)
		if err != nil {
			return err
		}
		if theirs == nil {
			continue
		}
		judged++
		if difference := firstDifference(ours, theirs); difference != "" || len(file.Problems) > 0 {
			differ++
			if len(file.Problems) > 0 {
				line, column := file.Position(file.Problems[0].Start)
				difference += fmt.Sprintf(" (%d:%d: %s)", line, column, file.Problems[0].Message)
			}
			_, _ = fmt.Fprintf(out, "%s: %s\n", path, difference)
		}
	}
	_, _ = fmt.Fprintf(out, "%d files, %.1f MB, parsed in %v", len(files), float64(size)/1e6, spent.Round(time.Millisecond))
	if o == nil {
		_, _ = fmt.Fprintf(out, ", %d with problems\n", troubled)
	} else {
		_, _ = fmt.Fprintf(out, "; %d without errors for the compiler, of which %d are seen otherwise (%.2f%% equal)\n",
			judged, differ, 100*float64(judged-differ)/float64(max(judged, 1)))
	}
	return nil
}

func firstDifference(ours, theirs []string) string {
	for i := range max(len(ours), len(theirs)) {
		var left, right string
		if i < len(ours) {
			left = ours[i]
		}
		if i < len(theirs) {
			right = theirs[i]
		}
		if left != right {
			return fmt.Sprintf("has %q, the compiler %q", left, right)
		}
	}
	return ""
}

// summary lists what both parsers must agree on.
func summary(file *ecma.File) []string {
	var list []string
	ecma.Walk(file.Body, func(n *ecma.Node) bool {
		switch n.Kind {
		case ecma.Call, ecma.New, ecma.ImportCall:
			list = append(list, fmt.Sprintf("call %08d %d", n.End, len(n.List)))
		case ecma.Function:
			if n.Extra != nil && n.Body != nil {
				list = append(list, fmt.Sprintf("function %08d %d", n.End, len(n.Params)))
			}
		case ecma.Class:
			list = append(list, fmt.Sprintf("class %08d", n.End))
		}
		return true
	})
	slices.Sort(list)
	return list
}

// oracle is a process that answers with the compiler's summary of a file.
type oracle struct {
	command *exec.Cmd
	in      io.WriteCloser
	out     *bufio.Reader
}

const script = `
const ts = require("typescript"), fs = require("fs"), k = ts.SyntaxKind;
require("readline").createInterface({ input: process.stdin }).on("line", (path) => {
  const text = fs.readFileSync(path, "utf8"), f = ts.createSourceFile(path, text, ts.ScriptTarget.Latest, false);
  if (f.parseDiagnostics.length) return console.log("null");
  const bytes = new Uint32Array(text.length + 1); let at = 0;
  for (let i = 0; i < text.length; i++) { bytes[i] = at; const c = text.charCodeAt(i);
    at += c < 0x80 ? 1 : c < 0x800 ? 2 : c >= 0xd800 && c < 0xe000 ? 2 : 3; }
  bytes[text.length] = at;
  const list = [], end = (n) => String(bytes[n.end]).padStart(8, "0"), stack = [f];
  while (stack.length) { const n = stack.pop();
    if (n.kind === k.JsxElement || n.kind === k.JsxSelfClosingElement || n.kind === k.JsxFragment) continue;
    if (n.kind === k.CallExpression || n.kind === k.NewExpression) list.push("call " + end(n) + " " + (n.arguments ?? []).length);
    else if (n.parameters && n.body && n.kind !== k.ModuleDeclaration) list.push("function " + end(n) + " " + n.parameters.length);
    else if (n.kind === k.ClassDeclaration || n.kind === k.ClassExpression) list.push("class " + end(n));
    ts.forEachChild(n, (c) => { stack.push(c); });
  }
  console.log(JSON.stringify(list.sort()));
});`

func start(folder string) (*oracle, error) {
	command := exec.Command("node", "-e", script)
	command.Dir = folder
	command.Stderr = os.Stderr
	in, err := command.StdinPipe()
	if err != nil {
		return nil, fmt.Errorf("start node: %w", err)
	}
	out, err := command.StdoutPipe()
	if err != nil {
		return nil, fmt.Errorf("start node: %w", err)
	}
	if err := command.Start(); err != nil {
		return nil, fmt.Errorf("start node: %w", err)
	}
	return &oracle{command, in, bufio.NewReaderSize(out, 1<<20)}, nil
}

func (o *oracle) stop() {
	_ = o.in.Close()
	_ = o.command.Wait()
}

// ask returns nil for a file in which the compiler sees errors.
func (o *oracle) ask(path string) ([]string, error) {
	full, err := filepath.Abs(path)
	if err != nil {
		return nil, fmt.Errorf("ask the compiler: %w", err)
	}
	if _, err := io.WriteString(o.in, full+"\n"); err != nil {
		return nil, fmt.Errorf("ask the compiler: %w", err)
	}
	line, err := o.out.ReadString('\n')
	if err != nil {
		return nil, fmt.Errorf("ask the compiler: %w", err)
	}
	var list []string
	if err := json.Unmarshal([]byte(strings.TrimSpace(line)), &list); err != nil {
		return nil, fmt.Errorf("ask the compiler: %w", err)
	}
	return list, nil
}
