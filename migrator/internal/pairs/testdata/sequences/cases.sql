-- case: options, type and owner
CREATE SEQUENCE a;
CREATE SEQUENCE b AS smallint MAXVALUE 100 CYCLE;
CREATE TABLE t (id int DEFAULT nextval('a'), n int);
-- to
CREATE SEQUENCE a START 100 INCREMENT 10 MINVALUE 50 CACHE 20;
CREATE SEQUENCE b AS bigint;
CREATE TABLE t (id int DEFAULT nextval('a'), n int DEFAULT nextval('b'));
ALTER SEQUENCE b OWNED BY t.n;
-- case: serial's sequence under another name
CREATE TABLE t (id serial PRIMARY KEY);
-- to
CREATE SEQUENCE numbers AS int;
CREATE TABLE t (id int DEFAULT nextval('numbers') PRIMARY KEY);
ALTER SEQUENCE numbers OWNED BY t.id;
-- case: in another schema and descending
CREATE SCHEMA s;
CREATE SEQUENCE s.down INCREMENT -1;
GRANT USAGE ON SEQUENCE s.down TO PUBLIC;
-- to
CREATE SCHEMA s;
CREATE SEQUENCE s.down INCREMENT -2 MINVALUE -1000 MAXVALUE -1 START -10;
GRANT SELECT ON SEQUENCE s.down TO PUBLIC;
COMMENT ON SEQUENCE s.down IS 'below zero';
-- case: column with its sequence goes, the sequence stays
CREATE TABLE t (id serial, v int);
-- to
CREATE SEQUENCE t_id_seq AS int;
CREATE TABLE t (v int);
-- case: view reads a sequence
CREATE SEQUENCE s;
CREATE VIEW v AS SELECT last_value FROM s;
-- to
CREATE SEQUENCE s AS int INCREMENT 5;
CREATE VIEW v AS SELECT last_value, is_called FROM s;
-- case: serial becomes uuid
CREATE TABLE t (id serial PRIMARY KEY, v text);
CREATE TABLE r (t int REFERENCES t);
-- to
CREATE TABLE t (id uuid DEFAULT gen_random_uuid() PRIMARY KEY, v text);
CREATE TABLE r (t uuid REFERENCES t);
-- case: two columns share and part
CREATE SEQUENCE s;
CREATE TABLE a (id bigint DEFAULT nextval('s') PRIMARY KEY);
CREATE TABLE b (id bigint DEFAULT nextval('s') PRIMARY KEY);
-- to
CREATE TABLE a (id bigserial PRIMARY KEY);
CREATE TABLE b (id bigserial PRIMARY KEY);
-- case: sequence becomes a table and a table a sequence
CREATE SEQUENCE x;
CREATE TABLE y (a int);
-- to
CREATE TABLE x (a int);
CREATE SEQUENCE y;
