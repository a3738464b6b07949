package advise

import (
	"fmt"

	"github.com/senior-backend/toolkit/migrator/internal/schema"
)

// Suggestion is an index that is worth having.
type Suggestion struct {
	Table    schema.ID
	Columns  []string
	Name     string // at most 63 bytes
	SQL      string // makes it, without semicolon
	Rollback string // drops it, without semicolon
	Reason   string
	Serves   []string // the statements that it helps
	Proof    Proof

	retype []string // types of Columns
	bytes  int64    // of the table
	rows   float64  // of the table; -1 when unknown
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

// Suggest returns the indexes that foreign keys call for and no index serves,
// without proof.
func Suggest(facts Facts) []Suggestion {
	d := newDigest(facts)
	var suggestions []Suggestion
	for _, f := range fkWithoutIndex(d) {
		t, _ := d.Schema.Object(f.Table).(*schema.Table)
		name, statement := d.indexFor(t, f.Columns)
		s := Suggestion{
			Table: f.Table, Columns: f.Columns, Name: name, SQL: statement,
			Rollback: dropIndex(t, &schema.Index{Head: schema.Head{Identity: schema.ID{Kind: schema.KindIndex, Schema: f.Table.Schema, Name: name}}}),
			Reason:   f.Message,
			bytes:    t.Bytes, rows: d.rows(t),
		}
		for _, fk := range d.foreignKeys(t.Identity) {
			if fmt.Sprint(fk.Columns) == fmt.Sprint(f.Columns) {
				s.Serves = append(s.Serves, fmt.Sprintf("DELETE FROM %s, and updates of its key: the look-up of rows in %s that reference it", path(fk.RefTable), path(t.Identity)))
			}
		}
		for _, name := range f.Columns {
			c := d.Schema.Column(t.Identity, name)
			typed := c.Type
			if !c.TypeID.IsZero() {
				typed = "text" // a type of the database's own; its order does not matter here
			}
			s.retype = append(s.retype, typed)
		}
		suggestions = append(suggestions, s)
	}
	return suggestions
}
