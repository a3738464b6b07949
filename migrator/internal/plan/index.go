package plan

import (
	"fmt"
	"strings"

	"github.com/senior-backend/toolkit/migrator/internal/schema"
)

// createIndex builds an index, without blocking writes where rows are.
func (g *generator) createIndex(o *schema.Index) {
	if o.Constraint != "" {
		return // its constraint makes it
	}
	sql := o.Definition
	switch {
	case !g.existing(o.Table) || o.OnPartitioned:
		g.say(sql)
	case g.online():
		statement := g.alone(concurrently(sql), g.hazard(IndexBuild, o.Table, "reads the whole table twice; writes go on"))
		statement.Comment = "CONCURRENTLY: writes go on meanwhile; when it fails, drop the INVALID index that it leaves and run it again"
	default:
		g.say(sql, brief(g.hazard(LongLock, o.Table, "SHARE while the index is built: blocks writes")), g.hazard(IndexBuild, o.Table, "reads the whole table"))
	}
	for number, target := range o.Statistics {
		g.say(fmt.Sprintf("ALTER INDEX %s ALTER COLUMN %d SET STATISTICS %d", path(o.ID()), number, target))
	}
	if !o.Parent.IsZero() && !g.attachesLater(o.Table) {
		g.attachIndex(o.Parent, o.ID())
	}
}

// attachesLater reports whether the table becomes a partition only after its
// indexes are there: then the server matches them by itself.
func (g *generator) attachesLater(table schema.ID) bool { return g.attaching[table] > 0 }

func (g *generator) attachIndex(parent, child schema.ID) {
	g.say("ALTER INDEX " + indexPath(parent) + " ATTACH PARTITION " + indexPath(child))
}

// indexPath is the qualified name of an index, also of one behind a constraint.
func indexPath(id schema.ID) string { return ident(id.Schema) + "." + ident(id.Name) }

// concurrently puts the word into a CREATE INDEX statement.
func concurrently(sql string) string {
	for _, head := range []string{"CREATE UNIQUE INDEX ", "CREATE INDEX "} {
		if rest, ok := strings.CutPrefix(sql, head); ok {
			return head + "CONCURRENTLY " + rest
		}
	}
	return sql
}

// addConstraint adds a constraint to a table that is there already.
func (g *generator) addConstraint(o *schema.Constraint) {
	id := o.ID()
	if o.Table.Kind == schema.KindDomain {
		g.say("ALTER DOMAIN " + path(o.Table) + " ADD CONSTRAINT " + ident(id.Name) + " " + o.Definition)
		return
	}
	only := ""
	if table, ok := g.target.Object(o.Table).(*schema.Table); ok && table.IsPartitioned() && o.HasIndex() {
		only = "ONLY "
	}
	add := "ALTER " + tableWord(o.Table) + " " + only + path(o.Table) + " ADD CONSTRAINT " + ident(id.Name) + " "
	online := g.online() && g.existing(o.Table) && only == ""
	switch {
	case o.HasIndex() && o.Type != schema.Exclusion && online && g.usingIndex(o, add):
	case o.HasIndex():
		g.say(add+definition(o), g.buildHazards(o)...)
	case online && o.Validated && o.Enforced && !g.refusesNotValid(o):
		g.say(add + definition(o) + " NOT VALID").Comment = "NOT VALID first: new rows are checked from now on, and no lock is held while the old ones are"
		g.say("ALTER TABLE "+path(o.Table)+" VALIDATE CONSTRAINT "+ident(id.Name), g.hazard(BackwardIncompatible, o.Table, "writes that break constraint %s fail, and so does this when there are such rows", id.Name))
	default:
		g.say(add+definition(o), g.checkHazards(o)...)
	}
	if !o.Parent.IsZero() && o.HasIndex() && !g.attachesLater(o.Table) {
		g.attachIndex(o.Parent, id)
	}
}

// refusesNotValid: partitioned tables cannot have unvalidated foreign keys before 18.
func (g *generator) refusesNotValid(o *schema.Constraint) bool {
	if o.Table.Kind != schema.KindTable {
		return true
	}
	if o.Type != schema.ForeignKey || g.target.Version >= 180000 {
		return false
	}
	for _, id := range []schema.ID{o.Table, o.RefTable} {
		if table, ok := g.target.Object(id).(*schema.Table); ok && table.IsPartitioned() {
			return true
		}
	}
	return false
}

// usingIndex builds a key's index without blocking writes and then takes it for the key.
func (g *generator) usingIndex(o *schema.Constraint, add string) bool {
	id := o.ID()
	index, ok := g.target.Object(schema.ID{Kind: schema.KindIndex, Schema: id.Schema, Parent: id.Parent, Name: id.Name}).(*schema.Index)
	if !ok || index.Method != "btree" || !plainKey(index) {
		return false
	}
	g.alone(concurrently(index.Definition), g.hazard(IndexBuild, o.Table, "reads the whole table twice; writes go on")).Comment = "built without blocking writes, then taken for the constraint"
	tail := ""
	if o.Deferrable {
		tail = " DEFERRABLE"
	}
	if o.Deferred {
		tail += " INITIALLY DEFERRED"
	}
	g.say(add+strings.ToUpper(string(o.Type))+" USING INDEX "+ident(id.Name)+tail,
		g.hazard(BackwardIncompatible, o.Table, "writes that break constraint %s fail", id.Name))
	return true
}

// plainKey: only indexes of plain columns in their plain order can become keys.
func plainKey(index *schema.Index) bool {
	for _, key := range index.Keys {
		if key.Column == "" || key.Descending || key.NullsFirst || !key.DefaultOp {
			return false
		}
	}
	return index.Valid
}

func (g *generator) buildHazards(o *schema.Constraint) []Hazard {
	if !g.existing(o.Table) {
		return nil
	}
	return []Hazard{
		brief(g.hazard(LongLock, o.Table, "ACCESS EXCLUSIVE while the index of %s is built: blocks reads and writes", o.ID().Name)),
		g.hazard(IndexBuild, o.Table, "reads the whole table"),
	}
}

func (g *generator) checkHazards(o *schema.Constraint) []Hazard {
	if !g.existing(o.Table) || !o.Validated {
		return nil
	}
	return []Hazard{g.hazard(LongLock, o.Table, "checks every row against %s under its lock: blocks writes", o.ID().Name)}
}

// definition is a constraint as ADD CONSTRAINT takes it: the server leaves the
// storage parameters of the index behind a key out when it deparses.
func definition(o *schema.Constraint) string {
	if len(o.Options) == 0 || o.Type != schema.PrimaryKey && o.Type != schema.Unique {
		return o.Definition
	}
	at := len(o.Definition)
	for _, tail := range []string{" DEFERRABLE", " INITIALLY "} {
		if n := strings.LastIndex(o.Definition, tail); n >= 0 {
			at = min(at, n)
		}
	}
	return o.Definition[:at] + with(o.Options) + o.Definition[at:]
}
