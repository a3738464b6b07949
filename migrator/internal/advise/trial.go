package advise

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
)

// What an index must bring, in the planner's units: pages read in sequence.
const (
	leastGain  = 1000  // of all calls together
	leastShare = 0.001 // of the cost of all statements
	asGood     = 0.99  // of the best one's gain: then the smaller index is the better one
	mostChosen = 100

	asGoodOrder  = 0.8  // likewise, of one that begins with what more look-ups ask for
	asGoodNarrow = 0.95 // likewise, of one that stores columns beside its keys
	asGoodBRIN   = 0.6  // likewise, for a BRIN index instead of a B-tree a hundred times its size: the planner takes the rows that it finds for scattered

	leastCost = 100   // of a statement, for an index to be worth its while
	leastTime = 0.005 // of all statements' time that an index must save, or
	leastSave = 0.3   // milliseconds of a call, as far as time goes with cost

	mostTime = 0.25 // share of all statements' time from which on a cheaper one is worth it, too
)

// weighed is a candidate and what it was seen to bring.
type weighed struct {
	candidate
	uses   []*Statement // that may use it
	writes float64      // cost of keeping it, of all writes together
	rows   float64      // that were written

	gain  float64 // saved in all calls, without the writes; an upper bound while stale
	after map[*Statement]float64
	bytes int64
	stale bool
	lead  float64 // how well other look-ups are served by what it begins with
	name  string  // in the bench's plans, once it is chosen
	step  map[*Statement]step

	parts    []*weighed // one for each index, of a candidate that is several
	together []string   // what the other indexes are on that it came with
}

// step is what an index brought a statement beside those that were chosen before.
type step struct{ before, after float64 }

func (w *weighed) net() float64 { return w.gain - w.writes }

// trial finds the set of indexes that serves the statements best: it takes the
// index that saves most, then the one that saves most beside that, and so on.
type trial struct {
	bench      bench
	candidates []*weighed
	rejected   []*weighed // they were tried, and do not pay
	statements []*Statement
	base       map[*Statement]float64 // costs without any of them
	now        map[*Statement]float64 // with those that are chosen
	total      float64                // cost of all calls
	time       float64                // of all calls of all statements, in milliseconds
}

func newTrial(ctx context.Context, b bench, candidates []*weighed, time float64) (*trial, error) {
	t := &trial{bench: b, time: time, base: map[*Statement]float64{}, now: map[*Statement]float64{}}
	var statements []*Statement
	for _, w := range candidates {
		for _, s := range w.uses {
			if !slices.Contains(statements, s) {
				statements = append(statements, s)
			}
		}
	}
	var err error
	if t.statements, err = b.prepare(ctx, statements); err != nil {
		return nil, fmt.Errorf("prepare statements: %w", err)
	}
	for _, s := range t.statements {
		root, err := b.plan(ctx, s)
		if err != nil {
			return nil, fmt.Errorf("plan a statement: %w", err)
		}
		t.base[s], t.now[s] = root.Cost, root.Cost
		t.total += root.Cost * float64(s.Calls)
	}
	for _, w := range candidates {
		w.uses = slices.DeleteFunc(slices.Clone(w.uses), func(s *Statement) bool { return t.base[s] == 0 })
		w.stale = true
		for _, s := range w.uses {
			w.gain += t.base[s] * float64(s.Calls)
		}
		if len(w.uses) > 0 {
			t.candidates = append(t.candidates, w)
		}
	}
	return t, nil
}

// choose returns the indexes that pay, with what they bring together.
func (t *trial) choose(ctx context.Context) ([]*weighed, error) {
	var chosen []*weighed
	for len(chosen) < mostChosen {
		best, err := t.best(ctx)
		if err != nil {
			return nil, err
		}
		if best == nil {
			break
		}
		if best.name, err = t.bench.keep(ctx, best.candidate); err != nil {
			return nil, fmt.Errorf("keep an index: %w", err)
		}
		chosen = append(chosen, best)
		t.candidates = slices.DeleteFunc(t.candidates, func(w *weighed) bool { return w == best || best.spares(w) })
		best.step = map[*Statement]step{}
		for s, after := range best.after {
			best.step[s] = step{t.now[s], after}
			t.now[s] = after
		}
		for _, w := range t.candidates {
			w.stale = w.stale || slices.ContainsFunc(w.uses, func(s *Statement) bool { return slices.Contains(best.uses, s) })
		}
	}
	return t.settle(ctx, chosen)
}

// best is the candidate that brings most beside the chosen ones, or the
// smallest of those that bring about as much; nil when none pays.
func (t *trial) best(ctx context.Context) (*weighed, error) {
	for {
		slices.SortStableFunc(t.candidates, func(a, b *weighed) int { return cmp.Compare(b.net(), a.net()) })
		if len(t.candidates) == 0 || t.candidates[0].net() <= 0 {
			return nil, t.refuse(ctx)
		}
		first := t.candidates[0]
		if first.stale {
			if err := t.measure(ctx, first); err != nil {
				return nil, err
			}
			continue
		}
		if !t.pays(first) {
			t.candidates, t.rejected = t.candidates[1:], append(t.rejected, first)
			continue
		}
		best, again, err := t.smallest(ctx, first)
		if err != nil || !again {
			return best, err
		}
	}
}

// smallest is the smallest of those that bring about as much as the first; a
// covering index must bring more to be worth its size. When it had to look at
// one of them again, the order may have changed.
func (t *trial) smallest(ctx context.Context, first *weighed) (best *weighed, again bool, err error) {
	narrow := first
	for _, w := range t.candidates {
		if w.net() < asGoodNarrow*first.net() {
			break
		}
		if w.stale {
			return nil, true, t.measure(ctx, w)
		}
		if len(w.include) == 0 && len(narrow.include) > 0 && t.pays(w) {
			narrow = w
		}
	}
	if brin, again, err := t.brin(ctx, narrow); err != nil || again || brin != nil {
		return brin, again, err
	}
	best = narrow
	for _, w := range t.candidates {
		if w.net() >= asGood*narrow.net() && len(w.include) <= len(narrow.include) && smaller(w, best) && t.pays(w) {
			best = w
		}
	}
	for _, w := range t.candidates {
		if w.lead <= best.lead || !w.turns(best) || w.net() < asGoodOrder*best.net() {
			continue
		}
		if w.stale {
			return nil, true, t.measure(ctx, w)
		}
		if t.pays(w) {
			best = w
		}
	}
	return best, false, nil
}

// spares says whether a BRIN index was chosen instead of the other one: no
// statement has another use for that.
func (w *weighed) spares(other *weighed) bool {
	return w.method == "brin" && w.table == other.table && other.keys[0].sql == w.keys[0].sql &&
		!slices.ContainsFunc(other.uses, func(s *Statement) bool { return !slices.Contains(w.uses, s) })
}

// brin is the BRIN index that does nearly as well as the B-tree, if there is one.
func (t *trial) brin(ctx context.Context, tree *weighed) (best *weighed, again bool, err error) {
	for _, w := range t.candidates {
		if w.method != "brin" || tree.method != "btree" || w.table != tree.table || w.net() < asGoodBRIN*tree.net() {
			continue
		}
		if w.stale {
			return nil, true, t.measure(ctx, w)
		}
		if t.pays(w) {
			return w, false, nil
		}
	}
	return nil, false, nil
}

// refuse looks at those whose writes cost more than they could save, so that it
// can be said what they would have saved.
func (t *trial) refuse(ctx context.Context) error {
	for _, w := range t.candidates {
		if w.stale && len(w.include) == 0 && w.gain > leastGain {
			if err := t.measure(ctx, w); err != nil {
				return err
			}
		}
		if !w.stale {
			t.rejected = append(t.rejected, w)
		}
	}
	t.candidates = nil
	return nil
}

// smaller prefers the index of less bytes, then the one of fewer columns.
func smaller(a, b *weighed) bool {
	return cmp.Or(cmp.Compare(a.bytes, b.bytes), cmp.Compare(len(a.keys)+len(a.include), len(b.keys)+len(b.include)),
		cmp.Compare(len(a.where), len(b.where)), cmp.Compare(b.lead, a.lead), cmp.Compare(b.net(), a.net())) < 0
}

// pays says whether some statement gains by the index what makes it worth while.
func (t *trial) pays(w *weighed) bool {
	return w.net() >= max(leastGain, leastShare*t.total) && t.saves(w) && slices.ContainsFunc(w.uses, func(s *Statement) bool {
		after, seen := w.after[s]
		return seen && t.matters(s) && Proof{How: t.bench.name(), Before: t.now[s], After: after}.Pays()
	})
}

// saves says whether the time that the statements take is worth an index: some
// are dear by the planner's measure and done in no time, from the cache.
func (t *trial) saves(w *weighed) bool {
	all := 0.0
	for s, after := range w.after {
		one := s.MeanMS * (t.now[s] - after) / t.base[s]
		if one >= leastSave {
			return true
		}
		all += one * float64(s.Calls)
	}
	return all >= leastTime*t.time
}

// matters says whether the statement takes long enough for an index of its own.
func (t *trial) matters(s *Statement) bool {
	return t.base[s] >= leastCost || s.TotalMS >= mostTime*t.time
}

// measure asks the planner what the candidate brings beside the chosen ones.
func (t *trial) measure(ctx context.Context, w *weighed) error {
	w.after, w.gain, w.stale = map[*Statement]float64{}, 0, false
	bytes, err := t.bench.with(ctx, w.candidate, func() error {
		for _, s := range w.uses {
			root, err := t.bench.plan(ctx, s)
			if err != nil {
				return err
			}
			if root.Cost < t.now[s] {
				w.after[s] = root.Cost
				w.gain += (t.now[s] - root.Cost) * float64(s.Calls)
			}
		}
		return nil
	})
	if errors.Is(err, errUnfit) {
		w.after, w.gain = nil, 0
		return nil
	}
	if err != nil {
		return fmt.Errorf("try an index%s: %w", w.definition(), err)
	}
	w.bytes = bytes
	return nil
}

// settle drops what a later choice has made superfluous, and sees what each
// statement gains from the rest: before is without any, after with all.
func (t *trial) settle(ctx context.Context, chosen []*weighed) ([]*weighed, error) {
	kept, err := t.single(ctx, chosen)
	if err != nil {
		return nil, err
	}
	kept = slices.DeleteFunc(slices.Clone(kept), func(w *weighed) bool {
		return slices.ContainsFunc(kept, func(o *weighed) bool { return o != w && o.does(w) })
	})
	for {
		if err := t.bench.reset(ctx); err != nil {
			return nil, err
		}
		for _, w := range kept {
			var err error
			if w.name, err = t.bench.keep(ctx, w.candidate); err != nil {
				return nil, fmt.Errorf("keep an index: %w", err)
			}
			w.after = map[*Statement]float64{}
		}
		if err := t.attribute(ctx, kept); err != nil {
			return nil, err
		}
		used := slices.DeleteFunc(slices.Clone(kept), func(w *weighed) bool {
			return !slices.ContainsFunc(w.uses, func(s *Statement) bool {
				after, uses := w.after[s]
				return uses && t.matters(s) && Proof{How: t.bench.name(), Before: t.base[s], After: after}.Pays()
			})
		})
		if len(used) == len(kept) {
			return kept, nil
		}
		kept = used
	}
}

// single takes apart what was chosen together, and drops what came twice.
func (t *trial) single(ctx context.Context, chosen []*weighed) ([]*weighed, error) {
	var found []*weighed
	add := func(w *weighed) {
		if !slices.ContainsFunc(found, func(o *weighed) bool { return o.definition() == w.definition() }) {
			found = append(found, w)
		}
	}
	for _, w := range chosen {
		if len(w.parts) == 0 {
			add(w)
			continue
		}
		for _, part := range w.parts {
			var err error
			if part.bytes, err = t.bench.with(ctx, part.candidate, func() error { return nil }); err != nil {
				return nil, fmt.Errorf("try an index%s: %w", part.definition(), err)
			}
			part.uses = slices.DeleteFunc(part.uses, func(s *Statement) bool { return t.base[s] == 0 })
			part.step = w.step
			for _, other := range w.parts {
				if other != part {
					part.together = append(part.together, strings.Join(other.columns(), ", "))
				}
			}
			add(part)
		}
	}
	return found, nil
}

// attribute notes which statements use which of the indexes.
func (t *trial) attribute(ctx context.Context, kept []*weighed) error {
	for _, s := range t.statements {
		root, err := t.bench.plan(ctx, s)
		if err != nil {
			return fmt.Errorf("plan a statement: %w", err)
		}
		t.now[s] = root.Cost
		for _, w := range kept {
			if (w.table.IsPartitioned() || root.uses(w.name)) && slices.Contains(w.uses, s) && root.Cost < t.base[s] {
				w.after[s] = root.Cost
			}
		}
	}
	return nil
}

// uses says whether the plan reads the index.
func (n node) uses(index string) bool {
	return n.Index == index || slices.ContainsFunc(n.Plans, func(below node) bool { return below.uses(index) })
}
