-- A small shop as it is in production today. It works, and it has the kind of
-- shortcomings that schemas collect: migrator --analyze finds them.

CREATE TYPE order_status AS ENUM ('pending', 'paid', 'shipped', 'delivered', 'cancelled');

CREATE TABLE customers (
    id          bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    email       text NOT NULL UNIQUE,
    full_name   text NOT NULL,
    phone       varchar(32),
    country     char(2) NOT NULL DEFAULT 'DE',
    created_at  timestamp NOT NULL DEFAULT now(),
    deleted_at  timestamp
);

-- The unique constraint has an index on the same column already.
CREATE INDEX customers_email_idx ON customers (email);

CREATE TABLE addresses (
    id           bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    customer_id  bigint NOT NULL REFERENCES customers (id) ON DELETE CASCADE,
    street       text NOT NULL,
    city         text NOT NULL,
    postal_code  varchar(16) NOT NULL,
    country      char(2) NOT NULL
);

CREATE TABLE products (
    id           serial PRIMARY KEY,
    sku          varchar(40) NOT NULL UNIQUE,
    name         varchar(200) NOT NULL,
    description  text,
    price        money NOT NULL,
    stock        integer NOT NULL DEFAULT 0,
    tags         text[] NOT NULL DEFAULT '{}',
    attributes   json NOT NULL DEFAULT '{}',
    created_at   timestamptz NOT NULL DEFAULT now()
);

CREATE INDEX products_name_idx ON products (name);

CREATE TABLE orders (
    id           bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    customer_id  bigint NOT NULL REFERENCES customers (id),
    status       order_status NOT NULL DEFAULT 'pending',
    total_cents  integer NOT NULL,
    currency     char(3) NOT NULL DEFAULT 'EUR',
    note         text,
    placed_at    timestamp NOT NULL DEFAULT now()
);

CREATE INDEX orders_status_idx ON orders (status);
CREATE INDEX orders_status_placed_at_idx ON orders (status, placed_at);

CREATE TABLE order_items (
    order_id          bigint NOT NULL REFERENCES orders (id) ON DELETE CASCADE,
    product_id        integer NOT NULL REFERENCES products (id),
    quantity          integer NOT NULL,
    unit_price_cents  integer NOT NULL,
    PRIMARY KEY (order_id, product_id)
);

CREATE TABLE sessions (
    token        text PRIMARY KEY,
    customer_id  bigint NOT NULL REFERENCES customers (id) ON DELETE CASCADE,
    user_agent   text,
    expires_at   timestamp NOT NULL
);

-- No primary key: replication and deduplication have nothing to hold on to.
CREATE TABLE audit_log (
    at       timestamptz NOT NULL DEFAULT now(),
    actor    text NOT NULL,
    action   text NOT NULL,
    details  jsonb
);

CREATE VIEW open_orders AS
    SELECT o.id, o.customer_id, c.email, o.status, o.total_cents, o.placed_at
    FROM orders o
    JOIN customers c ON c.id = o.customer_id
    WHERE o.status IN ('pending', 'paid');
