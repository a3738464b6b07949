-- case: values added while columns default to them
CREATE TYPE e AS ENUM ('a', 'b');
CREATE TABLE t (id int, s e DEFAULT 'a' NOT NULL, h e[] DEFAULT '{a}');
CREATE VIEW v AS SELECT id FROM t WHERE s = 'b';
-- to
CREATE TYPE e AS ENUM ('first', 'a', 'mid', 'b', 'last');
CREATE TABLE t (id int, s e DEFAULT 'first' NOT NULL, h e[] DEFAULT '{mid,last}');
CREATE VIEW v AS SELECT id FROM t WHERE s = 'last';
-- case: value removed under views, functions, checks and indexes
CREATE TYPE e AS ENUM ('a', 'b', 'c');
CREATE TABLE t (id int PRIMARY KEY, s e DEFAULT 'a' NOT NULL, CHECK (s <> 'b'));
CREATE INDEX ON t (s) WHERE s = 'a';
CREATE VIEW v AS SELECT id, s FROM t WHERE s = 'a';
CREATE MATERIALIZED VIEW mv AS SELECT s, count(*) FROM t GROUP BY s;
CREATE FUNCTION f(x e) RETURNS e LANGUAGE sql IMMUTABLE AS 'SELECT x';
CREATE POLICY p ON t USING (s = 'a');
-- to
CREATE TYPE e AS ENUM ('a', 'b');
CREATE TABLE t (id int PRIMARY KEY, s e DEFAULT 'a' NOT NULL, CHECK (s <> 'b'));
CREATE INDEX ON t (s) WHERE s = 'a';
CREATE VIEW v AS SELECT id, s FROM t WHERE s = 'a';
CREATE MATERIALIZED VIEW mv AS SELECT s, count(*) FROM t GROUP BY s;
CREATE FUNCTION f(x e) RETURNS e LANGUAGE sql IMMUTABLE AS 'SELECT x';
CREATE POLICY p ON t USING (s = 'a');
-- case: reordered in arrays and defaults
CREATE TYPE e AS ENUM ('low', 'high', 'mid');
CREATE TABLE t (a e[] DEFAULT ARRAY['low'::e], b e DEFAULT 'mid');
-- to
CREATE TYPE e AS ENUM ('low', 'mid', 'high');
CREATE TABLE t (a e[] DEFAULT ARRAY['low'::e], b e DEFAULT 'mid');
-- case: two enums swap their values
CREATE TYPE a AS ENUM ('x', 'y');
CREATE TYPE b AS ENUM ('p', 'q');
CREATE TABLE t (a a, b b);
-- to
CREATE TYPE a AS ENUM ('p', 'q');
CREATE TYPE b AS ENUM ('x', 'y');
CREATE TABLE t (a a, b b);
-- case: column goes from one enum to another
CREATE TYPE a AS ENUM ('x', 'y');
CREATE TABLE t (c a DEFAULT 'x');
-- to
CREATE TYPE a AS ENUM ('x', 'y');
CREATE TYPE b AS ENUM ('x', 'y', 'z');
CREATE TABLE t (c b DEFAULT 'z');
-- case: with comment, owner's grants and many users
CREATE TYPE e AS ENUM ('a', 'b');
COMMENT ON TYPE e IS 'kinds';
REVOKE ALL ON TYPE e FROM PUBLIC;
CREATE TABLE t1 (e e);
CREATE TABLE t2 (e e NOT NULL, PRIMARY KEY (e));
CREATE TABLE t3 (e e REFERENCES t2);
-- to
CREATE TYPE e AS ENUM ('b', 'a');
COMMENT ON TYPE e IS 'kinds';
REVOKE ALL ON TYPE e FROM PUBLIC;
CREATE TABLE t1 (e e);
CREATE TABLE t2 (e e NOT NULL, PRIMARY KEY (e));
CREATE TABLE t3 (e e REFERENCES t2);
-- case: partition key is an enum that is rebuilt
CREATE TYPE e AS ENUM ('a', 'b', 'c');
CREATE TABLE t (e e, v int) PARTITION BY LIST (e);
CREATE TABLE ta PARTITION OF t FOR VALUES IN ('a');
CREATE TABLE tb PARTITION OF t FOR VALUES IN ('b');
-- to
CREATE TYPE e AS ENUM ('a', 'b');
CREATE TABLE t (e e, v int) PARTITION BY LIST (e);
CREATE TABLE ta PARTITION OF t FOR VALUES IN ('a');
CREATE TABLE tb PARTITION OF t FOR VALUES IN ('b');
-- case: used by a composite, a domain, a range-like function and a procedure
CREATE TYPE e AS ENUM ('a', 'b', 'c');
CREATE TYPE c AS (e e, n int);
CREATE DOMAIN d AS e CHECK (VALUE <> 'b');
CREATE TABLE t (c c, d d, cs c[]);
CREATE PROCEDURE p(x e, y d) LANGUAGE sql AS 'SELECT 1';
CREATE FUNCTION g() RETURNS TABLE (x e, n int) LANGUAGE sql AS 'SELECT NULL::e, 1';
-- to
CREATE TYPE e AS ENUM ('c', 'a');
CREATE TYPE c AS (e e, n int);
CREATE DOMAIN d AS e CHECK (VALUE <> 'a');
CREATE TABLE t (c c, d d, cs c[]);
CREATE PROCEDURE p(x e, y d) LANGUAGE sql AS 'SELECT 1';
CREATE FUNCTION g() RETURNS TABLE (x e, n int) LANGUAGE sql AS 'SELECT NULL::e, 1';
-- case: moves to another schema and changes
CREATE SCHEMA s;
CREATE TYPE e AS ENUM ('a', 'b');
CREATE TABLE t (e e DEFAULT 'a');
-- to
CREATE SCHEMA s;
CREATE TYPE s.e AS ENUM ('a', 'c');
CREATE TABLE t (e s.e DEFAULT 'c');
-- case: enum and its column go together with an index
CREATE TYPE e AS ENUM ('a', 'b');
CREATE TABLE t (id int, e e);
CREATE INDEX ON t (e, id);
CREATE FUNCTION f(e) RETURNS int LANGUAGE sql AS 'SELECT 1';
-- to
CREATE TABLE t (id int);
-- case: empty enum gets values
CREATE TYPE e AS ENUM ();
CREATE TABLE t (e e);
-- to
CREATE TYPE e AS ENUM ('a', 'b');
CREATE TABLE t (e e DEFAULT 'b');
