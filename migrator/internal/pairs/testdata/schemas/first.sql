-- case: schemas
CREATE SCHEMA a;
CREATE TABLE a.t (x int);
-- to
CREATE SCHEMA b;
CREATE TABLE b.t (x int);
COMMENT ON SCHEMA b IS 'second';
GRANT USAGE ON SCHEMA b TO PUBLIC;
-- case: public goes
CREATE TABLE public.t (x int);
-- to
DROP SCHEMA public CASCADE;
