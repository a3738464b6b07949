// Command drive starts the server of every API description in a directory and
// holds it to its description: for each operation, valid requests pass, a
// request that breaks one rule is answered with 400 naming the field, and wrong
// media types, methods, paths, credentials and scopes are refused as they should
// be. It prints a table, and below it what went wrong.
//
//	go run ./internal/corpus/drive --packages DIR [--framework F] [--only TEXT] DIR
package main

import (
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"log"
	"os"
	"os/exec"
	"path/filepath"
	"strings"

	"github.com/senior-backend/toolkit/scaffolder/internal/corpus/documents"
	"github.com/senior-backend/toolkit/scaffolder/internal/emit"
	"github.com/senior-backend/toolkit/scaffolder/internal/emit/plan"
	"github.com/senior-backend/toolkit/scaffolder/internal/openapi"
)

func main() {
	if err := run(os.Args[1:], os.Stdout); err != nil {
		log.Fatal(err)
	}
}

type options struct {
	packages, only, failures string
	frameworks               []string
	limit, largest           int
}

func run(arguments []string, out io.Writer) error {
	var o options
	flags := flag.NewFlagSet("drive", flag.ContinueOnError)
	flags.StringVar(&o.packages, "packages", "", "a folder with node_modules")
	flags.StringVar(&o.only, "only", "", "documents whose path holds this text")
	flags.StringVar(&o.failures, "failures", "", "a file for every failure, one JSON object a line")
	flags.IntVar(&o.limit, "limit", 60, "invalid requests for each operation")
	flags.IntVar(&o.largest, "operations", 5000, "leave out documents with more operations")
	framework := flags.String("framework", "express,fastify,koa", "which to start")
	if err := flags.Parse(arguments); err != nil {
		return fmt.Errorf("parse flags: %w", err)
	}
	if flags.NArg() != 1 || o.packages == "" {
		return errors.New("give --packages and one directory of documents")
	}
	o.frameworks = strings.Split(*framework, ",")
	found, err := documents.In(flags.Arg(0))
	if err != nil {
		return err
	}
	record := io.Discard
	if o.failures != "" {
		file, err := os.Create(o.failures)
		if err != nil {
			return fmt.Errorf("create file of failures: %w", err)
		}
		defer file.Close()
		record = file
	}
	_, _ = fmt.Fprintf(out, "%-40s %-8s %6s %6s %6s %6s %6s %6s\n", "document", "with", "ops", "driven", "valid", "broken", "other", "faults")
	var all tally
	for _, document := range found {
		if !strings.Contains(document, o.only) {
			continue
		}
		for _, framework := range o.frameworks {
			all.add(one(o, document, framework, out, record))
		}
	}
	_, _ = fmt.Fprintf(out, "%-40s %-8s %6d %6d %6d %6d %6d %6d\n", "all", "", all.operations, all.driven, all.valid, all.broken, all.other, len(all.faults))
	return nil
}

// tally counts requests and keeps what went wrong.
type tally struct {
	operations, driven, valid, broken, other int
	faults                                   []fault
}

// fault is a request that was not answered as it should have been.
type fault struct {
	Document, Framework, Operation, Request, Body, Wanted, Got string
}

func (t *tally) add(other tally) {
	t.operations += other.operations
	t.driven += other.driven
	t.valid += other.valid
	t.broken += other.broken
	t.other += other.other
	t.faults = append(t.faults, other.faults...)
}

func one(o options, document, framework string, out, record io.Writer) tally {
	name := filepath.Base(document)
	failed := func(what string, err error) tally {
		_, _ = fmt.Fprintf(out, "%-40s %-8s %s: %v\n", name, framework, what, err)
		return tally{faults: []fault{{Document: name, Framework: framework, Wanted: what, Got: err.Error()}}}
	}
	read, err := openapi.Read(document, openapi.Options{})
	if err != nil {
		return failed("not read", err)
	}
	p := plan.New(read.API)
	if len(p.Operations) == 0 || len(p.Operations) > o.largest {
		return tally{}
	}
	folder, err := os.MkdirTemp("", "drive-")
	if err != nil {
		return failed("no folder", err)
	}
	defer os.RemoveAll(folder)
	if err := build(o, read, framework, folder); err != nil {
		return failed("not built", err)
	}
	server, err := start(folder, p)
	if err != nil {
		return failed("not started", err)
	}
	defer server.stop()
	d := &driver{plan: p, server: server, limit: o.limit}
	d.all()
	_, _ = fmt.Fprintf(out, "%-40s %-8s %6d %6d %6d %6d %6d %6d\n", name, framework, d.operations, d.driven, d.valid, d.broken, d.other, len(d.faults))
	for i, one := range d.faults {
		one.Document, one.Framework = name, framework
		if line, err := json.Marshal(one); err == nil {
			_, _ = fmt.Fprintln(record, string(line))
		}
		if i < 5 {
			_, _ = fmt.Fprintf(out, "    %s: %s %.200s\n        wanted %s, got %.300s\n", one.Operation, one.Request, one.Body, one.Wanted, one.Got)
		}
	}
	return d.tally
}

// build writes a project and translates it without judging its types.
func build(o options, read *openapi.Document, framework, folder string) error {
	result, err := emit.Server(read.API, emit.Options{Framework: framework, Project: true})
	if err != nil {
		return fmt.Errorf("write server: %w", err)
	}
	for _, file := range result.Files {
		path := filepath.Join(folder, filepath.FromSlash(file.Path))
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			return fmt.Errorf("make folder: %w", err)
		}
		if err := os.WriteFile(path, []byte(file.Content), 0o644); err != nil {
			return fmt.Errorf("write file: %w", err)
		}
	}
	if err := os.Symlink(filepath.Join(o.packages, "node_modules"), filepath.Join(folder, "node_modules")); err != nil {
		return fmt.Errorf("link packages: %w", err)
	}
	command := exec.Command(filepath.Join(o.packages, "node_modules", ".bin", "tsc"), "-p", ".", "--noCheck")
	command.Dir = folder
	if output, err := command.CombinedOutput(); err != nil {
		return fmt.Errorf("compile: %w: %s", err, output)
	}
	return nil
}
