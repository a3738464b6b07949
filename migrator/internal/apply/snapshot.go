package apply

import (
	"context"
	"fmt"
	"maps"
	"strings"
)

// relation is one object of the clone at one moment: a relation, or what is
// looked at beside relations, which has a kind of more than one letter.
type relation struct {
	oid     int64
	name    string // SQL text, qualified
	kind    string // as pg_class.relkind; or one of the kinds below
	file    int64  // of its storage; 0 without
	scans   int64  // from end to end, in this transaction
	details string // of a table: its columns; of others: what the kind says
}

// The kinds beside those of pg_class.
const (
	kindRoutine    = "routine"
	kindType       = "type"        // enums, domains, ranges, standalone composites
	kindForeignKey = "foreign key" // details: "indexed" when an index serves it
)

// snapshot is the objects by catalog and oid.
type snapshot map[objectID]relation

type objectID struct {
	kind string // empty for relations
	oid  int64
}

// The parts of details are set apart by characters that no name has.
const (
	partMark   = "\x01"
	columnMark = "\x02"
)

// looked reads all objects with the columns number, name, type, "n" when NULL is
// refused, "d" when there is a value for those who give none, "k" in the primary
// key, "s" when it takes a sequence's numbers as serial does, "i" when it comes
// from a parent. The details of an index are its number of key columns, and "u" when it is unique.
const looked = `SELECT '', c.oid::bigint, format('%I.%I', n.nspname, c.relname), c.relkind::text,
	coalesce(pg_relation_filenode(c.oid), 0)::bigint, coalesce(pg_stat_get_xact_numscans(c.oid), 0),
	CASE WHEN c.relkind IN ('i', 'I') THEN (SELECT i.indnkeyatts || CASE WHEN i.indisunique THEN 'u' ELSE '' END FROM pg_index i WHERE i.indexrelid = c.oid)
	ELSE coalesce((SELECT string_agg(concat_ws(E'\x01', a.attnum, quote_ident(a.attname), format_type(a.atttypid, a.atttypmod),
			CASE WHEN a.attnotnull THEN 'n' ELSE '' END || CASE WHEN a.atthasdef OR a.attidentity <> '' THEN 'd' ELSE '' END
			|| CASE WHEN k.conkey IS NOT NULL THEN 'k' ELSE '' END
			|| CASE WHEN a.attinhcount > 0 THEN 'i' ELSE '' END || CASE WHEN a.attidentity = '' AND pg_get_expr(d.adbin, d.adrelid) LIKE 'nextval(%' THEN 's' ELSE '' END), E'\x02' ORDER BY a.attnum)
		FROM pg_attribute a LEFT JOIN pg_attrdef d ON d.adrelid = a.attrelid AND d.adnum = a.attnum
			LEFT JOIN pg_constraint k ON k.conrelid = a.attrelid AND k.contype = 'p' AND a.attnum = ANY (k.conkey)
		WHERE a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped), '') END
FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE n.nspname NOT IN ('pg_catalog', 'information_schema', 'pg_toast', 'migrator_rehearsal') AND n.nspname !~ '^pg_(toast_)?temp_'
UNION ALL SELECT 'routine', p.oid::bigint, format('%I.%I(%s)', n.nspname, p.proname, pg_get_function_identity_arguments(p.oid)), 'routine', 0, 0, ''
FROM pg_proc p JOIN pg_namespace n ON n.oid = p.pronamespace
WHERE n.nspname NOT IN ('pg_catalog', 'information_schema', 'migrator_rehearsal') AND n.nspname !~ '^pg_temp_'
	AND NOT EXISTS (SELECT FROM pg_depend WHERE classid = 'pg_proc'::regclass AND objid = p.oid AND deptype IN ('e', 'i'))
UNION ALL SELECT 'type', t.oid::bigint, format('%I.%I', n.nspname, t.typname), 'type', 0, 0, ''
FROM pg_type t JOIN pg_namespace n ON n.oid = t.typnamespace
WHERE (t.typtype IN ('e', 'd', 'r') OR t.typtype = 'c' AND EXISTS (SELECT FROM pg_class WHERE oid = t.typrelid AND relkind = 'c'))
	AND n.nspname NOT IN ('pg_catalog', 'information_schema') AND n.nspname !~ '^pg_temp_'
	AND NOT EXISTS (SELECT FROM pg_depend WHERE classid = 'pg_type'::regclass AND objid = t.oid AND deptype = 'e')
UNION ALL SELECT 'foreign key', k.oid::bigint, format('%s.%I', k.conrelid::regclass, k.conname), 'foreign key', 0, 0,
	CASE WHEN EXISTS (SELECT FROM pg_index i WHERE i.indrelid = k.conrelid AND i.indpred IS NULL
		AND (i.indkey::int2[])[0:cardinality(k.conkey) - 1] @> k.conkey) THEN 'indexed' ELSE '' END
FROM pg_constraint k WHERE k.contype = 'f' AND k.conparentid = 0`

// look takes a snapshot through the session, so that it sees what its own
// transaction did.
func (s *session) look(ctx context.Context) (snapshot, error) {
	rows, err := s.conn.QueryContext(ctx, looked)
	if err != nil {
		return nil, fmt.Errorf("look at the relations: %w", err)
	}
	defer rows.Close()
	found := snapshot{}
	for rows.Next() {
		var id objectID
		var r relation
		if err := rows.Scan(&id.kind, &id.oid, &r.name, &r.kind, &r.file, &r.scans, &r.details); err != nil {
			return nil, fmt.Errorf("look at the relations: %w", err)
		}
		r.oid = id.oid
		found[id] = r
	}
	return found, rows.Err()
}

// isTable says that a relation holds rows of its own.
func (r relation) isTable() bool { return r.kind == "r" || r.kind == "m" || r.kind == "p" }

func (r relation) isIndex() bool { return r.kind == "i" || r.kind == "I" }

// isNamed says that code names such an object.
func (r relation) isNamed() bool { return !r.isIndex() && r.kind != "S" && r.kind != kindForeignKey }

// column is a column at one moment.
type column struct {
	number, name, kind string
	flags              string
}

func (c column) has(flag string) bool { return strings.Contains(c.flags, flag) }

// columns are those of a table, by number; none of other objects.
func (r relation) columns() map[string]column {
	found := map[string]column{}
	if r.details == "" || r.isIndex() || len(r.kind) > 1 {
		return found
	}
	for one := range strings.SplitSeq(r.details, columnMark) {
		parts := strings.Split(one, partMark)
		if len(parts) == 4 {
			found[parts[0]] = column{number: parts[0], name: parts[1], kind: parts[2], flags: parts[3]}
		}
	}
	return found
}

// only returns the objects that are in others too, as they are here.
func (s snapshot) only(others snapshot) snapshot {
	found := snapshot{}
	for id, r := range s {
		if _, known := others[id]; known {
			found[id] = r
		}
	}
	return found
}

// recount is the snapshot with the scans that the session has counted so far,
// some of them in earlier transactions.
func (s *session) recount(ctx context.Context, seen snapshot) (snapshot, error) {
	rows, err := s.conn.QueryContext(ctx, "SELECT oid::bigint, pg_stat_get_xact_numscans(oid) FROM pg_class WHERE relkind IN ('r', 'm', 'p') AND oid >= 16384")
	if err != nil {
		return nil, fmt.Errorf("look at the scans: %w", err)
	}
	defer rows.Close()
	found := maps.Clone(seen)
	for rows.Next() {
		var id objectID
		var scans int64
		if err := rows.Scan(&id.oid, &scans); err != nil {
			return nil, fmt.Errorf("look at the scans: %w", err)
		}
		if r, known := found[id]; known {
			r.scans = scans
			found[id] = r
		}
	}
	return found, rows.Err()
}

// table returns the relation with the oid.
func (s snapshot) table(oid int64) (relation, bool) {
	r, known := s[objectID{oid: oid}]
	return r, known
}
