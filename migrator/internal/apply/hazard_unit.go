package apply

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"
)

// gathered are the transactions whose statements lock one table after another:
// each is kept until the last one is done. What a single statement locks cannot
// be had otherwise.
func gathered(m Rehearsed) []Hazard {
	exclusive := map[int]map[string]bool{}
	last, first := map[int]Observation{}, map[int]int{}
	for _, o := range m.Statements {
		if o.Alone {
			continue
		}
		if exclusive[o.Unit] == nil {
			exclusive[o.Unit], first[o.Unit] = map[string]bool{}, o.Step.Number
		}
		for _, lock := range o.Locks {
			if lock.Mode == "AccessExclusiveLock" && !lock.Index && !exclusive[o.Unit][lock.Object] {
				exclusive[o.Unit][lock.Object], last[o.Unit] = true, o
			}
		}
		for _, name := range o.Gone { // dropped, or known by another name from here on
			delete(exclusive[o.Unit], name)
		}
	}
	var found []Hazard
	for unit, tables := range exclusive {
		if o := last[unit]; len(tables) > 1 && o.Step.Number > first[unit] {
			names := slices.Sorted(maps.Keys(tables))
			found = append(found, Hazard{
				Code: "many-exclusive-locks", Severity: "warning", Migration: m.Name, Statement: o.Step.Number, Line: o.Step.Line,
				Message: fmt.Sprintf("from here on the transaction keeps everybody from %d tables until it ends: %s", len(names), strings.Join(names, ", ")),
				Advice:  `split the file, or begin it with "-- migrator: plan online" so that each statement commits`,
			})
		}
	}
	slices.SortFunc(found, func(a, b Hazard) int { return a.Line - b.Line })
	return found
}

// windows are the times between statements during which something is missing
// that a later one makes again.
func windows(m Rehearsed) []Hazard {
	var found []Hazard
	for _, o := range m.Statements {
		for _, name := range o.Remade {
			found = append(found, Hazard{
				Code: "missing-meanwhile", Severity: "warning", Migration: m.Name, Statement: o.Step.Number, Line: o.Step.Line, Object: name,
				Message: name + " is missing until a later statement makes it again: code that reads it fails meanwhile",
				Advice:  "drop and make it in one transaction: BEGIN; ... COMMIT;",
			})
		}
	}
	return found
}

// worksUnderLock are statements that take their time in a transaction that keeps
// everybody from a table already: more of it than anybody shall be kept waiting.
func worksUnderLock(m Rehearsed, patience time.Duration) []Hazard {
	var found []Hazard
	held := map[int]Observation{} // the first statement of each transaction that locks a table
	tables := map[int]string{}
	for _, o := range m.Statements {
		if o.Alone {
			continue
		}
		if first, locked := held[o.Unit]; locked {
			if work := o.work(patience); work != "" {
				h := Hazard{
					Code: "work-under-lock", Severity: "warning", Object: tables[o.Unit],
					Message: fmt.Sprintf("%s, while the transaction keeps everybody from %s since line %d", work, tables[o.Unit], first.Step.Line),
					Advice:  "do it in a transaction of its own, before or after",
				}
				h.at(m, o)
				found = append(found, h)
			}
			continue
		}
		for _, lock := range o.Locks {
			if lock.Mode == "AccessExclusiveLock" && !lock.Index && !slices.Contains(o.Gone, lock.Object) {
				held[o.Unit], tables[o.Unit] = o, lock.Object
				break
			}
		}
	}
	return found
}

// work says what a statement does that takes its time; empty when nothing.
func (o Observation) work(patience time.Duration) string {
	for _, t := range slices.Concat(o.Rewritten, o.Scanned) {
		if !t.Index && t.Bytes >= feltBytes {
			return fmt.Sprintf("all %s of %s are gone through", byteSize(t.Bytes), t.Object)
		}
	}
	switch {
	case o.Target.Rows >= manyRows:
		return fmt.Sprintf("%d rows are written", o.Target.Rows)
	case o.Target.Duration > patience:
		return fmt.Sprintf("it works for %s", o.Target.Duration.Round(100*time.Millisecond))
	}
	return ""
}

// readAgain are tables that several statements go through under a lock, one
// after the other, where one ALTER TABLE would do.
func readAgain(m Rehearsed) []Hazard {
	var found []Hazard
	first := map[string]int{}
	for _, o := range m.Statements {
		if head := o.Step.Head(); len(head) < 2 || head[0] != "ALTER" || head[1] != "TABLE" {
			continue
		}
		for _, t := range slices.Concat(o.Rewritten, o.Scanned) {
			lock, held := o.lockOn(t.Object)
			if t.Index || !held || lock.Blocks() == "nothing" {
				continue
			}
			if line, before := first[t.Object]; before {
				h := Hazard{
					Code: "read-again", Severity: "info", Object: t.Object,
					Message: fmt.Sprintf("all of %s is gone through once more, after line %d", t.Object, line),
					Advice:  "one ALTER TABLE with both actions, parted by a comma, goes through it once",
				}
				h.at(m, o)
				found = append(found, h)
				continue
			}
			first[t.Object] = o.Step.Line
		}
	}
	return found
}

// waitsLong is the first statement that waits for a lock for longer than the run
// would have it, since the file says so: everybody else queues behind it.
func waitsLong(m Rehearsed, patience time.Duration) []Hazard {
	for _, o := range m.Statements {
		if o.LockWait > 0 && o.LockWait <= patience || o.Clone.Result != Proved || concurrently(o.Step) {
			continue
		}
		for _, lock := range o.Locks {
			if lock.Blocks() == "nothing" {
				continue
			}
			h := Hazard{
				Code: "long-lock-timeout", Severity: "info", Object: lock.Object,
				Message: fmt.Sprintf("the file lets it wait for %s up to %s, and everybody who comes later waits behind it", lock.Object, o.LockWait),
				Advice:  "leave lock_timeout to --lock-timeout, which steps back and tries again",
			}
			if o.LockWait == 0 {
				h.Code, h.Severity = "no-lock-timeout", "warning"
				h.Message = fmt.Sprintf("the file turns lock_timeout off: while it waits for %s, everybody who comes later waits behind it", lock.Object)
			}
			h.at(m, o)
			return []Hazard{h}
		}
	}
	return nil
}
