package advise

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"slices"

	"github.com/lib/pq"

	"github.com/senior-backend/toolkit/migrator/internal/schema"
)

// bench is a database in which indexes can be tried: the live one with HypoPG,
// or a copy of it.
type bench interface {
	// name is what a proof says of how it was made.
	name() string
	// takes says whether the candidate can be tried here.
	takes(c candidate) bool
	// with has the index there while look runs, and returns its size in bytes
	// as it would be on the live table. An index that the server refuses is an
	// errUnfit.
	with(ctx context.Context, c candidate, look func() error) (int64, error)
	// keep has the index there from now on, with those beside it, and returns
	// its name in plans; reset takes all of them away again.
	keep(ctx context.Context, c candidate) (name string, err error)
	reset(ctx context.Context) error
	// prepare makes the statements ready for cost; those that the server
	// refuses are left out of what it returns.
	prepare(ctx context.Context, statements []*Statement) ([]*Statement, error)
	// plan is the planner's plan for a statement that is prepared.
	plan(ctx context.Context, s *Statement) (node, error)
	close() error
}

// errUnfit says that there can be no such index.
var errUnfit = errors.New("no such index can be made")

// session is the part that both kinds of bench have in common.
type session struct {
	conn    *sql.Conn
	execute map[*Statement]string
}

func newSession(ctx context.Context, db *sql.DB, settings ...string) (*session, error) {
	conn, err := db.Conn(ctx)
	if err != nil {
		return nil, fmt.Errorf("connect for the trial of indexes: %w", err)
	}
	s := &session{conn: conn, execute: map[*Statement]string{}}
	for _, setting := range append(settings, "SET plan_cache_mode = force_generic_plan", "SET lock_timeout = '2s'", "SET jit = off") {
		if _, err := conn.ExecContext(ctx, setting); err != nil {
			return nil, errors.Join(fmt.Errorf("prepare the trial of indexes: %w", err), conn.Close())
		}
	}
	return s, nil
}

func (s *session) prepare(ctx context.Context, statements []*Statement) ([]*Statement, error) {
	var ready []*Statement
	for n, statement := range statements {
		if s.execute[statement] != "" {
			ready = append(ready, statement)
			continue
		}
		execute, err := prepare(ctx, s.conn, fmt.Sprintf("migrator_try_%d_%d", len(s.execute), n), statement.look)
		var refused *pq.Error
		if errors.As(err, &refused) {
			continue
		}
		if err != nil {
			return nil, err
		}
		s.execute[statement] = execute
		if _, err := s.plan(ctx, statement); err == nil {
			ready = append(ready, statement)
		} else if !errors.As(err, &refused) {
			return nil, err
		}
	}
	return ready, nil
}

func (s *session) plan(ctx context.Context, statement *Statement) (node, error) {
	return explain(ctx, s.conn, s.execute[statement])
}

func explain(ctx context.Context, conn *sql.Conn, query string) (node, error) {
	var text []byte
	if err := conn.QueryRowContext(ctx, "EXPLAIN (FORMAT JSON) "+query).Scan(&text); err != nil {
		return node{}, err
	}
	var plans []struct{ Plan node }
	if err := json.Unmarshal(text, &plans); err != nil || len(plans) == 0 {
		return node{}, fmt.Errorf("read the plan: %w", err)
	}
	return plans[0].Plan, nil
}

// cost is the planner's estimate of a query's total cost.
func cost(ctx context.Context, conn *sql.Conn, query string) (float64, error) {
	root, err := explain(ctx, conn, query)
	return root.Cost, err
}

// hypothetical tries indexes on the live database with HypoPG, which tells the
// planner of indexes that are not there, in one session.
type hypothetical struct{ *session }

func newHypothetical(ctx context.Context, live *sql.DB) (hypothetical, error) {
	// HypoPG may live in a schema that statements do not look into.
	s, err := newSession(ctx, live, "SET default_transaction_read_only = on",
		`SELECT /* migrator */ set_config('search_path', concat_ws(', ', nullif(current_setting('search_path'), ''), quote_ident(n.nspname)), false)
		FROM pg_extension e JOIN pg_namespace n ON n.oid = e.extnamespace WHERE e.extname = 'hypopg'`)
	if err != nil {
		return hypothetical{}, err
	}
	return hypothetical{s}, nil
}

func (hypothetical) name() string { return "hypopg" }

// takes: HypoPG knows neither GIN nor GiST, no partitioned indexes, and not what
// values an expression has.
func (hypothetical) takes(c candidate) bool {
	return !slices.ContainsFunc(c.all(), func(c candidate) bool {
		return c.computed() || c.method != "btree" && c.method != "brin" || c.table.IsPartitioned() || len(c.prepare) > 0
	})
}

func (h hypothetical) add(ctx context.Context, definition string) (id, bytes int64, err error) {
	err = h.conn.QueryRowContext(ctx, "SELECT indexrelid, hypopg_relation_size(indexrelid) FROM hypopg_create_index($1)", "CREATE INDEX"+definition).Scan(&id, &bytes)
	var refused *pq.Error
	if errors.As(err, &refused) || errors.Is(err, sql.ErrNoRows) {
		return 0, 0, errUnfit
	}
	if err == nil {
		_, err = h.conn.ExecContext(ctx, "DISCARD PLANS") // plans that were kept know nothing of it
	}
	return id, bytes, err
}

func (h hypothetical) with(ctx context.Context, c candidate, look func() error) (int64, error) {
	var total int64
	var made []int64
	var err error
	for _, one := range c.all() {
		id, bytes, addErr := h.add(ctx, one.definition())
		if err = addErr; err != nil {
			break
		}
		made, total = append(made, id), total+bytes
	}
	if err == nil {
		err = look()
	}
	for _, id := range made {
		err = errors.Join(err, h.drop(ctx, id))
	}
	return total, err
}

func (h hypothetical) drop(ctx context.Context, id int64) error {
	_, err := h.conn.ExecContext(ctx, "SELECT hypopg_drop_index($1)", id)
	if err == nil {
		_, err = h.conn.ExecContext(ctx, "DISCARD PLANS")
	}
	return err
}

func (h hypothetical) keep(ctx context.Context, c candidate) (name string, err error) {
	var id int64
	for _, one := range slices.Backward(c.all()) {
		if id, _, err = h.add(ctx, one.definition()); err != nil {
			return "", err
		}
	}
	err = h.conn.QueryRowContext(ctx, "SELECT index_name FROM hypopg_list_indexes WHERE indexrelid = $1", id).Scan(&name)
	return name, err
}

func (h hypothetical) reset(ctx context.Context) error {
	if _, err := h.conn.ExecContext(ctx, "SELECT hypopg_reset()"); err != nil {
		return err
	}
	_, err := h.conn.ExecContext(ctx, "DISCARD PLANS")
	return err
}

func (h hypothetical) close() error {
	ctx := context.Background()
	err := h.reset(ctx)
	_, settingErr := h.conn.ExecContext(ctx, "DEALLOCATE ALL; RESET ALL")
	return errors.Join(err, settingErr, h.conn.Close())
}

// copied tries indexes by building them in a copy of the schema that holds
// sampled rows.
type copied struct {
	*session
	kept  *[]string          // the indexes that keep made
	scale map[string]float64 // rows of the live table for each in the copy, by the table's path
	pages map[string]float64 // pages of the copy for each of the live table
}

func (copied) name() string { return "scratch" }

func (b copied) takes(c candidate) bool { return b.scale[path(c.table.Identity)] > 0 }

func (b copied) with(ctx context.Context, c candidate, look func() error) (bytes int64, err error) {
	if _, err := b.conn.ExecContext(ctx, "BEGIN"); err != nil {
		return 0, err
	}
	analyzed := false
	for n, one := range c.all() {
		if err == nil {
			err = b.build(ctx, one, fmt.Sprintf("migrator_try_%d", n))
			analyzed = analyzed || err == nil && one.computed()
		}
	}
	if err == nil {
		err = look()
	}
	for n, one := range c.all() {
		if err == nil {
			var size int64
			size, err = b.size(ctx, one, fmt.Sprintf("migrator_try_%d", n))
			bytes += size
		}
	}
	_, endErr := b.conn.ExecContext(ctx, "ROLLBACK")
	if analyzed && endErr == nil { // ANALYZE writes the number of rows in place
		endErr = b.enlarge(ctx, c.table)
	}
	return bytes, errors.Join(err, endErr)
}

// size is that of an index that was built, as it would be over all rows. A BRIN
// index has no entry for a row but one for many pages.
func (b copied) size(ctx context.Context, c candidate, name string) (bytes int64, err error) {
	made := literal(path(schema.ID{Schema: c.table.Identity.Schema, Name: name}))
	err = b.conn.QueryRowContext(ctx, fmt.Sprintf(`SELECT sum(pg_relation_size(oid))::int8 FROM pg_class
		WHERE oid = %[1]s::regclass OR oid IN (SELECT relid FROM pg_partition_tree(%[1]s))`, made)).Scan(&bytes)
	if c.method == "brin" {
		return bytes, err
	}
	return int64(float64(bytes) * max(1, b.scale[path(c.table.Identity)])), err
}

func (b copied) build(ctx context.Context, c candidate, name string) error {
	definition := c.definition()
	if share := b.pages[path(c.table.Identity)]; c.method == "brin" && share > 0 {
		// An entry stands for the same share of the rows as it would in the real table.
		definition += fmt.Sprintf(" WITH (pages_per_range = %.0f)", math.Max(1, brinBlocks*share))
	}
	for _, statement := range append(slices.Clone(c.prepare), "CREATE INDEX "+quote(name)+definition) {
		_, err := b.conn.ExecContext(ctx, statement)
		var refused *pq.Error
		if errors.As(err, &refused) {
			return errUnfit
		}
		if err != nil {
			return err
		}
	}
	if !c.computed() {
		return nil
	}
	// What values an expression has is known only once it was looked at.
	if _, err := b.conn.ExecContext(ctx, "SET default_statistics_target = 30; ANALYZE "+path(c.table.Identity)+"; RESET default_statistics_target"); err != nil {
		return err
	}
	return b.enlarge(ctx, c.table)
}

func (b copied) keep(ctx context.Context, c candidate) (string, error) {
	var name string
	for _, one := range slices.Backward(c.all()) {
		name = fmt.Sprintf("migrator_kept_%d", len(*b.kept))
		if err := b.build(ctx, one, name); err != nil {
			return "", err
		}
		*b.kept = append(*b.kept, path(schema.ID{Schema: c.table.Identity.Schema, Name: name}))
	}
	return name, nil
}

func (b copied) reset(ctx context.Context) error {
	for _, name := range *b.kept {
		if _, err := b.conn.ExecContext(ctx, "DROP INDEX IF EXISTS "+name); err != nil {
			return err
		}
	}
	*b.kept = nil
	return nil
}

func (b copied) close() error { return b.conn.Close() }
