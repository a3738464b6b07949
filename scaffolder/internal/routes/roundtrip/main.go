// Command roundtrip writes the server of every API description in a directory,
// reads its routes back, and prints how many operations came back as they were,
// and what differs in the others.
//
//	go run ./internal/routes/roundtrip [flags] DIR
//
// Operations are compared by what a client can tell: method, path, operationId
// (where the document has one), parameters, body, answers, schemas with their
// references resolved, and security. Titles, descriptions, examples and tags do
// not count, nor does whether a schema has a name.
//
// With -valid, the documents that are written of what was read, of 3.1 and of 3.0,
// are held against the schemas of OpenAPI, and what is wrong with them is printed.
package main

import (
	"cmp"
	"errors"
	"flag"
	"fmt"
	"io"
	"io/fs"
	"log"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/senior-backend/toolkit/scaffolder/internal/api"
	"github.com/senior-backend/toolkit/scaffolder/internal/emit"
	"github.com/senior-backend/toolkit/scaffolder/internal/openapi"
	"github.com/senior-backend/toolkit/scaffolder/internal/routes"
)

func main() {
	if err := run(os.Args[1:], os.Stdout); err != nil {
		log.Fatal(err)
	}
}

type options struct {
	frameworks string
	only       string
	show       int
	kind       string
	valid      bool
}

func run(arguments []string, out io.Writer) error {
	var o options
	flags := flag.NewFlagSet("roundtrip", flag.ContinueOnError)
	flags.StringVar(&o.frameworks, "frameworks", "express,fastify,koa", "the frameworks, separated by commas")
	flags.StringVar(&o.only, "only", "", "documents whose path holds this text")
	flags.IntVar(&o.show, "show", 0, "how many differences of each document to print")
	flags.StringVar(&o.kind, "kind", "", "print only differences whose kind holds this text")
	flags.BoolVar(&o.valid, "valid", false, "hold what is written against the schemas of OpenAPI")
	if err := flags.Parse(arguments); err != nil {
		return fmt.Errorf("parse flags: %w", err)
	}
	if flags.NArg() != 1 {
		return errors.New("name one directory of documents")
	}
	documents, err := documentsIn(flags.Arg(0))
	if err != nil {
		return err
	}
	total := newTally()
	for _, document := range documents {
		if !strings.Contains(document, o.only) {
			continue
		}
		read, err := openapi.Read(document, openapi.Options{})
		if err != nil || len(read.API.Operations) == 0 {
			continue
		}
		for framework := range strings.SplitSeq(o.frameworks, ",") {
			one := newTally()
			one.show, one.kind, one.out, one.valid = o.show, o.kind, out, o.valid
			if err := trip(read.API, framework, one); err != nil {
				_, _ = fmt.Fprintf(out, "%-44s %-8s %v\n", filepath.Base(document), framework, err)
				continue
			}
			_, _ = fmt.Fprintf(out, "%-44s %-8s %5d of %5d\n", filepath.Base(document), framework, one.same, one.all)
			total.add(one)
		}
	}
	_, _ = fmt.Fprintf(out, "%d of %d operations came back as they were: %.1f%%\n", total.same, total.all, 100*float64(total.same)/float64(max(total.all, 1)))
	if o.valid {
		_, _ = fmt.Fprintf(out, "%d of %d documents are valid, as 3.1 and as 3.0\n", total.documents-total.invalid, total.documents)
	}
	reasons := slices.SortedFunc(maps.Keys(total.reasons), func(a, b string) int { return cmp.Compare(total.reasons[b], total.reasons[a]) })
	for _, reason := range reasons {
		_, _ = fmt.Fprintf(out, "%6d operations differ in %s, %d in nothing else\n", total.reasons[reason], reason, total.alone[reason])
	}
	return nil
}

func documentsIn(folder string) ([]string, error) {
	var found []string
	err := filepath.WalkDir(folder, func(path string, entry fs.DirEntry, err error) error {
		if err == nil && !entry.IsDir() && slices.Contains([]string{".yaml", ".yml", ".json"}, filepath.Ext(path)) {
			found = append(found, path)
		}
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("walk documents: %w", err)
	}
	return found, nil
}

// tally counts operations, and what differs in those that are not the same.
type tally struct {
	all, same int
	reasons   map[string]int // operations that differ in a kind of thing
	alone     map[string]int // of those, the ones that differ in nothing else
	show      int
	kind      string
	out       io.Writer
	valid     bool // look whether the documents are
	documents int  // that were looked at, of 3.1 and 3.0 as one
	invalid   int
}

func newTally() *tally { return &tally{reasons: map[string]int{}, alone: map[string]int{}} }

func (t *tally) add(other *tally) {
	t.all += other.all
	t.same += other.same
	t.documents += other.documents
	t.invalid += other.invalid
	for reason, n := range other.reasons {
		t.reasons[reason] += n
	}
	for reason, n := range other.alone {
		t.alone[reason] += n
	}
}

// count takes what differs in one operation.
func (t *tally) count(op *api.Operation, differences []difference) {
	t.all++
	if len(differences) == 0 {
		t.same++
		return
	}
	seen := map[string]bool{}
	for _, d := range differences {
		if !seen[d.kind] {
			seen[d.kind] = true
			t.reasons[d.kind]++
			if t.show > 0 && strings.Contains(d.kind, t.kind) {
				t.show--
				_, _ = fmt.Fprintf(t.out, "    %s %s: %s: %s\n", op.Method, op.Path, d.kind, d.text)
			}
		}
	}
	if len(seen) == 1 {
		t.alone[differences[0].kind]++
	}
}

// trip writes a server into a temporary folder and reads it back.
func trip(a *api.API, framework string, t *tally) error {
	back, err := again(a, framework)
	if err != nil {
		return err
	}
	c := newComparison(a, back)
	for _, op := range a.Operations {
		t.count(op, c.differences(op))
	}
	if t.valid {
		return t.validate(back)
	}
	return nil
}

// validate counts and prints what is wrong with the documents of an API.
func (t *tally) validate(a *api.API) error {
	t.documents++
	wrong, err := faults(a)
	if err != nil {
		return err
	}
	if len(wrong) > 0 {
		t.invalid++
	}
	for _, fault := range wrong[:min(len(wrong), 5)] {
		_, _ = fmt.Fprintln(t.out, "    invalid:", fault)
	}
	return nil
}

// again is the API that is read from the sources of the server of an API.
func again(a *api.API, framework string) (*api.API, error) {
	emitted, err := emit.Server(a, emit.Options{Framework: framework, Source: "src", Project: true})
	if err != nil {
		return nil, fmt.Errorf("emit: %w", err)
	}
	folder, err := os.MkdirTemp("", "roundtrip-")
	if err != nil {
		return nil, fmt.Errorf("make folder: %w", err)
	}
	defer os.RemoveAll(folder)
	for _, file := range emitted.Files {
		path := filepath.Join(folder, filepath.FromSlash(file.Path))
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			return nil, fmt.Errorf("make folder: %w", err)
		}
		if err := os.WriteFile(path, []byte(file.Content), 0o600); err != nil {
			return nil, fmt.Errorf("write file: %w", err)
		}
	}
	read, err := routes.Read(filepath.Join(folder, "src", "routes"))
	if err != nil {
		return nil, fmt.Errorf("read back: %w", err)
	}
	return read.API, nil
}
