-- case: leave a compressed parent
CREATE TABLE p (y text COMPRESSION pglz);
CREATE TABLE c () INHERITS (p);
-- to
CREATE TABLE p (y text);
CREATE TABLE c () INHERITS (p);
-- case: partition dropped with owner index
CREATE TABLE p (x int, y int) PARTITION BY RANGE (x);
CREATE TABLE p1 PARTITION OF p DEFAULT;
CREATE INDEX ON p USING hash (y);
-- to
CREATE TABLE p (x int, y int) PARTITION BY RANGE (x);
CREATE TABLE p1 (x int, y int);
-- case: key of partition that leaves
CREATE TABLE p (x int PRIMARY KEY, y int) PARTITION BY RANGE (x);
CREATE TABLE p1 PARTITION OF p DEFAULT;
-- to
CREATE TABLE p1 (x int NOT NULL);
-- case: granted before owning
CREATE TABLE t (a int);
GRANT SELECT, UPDATE ON t TO pg_monitor;
-- to
CREATE TABLE t (a int);
ALTER TABLE t OWNER TO pg_monitor;
