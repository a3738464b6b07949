-- case: policies with functions in other schema dropped
CREATE SCHEMA auth;
CREATE FUNCTION auth.uid() RETURNS uuid LANGUAGE sql STABLE AS 'SELECT NULL::uuid';
CREATE TABLE t (u uuid DEFAULT auth.uid());
ALTER TABLE t ENABLE ROW LEVEL SECURITY;
CREATE POLICY p ON t TO pg_monitor USING (u = auth.uid());
-- to
CREATE TABLE t (u uuid);
