package advise

import (
	"fmt"
	"slices"
	"strings"

	"github.com/senior-backend/toolkit/migrator/internal/schema"
	"github.com/senior-backend/toolkit/shared/report"
)

// noPrimaryKey finds tables whose rows nothing tells apart: they cannot be
// addressed, deduplicated or replicated logically.
func noPrimaryKey(d *digest) []Finding {
	var findings []Finding
	for _, t := range d.own() {
		if d.primaryKey(t.Identity) != nil || len(t.Inherits) > 0 || len(d.Schema.Columns(t.Identity)) == 0 || partmanTemplate(t) {
			continue
		}
		findings = append(findings, d.giveKey(t))
	}
	return findings
}

// giveKey chooses the primary key that fits best.
func (d *digest) giveKey(t *schema.Table) Finding {
	f := Finding{Table: t.Identity, Message: fmt.Sprintf("table %s has no primary key", TableName(t.Identity))}
	if i := d.keyLike(t); i != nil {
		f.Severity = report.SeverityWarning
		f.Evidence = fmt.Sprintf("the unique index %s over NOT NULL columns does a key's work", i.Identity.Name)
		f.Advice, f.SQL = d.promote(t, i)
		if bookkeeping(t) {
			f.Severity = report.SeverityInfo
		}
		return f
	}
	if t.IsPartitioned() {
		f.Advice = "add a primary key that includes the columns of the partition key " + t.PartitionKey
		return f
	}
	if pair := d.joinColumns(t); pair != nil {
		f.Advice = "make the two references together the key; remove duplicate rows before, if there are any"
		f.SQL = []string{fmt.Sprintf("ALTER TABLE %s ADD PRIMARY KEY (%s)", path(t.Identity), list(pair))}
		return f
	}
	name := "id"
	for d.Schema.Column(t.Identity, name) != nil {
		name = clip(t.Identity.Name, maxName-4) + "_" + name
	}
	f.Advice = "add a generated key (this rewrites the table), or make the columns that identify a row the key"
	f.SQL = []string{fmt.Sprintf("ALTER TABLE %s ADD COLUMN %s bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY", path(t.Identity), quote(name))}
	return f
}

// promote makes a unique index, or one like it, the primary key. A constraint
// keeps its index to itself: the key gets another one, built without blocking
// writers.
func (d *digest) promote(t *schema.Table, i *schema.Index) (advice string, statements []string) {
	const using = "ALTER TABLE %s ADD CONSTRAINT %[2]s PRIMARY KEY USING INDEX %[2]s"
	switch {
	case t.IsPartitioned():
		return "make its columns the primary key; then that index is a duplicate",
			[]string{fmt.Sprintf("ALTER TABLE %s ADD PRIMARY KEY (%s)", path(t.Identity), list(i.KeyColumns()))}
	case i.Constraint == "" && plainKeys(i):
		return "make that index the primary key", []string{fmt.Sprintf(using, path(t.Identity), quote(i.Identity.Name))}
	}
	name := quote(shorten(t.Identity.Name+"_pkey", func(name string) bool { return d.taken(t.Identity.Schema, name) }))
	advice = "make its columns the primary key; then that index is a duplicate, to be dropped"
	if i.Constraint != "" {
		advice = "make its columns the primary key; then the unique constraint is a duplicate, to be dropped unless foreign keys reference it"
	}
	return advice, []string{
		fmt.Sprintf("CREATE UNIQUE INDEX CONCURRENTLY IF NOT EXISTS %s ON %s (%s)", name, path(t.Identity), list(i.KeyColumns())),
		fmt.Sprintf(using, path(t.Identity), name),
	}
}

// partmanTemplate says whether a table only shows pg_partman what partitions
// are to have. It never holds rows.
func partmanTemplate(t *schema.Table) bool {
	return t.Identity.Schema == "partman" && strings.HasPrefix(t.Identity.Name, "template_")
}

// keyLike returns a unique index that is a primary key but for its name.
func (d *digest) keyLike(t *schema.Table) *schema.Index {
	for _, i := range d.Schema.Indexes(t.Identity) {
		if i.Unique && i.Valid && i.Predicate == "" && len(i.Include) == 0 && d.allNotNull(t.Identity, i.KeyColumns()) {
			return i
		}
	}
	return nil
}

// plainKeys says whether an index has the order and operators that a
// constraint's index must have.
func plainKeys(i *schema.Index) bool {
	return i.Method == "btree" && !slices.ContainsFunc(i.Keys, func(k schema.IndexKey) bool {
		return k.Descending || k.NullsFirst || !k.DefaultOp
	})
}

func (d *digest) allNotNull(table schema.ID, columns []string) bool {
	for _, name := range columns {
		if c := d.Schema.Column(table, name); c == nil || !c.NotNull {
			return false
		}
	}
	return true
}

// joinColumns returns the columns of a table that only joins two others, or nil.
func (d *digest) joinColumns(t *schema.Table) []string {
	var columns []string
	for _, fk := range d.foreignKeys(t.Identity) {
		columns = append(columns, fk.Columns...)
	}
	slices.Sort(columns)
	if len(columns) != 2 || columns[0] == columns[1] || !d.allNotNull(t.Identity, columns) {
		return nil
	}
	for _, c := range d.Schema.Columns(t.Identity) {
		if name := c.ID().Name; !slices.Contains(columns, name) && !strings.HasSuffix(name, "_at") {
			return nil
		}
	}
	return columns
}
