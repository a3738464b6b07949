-- case: comes to a parent and its column
CREATE TABLE p (a int);
CREATE TABLE c (b int);
-- to
CREATE TABLE p (a int);
CREATE TABLE c (b int) INHERITS (p);
-- case: own column becomes the parent's alone
CREATE TABLE p (a int);
CREATE TABLE c (a int, b int NOT NULL, s serial PRIMARY KEY, i int GENERATED ALWAYS AS IDENTITY);
CREATE INDEX ci ON c (b);
CREATE VIEW v AS SELECT a, b FROM c;
CREATE TABLE f (s int REFERENCES c);
-- to
CREATE TABLE p (a int);
CREATE TABLE c (b int NOT NULL, s serial PRIMARY KEY, i int GENERATED ALWAYS AS IDENTITY) INHERITS (p);
CREATE INDEX ci ON c (b);
CREATE VIEW v AS SELECT a, b FROM c;
CREATE TABLE f (s int REFERENCES c);
-- case: column stays local
CREATE TABLE p (a int);
CREATE TABLE c (a int, b int);
-- to
CREATE TABLE p (a int);
CREATE TABLE c (a int, b int) INHERITS (p);
-- case: local while inherited
CREATE TABLE p (a int, b int, CHECK (b > 0));
CREATE TABLE c () INHERITS (p);
-- to
CREATE TABLE p (a int, b int, CHECK (b > 0));
CREATE TABLE c (a int) INHERITS (p);
-- case: inherited check comes with the parent
CREATE TABLE p (a int CONSTRAINT pos CHECK (a > 0));
CREATE TABLE c (a int, b int);
-- to
CREATE TABLE p (a int CONSTRAINT pos CHECK (a > 0));
CREATE TABLE c (a int, b int) INHERITS (p);
-- case: own check becomes the parent's alone
CREATE TABLE p (a int CONSTRAINT pos CHECK (a > 0));
CREATE TABLE c (a int, CONSTRAINT pos CHECK (a > 0)) INHERITS (p);
-- to
CREATE TABLE p (a int CONSTRAINT pos CHECK (a > 0));
CREATE TABLE c (a int) INHERITS (p);
-- case: other order of parents
CREATE TABLE p (a int);
CREATE TABLE q (a int, b int CHECK (b < 9));
CREATE TABLE c (k int) INHERITS (p, q);
-- to
CREATE TABLE p (a int);
CREATE TABLE q (a int, b int CHECK (b < 9));
CREATE TABLE c (k int) INHERITS (q, p);
-- case: a parent in front
CREATE TABLE p (a int);
CREATE TABLE q (a int, b int CHECK (b < 9));
CREATE TABLE c (b int) INHERITS (p);
-- to
CREATE TABLE p (a int);
CREATE TABLE q (a int, b int CHECK (b < 9));
CREATE TABLE c (b int) INHERITS (q, p);
-- case: from one parent to another
CREATE TABLE p (a int CONSTRAINT pos CHECK (a > 0), t text);
CREATE TABLE q (a int CONSTRAINT pos CHECK (a > 0), t text);
CREATE TABLE c (b int) INHERITS (p);
-- to
CREATE TABLE p (a int CONSTRAINT pos CHECK (a > 0), t text);
CREATE TABLE q (a int CONSTRAINT pos CHECK (a > 0), t text);
CREATE TABLE c (b int) INHERITS (q);
-- case: leaves its parent
CREATE TABLE p (a int CONSTRAINT pos CHECK (a > 0) DEFAULT 3, t text NOT NULL);
CREATE TABLE c (b int) INHERITS (p);
CREATE INDEX ON c (a);
-- to
CREATE TABLE p (a int CONSTRAINT pos CHECK (a > 0) DEFAULT 3, t text NOT NULL);
CREATE TABLE c (a int CONSTRAINT pos CHECK (a > 0) DEFAULT 3, t text NOT NULL, b int);
CREATE INDEX ON c (a);
-- case: leaves with nothing of it
CREATE TABLE p (a int CONSTRAINT pos CHECK (a > 0) DEFAULT 3, t text NOT NULL);
CREATE TABLE c (b int) INHERITS (p);
-- to
CREATE TABLE p (a int CONSTRAINT pos CHECK (a > 0) DEFAULT 3, t text NOT NULL);
CREATE TABLE c (b int);
-- case: parent is dropped
CREATE TABLE p (a int CHECK (a > 0), t text);
CREATE TABLE c (b int) INHERITS (p);
CREATE TABLE d () INHERITS (c);
-- to
CREATE TABLE c (b int, a int, t text);
CREATE TABLE d () INHERITS (c);
-- case: a new parent above two
CREATE TABLE c (a int, b int);
CREATE TABLE d (a int, k int);
-- to
CREATE TABLE p (a int CHECK (a <> 5));
CREATE TABLE c (b int) INHERITS (p);
CREATE TABLE d (k int) INHERITS (p);
-- case: parent loses a column that the child keeps
CREATE TABLE p (a int, b int);
CREATE TABLE c () INHERITS (p);
CREATE TABLE d () INHERITS (p);
-- to
CREATE TABLE p (a int);
CREATE TABLE c (b int) INHERITS (p);
CREATE TABLE d () INHERITS (p);
-- case: both get a column
CREATE TABLE p (a int);
CREATE TABLE c () INHERITS (p);
CREATE TABLE d () INHERITS (c);
-- to
CREATE TABLE p (a int, n text DEFAULT 'p' NOT NULL);
CREATE TABLE c (n text DEFAULT 'c') INHERITS (p);
CREATE TABLE d () INHERITS (c);
-- case: grandchild comes and goes
CREATE TABLE p (a int CHECK (a > 0));
CREATE TABLE c (b int) INHERITS (p);
CREATE TABLE d (a int, b int);
CREATE TABLE e () INHERITS (c);
-- to
CREATE TABLE p (a int CHECK (a > 0));
CREATE TABLE c (b int) INHERITS (p);
CREATE TABLE d () INHERITS (c);
CREATE TABLE e (a int, b int);
-- case: two parents with a column in common
CREATE TABLE p (a int, x int);
CREATE TABLE q (a int, y int);
CREATE TABLE c (z int) INHERITS (p, q);
-- to
CREATE TABLE p (x int);
CREATE TABLE q (a int, y int);
CREATE TABLE c (z int) INHERITS (p, q);
-- case: changed check above
CREATE TABLE p (a int CONSTRAINT pos CHECK (a > 0));
CREATE TABLE c (a int, CONSTRAINT pos CHECK (a > 0)) INHERITS (p);
CREATE TABLE d () INHERITS (p);
-- to
CREATE TABLE p (a int CONSTRAINT pos CHECK (a > 1));
CREATE TABLE c (a int, CONSTRAINT pos CHECK (a > 1)) INHERITS (p);
CREATE TABLE d () INHERITS (p);
-- case: type changes while parents change
CREATE TABLE p (a int);
CREATE TABLE q (a bigint);
CREATE TABLE c (b int) INHERITS (p);
-- to
CREATE TABLE p (a int);
CREATE TABLE q (a bigint);
CREATE TABLE c (b int) INHERITS (q);
-- case: partition comes to inherit
CREATE TABLE p (a int, b int) PARTITION BY RANGE (a);
CREATE TABLE q (a int);
CREATE TABLE c PARTITION OF p DEFAULT;
-- to
CREATE TABLE p (a int, b int) PARTITION BY RANGE (a);
CREATE TABLE q (a int);
CREATE TABLE c (b int) INHERITS (q);
-- case: foreign child
CREATE FOREIGN DATA WRAPPER w; CREATE SERVER s FOREIGN DATA WRAPPER w;
CREATE TABLE p (a int CHECK (a > 0));
CREATE FOREIGN TABLE c (a int) SERVER s;
-- to
CREATE FOREIGN DATA WRAPPER w; CREATE SERVER s FOREIGN DATA WRAPPER w;
CREATE TABLE p (a int CHECK (a > 0));
CREATE FOREIGN TABLE c (b int) INHERITS (p) SERVER s;
-- case: not valid check
CREATE TABLE p (a int);
ALTER TABLE p ADD CONSTRAINT pos CHECK (a > 0) NOT VALID;
CREATE TABLE c (a int);
-- to
CREATE TABLE p (a int);
CREATE TABLE c (a int) INHERITS (p);
ALTER TABLE p ADD CONSTRAINT pos CHECK (a > 0) NOT VALID;
