package apply

import (
	"context"
	"fmt"
	"regexp"
	"time"

	"github.com/senior-backend/toolkit/migrator/internal/migration"
	"github.com/senior-backend/toolkit/migrator/internal/script"
)

const (
	codeCanceled = "57014" // also by statement_timeout
)

// target is the live database during a rehearsal: one transaction, which is
// always rolled back.
type target struct {
	session *session
	end     time.Time // when the transaction has to be over
	limit   time.Duration
	skipped int // a statement that could not run here, on which others may depend

	// Indexes that are to be dropped concurrently, which no transaction can do. A
	// plain DROP INDEX is as quick but keeps everybody from the table: it runs
	// only for a statement that fails without it.
	drops []string
}

// onTarget runs what a transaction can hold on the target. The first error is
// the statement's that fails there, the second the rehearsal's own.
func onTarget(ctx context.Context, stage Stage, o Options, scripts []*migration.Script, into *Rehearsal) (failed, err error) {
	s, err := newSession(ctx, stage.Target, o)
	if err != nil {
		return nil, err
	}
	defer s.close()
	t := &target{session: s, end: time.Now().Add(stage.HoldLimit), limit: stage.HoldLimit}
	if err := s.exec(ctx, "BEGIN"); err != nil {
		return nil, fmt.Errorf("begin the rehearsal: %w", err)
	}
	defer func() { _ = s.exec(context.WithoutCancel(ctx), "ROLLBACK") }()
	failed, err = t.scripts(ctx, scripts, into)
	if err == nil && failed == nil {
		into.Sequences, err = t.sequences(ctx)
	}
	return failed, err
}

// sequences names those that the transaction took values from: these are not
// given back by a rollback. The server holds a lock on each until the end.
func (t *target) sequences(ctx context.Context) ([]string, error) {
	rows, err := t.session.conn.QueryContext(ctx, `SELECT DISTINCT format('%I.%I', n.nspname, c.relname)
FROM pg_locks l JOIN pg_class c ON c.oid = l.relation JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE l.pid = pg_backend_pid() AND c.relkind = 'S' AND l.mode = 'RowExclusiveLock' ORDER BY 1`)
	if err != nil {
		return nil, fmt.Errorf("look for moved sequences: %w", err)
	}
	defer rows.Close()
	var found []string
	for rows.Next() {
		var name string
		if err := rows.Scan(&name); err != nil {
			return nil, fmt.Errorf("look for moved sequences: %w", err)
		}
		found = append(found, name)
	}
	return found, rows.Err()
}

func (t *target) scripts(ctx context.Context, scripts []*migration.Script, into *Rehearsal) (failed, err error) {
	for i, script := range scripts {
		at := 0
		for _, unit := range script.Units {
			for _, step := range unit.Steps {
				observation := &into.Migrations[i].Statements[at]
				at++
				if why := keptFromTarget(*observation); why != "" {
					observation.Target = Proof{Result: Beyond, Note: why}
					t.skipped = step.Number
					if drop := plainDrop(step); drop != "" {
						t.drops = append(t.drops, drop)
					}
					continue
				}
				last := step.Number == unit.Steps[len(unit.Steps)-1].Number
				goOn, err := t.step(ctx, step, observation, last)
				if err != nil {
					if ctx.Err() != nil {
						return nil, context.Cause(ctx)
					}
					return fail(ctx, script.Path, step, err), nil
				}
				if !goOn {
					return nil, nil
				}
			}
		}
	}
	return nil, nil
}

// keptFromTarget says why a statement must not run on the target, where all has
// to be undone; it is empty for statements that may.
func keptFromTarget(o Observation) string {
	switch {
	case o.Alone:
		return "no transaction can hold it"
	case o.Step.Reach() == script.ReachOutside:
		return outside
	}
	return ""
}

// step runs one statement under the limits. It returns whether to go on, and
// the error of a statement that will fail.
func (t *target) step(ctx context.Context, step migration.Step, into *Observation, last bool) (goOn bool, err error) {
	left := time.Until(t.end).Milliseconds()
	if left <= 0 {
		into.Target = t.timedOut()
		return false, nil
	}
	guarded := step.Control() == script.NoControl // others are about savepoints themselves
	limits := fmt.Sprintf("SET LOCAL lock_timeout = %d; SET LOCAL statement_timeout = %d", min(left, patienceOf(t.session.options.LockTimeout).Milliseconds()), left)
	if guarded {
		limits += "; SAVEPOINT migrator"
	}
	if err := t.session.exec(ctx, limits); err != nil {
		return false, err
	}
	begun := time.Now()
	rows, err := t.session.count(ctx, step)
	if err != nil && guarded && len(t.drops) > 0 && !dependsOnData(err) && !isTransient(err) && !isLost(err) && ctx.Err() == nil {
		rows, err = t.withoutIndexes(ctx, step, err)
	}
	if err == nil && last {
		err = t.session.exec(ctx, "SET CONSTRAINTS ALL IMMEDIATE; SET CONSTRAINTS ALL DEFERRED")
	}
	into.Target = Proof{Result: Proved, Duration: time.Since(begun), Rows: rows}
	if err == nil && guarded {
		err = t.session.exec(ctx, "RELEASE SAVEPOINT migrator")
	}
	if err == nil {
		return true, nil
	}
	if isLost(err) || ctx.Err() != nil || !guarded {
		return false, err
	}
	if undoErr := t.session.exec(ctx, "ROLLBACK TO SAVEPOINT migrator; RELEASE SAVEPOINT migrator"); undoErr != nil {
		return false, undoErr
	}
	return t.judge(step, into, err)
}

var dropConcurrently = regexp.MustCompile(`(?i)\bDROP\s+INDEX\s+CONCURRENTLY\b`)

// plainDrop is a DROP INDEX CONCURRENTLY as a transaction can hold it; empty for
// other statements.
func plainDrop(step migration.Step) string {
	head := step.Head()
	if len(head) < 3 || head[0] != "DROP" || head[1] != "INDEX" || head[2] != "CONCURRENTLY" {
		return ""
	}
	at := dropConcurrently.FindStringIndex(step.Text)
	if at == nil {
		return ""
	}
	return "DROP INDEX" + step.Text[at[1]:]
}

// withoutIndexes runs a statement that failed with err once more, without the
// indexes that would be gone by then.
func (t *target) withoutIndexes(ctx context.Context, step migration.Step, err error) (int64, error) {
	if undoErr := t.session.exec(ctx, "ROLLBACK TO SAVEPOINT migrator"); undoErr != nil {
		return 0, undoErr
	}
	for _, drop := range t.drops {
		if t.session.exec(ctx, drop) != nil {
			return 0, err // the caller goes back to the savepoint
		}
	}
	rows, err := t.session.count(ctx, step)
	if err == nil {
		t.drops = nil
	}
	return rows, err
}

// judge says what an error on the target means, and whether to go on after it.
func (t *target) judge(step migration.Step, into *Observation, err error) (goOn bool, failed error) {
	switch {
	case isCode(err, codeCanceled):
		into.Target = t.timedOut()
		return false, nil
	case isTransient(err):
		into.Target = Proof{Result: Beyond, Note: serverMessage(err) + inTheWay(t.session.blockers)}
		return false, nil
	case isCode(err, codeNewEnumValue) && into.Clone.Result == Proved:
		into.Target = Proof{Result: Beyond, Note: "the enum value was added in this same transaction"}
	case t.skipped > 0 && into.Clone.Result != Broken && !dependsOnData(err) && !isCode(err, codeSyntax):
		into.Target = Proof{Result: Beyond, Note: fmt.Sprintf("it needs statement %d, which could not run here: %s", t.skipped, serverMessage(err))}
	default:
		into.Target = Proof{Result: Broken, Note: serverMessage(err)}
		return false, err
	}
	t.skipped = step.Number
	return true, nil
}

func (t *target) timedOut() Proof {
	return Proof{Result: Beyond, Note: fmt.Sprintf("stopped after %s, so as not to keep the database's locks for longer; --hold-limit allows more", t.limit)}
}
