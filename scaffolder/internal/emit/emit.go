// Package emit turns an API into the files of a TypeScript server.
//
// An api.API goes in; files as text come out, with paths relative to the
// project and forward slashes. Nothing is read or written here, and the same
// API always gives the same bytes. What cannot be served is left out with a
// warning; only options that make no sense are refused.
package emit

import (
	"fmt"
	"path"

	"github.com/senior-backend/toolkit/scaffolder/internal/api"
	"github.com/senior-backend/toolkit/scaffolder/internal/emit/plan"
	"github.com/senior-backend/toolkit/scaffolder/internal/emit/storage"
	"github.com/senior-backend/toolkit/scaffolder/internal/emit/typing"
	"github.com/senior-backend/toolkit/scaffolder/internal/emit/zod"
	"github.com/senior-backend/toolkit/scaffolder/internal/relation"
)

// Frameworks that Server can write for.
const (
	Express = "express"
	Fastify = "fastify"
	Koa     = "koa"
)

// Options say what is written.
type Options struct {
	// Framework is Express, Fastify or Koa; empty means Express.
	Framework string
	// Project asks for the files around the sources too: the application, the
	// server, package.json and so on.
	Project bool
	// TypesOnly leaves everything out but types.ts.
	TypesOnly bool
	// Document is the OpenAPI document as JSON, when the server shall show it.
	Document string
	// PageByRoutes lets routes/index.ts show Document, below where the routes are
	// mounted, since no application of ours does.
	PageByRoutes bool
	// Replies asks for answers to be checked too.
	Replies bool
	// Idempotency lets what comes again with its Idempotency-Key be done once.
	Idempotency bool
	// Roles lets callers in by their roles, as PolicyFile says.
	Roles bool
	// Tiers are limits by caller, "free=100/15m,pro=1000/15m"; empty for one limit
	// by address.
	Tiers string
	// Int64Numbers takes numbers for integers of 64 bits too, and refuses those that a
	// number cannot hold.
	Int64Numbers bool
	// Source is the folder of the sources inside the project, such as "src".
	// Empty means that the sources stand beside package.json.
	Source string
	// Rows are what the API's operations work on when it was read from a database:
	// their handlers are then complete. Nil for none.
	Rows *relation.Source
}

// Validate refuses frameworks that are not known.
func (o Options) Validate() error {
	switch o.Framework {
	case "", Express, Fastify, Koa:
		return nil
	}
	return fmt.Errorf("unknown framework %q: take express, fastify or koa", o.Framework)
}

// Owner says who may change a file after it was written.
type Owner string

// Owners of files.
const (
	// Generated files are replaced whenever they are generated again.
	Generated Owner = "generated"
	// User files are written once; later they are the user's. Of those, files
	// with Handlers get missing handlers appended: see Append.
	User Owner = "user"
)

// File is one file of the result.
type File struct {
	Path     string // relative, with forward slashes, without ".."
	Content  string
	Owner    Owner
	Imports  string    // of routes/<tag>.ts: the lines that import what handlers need
	Handlers []Handler // of routes/<tag>.ts, in order
}

// Handler is one operation's function in a file of handlers.
type Handler struct {
	Name string // the exported identifier
	Code string // its declaration with the comment above it, ending in a newline
}

// Result is what Server wrote.
type Result struct {
	Files       []File
	RoutesCount int
	TypesCount  int
	Warnings    []Warning
	Packages    map[string]string // what the sources import: npm packages and their versions
}

// Warning is something that was left out or changed, and why.
type Warning = plan.Warning

// Server writes the server of an API.
func Server(a *api.API, options Options) (*Result, error) {
	if err := options.Validate(); err != nil {
		return nil, err
	}
	// What is read of a database is already text where it has more than 53 bits.
	p := plan.With(a, plan.Options{Int64Numbers: options.Int64Numbers || options.Rows != nil})
	w := writer{options: options, plan: p, storage: storage.New(options.Rows, p), result: &Result{
		RoutesCount: len(p.Operations), TypesCount: len(a.Schemas), Warnings: p.Warnings,
	}}
	w.generated("types.ts", typing.File(p, !options.TypesOnly))
	if options.TypesOnly {
		return w.result, nil
	}
	w.generated("middleware/validators.ts", zod.File(p))
	if options.Replies {
		w.generated("middleware/responses.ts", zod.Replies(p))
	}
	w.generated("middleware/auth.ts", authFile(p))
	w.result.Packages, _ = w.packages()
	w.runtime()
	w.guards()
	w.framework()
	w.database()
	w.webhooks()
	w.pagination()
	w.page()
	for _, group := range p.Groups {
		w.group(group)
	}
	if options.Project {
		w.project()
	}
	return w.result, nil
}

// writer collects the files.
type writer struct {
	options Options
	plan    *plan.Plan
	storage *storage.Storage
	result  *Result
}

func (w *writer) generated(name, content string) {
	w.add(File{Path: path.Join(w.options.Source, name), Content: content, Owner: Generated})
}

func (w *writer) add(file File) { w.result.Files = append(w.result.Files, file) }
