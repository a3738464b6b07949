-- case: range
-- to
CREATE TABLE m (id int NOT NULL, at date NOT NULL, v int DEFAULT 1, PRIMARY KEY (id, at)) PARTITION BY RANGE (at);
CREATE TABLE m1 PARTITION OF m FOR VALUES FROM ('2024-01-01') TO ('2025-01-01');
CREATE TABLE m2 PARTITION OF m FOR VALUES FROM ('2025-01-01') TO (MAXVALUE);
CREATE TABLE md PARTITION OF m DEFAULT;
CREATE INDEX m_v ON m (v);
-- case: nested list and hash
-- to
CREATE TABLE m (r text, h int, CHECK (h > 0)) PARTITION BY LIST (r);
CREATE TABLE ma PARTITION OF m FOR VALUES IN ('a', 'b') PARTITION BY HASH (h);
CREATE TABLE ma0 PARTITION OF ma FOR VALUES WITH (modulus 2, remainder 0);
CREATE TABLE ma1 PARTITION OF ma FOR VALUES WITH (modulus 2, remainder 1);
CREATE UNIQUE INDEX m_u ON m (r, h);
-- case: add and drop a partition
CREATE TABLE m (id int, at date, PRIMARY KEY (id, at)) PARTITION BY RANGE (at);
CREATE INDEX m_at ON m (at);
CREATE TABLE m1 PARTITION OF m FOR VALUES FROM ('2024-01-01') TO ('2025-01-01');
-- to
CREATE TABLE m (id int, at date, PRIMARY KEY (id, at)) PARTITION BY RANGE (at);
CREATE INDEX m_at ON m (at);
CREATE TABLE m2 PARTITION OF m FOR VALUES FROM ('2024-06-01') TO ('2025-01-01');
-- case: detach
CREATE TABLE m (id int, at date) PARTITION BY RANGE (at);
CREATE TABLE m1 PARTITION OF m FOR VALUES FROM ('2024-01-01') TO ('2025-01-01');
-- to
CREATE TABLE m (id int, at date) PARTITION BY RANGE (at);
CREATE TABLE m1 (id int, at date);
-- case: detach with indexes
CREATE TABLE m (id int, at date, PRIMARY KEY (id, at)) PARTITION BY RANGE (at);
CREATE INDEX m_at ON m (at);
CREATE TABLE m1 PARTITION OF m FOR VALUES FROM ('2024-01-01') TO ('2025-01-01');
-- to
CREATE TABLE m (id int, at date, PRIMARY KEY (id, at)) PARTITION BY RANGE (at);
CREATE INDEX m_at ON m (at);
CREATE TABLE m1 (id int NOT NULL, at date NOT NULL, CONSTRAINT m1_pkey PRIMARY KEY (id, at));
CREATE INDEX m1_at_idx ON m1 (at);
-- case: bounds
CREATE TABLE m (id int, at date) PARTITION BY RANGE (at);
CREATE TABLE m1 PARTITION OF m FOR VALUES FROM ('2024-01-01') TO ('2025-01-01');
CREATE TABLE m2 PARTITION OF m FOR VALUES FROM ('2025-01-01') TO ('2026-01-01');
-- to
CREATE TABLE m (id int, at date) PARTITION BY RANGE (at);
CREATE TABLE m1 PARTITION OF m FOR VALUES FROM ('2024-01-01') TO ('2024-07-01');
CREATE TABLE m2 PARTITION OF m FOR VALUES FROM ('2024-07-01') TO ('2026-01-01');
-- case: partition key changes
CREATE TABLE m (id int, at date) PARTITION BY RANGE (at);
CREATE TABLE m1 PARTITION OF m FOR VALUES FROM ('2024-01-01') TO ('2025-01-01');
CREATE VIEW v AS SELECT id FROM m;
-- to
CREATE TABLE m (id int, at date) PARTITION BY LIST (id);
CREATE TABLE m1 PARTITION OF m FOR VALUES IN (1, 2);
CREATE VIEW v AS SELECT id FROM m;
-- case: plain table becomes partitioned
CREATE TABLE m (id serial, at date, PRIMARY KEY (id));
CREATE TABLE other (m int REFERENCES m);
GRANT SELECT ON m TO PUBLIC;
COMMENT ON TABLE m IS 'many';
-- to
CREATE TABLE m (id serial, at date, PRIMARY KEY (id)) PARTITION BY HASH (id);
CREATE TABLE m0 PARTITION OF m FOR VALUES WITH (modulus 1, remainder 0);
CREATE TABLE other (m int REFERENCES m);
GRANT SELECT ON m TO PUBLIC;
COMMENT ON TABLE m IS 'many';
-- case: columns of all partitions
CREATE TABLE m (id int, at date, old int, t int) PARTITION BY RANGE (at);
CREATE TABLE m1 PARTITION OF m FOR VALUES FROM ('2024-01-01') TO ('2025-01-01');
CREATE TABLE m2 PARTITION OF m DEFAULT;
CREATE INDEX m_t ON m (t);
-- to
CREATE TABLE m (id int NOT NULL, at date, t bigint DEFAULT 5, fresh text DEFAULT 'x' NOT NULL CHECK (fresh <> '')) PARTITION BY RANGE (at);
CREATE TABLE m1 PARTITION OF m FOR VALUES FROM ('2024-01-01') TO ('2025-01-01');
CREATE TABLE m2 PARTITION OF m DEFAULT;
CREATE INDEX m_t ON m (t);
-- case: indexes on partitioned tables come and go
CREATE TABLE m (id int NOT NULL, at date NOT NULL, a int, b int) PARTITION BY RANGE (at);
CREATE TABLE m1 PARTITION OF m FOR VALUES FROM ('2024-01-01') TO ('2025-01-01');
CREATE INDEX m_a ON m (a);
CREATE INDEX m1_own ON m1 (b, a);
-- to
CREATE TABLE m (id int NOT NULL, at date NOT NULL, a int, b int) PARTITION BY RANGE (at);
CREATE TABLE m1 PARTITION OF m FOR VALUES FROM ('2024-01-01') TO ('2025-01-01');
CREATE INDEX m_b ON m (b) WHERE b > 0;
CREATE UNIQUE INDEX m_u ON m (id, at);
-- case: index on partitioned table changes
CREATE TABLE m (id int NOT NULL, at date NOT NULL, a int) PARTITION BY RANGE (at);
CREATE TABLE m1 PARTITION OF m FOR VALUES FROM ('2024-01-01') TO ('2025-01-01');
CREATE INDEX m_a ON m (a);
-- to
CREATE TABLE m (id int NOT NULL, at date NOT NULL, a int) PARTITION BY RANGE (at);
CREATE TABLE m1 PARTITION OF m FOR VALUES FROM ('2024-01-01') TO ('2025-01-01');
CREATE INDEX m_a ON m (a) WHERE a > 0;
-- case: keys of partitioned tables
CREATE TABLE p (id int PRIMARY KEY);
CREATE TABLE m (id int NOT NULL, at date NOT NULL, p int) PARTITION BY RANGE (at);
CREATE TABLE m1 PARTITION OF m FOR VALUES FROM ('2024-01-01') TO ('2025-01-01');
-- to
CREATE TABLE p (id int PRIMARY KEY);
CREATE TABLE m (id int NOT NULL, at date NOT NULL, p int REFERENCES p, PRIMARY KEY (id, at), UNIQUE (at, p)) PARTITION BY RANGE (at);
CREATE TABLE m1 PARTITION OF m FOR VALUES FROM ('2024-01-01') TO ('2025-01-01');
CREATE TABLE q (id int, at date, FOREIGN KEY (id, at) REFERENCES m);
-- case: key of a partitioned table changes
CREATE TABLE m (id int NOT NULL, at date NOT NULL, k int NOT NULL, PRIMARY KEY (id, at)) PARTITION BY RANGE (at);
CREATE TABLE m1 PARTITION OF m FOR VALUES FROM ('2024-01-01') TO ('2025-01-01');
-- to
CREATE TABLE m (id int NOT NULL, at date NOT NULL, k int NOT NULL, PRIMARY KEY (k, at)) PARTITION BY RANGE (at);
CREATE TABLE m1 PARTITION OF m FOR VALUES FROM ('2024-01-01') TO ('2025-01-01');
-- case: triggers of partitioned tables
CREATE TABLE m (id int, at date) PARTITION BY RANGE (at);
CREATE TABLE m1 PARTITION OF m FOR VALUES FROM ('2024-01-01') TO ('2025-01-01');
CREATE FUNCTION f() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NULL; END';
-- to
CREATE TABLE m (id int, at date) PARTITION BY RANGE (at);
CREATE TABLE m1 PARTITION OF m FOR VALUES FROM ('2024-01-01') TO ('2025-01-01');
CREATE FUNCTION f() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NULL; END';
CREATE TRIGGER tr AFTER INSERT ON m FOR EACH ROW EXECUTE FUNCTION f();
ALTER TABLE m1 DISABLE TRIGGER tr;
-- case: partition with columns in another order
-- to
CREATE TABLE m (id int, at date, v text) PARTITION BY RANGE (at);
CREATE TABLE m1 (v text, at date, id int);
ALTER TABLE m ATTACH PARTITION m1 FOR VALUES FROM ('2024-01-01') TO ('2025-01-01');
-- case: partition with its own default, check and index
-- to
CREATE TABLE m (id int, at date, v text DEFAULT 'p') PARTITION BY RANGE (at);
CREATE TABLE m1 PARTITION OF m (v DEFAULT 'c' NOT NULL, CONSTRAINT own CHECK (id > 0)) FOR VALUES FROM ('2024-01-01') TO ('2025-01-01') WITH (fillfactor = 50);
CREATE INDEX m1_v ON m1 (v);
-- case: attach a table that is there
CREATE TABLE m (id int, at date) PARTITION BY RANGE (at);
CREATE INDEX m_at ON m (at);
CREATE TABLE m1 (id int, at date);
CREATE INDEX m1_at_idx ON m1 (at);
-- to
CREATE TABLE m (id int, at date) PARTITION BY RANGE (at);
CREATE INDEX m_at ON m (at);
CREATE TABLE m1 (id int, at date);
ALTER TABLE m ATTACH PARTITION m1 FOR VALUES FROM ('2024-01-01') TO ('2025-01-01');
-- case: key by an expression
-- to
CREATE TABLE m (id int, s text COLLATE "C") PARTITION BY RANGE (lower(s) COLLATE "C", id);
CREATE TABLE m1 PARTITION OF m FOR VALUES FROM ('a', MINVALUE) TO ('m', MAXVALUE);
-- case: serial in a partitioned table
-- to
CREATE TABLE m (id serial, at date) PARTITION BY RANGE (at);
CREATE TABLE m1 PARTITION OF m FOR VALUES FROM ('2024-01-01') TO ('2025-01-01');
