package plan

import "github.com/senior-backend/toolkit/migrator/internal/schema"

// Rename is the statement that gives an object another name, in its schema.
func Rename(old schema.Object, name string) Statement {
	return rename(old, old.ID().Name, name, BackwardIncompatible)
}

// RenameBack is the statement that takes Rename back.
func RenameBack(old schema.Object, name string) Statement {
	return rename(old, name, old.ID().Name, BackwardIncompatible)
}

func rename(object schema.Object, from, to string, code Code) Statement {
	id := object.ID()
	hazard := Hazard{Code: code, Object: id.String(), Message: "whatever uses the old name breaks", ID: id}
	if column, ok := object.(*schema.Column); ok {
		return Statement{
			SQL:   "ALTER " + tableWord(column.Table) + " " + path(column.Table) + " RENAME COLUMN " + ident(from) + " TO " + ident(to),
			Group: column.Table.String(), Hazards: []Hazard{hazard},
		}
	}
	id.Name = from
	named := ""
	switch object.(type) {
	case *schema.Enum, *schema.Composite:
		named = "TYPE " + path(id)
	default:
		named = tableWord(id) + " " + path(id)
	}
	return Statement{SQL: "ALTER " + named + " RENAME TO " + ident(to), Group: object.ID().String(), Hazards: []Hazard{hazard}}
}

// renamed gives a constraint or an index its new name, if it has one.
func (g *generator) renamed(old, object schema.Object) {
	from, to := old.ID(), object.ID()
	if from == to {
		return
	}
	switch o := object.(type) {
	case *schema.Constraint:
		g.say("ALTER " + tableWord(o.Table) + " " + path(o.Table) + " RENAME CONSTRAINT " + ident(from.Name) + " TO " + ident(to.Name))
	case *schema.Index:
		if o.Constraint == "" {
			g.say("ALTER INDEX " + path(from) + " RENAME TO " + ident(to.Name))
		}
	}
}
