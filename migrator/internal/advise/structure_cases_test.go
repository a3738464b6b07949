package advise_test

// Tables that no other rule's condition touches, for brevity.
const (
	parents = "CREATE TABLE parents (id bigint PRIMARY KEY); "
	pair    = "CREATE TABLE pairs (a int, b int, PRIMARY KEY (a, b)); "
)

func structureCases() []ruleCase {
	return []ruleCase{
		{
			rule: "no-primary-key", bad: "CREATE TABLE logs (id text, message text)",
			finds: []string{"table logs has no primary key"},
			good:  "CREATE TABLE logs (id text PRIMARY KEY); CREATE VIEW v AS SELECT 1 AS x",
		},
		{
			rule: "no-primary-key", bad: "CREATE TABLE tags (name text NOT NULL UNIQUE, other text); CREATE TABLE words (name text NOT NULL); CREATE UNIQUE INDEX ON words (name)",
			finds: []string{"table tags has no primary key", "table words has no primary key"},
			good:  "CREATE TABLE p (id int, at date, PRIMARY KEY (id, at)) PARTITION BY RANGE (at); CREATE TABLE p1 PARTITION OF p FOR VALUES FROM ('2020-01-01') TO ('2021-01-01')",
		},
		{
			rule: "no-primary-key", bad: parents + "CREATE TABLE links (a bigint NOT NULL REFERENCES parents, b bigint NOT NULL REFERENCES parents)",
			finds: []string{"table links has no primary key"}, good: pair,
		},
		{
			rule: "fk-without-index", bad: parents + `CREATE TABLE "Child's" (id int PRIMARY KEY, "p""x" bigint REFERENCES parents); CREATE INDEX ON "Child's" ("p""x") WHERE id > 5`,
			finds: []string{`foreign key Child's_p"x_fkey has no index on Child's.p"x`},
			good:  parents + "CREATE TABLE children (id int PRIMARY KEY, p bigint REFERENCES parents, q int); CREATE INDEX ON children (p, q)",
		},
		{
			rule: "fk-without-index", bad: pair + "CREATE TABLE c (id int PRIMARY KEY, x int, y int, FOREIGN KEY (x, y) REFERENCES pairs); CREATE INDEX ON c (x)",
			finds: []string{"foreign key c_x_y_fkey has no index on c (x, y)"},
			good:  pair + "CREATE TABLE c (id int PRIMARY KEY, x int, y int, z int, FOREIGN KEY (x, y) REFERENCES pairs); CREATE INDEX ON c (y, x, z)",
		},
		{
			rule: "fk-without-index", bad: parents + "CREATE SCHEMA s; CREATE TABLE s.c (id int, p bigint REFERENCES parents) PARTITION BY LIST (id); CREATE TABLE s.c1 PARTITION OF s.c FOR VALUES IN (1)",
			finds: []string{"foreign key c_p_fkey has no index on s.c.p"},
			good:  parents + "CREATE TABLE c (id bigint PRIMARY KEY REFERENCES parents)",
		},
		{
			rule: "fk-without-index", bad: pair + "CREATE TABLE c (x int, y int, z int, FOREIGN KEY (x, y) REFERENCES pairs); CREATE INDEX given ON c (x, y) WHERE x IS NOT NULL AND y IS NOT NULL", says: "the partial index given holds all that reference something",
			finds: []string{"foreign key c_x_y_fkey has no index on c (x, y)"},
			good:  parents + "CREATE TABLE c (p bigint REFERENCES parents); CREATE INDEX ON c USING hash (p)",
		},
		{
			rule: "fk-type-mismatch", bad: parents + "CREATE TABLE c (p int REFERENCES parents)",
			finds: []string{"c.p is integer and references parents.id, which is bigint"},
			good:  parents + "CREATE TABLE c (p bigint REFERENCES parents)",
		},
		{
			rule: "fk-type-mismatch", bad: "CREATE TABLE p (id int PRIMARY KEY); CREATE TABLE c (p bigint REFERENCES p)",
			finds: []string{"c.p is bigint and references p.id, which is integer"},
			good:  "CREATE TABLE p (code varchar(3) PRIMARY KEY); CREATE TABLE c (p varchar(5) REFERENCES p)",
		},
		{
			rule: "duplicate-index", bad: "CREATE TABLE t (a int, b int); CREATE INDEX one ON t (a, b); CREATE INDEX two ON t (a, b)",
			finds: []string{"index two is a duplicate of one"},
			good:  "CREATE TABLE t (a int, b text); CREATE INDEX one ON t (a, b); CREATE INDEX two ON t (b, a); CREATE INDEX three ON t (a, b DESC); CREATE INDEX four ON t (a, b) WHERE a > 1; CREATE INDEX five ON t (a, b text_pattern_ops)",
		},
		{
			rule: "duplicate-index", bad: "CREATE TABLE t (id int PRIMARY KEY); ALTER TABLE t ADD UNIQUE (id)",
			finds: []string{"index t_id_key is a duplicate of t_pkey"},
			good:  "CREATE TABLE t (id int PRIMARY KEY); CREATE INDEX ON t USING hash (id)",
		},
		{
			rule: "duplicate-index", bad: "CREATE TABLE t (id int PRIMARY KEY, a int); CREATE INDEX again ON t (id); CREATE UNIQUE INDEX kept ON t (a); CREATE INDEX below ON t (a)",
			finds: []string{"index again is a duplicate of t_pkey", "index below is a duplicate of kept"},
			good:  "CREATE TABLE t (a int, b int); CREATE UNIQUE INDEX ON t (a); CREATE INDEX ON t (a) INCLUDE (b); CREATE INDEX ON t (a) WHERE b > 1",
		},
		{
			rule: "redundant-index", bad: "CREATE TABLE t (a int, b int); CREATE INDEX short ON t (a); CREATE INDEX long ON t (a, b)",
			finds: []string{"index short is redundant: long begins with the same columns"},
			good:  "CREATE TABLE t (a int, b int); CREATE UNIQUE INDEX short ON t (a); CREATE INDEX long ON t (a, b); CREATE INDEX second ON t (b); CREATE INDEX part ON t (b, a) WHERE a > 1",
		},
		{
			rule: "redundant-index", bad: "CREATE TABLE t (a int, b int); CREATE INDEX a1 ON t (a); CREATE INDEX a2 ON t (a DESC); CREATE INDEX a3 ON t (a DESC) INCLUDE (b); CREATE TABLE u (a int, b int); CREATE UNIQUE INDEX z ON u (a DESC); CREATE INDEX a ON u (a)",
			finds: []string{"index a1 is redundant: a3 holds the same columns and more beside", "index a2 is redundant: a1 holds the same columns, and an index is read in both directions", "index a is redundant: z holds the same columns, and an index is read in both directions"},
			good:  "CREATE TABLE t (a int, b int); CREATE INDEX ON t (a, b DESC); CREATE INDEX ON t (a, b); CREATE INDEX ON t (b DESC NULLS LAST); CREATE INDEX ON t (b)",
		},
		{
			rule: "nullable-unique", bad: "CREATE TABLE t (a int, b int NOT NULL, UNIQUE (a, b))",
			finds: []string{"unique key t_a_b_key holds t.a, which may be NULL: such rows never collide"},
			good:  "CREATE TABLE t (a int NOT NULL, b int, UNIQUE (a)); CREATE UNIQUE INDEX ON t (a, b) WHERE b IS NOT NULL",
		},
		{
			rule: "float-amount", bad: "CREATE TABLE t (price real, total_net double precision)",
			finds: []string{"t (price, total_net) are real and double precision: sums of amounts go wrong in binary fractions, as 0.1 + 0.2 does"},
			good:  "CREATE TABLE t (price numeric, latitude real, feet real)",
		},
		{
			rule: "money-type", bad: "CREATE TABLE t (price money)", finds: []string{"t.price is money: its currency and its decimals depend on lc_monetary"},
			good: "CREATE TABLE t (price numeric)",
		},
		{
			rule: "char-type", bad: "CREATE TABLE t (code char(3) NOT NULL DEFAULT 'x')",
			finds: []string{"t.code is character: it pads with blanks, which comparisons ignore and length checks do not see"},
			good:  `CREATE TABLE t (code varchar(3), c "char")`,
		},
		{
			rule: "timestamp-without-time-zone", bad: "CREATE TABLE t (a timestamp DEFAULT now(), b timestamp(3), c date)",
			finds: []string{"t (a, b) are timestamp without time zone: what moment it means depends on who reads it"},
			good:  "CREATE TABLE t (a timestamptz, b date, c time)",
		},
		{
			rule: "timestamp-without-time-zone", bad: "CREATE TABLE t (a timestamp); CREATE VIEW v AS SELECT a FROM t", manual: true,
			finds: []string{"t.a is timestamp without time zone: what moment it means depends on who reads it"},
			good:  "CREATE VIEW v AS SELECT now()::timestamp AS a",
		},
		{
			rule: "json-type", bad: "CREATE TABLE t (doc json)", finds: []string{"t.doc is json: it is parsed again at each use, and takes neither an index nor ="},
			good: "CREATE TABLE t (doc jsonb)",
		},
		{
			rule: "varchar-without-length", bad: "CREATE TABLE t (name varchar)", finds: []string{"t.name is character varying: without a length it is text by another name"},
			good: "CREATE TABLE t (name varchar(20), other text)",
		},
		{
			rule: "serial-column", bad: "CREATE TABLE t (id serial, n int); INSERT INTO t (n) SELECT generate_series(1, 7)",
			finds: []string{"t.id is a serial column; identity does the same by the standard"},
			good:  "CREATE SEQUENCE s; CREATE TABLE t (id int GENERATED ALWAYS AS IDENTITY, n int DEFAULT nextval('s'))",
		},
		{
			rule: "id-range", bad: "CREATE TABLE p (id serial PRIMARY KEY); CREATE TABLE c (p int REFERENCES p); CREATE TABLE s (id smallint PRIMARY KEY)",
			finds: []string{"primary key p.id is integer, which ends at 2147483647", "primary key s.id is smallint, which ends at 32767"},
			good:  "CREATE TABLE p (id bigint PRIMARY KEY); CREATE TABLE u (id uuid PRIMARY KEY); CREATE TABLE c (a int, b int, PRIMARY KEY (a, b))",
		},
		{
			rule: "fk-look-alike", bad: "CREATE TABLE users (id int PRIMARY KEY); CREATE TABLE t (user_id int, trace_id uuid)",
			finds: []string{"t.user_id looks like a reference, but is no foreign key and has no index", "t.trace_id looks like a reference, but is no foreign key and has no index"},
			good: "CREATE TABLE t (user_id int, id int, valid boolean, paid int); CREATE INDEX ON t (user_id); CREATE TABLE payments (day date, payment_id int, PRIMARY KEY (day, payment_id)); " +
				parents + "CREATE TABLE p (day date, parent_id bigint, other_id int) PARTITION BY LIST (day); CREATE TABLE p1 PARTITION OF p (other_id) FOR VALUES IN ('2026-01-01'); ALTER TABLE p1 ADD FOREIGN KEY (parent_id) REFERENCES parents; CREATE INDEX ON p1 (other_id)",
		},
		{
			rule: "mixed-case-name", bad: `CREATE TABLE "OrderItems" (id int, "unitPrice" int, "HTTPStatus" int)`,
			finds: []string{`column name OrderItems."unitPrice" must be quoted wherever it is written`, `column name OrderItems."HTTPStatus" must be quoted wherever it is written`, `table name "OrderItems" must be quoted wherever it is written`},
			good:  `CREATE TABLE OrderItems (UnitPrice int, größe int)`,
		},
		{
			rule: "reserved-name", bad: `CREATE TABLE "user" (id int, "order" int)`,
			finds: []string{`column name user."order" is a reserved word and must be quoted`, `table name "user" is a reserved word and must be quoted`},
			good:  `CREATE TABLE users (value int, name text, position int, "time" time)`,
		},
		{
			rule: "mixed-plural", bad: "CREATE TABLE orders (); CREATE TABLE users (); CREATE TABLE cities (); CREATE TABLE boxes (); CREATE TABLE product ()",
			finds: []string{"table product breaks with the plural names of the others"},
			good:  "CREATE TABLE orders (); CREATE TABLE users (); CREATE TABLE cities (); CREATE TABLE status (); CREATE TABLE news (); CREATE TABLE user_deleted (); CREATE TABLE feedback ()",
		},
		{
			rule: "mixed-plural", bad: "CREATE TABLE customer (); CREATE TABLE city (); CREATE TABLE feed (); CREATE TABLE box (); CREATE TABLE products ()",
			finds: []string{"table products breaks with the singular names of the others"},
			good:  "CREATE TABLE customer (); CREATE TABLE city (); CREATE TABLE feed (); CREATE TABLE box (); CREATE TABLE billofmaterials ()",
		},
		{
			rule: "no-timestamps", bad: "CREATE TABLE t (id int, created_at timestamptz)", finds: []string{"table t has no updated_at"},
			good: "CREATE TABLE t (id int, created date, modified_at timestamptz); " + parents[:0] + "CREATE TABLE schema_migrations (version text)",
		},
	}
}

func dataCases() []ruleCase {
	return []ruleCase{
		{
			rule:  "invalid-index",
			bad:   "CREATE TABLE t (a int); INSERT INTO t VALUES (1); CREATE INDEX broken ON t (a); UPDATE pg_index SET indisvalid = false WHERE indexrelid = 'broken'::regclass",
			finds: []string{"index broken is invalid: no query uses it, every write maintains it"},
			good:  "CREATE TABLE t (a int); CREATE INDEX sound ON t (a)",
		},
		{
			rule:  "sequence-range",
			bad:   "CREATE TABLE t (id smallserial); SELECT setval('t_id_seq', 30000)",
			finds: []string{"sequence t_id_seq runs out"},
			good:  "CREATE SEQUENCE s AS smallint; SELECT setval('s', 16000); CREATE SEQUENCE r AS smallint CYCLE; SELECT setval('r', 32000)",
		},
		{
			rule:  "missing-not-null",
			bad:   "CREATE TABLE t (a int, b int); INSERT INTO t SELECT n, nullif(n % 2, 0) FROM generate_series(1, 1000) n; ANALYZE",
			finds: []string{"a of t may be NULL and never is"},
			good:  "CREATE TABLE t (a int NOT NULL); INSERT INTO t SELECT generate_series(1, 1000); CREATE TABLE few (a int); INSERT INTO few VALUES (1); ANALYZE",
		},
		{
			rule:  "enum-like-text",
			bad:   "CREATE TABLE t (status text, flag varchar(1) NOT NULL); INSERT INTO t SELECT (ARRAY['new', 'it''s', 'paid'])[1 + n % 3], (ARRAY['Y', 'N'])[1 + n % 2] FROM generate_series(1, 3000) n; ANALYZE",
			finds: []string{"t.status is an enumeration that nothing enforces", "t.flag is a boolean in text"},
			good:  "CREATE TABLE t (status text CHECK (status IN ('a', 'b')), name text); INSERT INTO t SELECT (ARRAY['a', 'b'])[1 + n % 2], 'name ' || n FROM generate_series(1, 3000) n; ANALYZE",
		},
	}
}
