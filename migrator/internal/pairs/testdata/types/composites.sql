-- case: typed table's type gets fields
CREATE TYPE c AS (a int, b text);
CREATE TABLE t OF c (PRIMARY KEY (a));
CREATE TABLE u (x c);
-- to
CREATE TYPE c AS (a int, b text, d date);
CREATE TABLE t OF c (PRIMARY KEY (a));
CREATE TABLE u (x c);
-- case: typed table's type loses a field
CREATE TYPE c AS (a int, b text);
CREATE TABLE t OF c;
-- to
CREATE TYPE c AS (a int);
CREATE TABLE t OF c;
-- case: typed table's type changes a field
CREATE TYPE c AS (a int, b text);
CREATE TABLE t OF c (a WITH OPTIONS NOT NULL);
CREATE INDEX ON t (b);
-- to
CREATE TYPE c AS (a bigint, b varchar(20));
CREATE TABLE t OF c (a WITH OPTIONS NOT NULL);
CREATE INDEX ON t (b);
-- case: composite in arrays, functions and another composite
CREATE TYPE inner_c AS (x int, y int);
CREATE TYPE outer_c AS (i inner_c, n text);
CREATE TABLE t (o outer_c, os outer_c[]);
CREATE FUNCTION f(o outer_c) RETURNS inner_c LANGUAGE sql AS 'SELECT (o).i';
-- to
CREATE TYPE inner_c AS (y int, x bigint);
CREATE TYPE outer_c AS (i inner_c, n text);
CREATE TABLE t (o outer_c, os outer_c[]);
CREATE FUNCTION f(o outer_c) RETURNS inner_c LANGUAGE sql AS 'SELECT (o).i';
-- case: composite with collation and comments
CREATE TYPE c AS (a text, b text);
COMMENT ON TYPE c IS 'pair';
-- to
CREATE TYPE c AS (a text COLLATE "C", b text);
COMMENT ON TYPE c IS 'two';
COMMENT ON COLUMN c.a IS 'first';
-- case: composite returned by many functions is dropped
CREATE TYPE c AS (a int);
CREATE FUNCTION f() RETURNS c LANGUAGE sql AS 'SELECT ROW(1)::c';
CREATE FUNCTION g() RETURNS SETOF c LANGUAGE sql AS 'SELECT ROW(1)::c';
-- to
CREATE FUNCTION f() RETURNS TABLE (a int) LANGUAGE sql AS 'SELECT 1';
-- case: table's row type is a column of another
CREATE TABLE a (x int);
CREATE TABLE b (r a, rs a[]);
-- to
CREATE TABLE a (x int, y int);
CREATE TABLE b (r a, rs a[]);
-- case: range over a domain or a function that changes
CREATE FUNCTION d(float8, float8) RETURNS float8 LANGUAGE sql IMMUTABLE AS 'SELECT $1 - $2';
CREATE TYPE r AS RANGE (subtype = float8, subtype_diff = d);
CREATE TABLE t (r r, EXCLUDE USING gist (r WITH &&));
-- to
CREATE FUNCTION d2(float8, float8) RETURNS float8 LANGUAGE sql IMMUTABLE AS 'SELECT $1 - $2';
CREATE TYPE r AS RANGE (subtype = float8, subtype_diff = d2);
CREATE TABLE t (r r, EXCLUDE USING gist (r WITH &&));
-- case: kind of type changes
CREATE TYPE x AS (a int);
CREATE TYPE y AS ENUM ('a');
CREATE TYPE z AS RANGE (subtype = date);
-- to
CREATE TYPE x AS ENUM ('a');
CREATE DOMAIN y AS text;
CREATE TYPE z AS (lower date, upper date);
