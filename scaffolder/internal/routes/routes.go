// Package routes reads the HTTP API of a server out of its sources.
//
// A directory of TypeScript or JavaScript goes in; an api.API comes out, with a
// finding for every route, which says where it stands and what of it is not
// known, and notes of what could not be resolved. The sources are parsed (package
// ecma), what builds the application is followed through modules, functions and
// loops (interpret), the calls of Express, Fastify and Koa are kept (framework),
// and what their handlers and validators say becomes parameters, bodies, answers
// and schemas (describe). Nothing is executed and nothing outside of the package
// that the directory belongs to is read. Refused is only a directory that cannot be
// read or holds no sources.
package routes

import (
	"cmp"
	"encoding/json"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/senior-backend/toolkit/scaffolder/internal/api"
	"github.com/senior-backend/toolkit/scaffolder/internal/routes/describe"
	"github.com/senior-backend/toolkit/scaffolder/internal/routes/ecma"
	"github.com/senior-backend/toolkit/scaffolder/internal/routes/framework"
	"github.com/senior-backend/toolkit/scaffolder/internal/routes/interpret"
	"github.com/senior-backend/toolkit/shared/fault"
)

// Result is what the sources say.
type Result struct {
	API      *api.API
	Findings []Finding
	Notes    []Note
	Files    int // that were looked at
}

// Finding is one route.
type Finding = describe.Finding

// Note is something that could not be read, and where.
type Note struct {
	Position api.Position
	Message  string
}

// Read reads the sources in a directory.
func Read(folder string) (*Result, error) {
	info, err := os.Stat(folder)
	if err != nil {
		return nil, fmt.Errorf("read routes: %w", err)
	}
	if !info.IsDir() {
		return nil, &fault.Input{Path: folder, Message: "is no directory of sources"}
	}
	full, err := filepath.Abs(folder)
	if err != nil {
		return nil, fmt.Errorf("read routes: %w", err)
	}
	if full, err = filepath.EvalSymlinks(full); err != nil {
		return nil, fmt.Errorf("read routes: %w", err)
	}
	files, err := sources(full)
	if err != nil {
		return nil, err
	}
	if len(files) == 0 {
		return nil, &fault.Input{Path: folder, Message: "holds no TypeScript or JavaScript", Hint: "name the directory of the server's sources"}
	}
	host := framework.New()
	machine := interpret.New(packageRoot(full), host)
	host.Machine = machine
	r := &reader{shown: folder, full: full, result: &Result{Files: len(files)}}
	for _, path := range files {
		if mentions(path) {
			r.guarded(path, func() { machine.Load(path) })
		}
	}
	r.guarded(full, machine.Finish)
	found := host.Routes()
	for _, n := range host.Notes {
		r.note(n.Place, n.Message)
	}
	for _, place := range machine.Stopped {
		r.note(place, "more is done here than is followed; routes that come after this may be missing")
	}
	described := describe.Describe(found, describe.Options{Machine: machine, Host: host, Position: r.position})
	r.result.API, r.result.Findings = described.API, described.Findings
	for _, p := range described.Problems {
		r.result.Notes = append(r.result.Notes, Note(p))
	}
	r.title(packageRoot(full))
	r.finish()
	return r.result, nil
}

type reader struct {
	shown  string // the directory as the user named it
	full   string
	result *Result
}

// position is where something stands, as the user would write it.
func (r *reader) position(place interpret.Place) api.Position {
	if place.Module == nil || place.Module.File == nil || place.Node == nil {
		return api.Position{}
	}
	at := place.Node.Start
	if callee := place.Node.Left; place.Node.Kind == ecma.Call && callee != nil && callee.Kind == ecma.Dot {
		at = callee.End - int32(len(callee.Text)) // the link of a chain, not its beginning
	}
	line, column := place.Module.File.Position(at)
	path := place.Module.Path
	if relative, err := filepath.Rel(r.full, path); err == nil {
		path = filepath.Join(r.shown, relative)
	}
	return api.Position{Path: filepath.ToSlash(path), Line: line, Column: column}
}

func (r *reader) note(place interpret.Place, message string) {
	r.result.Notes = append(r.result.Notes, Note{r.position(place), message})
}

// title is what package.json calls the program.
func (r *reader) title(root string) {
	var p struct{ Name, Version, Description string }
	if text, err := os.ReadFile(filepath.Join(root, "package.json")); err == nil {
		_ = json.Unmarshal(text, &p) // a title is taken where there is one
	}
	a := r.result.API
	a.Title, a.Version, a.Description = cmp.Or(p.Name, filepath.Base(root)), cmp.Or(p.Version, "0.0.0"), p.Description
}

// guarded runs a part over sources that may hold anything: where it breaks off,
// that is noted, and the rest is read.
func (r *reader) guarded(path string, run func()) {
	defer func() {
		if broken := recover(); broken != nil {
			if relative, err := filepath.Rel(r.full, path); err == nil {
				path = filepath.Join(r.shown, relative)
			}
			r.result.Notes = append(r.result.Notes, Note{api.Position{Path: filepath.ToSlash(path)}, fmt.Sprintf("was not followed to its end: %v", broken)})
		}
	}()
	run()
}

// finish puts the notes in order, each once.
func (r *reader) finish() {
	slices.SortStableFunc(r.result.Notes, func(a, b Note) int {
		return cmp.Or(cmp.Compare(a.Position.Path, b.Position.Path), cmp.Compare(a.Position.Line, b.Position.Line),
			cmp.Compare(a.Position.Column, b.Position.Column), cmp.Compare(a.Message, b.Message))
	})
	r.result.Notes = slices.Compact(r.result.Notes)
}

// packageRoot is the nearest directory at or above this one with a package.json,
// as far as there is one.
func packageRoot(folder string) string {
	for at := folder; ; at = filepath.Dir(at) {
		if _, err := os.Stat(filepath.Join(at, "package.json")); err == nil {
			return at
		}
		if at == filepath.Dir(at) {
			return folder
		}
	}
}

// passedOver are folders that hold no server: tests, tools and what others wrote.
var passedOver = map[string]bool{
	"node_modules": true, "test": true, "tests": true, "__tests__": true, "__mocks__": true, "spec": true, "specs": true,
	"coverage": true, "e2e": true, "cypress": true, "fixtures": true, "__fixtures__": true, "mocks": true,
	"example": true, "examples": true, "benchmark": true, "benchmarks": true, "migrations": true, "locales": true,
	"public": true, "static": true, "assets": true, "docs": true, "bower_components": true, "storybook": true,
}

// built are folders that hold what a compiler made of the sources beside them.
var built = map[string]bool{"dist": true, "build": true, "out": true, ".next": true}

// sources are the files that may hold parts of a server, in order.
func sources(root string) ([]string, error) {
	var files []string
	err := filepath.WalkDir(root, func(path string, entry fs.DirEntry, err error) error {
		if err != nil {
			if path == root {
				return err
			}
			return nil // what cannot be read is passed over
		}
		name := entry.Name()
		if entry.IsDir() {
			if path != root && (passedOver[name] || strings.HasPrefix(name, ".") || built[name] && hasSources(filepath.Dir(path))) {
				return filepath.SkipDir
			}
			return nil
		}
		if isSource(name) {
			files = append(files, path)
		}
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("list sources: %w", err)
	}
	return files, nil
}

// hasSources tells whether a folder has sources from which others beside them
// were built.
func hasSources(folder string) bool {
	for _, name := range []string{"src", "lib", "app", "server"} {
		if holdsSource(filepath.Join(folder, name), 0) {
			return true
		}
	}
	return false
}

// holdsSource tells whether there is a source in a folder or not far below it: a
// package may ship an empty one, or one of pictures.
func holdsSource(folder string, depth int) bool {
	entries, err := os.ReadDir(folder)
	if err != nil {
		return false
	}
	for _, e := range entries {
		if e.IsDir() && depth < 3 && !passedOver[e.Name()] && holdsSource(filepath.Join(folder, e.Name()), depth+1) || !e.IsDir() && isSource(e.Name()) {
			return true
		}
	}
	return false
}

func isSource(name string) bool {
	switch filepath.Ext(name) {
	case ".ts", ".mts", ".cts", ".js", ".mjs", ".cjs", ".tsx", ".jsx":
	default:
		return false
	}
	for _, part := range []string{".d.ts", ".d.mts", ".d.cts", ".min.js", ".test.", ".spec.", ".stories.", ".config."} {
		if strings.Contains(name, part) {
			return false
		}
	}
	return true
}

// maxSource is the size of the largest file that is an entry.
const maxSource = 2 << 20

// mentions tells whether a file may have to do with routes: it speaks of a
// framework, or of a router.
func mentions(path string) bool {
	info, err := os.Stat(path)
	if err != nil || info.Size() > maxSource {
		return false
	}
	text, err := os.ReadFile(path)
	if err != nil {
		return false
	}
	return framework.Concerns(string(text))
}
