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
	// An enum may get values, which cannot be in a transaction with their use.
	_, isEnum := object.(*schema.Enum)
	return Statement{SQL: "ALTER " + named + " RENAME TO " + ident(to), Group: object.ID().String(), Hazards: []Hazard{hazard}, Alone: isEnum || id.Kind == schema.KindSchema}
}

// MakeSchema is the statement that makes a schema, and the one that takes it away.
func MakeSchema(name string) (up, down Statement) {
	group := "schema " + name
	return Statement{SQL: "CREATE SCHEMA " + ident(name), Group: group}, Statement{SQL: "DROP SCHEMA " + ident(name), Group: group}
}

// Note is the statement that gives a schema a comment.
func Note(namespace, comment string) Statement {
	return Statement{SQL: "COMMENT ON SCHEMA " + ident(namespace) + " IS " + literal(comment), Group: "schema " + namespace}
}

// Move takes an object, which has its new name already, to another schema, and back.
func Move(old schema.Object, to schema.ID) (up, down Statement) {
	from := old.ID()
	word := tableWord(from)
	if typeWords[from.Kind] {
		word = "TYPE"
	}
	hazards := []Hazard{{Code: BackwardIncompatible, Object: from.String(), Message: "whatever uses the old name breaks", ID: from}}
	at := schema.ID{Schema: from.Schema, Name: to.Name}
	up = Statement{SQL: "ALTER " + word + " " + path(at) + " SET SCHEMA " + ident(to.Schema), Group: from.String(), Hazards: hazards}
	return up, Statement{SQL: "ALTER " + word + " " + path(schema.ID{Schema: to.Schema, Name: to.Name}) + " SET SCHEMA " + ident(from.Schema), Group: from.String()}
}

var typeWords = map[schema.Kind]bool{schema.KindEnum: true, schema.KindComposite: true}

// Part takes a partition from its parent, and gives it back.
func Part(table *schema.Table) (up, down Statement) {
	alter := "ALTER TABLE " + path(table.PartitionOf)
	group := table.ID().String()
	return Statement{SQL: alter + " DETACH PARTITION " + path(table.ID()), Group: group},
		Statement{SQL: alter + " ATTACH PARTITION " + path(table.ID()) + " " + table.Bound, Group: group}
}

// renamed gives a constraint or an index its new name, if it has one.
func (g *generator) renamed(old, object schema.Object) {
	from, to := old.ID(), object.ID()
	if from == to {
		return
	}
	switch o := object.(type) {
	case *schema.Column:
		g.say("ALTER "+tableWord(o.Table)+" "+path(o.Table)+" RENAME COLUMN "+ident(from.Name)+" TO "+ident(to.Name),
			g.hazard(BackwardIncompatible, o.Table, "whatever uses the name %s breaks", from.Name)).Comment = "the table is partitioned by it, and for the same bounds: a new name keeps the rows"
	case *schema.Constraint:
		g.say("ALTER " + tableWord(o.Table) + " " + path(o.Table) + " RENAME CONSTRAINT " + ident(from.Name) + " TO " + ident(to.Name))
	case *schema.Index:
		if o.Constraint == "" {
			g.say("ALTER INDEX " + path(from) + " RENAME TO " + ident(to.Name))
		}
	}
}
