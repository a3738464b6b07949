package plan

import (
	"fmt"
	"strings"

	"github.com/senior-backend/toolkit/migrator/internal/diff"
	"github.com/senior-backend/toolkit/migrator/internal/schema"
)

// stow puts the rows of a table that is made again aside. Values of types that
// may be made again too, or go, are put aside as text.
func (g *generator) stow(o *schema.Table) []Hazard {
	id := o.ID()
	from := path(id)
	if !o.IsPartitioned() {
		from = "ONLY " + from // its children keep theirs
	}
	var values []string
	for _, column := range g.carriedColumns(id) {
		name := ident(column.ID().Name)
		if !column.TypeID.IsZero() {
			name += "::text AS " + name
		}
		values = append(values, name)
	}
	g.say("LOCK TABLE "+path(id)+" IN ACCESS EXCLUSIVE MODE", g.hazard(LongLock, id, "ACCESS EXCLUSIVE while the rows are copied: blocks reads and writes")).
		Comment = "the table is made again: its rows are put aside and come back below"
	g.say("CREATE TABLE "+g.rowsPath(id)+" AS\nSELECT "+strings.Join(values, ", ")+"\nFROM "+from,
		g.hazard(TableRewrite, id, "copies every row, and once more when the rows come back"))
	return []Hazard{g.hazard(BackwardIncompatible, id, "whatever uses the table waits, and its plans are made anew")}
}

func (g *generator) rowsPath(table schema.ID) string {
	return ident(table.Schema) + "." + ident(g.free(table, "__rows"))
}

// carriedColumns are the columns whose values a table keeps when it is made
// again, as they were.
func (g *generator) carriedColumns(table schema.ID) []*schema.Column {
	var kept []*schema.Column
	for _, column := range g.target.Columns(table) {
		if old := g.source.Column(table, column.ID().Name); old != nil && column.Generated == "" {
			kept = append(kept, old)
		}
	}
	return kept
}

// refill brings the rows back.
func (g *generator) refill(c diff.Refill) {
	id := c.New.ID()
	rows := g.rowsPath(id)
	var names, values []string
	overriding := ""
	for _, old := range g.carriedColumns(id) {
		o := g.target.Column(id, old.ID().Name)
		name := ident(old.ID().Name)
		value := name
		if !old.TypeID.IsZero() {
			value += "::" + o.Type
		} else if cast := castFor(name, old.Type, o.Type, !o.TypeID.IsZero()); cast != "" {
			value = cast
		}
		names, values = append(names, name), append(values, value)
		if o.Identity == "ALWAYS" {
			overriding = "\nOVERRIDING SYSTEM VALUE"
		}
	}
	if len(names) == 0 {
		g.say(fmt.Sprintf("INSERT INTO %s\nSELECT FROM %s", path(id), rows))
	} else {
		g.say(fmt.Sprintf("INSERT INTO %s (%s)%s\nSELECT %s\nFROM %s", path(id), strings.Join(names, ", "), overriding, strings.Join(values, ", "), rows))
	}
	g.refilled[id] = true
	for _, column := range g.target.Columns(id) {
		if column.Identity != "" && column.Sequence != nil {
			name, _ := splitName(column.Sequence.Name)
			g.goOn(name, column.Sequence, id, column.ID().Name)
		}
	}
	for _, sequence := range g.target.Sequences() {
		if owner := sequence.OwnedBy; owner.Schema == id.Schema && owner.Parent == id.Name && g.source.Column(id, owner.Name) != nil {
			g.goOn(path(sequence.ID()), &sequence.SequenceOptions, id, owner.Name)
		}
	}
	g.say("DROP TABLE " + rows)
}
