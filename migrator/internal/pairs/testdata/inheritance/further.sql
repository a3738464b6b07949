-- case: inherit with new columns
CREATE TABLE p (a int);
CREATE TABLE c (b int) INHERITS (p);
-- to
CREATE TABLE p (a bigint DEFAULT 5 NOT NULL, n text CHECK (n <> ''));
CREATE TABLE c (b int, CONSTRAINT own CHECK (b > 0)) INHERITS (p);
CREATE TABLE d () INHERITS (c, p);
