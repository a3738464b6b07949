-- case: all access methods
CREATE TABLE t (a int, b text, c int[], d tsvector, e box, f inet, g jsonb);
-- to
CREATE TABLE t (a int, b text, c int[], d tsvector, e box, f inet, g jsonb);
CREATE INDEX i1 ON t USING hash (a);
CREATE INDEX i2 ON t USING gin (c, g jsonb_path_ops) WITH (fastupdate = off);
CREATE INDEX i3 ON t USING gist (d) WITH (fillfactor = 80);
CREATE INDEX i4 ON t USING spgist (e);
CREATE INDEX i5 ON t USING brin (a, f inet_minmax_ops) WITH (pages_per_range = 16, autosummarize = on);
CREATE INDEX i6 ON t USING gist (f inet_ops, d tsvector_ops (siglen = 100));
-- case: everything of one index changes under one name
CREATE TABLE t (a int, b text, c int);
CREATE INDEX i ON t (a);
COMMENT ON INDEX i IS 'fast';
-- to
CREATE TABLE t (a int, b text, c int);
CREATE UNIQUE INDEX i ON t (lower(b) text_pattern_ops DESC, a NULLS FIRST) INCLUDE (c) WITH (fillfactor = 60, deduplicate_items = off) WHERE a > 0 AND b IS NOT NULL;
COMMENT ON INDEX i IS 'faster';
-- case: index moves to another table
CREATE TABLE a (x int);
CREATE TABLE b (x int);
CREATE INDEX i ON a (x);
-- to
CREATE TABLE a (x int);
CREATE TABLE b (x int);
CREATE INDEX i ON b (x);
-- case: index on a column whose collation changes
CREATE TABLE t (a text, b text);
CREATE INDEX i ON t (a, b);
CREATE INDEX j ON t (a COLLATE "C");
-- to
CREATE TABLE t (a text COLLATE "C", b text);
CREATE INDEX i ON t (a, b);
CREATE INDEX j ON t (a COLLATE "POSIX");
-- case: index becomes a key's and a key's becomes an index
CREATE TABLE t (a int NOT NULL, b int NOT NULL, CONSTRAINT k UNIQUE (b));
CREATE UNIQUE INDEX u ON t (a);
-- to
CREATE TABLE t (a int NOT NULL, b int NOT NULL, CONSTRAINT u PRIMARY KEY (a));
CREATE UNIQUE INDEX k ON t (b);
-- case: expression index with statistics target
CREATE TABLE t (a int, b int);
CREATE INDEX i ON t ((a + b), (a * b));
-- to
CREATE TABLE t (a int, b int);
CREATE INDEX i ON t ((a + b), (a * b));
ALTER INDEX i ALTER COLUMN 2 SET STATISTICS 500;
-- case: names exchanged between two tables' indexes
CREATE TABLE a (x int);
CREATE TABLE b (x int);
CREATE INDEX one ON a (x);
CREATE INDEX two ON b (x);
-- to
CREATE TABLE a (x int);
CREATE TABLE b (x int);
CREATE INDEX two ON a (x);
CREATE INDEX one ON b (x);
-- case: unique nulls and replica identity
CREATE TABLE t (a int NOT NULL, b int NOT NULL);
CREATE UNIQUE INDEX ta ON t (a);
ALTER TABLE t REPLICA IDENTITY USING INDEX ta;
-- to
CREATE TABLE t (a int NOT NULL, b int NOT NULL);
CREATE UNIQUE INDEX tb ON t (b);
ALTER TABLE t REPLICA IDENTITY USING INDEX tb;
-- case: operator class of one's own
CREATE FUNCTION cmp(int, int) RETURNS int LANGUAGE sql IMMUTABLE AS 'SELECT btint4cmp($2, $1)';
CREATE TABLE t (a int);
-- to
CREATE FUNCTION cmp(int, int) RETURNS int LANGUAGE sql IMMUTABLE AS 'SELECT btint4cmp($2, $1)';
CREATE OPERATOR CLASS backwards FOR TYPE int USING btree AS OPERATOR 1 >, OPERATOR 2 >=, OPERATOR 3 =, OPERATOR 4 <=, OPERATOR 5 <, FUNCTION 1 cmp(int, int);
CREATE TABLE t (a int);
CREATE INDEX i ON t (a backwards);
