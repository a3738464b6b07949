package main

import (
	"context"
	"fmt"

	"github.com/senior-backend/toolkit/scaffolder/internal/emit"
	"github.com/senior-backend/toolkit/scaffolder/internal/openapi"
)

// runLoadPlan writes the requests of a document as a file for loadtester.
func runLoadPlan(_ context.Context, o options, s streams) error {
	read, err := readDocument(o, s)
	if err != nil {
		return err
	}
	text, requests, left := emit.LoadPlan(read.API)
	r := result{Spec: o.Spec, Problems: read.Problems, Routes: len(read.API.Operations)}
	r.What = fmt.Sprintf("load plan of %s to %s", counted(requests, "request"), counted(r.Routes, "route"))
	for _, warning := range left {
		r.Problems = append(r.Problems, openapi.Problem{Position: warning.Position, Severity: openapi.Unsupported, Message: warning.Message})
	}
	logProblems(s, r.Problems[len(read.Problems):], o.Verbose)
	return writeText(o, s, text, "load-plan.jsonl", r)
}
