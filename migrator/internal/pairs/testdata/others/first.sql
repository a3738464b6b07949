-- case: schemas
CREATE SCHEMA a;
CREATE TABLE a.t (x int);
-- to
CREATE SCHEMA b;
CREATE TABLE b.t (x int);
COMMENT ON SCHEMA b IS 'second';
GRANT USAGE ON SCHEMA b TO PUBLIC;
-- case: public goes
CREATE TABLE public.t (x int);
-- to
DROP SCHEMA public CASCADE;
-- case: sequences
CREATE SEQUENCE s1;
CREATE SEQUENCE s2 AS int INCREMENT 2 MAXVALUE 100;
CREATE TABLE t (a int);
CREATE SEQUENCE s3 OWNED BY t.a;
-- to
CREATE SEQUENCE s1 START 5 INCREMENT -1 MINVALUE -10 MAXVALUE 10 CYCLE CACHE 3;
CREATE SEQUENCE s2 AS bigint INCREMENT 2;
CREATE TABLE t (a int);
CREATE SEQUENCE s3;
CREATE SEQUENCE s4 AS smallint;
COMMENT ON SEQUENCE s4 IS 'small';
-- case: sequence gets an owner
CREATE SEQUENCE s1;
CREATE TABLE t (a int);
-- to
CREATE SEQUENCE s1;
CREATE TABLE t (a int DEFAULT nextval('s1'));
ALTER SEQUENCE s1 OWNED BY t.a;
-- case: sequence changes owner as the table goes
CREATE TABLE t (a int);
CREATE SEQUENCE s1 OWNED BY t.a;
-- to
CREATE TABLE u (b int);
CREATE SEQUENCE s1 OWNED BY u.b;
-- case: sequence shared by two tables
CREATE TABLE t (a serial);
CREATE TABLE u (b int DEFAULT nextval('t_a_seq'));
-- to
CREATE TABLE u (b serial);
-- case: grants
CREATE TABLE t (a int, b int);
CREATE SEQUENCE s;
CREATE FUNCTION f() RETURNS int LANGUAGE sql AS 'SELECT 1';
GRANT SELECT, INSERT ON t TO PUBLIC;
-- to
CREATE TABLE t (a int, b int);
CREATE SEQUENCE s;
CREATE FUNCTION f() RETURNS int LANGUAGE sql AS 'SELECT 1';
GRANT SELECT, UPDATE ON t TO PUBLIC;
GRANT ALL ON SEQUENCE s TO PUBLIC;
REVOKE ALL ON FUNCTION f() FROM PUBLIC;
REVOKE TRUNCATE ON t FROM CURRENT_USER;
-- case: grants survive a table made again
CREATE TABLE t (a int) PARTITION BY RANGE (a);
GRANT SELECT ON t TO PUBLIC;
-- to
CREATE TABLE t (a int) PARTITION BY LIST (a);
GRANT SELECT ON t TO PUBLIC;
-- case: default privileges
ALTER DEFAULT PRIVILEGES GRANT SELECT ON TABLES TO PUBLIC;
CREATE TABLE t (a int);
-- to
ALTER DEFAULT PRIVILEGES GRANT SELECT ON TABLES TO PUBLIC;
ALTER DEFAULT PRIVILEGES IN SCHEMA public GRANT INSERT ON TABLES TO PUBLIC;
ALTER DEFAULT PRIVILEGES REVOKE EXECUTE ON FUNCTIONS FROM PUBLIC;
CREATE TABLE u (a int);
CREATE FUNCTION f() RETURNS int LANGUAGE sql AS 'SELECT 1';
-- case: default privileges end
CREATE TABLE t (a int);
ALTER DEFAULT PRIVILEGES IN SCHEMA public GRANT ALL ON SEQUENCES TO PUBLIC;
ALTER DEFAULT PRIVILEGES REVOKE USAGE ON TYPES FROM PUBLIC;
CREATE TABLE u (a serial);
-- to
CREATE TABLE t (a int);
CREATE TABLE w (a serial);
CREATE TYPE e AS ENUM ('a');
-- case: publications
CREATE TABLE t (a int PRIMARY KEY, b int);
CREATE TABLE u (a int PRIMARY KEY);
CREATE PUBLICATION p FOR TABLE t, u;
CREATE PUBLICATION q FOR ALL TABLES;
-- to
CREATE TABLE t (a int PRIMARY KEY, b bigint);
CREATE TABLE w (a int PRIMARY KEY);
CREATE PUBLICATION p FOR TABLE t (a), w WHERE (a > 1) WITH (publish = 'insert, update', publish_via_partition_root);
CREATE PUBLICATION r FOR TABLES IN SCHEMA public;
COMMENT ON PUBLICATION r IS 'all';
-- case: text search
-- to
CREATE TEXT SEARCH DICTIONARY d (TEMPLATE = simple, STOPWORDS = english);
CREATE TEXT SEARCH CONFIGURATION c (PARSER = default);
ALTER TEXT SEARCH CONFIGURATION c ADD MAPPING FOR word, asciiword WITH d, simple;
COMMENT ON TEXT SEARCH CONFIGURATION c IS 'ours';
CREATE TABLE t (b text);
CREATE INDEX i ON t USING gin (to_tsvector('c', b));
-- case: text search mappings
CREATE TEXT SEARCH CONFIGURATION c (COPY = simple);
-- to
CREATE TEXT SEARCH CONFIGURATION c (COPY = english);
-- case: foreign data
-- to
CREATE FOREIGN DATA WRAPPER w OPTIONS (debug 'true');
CREATE SERVER s TYPE 'x' VERSION '1' FOREIGN DATA WRAPPER w OPTIONS (host 'h', "Odd Name" 'it''s');
CREATE USER MAPPING FOR PUBLIC SERVER s OPTIONS (u 'me');
CREATE FOREIGN TABLE ft (a int OPTIONS (c 'x') NOT NULL, b text DEFAULT 'z') SERVER s OPTIONS (t 'remote');
COMMENT ON FOREIGN TABLE ft IS 'far';
COMMENT ON SERVER s IS 'there';
GRANT SELECT ON ft TO PUBLIC;
-- case: foreign table changes
CREATE FOREIGN DATA WRAPPER w;
CREATE SERVER s FOREIGN DATA WRAPPER w;
CREATE FOREIGN TABLE ft (a int OPTIONS (c 'x'), b text) SERVER s OPTIONS (t 'remote', x '1');
-- to
CREATE FOREIGN DATA WRAPPER w;
CREATE SERVER s FOREIGN DATA WRAPPER w;
CREATE FOREIGN TABLE ft (a bigint OPTIONS (c 'y', d 'z'), e text, CHECK (a > 0)) SERVER s OPTIONS (t 'other', y '2');
-- case: server options
CREATE FOREIGN DATA WRAPPER w;
CREATE SERVER s FOREIGN DATA WRAPPER w OPTIONS (host 'a');
CREATE FOREIGN TABLE ft (a int) SERVER s;
-- to
CREATE FOREIGN DATA WRAPPER w;
CREATE SERVER s FOREIGN DATA WRAPPER w OPTIONS (host 'b');
CREATE FOREIGN TABLE ft (a int) SERVER s;
-- case: collation and conversion
-- to
CREATE COLLATION de (provider = icu, locale = 'de-u-co-phonebk', deterministic = false);
CREATE COLLATION mine (lc_collate = 'C', lc_ctype = 'C');
CREATE CONVERSION conv FOR 'LATIN1' TO 'UTF8' FROM iso8859_1_to_utf8;
CREATE TABLE t (a text COLLATE de);
COMMENT ON COLLATION de IS 'phone book';
-- case: extension
-- to
CREATE EXTENSION IF NOT EXISTS pgcrypto;
CREATE SCHEMA ext;
CREATE EXTENSION citext SCHEMA ext;
CREATE TABLE t (a ext.citext PRIMARY KEY, b uuid DEFAULT gen_random_uuid());
COMMENT ON EXTENSION citext IS 'case does not matter';
-- case: extension goes with its columns
CREATE EXTENSION citext;
CREATE TABLE t (a citext, b int);
CREATE INDEX i ON t (a);
-- to
CREATE TABLE t (a text, b int);
CREATE INDEX i ON t (a);
-- case: extension moves
CREATE SCHEMA ext;
CREATE EXTENSION citext;
CREATE TABLE t (a citext);
-- to
CREATE SCHEMA ext;
CREATE EXTENSION citext SCHEMA ext;
CREATE TABLE t (a ext.citext);
-- case: comments come, change and go
CREATE TABLE t (a int PRIMARY KEY, b int);
CREATE VIEW v AS SELECT 1 AS x;
COMMENT ON TABLE t IS 'one';
COMMENT ON COLUMN t.a IS 'gone';
-- to
CREATE TABLE t (a int PRIMARY KEY, b int);
CREATE VIEW v AS SELECT 1 AS x;
COMMENT ON TABLE t IS E'two\nlines \\ back';
COMMENT ON COLUMN t.b IS 'new';
COMMENT ON CONSTRAINT t_pkey ON t IS 'key';
COMMENT ON INDEX t_pkey IS 'its index';
COMMENT ON VIEW v IS 'seen';
COMMENT ON SCHEMA public IS 'mine';
-- case: transform
-- to
CREATE FUNCTION from_it(internal) RETURNS internal LANGUAGE internal IMMUTABLE AS 'int4recv';
