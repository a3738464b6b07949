-- Rows enough for a missing index to be felt.
INSERT INTO customers (email)
SELECT n || '@example.org' FROM generate_series(1, 20000) AS n;

INSERT INTO orders (customer_id, status, total_cents, placed_at)
SELECT 1 + n % 20000, (ARRAY['new', 'paid', 'sent'])[1 + n % 3], n % 9000, now() - n * interval '1 minute'
FROM generate_series(1, 100000) AS n;

ANALYZE customers;
ANALYZE orders;
