-- case: primary key becomes an identity's and others refer to it
CREATE TABLE a (id serial PRIMARY KEY);
CREATE TABLE b (id serial PRIMARY KEY, a int NOT NULL REFERENCES a ON DELETE CASCADE);
CREATE TABLE c (b int REFERENCES b, a int REFERENCES a, PRIMARY KEY (a, b));
-- to
CREATE TABLE a (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY);
CREATE TABLE b (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, a bigint NOT NULL REFERENCES a ON DELETE RESTRICT);
CREATE TABLE c (b bigint REFERENCES b, a bigint REFERENCES a, PRIMARY KEY (b, a));
-- case: circle of foreign keys is made
-- to
CREATE TABLE a (id int PRIMARY KEY, b int);
CREATE TABLE b (id int PRIMARY KEY, c int, a int REFERENCES a);
CREATE TABLE c (id int PRIMARY KEY, b int REFERENCES b);
ALTER TABLE a ADD FOREIGN KEY (b) REFERENCES b DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE b ADD FOREIGN KEY (c) REFERENCES c;
-- case: foreign key moves to another column and table
CREATE TABLE x (id int PRIMARY KEY, code text UNIQUE);
CREATE TABLE y (id int PRIMARY KEY);
CREATE TABLE t (r int CONSTRAINT fk REFERENCES x, s text);
-- to
CREATE TABLE x (id int PRIMARY KEY, code text UNIQUE);
CREATE TABLE y (id int PRIMARY KEY);
CREATE TABLE t (r int, s text CONSTRAINT fk REFERENCES x (code) ON UPDATE CASCADE, y int REFERENCES y ON DELETE SET DEFAULT);
-- case: foreign key matches fully and by a unique index
CREATE TABLE x (a int, b int);
CREATE UNIQUE INDEX xu ON x (a, b);
CREATE TABLE t (a int, b int);
-- to
CREATE TABLE x (a int, b int);
CREATE UNIQUE INDEX xu ON x (a, b);
CREATE TABLE t (a int, b int, FOREIGN KEY (a, b) REFERENCES x (a, b) MATCH FULL ON DELETE SET NULL);
-- case: unique that a foreign key stands on is replaced
CREATE TABLE x (a int NOT NULL, b int NOT NULL, CONSTRAINT u UNIQUE (a));
CREATE TABLE t (a int REFERENCES x (a));
-- to
CREATE TABLE x (a int NOT NULL, b int NOT NULL, CONSTRAINT u UNIQUE (a, b), CONSTRAINT pk PRIMARY KEY (a));
CREATE TABLE t (a int REFERENCES x (a), b int, FOREIGN KEY (a, b) REFERENCES x (a, b));
-- case: primary key becomes unique and the other way round
CREATE TABLE t (a int, b int NOT NULL, PRIMARY KEY (a), CONSTRAINT u UNIQUE (b));
-- to
CREATE TABLE t (a int NOT NULL, b int, CONSTRAINT u UNIQUE (a), PRIMARY KEY (b));
-- case: exclusion with operators, predicate and a method
CREATE TABLE t (room int4range, during tsrange);
-- to
CREATE TABLE t (room int4range, during tsrange, CONSTRAINT no_overlap EXCLUDE USING gist (room WITH =, during WITH &&) WHERE (NOT isempty(during)) DEFERRABLE);
-- case: exclusion's predicate and columns change
CREATE TABLE t (a int4range, b tsrange, CONSTRAINT x EXCLUDE USING gist (b WITH &&));
-- to
CREATE TABLE t (a int4range, b tstzrange, CONSTRAINT x EXCLUDE USING gist (a WITH =, b WITH &&) WHERE (a IS NOT NULL));
-- case: checks of several columns, some unnamed, with comments
CREATE TABLE t (a int CHECK (a > 0), b int, CHECK (a < b), CONSTRAINT named CHECK (b <> 5));
COMMENT ON CONSTRAINT named ON t IS 'never five';
-- to
CREATE TABLE t (a int CHECK (a >= 0), b int CHECK (b > 1), CHECK (a <= b), CONSTRAINT named CHECK (b <> 6) NO INHERIT);
COMMENT ON CONSTRAINT named ON t IS 'never six';
-- case: check over a column that changes its type
CREATE TABLE t (s varchar(5), n int, CONSTRAINT c CHECK (s IN ('a', 'b') AND n BETWEEN 1 AND 5));
-- to
CREATE TABLE t (s text, n numeric, CONSTRAINT c CHECK (s IN ('a', 'b') AND n BETWEEN 1 AND 5));
-- case: deferrable unique and key with include
CREATE TABLE t (a int NOT NULL, b int, c int, CONSTRAINT k PRIMARY KEY (a), CONSTRAINT u UNIQUE (b));
-- to
CREATE TABLE t (a int NOT NULL, b int, c int, CONSTRAINT k PRIMARY KEY (a) INCLUDE (c) DEFERRABLE, CONSTRAINT u UNIQUE (b) DEFERRABLE INITIALLY DEFERRED);
-- case: key's column is dropped and added
CREATE TABLE t (id int PRIMARY KEY, v text);
CREATE TABLE r (t int REFERENCES t);
-- to
CREATE TABLE t (uid uuid PRIMARY KEY, v text);
CREATE TABLE r (t uuid REFERENCES t);
-- case: self reference in a composite key
CREATE TABLE t (tenant int, id int, up int, PRIMARY KEY (tenant, id), FOREIGN KEY (tenant, up) REFERENCES t (tenant, id));
-- to
CREATE TABLE t (tenant uuid, id bigint, up bigint, PRIMARY KEY (tenant, id), FOREIGN KEY (tenant, up) REFERENCES t (tenant, id) ON DELETE CASCADE);
-- case: not valid ones appear and are validated
CREATE TABLE p (id int PRIMARY KEY);
CREATE TABLE t (a int, p int);
ALTER TABLE t ADD CONSTRAINT c CHECK (a > 0) NOT VALID;
-- to
CREATE TABLE p (id int PRIMARY KEY);
CREATE TABLE t (a int, p int);
ALTER TABLE t ADD CONSTRAINT c CHECK (a > 0);
ALTER TABLE t ADD CONSTRAINT f FOREIGN KEY (p) REFERENCES p NOT VALID;

-- case: a foreign key that could stand on either of two keys that come and go
CREATE TABLE a (id int, CONSTRAINT a_pkey PRIMARY KEY (id));
CREATE TABLE b (a_id int, CONSTRAINT b_a FOREIGN KEY (a_id) REFERENCES a);
-- to
CREATE TABLE a (other int, CONSTRAINT a_pkey PRIMARY KEY (other));
ALTER TABLE a ADD CONSTRAINT a_also UNIQUE (other);
CREATE TABLE b (a_id int, CONSTRAINT b_new FOREIGN KEY (a_id) REFERENCES a);
