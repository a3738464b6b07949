-- The shop as it should be. migrator --compare writes the way there and back.

CREATE TYPE order_status AS ENUM ('pending', 'paid', 'packed', 'shipped', 'delivered', 'cancelled');

CREATE TABLE customers (
    id                bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    email             text NOT NULL UNIQUE,
    full_name         text NOT NULL,
    phone             varchar(32),
    country           char(2) NOT NULL DEFAULT 'DE',
    created_at        timestamptz NOT NULL DEFAULT now(),
    deleted_at        timestamptz,
    marketing_opt_in  boolean NOT NULL DEFAULT false,
    CONSTRAINT customers_email_has_at CHECK (position('@' IN email) > 1)
);

CREATE TABLE addresses (
    id           bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    customer_id  bigint NOT NULL REFERENCES customers (id) ON DELETE CASCADE,
    street       text NOT NULL,
    city         text NOT NULL,
    postal_code  varchar(16) NOT NULL,
    country      char(2) NOT NULL
);

CREATE INDEX addresses_customer_id_idx ON addresses (customer_id);

CREATE TABLE products (
    id           serial PRIMARY KEY,
    sku          varchar(64) NOT NULL UNIQUE,
    name         varchar(200) NOT NULL,
    description  text,
    price        numeric(12, 2) NOT NULL,
    stock        integer NOT NULL DEFAULT 0,
    tags         text[] NOT NULL DEFAULT '{}',
    attributes   jsonb NOT NULL DEFAULT '{}',
    created_at   timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT products_stock_not_negative CHECK (stock >= 0)
);

CREATE INDEX products_name_idx ON products (name);
CREATE INDEX products_tags_idx ON products USING gin (tags);

CREATE TABLE coupons (
    id           bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    code         varchar(32) NOT NULL UNIQUE,
    percent_off  smallint NOT NULL CHECK (percent_off BETWEEN 1 AND 100),
    valid_from   timestamptz NOT NULL DEFAULT now(),
    valid_to     timestamptz,
    CHECK (valid_to IS NULL OR valid_to > valid_from)
);

COMMENT ON TABLE coupons IS 'Discounts that a customer can redeem once per order.';

CREATE TABLE orders (
    id           bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    customer_id  bigint NOT NULL REFERENCES customers (id),
    status       order_status NOT NULL DEFAULT 'pending',
    total_cents  bigint NOT NULL,
    currency     char(3) NOT NULL DEFAULT 'EUR',
    note         text,
    placed_at    timestamptz NOT NULL DEFAULT now(),
    coupon_id    bigint REFERENCES coupons (id) ON DELETE SET NULL,
    CONSTRAINT orders_total_not_negative CHECK (total_cents >= 0)
);

CREATE INDEX orders_customer_id_placed_at_idx ON orders (customer_id, placed_at DESC);
CREATE INDEX orders_status_placed_at_idx ON orders (status, placed_at);
CREATE INDEX orders_coupon_id_idx ON orders (coupon_id) WHERE coupon_id IS NOT NULL;

CREATE TABLE order_items (
    order_id          bigint NOT NULL REFERENCES orders (id) ON DELETE CASCADE,
    product_id        integer NOT NULL REFERENCES products (id),
    quantity          integer NOT NULL CHECK (quantity > 0),
    unit_price_cents  integer NOT NULL,
    PRIMARY KEY (order_id, product_id)
);

CREATE INDEX order_items_product_id_idx ON order_items (product_id);

CREATE TABLE sessions (
    token        text PRIMARY KEY,
    customer_id  bigint NOT NULL REFERENCES customers (id) ON DELETE CASCADE,
    user_agent   text,
    expires_at   timestamptz NOT NULL
);

CREATE INDEX sessions_customer_id_idx ON sessions (customer_id);
CREATE INDEX sessions_expires_at_idx ON sessions (expires_at);

CREATE TABLE audit_log (
    id       bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
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
