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
