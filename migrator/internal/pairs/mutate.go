package main

import (
	"context"
	"database/sql"
	"fmt"
	"math/rand/v2"
	"strings"

	"github.com/senior-backend/toolkit/migrator/internal/catalog"
	"github.com/senior-backend/toolkit/migrator/internal/schema"
)

// mutation is a pair whose second side is the first after random changes. The
// seed makes it again.
type mutation struct {
	seed    uint64
	changes int
	blind   int // changes between two readings of the schema
}

// mutate changes a database, which holds s, at random: each statement is tried,
// and what the server refuses is left out. The schema is read again after some
// that it took: what was changed or dropped meanwhile may be hit once more.
func mutate(ctx context.Context, db *sql.DB, s *schema.Schema, m mutation) ([]string, error) {
	random := rand.New(rand.NewPCG(m.seed, 1))
	var (
		done []string
		err  error
	)
	for tries := 0; err == nil && len(done) < m.changes && tries < 20*m.changes; tries++ {
		statement := randomChange(random, s)
		if random.IntN(2) == 0 {
			statement = boldChange(random, s)
		}
		if statement == "" {
			continue
		}
		if _, refused := db.ExecContext(ctx, statement); refused == nil {
			done = append(done, statement)
			if len(done)%m.blind == 0 && len(done) < m.changes {
				s, err = catalog.Read(ctx, db)
			}
		}
	}
	return done, err
}

// randomChange is a statement that may change something in the schema.
func randomChange(random *rand.Rand, s *schema.Schema) string {
	objects := s.Objects()
	if len(objects) == 0 {
		return ""
	}
	object := objects[random.IntN(len(objects))]
	id := object.ID()
	name := qualified(id.Schema, id.Name)
	pick := func(of ...string) string { return of[random.IntN(len(of))] }
	switch o := object.(type) {
	case *schema.Table:
		return pick("DROP TABLE "+name+" CASCADE", "ALTER TABLE "+name+" RENAME TO "+fresh(random), "ALTER TABLE "+name+" ENABLE ROW LEVEL SECURITY",
			"ALTER TABLE "+name+" ADD COLUMN "+fresh(random)+" "+randomType(random)+pick("", " NOT NULL", " DEFAULT NULL"),
			"COMMENT ON TABLE "+name+" IS 'changed'", "GRANT SELECT ON "+name+" TO PUBLIC", "ALTER TABLE "+name+" SET UNLOGGED",
			"ALTER TABLE "+name+" SET (fillfactor = 77)", "CREATE VIEW public."+fresh(random)+" AS SELECT * FROM "+name,
			"ALTER TABLE "+name+" ADD CHECK (1 > 0)", "ALTER TABLE "+name+" SET SCHEMA public", "ALTER TABLE "+name+" REPLICA IDENTITY FULL")
	case *schema.Column:
		table, column := qualified(o.Table.Schema, o.Table.Name), quoted(id.Name)
		alter := "ALTER TABLE " + table + " ALTER COLUMN " + column
		kind := randomType(random)
		return pick("ALTER TABLE "+table+" DROP COLUMN "+column+" CASCADE", alter+" SET NOT NULL", alter+" DROP NOT NULL", alter+" DROP DEFAULT",
			"ALTER TABLE "+table+" RENAME COLUMN "+column+" TO "+fresh(random), "COMMENT ON COLUMN "+table+"."+column+" IS 'changed'",
			alter+" TYPE "+kind+" USING NULL::"+kind, alter+" TYPE text", "ALTER TABLE "+table+" ADD UNIQUE ("+column+")",
			"CREATE INDEX ON "+table+" ("+column+")", "CREATE INDEX ON "+table+" ("+column+") WHERE "+column+" IS NOT NULL",
			alter+" SET STATISTICS 50", "GRANT UPDATE ("+column+") ON "+table+" TO PUBLIC")
	case *schema.Constraint:
		table := qualified(o.Table.Schema, o.Table.Name)
		return pick("ALTER TABLE "+table+" DROP CONSTRAINT "+quoted(id.Name)+" CASCADE",
			"ALTER TABLE "+table+" RENAME CONSTRAINT "+quoted(id.Name)+" TO "+fresh(random))
	case *schema.Index:
		return pick("DROP INDEX "+name+" CASCADE", "ALTER INDEX "+name+" RENAME TO "+fresh(random), "ALTER INDEX "+name+" SET (fillfactor = 66)")
	case *schema.Enum:
		value := literal(o.Values[random.IntN(len(o.Values))])
		return pick("ALTER TYPE "+name+" ADD VALUE '"+fresh(random)+"' BEFORE "+value, "ALTER TYPE "+name+" RENAME VALUE "+value+" TO '"+fresh(random)+"'",
			"DROP TYPE "+name+" CASCADE", "ALTER TYPE "+name+" RENAME TO "+fresh(random))
	case *schema.Routine:
		call := name + "(" + id.Args + ")"
		return pick("DROP ROUTINE "+call+" CASCADE", "ALTER ROUTINE "+call+" RENAME TO "+fresh(random), "ALTER FUNCTION "+call+" IMMUTABLE",
			"REVOKE ALL ON ROUTINE "+call+" FROM PUBLIC", "ALTER ROUTINE "+call+" SET search_path = public")
	case *schema.View:
		word := strings.ToUpper(string(id.Kind))
		return pick("DROP "+word+" "+name+" CASCADE", "ALTER "+word+" "+name+" RENAME TO "+fresh(random), "COMMENT ON "+word+" "+name+" IS 'changed'")
	case *schema.Trigger:
		table := qualified(o.Table.Schema, o.Table.Name)
		return pick("DROP TRIGGER "+quoted(id.Name)+" ON "+table, "ALTER TABLE "+table+" DISABLE TRIGGER "+quoted(id.Name),
			"ALTER TRIGGER "+quoted(id.Name)+" ON "+table+" RENAME TO "+fresh(random))
	case *schema.Sequence:
		return pick("DROP SEQUENCE "+name+" CASCADE", "ALTER SEQUENCE "+name+" OWNED BY NONE", "ALTER SEQUENCE "+name+" INCREMENT 3 CACHE 9", "ALTER SEQUENCE "+name+" AS smallint")
	case *schema.Domain:
		return pick("DROP DOMAIN "+name+" CASCADE", "ALTER DOMAIN "+name+" SET NOT NULL", "ALTER DOMAIN "+name+" ADD CHECK (VALUE IS NOT NULL)", "ALTER DOMAIN "+name+" RENAME TO "+fresh(random))
	case *schema.Default:
		return "ALTER TABLE " + qualified(o.Table.Schema, o.Table.Name) + " ALTER COLUMN " + quoted(id.Name) + " SET DEFAULT NULL"
	case *schema.Extension:
		return "DROP EXTENSION " + quoted(id.Name) + " CASCADE"
	}
	return ""
}

func qualified(namespace, name string) string {
	return quoted(namespace) + "." + quoted(name)
}

func fresh(random *rand.Rand) string { return fmt.Sprintf("new_%d", random.IntN(1000000)) }

func randomType(random *rand.Rand) string {
	types := []string{"text", "integer", "bigint", "uuid", "jsonb", "timestamptz", "numeric(12,4)", "varchar(40)", "boolean", "text[]", "date", "inet"}
	return types[random.IntN(len(types))]
}

func quoted(name string) string { return `"` + strings.ReplaceAll(name, `"`, `""`) + `"` }

func literal(text string) string { return "'" + strings.ReplaceAll(text, "'", "''") + "'" }
