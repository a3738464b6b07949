package describe

import (
	"strings"

	"github.com/senior-backend/toolkit/scaffolder/internal/api"
)

// Shape is a path without its parameters' names and last slash.
func Shape(path string) string {
	var b strings.Builder
	depth := 0
	for _, r := range path {
		switch {
		case r == '{':
			depth++
			b.WriteString("{}")
		case r == '}':
			depth--
		case depth == 0:
			b.WriteRune(r)
		}
	}
	if trimmed := strings.TrimRight(b.String(), "/"); trimmed != "" {
		return trimmed
	}
	return "/"
}

// Same tells paths that differ in the names of their parameters alone.
func Same(a, b string) bool { return Shape(a) == Shape(b) }

// overlay lets what people wrote win over what the code says.
func overlay(op, written *api.Operation) {
	set := func(to *string, from string) {
		if from != "" {
			*to = from
		}
	}
	set(&op.ID, written.ID)
	set(&op.Summary, written.Summary)
	set(&op.Description, written.Description)
	if written.Tags != nil {
		op.Tags = written.Tags
	}
	op.Deprecated = op.Deprecated || written.Deprecated
	for _, p := range written.Parameters {
		replaced := false
		for i, old := range op.Parameters {
			if old.In == p.In && (old.Name == p.Name) {
				op.Parameters[i], replaced = p, true
			}
		}
		if !replaced && p.In != api.InPath {
			op.Parameters = append(op.Parameters, p)
		}
	}
	if written.Body != nil {
		op.Body = written.Body
	}
	if len(written.Responses) > 0 {
		op.Responses = written.Responses
	}
	if written.SecurityDeclared {
		op.Security, op.SecurityDeclared = written.Security, true
	}
	if written.ExternalDocs != nil {
		op.ExternalDocs = written.ExternalDocs
	}
	var kept []api.Extension
	for _, e := range op.Extensions {
		if e.Name == "x-inferred" && (written.Body != nil || len(written.Responses) > 0 || len(written.Parameters) > 0) {
			continue
		}
		kept = append(kept, e)
	}
	op.Extensions = append(kept, written.Extensions...)
}
