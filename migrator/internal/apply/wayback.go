package apply

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"

	"github.com/senior-backend/toolkit/migrator/internal/migration"
	"github.com/senior-backend/toolkit/migrator/internal/script"
	"github.com/senior-backend/toolkit/shared/fault"
)

// Copy is a copy of the schema that a half-applied migration left, for trying
// ways back.
type Copy struct {
	DB   *sql.DB
	Same func(ctx context.Context) (bool, error) // it is again what it was copied from
	Drop func() error
}

// mostWays bounds how many ways back are tried, each on a copy of its own.
const mostWays = 100

// WayBack finds how much of a rollback to pass over when only the first
// statements of the migration are there: what takes back the others has nothing
// to do. The right rest leads to a schema from which these first statements lead
// back to where things stand. The error is a fault.Input when there is none.
func WayBack(ctx context.Context, m *migration.Migration, done int, makeCopy func(context.Context) (*Copy, error)) (skip int, err error) {
	var furthest attempt
	for skip = range min(m.Down.Count, mostWays) {
		tried, err := tryBack(ctx, m, done, skip, makeCopy)
		if err != nil {
			return 0, fmt.Errorf("try the way back on a copy: %w", err)
		}
		if tried.leads {
			return skip, nil
		}
		if tried.ran > furthest.ran || furthest.failure == nil {
			furthest = tried
		}
	}
	why := ""
	if furthest.failure != nil {
		why = "; what came furthest ends with " + furthest.failure.Error()
	}
	return 0, &fault.Input{
		Path:    m.Path,
		Message: fmt.Sprintf("this migration stopped after %s, and no rest of its rollback takes back exactly these%s", plural(done, "statement"), why),
		Hint:    "finish it first with --migrate " + m.Path + "; where that cannot be, --compare with the old schema writes the way back from where it stands",
	}
}

// attempt is how a rest of a rollback did on a copy.
type attempt struct {
	leads   bool  // it takes back exactly what is there
	ran     int   // statements that ran
	failure error // of the first that did not; nil when all ran
}

func tryBack(ctx context.Context, m *migration.Migration, done, skip int, makeCopy func(context.Context) (*Copy, error)) (tried attempt, err error) {
	c, err := makeCopy(ctx)
	if err != nil {
		return tried, err
	}
	defer func() { err = errors.Join(err, c.Drop()) }()
	for _, part := range []struct {
		script   *migration.Script
		from, to int
	}{{m.Down, skip, m.Down.Count}, {m.Up, 0, done}} {
		if err := tried.replay(ctx, c.DB, part.script, part.from, part.to); err != nil {
			return tried, err
		}
		if tried.failure != nil && part.script == m.Up {
			tried.failure = fmt.Errorf("a schema from which the migration does not lead here again: %w", tried.failure)
		}
		if tried.failure != nil {
			return tried, nil
		}
	}
	tried.leads, err = c.Same(ctx)
	return tried, err
}

// replay runs the statements with numbers above from up to to, and those before
// them that set the session up. What fails for lack of rows is no failure.
func (a *attempt) replay(ctx context.Context, db *sql.DB, s *migration.Script, from, to int) error {
	session, err := newSession(ctx, db, Options{LockTimeout: time.Minute})
	if err != nil {
		return err
	}
	defer session.close()
	for _, unit := range s.Units {
		var wanted []migration.Step
		for _, step := range unit.Steps {
			inside := step.Number > from && step.Number <= to || step.Number <= from && step.SetsSession()
			if inside && step.Reach() != script.ReachOutside {
				wanted = append(wanted, step)
			}
		}
		if len(wanted) == 0 {
			continue
		}
		unit.Steps = wanted
		step, err := session.replay(ctx, unit)
		if err != nil && (serverError(err) == nil || ctx.Err() != nil) {
			return err
		}
		if err != nil {
			a.failure = fail(ctx, s.Path, step, err)
			return nil
		}
		a.ran += len(wanted)
	}
	return nil
}

// replay runs a unit and returns the statement that failed.
func (s *session) replay(ctx context.Context, unit migration.Unit) (step migration.Step, err error) {
	step = unit.Steps[0]
	if !unit.Transaction {
		if err = s.run(ctx, step); dependsOnData(err) {
			err = nil
		}
		return step, err
	}
	if err := s.exec(ctx, unit.Begin); err != nil {
		return step, err
	}
	for _, step = range unit.Steps {
		if err := s.guarded(ctx, step); err != nil {
			return step, errors.Join(err, s.exec(ctx, "ROLLBACK"))
		}
	}
	if err = s.exec(ctx, "COMMIT"); dependsOnData(err) {
		err = nil
	}
	return step, err
}

func (s *session) guarded(ctx context.Context, step migration.Step) error {
	if step.Control() != script.NoControl { // it is about savepoints itself
		return s.run(ctx, step)
	}
	if err := s.exec(ctx, "SAVEPOINT migrator"); err != nil {
		return err
	}
	err := s.run(ctx, step)
	switch {
	case dependsOnData(err):
		return s.exec(ctx, "ROLLBACK TO SAVEPOINT migrator; RELEASE SAVEPOINT migrator")
	case err != nil:
		return err
	}
	return s.exec(ctx, "RELEASE SAVEPOINT migrator")
}
