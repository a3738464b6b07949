package advise

import (
	"regexp"
	"strings"

	"github.com/senior-backend/toolkit/migrator/internal/schema"
)

// reserved are the key words that cannot name a table or column without quotes
// (catcodes R, T and C of pg_get_keywords, PostgreSQL 18).
const reserved = ` all analyse analyze and any array as asc asymmetric authorization between bigint binary bit boolean both case
 cast char character check coalesce collate collation column concurrently constraint create cross current_catalog current_date
 current_role current_schema current_time current_timestamp current_user dec decimal default deferrable desc distinct do else end
 except exists extract false fetch float for foreign freeze from full grant greatest group grouping having ilike in initially
 inner inout int integer intersect interval into is isnull join json json_array json_arrayagg json_exists json_object
 json_objectagg json_query json_scalar json_serialize json_table json_value lateral leading least left like limit localtime
 localtimestamp merge_action national natural nchar none normalize not notnull null nullif numeric offset on only or order out
 outer overlaps overlay placing position precision primary real references returning right row select session_user setof similar
 smallint some substring symmetric system_user table tablesample then time timestamp to trailing treat trim true union unique
 user using values varchar variadic verbose when where window with xmlattributes xmlconcat xmlelement xmlexists xmlforest
 xmlnamespaces xmlparse xmlpi xmlroot xmlserialize xmltable `

// nameable are those of them that a column may still be called (catcode C).
const nameable = ` between bigint bit boolean char character coalesce dec decimal exists extract float greatest grouping inout int
 integer interval json json_array json_arrayagg json_exists json_object json_objectagg json_query json_scalar json_serialize
 json_table json_value least merge_action national nchar none normalize nullif numeric out overlay position precision real row
 setof smallint substring time timestamp treat trim values varchar xmlattributes xmlconcat xmlelement xmlexists xmlforest
 xmlnamespaces xmlparse xmlpi xmlroot xmlserialize xmltable `

var (
	// plain matches names that quote_ident leaves alone.
	plain = regexp.MustCompile(`^[a-z_][a-z0-9_$]*$`)
	// unquoted matches names that the server reads without quotes as they are.
	unquoted = regexp.MustCompile(`^[a-z_\x{80}-\x{10FFFF}][a-z0-9_$\x{80}-\x{10FFFF}]*$`)
)

func listed(list, word string) bool {
	return !strings.ContainsAny(word, " \n") && strings.Contains(list, " "+word+" ") || strings.Contains(list, " "+word+"\n")
}

// isReserved says whether a name must be quoted because it is a key word.
func isReserved(name string) bool { return listed(reserved, name) && !listed(nameable, name) }

// quote writes an identifier, in quotes only where it needs them.
func quote(name string) string {
	if plain.MatchString(name) && !listed(reserved, name) {
		return name
	}
	return `"` + strings.ReplaceAll(name, `"`, `""`) + `"`
}

// path writes a relation's name; "public" needs no mention.
func path(id schema.ID) string {
	if id.Schema == "public" || id.Schema == "" {
		return quote(id.Name)
	}
	return quote(id.Schema) + "." + quote(id.Name)
}

// list writes identifiers with commas between.
func list(names []string) string {
	quoted := make([]string, len(names))
	for i, name := range names {
		quoted[i] = quote(name)
	}
	return strings.Join(quoted, ", ")
}

// literal writes a string constant.
func literal(text string) string {
	quoted := "'" + strings.ReplaceAll(text, "'", "''") + "'"
	if strings.Contains(text, `\`) {
		return "E" + strings.ReplaceAll(quoted, `\`, `\\`)
	}
	return quoted
}

// maxName is how long an identifier may be, in bytes.
const maxName = 63

// shorten makes a name of at most 63 bytes that is not taken.
func shorten(name string, taken func(string) bool) string {
	candidate := clip(name, maxName)
	for n := 2; taken(candidate); n++ {
		suffix := "_" + itoa(n)
		candidate = clip(name, maxName-len(suffix)) + suffix
	}
	return candidate
}

// clip cuts text to at most size bytes, between characters.
func clip(text string, size int) string {
	if len(text) <= size {
		return text
	}
	for size > 0 && text[size]&0xC0 == 0x80 {
		size--
	}
	return strings.TrimRight(text[:size], "_")
}
