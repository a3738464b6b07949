-- case: collation in use changes
CREATE COLLATION ci (provider = icu, locale = 'und-u-ks-level2', deterministic = false);
CREATE TABLE t (a text COLLATE ci UNIQUE, b text[] COLLATE ci);
CREATE INDEX i ON t (lower(a) COLLATE ci);
CREATE DOMAIN d AS text COLLATE ci;
CREATE TABLE u (d d);
CREATE VIEW v AS SELECT a COLLATE ci AS x FROM t;
-- to
CREATE COLLATION ci (provider = icu, locale = 'de-u-ks-level1', deterministic = false);
CREATE TABLE t (a text COLLATE ci UNIQUE, b text[] COLLATE ci);
CREATE INDEX i ON t (lower(a) COLLATE ci);
CREATE DOMAIN d AS text COLLATE ci;
CREATE TABLE u (d d);
CREATE VIEW v AS SELECT a COLLATE ci AS x FROM t;
