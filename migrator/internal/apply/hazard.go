package apply

import (
	"fmt"
	"maps"
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
			for _, h := range o.hazards() {
				h.Migration, h.Statement, h.Line = m.Name, o.Step.Number, o.Step.Line
				found = append(found, h)
			}
		}
		found = append(found, windows(m)...)
		found = append(found, gathered(m)...)
	}
	order := []string{"error", "warning", "info"}
	slices.SortStableFunc(found, func(a, b Hazard) int { return slices.Index(order, a.Severity) - slices.Index(order, b.Severity) })
	return found
}

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

func (o Observation) hazards() []Hazard {
	var found []Hazard
	head, verb := o.Step.Head(), o.Step.Verb()
	for _, t := range o.Rewritten {
		if t.Index || verb == "TRUNCATE" {
			continue // an index is written anew with its table; alone it shows as a scan of the table
		}
		message := fmt.Sprintf("all of %s is written anew%s, %s", t.Object, because(t.Reason), underLock(o, t.Object))
		found = append(found, Hazard{Code: "table-rewrite", Severity: bySize(t.Bytes), Object: t.Object, Message: message + howLong(t, 100<<20), Advice: "add a new column, fill it in batches, and swap"})
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
		if verb == "CREATE" && slices.Contains(head, "INDEX") {
			h.Code = "blocking-index-build"
		}
		found = append(found, h)
	}
	for _, name := range o.Gone {
		found = append(found, Hazard{Code: "breaks-running-code", Severity: "warning", Object: name, Message: name + " is gone under this name: code that reads it fails from then on", Advice: "first deploy code that does without it"})
	}
	if (verb == "UPDATE" || verb == "DELETE") && o.Target.Rows >= manyRows {
		found = append(found, Hazard{Code: "unbatched-write", Severity: "warning", Message: fmt.Sprintf("%d rows are locked until the transaction ends", o.Target.Rows), Advice: "write them in batches, each in a transaction"})
	}
	return found
}

// scanAdvice is how the same is had without the lock.
func scanAdvice(head []string) string {
	has := func(words ...string) bool {
		return !slices.ContainsFunc(words, func(word string) bool { return !slices.Contains(head, word) })
	}
	switch {
	case has("CREATE", "INDEX"):
		return "CREATE INDEX CONCURRENTLY"
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
