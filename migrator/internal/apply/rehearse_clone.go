package apply

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"maps"
	"slices"
	"time"

	"github.com/senior-backend/toolkit/migrator/internal/migration"
	"github.com/senior-backend/toolkit/migrator/internal/script"
)

// clone is a copy of the schema in which statements run for good.
type clone struct {
	db      *sql.DB
	session *session
	sizes   sizes
	shared  bool     // its server is in use
	first   snapshot // as it was copied
	seen    snapshot // as it is
	skipped int      // a statement that could not run here, on which others may depend
}

func openClone(ctx context.Context, stage Stage, o Options, live sizes) (*clone, error) {
	db := stage.Clone
	s, err := newSession(ctx, db, o)
	if err != nil {
		return nil, err
	}
	// Only a superuser may have event triggers; without one the reasons of
	// rewrites stay unknown and the rewrites are still seen.
	if err := s.exec(ctx, noteRewrites); err != nil && serverError(err) == nil {
		s.close()
		return nil, err
	}
	c := &clone{db: db, session: s, sizes: live, shared: stage.Shared}
	if c.seen, err = s.look(ctx); err != nil {
		s.close()
		return nil, err
	}
	c.first = maps.Clone(c.seen)
	return c, nil
}

// run runs a script and fills in its observations. The error is the
// statement's that fails, whatever rows there are.
func (c *clone) run(ctx context.Context, s *migration.Script, into []Observation) error {
	all := into
	if err := c.session.reset(ctx); err != nil {
		return err
	}
	for _, unit := range s.Units {
		mine := into[:len(unit.Steps)]
		into = into[len(unit.Steps):]
		var step migration.Step
		var err error
		switch {
		case !unit.Transaction:
			step, err = unit.Steps[0], c.alone(ctx, &mine[0])
		case len(unit.Steps) == 1:
			step, err = c.isolated(ctx, unit, mine)
			if unit.Begin == "BEGIN" && isCode(err, codeInTransaction, codeTermination) {
				mine[0].Alone = true
				err = c.alone(ctx, &mine[0])
			}
		default:
			step, err = c.together(ctx, unit, mine)
			if err == nil && separable(unit) {
				step, err = c.isolated(ctx, unit, mine)
			}
		}
		if err != nil {
			return fail(ctx, s.Path, step, err)
		}
		c.seen.findRemade(mine)
		for i := range mine {
			mine[i].Remade = nil // within one transaction nobody missed it
		}
	}
	c.seen.findRemade(all)
	return nil
}

// severalMany is how many statements of one transaction are looked at one by
// one. A file with more is rows, written as statements.
const severalMany = 300

// separable says that the statements of a unit can run one transaction each,
// since none is about the transaction itself.
func separable(unit migration.Unit) bool {
	return len(unit.Steps) <= severalMany && !slices.ContainsFunc(unit.Steps, func(step migration.Step) bool {
		head := step.Head()
		switch step.Verb() {
		case "SET":
			return len(head) > 1 && (head[1] == "CONSTRAINTS" || head[1] == "TRANSACTION")
		case "DECLARE", "SAVEPOINT", "ROLLBACK", "RELEASE", "LOCK":
			return true
		case "CREATE":
			return slices.Contains(head, "TEMP") || slices.Contains(head, "TEMPORARY")
		}
		return false
	})
}

// writesRows says that a statement is about rows alone, so that a long run of
// its kind need not be looked at one by one.
func writesRows(step migration.Step) bool {
	return slices.Contains([]string{"INSERT", "UPDATE", "DELETE", "COPY", "MERGE", "SELECT", "VALUES"}, step.Verb())
}

func isSetLocal(step migration.Step) bool {
	head := step.Head()
	return len(head) > 1 && head[0] == "SET" && head[1] == "LOCAL"
}

// together runs a unit as it will run, in one transaction. What its statements
// show is kept only where the unit cannot be taken apart: then it commits.
func (c *clone) together(ctx context.Context, unit migration.Unit, into []Observation) (step migration.Step, err error) {
	s := c.session
	if err := s.exec(ctx, unit.Begin); err != nil {
		return unit.Steps[0], err
	}
	end, apart := "ROLLBACK", separable(unit)
	var held []Lock
	before, err := s.recount(ctx, c.seen)
	if err != nil {
		return unit.Steps[0], err
	}
	for i, step := range unit.Steps {
		blind := apart || len(unit.Steps) > severalMany && writesRows(step)
		if before, err = c.step(ctx, step, &into[i], before, blind); err != nil {
			into[i].Clone = Proof{Result: Broken, Note: serverMessage(err)}
			return step, errors.Join(err, s.exec(ctx, "ROLLBACK"))
		}
		if !blind {
			locks := into[i].Locks
			into[i].Locks, held = without(locks, held), locks
		}
	}
	step = unit.Steps[len(unit.Steps)-1]
	if err := s.exec(ctx, "SET CONSTRAINTS ALL IMMEDIATE"); err != nil && !dependsOnData(err) {
		return step, errors.Join(err, s.exec(ctx, "ROLLBACK"))
	}
	if !apart {
		end, c.seen = "COMMIT", before
	}
	return step, s.exec(ctx, end)
}

// isolated runs each statement in a transaction of its own, so that each shows
// all the locks that it takes.
func (c *clone) isolated(ctx context.Context, unit migration.Unit, into []Observation) (migration.Step, error) {
	s := c.session
	var local []migration.Step
	for i, step := range unit.Steps {
		if err := s.exec(ctx, unit.Begin); err != nil {
			return step, err
		}
		before, err := s.recount(ctx, c.seen)
		if err != nil {
			return step, err
		}
		for _, setting := range local {
			if err := s.run(ctx, setting); err != nil {
				return setting, errors.Join(err, s.exec(ctx, "ROLLBACK"))
			}
		}
		if isSetLocal(step) {
			local = append(local, step)
		}
		fresh := Observation{Step: step, Unit: into[i].Unit}
		after, err := c.step(ctx, step, &fresh, before, false)
		if err != nil {
			fresh.Clone = Proof{Result: Broken, Note: serverMessage(err)}
			into[i] = fresh
			return step, errors.Join(err, s.exec(ctx, "ROLLBACK"))
		}
		into[i] = fresh
		switch err := s.exec(ctx, "COMMIT"); {
		case err == nil:
			c.seen = after
		case !dependsOnData(err):
			return step, err
		}
	}
	return migration.Step{}, nil
}

// step runs one statement inside the transaction, looks at what it did unless it
// is to go blind, and returns what is there then.
func (c *clone) step(ctx context.Context, step migration.Step, into *Observation, before snapshot, blind bool) (snapshot, error) {
	s := c.session
	if note := c.keptFrom(step); note != "" {
		into.Clone, c.skipped = Proof{Result: Beyond, Note: note}, step.Number
		return before, nil
	}
	guarded := step.Control() == script.NoControl // others are about savepoints themselves
	if guarded {
		if err := s.exec(ctx, "SAVEPOINT migrator"); err != nil {
			return nil, err
		}
	}
	s.takeNotices()
	begun := time.Now()
	rows, note, err := c.try(ctx, into)
	into.Clone = Proof{Result: Proved, Note: note, Duration: time.Since(begun), Rows: rows}
	into.Notices = s.takeNotices()
	if forgiven, can := c.forgive(step, err); can && guarded {
		into.Clone = forgiven
		return before, s.exec(ctx, "ROLLBACK TO SAVEPOINT migrator; RELEASE SAVEPOINT migrator")
	}
	if err == nil && guarded {
		err = s.exec(ctx, "RELEASE SAVEPOINT migrator")
	}
	if err != nil || blind {
		return before, err
	}
	reasons, err := s.takeReasons(ctx)
	if err == nil {
		into.LockWait, err = s.lockWait(ctx)
	}
	if err != nil {
		return nil, err
	}
	after, err := s.look(ctx)
	if err != nil {
		return nil, err
	}
	into.forget()
	into.compare(c.first, before, after, c.sizes, reasons)
	into.Locks, err = locksOf(ctx, s.conn, s.pid, before.only(c.first))
	return after, err
}

// keptFrom says why a statement must not run on the clone: it would change what
// others use. It is empty for statements that may.
func (c *clone) keptFrom(step migration.Step) string {
	switch reach := step.Reach(); {
	case reach == script.ReachOutside && !isSubscription(step):
		return outside
	case reach == script.ReachServer && c.shared:
		return "it would change the whole server, which is in use"
	}
	return ""
}

const outside = "it reaches out of the database, to files or to another server"

// forgive says what an error on the clone means when it need not be the
// statement's fault: rows that are not there, or what could not be made here.
func (c *clone) forgive(step migration.Step, err error) (Proof, bool) {
	switch {
	case err == nil || serverError(err) == nil:
		return Proof{}, false
	case dependsOnData(err):
		return Proof{Result: Dependent, Note: serverMessage(err)}, true
	case isSubscription(step) && isCode(err, codeNoPrivilege):
		c.skipped = step.Number
		return Proof{Result: Beyond, Note: "the role may not make it on the copy's server: " + serverMessage(err)}, true
	case step.Reach() == script.ReachServer && isCode(err, codeNoDatabase, codeNoObject):
		c.skipped = step.Number
		return Proof{Result: Beyond, Note: "the copy is on another server: " + serverMessage(err)}, true
	case c.skipped > 0 && !isCode(err, codeSyntax, codeInTransaction, codeTermination) && !isLost(err):
		note := fmt.Sprintf("it needs statement %d, which could not run here: %s", c.skipped, serverMessage(err))
		c.skipped = step.Number
		return Proof{Result: Beyond, Note: note}, true
	}
	return Proof{}, false
}

// alone runs a statement outside a transaction. One that works concurrently is
// made to wait by another session that pins its table, so that its locks can be
// seen.
func (c *clone) alone(ctx context.Context, into *Observation) error {
	s := c.session
	if note := c.keptFrom(into.Step); note != "" {
		into.Clone, c.skipped = Proof{Result: Beyond, Note: note}, into.Step.Number
		return nil
	}
	pin, err := c.pin(ctx, aimOf(into.Step))
	if err != nil {
		return err
	}
	watched := make(chan struct{})
	watching, stop := context.WithCancel(ctx)
	go func() {
		defer close(watched)
		c.observe(watching, into, pin)
	}()
	s.takeNotices()
	begun := time.Now()
	rows, note, err := c.tryAlone(ctx, into, pin != nil)
	stop()
	<-watched
	if pin != nil {
		pin.close()
	}
	into.Clone = Proof{Result: Proved, Note: note, Duration: time.Since(begun), Rows: rows}
	into.Notices = s.takeNotices()
	if err != nil {
		into.Clone = Proof{Result: Broken, Note: serverMessage(err)}
		if forgiven, can := c.forgive(into.Step, err); can {
			into.Clone, err = forgiven, nil
		}
		return err
	}
	after, err := s.look(ctx)
	if err != nil {
		return err
	}
	before := c.seen
	for id, r := range before { // what was counted before is in other transactions
		r.scans = after[id].scans
		before[id] = r
	}
	into.compare(c.first, before, after, c.sizes, "")
	if aim := aimOf(into.Step); aim.kind == aimMakeIndex {
		into.Scanned = c.scanned(ctx, aim)
	}
	c.seen = after
	return nil
}

// scanned is the table whose index was built.
func (c *clone) scanned(ctx context.Context, goal aim) []Touched {
	var oid sql.NullInt64
	if err := c.session.conn.QueryRowContext(ctx, "SELECT to_regclass($1)::oid::bigint", goal.table).Scan(&oid); err != nil {
		return nil
	}
	table, existed := c.first.table(oid.Int64)
	if !existed {
		return nil
	}
	now, _ := c.seen.table(oid.Int64)
	return []Touched{c.sizes.of(table.name, now.name, "")}
}
