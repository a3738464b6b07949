package main

import (
	"context"
	"errors"

	"github.com/urfave/cli/v2"
)

// compareOptions is what only --compare reads.
type compareOptions struct{}

func (o *compareOptions) flags() []cli.Flag { return nil }

func (o *compareOptions) read(*cli.Context) {}

func (o compareOptions) validate(options) error { return nil }

// runCompare writes the migration from one schema to another.
func runCompare(context.Context, options, streams) error {
	return errors.New("--compare is not there yet: it lacks the comparison of two schemas")
}
