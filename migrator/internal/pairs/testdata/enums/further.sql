-- case: enum default in function argument and partition
CREATE TYPE st AS ENUM ('a', 'b', 'c');
CREATE FUNCTION f(x st DEFAULT 'a') RETURNS st LANGUAGE sql AS $$ SELECT x $$;
CREATE TABLE t (s st DEFAULT 'a', id int) PARTITION BY RANGE (id);
CREATE TABLE t1 PARTITION OF t FOR VALUES FROM (1) TO (5);
CREATE INDEX ON t (s);
-- to
CREATE TYPE st AS ENUM ('a', 'c');
CREATE FUNCTION f(x st DEFAULT 'c') RETURNS st LANGUAGE sql AS $$ SELECT x $$;
CREATE TABLE t (s st DEFAULT 'c' NOT NULL, id int) PARTITION BY RANGE (id);
CREATE TABLE t1 PARTITION OF t FOR VALUES FROM (1) TO (5);
CREATE INDEX ON t (s);
