package main

import (
	"context"
	"errors"

	"github.com/urfave/cli/v2"
)

// migrateOptions is what only --migrate, --rollback and --status read.
type migrateOptions struct {
	DryRun bool
}

func (o *migrateOptions) flags() []cli.Flag {
	return []cli.Flag{
		&cli.BoolFlag{Name: "dry-run", Usage: "with --migrate: prove the migration and change nothing", Category: groupMode, Destination: &o.DryRun},
	}
}

func (o *migrateOptions) read(*cli.Context) {}

func (o migrateOptions) validate(options) error { return nil }

// runMigrate applies migrations, takes them back, or lists them.
func runMigrate(context.Context, options, streams) error {
	return errors.New("--migrate is not there yet: it lacks the runner of statements")
}
