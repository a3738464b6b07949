-- case: settings, cost and everything else about a function
CREATE FUNCTION f(a int, b text DEFAULT 'x') RETURNS int LANGUAGE plpgsql AS $$ BEGIN RETURN 1; END $$;
-- to
CREATE FUNCTION f(a int, b text DEFAULT 'y') RETURNS int LANGUAGE plpgsql STABLE STRICT SECURITY DEFINER LEAKPROOF PARALLEL SAFE COST 7
	SET search_path = public, pg_temp SET work_mem = '10MB' AS $body$ BEGIN RETURN 2; -- $$ ;
END $body$;
COMMENT ON FUNCTION f(int, text) IS 'it''s $1';
GRANT EXECUTE ON FUNCTION f(int, text) TO pg_monitor;
REVOKE EXECUTE ON FUNCTION f(int, text) FROM PUBLIC;
-- case: from scalar to set and table
CREATE FUNCTION a() RETURNS int LANGUAGE sql AS 'SELECT 1';
CREATE FUNCTION b() RETURNS SETOF int LANGUAGE sql AS 'SELECT 1';
CREATE FUNCTION c(OUT x int, OUT y int) LANGUAGE sql AS 'SELECT 1, 2';
-- to
CREATE FUNCTION a() RETURNS SETOF int LANGUAGE sql ROWS 5 AS 'SELECT 1';
CREATE FUNCTION b() RETURNS TABLE (n int, t text) LANGUAGE sql AS $$ SELECT 1, 'a' $$;
CREATE FUNCTION c(OUT x int, OUT y text) LANGUAGE sql AS $$ SELECT 1, '2' $$;
-- case: variadic, polymorphic and named arguments
CREATE FUNCTION f(VARIADIC a int[]) RETURNS int LANGUAGE sql AS 'SELECT 1';
CREATE FUNCTION g(x anyelement) RETURNS anyelement LANGUAGE sql AS 'SELECT x';
-- to
CREATE FUNCTION f(VARIADIC a text[]) RETURNS int LANGUAGE sql AS 'SELECT 1';
CREATE FUNCTION g(x anyelement, y anyelement DEFAULT NULL) RETURNS anyarray LANGUAGE sql AS 'SELECT ARRAY[x, y]';
-- case: procedure's arguments and modes
CREATE PROCEDURE p(a int, INOUT b text) LANGUAGE plpgsql AS $$ BEGIN b := 'x'; END $$;
-- to
CREATE PROCEDURE p(a int, INOUT c text, d date DEFAULT now()) LANGUAGE plpgsql AS $$ BEGIN c := 'y'; END $$;
-- case: window function becomes plain, language changes
CREATE FUNCTION f(a int) RETURNS int LANGUAGE sql IMMUTABLE AS 'SELECT a';
CREATE TABLE t (x int, CHECK (f(x) > 0));
CREATE INDEX ON t (f(x));
-- to
CREATE FUNCTION f(a int) RETURNS int LANGUAGE plpgsql IMMUTABLE AS 'BEGIN RETURN a; END';
CREATE TABLE t (x int, CHECK (f(x) > 0));
CREATE INDEX ON t (f(x));
-- case: argument renamed under default, check, index, view, policy and trigger
CREATE FUNCTION f(a int) RETURNS int LANGUAGE sql IMMUTABLE AS 'SELECT $1';
CREATE TABLE t (x int DEFAULT f(1), CHECK (f(x) > 0), g int GENERATED ALWAYS AS (f(x)) STORED);
CREATE INDEX ON t (f(x));
CREATE VIEW v AS SELECT f(x) FROM t;
CREATE POLICY p ON t USING (f(x) > 1);
CREATE FUNCTION tf() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NEW; END';
CREATE TRIGGER tr BEFORE INSERT ON t FOR EACH ROW WHEN (f(NEW.x) > 2) EXECUTE FUNCTION tf();
-- to
CREATE FUNCTION f(b int) RETURNS int LANGUAGE sql IMMUTABLE AS 'SELECT $1';
CREATE TABLE t (x int DEFAULT f(1), CHECK (f(x) > 0), g int GENERATED ALWAYS AS (f(x)) STORED);
CREATE INDEX ON t (f(x));
CREATE VIEW v AS SELECT f(x) FROM t;
CREATE POLICY p ON t USING (f(x) > 1);
CREATE FUNCTION tf() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NEW; END';
CREATE TRIGGER tr BEFORE INSERT ON t FOR EACH ROW WHEN (f(NEW.x) > 2) EXECUTE FUNCTION tf();
-- case: functions in several schemas with one name
CREATE SCHEMA a;
CREATE SCHEMA b;
CREATE FUNCTION a.f() RETURNS int LANGUAGE sql AS 'SELECT 1';
CREATE FUNCTION b.f() RETURNS int LANGUAGE sql AS 'SELECT 2';
-- to
CREATE SCHEMA a;
CREATE SCHEMA b;
CREATE FUNCTION a.f() RETURNS text LANGUAGE sql AS $$ SELECT '1' $$;
CREATE FUNCTION f() RETURNS int LANGUAGE sql AS 'SELECT 3';
-- case: aggregates that change
CREATE FUNCTION step(int, int) RETURNS int LANGUAGE sql AS 'SELECT $1 + $2';
CREATE AGGREGATE total(int) (SFUNC = step, STYPE = int, INITCOND = '0');
CREATE AGGREGATE pct(float8 ORDER BY int) (SFUNC = ordered_set_transition, STYPE = internal, FINALFUNC = percentile_disc_final, FINALFUNC_EXTRA);
CREATE TABLE t (x int);
CREATE VIEW v AS SELECT total(x) FROM t;
-- to
CREATE FUNCTION step(int, int) RETURNS int LANGUAGE sql IMMUTABLE PARALLEL SAFE AS 'SELECT coalesce($1, 0) + $2';
CREATE AGGREGATE total(int) (SFUNC = step, STYPE = int, INITCOND = '1', PARALLEL = SAFE);
CREATE TABLE t (x int);
CREATE VIEW v AS SELECT total(x) FROM t;
COMMENT ON AGGREGATE total(int) IS 'sum';
-- case: function takes a table that changes
CREATE TABLE t (id int, n text);
CREATE FUNCTION full_name(t) RETURNS text LANGUAGE sql STABLE AS 'SELECT $1.n';
CREATE VIEW v AS SELECT t.full_name FROM t;
-- to
CREATE TABLE t (id bigint, n varchar(30), m text);
CREATE FUNCTION full_name(t) RETURNS text LANGUAGE sql STABLE AS 'SELECT $1.n || $1.m';
CREATE VIEW v AS SELECT t.full_name FROM t;
-- case: body that refers to what comes later
-- to
CREATE FUNCTION f() RETURNS SETOF int LANGUAGE sql AS 'SELECT id FROM later';
CREATE FUNCTION g() RETURNS int LANGUAGE plpgsql AS 'DECLARE r later%ROWTYPE; BEGIN RETURN 1; END';
CREATE TABLE later (id int DEFAULT g());
-- case: operator's function changes its result
CREATE FUNCTION eq(point, point) RETURNS boolean LANGUAGE sql IMMUTABLE AS 'SELECT $1 ~= $2';
CREATE OPERATOR === (FUNCTION = eq, LEFTARG = point, RIGHTARG = point, COMMUTATOR = ===);
CREATE TABLE t (a point, b point, CHECK (a === b));
-- to
CREATE FUNCTION eq(point, point) RETURNS boolean LANGUAGE plpgsql IMMUTABLE AS 'BEGIN RETURN $1 ~= $2; END';
CREATE OPERATOR === (FUNCTION = eq, LEFTARG = point, RIGHTARG = point, COMMUTATOR = ===, RESTRICT = eqsel, JOIN = eqjoinsel);
CREATE TABLE t (a point, b point, CHECK (a === b));
-- case: casts of a type of one's own
CREATE TYPE c AS (x int);
CREATE FUNCTION to_c(int) RETURNS c LANGUAGE sql IMMUTABLE AS 'SELECT ROW($1)::c';
CREATE CAST (int AS c) WITH FUNCTION to_c(int);
-- to
CREATE TYPE c AS (x int, y int);
CREATE FUNCTION to_c(int) RETURNS c LANGUAGE sql IMMUTABLE AS 'SELECT ROW($1, 1)::c';
CREATE CAST (int AS c) WITH FUNCTION to_c(int) AS ASSIGNMENT;
COMMENT ON CAST (int AS c) IS 'makes one';
