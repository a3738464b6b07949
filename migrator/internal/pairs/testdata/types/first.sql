-- case: enum value added at each end and between
CREATE TYPE mood AS ENUM ('sad', 'ok', 'happy');
CREATE TABLE t (m mood DEFAULT 'ok');
-- to
CREATE TYPE mood AS ENUM ('awful', 'bad', 'sad', 'so', 'ok', 'fine', 'happy', 'great', 'best');
CREATE TABLE t (m mood DEFAULT 'great');
-- case: enum value removed
CREATE TYPE mood AS ENUM ('sad', 'ok', 'happy');
CREATE TABLE t (m mood DEFAULT 'ok' NOT NULL, ms mood[], UNIQUE (m), CHECK (m <> 'sad'));
CREATE INDEX t_m ON t (m) WHERE m = 'happy';
CREATE VIEW v AS SELECT m FROM t WHERE m = 'ok';
CREATE FUNCTION f(mood) RETURNS mood LANGUAGE sql AS 'SELECT $1';
GRANT USAGE ON TYPE mood TO PUBLIC;
COMMENT ON TYPE mood IS 'how it goes';
-- to
CREATE TYPE mood AS ENUM ('happy', 'ok');
CREATE TABLE t (m mood DEFAULT 'ok' NOT NULL, ms mood[], UNIQUE (m), CHECK (m <> 'ok'));
CREATE INDEX t_m ON t (m) WHERE m = 'happy';
CREATE VIEW v AS SELECT m FROM t WHERE m = 'ok';
CREATE FUNCTION f(mood) RETURNS mood LANGUAGE sql AS 'SELECT $1';
COMMENT ON TYPE mood IS 'how it goes';
-- case: enum in a domain in a composite in a table
CREATE TYPE mood AS ENUM ('sad', 'ok');
CREATE DOMAIN good AS mood CHECK (VALUE <> 'sad');
CREATE TYPE day AS (d date, m good);
CREATE TABLE t (x day, y good, z mood);
-- to
CREATE TYPE mood AS ENUM ('ok', 'sad');
CREATE DOMAIN good AS mood CHECK (VALUE <> 'sad');
CREATE TYPE day AS (d date, m good);
CREATE TABLE t (x day, y good, z mood);
-- case: enum dropped, column becomes text
CREATE TYPE mood AS ENUM ('sad', 'ok');
CREATE TABLE t (m mood DEFAULT 'ok');
-- to
CREATE TABLE t (m text DEFAULT 'ok');
-- case: enum becomes table
CREATE TYPE mood AS ENUM ('sad', 'ok');
-- to
CREATE TABLE mood (name text PRIMARY KEY);
-- case: enum with names that hurt
CREATE TYPE "My Mood" AS ENUM ('it''s', 'so so', 'back\slash');
CREATE TABLE t (m "My Mood");
-- to
CREATE TYPE "My Mood" AS ENUM ('so so', 'it''s', 'new "one"');
CREATE TABLE t (m "My Mood");
-- case: enum in a partitioned table
CREATE TYPE k AS ENUM ('a', 'b');
CREATE TABLE t (k k NOT NULL, v int) PARTITION BY LIST (k);
CREATE TABLE ta PARTITION OF t FOR VALUES IN ('a');
-- to
CREATE TYPE k AS ENUM ('a', 'b', 'c');
CREATE TABLE t (k k NOT NULL, v int) PARTITION BY LIST (k);
CREATE TABLE ta PARTITION OF t FOR VALUES IN ('a');
CREATE TABLE tc PARTITION OF t FOR VALUES IN ('c');
-- case: domain
-- to
CREATE DOMAIN age AS int DEFAULT 0 NOT NULL CONSTRAINT low CHECK (VALUE >= 0) CHECK (VALUE < 200);
CREATE DOMAIN word AS text COLLATE "C";
COMMENT ON DOMAIN age IS 'years';
COMMENT ON CONSTRAINT low ON DOMAIN age IS 'not before birth';
-- case: domain changes
CREATE DOMAIN age AS int DEFAULT 0 NOT NULL CONSTRAINT low CHECK (VALUE >= 0);
CREATE TABLE t (a age);
-- to
CREATE DOMAIN age AS int DEFAULT 1 CONSTRAINT low CHECK (VALUE > 0) CONSTRAINT high CHECK (VALUE < 200);
CREATE TABLE t (a age);
-- case: domain base type
CREATE DOMAIN age AS int CHECK (VALUE >= 0);
CREATE TABLE t (a age DEFAULT 4, b age[]);
CREATE VIEW v AS SELECT a FROM t;
-- to
CREATE DOMAIN age AS bigint CHECK (VALUE >= 0);
CREATE TABLE t (a age DEFAULT 4, b age[]);
CREATE VIEW v AS SELECT a FROM t;
-- case: domain check not valid
CREATE DOMAIN age AS int;
ALTER DOMAIN age ADD CONSTRAINT low CHECK (VALUE >= 0) NOT VALID;
-- to
CREATE DOMAIN age AS int CONSTRAINT low CHECK (VALUE >= 0);
-- case: column becomes a domain
CREATE TABLE t (a int);
-- to
CREATE DOMAIN age AS int CHECK (VALUE >= 0);
CREATE TABLE t (a age);
-- case: domain over a function
-- to
CREATE FUNCTION ok(text) RETURNS boolean LANGUAGE sql IMMUTABLE AS 'SELECT true';
CREATE DOMAIN mail AS text CHECK (ok(VALUE));
CREATE FUNCTION takes(mail) RETURNS int LANGUAGE sql AS 'SELECT 1';
-- case: composite
CREATE TYPE pair AS (a int, b text);
-- to
CREATE TYPE pair AS (a int, b text, c numeric(5,2));
COMMENT ON TYPE pair IS 'two, or three';
COMMENT ON COLUMN pair.b IS 'second';
-- case: composite field dropped and type changed
CREATE TYPE pair AS (a int, b text, c date);
CREATE TABLE t (p pair, ps pair[]);
CREATE FUNCTION f(pair) RETURNS int LANGUAGE sql AS 'SELECT 1';
-- to
CREATE TYPE pair AS (a bigint, c date);
CREATE TABLE t (p pair, ps pair[]);
CREATE FUNCTION f(pair) RETURNS int LANGUAGE sql AS 'SELECT 1';
-- case: composite field dropped
CREATE TYPE pair AS (a int, b text, c date);
-- to
CREATE TYPE pair AS (a int, c date);
-- case: range
-- to
CREATE TYPE span AS RANGE (subtype = float8, subtype_diff = float8mi);
CREATE TYPE words AS RANGE (subtype = text, collation = "C", multirange_type_name = manywords);
CREATE TABLE t (s span, m manywords);
-- case: range changes
CREATE TYPE span AS RANGE (subtype = float8);
CREATE TABLE t (s span);
-- to
CREATE TYPE span AS RANGE (subtype = float8, subtype_diff = float8mi);
CREATE TABLE t (s span);
-- case: type used by functions changes
CREATE TYPE e AS ENUM ('a', 'b');
CREATE FUNCTION one(e) RETURNS text LANGUAGE sql AS 'SELECT $1::text';
CREATE FUNCTION two() RETURNS SETOF e LANGUAGE sql AS 'SELECT NULL::e';
CREATE FUNCTION three(e[]) RETURNS void LANGUAGE sql AS 'SELECT';
CREATE TABLE t (a text DEFAULT one('a'));
-- to
CREATE TYPE e AS ENUM ('b', 'a');
CREATE FUNCTION one(e) RETURNS text LANGUAGE sql AS 'SELECT $1::text';
CREATE FUNCTION two() RETURNS SETOF e LANGUAGE sql AS 'SELECT NULL::e';
CREATE FUNCTION three(e[]) RETURNS void LANGUAGE sql AS 'SELECT';
CREATE TABLE t (a text DEFAULT one('a'));
