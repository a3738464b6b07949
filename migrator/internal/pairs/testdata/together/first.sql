-- case: enum used in new default in one go
CREATE TYPE e AS ENUM ('a');
CREATE TABLE t (x e DEFAULT 'a', y text CHECK (y IN ('a','b')));
CREATE FUNCTION f(x e DEFAULT 'a') RETURNS e LANGUAGE sql AS 'SELECT x';
-- to
CREATE TYPE e AS ENUM ('a', 'b');
CREATE TABLE t (x e DEFAULT 'b', y text CHECK (y IN ('a','b','c')), CHECK (x <> 'b'));
CREATE FUNCTION f(x e DEFAULT 'b') RETURNS e LANGUAGE sql AS 'SELECT x';
CREATE INDEX i ON t (x) WHERE x = 'b';
-- case: domain used in array and check with function
CREATE DOMAIN d AS text;
CREATE TABLE t (a d[], b d);
-- to
CREATE FUNCTION ok(text) RETURNS boolean LANGUAGE sql IMMUTABLE AS 'SELECT true';
CREATE DOMAIN d AS varchar(20) CHECK (ok(VALUE));
CREATE TABLE t (a d[], b d);
-- case: materialized chain with index and unique and refresh
CREATE TABLE t (id int PRIMARY KEY, v varchar(5));
CREATE MATERIALIZED VIEW m1 AS SELECT id, v FROM t;
CREATE UNIQUE INDEX m1u ON m1 (id);
CREATE MATERIALIZED VIEW m2 AS SELECT v, count(*) FROM m1 GROUP BY v;
CREATE VIEW vv AS SELECT * FROM m2;
GRANT SELECT ON vv TO PUBLIC;
-- to
CREATE TABLE t (id bigint PRIMARY KEY, v text);
CREATE MATERIALIZED VIEW m1 AS SELECT id, v FROM t;
CREATE UNIQUE INDEX m1u ON m1 (id);
CREATE MATERIALIZED VIEW m2 AS SELECT v, count(*) FROM m1 GROUP BY v;
CREATE VIEW vv AS SELECT * FROM m2;
GRANT SELECT ON vv TO PUBLIC;
-- case: sql function bodies depend on each other and table
CREATE TABLE a (x int);
CREATE FUNCTION f1() RETURNS int LANGUAGE sql BEGIN ATOMIC SELECT x FROM a; END;
CREATE FUNCTION f2() RETURNS int LANGUAGE sql BEGIN ATOMIC SELECT f1(); END;
CREATE VIEW v AS SELECT f2();
-- to
CREATE TABLE a (x bigint, y int);
CREATE FUNCTION f1() RETURNS bigint LANGUAGE sql BEGIN ATOMIC SELECT x FROM a; END;
CREATE FUNCTION f2() RETURNS bigint LANGUAGE sql BEGIN ATOMIC SELECT f1(); END;
CREATE VIEW v AS SELECT f2();
-- case: procedure becomes function with same name, trigger on view
CREATE PROCEDURE p() LANGUAGE sql AS 'SELECT 1';
-- to
CREATE FUNCTION p() RETURNS int LANGUAGE sql AS 'SELECT 1';
-- case: serial table renamed pk and column type
CREATE TABLE t (id serial PRIMARY KEY, parent int REFERENCES t(id));
-- to
CREATE TABLE t (id bigserial PRIMARY KEY, parent bigint REFERENCES t(id) ON DELETE SET NULL);
-- case: partition with fk to partitioned and detach fk
CREATE TABLE p (id int PRIMARY KEY) PARTITION BY RANGE (id);
CREATE TABLE p1 PARTITION OF p FOR VALUES FROM (0) TO (10);
CREATE TABLE c (pid int REFERENCES p);
-- to
CREATE TABLE p (id bigint PRIMARY KEY) PARTITION BY RANGE (id);
CREATE TABLE p1 PARTITION OF p FOR VALUES FROM (0) TO (10);
CREATE TABLE p2 PARTITION OF p FOR VALUES FROM (10) TO (20);
CREATE TABLE c (pid bigint REFERENCES p ON DELETE CASCADE);
-- case: three level partition index
CREATE TABLE p (a int, b int) PARTITION BY RANGE (a);
CREATE TABLE p1 PARTITION OF p FOR VALUES FROM (0) TO (10) PARTITION BY LIST (b);
CREATE TABLE p11 PARTITION OF p1 FOR VALUES IN (1);
-- to
CREATE TABLE p (a int NOT NULL, b int NOT NULL, c text, PRIMARY KEY (a, b)) PARTITION BY RANGE (a);
CREATE TABLE p1 PARTITION OF p FOR VALUES FROM (0) TO (10) PARTITION BY LIST (b);
CREATE TABLE p11 PARTITION OF p1 FOR VALUES IN (1);
CREATE TABLE p12 PARTITION OF p1 FOR VALUES IN (2);
CREATE INDEX pi ON p (c);
-- case: generated depends on dropped column
CREATE TABLE t (a int, b int, g int GENERATED ALWAYS AS (a + b) STORED);
CREATE VIEW v AS SELECT g FROM t;
-- to
CREATE TABLE t (a int, g int GENERATED ALWAYS AS (a) STORED);
CREATE VIEW v AS SELECT g FROM t;
-- case: type moves schema
CREATE SCHEMA s;
CREATE TYPE s.e AS ENUM ('a');
CREATE TABLE t (x s.e DEFAULT 'a');
-- to
CREATE TYPE e AS ENUM ('a');
CREATE TABLE t (x e DEFAULT 'a');
-- case: view to function dependency swap
CREATE VIEW v AS SELECT 1 AS a;
CREATE FUNCTION f() RETURNS int LANGUAGE sql BEGIN ATOMIC SELECT a FROM v; END;
-- to
CREATE FUNCTION f() RETURNS int LANGUAGE sql AS 'SELECT 1';
CREATE VIEW v AS SELECT f() AS a;
-- case: policy depends on other table's column and function
CREATE TABLE u (id int, role text);
CREATE TABLE t (a int);
CREATE POLICY p ON t USING (EXISTS (SELECT 1 FROM u WHERE u.role = 'x'));
-- to
CREATE TYPE rr AS ENUM ('x');
CREATE TABLE u (id int, role rr);
CREATE TABLE t (a int);
CREATE POLICY p ON t USING (EXISTS (SELECT 1 FROM u WHERE u.role = 'x'));
-- case: check not null combined with inherited multi
CREATE TABLE a (x int); CREATE TABLE b (y int);
CREATE TABLE c () INHERITS (a, b);
-- to
CREATE TABLE a (x int NOT NULL CHECK (x > 0)); CREATE TABLE b (y bigint DEFAULT 3);
CREATE TABLE c (z int) INHERITS (a, b);
-- case: column dropped that is in a publication and statistics
CREATE TABLE t (a int PRIMARY KEY, b int, c int);
CREATE PUBLICATION p FOR TABLE t (a, b) WHERE (a > 0);
CREATE STATISTICS s ON a, b FROM t;
-- to
CREATE TABLE t (a bigint PRIMARY KEY, c int);
CREATE PUBLICATION p FOR TABLE t (a, c) WHERE (a > 0);
CREATE STATISTICS s ON a, c FROM t;
