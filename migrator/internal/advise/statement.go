package advise

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"unicode"

	"github.com/lib/pq"

	"github.com/senior-backend/toolkit/migrator/internal/schema"
)

// mostStatements bounds how many statements are looked at: so many by their
// calls, and so many by their time.
const mostStatements = 150

// Statement is a statement that clients sent, as pg_stat_statements has it.
type Statement struct {
	Text    string // with $1 for each constant
	Calls   int64
	Rows    int64   // returned by all calls together
	TotalMS float64 // milliseconds
	MeanMS  float64
	Scans   []Scan // of its generic plan; empty when it could not be planned
	Sorts   []string
	Spilled int64 // bytes that all calls together wrote to temporary files
	Blocks  int64 // of tables and indexes that all calls together looked at

	look     string    // what of it is planned, see readForm; empty for nothing
	accesses []*access // of that plan
	root     *node
	assumed  string // what of look the server did not keep, and was inferred
}

// Scan is one table of a plan.
type Scan struct {
	Table     schema.ID
	Whole     bool     // reads all of it
	Condition string   // as the planner shows it; may be empty
	Equal     []string // columns compared with a parameter by =
	Between   []string // columns compared with a parameter by <, <=, >, >=
	Rows      float64  // that the planner expects to come out
}

// ErrNoStatements says that the server does not count statements.
var ErrNoStatements = errors.New("pg_stat_statements is not there")

// ReadStatements reads the statements that were sent to this database, and
// plans those that only read, without running them.
func ReadStatements(ctx context.Context, db *sql.DB) ([]Statement, error) {
	conn, err := db.Conn(ctx)
	if err != nil {
		return nil, fmt.Errorf("read statements: %w", err)
	}
	defer conn.Close()
	var in string
	err = conn.QueryRowContext(ctx, `SELECT n.nspname FROM pg_extension e JOIN pg_namespace n ON n.oid = e.extnamespace WHERE e.extname = 'pg_stat_statements'`).Scan(&in)
	if errors.Is(err, sql.ErrNoRows) {
		return nil, ErrNoStatements
	}
	if err != nil {
		return nil, fmt.Errorf("look for pg_stat_statements: %w", err)
	}
	statements, err := readStatements(ctx, conn, pq.QuoteIdentifier(in)+".pg_stat_statements")
	var refused *pq.Error
	if errors.As(err, &refused) {
		return nil, fmt.Errorf("%w: %s", ErrNoStatements, refused.Message)
	}
	if err != nil {
		return nil, fmt.Errorf("read statements: %w", err)
	}
	for i := range statements {
		s := &statements[i]
		look, ok := readForm(s.Text, float64(s.Rows)/float64(max(1, s.Calls)))
		if !ok {
			continue
		}
		s.look = look
		if err := statements[i].explain(ctx, conn); err != nil {
			return nil, fmt.Errorf("plan a statement: %w", err)
		}
	}
	return statements, nil
}

func readStatements(ctx context.Context, conn *sql.Conn, view string) ([]Statement, error) {
	rows, err := conn.QueryContext(ctx, fmt.Sprintf(`WITH s AS (
		SELECT query, sum(calls)::int8 AS calls, sum(rows)::int8 AS rows, sum(total_exec_time) AS total, sum(temp_blks_written)::int8 * 8192 AS spilled,
			sum(shared_blks_hit + shared_blks_read)::int8 AS blocks
		FROM %[1]s WHERE query NOT LIKE '%%/* migrator */%%' AND dbid = (SELECT oid FROM pg_database WHERE datname = current_database())
			AND query !~ '\mpg_(catalog\.|stat|prepared_|extension|replication_|database)' AND query ~* '^\s*(/\*.*?\*/\s*)*(select|insert|update|delete|with|merge|copy)\M' GROUP BY query)
	SELECT query, calls, rows, total, spilled, blocks FROM (
		(SELECT * FROM s ORDER BY calls DESC LIMIT %[2]d) UNION (SELECT * FROM s ORDER BY total DESC LIMIT %[2]d)
		UNION (SELECT * FROM s WHERE query !~* '^\s*(/\*.*?\*/\s*)*select\M' ORDER BY rows DESC LIMIT %[2]d)) u ORDER BY total DESC, query`,
		view, mostStatements))
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var statements []Statement
	for rows.Next() {
		var s Statement
		if err := rows.Scan(&s.Text, &s.Calls, &s.Rows, &s.TotalMS, &s.Spilled, &s.Blocks); err != nil {
			return nil, err
		}
		s.MeanMS = s.TotalMS / float64(max(s.Calls, 1))
		statements = append(statements, s)
	}
	return statements, rows.Err()
}

// replan is explain for another form of the statement; one that the server
// cannot plan leaves it as it is.
func (s *Statement) replan(ctx context.Context, db *sql.DB, look string) error {
	conn, err := db.Conn(ctx)
	if err != nil {
		return fmt.Errorf("plan a statement: %w", err)
	}
	defer conn.Close()
	other := Statement{Text: s.Text, look: look}
	if err := other.explain(ctx, conn); err != nil {
		return fmt.Errorf("plan a statement: %w", err)
	}
	if other.root != nil {
		s.look, s.Scans, s.Sorts, s.root, s.accesses = look, other.Scans, other.Sorts, other.root, other.accesses
	}
	return nil
}

// explain asks for the statement's generic plan. What the server cannot plan
// here, such as a statement on a temporary table, stays without one.
func (s *Statement) explain(ctx context.Context, conn *sql.Conn) error {
	if _, err := conn.ExecContext(ctx, "BEGIN READ ONLY; SET LOCAL plan_cache_mode = force_generic_plan; SET LOCAL lock_timeout = '2s'"); err != nil {
		return err
	}
	text, err := s.plan(ctx, conn)
	if _, endErr := conn.ExecContext(ctx, "ROLLBACK; DEALLOCATE ALL"); endErr != nil {
		return endErr
	}
	var refused *pq.Error
	if errors.As(err, &refused) {
		return nil
	}
	if err != nil {
		return err
	}
	var plans []struct{ Plan node }
	if err := json.Unmarshal(text, &plans); err != nil || len(plans) == 0 {
		return fmt.Errorf("read the plan: %w", err)
	}
	root := plans[0].Plan
	root.collect(s)
	s.root, s.accesses = &root, survey(root, s.look)
	return nil
}

// plan prepares the text by itself: the protocol takes one statement there, so
// nothing can hide behind a semicolon.
func (s *Statement) plan(ctx context.Context, conn *sql.Conn) (text []byte, err error) {
	execute, err := prepare(ctx, conn, "migrator_look", s.look)
	if err != nil {
		return nil, err
	}
	err = conn.QueryRowContext(ctx, "EXPLAIN (VERBOSE, FORMAT JSON) "+execute).Scan(&text)
	return text, err
}

// prepare prepares a statement and returns how to execute it with NULLs.
func prepare(ctx context.Context, conn *sql.Conn, name, text string) (execute string, err error) {
	types, parameters := parameterTypes(text)
	statement, err := conn.PrepareContext(ctx, "PREPARE "+name+types+" AS "+text)
	if err != nil {
		return "", err
	}
	defer statement.Close()
	if _, err := statement.ExecContext(ctx); err != nil {
		return "", err
	}
	execute = "EXECUTE " + name
	if parameters > 0 {
		execute += "(" + strings.TrimSuffix(strings.Repeat("NULL, ", parameters), ", ") + ")"
	}
	return execute, nil
}

// short is the statement on one line, cut.
func (s Statement) short() string {
	text := strings.Join(strings.Fields(s.Text), " ")
	if len(text) > 200 {
		return clip(text, 200) + " …"
	}
	return text
}

// reads says whether the statement changes nothing and locks no row. Planning
// one that does would take more than the lock of a reader.
func (s Statement) reads() bool {
	words := strings.FieldsFunc(strings.ToLower(s.Text), func(r rune) bool { return !unicode.IsLetter(r) && r != '_' })
	if len(words) == 0 || words[0] != "select" && words[0] != "with" {
		return false
	}
	for i, word := range words {
		switch word {
		case "insert", "delete", "merge", "into":
			return false
		case "update", "share":
			if i > 0 && words[i-1] != "as" {
				return false
			}
		}
	}
	return true
}
