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

	"github.com/senior-backend/toolkit/migrator/internal/catalog"
	"github.com/senior-backend/toolkit/migrator/internal/diff"
	"github.com/senior-backend/toolkit/migrator/internal/plan"
	"github.com/senior-backend/toolkit/migrator/internal/proof"
	"github.com/senior-backend/toolkit/migrator/internal/scratch"
)

// cloneOf makes a database that has the schema of the connected one and none of
// its rows. The caller calls drop.
func cloneOf(ctx context.Context, db *sql.DB, o options, s streams) (clone *sql.DB, drop func() error, err error) {
	server, err := openScratch(ctx, o, s)
	if err != nil {
		return nil, nil, err
	}
	database, err := server.Database(ctx)
	if err == nil {
		err = rebuild(ctx, db, database.DB())
	}
	var failure *proof.Failure
	if errors.As(err, &failure) {
		s.log.Debug().Msgf("copying the schema with pg_dump, since the plan of it did not prove: %v", failure)
		database, err = dumped(ctx, server, o)
	}
	if err != nil {
		return nil, nil, errors.Join(fmt.Errorf("copy the schema: %w", err), server.Close())
	}
	return database.DB(), server.Close, nil
}

// rebuild runs the plan from nothing to the schema, and sees that it led there.
func rebuild(ctx context.Context, from, into *sql.DB) error {
	wanted, err := catalog.Read(ctx, from)
	if err != nil {
		return err
	}
	empty, err := catalog.Read(ctx, into)
	if err != nil {
		return err
	}
	build := plan.Make(diff.Compare(empty, wanted, diff.Options{}).Changes, empty, wanted, plan.Options{Kind: plan.Transactional})
	return proof.Step(ctx, into, build, wanted, diff.Options{}, false)
}

func dumped(ctx context.Context, server *scratch.Server, o options) (*scratch.Database, error) {
	database, err := server.Database(ctx)
	if err != nil {
		return nil, err
	}
	text, err := dump(ctx, o.Connection)
	if err != nil {
		return nil, err
	}
	return database, database.LoadText(ctx, "the schema of the database", text)
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
