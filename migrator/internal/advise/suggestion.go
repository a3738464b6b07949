package advise

import (
	"fmt"
	"slices"
	"strings"

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
	parts  bool     // the table only stands for its partitions
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

// Suggest returns the indexes that statements and foreign keys call for and no
// index serves, without proof. One index serves what begins with its columns.
func Suggest(facts Facts) []Suggestion {
	d := newDigest(facts)
	suggestions := d.byStatements()
	for _, s := range d.byForeignKeys() {
		if !slices.ContainsFunc(suggestions, func(o Suggestion) bool { return o.begins(s) }) {
			suggestions = append(suggestions, s)
		}
	}
	return suggestions
}

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
		bytes:    t.Bytes, rows: d.rows(t), parts: t.IsPartitioned(),
	}
	for _, name := range columns {
		c := d.Schema.Column(t.Identity, name)
		typed := c.Type
		if !c.TypeID.IsZero() {
			typed = "text" // a type of the database's own; its order does not matter here
		}
		s.retype = append(s.retype, typed)
	}
	return s
}

// byStatements suggests what the statements that read all of a big table
// compare: first what they compare by =, then one range.
func (d *digest) byStatements() []Suggestion {
	if d.Statistics == nil {
		return nil
	}
	var suggestions []Suggestion
	for _, statement := range d.Statistics.Statements {
		for _, scan := range statement.Scans {
			t, _ := d.Schema.Object(scan.Table).(*schema.Table)
			columns := slices.Clone(scan.Equal)
			if len(scan.Between) > 0 && !slices.Contains(columns, scan.Between[0]) {
				columns = append(columns, scan.Between[0])
			}
			if t == nil || !scan.Whole || len(columns) == 0 || d.rows(t) < bigTable || d.served(t.Identity, columns) || !d.indexable(t, columns) {
				continue
			}
			serves := fmt.Sprintf("%d calls of %s", statement.Calls, statement.short())
			s := d.suggest(t, columns)
			if at := slices.IndexFunc(suggestions, func(o Suggestion) bool { return o.begins(s) }); at >= 0 {
				suggestions[at].Serves = append(suggestions[at].Serves, serves)
				continue
			}
			s.Reason = fmt.Sprintf("statements read all of %s to find rows by %s", TableName(t.Identity), strings.Join(columns, ", "))
			s.Serves = []string{serves}
			suggestions = slices.DeleteFunc(suggestions, func(o Suggestion) bool {
				if s.begins(o) {
					s.Serves = append(s.Serves, o.Serves...)
					return true
				}
				return false
			})
			suggestions = append(suggestions, s)
		}
	}
	return suggestions
}

// indexable says whether a B-tree takes the columns.
func (d *digest) indexable(t *schema.Table, columns []string) bool {
	return !slices.ContainsFunc(columns, func(name string) bool {
		c := d.Schema.Column(t.Identity, name)
		return c == nil || slices.Contains([]string{"json", "xml", "point", "box", "polygon"}, typeOf(c))
	})
}

// byForeignKeys suggests what the deletes of referenced rows look up.
func (d *digest) byForeignKeys() []Suggestion {
	var suggestions []Suggestion
	for _, f := range fkWithoutIndex(d) {
		t, _ := d.Schema.Object(f.Table).(*schema.Table)
		s := d.suggest(t, f.Columns)
		s.Reason = f.Message
		for _, fk := range d.foreignKeys(t.Identity) {
			if fmt.Sprint(fk.Columns) == fmt.Sprint(f.Columns) {
				s.Serves = append(s.Serves, fmt.Sprintf("DELETE FROM %s, and updates of its key: the look-up of rows in %s that reference it", path(fk.RefTable), path(t.Identity)))
			}
		}
		suggestions = append(suggestions, s)
	}
	return suggestions
}
