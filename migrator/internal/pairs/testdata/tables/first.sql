-- case: create
-- to
CREATE TABLE parcel (id bigint PRIMARY KEY, label text NOT NULL DEFAULT 'none', weight numeric(8,3) CHECK (weight > 0));
-- case: drop
CREATE TABLE parcel (id bigint PRIMARY KEY);
CREATE TABLE keep (id int);
-- to
CREATE TABLE keep (id int);
-- case: drop two that refer to each other
CREATE TABLE hen (id int PRIMARY KEY, egg int);
CREATE TABLE egg (id int PRIMARY KEY, hen int REFERENCES hen);
ALTER TABLE hen ADD FOREIGN KEY (egg) REFERENCES egg;
-- to
-- case: create two that refer to each other
-- to
CREATE TABLE hen (id int PRIMARY KEY, egg int);
CREATE TABLE egg (id int PRIMARY KEY, hen int REFERENCES hen ON DELETE CASCADE);
ALTER TABLE hen ADD CONSTRAINT hen_laid FOREIGN KEY (egg) REFERENCES egg DEFERRABLE INITIALLY DEFERRED;
-- case: no columns
-- to
CREATE TABLE nothing ();
-- case: unlogged and storage parameters
CREATE TABLE log (id int) WITH (fillfactor = 70, autovacuum_enabled = false);
-- to
CREATE UNLOGGED TABLE log (id int) WITH (fillfactor = 90, toast.autovacuum_enabled = false);
-- case: self reference
-- to
CREATE TABLE node (id int PRIMARY KEY, up int REFERENCES node);
-- case: row security
CREATE TABLE secret (id int);
-- to
CREATE TABLE secret (id int);
ALTER TABLE secret ENABLE ROW LEVEL SECURITY;
ALTER TABLE secret FORCE ROW LEVEL SECURITY;
-- case: replica identity full
CREATE TABLE feed (id int PRIMARY KEY, b text);
-- to
CREATE TABLE feed (id int PRIMARY KEY, b text);
ALTER TABLE feed REPLICA IDENTITY FULL;
-- case: replica identity by an index
CREATE TABLE feed (id int NOT NULL, b text);
CREATE UNIQUE INDEX feed_id ON feed (id);
-- to
CREATE TABLE feed (id int NOT NULL, b text);
CREATE UNIQUE INDEX feed_id ON feed (id);
ALTER TABLE feed REPLICA IDENTITY USING INDEX feed_id;
-- case: replica identity by an index that changes
CREATE TABLE feed (id int NOT NULL, b text NOT NULL);
CREATE UNIQUE INDEX feed_id ON feed (id);
ALTER TABLE feed REPLICA IDENTITY USING INDEX feed_id;
-- to
CREATE TABLE feed (id int NOT NULL, b text NOT NULL);
CREATE UNIQUE INDEX feed_id ON feed (id, b);
ALTER TABLE feed REPLICA IDENTITY USING INDEX feed_id;
-- case: clustered
CREATE TABLE feed (id int PRIMARY KEY, b text);
CREATE INDEX feed_b ON feed (b);
ALTER TABLE feed CLUSTER ON feed_b;
-- to
CREATE TABLE feed (id int PRIMARY KEY, b text);
CREATE INDEX feed_b ON feed (b);
ALTER TABLE feed CLUSTER ON feed_pkey;
-- case: no more clustered
CREATE TABLE feed (id int PRIMARY KEY, b text);
ALTER TABLE feed CLUSTER ON feed_pkey;
-- to
CREATE TABLE feed (id int PRIMARY KEY, b text);
-- case: inheritance
-- to
CREATE TABLE animal (id int, name text NOT NULL DEFAULT 'x', CONSTRAINT named CHECK (name <> ''));
CREATE TABLE dog (breed text) INHERITS (animal);
CREATE TABLE puppy (age int, CHECK (age < 3)) INHERITS (dog);
-- case: inherit from a table that is there
CREATE TABLE animal (id int, name text);
CREATE TABLE dog (id int, name text, breed text);
-- to
CREATE TABLE animal (id int, name text);
CREATE TABLE dog (id int, name text, breed text) INHERITS (animal);
-- case: column added to a parent
CREATE TABLE animal (id int);
CREATE TABLE dog (breed text) INHERITS (animal);
-- to
CREATE TABLE animal (id int, legs int NOT NULL DEFAULT 4 CHECK (legs >= 0));
CREATE TABLE dog (breed text) INHERITS (animal);
-- case: column type changed in a parent
CREATE TABLE animal (id int, legs int DEFAULT 4);
CREATE TABLE dog (breed text) INHERITS (animal);
-- to
CREATE TABLE animal (id bigint, legs smallint DEFAULT 4 NOT NULL);
CREATE TABLE dog (breed text) INHERITS (animal);
-- case: column dropped from a parent
CREATE TABLE animal (id int, legs int);
CREATE TABLE dog (breed text) INHERITS (animal);
-- to
CREATE TABLE animal (id int);
CREATE TABLE dog (breed text) INHERITS (animal);
-- case: child default differs
CREATE TABLE animal (id int, legs int DEFAULT 4);
CREATE TABLE bird (wings int) INHERITS (animal);
-- to
CREATE TABLE animal (id int, legs int DEFAULT 4);
CREATE TABLE bird (wings int) INHERITS (animal);
ALTER TABLE bird ALTER COLUMN legs SET DEFAULT 2;
ALTER TABLE bird ALTER COLUMN legs SET NOT NULL;
-- case: typed table
-- to
CREATE TYPE address AS (street text, city text);
CREATE TABLE addresses OF address (street NOT NULL, PRIMARY KEY (city));
-- case: typed table let loose
CREATE TYPE address AS (street text, city text);
CREATE TABLE addresses OF address;
-- to
CREATE TYPE address AS (street text, city text);
CREATE TABLE addresses (street text, city text);
-- case: table becomes a view
CREATE TABLE base (id int, a text);
CREATE TABLE face (id int);
-- to
CREATE TABLE base (id int, a text);
CREATE VIEW face AS SELECT id FROM base;
-- case: view becomes a table
CREATE TABLE base (id int, a text);
CREATE VIEW face AS SELECT id FROM base;
CREATE VIEW over AS SELECT id FROM face;
-- to
CREATE TABLE base (id int, a text);
CREATE TABLE face (id int);
CREATE VIEW over AS SELECT id FROM face;
-- case: names that hurt
CREATE TABLE "Order" ("select" int, "a""b" text, "with space" int, "ünïcode" int);
-- to
CREATE SCHEMA "My Schema";
CREATE TABLE "Order" ("select" bigint NOT NULL, "a""b" varchar(10), "ünïcode" int DEFAULT 1, "dot.ted" int);
CREATE TABLE "My Schema"."Order" ("user" int PRIMARY KEY, "semi;colon" text UNIQUE);
CREATE INDEX "idx-1" ON "Order" ("a""b", "dot.ted");
COMMENT ON COLUMN "Order"."a""b" IS 'it''s; a "comment" -- here';
-- case: names of 63 bytes
-- to
CREATE TABLE this_table_name_is_just_about_as_long_as_postgres_will_allow_00 (this_column_name_is_just_about_as_long_as_postgres_will_allow_0 serial PRIMARY KEY, other_column_name_is_just_about_as_long_as_postgres_will_allow_ int GENERATED BY DEFAULT AS IDENTITY UNIQUE);
-- case: same name in two schemas
CREATE SCHEMA one; CREATE SCHEMA two;
CREATE TABLE one.thing (id int PRIMARY KEY); CREATE TABLE two.thing (id int);
-- to
CREATE SCHEMA one; CREATE SCHEMA two;
CREATE TABLE one.thing (id int); CREATE TABLE two.thing (id bigint PRIMARY KEY, up int);
CREATE INDEX thing_up ON two.thing (up);
-- case: table moves to another schema
CREATE SCHEMA one;
CREATE TABLE one.thing (id serial PRIMARY KEY);
-- to
CREATE TABLE thing (id serial PRIMARY KEY);
-- case: replica identity by an index that went
CREATE TABLE t (a int NOT NULL);
CREATE UNIQUE INDEX i ON t (a);
ALTER TABLE t REPLICA IDENTITY USING INDEX i;
DROP INDEX i;
-- to
CREATE TABLE t (a int NOT NULL, b int);
