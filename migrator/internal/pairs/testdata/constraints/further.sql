-- case: swap columns of pk and unique
CREATE TABLE t (a int, b int, CONSTRAINT x PRIMARY KEY (a), CONSTRAINT y UNIQUE (b));
-- to
CREATE TABLE t (a int, b int, CONSTRAINT y PRIMARY KEY (a), CONSTRAINT x UNIQUE (b));
