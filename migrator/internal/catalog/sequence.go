package catalog

import (
	"fmt"
	"slices"
	"strings"

	"github.com/lib/pq"
)

// atOnce is how many sequences one query asks for their last values.
const atOnce = 500

// lastValues reads the last value that each sequence handed out. The function
// pg_sequence_last_value would take a writer's lock on each; a reader's is enough.
func (r *reader) lastValues(sequences []sequenceRow) (map[int64]int64, error) {
	var selects []string
	for _, s := range sequences {
		if s.Readable {
			selects = append(selects, fmt.Sprintf("SELECT %d::int8 AS oid, CASE WHEN is_called THEN last_value ELSE 0 END AS last FROM %s.%s",
				s.Oid, quote(s.Schema), quote(s.Name)))
		}
	}
	values := map[int64]int64{}
	for some := range slices.Chunk(selects, atOnce) {
		found, err := rows[struct{ Oid, Last int64 }](r, strings.Join(some, " UNION ALL "))
		if err != nil {
			return nil, err
		}
		for _, f := range found {
			values[f.Oid] = f.Last
		}
	}
	return values, nil
}

// quote writes an identifier without the marks that rows looks for.
func quote(name string) string {
	if !strings.ContainsAny(name, "«»") {
		return pq.QuoteIdentifier(name)
	}
	return "U&" + strings.NewReplacer("«", `\00ab`, "»", `\00bb`).Replace(pq.QuoteIdentifier(strings.ReplaceAll(name, `\`, `\\`)))
}
