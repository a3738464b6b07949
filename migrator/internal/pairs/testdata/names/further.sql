-- case: index name equals new constraint
CREATE TABLE t (a int, b int);
CREATE INDEX t_a_key ON t (b);
-- to
CREATE TABLE t (a int UNIQUE, b int);
-- case: table name equals old index
CREATE TABLE t (a int);
CREATE INDEX x ON t (a);
-- to
CREATE TABLE t (a int);
CREATE TABLE x (a int);
-- case: view name equals old table type
CREATE TABLE x (a int);
CREATE TYPE y AS (a int);
-- to
CREATE TABLE y (a int);
CREATE TYPE x AS (a int);
-- case: long check and multi line function
CREATE TABLE t (a jsonb);
-- to
CREATE TABLE t (a jsonb, CONSTRAINT "weird -- name" CHECK (jsonb_typeof(a) = 'object' AND a ? 'x' AND (a ->> 'x') ~ '^[a-z\\]+$'));
CREATE FUNCTION f(a text DEFAULT E'it''s\n\\') RETURNS text LANGUAGE plpgsql AS $_$
BEGIN
  RETURN $1 || $$x$$ || '-- not a comment' || E'\\';
END $_$;
COMMENT ON FUNCTION f IS E'line\nbreak \\ ''quote''';
