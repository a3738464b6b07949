package plan

import (
	"strings"

	"github.com/senior-backend/toolkit/migrator/internal/schema"
)

// ident writes a name as SQL, in quotes only where it needs them.
func ident(name string) string {
	if plainName(name) && !keywords[name] {
		return name
	}
	return `"` + strings.ReplaceAll(name, `"`, `""`) + `"`
}

func plainName(name string) bool {
	for n, r := range name {
		switch {
		case r >= 'a' && r <= 'z', r == '_':
		case n > 0 && (r >= '0' && r <= '9' || r == '$'):
		default:
			return false
		}
	}
	return name != ""
}

// idents writes a list of names, parted by commas.
func idents(names []string) string {
	quoted := make([]string, len(names))
	for n, name := range names {
		quoted[n] = ident(name)
	}
	return strings.Join(quoted, ", ")
}

// literal writes a text as an SQL string.
func literal(text string) string {
	quoted := "'" + strings.ReplaceAll(text, "'", "''") + "'"
	if strings.Contains(text, `\`) {
		return "E" + strings.ReplaceAll(quoted, `\`, `\\`)
	}
	return quoted
}

// path is the qualified name of an object that lives in a schema.
func path(id schema.ID) string {
	if id.Schema == "" {
		return ident(id.Name)
	}
	return ident(id.Schema) + "." + ident(id.Name)
}

// relation is the qualified name of the relation that a part belongs to.
func relation(part schema.ID) string {
	return ident(part.Schema) + "." + ident(part.Parent)
}

// named is an object as COMMENT ON and ALTER name it, kind included.
func named(object schema.Object) string {
	id := object.ID()
	switch o := object.(type) {
	case *schema.Column:
		return "COLUMN " + path(o.Table) + "." + ident(id.Name)
	case *schema.Constraint:
		if o.Table.Kind == schema.KindDomain {
			return "CONSTRAINT " + ident(id.Name) + " ON DOMAIN " + path(o.Table)
		}
		return "CONSTRAINT " + ident(id.Name) + " ON " + path(o.Table)
	case *schema.Trigger, *schema.Rule, *schema.Policy:
		return strings.ToUpper(string(id.Kind)) + " " + ident(id.Name) + " ON " + relation(id)
	case *schema.Enum, *schema.Composite:
		return "TYPE " + path(id)
	case *schema.Routine:
		return strings.ToUpper(string(id.Kind)) + " " + path(id) + "(" + id.Args + ")"
	case *schema.Definition:
		return o.Name
	}
	return strings.ToUpper(string(id.Kind)) + " " + path(id)
}

// keywords are PostgreSQL's key words that cannot be any name unquoted, of
// versions 13 to 18 (appendix C of its manual).
var keywords = words(`all analyse analyze and any array as asc asymmetric authorization between bigint binary bit boolean both
case cast char character check coalesce collate collation column concurrently constraint create cross current_catalog
current_date current_role current_schema current_time current_timestamp current_user dec decimal default deferrable desc
distinct do else end except exists extract false fetch float for foreign freeze from full grant greatest group grouping
having ilike in initially inner inout int integer intersect interval into is isnull join json json_array json_arrayagg
json_exists json_object json_objectagg json_query json_scalar json_serialize json_table json_value lateral leading least
left like limit localtime localtimestamp merge_action national natural nchar none normalize not notnull null nullif numeric
offset on only or order out outer overlaps overlay placing position precision primary real references returning right row
select session_user setof similar smallint some substring symmetric system_user table tablesample then time timestamp to
trailing treat trim true union unique user using values varchar variadic verbose when where window with xmlattributes
xmlconcat xmlelement xmlexists xmlforest xmlnamespaces xmlparse xmlpi xmlroot xmlserialize xmltable`)

func words(list string) map[string]bool {
	set := map[string]bool{}
	for _, word := range strings.Fields(list) {
		set[word] = true
	}
	return set
}
