-- Rows for schema_v1.sql: the same ones at every run, enough for a planner to
-- prefer indexes and for statistics to say something.

INSERT INTO customers (email, full_name, phone, country, created_at, deleted_at)
SELECT 'customer' || n || '@example.com',
       (ARRAY['Ada', 'Björn', 'Chloé', 'Dmitri', 'Eun-ji', 'Fatima'])[1 + n % 6] || ' '
           || (ARRAY['Lovelace', 'Åkesson', 'Dupont', 'Orlov', '김', 'O''Neill', 'Nguyễn'])[1 + n % 7],
       CASE WHEN n % 3 = 0 THEN '+49 30 ' || (1000000 + n) END,
       (ARRAY['DE', 'SE', 'FR', 'KR', 'US'])[1 + n % 5],
       timestamp '2025-01-01' + n * interval '37 minutes',
       CASE WHEN n % 50 = 0 THEN timestamp '2025-11-01' END
FROM generate_series(1, 5000) AS n;

INSERT INTO addresses (customer_id, street, city, postal_code, country)
SELECT 1 + n % 5000, 'Main Street ' || n, (ARRAY['Berlin', 'Malmö', 'Lyon', 'Busan', 'Boston'])[1 + n % 5],
       lpad((n % 99999)::text, 5, '0'), (ARRAY['DE', 'SE', 'FR', 'KR', 'US'])[1 + n % 5]
FROM generate_series(1, 7000) AS n;

INSERT INTO products (sku, name, description, price, stock, tags, attributes)
SELECT 'SKU-' || lpad(n::text, 6, '0'),
       (ARRAY['Kettle', 'Lamp', 'Notebook', 'Chair', 'Mug'])[1 + n % 5] || ' no. ' || n,
       CASE WHEN n % 4 <> 0 THEN 'A sturdy thing for every day.' END,
       (5 + n % 200 + 0.99)::numeric::money,
       n % 120,
       ARRAY[(ARRAY['home', 'office', 'kitchen'])[1 + n % 3], (ARRAY['new', 'sale'])[1 + n % 2]],
       json_build_object('weight_g', 100 + n % 900, 'colour', (ARRAY['red', 'blue'])[1 + n % 2])
FROM generate_series(1, 800) AS n;

INSERT INTO orders (customer_id, status, total_cents, note, placed_at)
SELECT 1 + (n * 7919) % 5000,
       (ARRAY['pending', 'paid', 'shipped', 'delivered', 'delivered', 'delivered', 'cancelled'])[1 + n % 7]::order_status,
       1000 + (n * 31) % 50000,
       CASE WHEN n % 20 = 0 THEN 'Please ring twice' END,
       timestamp '2025-06-01' + n * interval '11 minutes'
FROM generate_series(1, 20000) AS n;

INSERT INTO order_items (order_id, product_id, quantity, unit_price_cents)
SELECT o, 1 + (o * 13 + k * 101) % 800, 1 + (o + k) % 4, 500 + (o * k) % 9000
FROM generate_series(1, 20000) AS o, generate_series(0, 1) AS k;

INSERT INTO sessions (token, customer_id, user_agent, expires_at)
SELECT md5('session ' || n), 1 + n % 5000, 'Mozilla/5.0', timestamp '2026-01-01' + n * interval '1 minute'
FROM generate_series(1, 3000) AS n;

INSERT INTO audit_log (at, actor, action, details)
SELECT timestamptz '2025-06-01 00:00+00' + n * interval '2 minutes', 'customer' || (1 + n % 5000),
       (ARRAY['login', 'logout', 'order.placed'])[1 + n % 3], jsonb_build_object('n', n)
FROM generate_series(1, 10000) AS n;

ANALYZE;
