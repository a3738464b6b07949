-- case: publications
CREATE TABLE t (a int PRIMARY KEY, b int);
CREATE TABLE u (a int PRIMARY KEY);
CREATE PUBLICATION p FOR TABLE t, u;
CREATE PUBLICATION q FOR ALL TABLES;
-- to
CREATE TABLE t (a int PRIMARY KEY, b bigint);
CREATE TABLE w (a int PRIMARY KEY);
CREATE PUBLICATION p FOR TABLE t (a), w WHERE (a > 1) WITH (publish = 'insert, update', publish_via_partition_root);
CREATE PUBLICATION r FOR TABLES IN SCHEMA public;
COMMENT ON PUBLICATION r IS 'all';
