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
