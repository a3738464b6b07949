-- case: collation and conversion
-- to
CREATE COLLATION de (provider = icu, locale = 'de-u-co-phonebk', deterministic = false);
CREATE COLLATION mine (lc_collate = 'C', lc_ctype = 'C');
CREATE CONVERSION conv FOR 'LATIN1' TO 'UTF8' FROM iso8859_1_to_utf8;
CREATE TABLE t (a text COLLATE de);
COMMENT ON COLLATION de IS 'phone book';
