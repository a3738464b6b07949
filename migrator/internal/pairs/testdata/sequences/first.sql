-- case: sequences
CREATE SEQUENCE s1;
CREATE SEQUENCE s2 AS int INCREMENT 2 MAXVALUE 100;
CREATE TABLE t (a int);
CREATE SEQUENCE s3 OWNED BY t.a;
-- to
CREATE SEQUENCE s1 START 5 INCREMENT -1 MINVALUE -10 MAXVALUE 10 CYCLE CACHE 3;
CREATE SEQUENCE s2 AS bigint INCREMENT 2;
CREATE TABLE t (a int);
CREATE SEQUENCE s3;
CREATE SEQUENCE s4 AS smallint;
COMMENT ON SEQUENCE s4 IS 'small';
-- case: sequence gets an owner
CREATE SEQUENCE s1;
CREATE TABLE t (a int);
-- to
CREATE SEQUENCE s1;
CREATE TABLE t (a int DEFAULT nextval('s1'));
ALTER SEQUENCE s1 OWNED BY t.a;
-- case: sequence changes owner as the table goes
CREATE TABLE t (a int);
CREATE SEQUENCE s1 OWNED BY t.a;
-- to
CREATE TABLE u (b int);
CREATE SEQUENCE s1 OWNED BY u.b;
-- case: sequence shared by two tables
CREATE TABLE t (a serial);
CREATE TABLE u (b int DEFAULT nextval('t_a_seq'));
-- to
CREATE TABLE u (b serial);
