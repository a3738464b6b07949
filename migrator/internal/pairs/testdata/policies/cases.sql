-- case: command, roles and permissiveness
CREATE TABLE t (a int, b text);
ALTER TABLE t ENABLE ROW LEVEL SECURITY;
CREATE POLICY p ON t FOR SELECT USING (a > 0);
CREATE POLICY q ON t FOR INSERT WITH CHECK (a > 0);
-- to
CREATE TABLE t (a int, b text);
ALTER TABLE t ENABLE ROW LEVEL SECURITY;
ALTER TABLE t FORCE ROW LEVEL SECURITY;
CREATE POLICY p ON t AS RESTRICTIVE FOR ALL TO pg_monitor, pg_signal_backend USING (a > 1) WITH CHECK (b <> '');
CREATE POLICY q ON t FOR INSERT TO pg_monitor WITH CHECK (a > 5);
COMMENT ON POLICY q ON t IS 'five';
-- case: over a column that changes and a function that is remade
CREATE FUNCTION me() RETURNS int LANGUAGE sql STABLE AS 'SELECT 1';
CREATE TABLE t (owner int);
CREATE POLICY p ON t USING (owner = me());
-- to
CREATE FUNCTION me() RETURNS uuid LANGUAGE sql STABLE AS 'SELECT gen_random_uuid()';
CREATE TABLE t (owner uuid);
CREATE POLICY p ON t USING (owner = me());
-- case: looks into other tables
CREATE TABLE member (team int, who text);
CREATE TABLE doc (team int);
CREATE POLICY p ON doc USING (team IN (SELECT team FROM member WHERE who = CURRENT_USER));
-- to
CREATE TABLE member (team bigint, who name, PRIMARY KEY (team, who));
CREATE TABLE doc (team bigint);
CREATE POLICY p ON doc USING (team IN (SELECT team FROM member WHERE who = CURRENT_USER));
CREATE POLICY own ON member USING (who = CURRENT_USER);
-- case: clause goes and comes
CREATE TABLE t (a int);
CREATE POLICY p ON t USING (a > 0) WITH CHECK (a > 0);
CREATE POLICY q ON t FOR UPDATE USING (a > 0);
-- to
CREATE TABLE t (a int);
CREATE POLICY p ON t USING (a > 0);
CREATE POLICY q ON t FOR UPDATE USING (a > 0) WITH CHECK (true);
-- case: policy uses a column that goes
CREATE TABLE t (a int, tenant int);
CREATE POLICY p ON t USING (tenant = 1);
CREATE POLICY gone ON t USING (tenant = 2);
-- to
CREATE TABLE t (a int);
CREATE POLICY p ON t USING (a = 1);
