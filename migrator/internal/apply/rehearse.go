package apply

import (
	"context"
	"database/sql"
	"fmt"
	"time"

	"github.com/senior-backend/toolkit/migrator/internal/migration"
)

// Stage is what a rehearsal may use.
type Stage struct {
	Target    *sql.DB       // the database that is to be migrated
	Clone     *sql.DB       // an empty copy of its schema; nil when there is none
	Shared    bool          // the copy's server is in use: what reaches beyond a database must not run there
	CopyOnly  bool          // leave the target alone
	HoldLimit time.Duration // the longest time to keep locks of the target
}

// Rehearsal is what a dry run saw.
type Rehearsal struct {
	Migrations []Rehearsed
	OnClone    bool
	OnTarget   bool
	Hazards    []Hazard
	Sequences  []string // of the target that gave values, which no rollback takes back
	Err        error    // the first statement that failed, as fault.Input; nil when none did

	patience time.Duration // Options.LockTimeout
	end      snapshot      // of the clone, when all had run
}

// Rehearsed is what a dry run saw of one migration.
type Rehearsed struct {
	Name       string
	Path       string
	State      State // as it stands in the history
	Statements []Observation
}

// Observation is what a dry run saw of one statement.
type Observation struct {
	Step      migration.Step
	Alone     bool // it runs outside a transaction
	Unit      int  // which transaction of the migration it runs in
	Locks     []Lock
	Rewritten []Touched     // relations that got new storage
	Scanned   []Touched     // relations that were read from end to end
	Gone      []string      // objects and columns that are there no more under their names
	Remade    []string      // those that a later transaction makes again
	Lost      []Touched     // tables and columns whose rows are gone for good
	Retyped   []string      // columns that got another type: "NAME from TYPE to TYPE"
	Nullable  []string      // columns that may be NULL from here on
	Required  []string      // columns that every insert has to name from here on
	Phases    []string      // of an index build
	Notices   []Notice      // what the server remarked
	LockWait  time.Duration // the lock timeout that the statement ran under; 0 for none
	Clone     Proof
	Target    Proof

	made []made
}

// Notice is a remark of the server that may matter.
type Notice struct {
	Code    string // SQLSTATE
	Message string
}

// Lock is a lock on a relation that existed before the statement.
type Lock struct {
	Mode   string // such as "AccessExclusiveLock"
	Object string
	Index  bool
}

// Touched is a relation of which all was read or written, with its size in the
// live database.
type Touched struct {
	Object string
	Reason string // may be empty
	Index  bool
	Bytes  int64
	Rows   int64 // as the statistics estimate it; -1 when unknown

	occupied bool // it holds rows, or held some
}

// Proof is how a statement did in one place.
type Proof struct {
	Result   Result
	Note     string // why, when it was not simply proved
	Duration time.Duration
	Rows     int64
}

// Result is how a statement did.
type Result string

// The results.
const (
	Untried   Result = ""           // there was no such place, or an earlier statement failed
	Proved    Result = "proved"     // it ran
	Broken    Result = "failed"     // it will fail
	Dependent Result = "needs data" // what it does depends on rows that the place lacks
	Beyond    Result = "not here"   // it cannot run in this place
)

// Rehearse runs what is pending of the migrations on the clone, and what a
// transaction can hold on the target too, where it is rolled back. The error is
// about the rehearsal itself; what is wrong with a migration is in the result.
func Rehearse(ctx context.Context, stage Stage, o Options, migrations []*migration.Migration, down bool) (*Rehearsal, error) {
	rehearsal := &Rehearsal{OnClone: stage.Clone != nil, patience: o.LockTimeout}
	scripts, err := pending(ctx, stage, o, migrations, down, rehearsal)
	if err != nil {
		return nil, err
	}
	sizes, err := readSizes(ctx, stage.Target)
	if err != nil {
		return nil, err
	}
	if stage.Clone != nil {
		clone, err := openClone(ctx, stage, o, sizes)
		if err != nil {
			return nil, err
		}
		defer clone.session.close()
		for i, script := range scripts {
			err := clone.run(ctx, script, rehearsal.Migrations[i].Statements)
			if ctx.Err() != nil {
				return nil, context.Cause(ctx)
			}
			if err != nil {
				rehearsal.Err = err
				break
			}
		}
		rehearsal.end = clone.seen
	}
	if rehearsal.Err == nil && !stage.CopyOnly {
		rehearsal.OnTarget = true
		rehearsal.Err, err = onTarget(ctx, stage, o, scripts, rehearsal)
		if err != nil {
			return nil, err
		}
	}
	rehearsal.Hazards = hazards(rehearsal)
	return rehearsal, nil
}

// pending finds what would run, and lays out an observation for each statement.
func pending(ctx context.Context, stage Stage, o Options, migrations []*migration.Migration, down bool, into *Rehearsal) ([]*migration.Script, error) {
	entries, err := Status(ctx, stage.Target, o.HistorySchema, migrations)
	if err != nil {
		return nil, err
	}
	var scripts []*migration.Script
	for i, m := range migrations {
		entry := entries[i]
		script, done, err := pendingOf(ctx, m, entry, o, down)
		if err != nil {
			return nil, err
		}
		one := Rehearsed{Name: m.Name, Path: m.Path, State: entry.State}
		rest := &migration.Script{}
		if script != nil {
			rest.Path, one.Path = script.Path, script.Path
			for _, unit := range script.Units {
				if unit = unit.After(done); len(unit.Steps) > 0 {
					rest.Units = append(rest.Units, unit)
					rest.Count += len(unit.Steps)
				}
			}
			for number, unit := range rest.Units {
				for _, step := range unit.Steps {
					one.Statements = append(one.Statements, Observation{Step: step, Unit: number, Alone: !unit.Transaction})
				}
			}
		}
		scripts = append(scripts, rest)
		into.Migrations = append(into.Migrations, one)
	}
	return scripts, nil
}

// pendingOf is what a run would do with one migration; no script means nothing.
func pendingOf(ctx context.Context, m *migration.Migration, entry Entry, o Options, down bool) (*migration.Script, int, error) {
	if down {
		if m.Down == nil {
			return nil, 0, noWayBack(m)
		}
		d, err := decideDown(m, entry.Record)
		if err == nil && d.halfway {
			d.done, err = skipOf(ctx, m, entry.Record.Done, o)
		}
		return m.Down, d.done, err
	}
	if entry.State == StateChanged && m.Repeatable {
		return m.Up, 0, nil
	}
	if entry.State == StateChanged && !o.AcceptChanged {
		return nil, 0, refuseChanged(m, *entry.Record)
	}
	if entry.State == StateApplied || entry.State == StateChanged {
		return nil, 0, nil
	}
	if entry.Record == nil || entry.Record.State == stateRolledBack {
		return m.Up, 0, nil
	}
	if entry.Record.isHalfBack() {
		return nil, 0, refuseHalfway(m, *entry.Record)
	}
	d, err := resume(m, m.Up, *entry.Record)
	return m.Up, d.done, err
}

// Blocks says what a lock mode keeps others from. See PostgreSQL's table of
// conflicting lock modes.
func (l Lock) Blocks() string {
	switch l.Mode {
	case "AccessExclusiveLock":
		return "reads and writes"
	case "ExclusiveLock", "ShareRowExclusiveLock", "ShareLock":
		return "writes"
	}
	return "nothing"
}

// SQLMode is the mode as LOCK TABLE spells it.
func (l Lock) SQLMode() string {
	names := map[string]string{
		"AccessShareLock": "ACCESS SHARE", "RowShareLock": "ROW SHARE", "RowExclusiveLock": "ROW EXCLUSIVE",
		"ShareUpdateExclusiveLock": "SHARE UPDATE EXCLUSIVE", "ShareLock": "SHARE", "ShareRowExclusiveLock": "SHARE ROW EXCLUSIVE",
		"ExclusiveLock": "EXCLUSIVE", "AccessExclusiveLock": "ACCESS EXCLUSIVE",
	}
	if name, known := names[l.Mode]; known {
		return name
	}
	return l.Mode
}

// dependsOnData says that an error came from rows, or from their absence.
func dependsOnData(err error) bool {
	answer := serverError(err)
	if answer == nil {
		return false
	}
	switch class := string(answer.Code)[:2]; class {
	case "21", "22", "23", "P0":
		return true
	}
	return false
}

// sizes are the sizes of the live database's tables, by qualified name, and the
// columns that are known to be empty.
type sizes map[string]Touched

func readSizes(ctx context.Context, db *sql.DB) (sizes, error) {
	rows, err := db.QueryContext(ctx, `SELECT format('%I.%I', n.nspname, c.relname), coalesce(pg_table_size(c.oid), 0), c.reltuples::bigint,
	coalesce(pg_relation_size(c.oid), 0) > 0
FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE c.relkind IN ('r', 'm', 'i', 'p') AND n.nspname NOT IN ('pg_catalog', 'information_schema', 'pg_toast') AND n.nspname !~ '^pg_(toast_)?temp_'`)
	if err != nil {
		return nil, fmt.Errorf("read the sizes of the tables: %w", err)
	}
	defer rows.Close()
	found := sizes{}
	for rows.Next() {
		var one Touched
		if err := rows.Scan(&one.Object, &one.Bytes, &one.Rows, &one.occupied); err != nil {
			return nil, fmt.Errorf("read the sizes of the tables: %w", err)
		}
		found[one.Object] = one
	}
	if err := rows.Err(); err != nil {
		return nil, fmt.Errorf("read the sizes of the tables: %w", err)
	}
	return found, found.readEmpty(ctx, db)
}

// readEmpty adds the columns that hold nothing but NULL, as far as is known.
func (s sizes) readEmpty(ctx context.Context, db *sql.DB) error {
	rows, err := db.QueryContext(ctx, "SELECT format('%I.%I.%I', schemaname, tablename, attname) FROM pg_stats WHERE null_frac = 1 AND schemaname <> 'pg_catalog'")
	if err != nil {
		return fmt.Errorf("read the statistics of the columns: %w", err)
	}
	defer rows.Close()
	for rows.Next() {
		var one Touched
		if err := rows.Scan(&one.Object); err != nil {
			return fmt.Errorf("read the statistics of the columns: %w", err)
		}
		s[one.Object] = one
	}
	return rows.Err()
}
