package advise

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/lib/pq"

	"github.com/senior-backend/toolkit/migrator/internal/schema"
)

const (
	oneSided  = 1.0 / 3 // of the rows, by which the planner takes a < or > with a value that it does not know (selfuncs.h)
	muchFewer = 3       // times fewer rows came than that gives, for it to be worth correcting
)

// typical puts a value in the place of a statement's one open bound, such as
// the time in "created_at > $1", with which as many rows come as did on
// average. Without one the planner takes a third of the table, for which no
// index pays, while such statements mostly ask for the last few rows.
func (d *digest) typical(ctx context.Context, live *sql.DB, s *Statement) error {
	bound, table := s.openBound()
	if bound == nil {
		return nil
	}
	t := d.root(table)
	came, expected := float64(s.Rows)/float64(max(1, s.Calls)), s.root.Rows
	if t == nil || t.Identity != table || came*muchFewer > expected || strings.Count(s.look, bound.with.parameter) != 1 {
		return nil
	}
	column := d.Schema.Column(t.Identity, bound.on.column)
	if column == nil {
		return nil
	}
	var bounds []string
	err := live.QueryRowContext(ctx, `SELECT histogram_bounds::text::text[] FROM pg_stats
		WHERE schemaname = $1 AND tablename = $2 AND attname = $3 AND NOT inherited`, t.Identity.Schema, t.Identity.Name, bound.on.column).Scan(pq.Array(&bounds))
	if errors.Is(err, sql.ErrNoRows) || err == nil && len(bounds) < 2 {
		return nil
	}
	if err != nil {
		return fmt.Errorf("read a column's distribution: %w", err)
	}
	place := oneSided * max(came, 1) / expected
	if strings.HasPrefix(bound.by, ">") {
		place = 1 - place
	}
	value := bounds[min(len(bounds)-1, int(place*float64(len(bounds)-1)))]
	s.look = strings.Replace(s.look, bound.with.parameter, fmt.Sprintf("CAST(%s AS %s)", literal(value), column.Type), 1)
	return nil
}

// openBound is the one bound of a statement that returns the rows it finds.
func (s *Statement) openBound() (*predicate, schema.ID) {
	if s.root == nil || s.root.holds("Aggregate", "Group", "Unique", "Limit", "WindowAgg", "SetOp") {
		return nil, schema.ID{}
	}
	var found *predicate
	var table schema.ID
	for _, a := range s.accesses {
		for n := range a.bounds {
			if found != nil {
				return nil, schema.ID{}
			}
			found, table = &a.bounds[n], a.table
		}
	}
	if found == nil || found.with.parameter == "" || found.on.column == "" {
		return nil, schema.ID{}
	}
	return found, table
}

// holds says whether the plan has a node of one of the types.
func (n node) holds(types ...string) bool {
	return slices.Contains(types, n.Type) || slices.ContainsFunc(n.Plans, func(below node) bool { return below.holds(types...) })
}
