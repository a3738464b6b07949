// Command keep gives a private PostgreSQL database in which SQL files are
// loaded, for as long as somebody wants it.
//
// The files, in the order to load them, are its arguments. It prints the
// database's URL as one line on stdout and stays until it is interrupted or its
// stdin ends; then the database is gone. It refuses what scratch refuses.
package main

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io"
	"net/url"
	"time"

	"github.com/rs/zerolog"
	"github.com/urfave/cli/v2"

	"github.com/senior-backend/toolkit/migrator/internal/scratch"
	"github.com/senior-backend/toolkit/shared/cmdline"
	"github.com/senior-backend/toolkit/shared/fault"
)

const closing = 10 * time.Second

func main() {
	cmdline.Main(&cli.App{
		Name:        "keep",
		Usage:       "keeps a private PostgreSQL database until its stdin ends",
		ArgsUsage:   "FILE...",
		Description: `keep --name shop schema.sql rows.sql`,
		Flags: []cli.Flag{
			&cli.StringFlag{Name: "name", Value: "kept", Usage: "`NAME` of the database"},
			&cli.IntFlag{Name: "postgres", Usage: "major `VERSION` of the server, 13 to 18; default: what this machine has"},
			&cli.StringFlag{Name: "preload", Usage: "`LIBRARY` that the server loads when it starts, such as pg_stat_statements"},
		},
		Action: func(c *cli.Context) error {
			from := scratch.Options{Version: c.Int("postgres"), Preload: c.String("preload"), Log: *zerolog.Ctx(c.Context)}
			return keep(c.Context, from, c.Args().Slice(), c.String("name"), c.App.Reader, c.App.Writer)
		},
	})
}

func keep(ctx context.Context, from scratch.Options, files []string, name string, in io.Reader, out io.Writer) (err error) {
	server, err := scratch.Open(ctx, from)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, server.Close()) }()
	admin, err := scratch.Connect(ctx, server.URL())
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, drop(admin, name)) }()
	address, err := load(ctx, server, admin, files, name)
	if err != nil {
		return err
	}
	if _, err := fmt.Fprintln(out, address); err != nil {
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

// load returns the URL of a database called name that holds files.
func load(ctx context.Context, server *scratch.Server, admin *sql.DB, files []string, name string) (string, error) {
	database, err := server.Database(ctx)
	if err != nil {
		return "", err
	}
	if err := database.Load(ctx, files...); err != nil {
		return "", err
	}
	database.DB().SetMaxIdleConns(0) // nobody may be connected to a database that is copied
	// The server's directory is kept, so a killed run may have left one of that name behind.
	for _, format := range []string{"DROP DATABASE IF EXISTS %1$I", "CREATE DATABASE %1$I TEMPLATE %2$I"} {
		if err := execute(ctx, admin, format, name, database.Name()); err != nil {
			return "", fmt.Errorf("copy the database: %w", err)
		}
	}
	address, err := url.Parse(server.URL())
	if err != nil {
		return "", fmt.Errorf("read the server's URL: %w", err)
	}
	address.Path = "/" + name
	return address.String(), database.Close()
}

// drop ends the connections to the database and removes it, also after an interrupt.
func drop(admin *sql.DB, name string) error {
	ctx, cancel := context.WithTimeout(context.Background(), closing)
	defer cancel()
	if err := execute(ctx, admin, "DROP DATABASE IF EXISTS %1$I WITH (FORCE)", name, ""); err != nil {
		return fmt.Errorf("drop the database: %w", err)
	}
	return admin.Close()
}

// execute runs a statement in which the server itself quotes the two names.
func execute(ctx context.Context, admin *sql.DB, format, first, second string) error {
	var statement string
	err := admin.QueryRowContext(ctx, "SELECT format($1, $2::text, $3::text)", format, first, second).Scan(&statement)
	if err == nil {
		_, err = admin.ExecContext(ctx, statement)
	}
	return err
}
