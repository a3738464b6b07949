-- case: operations, tables and all tables
CREATE TABLE a (id int PRIMARY KEY);
CREATE TABLE b (id int PRIMARY KEY);
CREATE PUBLICATION p FOR TABLE a;
CREATE PUBLICATION q FOR ALL TABLES;
-- to
CREATE TABLE a (id int PRIMARY KEY);
CREATE TABLE b (id int PRIMARY KEY);
CREATE PUBLICATION p FOR TABLE b WITH (publish = 'insert, delete', publish_via_partition_root = true);
CREATE PUBLICATION q FOR TABLE a, b;
COMMENT ON PUBLICATION p IS 'some';
-- case: column list and filter over columns that change
CREATE TABLE t (id int PRIMARY KEY, v varchar(5), w int);
CREATE PUBLICATION p FOR TABLE t (id, v) WHERE (id > 5);
-- to
CREATE TABLE t (id bigint PRIMARY KEY, v text, w int);
CREATE PUBLICATION p FOR TABLE t (id, v, w) WHERE (id > 6 AND v <> '');
ALTER TABLE t REPLICA IDENTITY FULL;
-- case: schemas
CREATE SCHEMA s;
CREATE TABLE s.t (id int PRIMARY KEY);
CREATE PUBLICATION p FOR TABLE s.t;
-- to
CREATE SCHEMA s;
CREATE TABLE s.t (id int PRIMARY KEY);
CREATE PUBLICATION p FOR TABLES IN SCHEMA s;
-- case: published table is made again
CREATE TABLE t (id int NOT NULL, at date NOT NULL, PRIMARY KEY (id, at));
CREATE PUBLICATION p FOR TABLE t;
-- to
CREATE TABLE t (id int NOT NULL, at date NOT NULL, PRIMARY KEY (id, at)) PARTITION BY RANGE (at);
CREATE TABLE t1 PARTITION OF t DEFAULT;
CREATE PUBLICATION p FOR TABLE t;
