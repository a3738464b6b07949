package plan

import (
	"slices"
	"strings"

	"github.com/senior-backend/toolkit/migrator/internal/diff"
	"github.com/senior-backend/toolkit/migrator/internal/schema"
)

// together finds the statements of an online plan that have to be seen at once:
// what is dropped only to be made again is missed by whoever looks in between.
// They are one short transaction; what takes long, or cannot run in one, is not
// among them.
type together struct {
	gone   map[schema.ID]bool // what is missing for now
	number int                // of the transaction; 0 for none
	last   int                // the number given last
	closed int                // how many statements there were when something was there again
}

// missed are the kinds of object that a running application misses at once, or
// is not guarded by. Indexes and constraints take long to make; a materialised
// view is computed.
var missed = []schema.Kind{
	schema.KindView, schema.KindFunction, schema.KindProcedure, schema.KindAggregate, schema.KindTrigger, schema.KindRule,
	schema.KindPolicy, schema.KindTable, schema.KindForeignTable, schema.KindColumn, schema.KindDefault, schema.KindPublished,
	schema.KindEventTrigger,
}

// beginTogether notes what a change takes away.
func (g *generator) beginTogether(change diff.Change) {
	if !g.online() {
		return
	}
	var id schema.ID
	switch c := change.(type) {
	case diff.Drop:
		if !c.Again {
			return
		}
		id = c.Object.ID()
	case diff.Detach:
		if g.target.Object(c.Table.ID()) == nil {
			return
		}
		table, _ := g.target.Object(c.Table.ID()).(*schema.Table)
		if table == nil || c.Table.IsPartition() || !slices.Equal(table.Inherits, c.Table.Inherits) {
			return
		}
		id = c.Table.ID()
	default:
		return
	}
	if !slices.Contains(missed, id.Kind) {
		return
	}
	t := &g.together
	if t.gone == nil {
		t.gone = map[schema.ID]bool{}
	}
	if len(t.gone) == 0 {
		t.last++
		t.number = t.last
	}
	t.gone[id] = true
	if drop, ok := change.(diff.Drop); ok && drop.Rows {
		t.gone[rowsOf(id)] = true
		for _, part := range drop.Parts { // the rows come back to a table that has its keys
			if owner := part.ID(); (owner.Kind == schema.KindIndex || owner.Kind == schema.KindConstraint) && owner.Schema == id.Schema && owner.Parent == id.Name && comesBack(g.target.Object(owner)) {
				t.gone[owner] = true
			}
		}
	}
}

// rowsOf stands for a table's rows among what is missed.
func rowsOf(table schema.ID) schema.ID {
	return schema.ID{Kind: "rows", Schema: table.Schema, Name: table.Name}
}

// endTogether notes what a change has brought back.
func (g *generator) endTogether(change diff.Change) {
	t := &g.together
	if t.number == 0 {
		return
	}
	switch c := change.(type) {
	case diff.Create:
		back := t.gone[c.Object.ID()]
		delete(t.gone, c.Object.ID())
		for _, part := range c.Parts {
			back = back || t.gone[part.ID()]
			delete(t.gone, part.ID())
		}
		if back {
			t.closed = len(g.statements)
		}
	case diff.Refill:
		if id := rowsOf(c.New.ID()); t.gone[id] {
			delete(t.gone, id)
			t.closed = len(g.statements)
		}
	case diff.Attach:
		if t.gone[c.Table.ID()] {
			delete(t.gone, c.Table.ID())
			t.closed = len(g.statements)
		}
	}
	if len(t.gone) == 0 {
		t.number = 0
	}
}

// cut ends the transaction before a statement that must not be in it. What is
// still missing stays so for a while.
func (g *generator) cut() {
	g.trim()
	g.together.number, g.together.gone = 0, nil
}

// trim takes out of the open transaction what came after the last thing that was
// brought back.
func (g *generator) trim() {
	t := &g.together
	if t.number == 0 {
		return
	}
	for n := len(g.statements) - 1; n >= t.closed && n >= 0 && g.statements[n].Together == t.number; n-- {
		g.statements[n].Together = 0
	}
}

// slow reports whether a statement reads whole tables without need to be seen
// together with others.
func slow(sql string) bool {
	return strings.Contains(sql, " VALIDATE CONSTRAINT ") || strings.HasPrefix(sql, "CREATE MATERIALIZED VIEW ")
}

// settled takes transactions of one statement apart: each is one anyway.
func settled(statements []Statement) []Statement {
	count := map[int]int{}
	for _, statement := range statements {
		count[statement.Together]++
	}
	for n := range statements {
		if count[statements[n].Together] < 2 {
			statements[n].Together = 0
		}
	}
	return statements
}

// comesBack reports whether a part of a table that is made again is made by a
// change of its own, or may be: foreign keys look at other tables' rows, and what
// is a parent's comes with that.
func comesBack(part schema.Object) bool {
	switch o := part.(type) {
	case *schema.Constraint:
		return o.Type != schema.ForeignKey && (o.HasIndex() || !o.Inherited)
	case *schema.Index:
		return o.Constraint == ""
	}
	return false
}
