package apply

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/senior-backend/toolkit/migrator/internal/migration"
)

// alone runs a statement that no transaction can hold, and records it before
// and after. If an earlier run ended between the two, what it left is repaired.
func (e *execution) alone(ctx context.Context, step migration.Step) error {
	s := e.runner.session
	goal := aimOf(step)
	if e.begun == step.Number {
		e.begun = 0
		finished, note, err := goal.repair(ctx, s, e.marker)
		if err != nil {
			return err
		}
		if note != "" {
			e.note(fmt.Sprintf("statement %d: %s", step.Number, note))
		}
		if finished {
			return e.recordAlone(ctx, step)
		}
	}
	if note, err := goal.clear(ctx, s); err != nil {
		return err
	} else if note != "" {
		e.note(fmt.Sprintf("statement %d: %s", step.Number, note))
	}
	marker, err := goal.marker(ctx, s)
	if err != nil {
		return err
	}
	e.record.Started, e.record.Marker = step.Number, marker
	if err := e.writeAlone(ctx, func() {}); err != nil {
		return err
	}
	e.runner.observe(EventStarting, e.name, step.Number)
	if err := e.runAlone(ctx, step); err != nil {
		if ctx.Err() != nil || isLost(err) {
			return err
		}
		finished, note, repairErr := goal.repair(ctx, s, marker)
		if repairErr != nil { // the next attempt begins with it
			e.begun, e.marker = step.Number, marker
			return errors.Join(err, repairErr)
		}
		if !finished || goal.kind != aimDetach {
			return err
		}
		e.note(fmt.Sprintf("statement %d: %s", step.Number, note))
	}
	e.runner.observe(EventDone, e.name, step.Number)
	return e.recordAlone(ctx, step)
}

func (e *execution) note(text string) {
	e.outcome.Notes = append(e.outcome.Notes, text)
	e.runner.options.Log.Info().Msgf("%s: %s", e.name, text)
}

// runAlone runs the statement. One that works concurrently may wait for as long
// as it takes, whatever lock_timeout the script has set: nobody waits for it,
// and to step back would be to build the index again.
func (e *execution) runAlone(ctx context.Context, step migration.Step) error {
	s := e.runner.session
	if !concurrently(step) {
		return s.run(ctx, step)
	}
	var timeout string
	if err := s.conn.QueryRowContext(ctx, "SELECT setting FROM pg_settings WHERE name = 'lock_timeout'").Scan(&timeout); err != nil {
		return err
	}
	if err := s.exec(ctx, "SET lock_timeout = 0"); err != nil {
		return err
	}
	s.endless = true
	err := s.run(ctx, step)
	s.endless = false
	if ctx.Err() != nil || err != nil && isLost(err) {
		return err
	}
	return errors.Join(err, s.exec(ctx, "SET lock_timeout = "+timeout))
}

// recordAlone records the statement as done.
func (e *execution) recordAlone(ctx context.Context, step migration.Step) error {
	sum := e.advance([]migration.Step{step})
	e.record.Duration = time.Since(e.since)
	err := e.writeAlone(ctx, func() { e.runner.observe(EventRecorded, e.name, step.Number) })
	if err != nil {
		return fmt.Errorf("record statement %d, which is done: %w", step.Number, err)
	}
	e.prefix = sum
	e.runner.observe(EventCommitted, e.name, step.Number)
	return nil
}

// writeAlone writes the record in a transaction of its own, as the role that the
// run began with, whatever role the script has taken on.
func (e *execution) writeAlone(ctx context.Context, written func()) error {
	s := e.runner.session
	if err := s.exec(ctx, "BEGIN; "+asOurselves); err != nil {
		return err
	}
	if err := e.runner.history.write(ctx, s, e.record); err != nil {
		return errors.Join(err, s.exec(ctx, "ROLLBACK"))
	}
	written()
	return s.exec(ctx, "COMMIT")
}
