package plan

import (
	"fmt"

	"github.com/senior-backend/toolkit/migrator/internal/schema"
)

// goOn lets a new sequence go on behind the values that its column has already:
// from its start it would hand out numbers that are taken.
func (g *generator) goOn(sequence string, o *schema.SequenceOptions, table schema.ID, column string) {
	if !g.existing(table) && !g.refilled[table] || g.source.Column(table, column) == nil {
		return
	}
	most, beyond := "max", ">="
	if o.Increment < 0 {
		most, beyond = "min", "<="
	}
	g.say(fmt.Sprintf("SELECT pg_catalog.setval(%s, %s(%s)) FROM %s HAVING %s(%s) %s %d",
		literal(sequence), most, ident(column), path(table), most, ident(column), beyond, o.Start)).Comment = "goes on behind the values that are there"
}
