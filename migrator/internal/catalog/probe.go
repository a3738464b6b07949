package catalog

import (
	"fmt"
	"strings"
)

// rare are the catalogs that most databases have nothing of their own in, each
// with the column and catalog that tell. Planning queries over all of them
// takes the server longer than reading everything else.
var rare = []struct{ class, column, from string }{
	{"pg_collation", "oid", "pg_collation"},
	{"pg_conversion", "oid", "pg_conversion"},
	{"pg_operator", "oid", "pg_operator"},
	{"pg_proc", "aggfnoid", "pg_aggregate"},
	{"pg_opfamily", "oid", "pg_opfamily"},
	{"pg_opclass", "oid", "pg_opclass"},
	{"pg_amop", "oid", "pg_amop"},
	{"pg_amproc", "oid", "pg_amproc"},
	{"pg_cast", "oid", "pg_cast"},
	{"pg_transform", "oid", "pg_transform"},
	{"pg_language", "oid", "pg_language"},
	{"pg_am", "oid", "pg_am"},
	{"pg_ts_dict", "oid", "pg_ts_dict"},
	{"pg_ts_template", "oid", "pg_ts_template"},
	{"pg_ts_parser", "oid", "pg_ts_parser"},
	{"pg_ts_config", "oid", "pg_ts_config"},
	{"pg_foreign_data_wrapper", "oid", "pg_foreign_data_wrapper"},
	{"pg_foreign_server", "oid", "pg_foreign_server"},
	{"pg_user_mapping", "oid", "pg_foreign_server"}, // only superusers read the mappings' own catalog
	{"pg_event_trigger", "oid", "pg_event_trigger"},
	{"pg_statistic_ext", "oid", "pg_statistic_ext"},
	{"pg_publication", "oid", "pg_publication"},
	{"pg_publication_rel", "oid", "pg_publication"},
	{"pg_publication_namespace", "oid", "pg_publication"},
}

// probe learns which of the rare catalogs hold anything of the user's.
func (r *reader) probe() error {
	var parts []string
	for _, c := range rare {
		parts = append(parts, fmt.Sprintf("SELECT '%s' AS class WHERE EXISTS (SELECT FROM pg_catalog.%s WHERE %s >= 16384)", c.class, c.from, c.column))
	}
	found, err := rows[struct{ Class string }](r, strings.Join(parts, " UNION ALL "))
	if err != nil {
		return fmt.Errorf("catalogs: %w", err)
	}
	r.holds = map[string]bool{}
	for _, f := range found {
		r.holds[f.Class] = true
	}
	return nil
}
