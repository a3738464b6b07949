-- case: not null by domain and pk swap
CREATE DOMAIN id AS uuid NOT NULL DEFAULT gen_random_uuid();
CREATE TABLE t (id id PRIMARY KEY, o id REFERENCES t);
-- to
CREATE DOMAIN id AS uuid DEFAULT gen_random_uuid();
CREATE TABLE t (id id PRIMARY KEY, o uuid REFERENCES t, n id NOT NULL);
