-- case: transform
-- to
CREATE FUNCTION from_it(internal) RETURNS internal LANGUAGE internal IMMUTABLE AS 'int4recv';
