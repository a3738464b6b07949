package main

import (
	"context"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"

	"github.com/senior-backend/toolkit/scaffolder/internal/api"
	"github.com/senior-backend/toolkit/scaffolder/internal/openapi"
	"github.com/senior-backend/toolkit/scaffolder/internal/tree"
	"github.com/senior-backend/toolkit/shared/fault"
)

// runDocument writes an OpenAPI document from a directory of routes, or from
// another document.
func runDocument(ctx context.Context, o options, s streams) error {
	if isDirectory(o.Spec) {
		return runRoutes(ctx, o, s)
	}
	if o.Merge != "" {
		return fault.Usagef("--merge goes with a directory of routes: %s is none", o.Spec)
	}
	read, err := readDocument(o, s)
	if err != nil {
		return err
	}
	return writeDocument(o, s, read.API, result{Spec: o.Spec, Problems: read.Problems})
}

// writeDocument writes a as an OpenAPI document: to stdout when no output is
// named, unless --json wants stdout for the result.
func writeDocument(o options, s streams, a *api.API, r result) error {
	format := openapi.YAML
	if strings.EqualFold(filepath.Ext(o.Output), ".json") {
		format = openapi.JSON
	}
	text, left, err := encode(a, format, o.Version)
	if err != nil {
		return fmt.Errorf("write document: %w", err)
	}
	logProblems(s, left, o.Verbose)
	r.Problems = append(r.Problems, left...)
	r.Routes, r.Types = len(a.Operations), len(a.Schemas)
	return writeText(o, s, string(text), "openapi.yaml", r)
}

// writeText writes one file: to stdout when no output is named, unless --json
// wants stdout for the result. usual is what such files are called.
func writeText(o options, s streams, text, usual string, r result) error {
	what := "document"
	if r.What != "" {
		what = "load plan"
	}
	if o.Output == "" && !o.JSON {
		_, err := io.WriteString(s.out, text)
		return err
	}
	if o.Output == "" {
		r.Document = text
		return r.printJSON(o, s)
	}
	if info, err := os.Stat(o.Output); err == nil && info.IsDir() {
		return &fault.Input{Path: o.Output, Message: "is a directory, not a file to write the " + what + " to", Hint: "name a file in it, such as " + filepath.Join(o.Output, usual)}
	}
	r.Root, r.Output = filepath.Dir(o.Output), filepath.ToSlash(filepath.Clean(o.Output))
	file := tree.File{Path: filepath.Base(o.Output), Content: text, Bare: true, Spare: r.What == "" && o.Merge == ""}
	var err error
	if r.Changes, err = tree.Plan(r.Root, []tree.File{file}, o.Force); err != nil {
		return err
	}
	return finish(o, s, r)
}

// encode returns the text of a in a version, and what that cannot say.
func encode(a *api.API, format openapi.Format, version string) ([]byte, []openapi.Problem, error) {
	if version == oldVersion {
		return openapi.WriteOld(a, format)
	}
	text, err := openapi.Write(a, format)
	return text, nil, err
}
