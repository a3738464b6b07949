// Command keep gives a private PostgreSQL database in which SQL files are
// loaded, for as long as somebody wants it.
//
// The files, in the order to load them, are its arguments. It prints the
// database's URL as one line on stdout and stays until it is interrupted or its
// stdin ends; then the database is gone. It refuses what scratch refuses.
package main

import (
	"context"
	"errors"
	"fmt"
	"io"

	"github.com/rs/zerolog"
	"github.com/urfave/cli/v2"

	"github.com/senior-backend/toolkit/migrator/internal/scratch"
	"github.com/senior-backend/toolkit/shared/cmdline"
	"github.com/senior-backend/toolkit/shared/fault"
)

func main() {
	cmdline.Main(&cli.App{
		Name:        "keep",
		Usage:       "keeps a private PostgreSQL database until its stdin ends",
		ArgsUsage:   "FILE...",
		Description: `keep schema.sql rows.sql`,
		Flags: []cli.Flag{
			&cli.IntFlag{Name: "postgres", Usage: "major `VERSION` of the server, 13 to 18; default: what this machine has"},
		},
		Action: func(c *cli.Context) error {
			return keep(c.Context, c.Args().Slice(), c.Int("postgres"), c.App.Reader, c.App.Writer)
		},
	})
}

func keep(ctx context.Context, files []string, version int, in io.Reader, out io.Writer) (err error) {
	server, err := scratch.Open(ctx, scratch.Options{Version: version, Log: *zerolog.Ctx(ctx)})
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, server.Close()) }()
	database, err := server.Database(ctx)
	if err != nil {
		return err
	}
	if err := database.Load(ctx, files...); err != nil {
		return err
	}
	if _, err := fmt.Fprintln(out, database.URL()); err != nil {
		return fmt.Errorf("print the URL: %w", err)
	}
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		_, _ = io.Copy(io.Discard, in)
	}()
	select {
	case <-ended:
		return nil
	case <-ctx.Done():
		return fault.ErrInterrupted
	}
}
