package advise

import (
	"fmt"
	"slices"

	"github.com/senior-backend/toolkit/migrator/internal/schema"
)

// Suggestion is an index that is worth having.
type Suggestion struct {
	Table    schema.ID
	Columns  []string // or expressions
	Name     string   // at most 63 bytes
	Prepare  []string // what must run before, without semicolon
	SQL      string   // makes it, without semicolon
	Rollback string   // drops it, without semicolon
	Reason   string
	Serves   []string // what it helps, in words
	Queries  []Served // the statements among that, the most gain first
	Replaces []string // the indexes that begin as it does, and can go once it is there
	Written  float64  // rows written that it has to follow, in the time of the statistics
	Overhead float64  // what that costs, as a share of what it saves; 0 when not known
	Proof    Proof

	retype []string   // types of Columns
	beside [][]string // what indexes of the table begin with, of Columns
	bytes  int64      // of the table
	rows   float64    // of the table; -1 when unknown
	parts  bool       // the table only stands for its partitions
	whole  bool       // a B-tree without a condition
}

// Proof is what the planner said. The zero value is no proof.
type Proof struct {
	How    string // "hypopg", "scratch"; empty when the planner was not asked
	Before float64
	After  float64 // in the planner's cost units, as Before
	Rows   int64   // in the table that was planned for
	Bytes  int64   // estimated size of the index on today's table
	Note   string  // why there is no proof, or what is special about it
}

// Pays says whether the planner makes good use of the index: it must save a
// fifth of the cost.
func (p Proof) Pays() bool { return p.How != "" && p.After < 0.8*p.Before }

// Served is a statement that an index helps.
type Served struct {
	Text   string
	Calls  int64
	MeanMS float64
	Before float64 // the planner's cost with the indexes that were suggested before this one
	After  float64 // with this one beside them
}

// Suggest returns the indexes that foreign keys call for and no index serves,
// without proof: all that a schema alone tells.
func Suggest(facts Facts) []Suggestion { return newDigest(facts).byForeignKeys(nil) }

// begins says whether the index also serves what the other one is for.
func (s Suggestion) begins(other Suggestion) bool {
	index := schema.Index{}
	for _, c := range s.Columns {
		index.Keys = append(index.Keys, schema.IndexKey{Column: c})
	}
	return s.Table == other.Table && index.Covers(other.Columns)
}

// suggest is an index on the columns.
func (d *digest) suggest(t *schema.Table, columns []string) Suggestion {
	name, statement := d.indexFor(t, columns)
	s := Suggestion{
		Table: t.Identity, Columns: columns, Name: name, SQL: statement,
		Rollback: dropIndex(t, &schema.Index{Head: schema.Head{Identity: schema.ID{Kind: schema.KindIndex, Schema: t.Identity.Schema, Name: name}}}),
		bytes:    t.Bytes, rows: d.rows(t), parts: t.IsPartitioned(), whole: true,
	}
	for _, name := range columns {
		c := d.Schema.Column(t.Identity, name)
		typed := c.Type
		if !c.TypeID.IsZero() {
			typed = "text" // a type of the database's own; its order does not matter here
		}
		s.retype = append(s.retype, typed)
	}
	for _, i := range d.Schema.Indexes(t.Identity) {
		begin := 0
		for keys := i.KeyColumns(); begin < len(keys) && slices.Contains(columns, keys[begin]); {
			begin++
		}
		if begin > 0 && i.Valid && i.Method == "btree" && i.Predicate == "" {
			s.beside = append(s.beside, i.KeyColumns()[:begin])
		}
	}
	return s
}

// indexable says whether a B-tree takes the columns.
func (d *digest) indexable(t *schema.Table, columns []string) bool {
	return !slices.ContainsFunc(columns, func(name string) bool {
		c := d.Schema.Column(t.Identity, name)
		return c == nil || slices.Contains([]string{"json", "xml", "point", "box", "polygon"}, typeOf(c))
	})
}

// byForeignKeys suggests what the deletes of referenced rows look up, unless an
// index of those that are already suggested serves it.
func (d *digest) byForeignKeys(suggested []Suggestion) []Suggestion {
	var suggestions []Suggestion
	for _, f := range fkWithoutIndex(d) {
		t, _ := d.Schema.Object(f.Table).(*schema.Table)
		if d.broken(f.Table, f.Columns) != nil || d.present(f.Table, f.Columns) != nil {
			continue // it is for invalid-index to mend, or served already
		}
		s := d.suggest(t, f.Columns)
		if slices.ContainsFunc(suggested, func(o Suggestion) bool { return o.whole && o.begins(s) }) {
			continue
		}
		s.Reason = f.Message
		for _, fk := range d.foreignKeys(t.Identity) {
			if fmt.Sprint(fk.Columns) == fmt.Sprint(f.Columns) {
				s.Serves = append(s.Serves, fmt.Sprintf("DELETE FROM %s, and updates of its key: the look-up of rows in %s that reference it", path(fk.RefTable), path(t.Identity)))
			}
		}
		s.Written, _ = d.upkeep(candidate{table: t, method: "btree", keys: []candidateKey{{columns: f.Columns}}})
		suggestions = append(suggestions, s)
	}
	return suggestions
}
