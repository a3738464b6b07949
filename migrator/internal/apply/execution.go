package apply

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"path/filepath"
	"time"

	"github.com/senior-backend/toolkit/migrator/internal/migration"
)

// asOurselves takes off, until the transaction ends, the role that a script put
// on, which need not see the history.
const asOurselves = "SET LOCAL session_authorization TO DEFAULT; SET LOCAL role TO DEFAULT"

// execution is one script on its way.
type execution struct {
	runner  *Runner
	name    string
	script  *migration.Script
	record  Record // as it will be written next
	prefix  migration.Prefix
	outcome *Outcome
	before  *Record // as it was found; may be nil
	passed  int     // statements that were done when it began
	halfway bool    // it takes back what is not there to its end
	begun   int     // the statement that an earlier run began outside a transaction
	marker  string  // what that run noted before it
	since   time.Time
}

func (r *Runner) newRecord(m *migration.Migration, s *migration.Script, direction string) Record {
	return Record{
		Name: m.Name, Path: absolute(m.Path), Format: m.Format, Checksum: m.Checksum, Direction: direction,
		State: stateRunning, Statements: s.Count, Tool: r.options.Tool,
	}
}

func (r *Runner) newExecution(m *migration.Migration, s *migration.Script, direction string, done int, before *Record, outcome *Outcome) *execution {
	e := &execution{runner: r, name: m.Name, script: s, record: r.newRecord(m, s, direction), outcome: outcome, before: before}
	for _, step := range s.Steps()[:done] {
		e.prefix = e.prefix.With(step)
	}
	e.passed = done
	e.record.Done, e.record.DoneChecksum = done, e.prefix.String()
	if before != nil && before.Direction == direction && before.Started == done+1 {
		e.begun, e.marker = before.Started, before.Marker
	}
	return e
}

// all runs what is not done yet.
func (e *execution) all(ctx context.Context) error {
	e.since = time.Now()
	s := e.runner.session
	if err := e.prepare(ctx); err != nil {
		return err
	}
	if e.record.Done >= e.script.Count { // nothing left, or nothing at all, to run
		e.finish()
		return e.runner.history.write(ctx, s, e.record)
	}
	for _, unit := range e.script.Units {
		unit = unit.After(e.record.Done)
		if len(unit.Steps) == 0 {
			continue
		}
		if e.outcome.From == 0 {
			e.outcome.From = unit.Steps[0].Number
		}
		if err := e.patiently(ctx, unit); err != nil {
			e.outcome.Duration = time.Since(e.since)
			return e.recordFailure(ctx, err)
		}
		e.outcome.Statements += len(unit.Steps)
	}
	e.outcome.Duration = time.Since(e.since)
	return nil
}

// prepare gives the session what the statements that are done had set.
func (e *execution) prepare(ctx context.Context) error {
	s := e.runner.session
	if err := s.reset(ctx); err != nil {
		return err
	}
	for _, step := range e.script.Steps()[:e.record.Done] {
		if !step.SetsSession() {
			continue
		}
		if err := s.run(ctx, step); err != nil {
			return fail(ctx, e.script.Path, step, err)
		}
	}
	return nil
}

// patiently runs a unit, again after a pause while locks are not to be had.
func (e *execution) patiently(ctx context.Context, unit migration.Unit) error {
	r := e.runner
	pause := 250 * time.Millisecond
	for attempt := 0; ; attempt++ {
		if err := e.keepLock(ctx); err != nil {
			return err
		}
		step, err := e.once(ctx, unit)
		if err == nil {
			return nil
		}
		if !isTransient(err) || ctx.Err() != nil {
			return fail(ctx, e.script.Path, step, err)
		}
		if attempt >= r.options.LockRetries {
			hint := fmt.Sprintf("gave up after %s; nobody was kept waiting for longer than %s", plural(attempt+1, "attempt"), r.options.LockTimeout)
			if r.session.blockers != "" {
				hint = "in the way was " + r.session.blockers + "; " + hint
			}
			return withHint(fail(ctx, e.script.Path, step, err), hint)
		}
		e.outcome.Retries++
		r.observe(EventRetrying, e.name, step.Number)
		wait := pause/2 + rand.N(pause)
		r.options.Log.Info().Msgf("%s:%d: %s; trying again in %s%s", e.script.Path, step.Line, serverMessage(err), wait.Round(time.Millisecond), inTheWay(r.session.blockers))
		if err := sleep(ctx, wait); err != nil {
			return err
		}
		pause = min(2*pause, 10*time.Second)
	}
}

func inTheWay(blockers string) string {
	if blockers == "" {
		return ""
	}
	return "; in the way: " + blockers
}

// keepLock takes the database's lock again when a script let it go.
func (e *execution) keepLock(ctx context.Context) error {
	s := e.runner.session
	holds, err := s.holds(ctx)
	if err != nil {
		return err
	}
	if holds {
		return nil
	}
	return s.lock(ctx)
}

// once runs a unit and returns the statement that failed.
func (e *execution) once(ctx context.Context, unit migration.Unit) (migration.Step, error) {
	if limit, err := e.runner.session.lockWait(ctx); err != nil {
		return unit.Steps[0], err
	} else if limit != patienceOf(e.runner.options.LockTimeout) {
		e.runner.session.limit = limit
	}
	if !unit.Transaction {
		return unit.Steps[0], e.alone(ctx, unit.Steps[0])
	}
	step, err := e.inTransaction(ctx, unit)
	if len(unit.Steps) == 1 && unit.Begin == "BEGIN" && isCode(err, codeInTransaction, codeTermination) {
		return step, e.alone(ctx, step)
	}
	return step, err
}

// inTransaction runs a unit together with its record.
func (e *execution) inTransaction(ctx context.Context, unit migration.Unit) (migration.Step, error) {
	s, before := e.runner.session, e.record
	step := unit.Steps[0]
	if err := s.exec(ctx, unit.Begin); err != nil {
		return step, err
	}
	undo := func(err error) (migration.Step, error) {
		e.record = before
		if ctx.Err() == nil && !isLost(err) {
			err = errors.Join(err, s.exec(ctx, "ROLLBACK"))
		}
		return step, err
	}
	s.since = time.Now()
	defer func() { s.since = time.Time{} }()
	e.runner.observe(EventStarting, e.name, step.Number)
	patience := newPatience(patienceOf(s.options.LockTimeout))
	for _, step = range unit.Steps {
		if err := patience.wane(ctx, s, step); err != nil {
			return undo(err)
		}
		if err := s.run(ctx, step); err != nil {
			return undo(err)
		}
		e.runner.observe(EventDone, e.name, step.Number)
	}
	if err := s.exec(ctx, asOurselves); err != nil {
		return undo(err)
	}
	sum := e.advance(unit.Steps)
	if err := e.runner.history.write(ctx, s, e.record); err != nil {
		return undo(err)
	}
	e.runner.observe(EventRecorded, e.name, step.Number)
	if err := s.exec(ctx, "COMMIT"); err != nil {
		return undo(err)
	}
	e.prefix = sum
	e.runner.observe(EventCommitted, e.name, step.Number)
	return step, nil
}

// advance puts the steps into the record and returns the checksum that is valid
// once they are there for good.
func (e *execution) advance(steps []migration.Step) migration.Prefix {
	sum := e.prefix
	for _, step := range steps {
		sum = sum.With(step)
	}
	e.record.Done, e.record.DoneChecksum = steps[len(steps)-1].Number, sum.String()
	e.record.Started, e.record.Marker = 0, ""
	if e.record.Done >= e.script.Count {
		e.finish()
	}
	return sum
}

// finish makes the record that of a script that ran to its end.
func (e *execution) finish() {
	e.record.State, e.record.Duration = stateApplied, time.Since(e.since)
	if e.record.Direction == directionDown {
		e.record.State = stateRolledBack
	}
}

// recordFailure notes in the history why the script stopped, and tells the
// person what is there. It returns err.
func (e *execution) recordFailure(ctx context.Context, err error) error {
	if ctx.Err() != nil || isLost(err) {
		return err
	}
	left := "nothing of this file was applied"
	if e.record.Done > 0 {
		left = fmt.Sprintf("%s before it stay applied; mend it and run the same command, which goes on there", plural(e.record.Done, "statement"))
	}
	nothing := e.record.Direction == directionDown && (e.record.Done == 0 || e.halfway && e.record.Done == e.passed)
	if nothing {
		left = "nothing was taken back"
	}
	err = withHint(err, left)
	record := e.record
	if nothing && e.halfway { // it is as half applied as it was
		record = *e.before
	}
	record.State, record.Error, record.Duration = stateFailed, err.Error(), time.Since(e.since)
	s := e.runner.session
	if resetErr := s.reset(ctx); resetErr != nil {
		return err
	}
	if writeErr := e.runner.history.write(ctx, s, record); writeErr != nil {
		e.runner.options.Log.Warn().Msgf("the failure could not be recorded: %v", writeErr)
	}
	return err
}

func absolute(path string) string {
	if full, err := filepath.Abs(path); err == nil {
		return full
	}
	return path
}

// concurrently says that a statement takes its time without keeping anybody.
func concurrently(step migration.Step) bool {
	head := step.Head()
	for _, word := range head {
		if word == "CONCURRENTLY" {
			return step.OutsideTransaction()
		}
	}
	return len(head) > 0 && head[0] == "REINDEX" && step.OutsideTransaction()
}
