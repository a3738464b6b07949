package plan

import (
	"slices"
	"strings"

	"github.com/senior-backend/toolkit/migrator/internal/diff"
	"github.com/senior-backend/toolkit/migrator/internal/schema"
)

// standIn is a table without rows that another inherits from for a while, so
// that it gets or keeps what shall be a parent's alone.
type standIn struct {
	path    string
	columns []string
}

// standInOf makes a table's stand-in, if it has none.
func (g *generator) standInOf(table schema.ID) *standIn {
	if of := g.standIns[table]; of != nil {
		return of
	}
	of := &standIn{path: ident(table.Schema) + "." + ident(g.free(table, "__parent"))}
	g.standIns[table] = of
	g.say("CREATE TABLE " + of.path + " ()").Comment = "stands in for the parents of " + path(table) + ": what comes from a parent can be told from the table's own only so; dropped below"
	g.say("ALTER TABLE " + path(table) + " INHERIT " + of.path)
	return of
}

// free is a name for something that is there for a while only.
func (g *generator) free(beside schema.ID, suffix string) string {
	name := strings.ToValidUTF8(beside.Name[:min(len(beside.Name), 63-len(suffix))], "")
	for _, kind := range []schema.Kind{schema.KindTable, schema.KindView, schema.KindSequence, schema.KindForeignTable, schema.KindMaterialized} {
		for _, s := range []*schema.Schema{g.source, g.target} {
			if s.Has(schema.ID{Kind: kind, Schema: beside.Schema, Name: name + suffix}) {
				return g.free(beside, suffix+"_")
			}
		}
	}
	return name + suffix
}

// keepAs lets a table that leaves its parents for a while keep what is theirs alone.
func (g *generator) keepAs(c diff.Detach) {
	if len(c.Columns)+len(c.Checks) == 0 {
		return
	}
	of := g.standInOf(c.Table.ID())
	for _, column := range c.Columns {
		g.shareColumn(of, column)
	}
	for _, check := range c.Checks {
		g.handDown(of, check)
	}
}

// shareColumn gives a stand-in a column that the table has already.
func (g *generator) shareColumn(of *standIn, o *schema.Column) {
	name := o.ID().Name
	if slices.Contains(of.columns, name) {
		return
	}
	of.columns = append(of.columns, name)
	collation := ""
	if o.Collation != "" {
		collation = " COLLATE " + o.Collation
	}
	g.say("ALTER TABLE " + of.path + " ADD COLUMN " + ident(name) + " " + o.Type + collation)
}

// handDownColumn adds a column that shall be a parent's alone to a table that is
// not that parent's child yet.
func (g *generator) handDownColumn(o *schema.Column, parts []schema.Object) {
	of := g.standInOf(o.Table)
	of.columns = append(of.columns, o.ID().Name)
	g.say("ALTER TABLE "+of.path+" ADD COLUMN "+g.columnLine(o, parts), g.newColumnHazards(o, g.defaultOf(o, parts))...)
	g.columnExtras(nil, o)
}

// handDown adds a check that shall be a parent's alone.
func (g *generator) handDown(of *standIn, o *schema.Constraint) {
	for _, name := range o.Columns {
		if column := g.target.Column(o.Table, name); column != nil {
			g.shareColumn(of, column)
		}
	}
	add := "ALTER TABLE " + of.path + " ADD CONSTRAINT " + ident(o.ID().Name) + " " + o.Definition
	if !g.online() || !o.Validated || !g.existing(o.Table) || o.Table.Kind != schema.KindTable {
		g.say(add, g.checkHazards(o)...)
		return
	}
	g.say(add + " NOT VALID")
	g.say("ALTER TABLE "+of.path+" VALIDATE CONSTRAINT "+ident(o.ID().Name), g.hazard(BackwardIncompatible, o.Table, "writes that break constraint %s fail, and so does this when there are such rows", o.ID().Name))
}

// endStandIn drops a table's stand-in once it has its parents.
func (g *generator) endStandIn(table schema.ID) {
	of := g.standIns[table]
	if of == nil {
		return
	}
	delete(g.standIns, table)
	g.say("ALTER TABLE " + path(table) + " NO INHERIT " + of.path)
	g.say("DROP TABLE " + of.path)
}

func only(is bool) string {
	if is {
		return "ONLY "
	}
	return ""
}

// stored is how a new column is stored unless something is said: as its parent's,
// where it is made with a table that has one.
func (g *generator) stored(o *schema.Column) *schema.Column {
	stored := &schema.Column{Storage: o.TypeStorage, Statistics: -1}
	table, ok := g.target.Object(o.Table).(*schema.Table)
	if !ok || !g.fresh[o.Table] || g.attachesLater(o.Table) {
		return stored
	}
	parents := table.Inherits
	if table.IsPartition() {
		parents = []schema.ID{table.PartitionOf}
	}
	for _, parent := range parents {
		if above := g.target.Column(parent, o.ID().Name); above != nil {
			stored.Compression = above.Compression
			if above.Storage != "" {
				stored.Storage = above.Storage
			}
		}
	}
	return stored
}
