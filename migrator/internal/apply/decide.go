package apply

import (
	"context"
	"fmt"
	"os"

	"github.com/senior-backend/toolkit/migrator/internal/migration"
	"github.com/senior-backend/toolkit/shared/fault"
)

// decision is what is to be done with a migration.
type decision struct {
	action  Action
	done    int  // statements that are there already
	halfway bool // it is to be taken back and is not there to its end
	notes   []string
}

const timeLayout = "2006-01-02 15:04:05 MST"

// decide compares a file with its record.
func (r *Runner) decide(ctx context.Context, m *migration.Migration, record *Record) (decision, error) {
	switch {
	case record == nil:
		return r.decideUnknown(ctx, m)
	case record.State == stateRolledBack:
		return decision{action: Applied}, nil
	case record.State == stateApplied && record.Checksum == m.Checksum:
		return decision{action: Kept}, nil
	case record.State == stateApplied && m.Repeatable:
		return decision{action: Applied, notes: []string{"it changed since it last ran"}}, nil
	case record.State == stateApplied:
		return r.decideChanged(ctx, m, *record)
	case record.isHalfBack():
		return decision{}, refuseHalfway(m, *record)
	case record.Direction == directionDown:
		return decision{action: Kept, notes: []string{"a rollback of it failed and changed nothing"}}, nil
	}
	return resume(m, m.Up, *record)
}

// decideUnknown asks the histories of other tools about a file that ours lacks.
func (r *Runner) decideUnknown(ctx context.Context, m *migration.Migration) (decision, error) {
	by, err := appliedElsewhere(ctx, r.session.conn, m)
	if err != nil || by == "" {
		return decision{action: Applied}, err
	}
	record := r.newRecord(m, m.Up, directionUp)
	record.State, record.Done, record.Tool = stateApplied, m.Up.Count, by
	return decision{action: Adopted, notes: []string{"recorded as applied by " + by}}, r.history.write(ctx, r.session, record)
}

func (r *Runner) decideChanged(ctx context.Context, m *migration.Migration, record Record) (decision, error) {
	if !r.options.AcceptChanged {
		return decision{}, refuseChanged(m, record)
	}
	note := fmt.Sprintf("applied on %s, changed %s; the new text is taken as applied and was not run", record.FinishedAt.Time.Format(timeLayout), changedWhen(m))
	record.Checksum, record.Path = m.Checksum, absolute(m.Path)
	return decision{action: Accepted, notes: []string{note}}, r.history.write(ctx, r.session, record)
}

func changedWhen(m *migration.Migration) string {
	if info, err := os.Stat(m.Path); err == nil {
		return "on " + info.ModTime().Format(timeLayout)
	}
	return "at an unknown time"
}

func refuseChanged(m *migration.Migration, record Record) error {
	return &fault.Input{
		Path:    m.Path,
		Message: fmt.Sprintf("the file was applied on %s by %s and has been changed since, %s", record.FinishedAt.Time.Format(timeLayout), record.By, changedWhen(m)),
		Hint:    "put the change into a new migration and restore this file, or take it as applied with --accept-changed",
	}
}

func refuseHalfway(m *migration.Migration, record Record) error {
	return &fault.Input{Path: m.Path, Message: fmt.Sprintf("the rollback of this migration stopped after %s", plural(record.Done, "statement")), Hint: "finish it first with --rollback " + m.Path}
}

func noWayBack(m *migration.Migration) error {
	if m.Repeatable {
		return &fault.Input{Path: m.Path, Message: "a repeatable migration has no rollback", Hint: "change the file back and apply it again"}
	}
	return &fault.Input{Path: m.Path, Message: "there is no rollback for this migration", Hint: "write one beside it: " + migration.RollbackName(m)}
}

// resume goes on with a script that did not finish, if what it did is still
// what the file says.
func resume(m *migration.Migration, s *migration.Script, record Record) (decision, error) {
	if record.Done == 0 {
		return decision{action: Applied}, nil
	}
	if err := checkPrefix(m, s, record); err != nil {
		return decision{}, err
	}
	for _, unit := range s.Units {
		if last := len(unit.Steps) - 1; unit.Steps[0].Number <= record.Done && unit.Steps[last].Number > record.Done {
			return decision{}, &fault.Input{
				Path:    m.Path,
				Line:    unit.Steps[0].Line,
				Message: fmt.Sprintf("the first %s of this file are applied already, and the transaction that begins here now holds more", plural(record.Done, "statement")),
				Hint:    `end it where it ended, or begin the file with the line "-- migrator: plan online" so that its statements run one by one`,
			}
		}
	}
	return decision{action: Resumed, done: record.Done, notes: []string{fmt.Sprintf("went on at statement %d", record.Done+1)}}, nil
}

// checkPrefix refuses a script whose finished part has been changed.
func checkPrefix(m *migration.Migration, s *migration.Script, record Record) error {
	if record.Done == 0 || record.Done <= s.Count && s.PrefixChecksum(record.Done) == record.DoneChecksum {
		return nil
	}
	return &fault.Input{
		Path:    m.Path,
		Message: fmt.Sprintf("the first %s of this file are applied already, and they have been changed since", plural(record.Done, "statement")),
		Hint:    "restore them; what follows them may be edited",
	}
}

// isHalfBack says that a rollback stopped and may have taken something back.
func (r Record) isHalfBack() bool {
	return r.Direction == directionDown && (r.Done > 0 || r.State == stateRunning)
}

// decideDown says where the way back begins.
func decideDown(m *migration.Migration, record *Record) (decision, error) {
	switch {
	case record == nil || record.State == stateRolledBack:
		return decision{}, &fault.Input{Path: m.Path, Message: "this migration is not applied", Hint: "--status lists what is"}
	case record.isHalf():
		_, err := resume(m, m.Up, *record)
		return decision{halfway: true}, err
	case record.Direction == directionUp && record.State != stateApplied:
		return decision{}, &fault.Input{Path: m.Path, Message: "this migration failed and left nothing behind", Hint: "there is nothing to take back"}
	case record.Direction == directionUp:
		return decision{}, nil
	}
	return decision{done: record.Done}, checkPrefix(m, m.Down, *record)
}

// settle looks after the statement of a half-applied migration that was cut
// short, and finds how much of the rollback is to be passed over.
func (r *Runner) settle(ctx context.Context, m *migration.Migration, record Record, outcome *Outcome) (decision, error) {
	done := record.Done
	if record.Started == done+1 && record.Started <= m.Up.Count {
		goal := aimOf(m.Up.Steps()[done])
		finished, note, err := goal.repair(ctx, r.session, record.Marker)
		if err != nil {
			return decision{}, fail(ctx, m.Path, m.Up.Steps()[done], err)
		}
		if note != "" {
			outcome.Notes = append(outcome.Notes, fmt.Sprintf("statement %d: %s", record.Started, note))
		}
		if finished {
			done++
		}
	}
	skip, err := skipOf(ctx, m, done, r.options)
	if err == nil && skip > 0 {
		outcome.Notes = append(outcome.Notes, passedOver(skip))
	}
	return decision{halfway: true, done: skip}, err
}

// skipOf is how many statements of the rollback take back what was never done.
func skipOf(ctx context.Context, m *migration.Migration, done int, o Options) (int, error) {
	switch {
	case done == 0:
		return m.Down.Count, nil
	case o.MakeCopy == nil:
		return 0, &fault.Input{Path: m.Path, Message: fmt.Sprintf("this migration stopped after %s", plural(done, "statement")), Hint: "finish it first with --migrate " + m.Path}
	}
	return WayBack(ctx, m, done, func(ctx context.Context) (*Copy, error) { return o.MakeCopy(ctx, m) })
}

func passedOver(skip int) string {
	return fmt.Sprintf("passed over %s of the rollback for what was never applied", plural(skip, "statement"))
}
