-- A marketplace grown over years: names of every kind, tenants with row-level
-- security, keys of many columns, tables that refer to each other in circles.
CREATE SCHEMA "Archive-2019";
CREATE TYPE "Order Status" AS ENUM ('new', 'paid', 'shipped', 'lost & found');
CREATE TYPE "Archive-2019"."Error" AS ENUM ('a', 'b');

CREATE TABLE tenants (
	id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
	slug varchar(63) NOT NULL UNIQUE CHECK (slug ~ '^[a-z][a-z0-9-]*$'),
	owner text NOT NULL DEFAULT coalesce(current_setting('request.jwt.claims', true)::json ->> 'sub', 'nobody'),
	created_at timestamptz NOT NULL DEFAULT now()
);
-- names that are words of SQL, of TypeScript and of the API itself
CREATE TABLE "order" (
	"limit" int NOT NULL, "sort" text, "cursor" text, "fields" text[], "include" boolean, "count" bigint,
	"constructor" text, "__proto__" text, "prototype" text, "toString" text, "hasOwnProperty" text, "valueOf" text,
	"class" text, "function" text, "new" text, "null" text, "true" boolean, "select" text, "from" text, "user" text,
	"a b" text, "a-b" text, "a.b" text, "a[b]" text, "a,b" text, "a""b" text, "a'b" text, "a\b" text, "é" text, "ключ" text, "表" text, "-minus" text, "$dollar" text, "{brace}" text, "*/" text, "#hash" text, "%percent" text, "?query" text, "&amp" text, "+plus" text, "1st" text, "<b>" text,
	"Id" int, "ID" int, id int,
	PRIMARY KEY ("limit", "constructor", "__proto__")
);
CREATE TABLE "Order" ("Id" int PRIMARY KEY, "Status" "Order Status" NOT NULL DEFAULT 'new', "orderLimit" int, "order___proto__" text, "order_constructor" text,
	FOREIGN KEY ("orderLimit", "order_constructor", "order___proto__") REFERENCES "order" ("limit", "constructor", "__proto__"));
CREATE TABLE "ORDER" (id int PRIMARY KEY, "Order_Id" int REFERENCES "Order", kind "Archive-2019"."Error");
CREATE TABLE "Error" (id int PRIMARY KEY, message text, status int);
CREATE TABLE "Table" (id int PRIMARY KEY, "Definition" text);
CREATE TABLE api (id int PRIMARY KEY);
CREATE TABLE "with space/and slash?and#hash" ("k e y" text PRIMARY KEY, "v/a" text);
CREATE TABLE "index" (id int PRIMARY KEY, tables int);
CREATE TABLE constructor (constructor text PRIMARY KEY, __proto__ text);
CREATE TABLE __proto__ (id int PRIMARY KEY, constructor text REFERENCES constructor);
CREATE TABLE "таблица" ("ид" int PRIMARY KEY, "имя" text);
CREATE TABLE "таблицы" ("ид" int PRIMARY KEY, "таблица_id" int REFERENCES "таблица");
CREATE TABLE "123" ("1" int PRIMARY KEY);
CREATE TABLE a_table_whose_name_is_as_long_as_postgresql_lets_a_name_be_here (
	a_column_whose_name_is_as_long_as_postgresql_lets_a_name_be_hei int PRIMARY KEY,
	b_column_whose_name_is_as_long_as_postgresql_lets_a_name_be_hei int REFERENCES a_table_whose_name_is_as_long_as_postgresql_lets_a_name_be_here
);
CREATE TABLE "Archive-2019"."order" (id bigserial PRIMARY KEY, "Order" jsonb);
CREATE TABLE "Archive-2019".tenants (id int PRIMARY KEY, tenant uuid REFERENCES public.tenants);
CREATE TABLE "Archive-2019".public_tenants (id int PRIMARY KEY);
CREATE TABLE "Archive_2019_tenants" (id int PRIMARY KEY);

-- tenants' data, which policies keep apart
CREATE TABLE products (
	tenant_id uuid NOT NULL REFERENCES tenants ON DELETE CASCADE,
	sku text NOT NULL CHECK (char_length(sku) BETWEEN 3 AND 20),
	name text NOT NULL CHECK (name <> ''),
	price numeric(12,2) NOT NULL CHECK (price >= 0.01 AND price < 1000000),
	stock int NOT NULL DEFAULT 0 CHECK (stock >= 0),
	rating real CHECK (rating >= 0 AND rating <= 5),
	size text CHECK (size IN ('S', 'M', 'L', 'XL')),
	colour text DEFAULT 'red' CHECK (colour = ANY (ARRAY['red', 'green', 'blue'])),
	replaced_by text,
	weight numeric CHECK (weight > 0), parcels bigint CHECK (parcels IN (1, 2, 3)),
	starts date, ends date,
	CHECK (ends IS NULL OR starts < ends),
	PRIMARY KEY (tenant_id, sku),
	FOREIGN KEY (tenant_id, replaced_by) REFERENCES products (tenant_id, sku)
);
ALTER TABLE products ENABLE ROW LEVEL SECURITY;
CREATE POLICY own ON products USING (EXISTS (SELECT FROM tenants t WHERE t.id = tenant_id AND t.owner = coalesce(current_setting('request.jwt.claims', true)::json ->> 'sub', 'nobody')));
CREATE TABLE prices (
	tenant_id uuid NOT NULL, sku text NOT NULL, "from" date NOT NULL, currency char(3) NOT NULL CHECK (currency = upper(currency)),
	price numeric(12,2) NOT NULL,
	PRIMARY KEY (tenant_id, sku, "from", currency),
	FOREIGN KEY (tenant_id, sku) REFERENCES products ON DELETE CASCADE
);
-- keys that are no primary keys; tables without any
CREATE TABLE unique_only (code text NOT NULL UNIQUE, alias text UNIQUE, n int);
CREATE TABLE partly_unique (code text NOT NULL, gone boolean NOT NULL DEFAULT false);
CREATE UNIQUE INDEX ON partly_unique (code) WHERE NOT gone;
CREATE UNIQUE INDEX ON partly_unique (lower(code));
CREATE TABLE events (at timestamptz NOT NULL DEFAULT now(), what jsonb, who text);
CREATE TABLE flags (on_off boolean PRIMARY KEY, text text);
CREATE TABLE instants (at timestamptz PRIMARY KEY, loc timestamp UNIQUE, day date UNIQUE, span interval, amount numeric UNIQUE);
CREATE TABLE binaries (hash_value bytea PRIMARY KEY, size int);
CREATE TABLE addresses (ip inet PRIMARY KEY, net cidr, mac macaddr);
CREATE TABLE ranges (r int4range PRIMARY KEY, m numrange);
CREATE TABLE statuses (status "Order Status" PRIMARY KEY, colour text);
-- circles of three, all obligatory and put off
CREATE TABLE ring_a (id int PRIMARY KEY, b int NOT NULL);
CREATE TABLE ring_b (id int PRIMARY KEY, c int NOT NULL);
CREATE TABLE ring_c (id int PRIMARY KEY, a int NOT NULL REFERENCES ring_a DEFERRABLE INITIALLY DEFERRED);
ALTER TABLE ring_a ADD FOREIGN KEY (b) REFERENCES ring_b DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ring_b ADD FOREIGN KEY (c) REFERENCES ring_c DEFERRABLE INITIALLY DEFERRED;
INSERT INTO ring_a VALUES (1, 1);
INSERT INTO ring_b VALUES (1, 1);
INSERT INTO ring_c VALUES (1, 1);
-- tables that refer to one another more than once, and to the same one twice
CREATE TABLE people (id serial PRIMARY KEY, name text NOT NULL, mother_id int REFERENCES people, father_id int REFERENCES people, orders int);
CREATE TABLE friendships (a_id int REFERENCES people, b_id int REFERENCES people, since date, PRIMARY KEY (a_id, b_id), CHECK (a_id <> b_id));
CREATE TABLE profiles (person_id int PRIMARY KEY REFERENCES people ON DELETE CASCADE, bio text, secret_answer text, "access-token" text);
CREATE VIEW people_view AS SELECT p.*, m.name AS mother FROM people p LEFT JOIN people m ON m.id = p.mother_id;
CREATE VIEW "limit" AS SELECT 1 AS "limit", 2 AS "a b", now() AS "sort", '{}'::jsonb AS "constructor", ARRAY[1, 2] AS "__proto__";
-- nothing may be read but some columns
CREATE TABLE salaries (id int PRIMARY KEY, person_id int REFERENCES people, pay numeric(10,2), grade text);
CREATE FUNCTION "Mixed Case"("a b" int, "constructor" text DEFAULT 'x', "__proto__" text DEFAULT NULL) RETURNS text LANGUAGE sql AS $$ SELECT concat_ws(',', $1, $2, $3) $$;
CREATE FUNCTION product_count(products) RETURNS bigint LANGUAGE sql AS 'SELECT 1::bigint';
CREATE FUNCTION overloaded(a int) RETURNS int LANGUAGE sql AS 'SELECT a';
CREATE FUNCTION overloaded(a text) RETURNS text LANGUAGE sql AS 'SELECT a';
CREATE FUNCTION overloaded(b text, c int) RETURNS text LANGUAGE sql AS 'SELECT b';
CREATE PROCEDURE tidy() LANGUAGE sql AS 'SELECT 1';
