-- case: function used by index and view and default replaced signature
CREATE FUNCTION norm(t text) RETURNS text LANGUAGE sql IMMUTABLE AS 'SELECT lower(t)';
CREATE TABLE t (a text DEFAULT norm('X'), b text);
CREATE UNIQUE INDEX i ON t (norm(a));
CREATE VIEW v AS SELECT norm(a) AS n FROM t;
CREATE TABLE k (a text, EXCLUDE USING btree (norm(a) WITH =));
-- to
CREATE FUNCTION norm(t text, opts int DEFAULT 0) RETURNS text LANGUAGE sql IMMUTABLE AS 'SELECT lower(t)';
CREATE TABLE t (a text DEFAULT norm('X'), b text);
CREATE UNIQUE INDEX i ON t (norm(a));
CREATE VIEW v AS SELECT norm(a) AS n FROM t;
CREATE TABLE k (a text, EXCLUDE USING btree (norm(a) WITH =));
