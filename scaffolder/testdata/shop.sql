CREATE TYPE size AS ENUM ('small', 'large');
CREATE TABLE products (
	sku text PRIMARY KEY CHECK (char_length(sku) = 6),
	title varchar(80) NOT NULL,
	size size NOT NULL DEFAULT 'small',
	api_token text NOT NULL
);
COMMENT ON TABLE products IS 'What is sold.';
