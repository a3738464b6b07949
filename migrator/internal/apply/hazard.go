package apply

import (
	"fmt"
	"slices"
	"strings"
)

// Hazard is what may go wrong when a migration runs on a database in use.
type Hazard struct {
	Code      string // stable, such as "table-rewrite"
	Severity  string // "error", "warning" or "info"
	Migration string
	Statement int
	Line      int
	Object    string
	Message   string
	Advice    string
}

// Sizes, in bytes, from which work under a lock is felt, and from which it is an
// outage.
const (
	feltBytes   = 10 << 20
	outageBytes = 1 << 30
	manyRows    = 10_000
)

// hazards reads what was observed.
func hazards(r *Rehearsal) []Hazard {
	var found []Hazard
	for _, m := range r.Migrations {
		for _, o := range m.Statements {
			of := slices.Concat(o.blocking(), o.breaking(), o.fresh(r.end), o.remarks())
			for i := range of {
				of[i].at(m, o)
			}
			found = append(found, of...)
		}
		found = slices.Concat(found, windows(m), gathered(m), worksUnderLock(m, r.patience), readAgain(m), waitsLong(m, r.patience))
	}
	order := []string{"error", "warning", "info"}
	slices.SortStableFunc(found, func(a, b Hazard) int { return slices.Index(order, a.Severity) - slices.Index(order, b.Severity) })
	return found
}

// at says which statement the hazard comes from.
func (h *Hazard) at(m Rehearsed, o Observation) {
	h.Migration, h.Statement, h.Line = m.Name, o.Step.Number, o.Step.Line
}

// blocking is what keeps others waiting while the statement works.
func (o Observation) blocking() []Hazard {
	var found []Hazard
	head, verb := o.Step.Head(), o.Step.Verb()
	for _, t := range o.Rewritten {
		if t.Index || verb == "TRUNCATE" {
			continue // an index is written anew with its table; alone it shows as a scan of the table
		}
		message := fmt.Sprintf("all of %s is written anew%s, %s", t.Object, because(t.Reason), underLock(o, t.Object))
		found = append(found, Hazard{Code: "table-rewrite", Severity: bySize(t.Bytes), Object: t.Object, Message: message + howLong(t, 100<<20), Advice: rewriteAdvice(verb)})
	}
	for _, t := range o.Scanned {
		lock, held := o.lockOn(t.Object)
		if !held || lock.Blocks() == "nothing" {
			continue
		}
		h := Hazard{
			Code: "scan-under-lock", Severity: bySize(t.Bytes), Object: t.Object,
			Message: fmt.Sprintf("all of %s is read, %s%s", t.Object, underLock(o, t.Object), howLong(t, 400<<20)),
			Advice:  scanAdvice(head),
		}
		switch {
		case verb == "CREATE" && slices.Contains(head, "INDEX"):
			h.Code = "blocking-index-build"
		case verb == "REINDEX":
			h.Code, h.Message = "blocking-reindex", h.Message+"; its indexes are under ACCESS EXCLUSIVE meanwhile, and every query of the table waits for them"
		}
		found = append(found, h)
	}
	found = append(found, o.exclusive(head)...)
	if slices.Contains([]string{"UPDATE", "DELETE", "MERGE", "WITH"}, verb) {
		found = append(found, o.unbatched()...)
	}
	return found
}

// exclusive is a short statement that has a form which keeps nobody waiting.
func (o Observation) exclusive(head []string) []Hazard {
	h := Hazard{Severity: "warning"}
	switch {
	case o.Alone || len(head) < 2:
		return nil
	case head[0] == "DROP" && head[1] == "INDEX":
		h.Code, h.Advice = "blocking-index-drop", "DROP INDEX CONCURRENTLY"
	case head[0] == "ALTER" && slices.Contains(head, "DETACH"):
		h.Code, h.Advice = "blocking-detach", "ALTER TABLE ... DETACH PARTITION ... CONCURRENTLY, from PostgreSQL 14 on, when there is no default partition"
	default:
		return nil
	}
	var tables []string
	for _, lock := range o.Locks {
		if lock.Mode == "AccessExclusiveLock" && !lock.Index {
			tables = append(tables, lock.Object)
		}
	}
	if len(tables) == 0 {
		return nil
	}
	h.Object, h.Message = tables[0], "everybody who uses "+strings.Join(tables, " or ")+" waits until the transaction ends"
	return []Hazard{h}
}

// unbatched is a statement that writes very many rows at once. Where it did not
// run on the rows, the size of the table that it reads says how many at most.
func (o Observation) unbatched() []Hazard {
	rows, most := o.Target.Rows, ""
	if o.Target.Result != Proved {
		for _, t := range o.Scanned {
			rows, most = max(rows, t.Rows), "up to "
		}
	}
	if rows < manyRows {
		return nil
	}
	return []Hazard{{Code: "unbatched-write", Severity: "warning", Message: fmt.Sprintf("%s%d rows are locked until the transaction ends", most, rows), Advice: "write them in batches, each in a transaction"}}
}

// breaking is what code that runs meanwhile, or the rows, will not survive.
func (o Observation) breaking() []Hazard {
	var found []Hazard
	lost := o.Lost
	if o.Step.Verb() == "TRUNCATE" {
		lost = o.Rewritten
	}
	for _, t := range lost {
		if t.Index || !t.occupied {
			continue
		}
		found = append(found, Hazard{Code: "data-loss", Severity: "error", Object: t.Object, Message: fmt.Sprintf("what %s holds is gone for good: %s", t.Object, rowsOf(t)), Advice: "keep a copy, or first stop using it and drop it in a later migration"})
	}
	if goal := aimOf(o.Step); goal.what == "DROP DATABASE" {
		found = append(found, Hazard{Code: "data-loss", Severity: "error", Object: goal.name, Message: "the database " + goal.name + " is gone for good, with all that it holds", Advice: "keep a dump"})
	}
	for _, name := range o.Gone {
		found = append(found, Hazard{Code: "breaks-running-code", Severity: "warning", Object: name, Message: name + " is gone under this name: code that uses it fails from then on", Advice: "first deploy code that does without it"})
	}
	for _, name := range o.Required {
		found = append(found, Hazard{Code: "required-column", Severity: "warning", Object: name, Message: name + " must not be NULL and has no default: inserts that do not name it fail", Advice: "first deploy code that gives it, or add a default"})
	}
	for _, what := range o.Retyped {
		name, _, _ := strings.Cut(what, " from ")
		found = append(found, Hazard{Code: "type-change", Severity: "warning", Object: name, Message: "the type of " + what + ": code may not understand the new one", Advice: "first deploy code that takes both"})
	}
	for _, name := range o.Nullable {
		found = append(found, Hazard{Code: "null-allowed", Severity: "info", Object: name, Message: name + " may be NULL from then on, which code that reads it may not expect", Advice: "first deploy code that takes NULL"})
	}
	return found
}

func rowsOf(t Touched) string {
	if t.Rows < 0 {
		return byteSize(t.Bytes)
	}
	return fmt.Sprintf("about %s, %s", plural(int(t.Rows), "row"), byteSize(t.Bytes))
}

func rewriteAdvice(verb string) string {
	switch verb {
	case "VACUUM", "CLUSTER":
		return "pg_repack or pg_squeeze do this while the table is used"
	case "REFRESH":
		return "REFRESH MATERIALIZED VIEW CONCURRENTLY, which needs a unique index"
	}
	return "add a new column, fill it in batches, and swap"
}

// scanAdvice is how the same is had without the lock.
func scanAdvice(head []string) string {
	has := func(words ...string) bool {
		return !slices.ContainsFunc(words, func(word string) bool { return !slices.Contains(head, word) })
	}
	switch {
	case has("CREATE", "INDEX"):
		return "CREATE INDEX CONCURRENTLY"
	case has("REINDEX"):
		return "REINDEX ... CONCURRENTLY"
	case has("DOMAIN"):
		return "add the constraint NOT VALID and VALIDATE it in a statement of its own"
	case has("ADD", "EXCLUDE"):
		return "no form of it goes without the lock: run it when nobody needs the table"
	case has("USING", "INDEX"):
		return "first make its columns NOT NULL: ADD CHECK (column IS NOT NULL) NOT VALID, VALIDATE it, SET NOT NULL"
	case has("ADD", "UNIQUE"), has("ADD", "PRIMARY"):
		return "CREATE UNIQUE INDEX CONCURRENTLY, then ADD CONSTRAINT ... USING INDEX"
	case has("SET", "NOT", "NULL"):
		return "first ADD CHECK (column IS NOT NULL) NOT VALID and VALIDATE it: then SET NOT NULL reads nothing"
	case has("ATTACH", "PARTITION"):
		return "first give the partition a CHECK constraint that implies its bounds, NOT VALID and validated"
	case has("REFRESH"):
		return "REFRESH MATERIALIZED VIEW CONCURRENTLY"
	case has("ADD"):
		return "add the constraint NOT VALID and VALIDATE it in a statement of its own"
	}
	return "run it when nobody needs the table"
}

func (o Observation) lockOn(object string) (Lock, bool) {
	for _, lock := range o.Locks { // strongest first
		if lock.Object == object {
			return lock, true
		}
	}
	return Lock{}, false
}

func underLock(o Observation, object string) string {
	lock, held := o.lockOn(object)
	if !held && o.Alone { // VACUUM FULL and CLUSTER of whole databases
		lock, held = Lock{Mode: "AccessExclusiveLock"}, true
	}
	if !held {
		return "under a lock that was not seen"
	}
	return fmt.Sprintf("under %s, which blocks %s", lock.SQLMode(), lock.Blocks())
}

func because(reason string) string {
	if reason == "" {
		return ""
	}
	return " (" + reason + ")"
}

// howLong estimates the time from the live size and a rate in bytes a second
// that a middling server keeps up.
func howLong(t Touched, rate int64) string {
	if t.Bytes < feltBytes {
		return fmt.Sprintf("; it holds %s", byteSize(t.Bytes))
	}
	return fmt.Sprintf("; it holds %s, which takes about %d s at %s/s", byteSize(t.Bytes), max(1, t.Bytes/rate), byteSize(rate))
}

func byteSize(n int64) string {
	switch {
	case n >= 1<<30:
		return fmt.Sprintf("%.1f GB", float64(n)/(1<<30))
	case n >= 1<<20:
		return fmt.Sprintf("%.1f MB", float64(n)/(1<<20))
	}
	return fmt.Sprintf("%d kB", (n+1023)/1024)
}

func bySize(bytes int64) string {
	switch {
	case bytes >= outageBytes:
		return "error"
	case bytes >= feltBytes:
		return "warning"
	}
	return "info"
}
