package apply

import (
	"context"
	"fmt"
	"strings"

	"github.com/senior-backend/toolkit/migrator/internal/migration"
)

// otherHistory is where another tool keeps what it applied.
type otherHistory struct {
	tool    string
	formats []migration.Format
	table   string // looked up along the search path
	columns []string
	query   string // whether version $1, as text, is applied
}

func otherHistories() []otherHistory {
	return []otherHistory{
		{
			tool: "goose", formats: []migration.Format{migration.Goose}, table: "goose_db_version", columns: []string{"version_id", "is_applied"},
			query: "SELECT coalesce((SELECT is_applied FROM goose_db_version WHERE version_id::text = ltrim($1, '0') ORDER BY id DESC LIMIT 1), false)",
		},
		{
			tool: "golang-migrate", formats: []migration.Format{migration.GolangMigrate}, table: "schema_migrations", columns: []string{"version", "dirty"},
			query: "SELECT coalesce((SELECT version >= $1::numeric AND NOT (dirty AND version = $1::numeric) FROM schema_migrations LIMIT 1), false)",
		},
		{
			tool: "dbmate", formats: []migration.Format{migration.Dbmate}, table: "schema_migrations", columns: []string{"version"},
			query: "SELECT EXISTS (SELECT FROM schema_migrations WHERE version::text = $1)",
		},
		{
			tool: "Flyway", formats: []migration.Format{migration.Flyway}, table: "flyway_schema_history", columns: []string{"version", "success"},
			query: "SELECT EXISTS (SELECT FROM flyway_schema_history WHERE replace(version, '_', '.') = replace($1, '_', '.') AND success)",
		},
	}
}

// appliedElsewhere names the tool whose own history says that it applied the
// migration, so that a database changes hands without running anything twice.
func appliedElsewhere(ctx context.Context, q querier, m *migration.Migration) (string, error) {
	if m.Version == "" || m.Repeatable {
		return "", nil
	}
	for _, other := range otherHistories() {
		if m.Format != other.formats[0] {
			continue
		}
		var fits, done bool
		err := q.QueryRowContext(ctx, `SELECT count(*) = $2 FROM pg_attribute
WHERE attrelid = to_regclass($1) AND attname = ANY (string_to_array($3, ',')) AND NOT attisdropped`,
			other.table, len(other.columns), strings.Join(other.columns, ",")).Scan(&fits)
		if err == nil && fits {
			err = q.QueryRowContext(ctx, other.query, m.Version).Scan(&done)
		}
		if err != nil {
			return "", fmt.Errorf("read the history of %s: %w", other.tool, err)
		}
		if done {
			return other.tool, nil
		}
	}
	return "", nil
}
