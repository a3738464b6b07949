--
-- PostgreSQL database dump
--

\restrict Zw3kq0ExampleTokenOfPgDump

SET statement_timeout = 0;
SET client_encoding = 'UTF8';
SET standard_conforming_strings = on;
SELECT pg_catalog.set_config('search_path', '', false);
SET check_function_bodies = false;

CREATE SCHEMA lending;
ALTER SCHEMA lending OWNER TO librarian;

CREATE FUNCTION lending.due(from_day date) RETURNS date
    LANGUAGE plpgsql
    AS $$
BEGIN
  RETURN (SELECT from_day + days FROM lending.terms; -- a body that the server need not like
END;
$$;

CREATE TABLE lending.books (
    id integer NOT NULL,
    title text NOT NULL,
    shelf text DEFAULT 'A;1'::text
);
ALTER TABLE lending.books OWNER TO librarian;

COPY lending.books (id, title, shelf) FROM stdin;
1	Semicolons; and other marks	\N
2	A tab\tin the title	B
3	Backslash \\. at large	C
\.


ALTER TABLE ONLY lending.books ADD CONSTRAINT books_pkey PRIMARY KEY (id);
GRANT SELECT ON TABLE lending.books TO "The Readers";

\unrestrict Zw3kq0ExampleTokenOfPgDump
