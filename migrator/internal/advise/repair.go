package advise

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/senior-backend/toolkit/migrator/internal/schema"
)

func itoa(n int) string { return strconv.Itoa(n) }

// alterType is the statement that gives a column another type, or nothing when
// something holds on to the old one and would have to be made anew.
func (d *digest) alterType(c *schema.Column, to, using string) []string {
	if !d.retypable(c) {
		return nil
	}
	return []string{"ALTER TABLE " + path(c.Table) + " " + retypeClause(c, to, using)}
}

func retypeClause(c *schema.Column, to, using string) string {
	clause := fmt.Sprintf("ALTER COLUMN %s TYPE %s", quote(c.ID().Name), to)
	if using != "" {
		clause += " USING " + using
	}
	return clause
}

// retypable says whether a column's type can change as it stands: not under
// views, rules, policies, generated columns or triggers that name it, and not
// as part of a partition key.
func (d *digest) retypable(c *schema.Column) bool {
	table, _ := d.Schema.Object(c.Table).(*schema.Table)
	if table == nil || c.Generated != "" || c.Inherited {
		return false
	}
	if table.IsPartitioned() && strings.Contains(table.PartitionKey, c.ID().Name) {
		return false
	}
	return !slices.ContainsFunc(d.dependents[schema.ColumnID(c.Table, c.ID().Name)], func(id schema.ID) bool {
		switch id.Kind {
		case schema.KindView, schema.KindMaterialized, schema.KindRule, schema.KindPolicy, schema.KindTrigger,
			schema.KindFunction, schema.KindProcedure, schema.KindPublication, schema.KindPublished:
			return true
		case schema.KindDefault: // of another column: a generated one
			return id.Name != c.ID().Name
		}
		return false
	})
}

// rebuildAdvice is what to say when alterType has no statement.
func (d *digest) rebuildAdvice(c *schema.Column, to string) string {
	return fmt.Sprintf("change %s to %s; views, policies, triggers or generated columns that use it must be dropped before and made anew after (--compare writes that)",
		c.ID().Name, to)
}

// indexFor is the statement that makes an index on the columns, and its name.
// On a table in use it must not block writers; a partitioned table takes no
// concurrent build.
func (d *digest) indexFor(table *schema.Table, columns []string) (name, statement string) {
	name = shorten("idx_"+table.Identity.Name+"_"+strings.Join(columns, "_"), func(name string) bool {
		return d.taken(table.Identity.Schema, name)
	})
	concurrently := "CONCURRENTLY "
	if table.IsPartitioned() {
		concurrently = ""
	}
	return name, fmt.Sprintf("CREATE INDEX %sIF NOT EXISTS %s ON %s (%s)", concurrently, quote(name), path(table.Identity), list(columns))
}

// taken says whether a relation of the schema has the name.
func (d *digest) taken(in, name string) bool {
	for _, kind := range []schema.Kind{schema.KindTable, schema.KindView, schema.KindMaterialized, schema.KindSequence, schema.KindForeignTable} {
		if d.Schema.Has(schema.ID{Kind: kind, Schema: in, Name: name}) {
			return true
		}
	}
	for _, t := range d.Schema.Tables() {
		if t.Identity.Schema == in && d.Schema.Has(schema.ID{Kind: schema.KindIndex, Schema: in, Parent: t.Identity.Name, Name: name}) {
			return true
		}
	}
	return false
}

// size writes a number of bytes for a person.
func size(bytes int64) string {
	units := []string{"B", "kB", "MB", "GB", "TB"}
	value, unit := float64(bytes), 0
	for value >= 1024 && unit < len(units)-1 {
		value, unit = value/1024, unit+1
	}
	if unit == 0 || value >= 100 {
		return fmt.Sprintf("%.0f %s", value, units[unit])
	}
	return fmt.Sprintf("%.1f %s", value, units[unit])
}
