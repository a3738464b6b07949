package advise

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"math"
	"strings"

	"github.com/lib/pq"
)

// How many rows the planner is asked about: at least so many that it matters
// whether there is an index, at most so many that building one takes a moment.
const (
	leastRows  = 10_000
	mostRows   = 200_000
	sampleRows = 10_000 // read from the table itself
)

// Prove asks the planner what each suggestion saves, and returns the
// suggestions with their proofs. It asks HypoPG where the database has it;
// otherwise it builds the indexes over sampled rows in the scratch database,
// which may be nil. The database itself is only read.
func Prove(ctx context.Context, live, scratch *sql.DB, suggestions []Suggestion) ([]Suggestion, error) {
	hypothetical, err := hasHypoPG(ctx, live)
	if err != nil {
		return nil, err
	}
	proved := make([]Suggestion, 0, len(suggestions))
	for n, s := range suggestions {
		switch {
		case hypothetical && s.rows >= leastRows && !s.parts: // HypoPG knows no partitioned indexes
			s.Proof, err = s.proveHypothetically(ctx, live)
		case scratch != nil:
			s.Proof, err = s.proveOnSample(ctx, live, scratch, fmt.Sprintf("probe_%d", n))
		default:
			s.Proof = Proof{Note: "there is no server to try it on"}
		}
		var refused *pq.Error
		if errors.As(err, &refused) && refused.Code == "42501" {
			s.Proof, err = Proof{Note: "this role may not read the table"}, nil
		}
		if err != nil {
			return nil, fmt.Errorf("try the index on %s: %w", columnNames(s.Table, s.Columns), err)
		}
		proved = append(proved, s)
	}
	return proved, nil
}

func hasHypoPG(ctx context.Context, db *sql.DB) (has bool, err error) {
	err = db.QueryRowContext(ctx, "SELECT EXISTS (SELECT FROM pg_extension WHERE extname = 'hypopg')").Scan(&has)
	if err != nil {
		return false, fmt.Errorf("look for HypoPG: %w", err)
	}
	return has, nil
}

// lookup is the query that a delete of a referenced row makes.
func (s Suggestion) lookup(table string, values []string) string {
	var conditions []string
	for i, column := range s.Columns {
		conditions = append(conditions, fmt.Sprintf("%s = %s", quote(column), literal(values[i])))
	}
	return fmt.Sprintf("SELECT 1 FROM ONLY %s WHERE %s", table, strings.Join(conditions, " AND "))
}

// sampled reads column values of some rows, as text, without rows that
// reference nothing. Reading whole blocks is quick on tables of any size.
func (s Suggestion) sampled(ctx context.Context, live *sql.DB) ([][]string, error) {
	source := path(s.Table)
	if s.rows > 10*sampleRows {
		source += fmt.Sprintf(" TABLESAMPLE SYSTEM (%f)", math.Min(100, 100*2*sampleRows/s.rows))
	}
	var columns, present []string
	for _, c := range s.Columns {
		columns = append(columns, quote(c)+"::text")
		present = append(present, quote(c)+" IS NOT NULL")
	}
	rows, err := live.QueryContext(ctx, fmt.Sprintf("SELECT "+ours+" %s FROM %s WHERE %s LIMIT %d",
		strings.Join(columns, ", "), source, strings.Join(present, " AND "), sampleRows))
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var sample [][]string
	for rows.Next() {
		values := make([]string, len(s.Columns))
		into := make([]any, len(values))
		for i := range values {
			into[i] = &values[i]
		}
		if err := rows.Scan(into...); err != nil {
			return nil, err
		}
		sample = append(sample, values)
	}
	return sample, rows.Err()
}

func (s Suggestion) proveHypothetically(ctx context.Context, live *sql.DB) (Proof, error) {
	sample, err := s.sampled(ctx, live)
	if err != nil || len(sample) == 0 {
		return Proof{Note: "no row references anything yet"}, err
	}
	bench, err := newHypothetical(ctx, live)
	if err != nil {
		return Proof{}, err
	}
	defer bench.close() //nolint:errcheck // it was only read
	conn := bench.conn
	query := s.lookup(path(s.Table), sample[len(sample)/2])
	p := Proof{How: "hypopg", Rows: int64(s.rows)}
	if p.Before, err = cost(ctx, conn, query); err != nil {
		return p, err
	}
	id, bytes, err := bench.add(ctx, fmt.Sprintf(" ON %s (%s)", path(s.Table), list(s.Columns)))
	if err != nil {
		return p, err
	}
	p.Bytes = bytes
	p.After, err = cost(ctx, conn, query)
	return p, errors.Join(err, bench.drop(ctx, id))
}

// proveOnSample builds a table like the real one out of sampled rows, at its
// real size as far as that is bounded, and the index on it.
func (s Suggestion) proveOnSample(ctx context.Context, live, scratch *sql.DB, probe string) (Proof, error) {
	sample, err := s.sampled(ctx, live)
	if err != nil {
		return Proof{}, err
	}
	if len(sample) == 0 {
		return Proof{Note: "the table has no rows to try it on"}, nil
	}
	conn, err := scratch.Conn(ctx)
	if err != nil {
		return Proof{}, err
	}
	defer conn.Close()
	p := Proof{How: "scratch", Rows: int64(math.Min(mostRows, math.Max(leastRows, s.rows)))}
	if s.rows < leastRows {
		p.Note = fmt.Sprintf("tried with %d rows; the table has about %.0f and can do without as long as it stays small", p.Rows, math.Max(s.rows, float64(len(sample))))
	}
	if err := s.fill(ctx, conn, probe, sample, p.Rows); err != nil {
		return p, err
	}
	for _, columns := range s.beside { // they may do nearly as well
		if _, err := conn.ExecContext(ctx, fmt.Sprintf("CREATE INDEX ON %s (%s)", probe, list(columns))); err != nil {
			return p, err
		}
	}
	query := s.lookup(probe, sample[len(sample)/2])
	if p.Before, err = cost(ctx, conn, query); err != nil {
		return p, err
	}
	if _, err := conn.ExecContext(ctx, fmt.Sprintf("CREATE INDEX %s_idx ON %s (%s)", probe, probe, list(s.Columns))); err != nil {
		return p, err
	}
	if p.After, err = cost(ctx, conn, query); err != nil {
		return p, err
	}
	if err := conn.QueryRowContext(ctx, "SELECT pg_relation_size($1)", probe+"_idx").Scan(&p.Bytes); err != nil {
		return p, err
	}
	p.Bytes = int64(float64(p.Bytes) * math.Max(s.rows, float64(len(sample))) / float64(p.Rows))
	_, err = conn.ExecContext(ctx, "DROP TABLE "+probe)
	return p, err
}

// fill makes the probe table: the sampled values over and over, beside padding
// that makes its rows as wide as the real ones.
func (s Suggestion) fill(ctx context.Context, conn *sql.Conn, probe string, sample [][]string, rows int64) error {
	var columns []string
	for i, name := range s.Columns {
		columns = append(columns, quote(name)+" "+s.retype[i])
	}
	width := 100.0
	if s.rows > 0 && s.bytes > 0 {
		width = math.Min(2000, math.Max(1, float64(s.bytes)/s.rows))
	}
	if _, err := conn.ExecContext(ctx, fmt.Sprintf("CREATE UNLOGGED TABLE %s (%s, padding text); ALTER TABLE %s ALTER COLUMN padding SET STORAGE PLAIN",
		probe, strings.Join(columns, ", "), probe)); err != nil {
		return err
	}
	arrays := make([]any, len(s.Columns))
	var unnests, casts []string
	for i := range s.Columns {
		values := make([]string, len(sample))
		for n, row := range sample {
			values[n] = row[i]
		}
		arrays[i] = pq.Array(values)
		unnests = append(unnests, fmt.Sprintf("$%d::text[]", i+1))
		casts = append(casts, fmt.Sprintf("v%d::%s", i, s.retype[i]))
	}
	var names []string
	for i := range s.Columns {
		names = append(names, fmt.Sprintf("v%d", i))
	}
	times := (rows + int64(len(sample)) - 1) / int64(len(sample))
	_, err := conn.ExecContext(ctx, fmt.Sprintf("INSERT INTO %s SELECT %s, repeat('x', %d) FROM generate_series(1, %d), unnest(%s) AS u(%s) LIMIT %d",
		probe, strings.Join(casts, ", "), int(width), times, strings.Join(unnests, ", "), strings.Join(names, ", "), rows), arrays...)
	if err != nil {
		return err
	}
	_, err = conn.ExecContext(ctx, "VACUUM (ANALYZE) "+probe)
	return err
}
