package diff

import (
	"regexp"
	"strings"

	"github.com/senior-backend/toolkit/migrator/internal/schema"
)

var foreignKeyTail = regexp.MustCompile(`( (NOT )?DEFERRABLE| INITIALLY (DEFERRED|IMMEDIATE)| NOT VALID| NOT ENFORCED)+$`)

// bareForeignKey is a foreign key's definition without what ALTER CONSTRAINT
// and VALIDATE CONSTRAINT can change.
func bareForeignKey(definition string) string {
	return foreignKeyTail.ReplaceAllString(definition, "")
}

// bareIndex is an index's definition without its storage parameters, which
// ALTER INDEX can change.
func bareIndex(index *schema.Index) string {
	if len(index.Options) == 0 {
		return index.Definition
	}
	var options []string
	for _, option := range index.Options {
		name, value, _ := strings.Cut(option, "=")
		options = append(options, name+"='"+strings.ReplaceAll(value, "'", "''")+"'")
	}
	return strings.Replace(index.Definition, " WITH ("+strings.Join(options, ", ")+")", "", 1)
}
