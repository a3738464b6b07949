package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"strings"
	"syscall"

	"github.com/senior-backend/toolkit/scaffolder/internal/api"
	"github.com/senior-backend/toolkit/scaffolder/internal/emit"
	"github.com/senior-backend/toolkit/scaffolder/internal/openapi"
	"github.com/senior-backend/toolkit/scaffolder/internal/relation"
	"github.com/senior-backend/toolkit/scaffolder/internal/tree"
	"github.com/senior-backend/toolkit/shared/fault"
)

// runServer writes a server from a document.
func runServer(ctx context.Context, o options, s streams) error {
	read, err := readDocument(o, s)
	if err != nil {
		return err
	}
	r := result{Spec: o.Spec, Problems: read.Problems}
	return writeServer(ctx, o, s, read.API, nil, r)
}

// readDocument reads o.Spec and logs what is wrong with it. With --strict any
// problem is an error.
func readDocument(o options, s streams) (*openapi.Document, error) {
	read, err := openapi.Read(o.Spec, openapi.Options{Stdin: s.in, AllowRefs: o.AllowRefs, AllowRemote: o.AllowRemote})
	if err != nil {
		return nil, err
	}
	s.log.Debug().Str("version", read.Version).Int("files", len(read.Files)).Int("operations", len(read.API.Operations)).
		Int("webhooks", len(read.API.Webhooks)).Int("schemas", len(read.API.Schemas)).Msg("read " + o.Spec)
	if !o.Strict || len(read.Problems) == 0 {
		logProblems(s, read.Problems, o.Verbose)
	} else {
		first := read.Problems[0]
		logProblems(s, read.Problems[1:], o.Verbose)
		message := first.Message
		if more := len(read.Problems) - 1; more > 0 {
			message += fmt.Sprintf(" (and %d more)", more)
		}
		at := first.Position
		return nil, &fault.Input{Path: at.Path, Line: at.Line, Column: at.Column, Message: message, Hint: "without --strict the rest is generated"}
	}
	return read, nil
}

// writeServer writes a's server where the options say, with further files
// beside it, and the result. rows are what its operations work on; nil for none.
func writeServer(ctx context.Context, o options, s streams, a *api.API, rows *relation.Source, r result, beside ...tree.File) error {
	place, err := placeOf(o)
	if err != nil {
		return err
	}
	tiers, err := guards(o, place, a)
	if err != nil {
		return err
	}
	document := ""
	if o.Docs {
		text, err := openapi.Write(a, openapi.JSON)
		if err != nil {
			return fmt.Errorf("write document: %w", err)
		}
		document = string(text)
	}
	byRoutes, err := pageByRoutes(o, place)
	if err != nil {
		return err
	}
	emitted, err := emit.Server(a, emit.Options{
		Framework: o.Framework, TypesOnly: o.TypesOnly,
		Project: place.project, Source: place.source, Rows: rows, Replies: o.Replies, Document: document,
		PageByRoutes: byRoutes, Idempotency: o.Idempotency, Roles: o.Roles, Tiers: tiers,
		Int64Numbers: o.Int64 == int64Number,
	})
	if err != nil {
		return fmt.Errorf("write server: %w", err)
	}
	if err := ctx.Err(); err != nil {
		return context.Cause(ctx)
	}
	handlers, err := handlersOf(o, place, emitted.Files)
	if err != nil {
		return err
	}
	files := append(treeFiles(emitted.Files, handlers), beside...)
	changes, err := tree.Plan(place.root, files, o.Force)
	if err != nil {
		return err
	}
	changes = append(changes, handlers.left(emitted.Files)...)
	if place.project {
		changes = append(changes, tree.Leftovers(place.root, path.Join(place.source, "test"), ".test.ts", files)...)
	}
	for _, warning := range emitted.Warnings {
		r.Problems = append(r.Problems, openapi.Problem{Position: warning.Position, Severity: openapi.Unsupported, Message: warning.Message})
	}
	logProblems(s, r.Problems[len(r.Problems)-len(emitted.Warnings):], o.Verbose)
	r.Output, r.Framework = filepath.ToSlash(filepath.Clean(o.Output)), o.Framework
	r.Routes, r.Types, r.Root, r.Changes = emitted.RoutesCount, emitted.TypesCount, place.root, changes
	if err := finish(o, s, r); err != nil {
		return err
	}
	handlers.note(s, place)
	if byRoutes {
		notePage(s, place)
	}
	return noteMissing(s, packageAt(place.root), emitted.Packages)
}

// place is where a server goes.
type place struct {
	root    string // directory of the project
	source  string // folder of the sources in it; "" when they stand at its root
	project bool   // the project's own files are written too
}

// placeOf works out what --output means: its last element is where the routes
// stand when it is "routes", and otherwise the directory that holds them.
func placeOf(o options) (place, error) {
	p := place{root: filepath.Clean(o.Output)}
	if info, err := os.Stat(p.root); err == nil && !info.IsDir() {
		return p, &fault.Input{Path: o.Output, Message: "is a file, not a directory to write to", Hint: "choose another --output"}
	}
	if filepath.Base(p.root) == "routes" {
		p.root = filepath.Dir(p.root)
		if filepath.Base(p.root) == "src" {
			p.root, p.source = filepath.Dir(p.root), "src"
		}
	}
	if o.TypesOnly || o.NoProject || o.Project {
		p.project = o.Project
		return p, nil
	}
	ours, err := isOurs(filepath.Join(p.root, p.source))
	if err != nil {
		return p, err
	}
	p.project = ours || packageAt(p.root) == ""
	return p, nil
}

// isOurs says whether the sources in dir were generated together with their
// project, so that the project is kept complete although there is a
// package.json by now.
func isOurs(dir string) (bool, error) {
	const index = "routes/index.ts"
	text, err := os.ReadFile(filepath.Join(dir, filepath.FromSlash(index)))
	switch {
	case errors.Is(err, fs.ErrNotExist), errors.Is(err, syscall.ENOTDIR):
		return false, nil
	case err != nil:
		return false, fmt.Errorf("read %s: %w", index, err)
	}
	_, err = os.Stat(filepath.Join(dir, "app.ts"))
	return err == nil && tree.Sealed(index, string(text)), nil
}

// maxLogged is how many problems are logged without --verbose.
const maxLogged = 40

func logProblems(s streams, problems []openapi.Problem, all bool) {
	for i, problem := range problems {
		if i == maxLogged && !all {
			s.log.Warn().Msgf("and %d more; --verbose lists them all", len(problems)-i)
			return
		}
		s.log.Warn().Msg(strings.Join(strings.Fields(problem.String()), " "))
	}
}
