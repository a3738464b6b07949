-- case: opfamily loose members
CREATE FUNCTION lt(int, text) RETURNS boolean LANGUAGE sql IMMUTABLE AS 'SELECT $1 < $2::int';
CREATE OPERATOR <# (FUNCTION = lt, LEFTARG = int, RIGHTARG = text);
CREATE OPERATOR FAMILY of USING btree;
-- to
CREATE FUNCTION lt(int, text) RETURNS boolean LANGUAGE sql IMMUTABLE AS 'SELECT $1 < $2::int';
CREATE OPERATOR <# (FUNCTION = lt, LEFTARG = int, RIGHTARG = text);
CREATE OPERATOR FAMILY of USING btree;
ALTER OPERATOR FAMILY of USING btree ADD OPERATOR 1 <# (int, text);
-- case: cast drop with column default
CREATE TYPE e AS ENUM ('1', '2');
CREATE FUNCTION to_e(int) RETURNS e LANGUAGE sql IMMUTABLE AS 'SELECT $1::text::e';
CREATE CAST (int AS e) WITH FUNCTION to_e(int) AS IMPLICIT;
CREATE TABLE t (a e DEFAULT 1::int::e);
-- to
CREATE TYPE e AS ENUM ('1', '2', '3');
CREATE TABLE t (a e DEFAULT '3');
