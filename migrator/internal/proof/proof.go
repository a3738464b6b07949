// Package proof sees whether a migration works before anybody is asked to
// trust it.
//
// A clone of the source database, the plans there and back and the two schemas
// go in. The plan is run on the clone, the catalogs are read back and compared
// with the target; then the rollback is run and compared with the source. What
// still differs comes out. The package refuses nothing and writes no file.
package proof

import (
	"context"
	"database/sql"
	"errors"
	"fmt"

	"github.com/lib/pq"

	"github.com/senior-backend/toolkit/migrator/internal/catalog"
	"github.com/senior-backend/toolkit/migrator/internal/diff"
	"github.com/senior-backend/toolkit/migrator/internal/plan"
	"github.com/senior-backend/toolkit/migrator/internal/schema"
)

// Migration is a way there and back between two schemas.
type Migration struct {
	Source, Target *schema.Schema
	Up, Down       plan.Plan
	Options        diff.Options
}

// Failure is a migration that did not do what it should.
type Failure struct {
	Rollback    bool              // the way back failed; the way there worked
	Statement   *plan.Statement   // the statement that failed; nil when all ran
	Number      int               // of that statement, from 1
	Err         error             // the server's words, when a statement failed
	Differences []diff.Difference // what differs from what it should be, when all ran
}

func (f *Failure) Error() string {
	way := "the migration"
	if f.Rollback {
		way = "the rollback"
	}
	if f.Err != nil {
		return fmt.Sprintf("%s fails at statement %d (%s): %v", way, f.Number, firstLine(f.Statement.SQL), f.Err)
	}
	return fmt.Sprintf("%s leaves %d objects other than they should be, the first %s", way, len(f.Differences), f.Differences[0].ID)
}

func (f *Failure) Unwrap() error { return f.Err }

func firstLine(text string) string {
	for n, r := range text {
		if r == '\n' || n > 100 {
			return text[:n] + " …"
		}
	}
	return text
}

// Prove runs the migration on the clone, there and back. The error is a
// *Failure when the migration is at fault.
func Prove(ctx context.Context, clone *sql.DB, m Migration) error {
	if err := Step(ctx, clone, m.Up, m.Target, m.Options, false); err != nil {
		return err
	}
	return Step(ctx, clone, m.Down, m.Source, m.Options, true)
}

// Step runs one plan and compares what it leaves with what it should.
func Step(ctx context.Context, clone *sql.DB, p plan.Plan, wanted *schema.Schema, options diff.Options, rollback bool) error {
	_, err := Try(ctx, clone, p, wanted, options, rollback)
	return err
}

// Try is Step, and returns besides what the plan leaves, if it ran.
func Try(ctx context.Context, clone *sql.DB, p plan.Plan, wanted *schema.Schema, options diff.Options, rollback bool) (*schema.Schema, error) {
	if err := Run(ctx, clone, p); err != nil {
		var failure *Failure
		if errors.As(err, &failure) {
			failure.Rollback = rollback
		}
		return nil, err
	}
	got, err := catalog.Read(ctx, clone)
	if err != nil {
		return nil, fmt.Errorf("read the clone back: %w", err)
	}
	if left := diff.Compare(got, wanted, options).Differences; len(left) > 0 {
		return got, &Failure{Rollback: rollback, Differences: left}
	}
	return got, nil
}

// Run runs a plan's statements as its file would be run, on one connection.
func Run(ctx context.Context, db *sql.DB, p plan.Plan) error {
	conn, err := db.Conn(ctx)
	if err != nil {
		return fmt.Errorf("connect to the clone: %w", err)
	}
	defer conn.Close()
	for _, setting := range append(p.Settings(), "SET search_path = \"$user\", public") {
		if _, err := conn.ExecContext(ctx, setting); err != nil {
			return fmt.Errorf("prepare the clone: %w", err)
		}
	}
	open := false
	for n := range p.Statements {
		statement := &p.Statements[n]
		if p.Kind == plan.Transactional && !open && !statement.Alone || p.Begins(n) {
			if _, err := conn.ExecContext(ctx, "BEGIN"); err != nil {
				return fmt.Errorf("prepare the clone: %w", err)
			}
			open = true
		}
		if _, err := conn.ExecContext(ctx, statement.SQL); err != nil {
			if open {
				_, _ = conn.ExecContext(ctx, "ROLLBACK")
			}
			if ctx.Err() != nil {
				return ctx.Err()
			}
			return &Failure{Statement: statement, Number: n + 1, Err: plainError(err)}
		}
		if p.Ends(n) {
			if _, err := conn.ExecContext(ctx, "COMMIT"); err != nil {
				return &Failure{Statement: statement, Number: n + 1, Err: plainError(err)}
			}
			open = false
		}
	}
	if open {
		if _, err := conn.ExecContext(ctx, "COMMIT"); err != nil {
			return &Failure{Statement: &plan.Statement{SQL: "COMMIT"}, Number: len(p.Statements) + 1, Err: plainError(err)}
		}
	}
	return nil
}

// plainError keeps the server's message and detail.
func plainError(err error) error {
	var refused *pq.Error
	if errors.As(err, &refused) && refused.Detail != "" {
		return fmt.Errorf("%w (%s)", err, refused.Detail)
	}
	return err
}
