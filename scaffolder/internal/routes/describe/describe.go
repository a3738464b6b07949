// Package describe turns routes and what their handlers and validators say into
// operations.
package describe

import (
	"github.com/senior-backend/toolkit/scaffolder/internal/api"
	"github.com/senior-backend/toolkit/scaffolder/internal/routes/framework"
	"github.com/senior-backend/toolkit/scaffolder/internal/routes/interpret"
)

// Options say how positions are shown.
type Options struct {
	Folder   string
	Position func(interpret.Place) api.Position
}

// Finding is one route: where it stands, and what is not known of it.
type Finding struct {
	Position api.Position
	Method   string
	Path     string
	Found    []string
	Missing  []string
}

// Described is what comes out.
type Described struct {
	API      *api.API
	Findings []Finding
}

// Describe describes routes.
func Describe(routes []*framework.Route, host *framework.Host, o Options) *Described {
	d := &Described{API: &api.API{}}
	for _, r := range routes {
		d.Findings = append(d.Findings, Finding{Position: o.Position(r.Entry.Place), Method: r.Method, Path: r.Path})
	}
	return d
}
