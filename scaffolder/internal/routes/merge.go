package routes

import (
	"slices"

	"github.com/senior-backend/toolkit/scaffolder/internal/api"
	"github.com/senior-backend/toolkit/scaffolder/internal/routes/describe"
)

// Merged is what became of a document that people wrote.
type Merged struct {
	API     *api.API
	Added   []*api.Operation // served, and not in the document before
	Removed []*api.Operation // in the document, and not served any more
}

// Merge brings a document up to what the sources serve. What people wrote in it
// stays: an operation that is there only gets what it lacks.
func Merge(written, read *api.API) Merged {
	out := *written
	out.Operations = nil
	m := Merged{API: &out}
	taken := map[*api.Operation]bool{}
	rename := adopt(&out, read)
	for _, op := range written.Operations {
		now := find(read.Operations, op)
		if now == nil {
			m.Removed = append(m.Removed, op)
			continue
		}
		taken[now] = true
		complete(op, now)
		out.Operations = append(out.Operations, op)
	}
	for _, op := range read.Operations {
		if !taken[op] {
			m.Added = append(m.Added, op)
			out.Operations = append(out.Operations, op)
		}
	}
	for _, op := range m.Added {
		for _, tag := range op.Tags {
			if !slices.ContainsFunc(out.Tags, func(t api.Tag) bool { return t.Name == tag }) && len(written.Tags) > 0 {
				out.Tags = append(out.Tags, api.Tag{Name: tag})
			}
		}
	}
	prune(&out, rename)
	return m
}

func find(list []*api.Operation, op *api.Operation) *api.Operation {
	for _, other := range list {
		if other.Method == op.Method && describe.Same(other.Path, op.Path) {
			return other
		}
	}
	return nil
}

// complete adds to an operation what it lacks.
func complete(op, now *api.Operation) {
	for _, p := range now.Parameters {
		if p.In == api.InPath {
			continue
		}
		if !slices.ContainsFunc(op.Parameters, func(old *api.Parameter) bool { return old.In == p.In && old.Name == p.Name }) {
			op.Parameters = append(op.Parameters, p)
		}
	}
	if op.Body == nil && now.Body != nil {
		op.Body = now.Body
	}
	if len(op.Responses) == 0 {
		op.Responses = now.Responses
	}
	if op.ID == "" {
		op.ID = now.ID
	}
	if op.Summary == "" && op.Description == "" {
		op.Summary, op.Description = now.Summary, now.Description
	}
	if len(op.Security) == 0 && !op.SecurityDeclared && now.SecurityDeclared {
		op.Security, op.SecurityDeclared = now.Security, true
	}
}

// adopt adds the components of the sources that the document does not have; those
// that it has stay as they are written.
func adopt(out, read *api.API) map[string]bool {
	added := map[string]bool{}
	out.Schemas = slices.Clone(out.Schemas)
	for _, named := range read.Schemas {
		if out.Schema(named.Name) == nil {
			out.Schemas = append(out.Schemas, named)
			added[named.Name] = true
		}
	}
	out.SecuritySchemes = slices.Clone(out.SecuritySchemes)
	for _, scheme := range read.SecuritySchemes {
		if out.SecurityScheme(scheme.Name) == nil {
			out.SecuritySchemes = append(out.SecuritySchemes, scheme)
		}
	}
	return added
}

// prune drops the added components that nothing refers to.
func prune(out *api.API, added map[string]bool) {
	used := referenced(out)
	out.Schemas = slices.DeleteFunc(out.Schemas, func(n *api.NamedSchema) bool { return added[n.Name] && !used[n.Name] })
}
