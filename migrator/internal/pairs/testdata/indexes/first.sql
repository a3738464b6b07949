CREATE TABLE t (a int, b text, c jsonb, d tsvector, e int[], f point, g varchar(20), h timestamptz);
-- case: kinds
-- to
CREATE INDEX i1 ON t (a DESC NULLS LAST, b COLLATE "C");
CREATE INDEX i2 ON t USING hash (a);
CREATE INDEX i3 ON t USING gin (c jsonb_path_ops);
CREATE INDEX i4 ON t USING gin (d) WITH (fastupdate = off);
CREATE INDEX i5 ON t USING gist (f);
CREATE INDEX i6 ON t USING spgist (f);
CREATE INDEX i7 ON t USING brin (h) WITH (pages_per_range = 16);
CREATE UNIQUE INDEX i8 ON t (a) INCLUDE (b) WHERE a IS NOT NULL;
CREATE INDEX i9 ON t (lower(b) text_pattern_ops, (c ->> 'x'));
CREATE INDEX i10 ON t USING gist (d tsvector_ops (siglen = 100));
CREATE UNIQUE INDEX i11 ON t (b) NULLS NOT DISTINCT;
CREATE INDEX i12 ON t USING gin (e);
CREATE INDEX "Index 13" ON t (a) WITH (fillfactor = 60);
-- case: changes
CREATE INDEX i1 ON t (a);
CREATE INDEX i2 ON t (b);
CREATE INDEX i3 ON t (a) WHERE a > 1;
CREATE INDEX i4 ON t (a) WITH (fillfactor = 50);
CREATE INDEX i5 ON t (a);
COMMENT ON INDEX i5 IS 'old';
-- to
CREATE UNIQUE INDEX i1 ON t (a);
CREATE INDEX i2 ON t (b text_pattern_ops);
CREATE INDEX i3 ON t (a) WHERE a > 2;
CREATE INDEX i4 ON t (a) WITH (fillfactor = 80, deduplicate_items = off);
CREATE INDEX i5 ON t (a) WITH (fillfactor = 70);
COMMENT ON INDEX i5 IS 'new';
-- case: dropped
CREATE INDEX i1 ON t (a);
CREATE INDEX i2 ON t (lower(b));
-- to
-- case: statistics on an expression
CREATE INDEX i1 ON t (lower(b));
-- to
CREATE INDEX i1 ON t (lower(b));
ALTER INDEX i1 ALTER COLUMN 1 SET STATISTICS 500;
-- case: same name on another table
CREATE TABLE u (a int);
CREATE INDEX i1 ON t (a);
-- to
CREATE TABLE u (a int);
CREATE INDEX i1 ON u (a);
-- case: expression by a function that is replaced
CREATE FUNCTION norm(text) RETURNS text LANGUAGE sql IMMUTABLE AS 'SELECT lower($1)';
CREATE INDEX i1 ON t (norm(b));
-- to
CREATE FUNCTION norm(s text) RETURNS text LANGUAGE sql IMMUTABLE AS 'SELECT lower(s)';
CREATE INDEX i1 ON t (norm(b));
-- case: materialised view
CREATE MATERIALIZED VIEW m AS SELECT a, b FROM t;
CREATE INDEX m_a ON m (a);
-- to
CREATE MATERIALIZED VIEW m AS SELECT a, b FROM t;
CREATE UNIQUE INDEX m_a ON m (a, b);
ALTER MATERIALIZED VIEW m CLUSTER ON m_a;
ALTER MATERIALIZED VIEW m ALTER COLUMN b SET STATISTICS 7;
-- case: statistics objects
CREATE STATISTICS s1 ON a, b FROM t;
CREATE STATISTICS s2 (ndistinct) ON a, g FROM t;
-- to
CREATE STATISTICS s1 (dependencies, mcv) ON a, b FROM t;
ALTER STATISTICS s1 SET STATISTICS 50;
CREATE STATISTICS s3 ON (lower(b)) FROM t;
COMMENT ON STATISTICS s3 IS 'words';
