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

	"github.com/senior-backend/toolkit/migrator/internal/apply"
	"github.com/senior-backend/toolkit/migrator/internal/catalog"
	"github.com/senior-backend/toolkit/migrator/internal/diff"
	"github.com/senior-backend/toolkit/migrator/internal/migration"
	"github.com/senior-backend/toolkit/migrator/internal/plan"
	"github.com/senior-backend/toolkit/migrator/internal/proof"
	"github.com/senior-backend/toolkit/migrator/internal/scratch"
	"github.com/senior-backend/toolkit/migrator/internal/script"
)

// clone is a copy of a database's schema without its rows.
type clone struct {
	db     *sql.DB
	shared bool // its server is in use
	drop   func() error
}

// cloneOf makes a database that has the schema of the connected one and none of
// its rows: apart, on a server where roles and settings may be changed too, if
// there is one. The caller calls drop.
func cloneOf(ctx context.Context, db *sql.DB, apart bool, o options, s streams) (*clone, error) {
	made, err := cloneOn(ctx, db, apart, o, s)
	if err == nil || apart || o.Scratch != "" || ctx.Err() != nil {
		return made, err
	}
	s.log.Debug().Msgf("copying the schema to a private server, since there is none on this one: %v", err)
	made, privateErr := cloneOn(ctx, db, true, o, s)
	if privateErr != nil {
		return nil, err
	}
	return made, nil
}

func cloneOn(ctx context.Context, db *sql.DB, apart bool, o options, s streams) (*clone, error) {
	server, err := openScratchFor(ctx, db, apart, o, s)
	if err != nil {
		return nil, err
	}
	if !server.Shared() {
		if err := copyRoles(ctx, db, server); err != nil {
			return nil, errors.Join(fmt.Errorf("copy the roles: %w", err), server.Close())
		}
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
		return nil, errors.Join(fmt.Errorf("copy the schema: %w", err), server.Close())
	}
	return &clone{db: database.DB(), shared: server.Shared(), drop: server.Close}, nil
}

// openScratchFor is openScratch, or a private server of the database's version
// where the copy has to be apart from it.
func openScratchFor(ctx context.Context, db *sql.DB, apart bool, o options, s streams) (*scratch.Server, error) {
	if !apart || o.Scratch != "" {
		return openScratch(ctx, o, s)
	}
	private := scratch.Options{Version: o.Postgres, Log: s.log}
	if private.Version == 0 {
		if err := db.QueryRowContext(ctx, "SELECT /* migrator */ current_setting('server_version_num')::int / 10000").Scan(&private.Version); err != nil {
			return nil, fmt.Errorf("read the server's version: %w", err)
		}
	}
	server, err := scratch.Open(ctx, private)
	if err == nil || ctx.Err() != nil {
		return server, err
	}
	s.log.Warn().Msgf("what reaches beyond the database is not tried on a copy, since there is no private server: %v", err)
	return openScratch(ctx, o, s)
}

// copyRoles makes the server's roles on a private one, which nobody logs in to.
func copyRoles(ctx context.Context, from *sql.DB, to *scratch.Server) error {
	into, err := scratch.Connect(ctx, to.URL())
	if err != nil {
		return err
	}
	defer into.Close()
	var there string
	if err := into.QueryRowContext(ctx, "SELECT string_agg(rolname, E'\n') FROM pg_roles").Scan(&there); err != nil {
		return err
	}
	rows, err := from.QueryContext(ctx, `SELECT format('CREATE ROLE %I SUPERUSER', rolname) FROM pg_roles
WHERE rolname !~ '^pg_' AND rolname <> ALL (string_to_array($1, E'\n'))`, there)
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		var statement string
		if err := rows.Scan(&statement); err != nil {
			return err
		}
		if _, err := into.ExecContext(ctx, statement); err != nil {
			return err
		}
	}
	return rows.Err()
}

// copier makes copies on which a way back from a half-applied migration is tried.
func copier(db *sql.DB, o options, s streams) func(context.Context, *migration.Migration) (*apply.Copy, error) {
	return func(ctx context.Context, m *migration.Migration) (*apply.Copy, error) {
		made, err := cloneOf(ctx, db, m.Reaches(script.ReachServer), o, s)
		if err != nil {
			return nil, err
		}
		origin, err := catalog.Read(ctx, made.db)
		if err != nil {
			return nil, errors.Join(err, made.drop())
		}
		same := func(ctx context.Context) (bool, error) {
			now, err := catalog.Read(ctx, made.db)
			return err == nil && len(diff.Compare(now, origin, diff.Options{}).Differences) == 0, err
		}
		return &apply.Copy{DB: made.db, Same: same, Drop: made.drop}, nil
	}
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
