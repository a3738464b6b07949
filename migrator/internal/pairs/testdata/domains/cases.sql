-- case: check changes while columns use it
CREATE DOMAIN email AS text CONSTRAINT ok CHECK (VALUE LIKE '%@%');
CREATE TABLE t (a email NOT NULL, b email[] DEFAULT '{}', PRIMARY KEY (a));
CREATE VIEW v AS SELECT a FROM t;
-- to
CREATE DOMAIN email AS text CONSTRAINT ok CHECK (VALUE LIKE '%_@_%.%') CONSTRAINT short CHECK (length(VALUE) < 100);
CREATE TABLE t (a email NOT NULL, b email[] DEFAULT '{}', PRIMARY KEY (a));
CREATE VIEW v AS SELECT a FROM t;
-- case: base type grows under views and keys
CREATE DOMAIN d AS varchar(10) DEFAULT 'x' NOT NULL;
CREATE TABLE t (a d, b d, PRIMARY KEY (a));
CREATE TABLE r (a d REFERENCES t);
CREATE VIEW v AS SELECT a || b AS ab FROM t;
-- to
CREATE DOMAIN d AS varchar(20) DEFAULT 'yy' NOT NULL;
CREATE TABLE t (a d, b d, PRIMARY KEY (a));
CREATE TABLE r (a d REFERENCES t);
CREATE VIEW v AS SELECT a || b AS ab FROM t;
-- case: domain over a domain
CREATE DOMAIN base AS int CHECK (VALUE > 0);
CREATE DOMAIN top AS base CHECK (VALUE < 100);
CREATE TABLE t (a top, b base);
-- to
CREATE DOMAIN base AS bigint CHECK (VALUE >= 0);
CREATE DOMAIN top AS base DEFAULT 7 CHECK (VALUE < 1000);
CREATE TABLE t (a top, b base);
-- case: column leaves and enters a domain
CREATE DOMAIN d AS int CHECK (VALUE > 0);
CREATE TABLE t (a d DEFAULT 1, b int DEFAULT 2);
-- to
CREATE DOMAIN d AS int CHECK (VALUE > 0);
CREATE TABLE t (a int DEFAULT 1, b d DEFAULT 2);
-- case: comments, grants and a renamed check
CREATE DOMAIN d AS text CONSTRAINT a CHECK (VALUE <> '');
COMMENT ON DOMAIN d IS 'text';
COMMENT ON CONSTRAINT a ON DOMAIN d IS 'not empty';
-- to
CREATE DOMAIN d AS text CONSTRAINT b CHECK (VALUE <> '');
COMMENT ON DOMAIN d IS 'any text';
COMMENT ON CONSTRAINT b ON DOMAIN d IS 'never empty';
GRANT USAGE ON DOMAIN d TO pg_monitor;
REVOKE USAGE ON DOMAIN d FROM PUBLIC;
-- case: default by a function and a collation
CREATE FUNCTION f() RETURNS text LANGUAGE sql AS $$ SELECT 'a' $$;
CREATE DOMAIN d AS text DEFAULT f();
CREATE TABLE t (a d);
-- to
CREATE FUNCTION g() RETURNS text LANGUAGE sql AS $$ SELECT 'a' $$;
CREATE DOMAIN d AS text COLLATE "C" DEFAULT g();
CREATE TABLE t (a d);
-- case: used as argument and return type
CREATE DOMAIN d AS int;
CREATE FUNCTION f(x d) RETURNS d LANGUAGE sql AS 'SELECT x';
CREATE AGGREGATE agg(d) (SFUNC = int4pl, STYPE = int, INITCOND = '0');
CREATE VIEW v AS SELECT f(1) AS one;
-- to
CREATE DOMAIN d AS bigint;
CREATE FUNCTION f(x d) RETURNS d LANGUAGE sql AS 'SELECT x';
CREATE AGGREGATE agg(d) (SFUNC = int8pl, STYPE = bigint, INITCOND = '0');
CREATE VIEW v AS SELECT f(1) AS one;
-- case: becomes an enum
CREATE DOMAIN d AS text CHECK (VALUE IN ('a', 'b'));
CREATE TABLE t (a d DEFAULT 'a');
-- to
CREATE TYPE d AS ENUM ('a', 'b');
CREATE TABLE t (a d DEFAULT 'a');
