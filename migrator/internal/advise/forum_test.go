package advise_test

import (
	"context"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/senior-backend/toolkit/migrator/internal/scratch"
	"github.com/senior-backend/toolkit/migrator/internal/scratch/scratchtest"
)

// forumTables are what a forum with shops, documents and telemetry might have
// after some years of features: no index but keys and a few that do not fit.
const forumTables = `
CREATE EXTENSION pg_stat_statements;
CREATE EXTENSION pg_trgm;
CREATE SCHEMA "Billing";
CREATE TABLE users (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, email text NOT NULL, username varchar(40) NOT NULL, is_admin boolean NOT NULL,
	deleted_at timestamptz, profile jsonb NOT NULL, created_at timestamptz NOT NULL, bio text NOT NULL);
CREATE TABLE messages (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, sender_id bigint NOT NULL, recipient_id bigint NOT NULL, sent_at timestamptz NOT NULL, body text NOT NULL);
CREATE TABLE posts (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, author_id bigint NOT NULL REFERENCES users, slug text NOT NULL, title text NOT NULL, score int,
	published_at timestamptz, tags text[] NOT NULL, body text NOT NULL);
CREATE TABLE comments (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, post_id bigint NOT NULL REFERENCES posts, parent_id bigint, created_at timestamptz NOT NULL, flagged boolean NOT NULL, body text NOT NULL);
CREATE TABLE "Billing"."Invoices" ("Id" bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, "CustomerId" bigint NOT NULL, "Status" text NOT NULL, "DueOn" date NOT NULL, "Total" numeric(12,2) NOT NULL, "Note" text NOT NULL);
CREATE TABLE documents (tenant_id int NOT NULL, number int NOT NULL, owner text NOT NULL, body text NOT NULL, PRIMARY KEY (tenant_id, number));
CREATE TABLE versions (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, tenant_id int NOT NULL, number int NOT NULL, version int NOT NULL, body text NOT NULL,
	FOREIGN KEY (tenant_id, number) REFERENCES documents);
CREATE TABLE page_views (at timestamptz NOT NULL, user_id bigint NOT NULL, path text NOT NULL, PRIMARY KEY (user_id, at)) PARTITION BY RANGE (at);
CREATE TABLE page_views_1 PARTITION OF page_views FOR VALUES FROM ('2026-01-01') TO ('2026-02-01');
CREATE TABLE page_views_2 PARTITION OF page_views FOR VALUES FROM ('2026-02-01') TO ('2027-01-01');
CREATE TABLE telemetry (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, at timestamptz NOT NULL, device int NOT NULL, value float8 NOT NULL);
CREATE TABLE products (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, sku text NOT NULL, name text NOT NULL, category int NOT NULL, price numeric(10,2) NOT NULL, discontinued boolean NOT NULL, added_at timestamptz NOT NULL);
CREATE TABLE stock (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, product_id bigint NOT NULL, warehouse int NOT NULL, amount int NOT NULL, moved_at timestamptz NOT NULL);
CREATE TABLE orders (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, customer_id bigint NOT NULL, placed_at timestamptz NOT NULL, priority int, state text NOT NULL, total numeric(10,2) NOT NULL, note text NOT NULL);
CREATE INDEX products_sku ON products (sku);
CREATE INDEX orders_state ON orders (state) WHERE state = 'odd';
CREATE VIEW products_by_day AS SELECT id, date_trunc('day', added_at) AS day, date_trunc('day', added_at AT TIME ZONE 'UTC') AS utc_day FROM products;
CREATE VIEW cities AS SELECT id, profile ->> 'city' AS city FROM users;
`

const forumRows = `
SET synchronous_commit = local;
INSERT INTO users (email, username, is_admin, deleted_at, profile, created_at, bio) SELECT 'User' || n || '@Example.com', 'user' || n, n % 2000 = 0, CASE WHEN n % 200 = 0 THEN now() END,
	jsonb_build_object('city', 'c' || n % 700, 'plan', n % 3), timestamptz '2024-01-01' + n * interval '1 hour', repeat('b', 60) FROM generate_series(1, 20000) n;
INSERT INTO messages (sender_id, recipient_id, sent_at, body) SELECT 1 + n % 4001, 1 + n * 7 % 5003, timestamptz '2026-01-01' + n * interval '1 minute', repeat('m', 80) FROM generate_series(1, 40000) n;
INSERT INTO posts (author_id, slug, title, score, published_at, tags, body) SELECT 1 + n % 5000, md5(n::text), 'post ' || md5((n * 3)::text), CASE WHEN n % 10 > 0 THEN n % 9973 END,
	CASE WHEN n % 50 > 0 THEN timestamptz '2025-01-01' + (n * 7919 % 20000) * interval '10 minutes' END, ARRAY['t' || n % 400, 'u' || n % 333], repeat('p', 120) FROM generate_series(1, 20000) n;
INSERT INTO comments (post_id, parent_id, created_at, flagged, body) SELECT 1 + n % 20000, CASE WHEN n % 3 = 0 THEN n / 3 END, timestamptz '2026-01-01' + n * interval '1 minute', n % 500 = 0, repeat('c', 60) FROM generate_series(1, 40000) n;
INSERT INTO "Billing"."Invoices" ("CustomerId", "Status", "DueOn", "Total", "Note") SELECT 1 + n % 3000, (ARRAY['paid', 'paid', 'paid', 'open'])[1 + n % 4], date '2025-01-01' + n % 500, n % 800, repeat('i', 80) FROM generate_series(1, 25000) n;
INSERT INTO documents SELECT 1 + n % 40, n / 40, 'owner' || n % 300, repeat('d', 60) FROM generate_series(40, 20000) n;
INSERT INTO versions (tenant_id, number, version, body) SELECT d.tenant_id, d.number, v, repeat('v', 60) FROM documents d, generate_series(1, 2) v;
INSERT INTO page_views SELECT timestamptz '2026-01-01' + n * interval '1 minute', n % 900, '/p/' || n % 2000 FROM generate_series(1, 60000) n;
INSERT INTO telemetry (at, device, value) SELECT timestamptz '2026-01-01' + n * interval '10 seconds', n % 97, n FROM generate_series(1, 200000) n;
INSERT INTO products (sku, name, category, price, discontinued, added_at) SELECT 'SKU-' || md5(n::text), 'Thing ' || md5((n * 5)::text), n % 150, n % 977, n % 300 = 0, timestamptz '2025-01-01' + (n * 7919 % 15000) * interval '3 minutes' FROM generate_series(1, 15000) n;
INSERT INTO stock (product_id, warehouse, amount, moved_at) SELECT 1 + n % 15000, n % 20, n % 50, timestamptz '2026-01-01' + (n * 7919 % 30000) * interval '1 minute' FROM generate_series(1, 30000) n;
INSERT INTO orders (customer_id, placed_at, priority, state, total, note) SELECT 1 + n % 2000, timestamptz '2026-01-01' + (n * 7919 % 30000) * interval '5 minutes', CASE WHEN n % 4 > 0 THEN n % 7 END, (ARRAY['done', 'done', 'open', 'back'])[1 + n % 4], n % 700, repeat('o', 60) FROM generate_series(1, 30000) n;
VACUUM ANALYZE;
SELECT pg_stat_statements_reset();`

// forumForms are statements in the forms that conditions come in, with values in
// their text, as clients that bind none send them.
func forumForms() []string {
	return []string{
		"SELECT * FROM messages WHERE sender_id = 77 OR recipient_id = 77",
		"SELECT * FROM users WHERE lower(email) = lower('User77@example.com')",
		"SELECT id FROM users WHERE username LIKE 'user77%'",
		"SELECT id, email FROM users WHERE is_admin ORDER BY created_at DESC LIMIT 20",
		"SELECT id FROM cities WHERE city = 'c7'",
		"SELECT username FROM users WHERE profile ->> 'city' = 'c8'",
		"SELECT * FROM users WHERE deleted_at IS NOT NULL AND created_at > '2025-01-01'",
		"SELECT * FROM posts WHERE slug = 'abc'",
		"SELECT id, title FROM posts WHERE author_id = 7 ORDER BY score DESC NULLS LAST LIMIT 10",
		"SELECT id, title FROM posts ORDER BY score DESC NULLS LAST, id LIMIT 10",
		"SELECT id FROM posts WHERE tags && ARRAY['t7', 'u8']",
		"SELECT id FROM posts WHERE to_tsvector('english', title) @@ to_tsquery('english', 'abc')",
		"SELECT id FROM posts WHERE title ILIKE '%abcde%'",
		"SELECT id FROM posts WHERE published_at IS NULL",
		"SELECT * FROM posts WHERE (published_at, id) < ('2025-03-01', 500) ORDER BY published_at DESC, id DESC LIMIT 20",
		"SELECT p.id FROM posts p WHERE p.author_id = 9 AND NOT EXISTS (SELECT FROM comments c WHERE c.post_id = p.id)",
		"SELECT * FROM comments WHERE flagged ORDER BY created_at",
		"SELECT max(created_at) FROM comments WHERE post_id = 7",
		"SELECT * FROM comments WHERE parent_id IN (7, 8, 9)",
		`SELECT "Total" FROM "Billing"."Invoices" WHERE "CustomerId" = 7 AND "Status" = 'open'`,
		`SELECT sum("Total") FROM "Billing"."Invoices" WHERE "DueOn" BETWEEN '2025-03-01' AND '2025-03-03' AND "Status" = 'open'`,
		"SELECT d.owner, v.version FROM documents d JOIN versions v ON v.tenant_id = d.tenant_id AND v.number = d.number WHERE d.tenant_id = 7 AND d.number = 8",
		"SELECT v.body FROM versions v JOIN documents d USING (tenant_id, number) WHERE d.owner = 'owner7'",
		"SELECT count(*) FROM page_views WHERE path = '/p/7'",
		"SELECT avg(value) FROM telemetry WHERE at >= '2026-01-10' AND at < '2026-01-10 01:00'",
		"SELECT * FROM products WHERE category = 7 AND NOT discontinued ORDER BY price LIMIT 10",
		"SELECT min(added_at), max(added_at) FROM products",
		"SELECT warehouse, sum(amount) FROM stock WHERE product_id = 7 GROUP BY warehouse",
		"SELECT s.amount FROM products p JOIN stock s ON s.product_id = p.id AND s.warehouse = 3 WHERE p.sku = 'SKU-1'",
		"SELECT DISTINCT ON (customer_id) * FROM orders WHERE customer_id IN (1, 2, 3) ORDER BY customer_id, placed_at DESC",
		"SELECT * FROM orders WHERE customer_id = 8 ORDER BY priority DESC NULLS LAST, placed_at LIMIT 5",
		"SELECT customer_id, count(*) FROM orders WHERE placed_at > '2026-04-14' GROUP BY customer_id",
		"SELECT id FROM orders WHERE state = 'back' AND (customer_id = 5 OR total = 4)",
		"UPDATE orders SET note = 'x' WHERE customer_id = 3 AND placed_at = '2026-01-09'",
		"SELECT count(*) FROM orders WHERE state = 'nowhere'",
		"SELECT count(*) FROM products_by_day WHERE utc_day = '2025-01-09'",
		"SELECT id FROM users WHERE username ILIKE '%r77%' OR email ILIKE '%r77%'",
	}
}

// forumUnhelped are statements that no index helps, and why not.
func forumUnhelped() []string {
	return []string{
		"SELECT id, email FROM users WHERE profile ->> 'plan' = '2'",                                      // a third of all rows
		"SELECT DISTINCT category FROM products",                                                          // reads all rows
		"SELECT sku FROM products WHERE sku LIKE 'SKU-0123%'",                                             // is served, though not in a generic plan
		"SELECT count(*) FROM products_by_day WHERE day = '2025-01-09'",                                   // depends on the time zone, so that no index can hold it
		"SELECT count(*) FROM orders WHERE state <> 'done'",                                               // half of the rows
		"SELECT u.id FROM users u JOIN posts p ON p.author_id = u.id WHERE u.email = 'x' OR p.slug = 'y'", // of two tables at once
	}
}

// explained is the cost of a query, and its plan.
func explained(t *testing.T, d *scratch.Database, query string) (float64, string) {
	t.Helper()
	rows, err := d.DB().QueryContext(context.Background(), "EXPLAIN "+query)
	require.NoError(t, err)
	lines, err := readRows(rows)
	require.NoError(t, err)
	_, costs, _ := strings.Cut(lines[0], "..")
	costs, _, _ = strings.Cut(costs, " ")
	cost, err := strconv.ParseFloat(costs, 64)
	require.NoError(t, err)
	return cost, strings.Join(lines, "\n")
}

// What is suggested for a work of many forms serves each of them, whether
// HypoPG was asked or a copy, without an index that another makes superfluous
// and without one for what no index helps.
func TestForum(t *testing.T) {
	server := scratchtest.Open(t, scratch.Options{Preload: "pg_stat_statements"})
	d := scratchtest.In(t, server, forumTables+forumRows)
	before := map[string]float64{}
	for _, query := range append(forumForms(), forumUnhelped()...) {
		before[query], _ = explained(t, d, query)
		for range 10 {
			ask(t, d.DB(), query)
		}
	}
	var available bool
	require.NoError(t, d.DB().QueryRow("SELECT EXISTS (SELECT FROM pg_available_extensions WHERE name = 'hypopg')").Scan(&available))
	t.Logf("HypoPG is there: %v", available)
	requireForum(t, server, d, before)
	if available {
		run(t, d, "CREATE EXTENSION hypopg")
		requireForum(t, server, d, before)
	}
}

// requireForum applies the advice, holds the statements' costs to those before,
// and takes it back.
func requireForum(t *testing.T, server *scratch.Server, d *scratch.Database, before map[string]float64) {
	t.Helper()
	found := advice(t, server, d, forumTables)
	var served []string
	tables := forumTables
	for _, s := range found.Suggested {
		for _, statement := range append(s.Prepare, s.SQL) {
			run(t, d, statement)
			tables += statement + ";\n"
		}
		for _, q := range s.Queries {
			served = append(served, q.Text)
		}
	}
	run(t, d, "VACUUM ANALYZE")
	for _, query := range forumForms() {
		after, plan := explained(t, d, query)
		require.Less(t, after, 0.72*before[query], "%s\n%s\n%s", query, plan, strings.Join(definitions(found.Suggested), "\n"))
	}
	for _, query := range forumUnhelped() {
		if !strings.Contains(query, "u.email") { // its join gains by the indexes of others
			after, plan := explained(t, d, query)
			require.Greater(t, after, 0.72*before[query], "%s\n%s", query, plan)
		}
	}
	require.NotContains(t, strings.Join(served, "\n"), "SKU")
	require.Empty(t, find(t, d, "duplicate-index"))
	require.Empty(t, find(t, d, "redundant-index"))
	for _, s := range found.Suggested {
		run(t, d, s.Rollback)
	}
}
