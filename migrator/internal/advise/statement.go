package advise

import (
	"cmp"
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"

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

// readStatements reads the statements that were sent to this database, and
// plans what those that matter look up, without running them. With an earlier
// reading, what matters is what was sent since.
func (s *Statistics) readStatements(ctx context.Context, db *sql.DB, before *Statistics) (statements []Statement, err error) {
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
	all, err := countStatements(ctx, conn, pq.QuoteIdentifier(in)+".pg_stat_statements")
	var refused *pq.Error
	if errors.As(err, &refused) {
		return nil, fmt.Errorf("%w: %s", ErrNoStatements, refused.Message)
	}
	if err != nil {
		return nil, fmt.Errorf("read statements: %w", err)
	}
	s.counted = map[string]Statement{}
	for _, one := range all {
		s.counted[one.Text] = one
	}
	if err := s.readCounting(ctx, conn, pq.QuoteIdentifier(in)); err != nil {
		return nil, fmt.Errorf("read statements: %w", err)
	}
	statements = mattering(all, before)
	for i := range statements {
		one := &statements[i]
		look, ok := readForm(one.Text, float64(one.Rows)/float64(max(1, one.Calls)))
		if !ok {
			continue
		}
		one.look = look
		if err := statements[i].explain(ctx, conn); err != nil {
			return nil, fmt.Errorf("plan a statement: %w", err)
		}
	}
	return statements, nil
}

// countStatements reads the counters of all statements. One that several roles
// sent counts once.
func countStatements(ctx context.Context, conn *sql.Conn, view string) ([]Statement, error) {
	rows, err := conn.QueryContext(ctx, fmt.Sprintf(`SELECT query, sum(calls)::int8, sum(rows)::int8, sum(total_exec_time), sum(temp_blks_written)::int8 * 8192,
			sum(shared_blks_hit + shared_blks_read)::int8
		FROM %s WHERE query NOT LIKE '%%/* migrator */%%' AND dbid = (SELECT oid FROM pg_database WHERE datname = current_database())
			AND query !~ '\mpg_(catalog\.|stat|prepared_|extension|replication_|database)' AND query ~* '^\s*(/\*.*?\*/\s*|--[^\n]*\n\s*)*(select|insert|update|delete|with|merge|copy)\M'
		GROUP BY query ORDER BY 4 DESC, query`, view))
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	statements := []Statement{}
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

// mattering are the statements of most calls, of most time and of most rows,
// in all or, with an earlier reading, since then.
func mattering(all []Statement, before *Statistics) []Statement {
	type ranked struct {
		at    int
		since Statement
	}
	var sent []ranked
	for n, s := range all {
		if before != nil {
			s = s.since(before.counted[s.Text])
		}
		if s.Calls > 0 {
			sent = append(sent, ranked{n, s})
		}
	}
	picked := map[int]bool{}
	for _, by := range []func(Statement) float64{
		func(s Statement) float64 { return float64(s.Calls) },
		func(s Statement) float64 { return s.TotalMS },
		func(s Statement) float64 { return float64(s.Rows) },
	} {
		slices.SortStableFunc(sent, func(a, b ranked) int { return cmp.Compare(by(b.since), by(a.since)) })
		for _, r := range sent[:min(len(sent), mostStatements)] {
			picked[r.at] = true
		}
	}
	statements := []Statement{}
	for n, s := range all {
		if picked[n] {
			statements = append(statements, s)
		}
	}
	return statements
}

// since is what was counted since the earlier reading. Counters that were reset
// or thrown away meanwhile began anew.
func (s Statement) since(b Statement) Statement {
	if s.Calls >= b.Calls {
		s.Calls -= b.Calls
		s.Rows -= b.Rows
		s.TotalMS -= b.TotalMS
		s.Spilled -= b.Spilled
		s.Blocks -= b.Blocks
	}
	s.MeanMS = s.TotalMS / float64(max(s.Calls, 1))
	return s
}

// readCounting notes what keeps statements from being counted.
func (s *Statistics) readCounting(ctx context.Context, conn *sql.Conn, in string) error {
	var track, most string
	var thrown sql.NullInt64
	err := conn.QueryRowContext(ctx, `SELECT /* migrator */ coalesce(current_setting('pg_stat_statements.track', true), ''), coalesce(current_setting('pg_stat_statements.max', true), '')`).Scan(&track, &most)
	if err != nil {
		return err
	}
	if track == "none" {
		s.Missing = append(s.Missing, "Statements, which are not counted since pg_stat_statements.track is none: set it to top.")
	}
	var has bool // from 14 on
	if err := conn.QueryRowContext(ctx, "SELECT "+ours+" to_regclass($1) IS NOT NULL", in+".pg_stat_statements_info").Scan(&has); err != nil || !has {
		return err
	}
	if err := conn.QueryRowContext(ctx, "SELECT "+ours+" dealloc FROM "+in+".pg_stat_statements_info").Scan(&thrown); err != nil {
		var refused *pq.Error
		if errors.As(err, &refused) {
			return nil
		}
		return err
	}
	if thrown.Int64 > 0 {
		s.Missing = append(s.Missing, fmt.Sprintf("Statements that are sent seldom: pg_stat_statements holds %s and has thrown some away %d times; raise pg_stat_statements.max.", most, thrown.Int64))
	}
	return nil
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
	tokens := tokenize(s.Text)
	if len(tokens) == 0 || !tokens[0].is("select") && !tokens[0].is("with") || writesBelow(tokens) {
		return false
	}
	for n, t := range tokens {
		if t.depth == 0 && slices.ContainsFunc([]string{"insert", "update", "delete", "merge", "into"}, t.is) && (n == 0 || !tokens[n-1].is(".") && !tokens[n-1].is("as")) {
			return false
		}
		if t.is("for") && n+1 < len(tokens) && slices.ContainsFunc([]string{"update", "no", "share", "key"}, tokens[n+1].is) {
			return false
		}
	}
	return true
}
