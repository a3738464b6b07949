// Package apply runs migrations on a PostgreSQL database that people are using,
// keeps the history of what ran, and proves migrations without leaving a trace.
//
// A database and migrations go in; a changed database with its history, or a
// rehearsal's observations, come out. A file that is one transaction commits
// together with its row of the history. Other files run statement by statement,
// each recorded, so that after a crash the same call goes on at the statement
// that had not finished and first repairs what that one left behind.
//
// One run at a time works on a database: a session-level advisory lock, which
// is polled and not waited for, since a waiting session would hold up every
// CREATE INDEX CONCURRENTLY. Statements wait for locks of tables only for
// Options.LockTimeout and are tried again later, so that nobody queues behind
// them for longer.
//
// Refused are applied files that have changed, and half-applied files whose
// finished part has.
package apply

import (
	"context"
	"database/sql"
	"fmt"
	"time"

	"github.com/rs/zerolog"

	"github.com/senior-backend/toolkit/migrator/internal/migration"
	"github.com/senior-backend/toolkit/shared/fault"
)

// Options says how to run. Validate refuses what cannot be.
type Options struct {
	HistorySchema string        // where the history table is; made when missing
	LockTimeout   time.Duration // the longest wait for a table's lock
	LockRetries   int           // how often a unit is tried again after such a wait
	RunWait       time.Duration // the longest wait for another run to end
	AcceptChanged bool          // take changed applied files as they are now
	Tool          string        // version of this tool, for the history
	Log           zerolog.Logger
	Observe       func(Event) // told of each step before it returns; may be nil

	// MakeCopy makes a copy of the database's schema, on which the way back from
	// a half-applied migration is looked for. Nil refuses to roll back those.
	MakeCopy func(context.Context, *migration.Migration) (*Copy, error)
}

// Validate refuses options that cannot be obeyed, with a fault.Usage.
func (o Options) Validate() error {
	switch {
	case o.HistorySchema == "" || len(o.HistorySchema) > 63:
		return fault.Usagef("argument --history-schema: want a name of 1 to 63 bytes")
	case o.LockTimeout < time.Millisecond || o.LockTimeout > time.Hour:
		return fault.Usagef("argument --lock-timeout: want between 1ms and 1h")
	case o.LockRetries < 0 || o.LockRetries > 1000:
		return fault.Usagef("argument --lock-retries: want between 0 and 1000")
	case o.RunWait < 0:
		return fault.Usagef("argument --wait: want 0 or more")
	}
	return nil
}

// Event is one step of a run.
type Event struct {
	Kind      EventKind
	Migration string
	Statement int // from 1; 0 where none is meant
}

// EventKind is what happened.
type EventKind string

// The kinds of event, in the order in which a unit goes through them.
const (
	EventStarting  EventKind = "starting"  // before a unit's first statement
	EventDone      EventKind = "done"      // a statement succeeded
	EventRecorded  EventKind = "recorded"  // the history has it, not committed
	EventCommitted EventKind = "committed" // the unit and its record are there for good
	EventRetrying  EventKind = "retrying"  // a lock was not to be had in time
	EventWaiting   EventKind = "waiting"   // another run holds the database
)

// Outcome is what a run did with one migration.
type Outcome struct {
	Name       string
	Path       string
	Action     Action
	Statements int           // run this time
	From       int           // the first statement that ran this time
	Duration   time.Duration // of this time's statements
	Retries    int           // units tried again
	Notes      []string      // whatever a person should know about it
}

// Action is what was done with a migration.
type Action string

// The actions.
const (
	Applied    Action = "applied"
	Resumed    Action = "resumed"
	RolledBack Action = "rolled back"
	Kept       Action = "already applied"
	Accepted   Action = "accepted as changed"
	Adopted    Action = "applied by another tool"
	Failed     Action = "failed"
	Stopped    Action = "interrupted"
)

// Runner is a session that may change the database. Close ends it.
type Runner struct {
	options Options
	db      *sql.DB
	session *session
	history *history
}

// Open connects, waits until no other run works on the database, and makes the
// history when there is none. Errors are fault.Environment when another run
// holds the database for longer than Options.RunWait, and when a pooler is in
// between that does not keep sessions apart.
func Open(ctx context.Context, db *sql.DB, o Options) (*Runner, error) {
	if err := o.Validate(); err != nil {
		return nil, err
	}
	if err := Direct(ctx, db); err != nil {
		return nil, err
	}
	s, err := newSession(ctx, db, o)
	if err != nil {
		return nil, err
	}
	r := &Runner{options: o, db: db, session: s, history: &history{schema: o.HistorySchema}}
	if err := s.lock(ctx); err != nil {
		s.close()
		return nil, err
	}
	if err := r.history.create(ctx, s); err != nil {
		s.close()
		return nil, err
	}
	return r, nil
}

// Close ends the session, and with it the lock of the database.
func (r *Runner) Close() { r.session.close() }

// Up applies the migrations that are not applied yet, in the order given. After
// an error the outcomes hold what was done, with the failed one last.
func (r *Runner) Up(ctx context.Context, migrations []*migration.Migration) ([]Outcome, error) {
	var outcomes []Outcome
	for _, m := range migrations {
		outcome, err := r.up(ctx, m)
		if ctx.Err() != nil && outcome.Action == Failed {
			outcome.Action = Stopped
		}
		outcomes = append(outcomes, outcome)
		if err != nil {
			return outcomes, explained(ctx, err)
		}
	}
	return outcomes, nil
}

func (r *Runner) up(ctx context.Context, m *migration.Migration) (Outcome, error) {
	outcome := Outcome{Name: m.Name, Path: m.Path, Action: Failed}
	record, err := r.find(ctx, m.Name)
	if err != nil {
		return outcome, err
	}
	decision, err := r.decide(ctx, m, record)
	if err != nil || decision.action != Applied && decision.action != Resumed {
		outcome.Action = decision.action
		outcome.Notes = decision.notes
		if err != nil {
			outcome.Action = Failed
		}
		return outcome, err
	}
	outcome.Notes = decision.notes
	run := r.newExecution(m, m.Up, directionUp, decision.done, record, &outcome)
	if err := run.all(ctx); err != nil {
		return outcome, err
	}
	outcome.Action = decision.action
	return outcome, nil
}

// Down takes back the migration, which must be applied, half applied or half
// taken back. Of a half-applied one the rest of the rollback runs that was seen
// to take back what is there.
func (r *Runner) Down(ctx context.Context, m *migration.Migration) (Outcome, error) {
	outcome, err := r.down(ctx, m)
	if ctx.Err() != nil && outcome.Action == Failed {
		outcome.Action = Stopped
	}
	return outcome, explained(ctx, err)
}

func (r *Runner) down(ctx context.Context, m *migration.Migration) (Outcome, error) {
	outcome := Outcome{Name: m.Name, Path: m.Path, Action: Failed}
	if m.Down == nil {
		return outcome, noWayBack(m)
	}
	outcome.Path = m.Down.Path
	record, err := r.find(ctx, m.Name)
	if err != nil {
		return outcome, err
	}
	decision, err := decideDown(m, record)
	if err != nil {
		return outcome, err
	}
	if decision.halfway {
		if decision, err = r.settle(ctx, m, *record, &outcome); err != nil {
			return outcome, err
		}
	}
	run := r.newExecution(m, m.Down, directionDown, decision.done, record, &outcome)
	run.halfway = decision.halfway
	if err := run.all(ctx); err != nil {
		return outcome, err
	}
	outcome.Action = RolledBack
	return outcome, nil
}

// find reads a migration's record, whatever the one before did to the session.
func (r *Runner) find(ctx context.Context, name string) (*Record, error) {
	if err := r.session.reset(ctx); err != nil {
		return nil, err
	}
	return r.history.find(ctx, r.session, name)
}

// InForce returns the records of migrations that are there, newest first, be it
// by half. It only reads.
func InForce(ctx context.Context, db *sql.DB, historySchema string) ([]Record, error) {
	h := &history{schema: historySchema}
	records, err := h.all(ctx, db)
	if err != nil {
		return nil, err
	}
	return inForce(records), nil
}

func (r *Runner) observe(kind EventKind, name string, statement int) {
	if r.options.Observe != nil {
		r.options.Observe(Event{Kind: kind, Migration: name, Statement: statement})
	}
}

func plural(n int, noun string) string {
	if n == 1 {
		return "1 " + noun
	}
	return fmt.Sprintf("%d %ss", n, noun)
}
