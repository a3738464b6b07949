package plan

import (
	"fmt"
	"strings"

	"github.com/senior-backend/toolkit/migrator/internal/diff"
	"github.com/senior-backend/toolkit/migrator/internal/schema"
)

// drop unmakes an object.
func (g *generator) drop(c diff.Drop) {
	var hazards []Hazard
	if !c.Again || holdsRows(c.Object) {
		hazards = g.lossOf(c.Object)
	}
	if table, ok := c.Object.(*schema.Table); ok && c.Rows {
		hazards = g.stow(table)
	}
	if !c.Again {
		hazards = append(hazards, g.untracked(c.Object)...)
	}
	from := len(g.statements)
	g.dropOne(c, hazards)
	if c.Again && len(g.statements) > from {
		g.statements[len(g.statements)-1].Comment = "made again below"
	}
	delete(g.fresh, c.Object.ID())
}

func holdsRows(object schema.Object) bool {
	switch object.(type) {
	case *schema.Table, *schema.Column:
		return true
	}
	return false
}

func (g *generator) dropOne(c diff.Drop, hazards []Hazard) {
	id := c.Object.ID()
	switch o := c.Object.(type) {
	case *schema.Column:
		if o.Table.Kind != schema.KindView && o.Table.Kind != schema.KindMaterialized {
			g.say("ALTER "+tableWord(o.Table)+" "+only(c.Only)+path(o.Table)+" DROP COLUMN "+ident(id.Name), hazards...)
		}
	case *schema.Default:
		g.say("ALTER " + tableWord(o.Table) + " " + path(o.Table) + " ALTER COLUMN " + ident(id.Name) + " DROP DEFAULT")
	case *schema.Constraint:
		if o.Table.Kind == schema.KindDomain {
			g.say("ALTER DOMAIN " + path(o.Table) + " DROP CONSTRAINT " + ident(id.Name))
			return
		}
		if o.Inherited && !o.HasIndex() || !o.Parent.IsZero() && g.staysPartition(o.Table) {
			return // it goes with the parent's
		}
		g.say("ALTER " + tableWord(o.Table) + " " + path(o.Table) + " DROP CONSTRAINT " + ident(id.Name))
	case *schema.Index:
		g.dropIndex(o)
	case *schema.Trigger:
		g.dropTrigger(o)
	case *schema.Rule, *schema.Policy:
		g.say(fmt.Sprintf("DROP %s %s ON %s", strings.ToUpper(string(id.Kind)), ident(id.Name), relation(id)))
	case *schema.Definition:
		g.say(o.Drop, hazards...)
	case *schema.DefaultGrants:
		g.head(o, &schema.DefaultGrants{Head: schema.Head{Identity: id}, Role: o.Role, In: o.In, On: o.On})
	default:
		g.say("DROP "+named(c.Object), hazards...)
	}
}

func (g *generator) dropIndex(o *schema.Index) {
	if o.Constraint != "" {
		return // it goes with its constraint
	}
	if !o.Parent.IsZero() && g.staysPartition(o.Table) {
		return // it goes with the parent's
	}
	// Among statements that belong together the table is locked anyway.
	if g.online() && g.together.number == 0 && g.existing(o.Table) && !o.OnPartitioned && o.Parent.IsZero() {
		g.alone("DROP INDEX CONCURRENTLY " + path(o.ID()))
		return
	}
	g.say("DROP INDEX " + path(o.ID()))
}

// staysPartition reports whether a table is at this moment the partition that it
// was and will be: what it has of its parent goes with the parent's alone.
func (g *generator) staysPartition(id schema.ID) bool {
	old, _ := g.source.Object(id).(*schema.Table)
	wanted, _ := g.target.Object(id).(*schema.Table)
	return old != nil && wanted != nil && old.IsPartition() && old.PartitionOf == wanted.PartitionOf && g.attaching[id] == 0
}

func (g *generator) dropTrigger(o *schema.Trigger) {
	if !o.Copied {
		g.say("DROP TRIGGER " + ident(o.ID().Name) + " ON " + path(o.Table))
		return
	}
	g.enable("TRIGGER", o.Table, o.ID().Name, o.Enabled, g.parentEnabled(o))
}

// parentEnabled is when the trigger fires that this one is a partition's copy of.
func (g *generator) parentEnabled(o *schema.Trigger) string {
	table, ok := g.target.Object(o.Table).(*schema.Table)
	if !ok || !table.IsPartition() {
		return o.Enabled
	}
	for _, trigger := range g.target.Triggers(table.PartitionOf) {
		if trigger.ID().Name == o.ID().Name {
			return trigger.Enabled
		}
	}
	return "O"
}
