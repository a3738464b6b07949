-- case: create
-- to
CREATE FUNCTION f(a int, b text DEFAULT 'x', VARIADIC c int[] DEFAULT '{}') RETURNS TABLE (x int, y text) LANGUAGE sql STABLE STRICT PARALLEL SAFE COST 5 ROWS 7 SET search_path = public AS $$SELECT a, b$$;
CREATE PROCEDURE p(INOUT a int) LANGUAGE plpgsql AS 'BEGIN a := 1; END';
CREATE FUNCTION w() RETURNS int LANGUAGE sql WINDOW AS 'SELECT 1';
COMMENT ON FUNCTION f(int, text, int[]) IS 'a function';
COMMENT ON PROCEDURE p(int) IS 'a procedure';
-- case: body and attributes
CREATE FUNCTION f(a int) RETURNS int LANGUAGE sql AS 'SELECT 1';
COMMENT ON FUNCTION f(int) IS 'x';
REVOKE ALL ON FUNCTION f(int) FROM PUBLIC;
-- to
CREATE FUNCTION f(a int) RETURNS int LANGUAGE plpgsql IMMUTABLE SECURITY DEFINER LEAKPROOF AS 'BEGIN RETURN 2; END';
COMMENT ON FUNCTION f(int) IS 'x';
-- case: argument renamed
CREATE FUNCTION f(a int) RETURNS int LANGUAGE sql AS 'SELECT 1';
GRANT EXECUTE ON FUNCTION f(int) TO CURRENT_USER WITH GRANT OPTION;
REVOKE ALL ON FUNCTION f(int) FROM PUBLIC;
COMMENT ON FUNCTION f(int) IS 'kept';
-- to
CREATE FUNCTION f(b int) RETURNS int LANGUAGE sql AS 'SELECT 1';
GRANT EXECUTE ON FUNCTION f(int) TO CURRENT_USER WITH GRANT OPTION;
REVOKE ALL ON FUNCTION f(int) FROM PUBLIC;
COMMENT ON FUNCTION f(int) IS 'kept';
-- case: return type with dependents
CREATE FUNCTION f() RETURNS int LANGUAGE sql IMMUTABLE AS 'SELECT 1';
CREATE TABLE t (a int DEFAULT f() CHECK (a > f()), b int GENERATED ALWAYS AS (f()) STORED);
CREATE INDEX i ON t ((a + f()));
CREATE VIEW v AS SELECT f() AS x;
CREATE POLICY p ON t USING (a = f());
-- to
CREATE FUNCTION f() RETURNS smallint LANGUAGE sql IMMUTABLE AS 'SELECT 1::smallint';
CREATE TABLE t (a int DEFAULT f() CHECK (a > f()), b int GENERATED ALWAYS AS (f()) STORED);
CREATE INDEX i ON t ((a + f()));
CREATE VIEW v AS SELECT f() AS x;
CREATE POLICY p ON t USING (a = f());
-- case: default removed
CREATE FUNCTION f(a int, b int DEFAULT 2) RETURNS int LANGUAGE sql AS 'SELECT 1';
-- to
CREATE FUNCTION f(a int, b int) RETURNS int LANGUAGE sql AS 'SELECT 1';
-- case: default added
CREATE FUNCTION f(a int, b int) RETURNS int LANGUAGE sql AS 'SELECT 1';
-- to
CREATE FUNCTION f(a int, b int DEFAULT 2) RETURNS int LANGUAGE sql AS 'SELECT 1';
-- case: overloads
CREATE FUNCTION f(int) RETURNS int LANGUAGE sql AS 'SELECT 1';
CREATE FUNCTION f(text) RETURNS int LANGUAGE sql AS 'SELECT 2';
-- to
CREATE FUNCTION f(text) RETURNS int LANGUAGE sql AS 'SELECT 3';
CREATE FUNCTION f(int, int) RETURNS int LANGUAGE sql AS 'SELECT 4';
-- case: function becomes procedure
CREATE FUNCTION f(int) RETURNS int LANGUAGE sql AS 'SELECT 1';
-- to
CREATE PROCEDURE f(int) LANGUAGE sql AS 'SELECT 1';
-- case: out arguments
CREATE FUNCTION f(a int, OUT b int) LANGUAGE sql AS 'SELECT 1';
-- to
CREATE FUNCTION f(a int, OUT b int, OUT c text) LANGUAGE sql AS 'SELECT 1, ''x''';
-- case: body in the standard's form
CREATE TABLE t (a int, b int);
CREATE FUNCTION f() RETURNS bigint LANGUAGE sql BEGIN ATOMIC SELECT count(b) FROM t; END;
-- to
CREATE TABLE t (a int, b bigint);
CREATE FUNCTION g() RETURNS int LANGUAGE sql RETURN 5;
CREATE FUNCTION f() RETURNS bigint LANGUAGE sql BEGIN ATOMIC SELECT count(b) + g() FROM t; END;
-- case: functions that call each other by text
-- to
CREATE FUNCTION a() RETURNS int LANGUAGE sql AS 'SELECT b()';
CREATE FUNCTION b() RETURNS int LANGUAGE sql AS 'SELECT a()';
-- case: takes a table's row
CREATE TABLE t (a int);
CREATE FUNCTION twice(t) RETURNS int LANGUAGE sql AS 'SELECT $1.a * 2';
-- to
CREATE TABLE t (a int, b text);
CREATE FUNCTION twice(t) RETURNS int LANGUAGE sql AS 'SELECT $1.a * 2';
CREATE FUNCTION all_t() RETURNS SETOF t LANGUAGE sql AS 'SELECT * FROM t';
-- case: default that takes the table's own row
-- to
CREATE TABLE t (a int, b int);
CREATE FUNCTION made(t) RETURNS int LANGUAGE sql IMMUTABLE AS 'SELECT 1';
ALTER TABLE t ADD CONSTRAINT c CHECK (made(t) > 0);
ALTER TABLE t ALTER b SET DEFAULT made(NULL);
-- case: aggregate
CREATE AGGREGATE total(int) (SFUNC = int4pl, STYPE = int, INITCOND = '0');
-- to
CREATE AGGREGATE total(int) (SFUNC = int4pl, STYPE = int, INITCOND = '1', COMBINEFUNC = int4pl, PARALLEL = SAFE);
CREATE AGGREGATE every_one(*) (SFUNC = int8inc, STYPE = bigint, INITCOND = '0');
COMMENT ON AGGREGATE total(int) IS 'sum';
CREATE VIEW v AS SELECT total(x) FROM generate_series(1, 3) x;
-- case: aggregate over a function that changes
CREATE FUNCTION add(a int, b int) RETURNS int LANGUAGE sql AS 'SELECT $1 + $2';
CREATE AGGREGATE total(int) (SFUNC = add, STYPE = int, INITCOND = '0');
CREATE VIEW v AS SELECT total(x) FROM generate_series(1, 3) x;
-- to
CREATE FUNCTION add(x int, y int) RETURNS int LANGUAGE sql AS 'SELECT $1 + $2';
CREATE AGGREGATE total(int) (SFUNC = add, STYPE = int, INITCOND = '0');
CREATE VIEW v AS SELECT total(x) FROM generate_series(1, 3) x;
-- case: operator, class and cast
-- to
CREATE TYPE box2 AS (a int, b int);
CREATE FUNCTION lt(box2, box2) RETURNS boolean LANGUAGE sql IMMUTABLE AS 'SELECT true';
CREATE FUNCTION cmp(box2, box2) RETURNS int LANGUAGE sql IMMUTABLE AS 'SELECT 0';
CREATE OPERATOR <<< (FUNCTION = lt, LEFTARG = box2, RIGHTARG = box2, COMMUTATOR = >>>);
CREATE OPERATOR >>> (FUNCTION = lt, LEFTARG = box2, RIGHTARG = box2, COMMUTATOR = <<<);
CREATE OPERATOR FAMILY fam USING btree;
CREATE OPERATOR CLASS cls FOR TYPE box2 USING btree FAMILY fam AS OPERATOR 1 <<<, FUNCTION 1 cmp(box2, box2);
CREATE FUNCTION to_text(box2) RETURNS text LANGUAGE sql IMMUTABLE AS 'SELECT ''x''';
CREATE CAST (box2 AS text) WITH FUNCTION to_text(box2) AS ASSIGNMENT;
CREATE TABLE t (a box2);
CREATE INDEX i ON t (a cls);
COMMENT ON OPERATOR <<< (box2, box2) IS 'before';
COMMENT ON CAST (box2 AS text) IS 'shown';
-- case: another signature that the same call fits
CREATE FUNCTION f() RETURNS int LANGUAGE sql IMMUTABLE AS 'SELECT 1';
CREATE TABLE t (id int DEFAULT f(), other int CHECK (other > f()));
CREATE VIEW v AS SELECT f() AS a FROM t;
-- to
CREATE FUNCTION f(n int DEFAULT 3) RETURNS int LANGUAGE sql IMMUTABLE AS 'SELECT n';
CREATE TABLE t (id int DEFAULT f(), other int CHECK (other > f()));
CREATE VIEW v AS SELECT f() AS a FROM t;
-- case: another signature with a wider argument
CREATE FUNCTION f(n int, m int DEFAULT 1) RETURNS int LANGUAGE sql IMMUTABLE AS 'SELECT n';
CREATE TABLE t (id int DEFAULT f(1));
-- to
CREATE FUNCTION f(n int, m bigint DEFAULT 1) RETURNS int LANGUAGE sql IMMUTABLE AS 'SELECT n';
CREATE TABLE t (id int DEFAULT f(1));
