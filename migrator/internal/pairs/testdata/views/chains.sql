-- case: base of a long chain changes its type
CREATE TABLE t (id int, n varchar(10));
CREATE VIEW a AS SELECT id, n FROM t;
CREATE VIEW b AS SELECT id, upper(n) AS n FROM a;
CREATE MATERIALIZED VIEW c AS SELECT b.id, a.n FROM b JOIN a USING (id);
CREATE UNIQUE INDEX c_id ON c (id);
CREATE VIEW d WITH (security_barrier) AS SELECT * FROM c;
COMMENT ON VIEW d IS 'top';
COMMENT ON COLUMN c.n IS 'name';
GRANT SELECT ON b TO PUBLIC;
CREATE FUNCTION f() RETURNS SETOF d LANGUAGE sql AS 'SELECT * FROM d';
CREATE RULE r AS ON INSERT TO a DO INSTEAD NOTHING;
-- to
CREATE TABLE t (id bigint, n text);
CREATE VIEW a AS SELECT id, n FROM t;
CREATE VIEW b AS SELECT id, upper(n) AS n FROM a;
CREATE MATERIALIZED VIEW c AS SELECT b.id, a.n FROM b JOIN a USING (id);
CREATE UNIQUE INDEX c_id ON c (id);
CREATE VIEW d WITH (security_barrier) AS SELECT * FROM c;
COMMENT ON VIEW d IS 'top';
COMMENT ON COLUMN c.n IS 'name';
GRANT SELECT ON b TO PUBLIC;
CREATE FUNCTION f() RETURNS SETOF d LANGUAGE sql AS 'SELECT * FROM d';
CREATE RULE r AS ON INSERT TO a DO INSTEAD NOTHING;
-- case: column renamed in a view that others read
CREATE TABLE t (id int, n text);
CREATE VIEW a AS SELECT id, n FROM t;
CREATE VIEW b AS SELECT n FROM a;
-- to
CREATE TABLE t (id int, n text);
CREATE VIEW a AS SELECT id, n AS name FROM t;
CREATE VIEW b AS SELECT name AS n FROM a;
-- case: two views swap what they say
CREATE TABLE t (x int, y text);
CREATE VIEW a AS SELECT x FROM t;
CREATE VIEW b AS SELECT y FROM t;
-- to
CREATE TABLE t (x int, y text);
CREATE VIEW a AS SELECT y FROM t;
CREATE VIEW b AS SELECT x FROM t;
-- case: dependency turns round
CREATE VIEW a AS SELECT 1 AS x;
CREATE VIEW b AS SELECT x FROM a;
-- to
CREATE VIEW b AS SELECT 1 AS x;
CREATE VIEW a AS SELECT x FROM b;
-- case: view over a table that is split in two
CREATE TABLE t (id int PRIMARY KEY, a text, b text);
CREATE VIEW v AS SELECT id, a, b FROM t;
-- to
CREATE TABLE t (id int PRIMARY KEY, a text);
CREATE TABLE u (id int PRIMARY KEY REFERENCES t, b text);
CREATE VIEW v AS SELECT id, a, u.b FROM t JOIN u USING (id);
-- case: check option, security and column names
CREATE TABLE t (id int, n text);
CREATE VIEW a AS SELECT id, n FROM t WHERE id > 0 WITH LOCAL CHECK OPTION;
CREATE VIEW b (x, y) AS SELECT id, n FROM t;
-- to
CREATE TABLE t (id int, n text);
CREATE VIEW a WITH (security_barrier = true) AS SELECT id, n FROM t WHERE id > 0 WITH CASCADED CHECK OPTION;
CREATE VIEW b (x, z) AS SELECT id, n FROM t;
-- case: recursive and with ordinality
CREATE TABLE n (id int, up int);
-- to
CREATE TABLE n (id int, up int);
CREATE RECURSIVE VIEW tree (id, depth) AS SELECT id, 0 FROM n WHERE up IS NULL UNION ALL SELECT n.id, depth + 1 FROM n JOIN tree ON n.up = tree.id;
CREATE VIEW o AS SELECT * FROM unnest(ARRAY['a', 'b']) WITH ORDINALITY AS x (v, n);
CREATE VIEW w AS SELECT id, sum(id) OVER (PARTITION BY up ORDER BY id ROWS BETWEEN 1 PRECEDING AND CURRENT ROW) FROM n;
-- case: materialised view without data and with a method of its own
CREATE TABLE t (id int, v text);
CREATE MATERIALIZED VIEW m AS SELECT id FROM t;
-- to
CREATE TABLE t (id int, v text);
CREATE MATERIALIZED VIEW m WITH (fillfactor = 70) AS SELECT id, v FROM t WITH NO DATA;
CREATE INDEX m_v ON m USING hash (v);
CREATE STATISTICS m_s ON id, v FROM m;
-- case: materialised view clustered and with settings of columns
CREATE TABLE t (id int, v text);
CREATE MATERIALIZED VIEW m AS SELECT id, v FROM t;
CREATE INDEX m_id ON m (id);
-- to
CREATE TABLE t (id int, v text);
CREATE MATERIALIZED VIEW m AS SELECT id, v FROM t;
CREATE INDEX m_id ON m (id);
ALTER MATERIALIZED VIEW m CLUSTER ON m_id;
ALTER MATERIALIZED VIEW m ALTER v SET STATISTICS 10;
ALTER MATERIALIZED VIEW m ALTER v SET STORAGE EXTERNAL;
-- case: view uses a function whose arguments change
CREATE FUNCTION f(a int) RETURNS int LANGUAGE sql AS 'SELECT a';
CREATE VIEW v AS SELECT f(1) AS x;
CREATE VIEW w AS SELECT x FROM v;
-- to
CREATE FUNCTION f(a int, b int DEFAULT 2) RETURNS bigint LANGUAGE sql AS 'SELECT (a + b)::bigint';
CREATE VIEW v AS SELECT f(1) AS x;
CREATE VIEW w AS SELECT x FROM v;
-- case: view on a column that is dropped, and on the table's whole row
CREATE TABLE t (id int, gone text, kept text);
CREATE VIEW v AS SELECT t FROM t;
CREATE VIEW w AS SELECT id, gone FROM t;
-- to
CREATE TABLE t (id int, kept text, fresh int);
CREATE VIEW v AS SELECT t FROM t;
CREATE VIEW w AS SELECT id, kept FROM t;
-- case: instead of triggers survive the view's change
CREATE TABLE t (id int);
CREATE VIEW v AS SELECT id FROM t;
CREATE FUNCTION f() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NEW; END';
CREATE TRIGGER tr INSTEAD OF INSERT OR UPDATE ON v FOR EACH ROW EXECUTE FUNCTION f();
COMMENT ON TRIGGER tr ON v IS 'writes';
-- to
CREATE TABLE t (id bigint, n text);
CREATE VIEW v AS SELECT n, id FROM t;
CREATE FUNCTION f() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NEW; END';
CREATE TRIGGER tr INSTEAD OF INSERT OR UPDATE ON v FOR EACH ROW EXECUTE FUNCTION f();
COMMENT ON TRIGGER tr ON v IS 'writes';
