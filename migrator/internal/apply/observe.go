package apply

import (
	"context"
	"database/sql"
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// relation is one relation of the clone at one moment.
type relation struct {
	oid     int64
	name    string // SQL text, qualified
	kind    string // as pg_class.relkind
	file    int64  // of its storage; 0 without
	scans   int64  // from end to end, in this transaction
	columns string // "number:name" of those that are there, joined by line breaks
}

// snapshot is the relations by oid.
type snapshot map[int64]relation

// look takes a snapshot through the session, so that it sees what its own
// transaction did.
func (s *session) look(ctx context.Context) (snapshot, error) {
	rows, err := s.conn.QueryContext(ctx, `SELECT c.oid::bigint, format('%I.%I', n.nspname, c.relname), c.relkind::text,
	coalesce(pg_relation_filenode(c.oid), 0)::bigint, coalesce(pg_stat_get_xact_numscans(c.oid), 0),
	coalesce((SELECT string_agg(a.attnum || ':' || quote_ident(a.attname), E'\n' ORDER BY a.attnum)
		FROM pg_attribute a WHERE a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped AND c.relkind <> 'i'), '')
FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE n.nspname NOT IN ('pg_catalog', 'information_schema', 'pg_toast') AND n.nspname !~ '^pg_(toast_)?temp_'`)
	if err != nil {
		return nil, fmt.Errorf("look at the relations: %w", err)
	}
	defer rows.Close()
	found := snapshot{}
	for rows.Next() {
		var r relation
		if err := rows.Scan(&r.oid, &r.name, &r.kind, &r.file, &r.scans, &r.columns); err != nil {
			return nil, fmt.Errorf("look at the relations: %w", err)
		}
		found[r.oid] = r
	}
	return found, rows.Err()
}

// isTable says that a relation holds rows of its own.
func (r relation) isTable() bool { return r.kind == "r" || r.kind == "m" || r.kind == "p" }

// locksOf returns the locks that a server process has on relations of the
// snapshot, strongest first.
func locksOf(ctx context.Context, q querier, pid int, known snapshot) ([]Lock, error) {
	rows, err := q.QueryContext(ctx, `SELECT relation::bigint, mode FROM pg_locks
WHERE pid = $1 AND locktype = 'relation' AND granted AND database = (SELECT oid FROM pg_database WHERE datname = current_database())`, pid)
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
		if r, existed := known[oid]; existed {
			locks = append(locks, Lock{Mode: mode, Object: r.name, Index: r.kind == "i" || r.kind == "I"})
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

// only returns the relations that are in others too, as they are here.
func (s snapshot) only(others snapshot) snapshot {
	found := snapshot{}
	for oid, r := range s {
		if _, known := others[oid]; known {
			found[oid] = r
		}
	}
	return found
}

// compare fills in what a statement did between two snapshots to what was there
// before the rehearsal; what the rehearsal made, nobody uses yet.
func (o *Observation) compare(first, before, after snapshot, live sizes, reasons string) {
	for oid, was := range before.only(first) {
		is, stays := after[oid]
		if !stays {
			if was.kind != "i" && was.kind != "S" {
				o.Gone = append(o.Gone, was.name)
			}
			continue
		}
		if was.name != is.name && was.kind != "i" {
			o.Gone = append(o.Gone, was.name)
		}
		if was.file != is.file && was.file != 0 && was.kind != "S" {
			touched := live.of(first[oid].name, was.name, reasonFor(reasons, oid))
			touched.Index = was.kind == "i"
			o.Rewritten = append(o.Rewritten, touched)
		} else if was.isTable() && is.scans > was.scans {
			o.Scanned = append(o.Scanned, live.of(first[oid].name, was.name, ""))
		}
		if was.columns != is.columns {
			o.Gone = append(o.Gone, goneColumns(was, is)...)
		}
	}
	byName := func(a, b Touched) int { return strings.Compare(a.Object, b.Object) }
	slices.SortFunc(o.Rewritten, byName)
	slices.SortFunc(o.Scanned, byName)
	slices.Sort(o.Gone)
}

// findRemade parts what is gone for good from what the end of a script has again.
func (s snapshot) findRemade(all []Observation) {
	there := map[string]bool{}
	for _, r := range s {
		there[r.name] = true
		for column := range strings.SplitSeq(r.columns, "\n") {
			_, name, _ := strings.Cut(column, ":")
			there[r.name+"."+name] = true
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

func goneColumns(was, is relation) []string {
	left := strings.Split(is.columns, "\n")
	var gone []string
	for column := range strings.SplitSeq(was.columns, "\n") {
		if _, name, named := strings.Cut(column, ":"); named && !slices.Contains(left, column) {
			gone = append(gone, was.name+"."+name)
		}
	}
	return gone
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
