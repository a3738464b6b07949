-- case: rename column under view same output
CREATE TABLE t (id int, old_name text);
CREATE VIEW v AS SELECT id, old_name AS label FROM t;
CREATE INDEX i ON t (old_name);
-- to
CREATE TABLE t (id int, new_name text);
CREATE VIEW v AS SELECT id, new_name AS label FROM t;
CREATE INDEX i ON t (new_name);
-- case: generated chain and check
CREATE TABLE t (a numeric, b numeric, net numeric GENERATED ALWAYS AS (a - b) STORED, CHECK (net >= 0));
CREATE INDEX ON t (net);
CREATE VIEW v AS SELECT net FROM t;
CREATE MATERIALIZED VIEW mv AS SELECT sum(net) FROM v;
-- to
CREATE TABLE t (a numeric(12,2), b numeric(12,2), net numeric(12,2) GENERATED ALWAYS AS (a - b) STORED, CHECK (net >= 0), gross numeric GENERATED ALWAYS AS (a * 2) STORED);
CREATE INDEX ON t (net);
CREATE VIEW v AS SELECT net FROM t;
CREATE MATERIALIZED VIEW mv AS SELECT sum(net) FROM v;
