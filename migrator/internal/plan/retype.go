package plan

import (
	"slices"
	"strings"

	"github.com/senior-backend/toolkit/migrator/internal/diff"
	"github.com/senior-backend/toolkit/migrator/internal/schema"
)

// retypes are the changes at the head of the list that change the types of one
// table's columns: together, they need one rewrite.
func retypes(changes []diff.Change) []diff.Alter {
	var run []diff.Alter
	for _, change := range changes {
		alter, ok := change.(diff.Alter)
		if !ok || !retype(alter) || len(run) > 0 && run[0].New.(*schema.Column).Table != alter.New.(*schema.Column).Table {
			break
		}
		run = append(run, alter)
	}
	return run
}

// retype reports whether a change is about the type of a stored column.
func retype(c diff.Alter) bool {
	o, ok := c.New.(*schema.Column)
	old, _ := c.Old.(*schema.Column)
	stored := ok && (o.Table.Kind == schema.KindTable || o.Table.Kind == schema.KindForeignTable)
	return stored && old != nil && (c.Retype || old.Type != o.Type || old.Collation != o.Collation)
}

// alterColumns changes columns of one table in place, their types at once.
func (g *generator) alterColumns(run []diff.Alter) {
	var (
		clauses []string
		hazards []Hazard
	)
	for _, c := range run {
		old, o := c.Old.(*schema.Column), c.New.(*schema.Column)
		g.renamed(old, o)
		g.loosenColumn(old, o)
		clause, dangers := g.typeClause(old, o, c.Retype)
		clauses = append(clauses, clause)
		for _, danger := range dangers {
			if !slices.ContainsFunc(hazards, func(h Hazard) bool { return h.Code == danger.Code && h.Message == danger.Message }) {
				hazards = append(hazards, danger)
			}
		}
	}
	table := run[0].New.(*schema.Column).Table
	alter := "ALTER " + tableWord(table) + " " + path(table)
	if len(clauses) == 1 {
		g.say(alter+" "+clauses[0], hazards...)
	} else {
		g.say(alter+"\n    "+strings.Join(clauses, ",\n    "), hazards...)
	}
	for _, c := range run {
		old, o := *c.Old.(*schema.Column), c.New.(*schema.Column)
		old.Storage = o.TypeStorage
		g.tightenColumn(&old, o)
		g.head(c.Old, c.New)
		g.childrensExtras(&old, o)
	}
}

// childrensExtras sets what the columns of children, which change with their
// parent's, shall have otherwise.
func (g *generator) childrensExtras(before, parent *schema.Column) {
	for _, table := range g.target.Tables() {
		if table.PartitionOf != parent.Table && !slices.Contains(table.Inherits, parent.Table) {
			continue
		}
		old, o := g.source.Column(table.ID(), parent.ID().Name), g.target.Column(table.ID(), parent.ID().Name)
		if old == nil || o == nil || g.fresh[table.ID()] {
			continue
		}
		was := *old
		if old.Type != o.Type {
			was.Storage = o.TypeStorage
		}
		if before.Storage != parent.Storage {
			was.Storage = parent.Storage
		}
		if before.Statistics != parent.Statistics {
			was.Statistics = parent.Statistics
		}
		if g.altered[o.ID()] { // it has a change of its own
			g.columnExtras(&was, o)
		} else {
			g.childsOwn(&was, o, before, parent)
		}
		g.childrensExtras(&was, o)
	}
}

// childsOwn gives a column that changed with its parent's what it has of its
// own, and leaves in was what that means for columns below it.
func (g *generator) childsOwn(was, o, before, parent *schema.Column) {
	came := before.NotNull != parent.NotNull
	if came {
		was.NotNull = parent.NotNull
	}
	was.Generated = o.Generated
	if table, ok := g.target.Object(o.Table).(*schema.Table); ok && table.IsPartition() && g.target.Version >= 170000 {
		was.Identity, was.Sequence = o.Identity, o.Sequence // all partitions share it
	}
	g.loosenColumn(was, o)
	g.tightenColumn(was, o)
	was.NotNull = o.NotNull != (came || was.NotNull != o.NotNull)
}

func alterOf(o *schema.Column) string {
	return "ALTER " + tableWord(o.Table) + " " + path(o.Table) + " ALTER COLUMN " + ident(o.ID().Name) + " "
}

// alterColumn changes a column in place, except for its type.
func (g *generator) alterColumn(old, o *schema.Column) {
	if o.Table.Kind == schema.KindView {
		g.columnExtras(old, o)
		return
	}
	g.loosenColumn(old, o)
	g.tightenColumn(old, o)
	g.childrensExtras(old, o)
}

// loosenColumn takes from a column what would stand in the way of a new type.
func (g *generator) loosenColumn(old, o *schema.Column) {
	alter := alterOf(o)
	if old.Generated != "" && o.Generated == "" {
		g.say(alter + "DROP EXPRESSION")
	}
	if old.Identity != "" && o.Identity == "" {
		g.say(alter + "DROP IDENTITY")
	}
	if old.NotNull && !o.NotNull && o.Identity == "" {
		g.say(alter + "DROP NOT NULL")
		g.dropPartitionsNotNull(o)
	}
}

// tightenColumn gives a column what it shall have besides its type.
func (g *generator) tightenColumn(old, o *schema.Column) {
	alter := alterOf(o)
	if !old.NotNull && o.NotNull {
		g.setNotNull(alter, o)
	}
	g.alterNotNull(old, o)
	g.alterIdentity(alter, old, o)
	g.columnExtras(old, o)
}

// typeClause changes a column's type, with a cast where one is needed.
func (g *generator) typeClause(old, o *schema.Column, retype bool) (string, []Hazard) {
	name := ident(o.ID().Name)
	clause := "ALTER COLUMN " + name + " TYPE " + o.Type
	if o.Collation != "" {
		clause += " COLLATE " + o.Collation
	}
	if o.Table.Kind == schema.KindForeignTable {
		return clause, nil
	}
	if cast := castFor(name, old.Type, o.Type, retype || !old.TypeID.IsZero() || !o.TypeID.IsZero()); cast != "" {
		clause += " USING " + cast
	}
	if !retype && grows(old, o) {
		return clause, nil
	}
	hazards := []Hazard{
		g.hazard(TableRewrite, o.Table, "writes every row and every index anew for column %s, under ACCESS EXCLUSIVE", o.ID().Name),
		brief(g.hazard(LongLock, o.Table, "ACCESS EXCLUSIVE while it is written: blocks reads and writes")),
	}
	if !retype {
		hazards = append(hazards, g.hazard(BackwardIncompatible, o.Table, "column %s becomes %s: an application may not understand it", o.ID().Name, o.Type))
	}
	return clause, hazards
}
