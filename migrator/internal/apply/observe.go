package apply

import (
	"cmp"
	"context"
	"database/sql"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"
)

// locksOf returns the locks that a server process has on relations of the
// snapshot, or waits for, strongest first.
func locksOf(ctx context.Context, q querier, pid int, known snapshot) ([]Lock, error) {
	rows, err := q.QueryContext(ctx, `SELECT relation::bigint, mode FROM pg_locks
WHERE pid = $1 AND locktype = 'relation' AND database = (SELECT oid FROM pg_database WHERE datname = current_database())`, pid)
	if err != nil {
		return nil, fmt.Errorf("look at the locks: %w", err)
	}
	defer rows.Close()
	var locks []Lock
	for rows.Next() {
		var oid int64
		var mode string
		if err := rows.Scan(&oid, &mode); err != nil {
			return nil, fmt.Errorf("look at the locks: %w", err)
		}
		if r, existed := known.table(oid); existed {
			locks = append(locks, Lock{Mode: mode, Object: r.name, Index: r.isIndex()})
		}
	}
	sortLocks(locks)
	return locks, rows.Err()
}

// strength orders the lock modes as PostgreSQL's documentation does.
func strength(mode string) int {
	return slices.Index([]string{
		"AccessShareLock", "RowShareLock", "RowExclusiveLock", "ShareUpdateExclusiveLock",
		"ShareLock", "ShareRowExclusiveLock", "ExclusiveLock", "AccessExclusiveLock",
	}, mode)
}

func sortLocks(locks []Lock) {
	slices.SortFunc(locks, func(a, b Lock) int {
		if order := strength(b.Mode) - strength(a.Mode); order != 0 {
			return order
		}
		return strings.Compare(a.Object, b.Object)
	})
}

// without returns the locks that are not in others.
func without(locks, others []Lock) []Lock {
	return slices.DeleteFunc(slices.Clone(locks), func(l Lock) bool { return slices.Contains(others, l) })
}

// compare fills in what a statement did between two snapshots to what was there
// before the rehearsal; what the rehearsal made, nobody uses yet.
func (o *Observation) compare(first, before, after snapshot, live sizes, reasons string) {
	for id, was := range before.only(first) {
		is, stays := after[id]
		known := was.name == first[id].name // what was renamed before is gone already
		size := func(reason string) Touched { return live.of(first[id].name, was.name, reason) }
		if known && was.isNamed() && (!stays || was.name != is.name) {
			o.Gone = append(o.Gone, was.name)
		}
		if !stays && was.isTable() {
			o.Lost = append(o.Lost, size(""))
		}
		if !stays {
			continue
		}
		if was.file != is.file && was.file != 0 && was.kind != "S" {
			touched := size(reasonFor(reasons, id.oid))
			touched.Index = was.isIndex()
			o.Rewritten = append(o.Rewritten, touched)
		} else if was.isTable() && is.scans > was.scans {
			o.Scanned = append(o.Scanned, size(""))
		}
		if was.details != is.details {
			o.compareColumns(first[id], was, is, live)
		}
	}
	o.findMade(before, after)
	byName := func(a, b Touched) int { return strings.Compare(a.Object, b.Object) }
	slices.SortFunc(o.Rewritten, byName)
	slices.SortFunc(o.Scanned, byName)
	slices.SortFunc(o.Lost, byName)
	slices.Sort(o.Gone)
}

// forget clears what compare fills in.
func (o *Observation) forget() {
	o.Rewritten, o.Scanned, o.Gone, o.Lost, o.Retyped, o.Nullable, o.Required, o.made = nil, nil, nil, nil, nil, nil, nil, nil
}

// lockWait is how long the session's statements wait for a lock; 0 is for ever.
func (s *session) lockWait(ctx context.Context) (time.Duration, error) {
	var milliseconds int64
	err := s.conn.QueryRowContext(ctx, "SELECT setting::bigint FROM pg_settings WHERE name = 'lock_timeout'").Scan(&milliseconds)
	return time.Duration(milliseconds) * time.Millisecond, err
}

// compareColumns notes what became of the columns of a table that stays, and was
// as first says in the live database.
func (o *Observation) compareColumns(first, was, is relation, live sizes) {
	old, now, original := was.columns(), is.columns(), first.columns()
	for number, c := range old {
		next, stays := now[number]
		name := was.name + "." + c.name
		before, existed := original[number]
		if existed && before.name == c.name && (!stays || next.name != c.name) {
			o.Gone = append(o.Gone, name)
		}
		if !stays {
			if _, empty := live[first.name+"."+before.name]; existed && !empty && was.isTable() {
				o.Lost = append(o.Lost, live.of(first.name, name, ""))
			}
			continue
		}
		if next.kind != c.kind && was.isTable() {
			o.Retyped = append(o.Retyped, fmt.Sprintf("%s from %s to %s", name, c.kind, next.kind))
		}
		if c.has("n") && !next.has("n") {
			o.Nullable = append(o.Nullable, name)
		}
	}
	for number, c := range now {
		before, existed := old[number]
		required := c.has("n") && !c.has("d")
		if required && was.isTable() && (!existed || !before.has("n") || before.has("d")) {
			o.Required = append(o.Required, is.name+"."+c.name)
		}
	}
	slices.Sort(o.Retyped)
	slices.Sort(o.Nullable)
	slices.Sort(o.Required)
}

// findMade notes what the statement made: tables' columns, indexes and foreign
// keys, as they are to be judged.
func (o *Observation) findMade(before, after snapshot) {
	for id, is := range after {
		was, existed := before[id]
		if existed && was.details == is.details {
			continue
		}
		if !existed && (is.isIndex() || is.kind == kindForeignKey) {
			o.made = append(o.made, made{id: id, object: is.name})
		}
		if !is.isTable() {
			continue
		}
		old := was.columns()
		for number, c := range is.columns() {
			if _, known := old[number]; !known {
				o.made = append(o.made, made{id: id, object: is.name, column: c})
			}
		}
	}
	slices.SortFunc(o.made, func(a, b made) int {
		return cmp.Or(strings.Compare(a.object, b.object), cmp.Compare(len(a.column.number), len(b.column.number)), strings.Compare(a.column.number, b.column.number))
	})
}

// made is what a statement made: an index, a foreign key, or a column.
type made struct {
	id     objectID
	object string
	column column // the zero value for others
}

// findRemade parts what is gone for good from what the end of a script has again.
func (s snapshot) findRemade(all []Observation) {
	there := map[string]bool{}
	for _, r := range s {
		there[r.name] = true
		for _, c := range r.columns() {
			there[r.name+"."+c.name] = true
		}
	}
	for i := range all {
		var gone []string
		for _, name := range all[i].Gone {
			if there[name] {
				all[i].Remade = append(all[i].Remade, name)
			} else {
				gone = append(gone, name)
			}
		}
		all[i].Gone = gone
	}
}

// of describes a relation by the size that it has in the live database, where it
// may have another name than on the clone by now.
func (s sizes) of(live, name, reason string) Touched {
	found, known := s[live]
	if !known {
		found.Rows = -1
	}
	found.Object, found.Reason = name, reason
	return found
}

// The clone's event trigger notes "oid:reason," for each table that it sees
// rewritten. The server fires it before the rewrite, and knows the reason.
const noteRewrites = `CREATE SCHEMA migrator_rehearsal;
CREATE FUNCTION migrator_rehearsal.note() RETURNS event_trigger LANGUAGE plpgsql AS $$
BEGIN
	PERFORM set_config('migrator.rewrites', coalesce(current_setting('migrator.rewrites', true), '')
		|| pg_event_trigger_table_rewrite_oid() || ':' || pg_event_trigger_table_rewrite_reason() || ',', false);
END $$;
CREATE EVENT TRIGGER migrator_rehearsal ON table_rewrite EXECUTE FUNCTION migrator_rehearsal.note()`

// takeReasons returns what the event trigger noted and forgets it.
func (s *session) takeReasons(ctx context.Context) (string, error) {
	var noted sql.NullString
	err := s.conn.QueryRowContext(ctx, "SELECT current_setting('migrator.rewrites', true)").Scan(&noted)
	if err == nil && noted.String != "" {
		err = s.exec(ctx, "SET migrator.rewrites = ''")
	}
	return noted.String, err
}

// reasonFor reads the bits of a noted reason. See AT_REWRITE_* in PostgreSQL's
// event_trigger.h.
func reasonFor(noted string, oid int64) string {
	for one := range strings.SplitSeq(noted, ",") {
		id, bits, _ := strings.Cut(one, ":")
		reason, err := strconv.Atoi(bits)
		if err != nil || id != strconv.FormatInt(oid, 10) {
			continue
		}
		var words []string
		for bit, word := range map[int]string{1: "it becomes logged or unlogged", 2: "a new column's default is computed for each row", 4: "a column's type changes", 8: "its access method changes"} {
			if reason&bit != 0 {
				words = append(words, word)
			}
		}
		slices.Sort(words)
		return strings.Join(words, ", ")
	}
	return ""
}
