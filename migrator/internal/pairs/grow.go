package main

import (
	"context"
	"database/sql"
	"fmt"
	"math/rand/v2"
	"regexp"
	"strings"

	"github.com/senior-backend/toolkit/migrator/internal/catalog"
)

// growth is a pair of random schemas.
type growth struct {
	seeds [2]uint64
	then  *mutation // random changes to the second one; nil for none
}

// fill makes one side. What was run comes out.
func (g *growth) fill(ctx context.Context, db *sql.DB, n int) ([]string, error) {
	done := grow(ctx, db, g.seeds[n])
	if n == 0 || g.then == nil {
		return done, nil
	}
	s, err := catalog.Read(ctx, db)
	if err != nil {
		return done, err
	}
	changes, err := mutate(ctx, db, s, *g.then)
	return append(done, changes...), err
}

// growths are pairs of random schemas: the second is the first after random
// changes or, with every other seed, one of its own. Names come from a short
// list, so that two schemas have much of the same name and little alike.
func growths(number int, first mutation) []pair {
	var pairs []pair
	for n := range number {
		m := first
		m.seed += uint64(n)
		g := &growth{seeds: [2]uint64{m.seed, m.seed}, then: &m}
		if m.seed%2 == 0 {
			g.seeds[1], g.then = m.seed+1_000_000, nil
		}
		pairs = append(pairs, pair{name: fmt.Sprintf("random__%d", m.seed), grown: g})
	}
	return pairs
}

// grow fills a database with a random schema: what the server refuses is left out.
func grow(ctx context.Context, db *sql.DB, seed uint64) []string {
	g := &gardener{random: rand.New(rand.NewPCG(seed, 2))}
	var done []string
	for _, stage := range []struct {
		templates []string
		tries     int
	}{{foundations[:2], 4}, {foundations, 14}, {tables, 16}, {additions, 60}} {
		for range stage.tries {
			statement := g.fill(one(g.random, stage.templates...))
			if _, err := db.ExecContext(ctx, statement); err != nil {
				continue
			}
			done = append(done, statement)
			g.have = g.have[:0]
			if rows, err := db.QueryContext(ctx, relations); err == nil {
				for name := ""; rows.Next() && rows.Scan(&name) == nil; {
					g.have = append(g.have, name)
				}
				_ = rows.Close()
			}
		}
	}
	return done
}

const relations = `SELECT format('%I.%I', n.nspname, c.relname) FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
	WHERE c.oid >= 16384 AND c.relkind IN ('r', 'p', 'f', 'v', 'm') AND n.nspname !~ '^pg_' ORDER BY 1`

// gardener fills templates. Tables are mostly those that are there.
type gardener struct {
	random *rand.Rand
	have   []string
}

// slots are what a template leaves open: ‹table›, ‹column› and so on.
var slots = regexp.MustCompile(`‹(\w+)›`)

// fill fills a template. The same slot with a number is filled alike.
func (g *gardener) fill(template string) string {
	known := map[string]string{}
	return slots.ReplaceAllStringFunc(template, func(slot string) string {
		key := slot[len("‹") : len(slot)-len("›")]
		if _, ok := known[key]; !ok {
			kind := kindOf(key)
			value := g.fill(one(g.random, fillings[kind]...))
			if kind == "table" && len(g.have) > 0 && g.random.IntN(4) > 0 {
				value = one(g.random, g.have...)
			}
			if kind == key {
				return value
			}
			known[key] = value
		}
		return known[key]
	})
}

// kindOf is what a slot is filled with: its key without the number.
func kindOf(key string) string { return strings.TrimRight(key, "0123456789") }

var fillings = map[string][]string{
	"schema": {"public", "public", `s1`, `"S. 2"`},
	"name":   {"a", "b", "c", `"select"`, `"Mixed Case"`, `"q""uo'te"`, `"dot.ted"`, `"ünï"`, `a_name_of_sixty_three_bytes_so_that_whatever_is_added_to_it_is_cut`},
	"table":  {"‹schema›.‹name›"},
	"column": {"x", "y", "z", `"Order"`, `"w w"`},
	"type": {
		"int", "bigint", "text", "varchar(20)", "numeric(8,2)", "timestamptz", "date", "jsonb", "text[]", "boolean", "tsvector", "int4range",
		"‹schema›.e1", "‹schema›.e2", "‹schema›.d1", "‹schema›.d2", "‹schema›.k1", "‹schema›.e1[]", "‹schema›.r1",
	},
	"default":  {"", "", "", " NOT NULL", " DEFAULT NULL", " GENERATED ALWAYS AS IDENTITY", " UNIQUE", " COLLATE \"C\"", " DEFAULT '1'", " DEFAULT '1' NOT NULL", " CHECK (‹column› IS NOT NULL)"},
	"values":   {"'1', 'b', 'c'", "'1', 'c'", "'c', '1', 'new'", "'z', '1'"},
	"verb":     {"CASCADE", "RESTRICT", "SET NULL", "SET DEFAULT", "NO ACTION"},
	"word":     {"one", "it''s", "two\nlines", "ünï"},
	"role":     {"PUBLIC", "pg_monitor", "pg_read_all_data WITH GRANT OPTION"},
	"volatile": {"IMMUTABLE", "STABLE", "VOLATILE STRICT", "IMMUTABLE PARALLEL SAFE"},
	"number":   {"1", "2", "7", "40"},
	"columns":  {"(x ‹type›‹default›, y ‹type›‹default›, z ‹type›‹default›)", `(x int, y text, "Order" ‹type›‹default›)`, "(x int PRIMARY KEY, y int NOT NULL, z text‹default›)", `("w w" ‹type›‹default›, x bigserial, y ‹type›)`},
}

var foundations = []string{
	"CREATE SCHEMA s1", `CREATE SCHEMA "S. 2"`, "CREATE SCHEMA s1; CREATE TYPE s1.e1 AS ENUM (‹values›)",
	"CREATE TYPE ‹schema›.e1 AS ENUM (‹values›)", "CREATE TYPE ‹schema›.e2 AS ENUM (‹values›)",
	"CREATE DOMAIN ‹schema›.d1 AS text‹default›", "CREATE DOMAIN ‹schema›.d1 AS text CHECK (VALUE <> '‹word›') DEFAULT 'q'", "CREATE DOMAIN ‹schema›.d2 AS int CHECK (VALUE > ‹number›) NOT NULL",
	"CREATE TYPE ‹schema›.k1 AS (p ‹type›, q text)", "CREATE TYPE ‹schema›.r1 AS RANGE (subtype = ‹type›)",
	"CREATE FUNCTION ‹schema›.f1(a int) RETURNS int LANGUAGE sql ‹volatile› AS 'SELECT a + ‹number›'",
	"CREATE FUNCTION ‹schema›.f1(a int, b int DEFAULT 2) RETURNS bigint LANGUAGE sql ‹volatile› AS 'SELECT 1::bigint'",
	"CREATE FUNCTION ‹schema›.f2(a ‹type›) RETURNS text LANGUAGE sql ‹volatile› AS $$ SELECT '‹word›'::text $$",
	"CREATE FUNCTION ‹schema›.t1() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NEW; END'",
	"CREATE SEQUENCE ‹schema›.q1 INCREMENT ‹number› CACHE ‹number›", "CREATE SEQUENCE ‹schema›.q1 AS smallint CYCLE",
	"CREATE TEXT SEARCH CONFIGURATION ‹schema›.ts1 (COPY = simple)", "CREATE TEXT SEARCH DICTIONARY ‹schema›.dict (TEMPLATE = simple, accept = false)",
	"CREATE FOREIGN DATA WRAPPER w1; CREATE SERVER sv1 FOREIGN DATA WRAPPER w1", "CREATE COLLATION ‹schema›.co1 FROM \"C\"",
	"ALTER DEFAULT PRIVILEGES IN SCHEMA ‹schema› GRANT SELECT ON TABLES TO pg_monitor", "ALTER DEFAULT PRIVILEGES GRANT ALL ON SEQUENCES TO pg_monitor",
	"ALTER DEFAULT PRIVILEGES REVOKE EXECUTE ON FUNCTIONS FROM PUBLIC",
}

var tables = []string{
	"CREATE TABLE ‹table› ‹columns›", "CREATE TABLE ‹table› ‹columns›", "CREATE UNLOGGED TABLE ‹table› ‹columns› WITH (fillfactor = ‹number›0)",
	"CREATE TABLE ‹table› ‹columns› INHERITS (‹table›)", "CREATE TABLE ‹table› (z text) INHERITS (‹table›)", "CREATE TABLE ‹table› () INHERITS (‹table›, ‹table›)",
	"CREATE TABLE ‹table1› (x int, y text, z date NOT NULL‹default›) PARTITION BY RANGE (‹column›)",
	"CREATE TABLE ‹table1› (x int, y text, z int) PARTITION BY LIST (y); CREATE TABLE ‹table2› PARTITION OF ‹table1› FOR VALUES IN ('‹word›'); CREATE TABLE ‹table3› PARTITION OF ‹table1› DEFAULT",
	"CREATE TABLE ‹table1› (x int PRIMARY KEY, y int) PARTITION BY HASH (x); CREATE TABLE ‹table2› PARTITION OF ‹table1› FOR VALUES WITH (modulus ‹number›, remainder 0) PARTITION BY RANGE (x); CREATE TABLE ‹table3› PARTITION OF ‹table2› FOR VALUES FROM (MINVALUE) TO (‹number›)",
	"CREATE TABLE ‹table2› PARTITION OF ‹table› FOR VALUES FROM (‹number›) TO (100)", "CREATE TABLE ‹table2› PARTITION OF ‹table› DEFAULT",
	"CREATE TABLE ‹table› OF ‹schema›.k1", "CREATE FOREIGN TABLE ‹table› (x int, y text) SERVER sv1 OPTIONS (o '‹word›')",
	"CREATE TABLE ‹table› ‹columns›", "CREATE TABLE ‹table› (LIKE ‹table› INCLUDING ALL)",
}

var additions = []string{
	"CREATE VIEW ‹table› AS SELECT * FROM ‹table›", "CREATE VIEW ‹table› AS SELECT p.x, q.ctid AS y FROM ‹table› p, ‹table› q", "CREATE VIEW ‹table› AS SELECT x, count(*) AS y FROM ‹table› GROUP BY x",
	"CREATE VIEW ‹table› WITH (security_barrier) AS SELECT ‹schema›.f1(x) AS x, ‹column› FROM ‹table›", "CREATE MATERIALIZED VIEW ‹table1› AS SELECT x, ‹column› AS v FROM ‹table›; CREATE UNIQUE INDEX ON ‹table1› (x)",
	"CREATE INDEX ON ‹table› (‹column›)", "CREATE UNIQUE INDEX ON ‹table› (‹column›, ‹column› DESC NULLS LAST)", "CREATE INDEX ON ‹table› (‹column›) WHERE ‹column› IS NOT NULL",
	"CREATE INDEX ON ‹table› USING hash (‹column›)", "CREATE INDEX ON ‹table› USING gin (‹column›) WITH (fastupdate = off)", "CREATE INDEX ON ‹table› USING gist (‹column›)", "CREATE INDEX ON ‹table› USING brin (‹column›) WITH (pages_per_range = ‹number›)",
	"CREATE INDEX ‹name› ON ‹table› (‹schema›.f1(x)) INCLUDE (‹column›)", "CREATE INDEX ON ‹table› (y text_pattern_ops, (x + 1))", "CREATE UNIQUE INDEX ON ‹table› (‹column›) NULLS NOT DISTINCT",
	"ALTER TABLE ‹table› ADD PRIMARY KEY (‹column›)", "ALTER TABLE ‹table› ADD CONSTRAINT ‹name› UNIQUE (‹column›, ‹column›) DEFERRABLE INITIALLY DEFERRED", "ALTER TABLE ‹table› ADD CONSTRAINT ‹name› CHECK (‹column› IS NOT NULL)",
	"ALTER TABLE ‹table› ADD CHECK (‹schema›.f1(x) > ‹number›) NOT VALID", "ALTER TABLE ‹table› ADD CHECK (x <> ‹number›) NO INHERIT", "ALTER TABLE ‹table› ADD EXCLUDE USING gist (‹column› WITH &&)", "ALTER TABLE ‹table› ADD EXCLUDE (‹column› WITH =) WHERE (x > ‹number›)",
	"ALTER TABLE ‹table› ADD FOREIGN KEY (‹column›) REFERENCES ‹table› ON DELETE ‹verb› ON UPDATE ‹verb›", "ALTER TABLE ‹table› ADD FOREIGN KEY (x) REFERENCES ‹table› (x) MATCH FULL DEFERRABLE", "ALTER TABLE ‹table1› ADD CONSTRAINT ‹name› FOREIGN KEY (y) REFERENCES ‹table1› NOT VALID",
	"ALTER TABLE ‹table› ALTER COLUMN x SET DEFAULT ‹schema›.f1(‹number›)", "ALTER TABLE ‹table› ALTER COLUMN x SET DEFAULT nextval('‹schema›.q1')", "ALTER SEQUENCE ‹schema›.q1 OWNED BY ‹table›.‹column›",
	"ALTER TABLE ‹table› ADD COLUMN ‹column› ‹type›‹default›", "ALTER TABLE ‹table› ADD COLUMN g text GENERATED ALWAYS AS (‹schema›.f1(x)::text || y) STORED", "ALTER TABLE ‹table› ADD COLUMN g int GENERATED ALWAYS AS (x * ‹number›) STORED",
	"ALTER TABLE ‹table› INHERIT ‹table›", "ALTER TABLE ‹table› ALTER COLUMN ‹column› SET STORAGE EXTERNAL", "ALTER TABLE ‹table› ALTER COLUMN ‹column› SET STATISTICS ‹number›", "ALTER TABLE ‹table› ALTER COLUMN y SET COMPRESSION pglz",
	"CREATE TRIGGER ‹name› BEFORE INSERT OR UPDATE OF ‹column› ON ‹table› FOR EACH ROW WHEN (NEW.‹column› IS NOT NULL) EXECUTE FUNCTION ‹schema›.t1()", "CREATE CONSTRAINT TRIGGER ‹name› AFTER INSERT ON ‹table› DEFERRABLE FOR EACH ROW EXECUTE FUNCTION ‹schema›.t1()", "ALTER TABLE ‹table› DISABLE TRIGGER USER",
	"CREATE RULE ‹name› AS ON UPDATE TO ‹table› DO ALSO NOTHING", "ALTER TABLE ‹table› ENABLE ROW LEVEL SECURITY", "CREATE POLICY ‹name› ON ‹table› FOR SELECT TO pg_monitor USING (‹schema›.f1(x) > ‹number›)", "CREATE POLICY ‹name› ON ‹table› AS RESTRICTIVE USING (true) WITH CHECK (‹column› IS NOT NULL)",
	"GRANT SELECT, UPDATE ON ‹table› TO ‹role›", "GRANT UPDATE (‹column›) ON ‹table› TO ‹role›", "REVOKE ALL ON ‹table› FROM CURRENT_USER", "GRANT USAGE ON SCHEMA ‹schema› TO ‹role›", "REVOKE EXECUTE ON FUNCTION ‹schema›.f1(int) FROM PUBLIC", "GRANT USAGE ON TYPE ‹schema›.e1 TO ‹role›", "ALTER TABLE ‹table› OWNER TO pg_monitor",
	"COMMENT ON TABLE ‹table› IS '‹word›'", "COMMENT ON COLUMN ‹table›.‹column› IS '‹word›'", "COMMENT ON TYPE ‹schema›.e1 IS '‹word›'", "COMMENT ON FUNCTION ‹schema›.f1(int) IS '‹word›'",
	"CREATE PUBLICATION ‹name› FOR TABLE ‹table› WHERE (x > ‹number›)", "CREATE PUBLICATION ‹name› FOR TABLES IN SCHEMA ‹schema› WITH (publish = 'insert')", "CREATE PUBLICATION ‹name› FOR TABLE ‹table› (x, ‹column›)",
	"CREATE STATISTICS ‹table› ON x, ‹column› FROM ‹table›", "CREATE STATISTICS ‹table› (mcv) ON (x + 1), y FROM ‹table›",
	"ALTER TEXT SEARCH CONFIGURATION ‹schema›.ts1 ALTER MAPPING FOR word WITH ‹schema›.dict", "CREATE INDEX ON ‹table› USING gin (to_tsvector('‹schema›.ts1'::regconfig, y))",
	"CREATE AGGREGATE ‹schema›.agg1(int) (SFUNC = int4pl, STYPE = int, INITCOND = '‹number›')", "CREATE CAST (‹schema›.e1 AS int) WITH FUNCTION ‹schema›.f3(‹schema›.e1)", "CREATE FUNCTION ‹schema›.f3(‹schema1›.e1) RETURNS int LANGUAGE sql IMMUTABLE AS 'SELECT 1'; CREATE CAST (‹schema1›.e1 AS int) WITH FUNCTION ‹schema›.f3(‹schema1›.e1)",
	"CREATE CAST (‹schema›.k1 AS text) WITH INOUT AS ASSIGNMENT", "CREATE OPERATOR ‹schema›.=== (LEFTARG = int, RIGHTARG = int, FUNCTION = int4eq)", "CREATE EVENT TRIGGER ‹name› ON ddl_command_start EXECUTE FUNCTION ‹schema›.ev1()",
	"CREATE FUNCTION ‹schema›.ev1() RETURNS event_trigger LANGUAGE plpgsql AS 'BEGIN END'", "CREATE PROCEDURE ‹schema›.p1(INOUT a ‹type›) LANGUAGE plpgsql AS 'BEGIN END'", "CREATE FUNCTION ‹schema›.f4(‹table›) RETURNS SETOF ‹table› LANGUAGE sql AS 'SELECT NULL'",
	"ALTER TABLE ‹table› REPLICA IDENTITY FULL", "CREATE FUNCTION ‹schema›.f5(a int) RETURNS int LANGUAGE sql BEGIN ATOMIC SELECT ‹schema›.f1(a) + count(*)::int FROM ‹table›; END",
}
