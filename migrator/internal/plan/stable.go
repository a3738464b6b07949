package plan

import "regexp"

// varcharList is how the server deparses "status IN ('a', 'b')" on a varchar
// column. Read back, it would cast each element instead of the array and
// deparse otherwise for ever after.
var varcharList = regexp.MustCompile(`\(ARRAY\[('(?:[^']|'')*'::character varying(?:, '(?:[^']|'')*'::character varying)*)\]\)::text\[\]`)

// stable rewrites the deparsed forms that the server does not read back as they
// are, so that what is loaded from them deparses as the original does.
func stable(sql string) string {
	return varcharList.ReplaceAllString(sql, "ARRAY[$1]")
}
