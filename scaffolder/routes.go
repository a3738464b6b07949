package main

import (
	"context"
	"fmt"
	"os"
	"strings"

	"github.com/senior-backend/toolkit/scaffolder/internal/api"
	"github.com/senior-backend/toolkit/scaffolder/internal/openapi"
	"github.com/senior-backend/toolkit/scaffolder/internal/routes"
	"github.com/senior-backend/toolkit/shared/fault"
)

// isDirectory tells a directory of sources from a document.
func isDirectory(path string) bool {
	info, err := os.Stat(path)
	return err == nil && info.IsDir()
}

// runRoutes writes an OpenAPI document from the routes in a directory.
func runRoutes(_ context.Context, o options, s streams) error {
	read, err := routes.Read(o.Spec)
	if err != nil {
		return err
	}
	s.log.Debug().Int("files", read.Files).Int("routes", len(read.Findings)).Msg("read " + o.Spec)
	r := result{Spec: o.Spec, Findings: read.Findings}
	for _, note := range read.Notes {
		r.Problems = append(r.Problems, openapi.Problem{Position: note.Position, Severity: openapi.Unsupported, Message: note.Message})
	}
	logProblems(s, r.Problems, o.Verbose)
	if len(read.Findings) == 0 {
		return &fault.Input{
			Path: o.Spec, Message: "no route was found in it",
			Hint: "name the directory of the sources that tell Express, Fastify or Koa of routes",
		}
	}
	a := read.API
	if o.Merge != "" {
		if a, err = mergeInto(o, s, a, &r); err != nil {
			return err
		}
	}
	if o.Output == "" && !o.JSON && o.Verbose {
		for _, line := range findingLines(read.Findings) {
			s.log.Info().Msg(line)
		}
	}
	return writeDocument(o, s, a, r)
}

// mergeInto brings the document at o.Merge up to date, and tells of routes that
// have come and gone.
func mergeInto(o options, s streams, a *api.API, r *result) (*api.API, error) {
	written, err := openapi.Read(o.Merge, openapi.Options{Stdin: s.in, AllowRefs: o.AllowRefs})
	if err != nil {
		return nil, err
	}
	logProblems(s, written.Problems, o.Verbose)
	r.Problems = append(r.Problems, written.Problems...)
	merged := routes.Merge(written.API, a)
	for _, op := range merged.Added {
		r.Merged = append(r.Merged, "added "+op.Method+" "+op.Path)
		s.log.Info().Msgf("%s:%d: added %s %s: the document does not have it", op.Position.Path, op.Position.Line, op.Method, op.Path)
	}
	for _, op := range merged.Removed {
		r.Merged = append(r.Merged, "removed "+op.Method+" "+op.Path)
		s.log.Warn().Msgf("%s:%d: removed %s %s: no route serves it", op.Position.Path, op.Position.Line, op.Method, op.Path)
	}
	return merged.API, nil
}

// findingLines say for each route where it stands, what was found of it, and what
// to add.
func findingLines(findings []routes.Finding) []string {
	lines := make([]string, 0, len(findings))
	for _, f := range findings {
		line := fmt.Sprintf("%s:%d: %s %s", f.Position.Path, f.Position.Line, f.Method, f.Path)
		if len(f.Found) > 0 {
			line += ": found " + strings.Join(f.Found, ", ")
		}
		if len(f.Missing) > 0 {
			line += "; to add: " + strings.Join(f.Missing, "; ")
		}
		lines = append(lines, line)
	}
	return lines
}
