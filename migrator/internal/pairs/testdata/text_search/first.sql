-- case: text search
-- to
CREATE TEXT SEARCH DICTIONARY d (TEMPLATE = simple, STOPWORDS = english);
CREATE TEXT SEARCH CONFIGURATION c (PARSER = default);
ALTER TEXT SEARCH CONFIGURATION c ADD MAPPING FOR word, asciiword WITH d, simple;
COMMENT ON TEXT SEARCH CONFIGURATION c IS 'ours';
CREATE TABLE t (b text);
CREATE INDEX i ON t USING gin (to_tsvector('c', b));
-- case: text search mappings
CREATE TEXT SEARCH CONFIGURATION c (COPY = simple);
-- to
CREATE TEXT SEARCH CONFIGURATION c (COPY = english);
