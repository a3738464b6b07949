package main

import (
	"encoding/json"
	"fmt"
	"path/filepath"
	"strings"

	"github.com/rogpeppe/go-internal/diff"

	"github.com/senior-backend/toolkit/scaffolder/internal/openapi"
	"github.com/senior-backend/toolkit/scaffolder/internal/routes"
	"github.com/senior-backend/toolkit/scaffolder/internal/tree"
	"github.com/senior-backend/toolkit/shared/fault"
)

// result is what a run came to.
type result struct {
	Spec      string
	Output    string
	Framework string
	What      string // what was written, where it is neither a server nor a document
	Root      string // directory that the paths of Changes are relative to
	Changes   []tree.Change
	Routes    int
	Types     int
	Document  string // written to stdout as part of the JSON result
	Problems  []openapi.Problem
	Findings  []routes.Finding // of routes that were read
	Merged    []string         // what came of a document that routes were merged into
}

// finish does with the changes what the options say, and prints the result.
func finish(o options, s streams, r result) error {
	stale := tree.Stale(r.Changes)
	if !o.DryRun && !o.Check {
		if err := tree.Apply(r.Root, r.Changes); err != nil {
			return err
		}
	}
	var err error
	switch {
	case o.JSON:
		err = r.printJSON(o, s)
	case o.DryRun:
		r.printDiff(s)
	default:
		r.printSummary(o, s)
	}
	if err != nil {
		return err
	}
	if o.Check && stale {
		return fault.Verdictf("%s is not up to date: run the same command without --check", o.Output)
	}
	return nil
}

// shown is the path of a changed file as a person would open it.
func (r result) shown(change tree.Change) string {
	return filepath.ToSlash(filepath.Join(r.Root, filepath.FromSlash(change.Path)))
}

func (r result) printDiff(s streams) {
	for _, change := range r.Changes {
		if change.Action == tree.Keep {
			continue
		}
		name := r.shown(change)
		old, updated := "a/"+name, "b/"+name
		if change.Action == tree.Create {
			old = "/dev/null"
		}
		if change.Action == tree.Remove {
			updated = "/dev/null"
		}
		// The package's first line, "diff old new", is not part of a patch.
		_, patch, _ := strings.Cut(string(diff.Diff(old, []byte(change.Old), updated, []byte(change.New))), "\n")
		fmt.Fprint(s.out, patch)
	}
}

// word says what became of a file, or with check what should.
func word(action tree.Action, check bool) string {
	done, wanted := "unchanged", "up to date"
	switch action {
	case tree.Create:
		done, wanted = "created", "missing"
	case tree.Replace:
		done, wanted = "replaced", "outdated"
	case tree.Remove:
		done, wanted = "removed", "unneeded"
	case tree.Extend:
		done, wanted = "extended", "incomplete"
	}
	if check {
		return wanted
	}
	return done
}

func (r result) printSummary(o options, s streams) {
	for _, change := range r.Changes {
		line := fmt.Sprintf("%-10s %s", word(change.Action, o.Check), r.shown(change))
		if len(change.Added) > 0 {
			line += ": added " + strings.Join(change.Added, ", ")
		}
		if change.Backup && !o.Check {
			line += " (backup: " + filepath.Base(change.Path) + ".orig)"
		}
		fmt.Fprintln(s.out, line)
		if len(change.Stale) > 0 {
			fmt.Fprintf(s.out, "%-10s %s: no operation of the document needs %s any more\n", "", r.shown(change), strings.Join(change.Stale, ", "))
		}
	}
	for _, line := range findingLines(r.Findings) {
		fmt.Fprintln(s.out, line)
	}
	if r.What != "" {
		fmt.Fprintf(s.out, "%s: %s\n", r.Spec, r.What)
		return
	}
	what := "document"
	if r.Framework != "" {
		what = r.Framework + " server"
	}
	fmt.Fprintf(s.out, "%s: %s with %s and %s\n", r.Spec, what, counted(r.Routes, "route"), counted(r.Types, "type"))
}

func counted(n int, what string) string {
	if n == 1 {
		return "1 " + what
	}
	return fmt.Sprintf("%d %ss", n, what)
}

type jsonProblem struct {
	Path     string `json:"path"`
	Line     int    `json:"line"`
	Column   int    `json:"column"`
	Severity string `json:"severity"`
	Message  string `json:"message"`
}

type jsonChange struct {
	Path    string   `json:"path"`
	Action  string   `json:"action"`
	Added   []string `json:"added,omitempty"`
	Removed []string `json:"removed,omitempty"`
}

type jsonResult struct {
	Status         string        `json:"status"`
	Spec           string        `json:"spec"`
	Output         string        `json:"output"`
	Framework      string        `json:"framework"`
	GeneratedFiles []string      `json:"generated_files"`
	RoutesCount    int           `json:"routes_count"`
	TypesCount     int           `json:"types_count"`
	Document       string        `json:"document,omitempty"`
	Changes        []jsonChange  `json:"changes"`
	Problems       []jsonProblem `json:"problems"`
	Routes         []jsonFinding `json:"routes,omitempty"`
	Merged         []string      `json:"merged,omitempty"`
}

type jsonFinding struct {
	Path    string   `json:"path"`
	Line    int      `json:"line"`
	Method  string   `json:"method"`
	Route   string   `json:"route"`
	Found   []string `json:"found"`
	Missing []string `json:"missing"`
}

func (r result) printJSON(o options, s streams) error {
	out := jsonResult{
		Status: "success", Spec: r.Spec, Output: r.Output, Framework: r.Framework,
		GeneratedFiles: []string{}, RoutesCount: r.Routes, TypesCount: r.Types,
		Document: r.Document, Changes: []jsonChange{}, Problems: []jsonProblem{},
	}
	if o.Check && tree.Stale(r.Changes) {
		out.Status = "stale"
	}
	for _, change := range r.Changes {
		if change.Action != tree.Remove {
			out.GeneratedFiles = append(out.GeneratedFiles, r.shown(change))
		}
		out.Changes = append(out.Changes, jsonChange{Path: r.shown(change), Action: string(change.Action), Added: change.Added, Removed: change.Stale})
	}
	for _, p := range r.Problems {
		out.Problems = append(out.Problems, jsonProblem{p.Position.Path, p.Position.Line, p.Position.Column, string(p.Severity), p.Message})
	}
	for _, f := range r.Findings {
		out.Routes = append(out.Routes, jsonFinding{f.Position.Path, f.Position.Line, f.Method, f.Path, f.Found, f.Missing})
	}
	out.Merged = r.Merged
	encoder := json.NewEncoder(s.out)
	encoder.SetIndent("", "  ")
	encoder.SetEscapeHTML(false)
	if err := encoder.Encode(out); err != nil {
		return fmt.Errorf("write result: %w", err)
	}
	return nil
}
