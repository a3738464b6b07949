package main

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"runtime/debug"
	"slices"
	"strconv"
	"time"

	"github.com/urfave/cli/v2"

	"github.com/senior-backend/toolkit/migrator/internal/apply"
	"github.com/senior-backend/toolkit/migrator/internal/migration"
	"github.com/senior-backend/toolkit/migrator/internal/scratch"
	"github.com/senior-backend/toolkit/shared/cmdline"
	"github.com/senior-backend/toolkit/shared/fault"
)

// migrateOptions is what only --migrate, --rollback and --status read.
type migrateOptions struct {
	DryRun        bool
	CopyOnly      bool // with DryRun: leave the target alone
	Migrations    string
	HistorySchema string
	LockTimeout   time.Duration
	LockRetries   int
	Wait          time.Duration
	HoldLimit     time.Duration
	AcceptChanged bool
}

func (o *migrateOptions) flags() []cli.Flag {
	return []cli.Flag{
		&cli.BoolFlag{Name: "dry-run", Usage: "prove --migrate or --rollback, change nothing", Category: groupMode, Destination: &o.DryRun},
		&cli.BoolFlag{Name: "copy-only", Usage: "with --dry-run: on a copy of the schema alone", Category: groupMigrate, Destination: &o.CopyOnly},
		&cli.StringFlag{Name: "migrations", Usage: "`DIR` where --status and --rollback N find files", Category: groupMigrate + cmdline.Brief, Destination: &o.Migrations},
		&cli.StringFlag{Name: "history-schema", Usage: "schema `NAME` of the history", Value: "migrator", Category: groupMigrate + cmdline.Brief, Destination: &o.HistorySchema},
		&cli.DurationFlag{Name: "lock-timeout", Usage: "longest `TIME` to wait for a table's lock", Value: time.Second, Category: groupMigrate, Destination: &o.LockTimeout},
		&cli.IntFlag{Name: "lock-retries", Usage: "`N` further attempts at a lock", Value: 30, Category: groupMigrate + cmdline.Brief, Destination: &o.LockRetries},
		&cli.DurationFlag{Name: "wait", Usage: "longest `TIME` to wait for another run", Value: 10 * time.Minute, Category: groupMigrate + cmdline.Brief, Destination: &o.Wait},
		&cli.DurationFlag{Name: "hold-limit", Usage: "longest `TIME` of a dry run on the database", Value: 10 * time.Second, Category: groupMigrate + cmdline.Brief, Destination: &o.HoldLimit},
		&cli.BoolFlag{Name: "accept-changed", Usage: "take changed applied files as they are now", Category: groupMigrate + cmdline.Brief, Destination: &o.AcceptChanged},
	}
}

const groupMigrate = "Migrations"

func (o *migrateOptions) read(*cli.Context) {}

func (o migrateOptions) validate(all options) error {
	if all.mode() != modeMigrate {
		if o.DryRun || o.CopyOnly || o.AcceptChanged || o.Migrations != "" {
			return fault.Usagef("--dry-run, --copy-only, --accept-changed and --migrations go with --migrate, --rollback or --status")
		}
		return nil
	}
	switch {
	case o.CopyOnly && !o.DryRun:
		return fault.Usagef("--copy-only goes with --dry-run")
	case o.DryRun && all.Status:
		return fault.Usagef("--dry-run goes with --migrate or --rollback")
	case o.HoldLimit < time.Millisecond:
		return fault.Usagef("argument --hold-limit: want 1ms or more")
	}
	return o.running(streams{}).Validate()
}

// running is what the runner of migrations is told.
func (o migrateOptions) running(s streams) apply.Options {
	return apply.Options{
		HistorySchema: o.HistorySchema,
		LockTimeout:   o.LockTimeout,
		LockRetries:   o.LockRetries,
		RunWait:       o.Wait,
		AcceptChanged: o.AcceptChanged,
		Tool:          toolVersion(),
		Log:           s.log,
	}
}

func toolVersion() string {
	if info, known := debug.ReadBuildInfo(); known && info.Main.Version != "" {
		return "migrator " + info.Main.Version
	}
	return "migrator"
}

// runMigrate applies migrations, takes them back, or lists them.
func runMigrate(ctx context.Context, o options, s streams) error {
	migrations, err := chosenMigrations(o, s)
	if err != nil {
		return err
	}
	db, err := scratch.Connect(ctx, o.Connection)
	if err != nil {
		return err
	}
	defer db.Close()
	switch {
	case o.Status:
		return showStatus(ctx, db, o, s)
	case o.Migrating.DryRun:
		return rehearse(ctx, db, migrations, o, s)
	}
	running := o.Migrating.running(s)
	running.MakeCopy = copier(db, o, s)
	runner, err := apply.Open(ctx, db, running)
	if err != nil {
		return err
	}
	defer runner.Close()
	var outcomes []apply.Outcome
	if o.Rollback != "" {
		outcomes, err = takeBack(ctx, db, runner, migrations, o)
	} else {
		outcomes, err = runner.Up(ctx, migrations)
	}
	return errors.Join(err, reportOutcomes(outcomes, err, o, s))
}

// chosenMigrations reads the files that --migrate or --rollback names; none for
// --rollback N and --status.
func chosenMigrations(o options, s streams) ([]*migration.Migration, error) {
	named := o.Migrate
	if o.Rollback != "" {
		if _, err := strconv.Atoi(o.Rollback); err == nil {
			return nil, nil
		}
		named = o.Rollback
	}
	if named == "" {
		return nil, nil
	}
	path, took, err := migration.Find(named)
	if err != nil {
		return nil, err
	}
	if took {
		s.log.Info().Msgf("%s does not exist; taking %s, the newest of that name", named, path)
	}
	if o.Rollback != "" && migration.IsRollback(path) {
		if path, err = migration.UpPath(path); err != nil {
			return nil, err
		}
	}
	return readMigrations(path, o.Rollback == "", s)
}

// readMigrations reads a file, or a directory where one is allowed.
func readMigrations(path string, directories bool, s streams) ([]*migration.Migration, error) {
	info, err := os.Stat(path)
	if err != nil {
		return nil, fmt.Errorf("look for %s: %w", path, err)
	}
	if !info.IsDir() {
		m, err := migration.Read(path)
		return []*migration.Migration{m}, err
	}
	if !directories {
		return nil, &fault.Input{Path: path, Message: "this is a directory", Hint: "name the migration to take back, or how many: --rollback 1"}
	}
	migrations, skipped, err := migration.ReadDirectory(path)
	if err != nil {
		return nil, err
	}
	for _, name := range skipped {
		s.log.Warn().Msgf("%s: skipped, since its name has no version and the others' have", filepath.Join(path, name))
	}
	if len(migrations) == 0 {
		return nil, &fault.Input{Path: path, Message: "the directory holds no migration", Hint: "name a directory of .sql files"}
	}
	return migrations, nil
}

// takeBack runs the rollbacks of the named migration or of the last N.
func takeBack(ctx context.Context, db *sql.DB, runner *apply.Runner, named []*migration.Migration, o options) ([]apply.Outcome, error) {
	if len(named) == 0 {
		var err error
		if named, err = lastApplied(ctx, db, o); err != nil {
			return nil, err
		}
	}
	var outcomes []apply.Outcome
	for _, m := range named {
		outcome, err := runner.Down(ctx, m)
		outcomes = append(outcomes, outcome)
		if err != nil {
			return outcomes, err
		}
	}
	return outcomes, nil
}

func lastApplied(ctx context.Context, db *sql.DB, o options) ([]*migration.Migration, error) {
	count, err := strconv.Atoi(o.Rollback)
	if err != nil || count < 1 {
		return nil, fault.Usagef("argument --rollback: want a file, or how many migrations from 1 up")
	}
	records, err := apply.InForce(ctx, db, o.Migrating.HistorySchema)
	if err != nil {
		return nil, err
	}
	if len(records) < count {
		return nil, &fault.Input{Message: fmt.Sprintf("%d migrations are to be taken back and %d are applied", count, len(records)), Hint: "--status lists them"}
	}
	var found []*migration.Migration
	for _, record := range records[:count] {
		path := record.Path
		if o.Migrating.Migrations != "" {
			path = filepath.Join(o.Migrating.Migrations, record.Name)
		}
		m, err := migration.Read(path)
		if err != nil {
			return nil, fmt.Errorf("read the migration that was applied on %s: %w; --migrations DIR says where it is now", record.FinishedAt.Time.Format(time.DateTime), err)
		}
		found = append(found, m)
	}
	return found, nil
}

func showStatus(ctx context.Context, db *sql.DB, o options, s streams) error {
	directory := o.Migrating.Migrations
	if info, err := os.Stat("migrations"); directory == "" && err == nil && info.IsDir() {
		directory = "migrations"
	}
	var migrations []*migration.Migration
	if directory != "" {
		var err error
		if migrations, err = readMigrations(directory, true, s); err != nil {
			return err
		}
	}
	entries, err := apply.Status(ctx, db, o.Migrating.HistorySchema, migrations)
	if err != nil {
		return err
	}
	if err := reportStatus(entries, o, s); err != nil {
		return err
	}
	bad := slices.ContainsFunc(entries, func(e apply.Entry) bool {
		return e.State == apply.StateChanged || e.State == apply.StateFailed || e.State == apply.StateInterrupted
	})
	if bad && o.FailOn != "" {
		return fault.Verdictf("migrations failed, were interrupted, or changed after they were applied")
	}
	return nil
}
