-- case: primary key added
CREATE TABLE t (a int, b int);
-- to
CREATE TABLE t (a int, b int, PRIMARY KEY (b, a));
-- case: primary key changes columns
CREATE TABLE t (a int PRIMARY KEY, b int NOT NULL);
CREATE TABLE u (a int REFERENCES t);
-- to
CREATE TABLE t (a int NOT NULL UNIQUE, b int PRIMARY KEY);
CREATE TABLE u (a int REFERENCES t (a));
-- case: primary key renamed
CREATE TABLE t (a int, CONSTRAINT old_name PRIMARY KEY (a));
CREATE TABLE u (a int REFERENCES t);
-- to
CREATE TABLE t (a int, CONSTRAINT new_name PRIMARY KEY (a));
CREATE TABLE u (a int REFERENCES t);
-- case: primary key with included column and fillfactor
CREATE TABLE t (a int, b int);
-- to
CREATE TABLE t (a int, b int, PRIMARY KEY (a) INCLUDE (b) WITH (fillfactor = 50));
-- case: unique nulls not distinct and deferrable
CREATE TABLE t (a int, b int, c int, UNIQUE (c));
-- to
CREATE TABLE t (a int, b int, c int, UNIQUE NULLS NOT DISTINCT (a), UNIQUE (b) DEFERRABLE INITIALLY DEFERRED, UNIQUE (c) DEFERRABLE);
-- case: unique index becomes constraint
CREATE TABLE t (a int);
CREATE UNIQUE INDEX t_a_key ON t (a);
-- to
CREATE TABLE t (a int UNIQUE);
-- case: foreign key actions
CREATE TABLE p (a int, b int, PRIMARY KEY (a, b));
CREATE TABLE c (a int, b int, CONSTRAINT fk FOREIGN KEY (a, b) REFERENCES p);
-- to
CREATE TABLE p (a int, b int, PRIMARY KEY (a, b));
CREATE TABLE c (a int, b int, CONSTRAINT fk FOREIGN KEY (a, b) REFERENCES p MATCH FULL ON UPDATE CASCADE ON DELETE SET NULL);
-- case: foreign key set null of some columns
CREATE TABLE p (a int, b int, PRIMARY KEY (a, b));
CREATE TABLE c (a int, b int, CONSTRAINT fk FOREIGN KEY (a, b) REFERENCES p ON DELETE SET NULL);
-- to
CREATE TABLE p (a int, b int, PRIMARY KEY (a, b));
CREATE TABLE c (a int, b int, CONSTRAINT fk FOREIGN KEY (a, b) REFERENCES p ON DELETE SET NULL (b));
-- case: foreign key becomes deferrable
CREATE TABLE p (a int PRIMARY KEY);
CREATE TABLE c (a int CONSTRAINT fk REFERENCES p, b int CONSTRAINT fk2 REFERENCES p DEFERRABLE INITIALLY DEFERRED);
-- to
CREATE TABLE p (a int PRIMARY KEY);
CREATE TABLE c (a int CONSTRAINT fk REFERENCES p DEFERRABLE INITIALLY DEFERRED, b int CONSTRAINT fk2 REFERENCES p DEFERRABLE);
-- case: foreign key validated
CREATE TABLE p (a int PRIMARY KEY);
CREATE TABLE c (a int, b int REFERENCES p);
ALTER TABLE c ADD CONSTRAINT fk FOREIGN KEY (a) REFERENCES p NOT VALID;
-- to
CREATE TABLE p (a int PRIMARY KEY);
CREATE TABLE c (a int, b int);
ALTER TABLE c ADD CONSTRAINT fk FOREIGN KEY (a) REFERENCES p;
ALTER TABLE c ADD CONSTRAINT c_b_fkey FOREIGN KEY (b) REFERENCES p NOT VALID;
-- case: check not valid and no inherit
CREATE TABLE t (a int CONSTRAINT one CHECK (a > 1));
-- to
CREATE TABLE t (a int, CONSTRAINT two CHECK (a > 2) NO INHERIT);
ALTER TABLE t ADD CONSTRAINT one CHECK (a > 1) NOT VALID;
-- case: check with a list of varchars
CREATE TABLE t (s varchar(10), u varchar);
-- to
CREATE TABLE t (s varchar(10) CHECK (s IN ('a', 'b', 'it''s')), u varchar CHECK (u IN ('x', 'y') AND u NOT IN ('z', 'q')));
CREATE VIEW v AS SELECT s FROM t WHERE s IN ('a', 'b') OR u = ANY (ARRAY['p', 'q']);
CREATE INDEX i ON t (u) WHERE s IN ('a', 'b');
-- case: check uses a function
CREATE TABLE t (a int);
-- to
CREATE FUNCTION even(int) RETURNS boolean LANGUAGE sql IMMUTABLE AS 'SELECT $1 % 2 = 0';
CREATE TABLE t (a int CHECK (even(a)));
-- case: function under a check changes its arguments
CREATE FUNCTION even(int) RETURNS boolean LANGUAGE sql IMMUTABLE AS 'SELECT $1 % 2 = 0';
CREATE TABLE t (a int, CONSTRAINT c CHECK (even(a)));
-- to
CREATE FUNCTION even(n int) RETURNS boolean LANGUAGE sql IMMUTABLE AS 'SELECT n % 2 = 0';
CREATE TABLE t (a int, CONSTRAINT c CHECK (even(a)));
-- case: exclusion
CREATE TABLE t (r int4range, s int4range);
-- to
CREATE TABLE t (r int4range, s int4range, EXCLUDE USING gist (r WITH &&) WHERE (NOT isempty(r)), CONSTRAINT ex EXCLUDE USING gist (s WITH &&) DEFERRABLE);
COMMENT ON CONSTRAINT ex ON t IS 'apart';
-- case: exclusion changes
CREATE TABLE t (r int4range, CONSTRAINT ex EXCLUDE USING gist (r WITH &&));
-- to
CREATE TABLE t (r int4range, CONSTRAINT ex EXCLUDE USING gist (r WITH =));
-- case: unnamed checks swap
CREATE TABLE t (a int CHECK (a > 0) CHECK (a < 10));
-- to
CREATE TABLE t (a int CHECK (a < 10) CHECK (a > 0));
-- case: constraint trigger
CREATE TABLE t (a int);
CREATE FUNCTION f() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NULL; END';
-- to
CREATE TABLE t (a int);
CREATE FUNCTION f() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NULL; END';
CREATE CONSTRAINT TRIGGER ct AFTER INSERT ON t DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION f();
COMMENT ON TRIGGER ct ON t IS 'later';
-- case: name moves from one table to another
CREATE TABLE a (x int, CONSTRAINT shared UNIQUE (x));
CREATE TABLE b (x int);
-- to
CREATE TABLE a (x int);
CREATE TABLE b (x int, CONSTRAINT shared UNIQUE (x));
-- case: view groups by primary key
CREATE TABLE t (id int PRIMARY KEY, n text);
CREATE VIEW v AS SELECT id, n, count(*) FROM t GROUP BY id;
-- to
CREATE TABLE t (id int, n text, CONSTRAINT other PRIMARY KEY (id));
CREATE VIEW v AS SELECT id, n, count(*) FROM t GROUP BY id;
-- case: storage parameters of a key
CREATE TABLE t (a int PRIMARY KEY, b int UNIQUE WITH (fillfactor = 60), r int4range, CONSTRAINT ex EXCLUDE USING gist (r WITH &&) WHERE (a > 0));
-- to
CREATE TABLE t (a int PRIMARY KEY WITH (fillfactor = 70), b int UNIQUE, r int4range, CONSTRAINT ex EXCLUDE USING gist (r WITH &&) WITH (fillfactor = 80) WHERE (a > 0), CONSTRAINT ex2 EXCLUDE USING gist (r WITH -|-) WITH (fillfactor = 80) WHERE (a > 0) DEFERRABLE INITIALLY DEFERRED);
-- case: renames of constraints and indexes
CREATE TABLE p (a int, b int, c int, CONSTRAINT p1 PRIMARY KEY (a), CONSTRAINT u1 UNIQUE (b), CONSTRAINT c1 CHECK (a > 0));
CREATE TABLE q (a int CONSTRAINT f1 REFERENCES p);
CREATE INDEX i1 ON p (c);
CREATE UNIQUE INDEX "I 2" ON p (lower(c::text));
COMMENT ON INDEX i1 IS 'one';
COMMENT ON CONSTRAINT u1 ON p IS 'one';
-- to
CREATE TABLE p (a int, b int, c int, CONSTRAINT p2 PRIMARY KEY (a), CONSTRAINT u2 UNIQUE (b), CONSTRAINT c2 CHECK (a > 0));
CREATE TABLE q (a int CONSTRAINT f2 REFERENCES p);
CREATE INDEX i2 ON p (c);
CREATE UNIQUE INDEX "I 3" ON p (lower(c::text));
COMMENT ON INDEX i2 IS 'two';
COMMENT ON CONSTRAINT u2 ON p IS 'two';
-- case: renamed constraint on a column that changes
CREATE TABLE p (a int CONSTRAINT p1 PRIMARY KEY);
CREATE TABLE q (a int CONSTRAINT f1 REFERENCES p);
-- to
CREATE TABLE p (a uuid CONSTRAINT p2 PRIMARY KEY);
CREATE TABLE q (a uuid CONSTRAINT f2 REFERENCES p);
-- case: swapped names
CREATE TABLE p (a int, b int, CONSTRAINT x CHECK (a > 0), CONSTRAINT y CHECK (b > 0));
CREATE INDEX i ON p (a);
CREATE INDEX j ON p (b);
-- to
CREATE TABLE p (a int, b int, CONSTRAINT y CHECK (a > 0), CONSTRAINT x CHECK (b > 0));
CREATE INDEX j ON p (a);
CREATE INDEX i ON p (b);
-- case: renamed to a name that is given up
CREATE TABLE p (a int, b int, CONSTRAINT x CHECK (a > 0), CONSTRAINT y CHECK (b > 0));
CREATE INDEX i ON p (a);
CREATE TABLE j (b int);
-- to
CREATE TABLE p (a int, b int, CONSTRAINT y CHECK (a > 0));
CREATE INDEX j ON p (a);
