package catalog

import "strings"

// The differences between server versions: an expression that only newer
// servers can read, written in the queries as «name», the version that brought
// it and what stands in its place before. A «/name» variant is not needed: each
// expression is whole.
var dialects = map[string]struct {
	since      int
	expression string
	before     string
}{
	"compression":    {140000, `a.attcompression::text`, `''::text`},
	"nullsdistinct":  {150000, `i.indnullsnotdistinct`, `false`},
	"enforced":       {180000, `c.conenforced`, `true`},
	"multirange":     {140000, `pg_catalog.quote_ident(mtn.nspname) || '.' || pg_catalog.quote_ident(mt.typname)`, `NULL::text`},
	"multirangejoin": {140000, `LEFT JOIN pg_catalog.pg_type mt ON mt.oid = rg.rngmultitypid LEFT JOIN pg_catalog.pg_namespace mtn ON mtn.oid = mt.typnamespace`, ``},
	"multirangeoid":  {140000, `rg.rngmultitypid::int8`, `0::int8`},
	"statisticsto":   {170000, `coalesce(s.stxstattarget, -1)`, `s.stxstattarget`},
	"pubcolumns":     {150000, `pr.prattrs`, `NULL::int2vector`},
	"pubfilter":      {150000, `pg_catalog.pg_get_expr(pr.prqual, pr.prrelid)`, `NULL::text`},
	"pubgenerated":   {180000, `CASE p.pubgencols WHEN 's' THEN ', publish_generated_columns = stored' ELSE ', publish_generated_columns = none' END`, `''`},
	"internal":       {150000, `t.tgisinternal`, `(t.tgisinternal AND t.tgparentid = 0)`}, // copies of triggers are internal before
	"collocale":      {170000, `c.colllocale`, `(pg_catalog.to_jsonb(c) ->> 'colliculocale')`},
	"colrules":       {160000, `c.collicurules`, `NULL::text`},
}

// dialect replaces each «name» by what this server can read.
func (r *reader) dialect(query string) string {
	for {
		start := strings.Index(query, "«")
		if start < 0 {
			return query
		}
		end := strings.Index(query[start:], "»") + start
		entry := dialects[query[start+len("«"):end]]
		expression := entry.before
		if r.version >= entry.since {
			expression = entry.expression
		}
		query = query[:start] + expression + query[end+len("»"):]
	}
}
