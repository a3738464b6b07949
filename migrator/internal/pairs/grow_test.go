package main

import (
	"context"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/senior-backend/toolkit/migrator/internal/plan"
	"github.com/senior-backend/toolkit/migrator/internal/scratch/scratchtest"
)

// TestRandomSchemas leads a few pairs of random schemas there and back; hundreds
// are tried with `go run ./internal/pairs -random 200`.
func TestRandomSchemas(t *testing.T) {
	r := &runner{server: scratchtest.Server(t), kind: plan.Online, jobs: 2, quick: true}
	outcomes := r.all(context.Background(), growths(4, mutation{seed: 8, changes: 5, blind: 1}))
	require.Len(t, outcomes, 4)
	for _, o := range outcomes {
		assert.True(t, o.up && o.back && !o.unfit, "%s: %s", o.name, o.said)
	}
}

// Nothing that a template leaves open stays open.
func TestFillingsAreKnown(t *testing.T) {
	for _, templates := range [][]string{foundations, tables, additions} {
		for _, template := range templates {
			for _, slot := range slots.FindAllStringSubmatch(template, -1) {
				require.NotEmpty(t, fillings[kindOf(slot[1])], template)
			}
		}
	}
}
