package main

import (
	"bytes"
	"context"
	"database/sql"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"strconv"
	"strings"

	"github.com/senior-backend/toolkit/migrator/internal/scratch"
)

// cloneOf makes a database that has the schema of the connected one and none of
// its rows. The caller calls drop.
func cloneOf(ctx context.Context, o options, s streams) (db *sql.DB, drop func() error, err error) {
	server, err := openScratch(ctx, o, s)
	if err != nil {
		return nil, nil, err
	}
	database, err := server.Database(ctx)
	if err != nil {
		return nil, nil, errors.Join(err, server.Close())
	}
	text, err := dump(ctx, o.Connection)
	if err == nil {
		err = database.LoadText(ctx, "the schema of the database", text)
	}
	if err != nil {
		return nil, nil, errors.Join(fmt.Errorf("copy the schema: %w", err), server.Close())
	}
	return database.DB(), server.Close, nil
}

// dump writes the schema of a database as SQL with PostgreSQL's own pg_dump. The
// password goes by the environment, which other users cannot read.
func dump(ctx context.Context, dsn string) (string, error) {
	cfg, err := scratch.Config(dsn)
	if err != nil {
		return "", err
	}
	program, err := exec.LookPath("pg_dump")
	if err != nil {
		return "", fmt.Errorf("find pg_dump: %w", err)
	}
	command := exec.CommandContext(ctx, program, "--schema-only", "--no-owner", "--no-publications", "--no-subscriptions", "--lock-wait-timeout=2000")
	command.Env = append(os.Environ(),
		"PGHOST="+cfg.Host, "PGPORT="+strconv.Itoa(int(cfg.Port)), "PGUSER="+cfg.User, "PGDATABASE="+cfg.Database, "PGSSLMODE="+string(cfg.SSLMode))
	if cfg.Password != "" {
		command.Env = append(command.Env, "PGPASSWORD="+cfg.Password)
	}
	var out, problems bytes.Buffer
	command.Stdout, command.Stderr = &out, &problems
	if err := command.Run(); err != nil {
		return "", fmt.Errorf("run pg_dump: %w: %s", err, strings.Join(strings.Fields(problems.String()), " "))
	}
	return out.String(), nil
}
