package advise

import (
	"slices"
	"strings"

	"github.com/senior-backend/toolkit/migrator/internal/schema"
)

// digest is the facts as the rules look at them.
type digest struct {
	Facts
	tables     []*schema.Table // that hold rows here or stand for partitions that do
	dependents map[schema.ID][]schema.ID
}

func newDigest(facts Facts) *digest {
	d := &digest{Facts: facts, dependents: facts.Schema.Dependents()}
	for _, t := range facts.Schema.Tables() {
		if !t.IsForeign() {
			d.tables = append(d.tables, t)
		}
	}
	return d
}

// own lists the tables that have a definition of their own: no partitions,
// which follow their parent.
func (d *digest) own() []*schema.Table {
	return slices.DeleteFunc(slices.Clone(d.tables), func(t *schema.Table) bool { return t.IsPartition() })
}

// columns lists a table's columns that are defined there.
func (d *digest) columns(t *schema.Table) []*schema.Column {
	return slices.DeleteFunc(d.Schema.Columns(t.Identity), func(c *schema.Column) bool { return c.Inherited && !c.Local })
}

// constraints lists a table's constraints of one type.
func (d *digest) constraints(table schema.ID, kind schema.ConstraintType) []*schema.Constraint {
	return slices.DeleteFunc(d.Schema.Constraints(table), func(c *schema.Constraint) bool { return c.Type != kind })
}

// foreignKeys lists a table's own foreign keys.
func (d *digest) foreignKeys(table schema.ID) []*schema.Constraint {
	return slices.DeleteFunc(d.constraints(table, schema.ForeignKey), func(c *schema.Constraint) bool {
		return c.Inherited || !c.Parent.IsZero()
	})
}

func (d *digest) primaryKey(table schema.ID) *schema.Constraint {
	for _, c := range d.constraints(table, schema.PrimaryKey) {
		return c
	}
	return nil
}

// indexes lists a table's indexes that are not parts of a partitioned one.
func (d *digest) indexes(table schema.ID) []*schema.Index {
	return slices.DeleteFunc(d.Schema.Indexes(table), func(i *schema.Index) bool { return !i.Parent.IsZero() })
}

// served says whether a lookup of these columns finds an index to use: a valid,
// not partial one whose leading keys they are.
func (d *digest) served(table schema.ID, columns []string) bool {
	return slices.ContainsFunc(d.Schema.Indexes(table), func(i *schema.Index) bool {
		if !i.Valid || i.Predicate != "" {
			return false
		}
		switch i.Method {
		case "btree":
			return i.Covers(columns)
		case "hash":
			return len(columns) == 1 && i.Covers(columns)
		}
		return false
	})
}

// rows is the table's number of rows as the server estimates it, or -1.
func (d *digest) rows(t *schema.Table) float64 {
	if d.Statistics == nil {
		return -1
	}
	return t.Rows
}

// typeOf is a column's type without its modifiers: "numeric(10,2)" is "numeric".
func typeOf(c *schema.Column) string {
	if open := strings.IndexByte(c.Type, '('); open >= 0 {
		rest := c.Type[open:]
		if end := strings.IndexByte(rest, ')'); end >= 0 {
			return strings.TrimSpace(c.Type[:open]) + rest[end+1:]
		}
	}
	return c.Type
}

// bookkeeping says whether the table only serves a tool's bookkeeping, whose
// shape that tool decides.
func bookkeeping(t *schema.Table) bool {
	switch strings.ToLower(t.Identity.Name) {
	case "schema_migrations", "ar_internal_metadata", "alembic_version", "flyway_schema_history", "goose_db_version",
		"django_migrations", "knex_migrations", "knex_migrations_lock", "_prisma_migrations", "databasechangelog", "databasechangeloglock":
		return true
	}
	return partmanTemplate(t)
}
