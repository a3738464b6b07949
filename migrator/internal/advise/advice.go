package advise

import (
	"cmp"
	"context"
	"database/sql"
	"errors"
	"fmt"
	"math"
	"slices"
	"strings"

	"github.com/senior-backend/toolkit/migrator/internal/schema"
)

// Trials says where indexes can be tried.
type Trials struct {
	Live *sql.DB // the database; it is only read

	// Scratch gives an empty database, and Copy one with the live one's schema
	// and no rows. Each is called once at most, and may say that there is none.
	Scratch, Copy func(context.Context) (*sql.DB, error)
}

// Advice is what came of the trials.
type Advice struct {
	Suggested []Suggestion
	LeftOut   []Suggestion // they were tried and do not pay; Proof.Note says why
	Notes     []string     // what could not be tried
}

// SuggestFor finds the indexes that the statements which were run and the
// foreign keys call for, tries them with the planner, and returns those that
// pay. The live database is only read; no statement is run.
func SuggestFor(ctx context.Context, facts Facts, trials Trials) (Advice, error) {
	d := newDigest(facts)
	a := adviser{d: d, trials: trials}
	if err := a.forStatements(ctx); err != nil {
		return Advice{}, err
	}
	if err := a.forForeignKeys(ctx); err != nil {
		return Advice{}, err
	}
	return a.advice, nil
}

type adviser struct {
	d      *digest
	trials Trials
	advice Advice
	taken  []string // names
}

// candidates gathers what might help any statement, each once.
func (a *adviser) candidates() []*weighed {
	if a.d.Statistics == nil {
		return nil
	}
	byDefinition := map[string]*weighed{}
	var found []*weighed
	statements := a.d.Statistics.Statements
	for n := range statements {
		for _, c := range a.d.candidates(&statements[n]) {
			if identity := c.identity(); byDefinition[identity] == nil {
				byDefinition[identity] = a.weigh(c)
				found = append(found, byDefinition[identity])
			}
		}
	}
	return found
}

// weigh is the candidate with the statements that may use it and its upkeep.
func (a *adviser) weigh(c candidate) *weighed {
	w := &weighed{candidate: c}
	if len(c.beside) == 0 {
		w.rows, w.writes = a.d.upkeep(c)
		w.lead = a.d.leads(c)
	}
	for n := range a.d.Statistics.Statements {
		if s := &a.d.Statistics.Statements[n]; a.d.mayUse(s, w.candidate) {
			w.uses = append(w.uses, s)
		}
	}
	if len(c.beside) > 0 {
		for _, one := range c.all() {
			part := a.weigh(one)
			w.parts, w.rows, w.writes = append(w.parts, part), w.rows+part.rows, w.writes+part.writes
		}
	}
	return w
}

// leads is how well an index serves other look-ups by what it begins with: best
// is a foreign key that no index serves yet, then a column of many values.
func (d *digest) leads(c candidate) float64 {
	first := c.keys[0]
	if first.column == "" {
		return 0
	}
	if !d.served(c.table.Identity, []string{first.column}) && slices.ContainsFunc(d.referencing(c.table.Identity, first.column), func(fk *schema.Constraint) bool { return len(fk.Columns) == 1 }) {
		return math.Inf(1)
	}
	g := generator{d: d, table: c.table}
	return g.values(first)
}

// mayUse says whether the statement says anything of what the index begins
// with, or of its condition.
func (d *digest) mayUse(s *Statement, c candidate) bool {
	return slices.ContainsFunc(s.accesses, func(a *access) bool {
		if t := d.root(a.table); t == nil || t.Identity != c.table.Identity {
			return false
		}
		first := c.keys[0].sql
		begins := func(o operand) bool { return o.usable() && o.key() == first }
		if slices.ContainsFunc(a.either, func(e either) bool { return e.begins(begins) }) {
			return true
		}
		if len(c.beside) > 0 {
			return false
		}
		switch c.method {
		case "brin":
			return slices.ContainsFunc(a.ranges, begins)
		case "gin", "gist": // it may know = as well, but is a dear way to it
			return slices.ContainsFunc(a.within, func(p predicate) bool { return begins(p.on) })
		}
		return slices.ContainsFunc(a.within, func(p predicate) bool { return p.by == "~~" && begins(p.on) }) || c.where != "" || slices.ContainsFunc(a.equal, begins) || slices.ContainsFunc(a.listed, begins) ||
			slices.ContainsFunc(a.joins, begins) || slices.ContainsFunc(a.ranges, begins) ||
			slices.ContainsFunc(a.order, func(k sortKey) bool { return begins(k.on) })
	})
}

func (a *adviser) forStatements(ctx context.Context) error {
	if a.d.Statistics == nil {
		return nil
	}
	if err := a.complete(ctx); err != nil {
		return err
	}
	candidates := a.candidates()
	if len(candidates) == 0 {
		return nil
	}
	for n := range a.d.Statistics.Statements {
		if err := a.d.typical(ctx, a.trials.Live, &a.d.Statistics.Statements[n]); err != nil {
			return err
		}
	}
	hypo, err := hasHypoPG(ctx, a.trials.Live)
	if err != nil {
		return err
	}
	if hypo {
		b, err := newHypothetical(ctx, a.trials.Live)
		if err != nil {
			return err
		}
		if candidates, err = a.try(ctx, b, candidates); err != nil {
			return err
		}
	}
	if len(candidates) == 0 {
		return nil
	}
	b, err := a.copy(ctx, candidates)
	if err != nil {
		if ctx.Err() != nil {
			return context.Cause(ctx)
		}
		a.advice.Notes = append(a.advice.Notes, "Indexes for the statements that were run: "+err.Error()+".")
		return nil
	}
	_, err = a.try(ctx, b, candidates)
	return err
}

// copy is a bench in a copy of the schema, with rows of the tables that matter.
func (a *adviser) copy(ctx context.Context, candidates []*weighed) (bench, error) {
	if a.trials.Copy == nil {
		return nil, errors.New("there is no server to try them on")
	}
	db, err := a.trials.Copy(ctx)
	if err != nil {
		return nil, err
	}
	var tables []*schema.Table
	for _, w := range candidates {
		for _, s := range w.uses {
			for _, x := range s.accesses {
				if t := a.d.root(x.table); t != nil && !slices.Contains(tables, t) {
					tables = append(tables, t)
				}
			}
		}
	}
	b, notes, err := newCopied(ctx, a.d, a.trials.Live, db, tables)
	a.advice.Notes = append(a.advice.Notes, notes...)
	if err != nil {
		return b, err
	}
	return b, b.learn(ctx, candidates)
}

// try tries what the bench takes, and returns the rest.
func (a *adviser) try(ctx context.Context, b bench, candidates []*weighed) (rest []*weighed, err error) {
	defer func() { err = errors.Join(err, b.close()) }()
	var mine []*weighed
	for _, w := range candidates {
		if b.takes(w.candidate) {
			mine = append(mine, w)
		} else {
			rest = append(rest, w)
		}
	}
	time := 0.0
	for _, s := range a.d.Statistics.Statements {
		time += s.TotalMS
	}
	t, err := newTrial(ctx, b, mine, time)
	if err != nil {
		return nil, err
	}
	chosen, err := t.choose(ctx)
	if err != nil {
		return nil, err
	}
	for _, w := range chosen {
		a.advice.Suggested = append(a.advice.Suggested, a.suggestion(t, w))
	}
	for _, w := range t.leftOut(chosen) {
		s := a.suggestion(t, w)
		s.Proof.Note = "it saves too little"
		if w.gain >= leastGain && w.writes > w.gain {
			s.Proof.Note = fmt.Sprintf("%.0f rows were written meanwhile, and keeping it costs more than it saves", w.rows)
		}
		a.advice.LeftOut = append(a.advice.LeftOut, s)
	}
	return rest, nil
}

// leftOut is, of each table that nothing was chosen for, the index that would
// save most.
func (t *trial) leftOut(chosen []*weighed) []*weighed {
	var left []*weighed
	for _, w := range t.rejected {
		if w.gain < leastGain || len(w.after) == 0 || len(w.parts) > 0 || slices.ContainsFunc(chosen, func(o *weighed) bool { return o.table == w.table }) {
			continue
		}
		at := slices.IndexFunc(left, func(o *weighed) bool { return o.table == w.table })
		switch {
		case at < 0:
			left = append(left, w)
		case w.gain > left[at].gain:
			left[at] = w
		}
	}
	return left
}

// suggestion puts a tried index into words.
func (a *adviser) suggestion(t *trial, w *weighed) Suggestion {
	name := a.d.nameFor(w.candidate, a.taken)
	a.taken = append(a.taken, name)
	s := Suggestion{
		Table: w.table.Identity, Name: name, Prepare: w.prepare, SQL: w.statement(name), Written: w.rows,
		Rollback: dropIndex(w.table, &schema.Index{Head: schema.Head{Identity: schema.ID{Kind: schema.KindIndex, Schema: w.table.Identity.Schema, Name: name}}}),
		Proof:    Proof{How: t.bench.name(), Rows: int64(a.d.live(w.table)), Bytes: w.bytes},
		whole:    w.method == "btree" && w.where == "",
	}
	for _, k := range w.keys {
		s.Columns = append(s.Columns, cmp.Or(k.column, k.sql))
	}
	for _, statement := range w.uses {
		after, gains := w.after[statement]
		cost := step{t.base[statement], after}
		if w.step != nil {
			cost, gains = w.step[statement], gains && w.step[statement].before > 0
		}
		if gains && cost.after < asGoodNarrow*cost.before {
			if w.keys[0].column == "" {
				s.Proof.Note = statement.assumed
			}
			s.Queries = append(s.Queries, Served{Text: statement.short(), Calls: statement.Calls, MeanMS: statement.MeanMS, Before: cost.before, After: cost.after})
		}
	}
	slices.SortStableFunc(s.Queries, func(a, b Served) int { return cmp.Compare(b.gain(), a.gain()) })
	saved := 0.0
	for n, q := range s.Queries {
		saved += q.gain()
		if n == 0 {
			s.Proof.Before, s.Proof.After = q.Before, q.After
		}
		s.Serves = append(s.Serves, fmt.Sprintf("%d calls of %s", q.Calls, q.Text))
	}
	if saved > 0 {
		s.Overhead = w.writes / saved
	}
	s.Reason = a.reason(w)
	s.Replaces = a.d.replaced(w.candidate)
	return s
}

func (q Served) gain() float64 { return float64(q.Calls) * (q.Before - q.After) }

// reason says what kind of index it is and what for.
func (a *adviser) reason(w *weighed) string {
	var columns []string
	for _, k := range w.keys {
		columns = append(columns, strings.TrimSpace(cmp.Or(k.column, k.sql)+k.suffix))
	}
	what := fmt.Sprintf("statements find or order rows of %s by %s", TableName(w.table.Identity), strings.Join(columns, ", "))
	switch {
	case w.method == "gin":
		what = fmt.Sprintf("statements look inside %s of %s, which a GIN index serves", w.keys[0].sql, TableName(w.table.Identity))
	case w.method == "brin":
		what = fmt.Sprintf("statements read ranges of %s in %s, whose rows lie in that order: a BRIN index is a hundredth of a B-tree, which only finds narrow ranges faster", w.keys[0].sql, TableName(w.table.Identity))
	case w.method == "gist":
		what = fmt.Sprintf("statements compare ranges in %s of %s, which a GiST index serves", w.keys[0].sql, TableName(w.table.Identity))
	}
	if len(w.together) > 0 {
		what += "; a condition with OR needs it together with the one on " + strings.Join(w.together, " and on ")
	}
	if w.where != "" {
		what += ", always where " + w.where
	}
	if len(w.include) > 0 {
		what += "; with " + strings.Join(w.include, ", ") + " beside, they need not look at the table"
	}
	return what
}

// replaced lists the indexes that begin as the candidate does and hold on to
// nothing else.
func (d *digest) replaced(c candidate) []string {
	if c.method != "btree" {
		return nil
	}
	var names []string
	for _, i := range d.indexes(c.table.Identity) {
		if i.Unique || i.Method != "btree" || i.Predicate != c.where || d.ties(i) > 0 || len(i.Keys) > len(c.keys) || len(i.Include) > 0 {
			continue
		}
		alike := true
		for n, k := range i.Keys {
			alike = alike && k.Column != "" && k.Column == c.keys[n].column && k.DefaultOp && !k.Descending && !k.NullsFirst && c.keys[n].suffix == ""
		}
		if alike {
			names = append(names, i.Identity.Name)
		}
	}
	return names
}

// forForeignKeys tries the look-ups that deletes of referenced rows make.
func (a *adviser) forForeignKeys(ctx context.Context) error {
	keys := a.d.byForeignKeys(a.advice.Suggested)
	if len(keys) == 0 {
		return nil
	}
	var scratch *sql.DB
	if a.trials.Scratch != nil {
		var err error
		if scratch, err = a.trials.Scratch(ctx); err != nil {
			if ctx.Err() != nil {
				return context.Cause(ctx)
			}
			a.advice.Notes = append(a.advice.Notes, "Indexes for foreign keys: "+err.Error()+".")
			scratch = nil
		}
	}
	keys, err := Prove(ctx, a.trials.Live, scratch, keys)
	if err != nil {
		return err
	}
	for _, s := range keys {
		if s.Proof.How != "" && !s.Proof.Pays() {
			s.Proof.Note = "it does not pay"
			a.advice.LeftOut = append(a.advice.LeftOut, s)
			continue
		}
		a.advice.Suggested = append(a.advice.Suggested, s)
	}
	return nil
}
