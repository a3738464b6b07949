package advise

import (
	"fmt"
	"slices"
	"strings"

	"github.com/senior-backend/toolkit/migrator/internal/schema"
)

// fkLookAlike finds columns that are named like a reference, are none, and
// have no index.
func fkLookAlike(d *digest) []Finding {
	var findings []Finding
	for _, t := range d.own() {
		referencing := map[string]bool{}
		for _, fk := range d.foreignKeys(t.Identity) {
			for _, c := range fk.Columns {
				referencing[c] = true
			}
		}
		for _, c := range d.columns(t) {
			name := c.ID().Name
			stem, ok := strings.CutSuffix(name, "_id")
			if !ok || stem == "" || referencing[name] || !keyType(typeOf(c)) || d.served(t.Identity, []string{name}) ||
				stem == singular(t.Identity.Name) || d.inAllPartitions(t, name) {
				continue
			}
			f := Finding{
				Table:   t.Identity,
				Columns: []string{name},
				Message: fmt.Sprintf("%s looks like a reference, but is no foreign key and has no index", columnNames(t.Identity, []string{name})),
				Advice:  "index it if rows are looked up by it",
			}
			_, statement := d.indexFor(t, f.Columns)
			f.SQL = []string{statement}
			if target := d.target(t, stem); target != nil {
				f.Evidence = "there is a table " + TableName(target.Identity)
				f.Advice = "index it if rows are looked up by it; add the foreign key if it references " + TableName(target.Identity)
			}
			findings = append(findings, f)
		}
	}
	return findings
}

// inAllPartitions says whether each partition has a foreign key, or an index,
// of its own on the column.
func (d *digest) inAllPartitions(t *schema.Table, column string) bool {
	found := false
	for _, p := range d.tables {
		if p.PartitionOf != t.Identity {
			continue
		}
		if !d.served(p.Identity, []string{column}) && len(d.referencing(p.Identity, column)) == 0 {
			return false
		}
		found = true
	}
	return found
}

// keyType says whether identifiers are commonly of the type.
func keyType(name string) bool {
	return width(name) > 0 || slices.Contains([]string{"uuid", "text", "character varying"}, name)
}

// target is the table that a column called stem_id would reference.
func (d *digest) target(from *schema.Table, stem string) *schema.Table {
	for _, t := range d.own() {
		name := t.Identity.Name
		if t.Identity.Schema == from.Identity.Schema && (name == stem || singular(name) == stem) {
			return t
		}
	}
	return nil
}
