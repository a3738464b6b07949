package advise

import (
	"fmt"
	"slices"
	"strings"

	"github.com/senior-backend/toolkit/migrator/internal/schema"
	"github.com/senior-backend/toolkit/shared/report"
)

// fkWithoutIndex finds foreign keys whose referencing side no index serves:
// each delete or key update of a referenced row reads the whole table.
func fkWithoutIndex(d *digest) []Finding {
	var findings []Finding
	for _, t := range d.tables { // a partition may have keys of its own
		seen := map[string]bool{}
		for _, fk := range d.foreignKeys(t.Identity) {
			columns := strings.Join(fk.Columns, "\x00")
			if seen[columns] || d.served(t.Identity, fk.Columns) {
				continue
			}
			seen[columns] = true
			_, statement := d.indexFor(t, fk.Columns)
			advice := "index the referencing columns"
			if broken := d.broken(t.Identity, fk.Columns); broken != nil {
				advice, statement = "build the invalid index on them again", "REINDEX INDEX CONCURRENTLY "+path(broken.Identity)
			}
			f := Finding{
				Table:    t.Identity,
				Columns:  fk.Columns,
				Message:  fmt.Sprintf("foreign key %s has no index on %s", fk.Identity.Name, columnNames(t.Identity, fk.Columns)),
				Evidence: fkEvidence(d, t, fk),
				Advice:   advice,
				SQL:      []string{statement},
			}
			if partial := d.present(t.Identity, fk.Columns); partial != nil {
				f.Severity = report.SeverityInfo
				f.Evidence = fmt.Sprintf("%s has no index over all its rows; the partial index %s holds all that reference something, and deletes and joins may use it", TableName(t.Identity), partial.Identity.Name)
				f.Advice = "leave it at that, unless something looks for rows that reference nothing"
			}
			findings = append(findings, f)
		}
	}
	return findings
}

// present is a partial index that leaves out only rows without a reference,
// which no look-up by the reference finds anyway.
func (d *digest) present(table schema.ID, columns []string) *schema.Index {
	for _, i := range d.Schema.Indexes(table) {
		if !i.Valid || i.Method != "btree" || !i.Covers(columns) || i.Predicate == "" {
			continue
		}
		rest := strings.NewReplacer("(", "", ")", "").Replace(i.Predicate)
		if !slices.ContainsFunc(strings.Split(rest, " AND "), func(condition string) bool {
			return !slices.ContainsFunc(columns, func(c string) bool { return condition == quote(c)+" IS NOT NULL" })
		}) {
			return i
		}
	}
	return nil
}

// broken is an index that would serve the columns if it were valid.
func (d *digest) broken(table schema.ID, columns []string) *schema.Index {
	for _, i := range d.Schema.Indexes(table) {
		if !i.Valid && i.Predicate == "" && i.Method == "btree" && !i.OnPartitioned && i.Covers(columns) {
			return i
		}
	}
	return nil
}

func fkEvidence(d *digest, t *schema.Table, fk *schema.Constraint) string {
	evidence := fmt.Sprintf("a delete in %s, or a join from it, reads all of %s", TableName(fk.RefTable), TableName(t.Identity))
	if rows := d.rows(t); rows > 0 {
		evidence += fmt.Sprintf(" (about %.0f rows)", rows)
	}
	if fk.OnDelete == "CASCADE" || fk.OnDelete == "SET NULL" {
		evidence += "; ON DELETE " + fk.OnDelete
	}
	return evidence
}

// columnNames names columns for a person: "orders.customer_id", "orders (a, b)".
func columnNames(table schema.ID, columns []string) string {
	if len(columns) == 1 {
		return TableName(table) + "." + columns[0]
	}
	return TableName(table) + " (" + strings.Join(columns, ", ") + ")"
}

// fkTypeMismatch finds foreign keys between columns of different types: joins
// convert one side, and values fit one side only.
func fkTypeMismatch(d *digest) []Finding {
	var findings []Finding
	for _, t := range d.own() {
		for _, fk := range d.foreignKeys(t.Identity) {
			for i, name := range fk.Columns {
				if f, ok := d.mismatch(fk, name, i); ok {
					findings = append(findings, f)
				}
			}
		}
	}
	return findings
}

func (d *digest) mismatch(fk *schema.Constraint, name string, i int) (Finding, bool) {
	if i >= len(fk.RefColumns) {
		return Finding{}, false
	}
	from, to := d.Schema.Column(fk.Table, name), d.Schema.Column(fk.RefTable, fk.RefColumns[i])
	if from == nil || to == nil || typeOf(from) == typeOf(to) {
		return Finding{}, false
	}
	f := Finding{
		Table:   fk.Table,
		Columns: []string{name},
		Message: fmt.Sprintf("%s is %s and references %s, which is %s",
			columnNames(fk.Table, []string{name}), from.Type, columnNames(fk.RefTable, fk.RefColumns[i:i+1]), to.Type),
		Advice: "give both columns the same type; this rewrites the table",
	}
	// The narrower of two integers grows; otherwise the reference follows.
	change, want := from, to.Type
	if width(typeOf(from)) > width(typeOf(to)) && width(typeOf(to)) > 0 {
		change, want = to, from.Type
	}
	if f.SQL = d.alterType(change, want, ""); f.SQL == nil {
		f.Advice = d.rebuildAdvice(change, want)
	}
	return f, true
}

// width is the size of an integer type in bytes; 0 for other types.
func width(name string) int {
	switch name {
	case "smallint":
		return 2
	case "integer":
		return 4
	case "bigint":
		return 8
	}
	return 0
}
