package advise

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/senior-backend/toolkit/migrator/internal/schema"
)

// invalidIndex finds indexes that a failed concurrent build left behind: they
// cost every write and serve no read.
func invalidIndex(d *digest) []Finding {
	var findings []Finding
	for _, t := range d.tables {
		for _, i := range d.Schema.Indexes(t.Identity) {
			if i.Valid {
				continue
			}
			f := Finding{
				Table:    t.Identity,
				Message:  fmt.Sprintf("index %s is invalid: no query uses it, every write maintains it", i.Identity.Name),
				Evidence: "pg_index.indisvalid is false, as after a failed CREATE INDEX CONCURRENTLY",
				Advice:   "build it again, or drop it",
				SQL:      []string{"REINDEX INDEX CONCURRENTLY " + path(i.Identity)},
			}
			switch {
			case i.OnPartitioned:
				f.Evidence = "not every partition has its part of the index attached"
				f.Advice = "create the index on the partitions that lack it and attach it with ALTER INDEX … ATTACH PARTITION"
				f.SQL = nil
			case strings.Contains(i.Identity.Name, "_ccnew") || strings.Contains(i.Identity.Name, "_ccold"):
				f.Advice = "drop it: a failed REINDEX CONCURRENTLY left it beside the index that works"
				f.SQL = []string{"DROP INDEX CONCURRENTLY IF EXISTS " + path(i.Identity)}
			}
			findings = append(findings, f)
		}
	}
	return findings
}

// duplicateIndex finds indexes that are alike in everything.
func duplicateIndex(d *digest) []Finding {
	var findings []Finding
	for _, t := range d.tables {
		groups := map[string][]*schema.Index{}
		for _, i := range d.indexes(t.Identity) {
			if i.Valid {
				groups[shape(i)] = append(groups[shape(i)], i)
			}
		}
		for _, group := range groups {
			slices.SortFunc(group, func(a, b *schema.Index) int {
				return cmp.Or(cmp.Compare(enforces(b), enforces(a)), cmp.Compare(d.ties(b), d.ties(a)), cmp.Compare(a.Identity.Name, b.Identity.Name))
			})
			for _, extra := range group[1:] {
				if extra.Unique && extra.NullsNotDistinct != group[0].NullsNotDistinct {
					continue // another rule
				}
				findings = append(findings, d.dropDuplicate(t, group[0], extra))
			}
		}
	}
	slices.SortFunc(findings, func(a, b Finding) int { return cmp.Compare(a.Message, b.Message) })
	return findings
}

func (d *digest) dropDuplicate(t *schema.Table, keep, extra *schema.Index) Finding {
	f := Finding{
		Table:    t.Identity,
		Columns:  named(extra),
		Message:  fmt.Sprintf("index %s is a duplicate of %s", extra.Identity.Name, keep.Identity.Name),
		Evidence: fmt.Sprintf("%s; %s is kept: %s", extra.Definition, keep.Identity.Name, d.reason(keep)),
	}
	if extra.Bytes > 0 && d.Statistics != nil {
		f.Evidence += "; dropping it frees " + size(extra.Bytes)
	}
	switch {
	case d.referenced(extra):
		f.Advice = "foreign keys depend on its constraint: make them anew against the other one, then drop it"
	case extra.Constraint != "":
		f.Advice = "drop the second constraint"
		f.SQL = []string{fmt.Sprintf("ALTER TABLE %s DROP CONSTRAINT %s", path(t.Identity), quote(extra.Constraint))}
	default:
		f.Advice = "drop it"
		f.SQL = []string{dropIndex(t, extra)}
	}
	return f
}

// enforces is 1 for an index that enforces a rule beside serving queries.
func enforces(i *schema.Index) int {
	if i.Unique {
		return 1
	}
	return 0
}

// redundantIndex finds indexes that are the beginning of another one, or hold
// less of the same, or the same the other way round.
func redundantIndex(d *digest) []Finding {
	var findings []Finding
	for _, t := range d.tables {
		indexes := d.indexes(t.Identity)
		for _, i := range indexes {
			if !i.Valid || i.Unique || i.Method != "btree" || d.ties(i) > 0 {
				continue
			}
			for _, longer := range indexes {
				if longer == i || !longer.Valid || !begins(i, longer) || begins(longer, i) && longer.Identity.Name > i.Identity.Name && !longer.Unique && d.ties(longer) == 0 {
					continue
				}
				f := Finding{
					Table:    t.Identity,
					Columns:  named(i),
					Message:  fmt.Sprintf("index %s is redundant: %s %s", i.Identity.Name, longer.Identity.Name, beyond(i, longer)),
					Evidence: fmt.Sprintf("%s; %s is kept: %s", i.Definition, longer.Identity.Name, d.reason(longer)),
					Advice:   "drop it, unless it is so much smaller that it stays in memory where the other does not",
					SQL:      []string{dropIndex(t, i)},
				}
				if i.Bytes > 0 && d.Statistics != nil {
					f.Evidence += "; dropping it frees " + size(i.Bytes)
				}
				findings = append(findings, f)
				break
			}
		}
	}
	return findings
}

// beyond says what the longer index has that the short one has not.
func beyond(short, longer *schema.Index) string {
	switch {
	case len(short.Keys) < len(longer.Keys):
		return "begins with the same columns"
	case len(short.Include) < len(longer.Include):
		return "holds the same columns and more beside"
	}
	return "holds the same columns, and an index is read in both directions"
}

func dropIndex(t *schema.Table, i *schema.Index) string {
	if t.IsPartitioned() {
		return "DROP INDEX IF EXISTS " + path(i.Identity)
	}
	return "DROP INDEX CONCURRENTLY IF EXISTS " + path(i.Identity)
}

// shape is how an index serves queries; indexes of one shape do the same.
func shape(i *schema.Index) string {
	parts := []string{i.Method, i.Predicate, strings.Join(i.Include, "\x00")}
	for _, k := range i.Keys {
		parts = append(parts, keyShape(k))
	}
	return strings.Join(parts, "\x01")
}

func keyShape(k schema.IndexKey) string {
	return fmt.Sprint(k.Expr, "\x00", k.OpClass, "\x00", k.Collation, k.Descending, k.NullsFirst)
}

// begins says whether the short index's work is done by the longer one, read
// forwards or backwards, and the two are not alike.
func begins(short, longer *schema.Index) bool {
	if short.Method != "btree" || longer.Method != "btree" || len(short.Keys) > len(longer.Keys) || short.Predicate != longer.Predicate || shape(short) == shape(longer) {
		return false
	}
	same, turned := true, true
	for n, k := range short.Keys {
		other := longer.Keys[n]
		same = same && keyShape(k) == keyShape(other)
		k.Descending, k.NullsFirst = !k.Descending, !k.NullsFirst
		turned = turned && keyShape(k) == keyShape(other)
	}
	held := append(longer.KeyColumns(), longer.Include...)
	return (same || turned) && !slices.ContainsFunc(short.Include, func(c string) bool { return !slices.Contains(held, c) })
}

// ties counts what holds on to an index beside queries.
func (d *digest) ties(i *schema.Index) int {
	n := 0
	t, _ := d.Schema.Object(i.Table).(*schema.Table)
	for _, tie := range []bool{
		d.referenced(i), i.Primary, i.Constraint != "",
		t != nil && t.Replica == "index" && t.ReplicaIndex == i.Identity.Name,
		t != nil && t.ClusterOn == i.Identity.Name,
	} {
		n *= 2
		if tie {
			n++
		}
	}
	return n
}

// referenced says whether foreign keys depend on the index's constraint.
func (d *digest) referenced(i *schema.Index) bool {
	ids := []schema.ID{i.Identity}
	if i.Constraint != "" {
		ids = append(ids, schema.ID{Kind: schema.KindConstraint, Schema: i.Identity.Schema, Parent: i.Identity.Parent, Name: i.Constraint})
	}
	for _, id := range ids {
		for _, user := range d.dependents[id] {
			if c, ok := d.Schema.Object(user).(*schema.Constraint); ok && c.Type == schema.ForeignKey {
				return true
			}
		}
	}
	return false
}

// reason says why an index must stay.
func (d *digest) reason(i *schema.Index) string {
	switch {
	case i.Primary:
		return "it is the primary key"
	case i.Constraint != "":
		return "it enforces constraint " + i.Constraint
	case i.Unique:
		return "it is unique"
	}
	return "it serves the same queries"
}

// named lists the columns of an index's keys.
func named(i *schema.Index) []string {
	return slices.DeleteFunc(i.KeyColumns(), func(c string) bool { return c == "" })
}
