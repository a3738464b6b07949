package apply

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"

	"github.com/senior-backend/toolkit/migrator/internal/migration"
	"github.com/senior-backend/toolkit/migrator/internal/script"
)

// aim is what a statement outside a transaction works towards, so that one that
// was interrupted can be told from one that was finished.
type aim struct {
	kind  aimKind
	index string // SQL text of the index's name; empty when the server chooses it
	table string // SQL text of the table's qualified name
	name  string // SQL text of what is made or dropped
	what  string // "DATABASE", "TABLESPACE" or "SUBSCRIPTION"
}

type aimKind int

const (
	aimNothing    aimKind = iota // running it again does no harm
	aimMakeIndex                 // CREATE INDEX CONCURRENTLY
	aimDropIndex                 // DROP INDEX CONCURRENTLY
	aimReindex                   // REINDEX CONCURRENTLY
	aimDetach                    // DETACH PARTITION ... CONCURRENTLY
	aimMakeOrDrop                // CREATE or DROP of what
	aimRewrite                   // VACUUM FULL
)

func aimOf(step migration.Step) aim {
	head := step.Head()
	after := func(words ...string) int {
		for _, word := range words {
			if i := slices.Index(head, word); i >= 0 {
				return i + 1
			}
		}
		return len(head)
	}
	switch {
	case len(head) == 0:
		return aim{}
	case head[0] == "VACUUM" && vacuumFull.MatchString(step.Text):
		i := 1
		for i < len(head) && slices.Contains([]string{"FULL", "FREEZE", "VERBOSE", "ANALYZE"}, head[i]) {
			i++
		}
		table, _ := script.QualifiedName(head, i)
		return aim{kind: aimRewrite, table: table}
	case len(head) < 2:
		return aim{}
	case head[0] == "CREATE" && slices.Contains(head, "INDEX"):
		i := after("CONCURRENTLY")
		if i < len(head) && head[i] == "IF" {
			i += 3
		}
		goal := aim{kind: aimMakeIndex}
		if i < len(head) && head[i] != "ON" {
			goal.index, i = script.QualifiedName(head, i)
		}
		if i++; i < len(head) && head[i] == "ONLY" {
			i++
		}
		goal.table, _ = script.QualifiedName(head, i)
		return goal
	case head[0] == "DROP" && head[1] == "INDEX":
		i := after("CONCURRENTLY")
		if i < len(head) && head[i] == "IF" {
			i += 2
		}
		name, _ := script.QualifiedName(head, i)
		return aim{kind: aimDropIndex, name: name}
	case head[0] == "REINDEX":
		return aim{kind: aimReindex}
	case head[0] == "ALTER" && slices.Contains(head, "DETACH"):
		i := after("TABLE")
		if i+1 < len(head) && head[i] == "IF" {
			i += 2
		}
		if i < len(head) && head[i] == "ONLY" {
			i++
		}
		table, _ := script.QualifiedName(head, i)
		child, _ := script.QualifiedName(head, after("PARTITION"))
		return aim{kind: aimDetach, table: table, name: child}
	case (head[0] == "CREATE" || head[0] == "DROP") && slices.Contains([]string{"DATABASE", "TABLESPACE", "SUBSCRIPTION"}, head[1]):
		i := 2
		if i+1 < len(head) && head[i] == "IF" {
			i += 2
		}
		name, _ := script.QualifiedName(head, i)
		return aim{kind: aimMakeOrDrop, name: name, what: head[0] + " " + head[1]}
	}
	return aim{}
}

var vacuumFull = regexp.MustCompile(`(?i)^VACUUM\s*(?:\([^)]*\bFULL\b|FULL\b)`)

// marker notes what is there before the statement runs: the oids of the table's
// indexes, or of the indexes that are invalid.
func (a aim) marker(ctx context.Context, s *session) (string, error) {
	query := "SELECT coalesce(string_agg(indexrelid::text, ',' ORDER BY indexrelid), '') FROM pg_index WHERE "
	var err error
	var oids string
	switch a.kind {
	case aimMakeIndex:
		err = s.conn.QueryRowContext(ctx, query+"indrelid = to_regclass($1)", a.table).Scan(&oids)
	case aimReindex:
		err = s.conn.QueryRowContext(ctx, query+"NOT indisvalid").Scan(&oids)
	}
	if err != nil {
		return "", fmt.Errorf("note the indexes that are there: %w", err)
	}
	return oids, nil
}

// clear removes an invalid index that has the name and the table of the one to
// be made: IF NOT EXISTS would take it for a good one.
func (a aim) clear(ctx context.Context, s *session) (note string, err error) {
	if a.kind != aimMakeIndex || a.index == "" {
		return "", nil
	}
	indexes, err := s.indexes(ctx, `i.indrelid = to_regclass($1) AND NOT i.indisvalid AND c.relkind = 'i'
	AND c.relname = (parse_ident($2))[1]`, a.table, a.index)
	if err != nil || len(indexes) == 0 {
		return "", err
	}
	return s.dropInvalid(ctx, indexes)
}

// repair finds what an interrupted statement left. Finished means that it had
// done its work. What is half done is removed, so that it can run again.
func (a aim) repair(ctx context.Context, s *session, marker string) (finished bool, note string, err error) {
	switch a.kind {
	case aimMakeIndex:
		return a.repairMade(ctx, s, marker)
	case aimReindex:
		left, err := s.indexes(ctx, `NOT i.indisvalid AND c.relname ~ '_cc(new|old)[0-9]*$' AND NOT (i.indexrelid::text = ANY (string_to_array($1, ',')))`, marker)
		if err != nil || len(left) == 0 {
			return false, "", err
		}
		note, err = s.dropInvalid(ctx, left)
		return false, note, err
	case aimDropIndex:
		var gone bool
		err := s.conn.QueryRowContext(ctx, "SELECT to_regclass($1) IS NULL", a.name).Scan(&gone)
		return gone, "", err
	case aimDetach:
		return a.repairDetached(ctx, s)
	case aimMakeOrDrop:
		return a.repairMadeOrDropped(ctx, s)
	}
	return false, "", nil
}

func (a aim) repairMade(ctx context.Context, s *session, marker string) (finished bool, note string, err error) {
	made, err := s.indexes(ctx, "i.indrelid = to_regclass($1) AND NOT (i.indexrelid::text = ANY (string_to_array($2, ',')))", a.table, marker)
	if err != nil {
		return false, "", err
	}
	var invalid []index
	for _, one := range made {
		if one.valid {
			finished = true
		} else {
			invalid = append(invalid, one)
		}
	}
	if len(invalid) > 0 {
		note, err = s.dropInvalid(ctx, invalid)
	}
	return finished, note, err
}

func (a aim) repairDetached(ctx context.Context, s *session) (finished bool, note string, err error) {
	var pending bool
	err = s.conn.QueryRowContext(ctx, "SELECT inhdetachpending FROM pg_inherits WHERE inhparent = to_regclass($1) AND inhrelid = to_regclass($2)", a.table, a.name).Scan(&pending)
	switch {
	case errors.Is(err, sql.ErrNoRows):
		return true, "", nil
	case err != nil || !pending:
		return false, "", err
	}
	err = s.exec(ctx, "ALTER TABLE "+a.table+" DETACH PARTITION "+a.name+" FINALIZE")
	return err == nil, "finished detaching partition " + a.name, err
}

func (a aim) repairMadeOrDropped(ctx context.Context, s *session) (finished bool, note string, err error) {
	catalog := map[string]string{
		"DATABASE":     "pg_database WHERE datname",
		"TABLESPACE":   "pg_tablespace WHERE spcname",
		"SUBSCRIPTION": "pg_subscription WHERE subname",
	}
	verb, what, _ := strings.Cut(a.what, " ")
	var exists bool
	err = s.conn.QueryRowContext(ctx, "SELECT EXISTS (SELECT FROM "+catalog[what]+" = (parse_ident($1))[1])", a.name).Scan(&exists)
	return exists == (verb == "CREATE"), "", err
}

// index is one index of the database.
type index struct {
	name  string // SQL text, qualified
	valid bool
}

func (s *session) indexes(ctx context.Context, where string, args ...any) ([]index, error) {
	rows, err := s.conn.QueryContext(ctx, `SELECT format('%I.%I', n.nspname, c.relname), i.indisvalid
FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid JOIN pg_namespace n ON n.oid = c.relnamespace WHERE `+where, args...)
	if err != nil {
		return nil, fmt.Errorf("look for unfinished indexes: %w", err)
	}
	defer rows.Close()
	var found []index
	for rows.Next() {
		var one index
		if err := rows.Scan(&one.name, &one.valid); err != nil {
			return nil, fmt.Errorf("look for unfinished indexes: %w", err)
		}
		found = append(found, one)
	}
	return found, rows.Err()
}

// dropInvalid drops indexes that an interrupted build left.
func (s *session) dropInvalid(ctx context.Context, indexes []index) (note string, err error) {
	var names []string
	for _, one := range indexes {
		if err := s.exec(ctx, "DROP INDEX CONCURRENTLY IF EXISTS "+one.name); err != nil {
			return "", fmt.Errorf("drop the unfinished index %s: %w", one.name, err)
		}
		names = append(names, one.name)
	}
	return "dropped the unfinished index " + strings.Join(names, ", "), nil
}
