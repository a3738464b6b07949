package emit_test

import (
	"crypto/sha256"
	"database/sql"
	"encoding/hex"
	"encoding/json"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"

	_ "github.com/lib/pq"
	"github.com/stretchr/testify/require"

	"github.com/senior-backend/toolkit/scaffolder/internal/database"
	"github.com/senior-backend/toolkit/scaffolder/internal/database/databasetest"
	"github.com/senior-backend/toolkit/scaffolder/internal/emit"
)

// library is a schema with one of everything that rows are made of.
const library = `
CREATE TYPE genre AS ENUM ('novel', 'it''s "poetry"');
CREATE TYPE place AS (street text, weight numeric);
CREATE DOMAIN isbn AS text CHECK (VALUE ~ '^[0-9]{3,13}$');
CREATE TABLE authors (
	id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
	name text NOT NULL CHECK (length(name) >= 2),
	mail varchar(40) UNIQUE,
	password_hash text,
	home place,
	born date,
	CONSTRAINT no_nemo CHECK (lower(name) || coalesce(mail, '') <> 'nemo')
);
CREATE TABLE books (
	isbn isbn NOT NULL,
	edition int NOT NULL DEFAULT 1,
	author_id bigint NOT NULL REFERENCES authors ON DELETE RESTRICT,
	editor_id bigint REFERENCES authors,
	title text NOT NULL,
	price numeric(12,4),
	kind genre NOT NULL DEFAULT 'novel',
	tags text[] NOT NULL DEFAULT '{}',
	prices numeric[],
	about jsonb,
	cover bytea,
	printed timestamp,
	added timestamptz NOT NULL DEFAULT now(),
	places place[],
	pages int4range,
	PRIMARY KEY (isbn, edition)
);
CREATE TABLE "odd ""names" ("a b" int PRIMARY KEY, "class" text, "__proto__" text, "select" uuid);
CREATE TABLE stars (
	id bigint PRIMARY KEY,
	sun bigint REFERENCES stars,
	mass bigint NOT NULL DEFAULT 7 CHECK (mass > 0),
	moons bigint[]
);
CREATE FUNCTION next_whole(n bigint) RETURNS bigint LANGUAGE sql AS 'SELECT n + 1';
CREATE TABLE notes (line text, at timestamp);
CREATE TABLE days (day date NOT NULL, n int NOT NULL, PRIMARY KEY (day, n)) PARTITION BY RANGE (day);
CREATE TABLE days_all PARTITION OF days DEFAULT;
CREATE TABLE moments (id int PRIMARY KEY, at timestamptz, day date, n float8, exact numeric, span interval);
INSERT INTO moments VALUES (1, '0044-03-15 12:00 BC', '0044-03-15 BC', 'NaN', 'NaN', '-1 day'), (2, 'infinity', 'infinity', 'Infinity', 1e-20, '1 mon'),
	(3, '-infinity', '-infinity', '-Infinity', 123456789012345678901234567890.123456789, '30 days'), (4, '2024-01-01 00:00:00.000001Z', '1899-12-31', 0.1, 0, '1 us'),
	(5, '2024-01-01 00:00:00.000002Z', '1899-12-30', 0.1, 0.0, '1 us'), (6, '2024-01-01 00:00:00.000002Z', NULL, 1e-300, 0.00, NULL), (7, NULL, NULL, NULL, NULL, NULL), (8, NULL, NULL, NULL, NULL, NULL);
CREATE TABLE codes (code text PRIMARY KEY, r int, t int, uses int NOT NULL DEFAULT 0);
CREATE TYPE visit AS (at timestamp, person bigint, share numeric, scan bytea, places place[], notes jsonb);
CREATE TABLE visits (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, last visit, whole visit[]);
CREATE TABLE numbers (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY);
CREATE TABLE constructor (constructor text, __proto__ text, bits bit(3), short varbit(2), PRIMARY KEY (constructor, __proto__));
CREATE FUNCTION visit_of(person bigint) RETURNS visit LANGUAGE sql AS $$ SELECT last FROM visits WHERE (last).person = visit_of.person $$;
CREATE FUNCTION visits_of(person bigint) RETURNS SETOF visits LANGUAGE sql AS $$ SELECT * FROM visits WHERE (last).person = visits_of.person $$;
CREATE FUNCTION wholes_of(person bigint) RETURNS SETOF visit LANGUAGE sql AS $$ SELECT unnest(whole) FROM visits WHERE (last).person = wholes_of.person $$;
CREATE FUNCTION author_of(id bigint) RETURNS authors LANGUAGE sql AS $$ SELECT * FROM authors a WHERE a.id = author_of.id $$;
CREATE SEQUENCE collisions;
CREATE FUNCTION collide(times int) RETURNS int LANGUAGE plpgsql AS $$ BEGIN
	IF nextval('collisions') <= times THEN RAISE serialization_failure; END IF;
	RETURN times;
END $$;
CREATE FUNCTION doze(seconds int) RETURNS int LANGUAGE plpgsql AS 'BEGIN PERFORM pg_sleep(seconds); RETURN seconds; END';
CREATE FUNCTION sell() RETURNS int LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION 'sold out' USING ERRCODE = 'S0001', COLUMN = 'stock'; END $$;
CREATE VIEW titles AS SELECT title, price FROM books;
CREATE TABLE secrets (id int PRIMARY KEY, owner text NOT NULL DEFAULT current_setting('request.jwt.claims', true)::json ->> 'sub');
CREATE FUNCTION add(a int, b int DEFAULT 2) RETURNS int LANGUAGE sql AS 'SELECT a + b';
CREATE FUNCTION half(n numeric) RETURNS numeric LANGUAGE sql AS 'SELECT round(n / 2, 3)';
CREATE FUNCTION authors_named(part text) RETURNS SETOF authors LANGUAGE sql AS 'SELECT * FROM authors WHERE name = part';
CREATE FUNCTION totals(OUT kind genre, OUT n bigint) RETURNS SETOF record LANGUAGE sql AS 'SELECT kind, count(*) FROM books GROUP BY kind';
CREATE FUNCTION clear_notes(before timestamp) RETURNS void LANGUAGE sql AS 'DELETE FROM notes WHERE at < before';
CREATE FUNCTION unnamed(int) RETURNS int LANGUAGE sql AS 'SELECT $1';
CREATE FUNCTION refuse() RETURNS int LANGUAGE plpgsql AS 'BEGIN RAISE EXCEPTION ''no''; END';
INSERT INTO authors (name, mail) SELECT 'Author ' || n, CASE WHEN n % 3 > 0 THEN n || '@example.org' END FROM generate_series(1, 30) n;
INSERT INTO books (isbn, author_id, editor_id, title, price, printed)
	SELECT 1000 + n, 1 + n % 10, nullif(n % 4, 0), 'Book ' || n % 7, CASE WHEN n % 5 > 0 THEN n / 4.0 END, '2024-01-01'::timestamp + n * interval '1 hour' FROM generate_series(1, 60) n;
INSERT INTO notes SELECT 'line ' || n FROM generate_series(1, 5) n;
`

// client asks a server over a database.
type client struct {
	t       *testing.T
	address string
}

// reply is an answer in either envelope.
type reply struct {
	status int
	header http.Header
	Data   json.RawMessage
	Meta   struct {
		NextCursor *string
		Total      *int
	}
	Error struct {
		Code    string
		Details []struct{ Field string }
	}
}

func (c client) do(method, path, body string, headers ...string) reply {
	c.t.Helper()
	request, err := http.NewRequest(method, c.address+path, strings.NewReader(body))
	require.NoError(c.t, err)
	if body != "" {
		request.Header.Set("Content-Type", "application/json")
	}
	for i := 0; i < len(headers); i += 2 {
		request.Header.Set(headers[i], headers[i+1])
	}
	response, err := http.DefaultClient.Do(request)
	require.NoError(c.t, err)
	defer response.Body.Close()
	content, err := io.ReadAll(response.Body)
	require.NoError(c.t, err)
	out := reply{status: response.StatusCode, header: response.Header}
	if len(content) > 0 {
		require.NoError(c.t, json.Unmarshal(content, &out), "%s", content)
	}
	return out
}

// want does that and demands a status; it returns the data, or the fields that are wrong.
func (c client) want(status int, method, path, body string, headers ...string) string {
	c.t.Helper()
	got := c.do(method, path, body, headers...)
	require.Equal(c.t, status, got.status, "%s %s: %s %v", method, path, got.Data, got.Error)
	if status < 300 {
		return string(got.Data)
	}
	var fields []string
	for _, detail := range got.Error.Details {
		fields = append(fields, detail.Field)
	}
	return strings.Join(fields, ",")
}

func TestRows(t *testing.T) {
	url := databasetest.Database(t, "library", library, "pg_stat_statements")
	read, err := database.Read(t.Context(), database.Options{URL: url, Functions: true})
	require.NoError(t, err)
	described := database.Describe(read, database.Choice{})
	db, err := sql.Open("postgres", url)
	require.NoError(t, err)
	defer db.Close()
	_, err = db.Exec("CREATE EXTENSION pg_stat_statements")
	require.NoError(t, err)
	for _, framework := range frameworks {
		t.Run(framework, func(t *testing.T) {
			folder := compiledOver(t, described.API, described.Rows, framework)
			c := client{t, boot(t, folder, "DATABASE_URL="+url)}
			c.statements(db)
			c.lists()
			c.writes()
			c.values()
			c.wholes()
			c.violations()
			c.functions()
			c.injections(db)
			c.extremes()
			c.records()
			c.together(db)
		})
	}
}

// lists sees pages, filters, orders, fields and related rows.
func (c client) lists() {
	t := c.t
	for _, order := range []string{"", "&sort=title", "&sort=-price,title", "&sort=price", "&sort=-editor_id,-isbn", "&sort=printed,-edition"} {
		seen, pages, next := map[string]bool{}, 0, ""
		for {
			got := c.do("GET", "/books?limit=7&fields=isbn&count=true"+order+next, "")
			require.Equal(t, 200, got.status, "%s %v", order, got.Error)
			require.Equal(t, 60, *got.Meta.Total)
			var rows []struct{ ISBN string }
			require.NoError(t, json.Unmarshal(got.Data, &rows))
			for _, row := range rows {
				require.False(t, seen[row.ISBN], "%s comes twice, %s", row.ISBN, order)
				seen[row.ISBN] = true
			}
			pages++
			if got.Meta.NextCursor == nil {
				break
			}
			next = "&cursor=" + *got.Meta.NextCursor
		}
		require.Len(t, seen, 60, order)
		require.Equal(t, 9, pages, order)
		if next != "" {
			require.Equal(t, "cursor", c.want(400, "GET", "/books?sort=kind"+next, ""), "a cursor of another order")
		}
	}
	require.Equal(t, "cursor", c.want(400, "GET", "/books?cursor=abc", ""))
	require.Equal(t, "limit", c.want(400, "GET", "/books?limit=1000", ""))
	require.JSONEq(t, `[{"isbn":"1001"},{"isbn":"1004"}]`, c.want(200, "GET", "/books?fields=isbn&isbn[in]=1001&isbn[in]=1004", ""))
	require.JSONEq(t, `[{"isbn":"1003","price":"0.7500"}]`, c.want(200, "GET", "/books?fields=isbn,price&price[gt]=0.74&price[lte]=0.75", ""))
	require.JSONEq(t, `[{"isbn":"1005"}]`, c.want(200, "GET", "/books?fields=isbn&price[null]=true&limit=1", ""))
	require.JSONEq(t, `[]`, c.want(200, "GET", "/books?fields=isbn&title[like]=book+%25x", ""))
	require.JSONEq(t, `[{"isbn":"1001"}]`, c.want(200, "GET", "/books?fields=isbn&title[like]=BOOK+1&limit=1", ""))
	require.JSONEq(t, `[{"isbn":"1004"}]`, c.want(200, "GET", "/books?fields=isbn&printed[eq]=2024-01-01T05:00:00%2B01:00", ""))
	require.Equal(t, "fields.0", c.want(400, "GET", "/authors?fields=password_hash", ""))

	var books []struct {
		ISBN      string
		Authors   []any
		Author    struct{ Name string }
		EditorRow *struct{ Name string } `json:"editor"`
	}
	require.NoError(t, json.Unmarshal([]byte(c.want(200, "GET", "/books?limit=4&include=author,editor", "")), &books))
	require.Equal(t, "Author 2", books[0].Author.Name)
	require.Equal(t, "Author 1", books[0].EditorRow.Name)
	require.Nil(t, books[3].EditorRow)
	var author struct {
		Books []struct{ ISBN string } `json:"books_by_editor_id"`
	}
	require.NoError(t, json.Unmarshal([]byte(c.want(200, "GET", "/authors/1?fields=name&include=books_by_editor_id", "")), &author))
	require.Len(t, author.Books, 15)
	require.Equal(t, "1001", author.Books[0].ISBN)

	require.Equal(t, 5, strings.Count(c.want(200, "GET", "/notes?limit=10", ""), "line "))
	first := c.do("GET", "/notes?limit=3", "")
	require.JSONEq(t, `[{"line":"line 4","at":null},{"line":"line 5","at":null}]`, c.want(200, "GET", "/notes?limit=3&cursor="+*first.Meta.NextCursor, ""))
	require.NotEmpty(t, c.want(200, "GET", "/titles?price[lt]=1", ""))
	require.Empty(t, c.want(405, "POST", "/titles", `{}`))
}

// writes creates, replaces, changes and deletes rows.
func (c client) writes() {
	t := c.t
	created := c.do("POST", "/authors", `{"name":"Mary","mail":"mary@example.org","password_hash":"x","home":{"street":"A","weight":"1.5"}}`)
	require.Equal(t, 201, created.status, "%v", created.Error)
	var author struct{ ID string }
	require.NoError(t, json.Unmarshal(created.Data, &author))
	require.NotContains(t, string(created.Data), "password")
	at, tag := "/authors/"+author.ID, created.header.Get("ETag")
	got := c.do("GET", at, "")
	require.Equal(t, tag, got.header.Get("ETag"))
	require.JSONEq(t, string(created.Data), string(got.Data))
	for _, held := range []string{tag, "W/" + tag, `"0", ` + tag, "*"} {
		got = c.do("GET", at, "", "If-None-Match", held)
		require.Equal(t, 304, got.status, held)
		require.Empty(t, got.Data)
		require.Equal(t, tag, got.header.Get("ETag"))
	}
	c.want(200, "GET", at, "", "If-None-Match", `"0"`)
	c.want(200, "PATCH", at, `{"name":"Mary"}`, "If-None-Match", `"0"`)
	got = c.do("GET", at, "", "If-None-Match", tag)
	require.Equal(t, 200, got.status, "it has changed")
	tag = got.header.Get("ETag")

	changed := c.do("PATCH", at, `{"name":"Mary S"}`, "If-Match", tag)
	require.Equal(t, 200, changed.status, "%v", changed.Error)
	require.Contains(t, string(changed.Data), `"mary@example.org"`)
	c.want(412, "PATCH", at, `{"name":"Lost"}`, "If-Match", tag)
	c.want(412, "DELETE", at, "", "If-Match", tag)
	replaced := c.do("PUT", at, `{"name":"New"}`, "If-Match", `"0", `+changed.header.Get("ETag"))
	require.Equal(t, 200, replaced.status, "%v", replaced.Error)
	require.Contains(t, string(replaced.Data), `"mail":null`)
	c.want(204, "DELETE", at, "", "If-Match", "*")
	c.want(404, "DELETE", at, "")
	c.want(404, "GET", at, "")
	c.want(404, "PATCH", at, `{"name":"None"}`)

	day := c.want(201, "POST", "/days", `{"day":"2024-02-29","n":1}`)
	require.JSONEq(t, `{"day":"2024-02-29","n":1}`, day)
	c.want(200, "PUT", "/days/2024-02-29/1", `{"day":"2024-02-29","n":2}`)
	c.want(204, "DELETE", "/days/2024-02-29/2", "")
}

// values sees that what is written comes back as it was.
func (c client) values() {
	t := c.t
	book := `{"isbn":"777","edition":2,"author_id":"1","editor_id":null,"title":"T \"q\" \\ {a,b}","price":"12345678.1234","kind":"it's \"poetry\"",
		"tags":["a","b,c","{}","\"","null"],"prices":["1.10","2"],"about":[1,{"a":null}],"cover":"AAEC/w==",
		"printed":"2024-01-02T03:04:05.123456+00:00","added":"2024-01-02T03:04:05.123456+00:00",
		"places":[{"street":"x","weight":"2"},{"street":null,"weight":null}],"pages":"[1,5)"}`
	require.JSONEq(t, book, c.want(201, "POST", "/books", book))
	require.JSONEq(t, book, c.want(200, "GET", "/books/777/2", ""))
	require.JSONEq(t, book, c.want(200, "PUT", "/books/777/2", book))
	c.want(204, "DELETE", "/books/777/2", "")
	odd := `{"a b":7,"class":"c","__proto__":"p","select":"00000000-0000-0000-0000-000000000001"}`
	require.JSONEq(t, odd, c.want(201, "POST", "/odd%20%22names", odd))
	require.JSONEq(t, odd, c.want(200, "GET", "/odd%20%22names/7?fields=select,class,a+b,__proto__", ""))
	c.want(204, "DELETE", "/odd%20%22names/7", "")
}

// violations sees what is said about rows that the database refuses.
func (c client) violations() {
	t := c.t
	require.Equal(t, "mail", c.want(409, "POST", "/authors", `{"name":"Twice","mail":"1@example.org"}`))
	require.Equal(t, "author_id", c.want(422, "POST", "/books", `{"isbn":"888","author_id":"999","title":"x"}`))
	require.Equal(t, "author_id", c.want(422, "PATCH", "/books/1001/1", `{"author_id":"999"}`))
	require.Equal(t, "name,mail", c.want(422, "POST", "/authors", `{"name":"NeMo"}`))
	require.Equal(t, "name", c.want(400, "POST", "/authors", `{"name":"N"}`))
	require.Equal(t, "cover", c.want(400, "POST", "/books", `{"isbn":"999","author_id":"1","title":"x","cover":"AA"}`))
	require.Equal(t, "isbn", c.want(400, "POST", "/books", `{"isbn":"x","author_id":"1","title":"x"}`))
	c.want(409, "DELETE", "/authors/1", "")
	require.Equal(t, "owner", c.want(422, "POST", "/secrets", `{"id":1}`))
}

// functions calls those of the database.
func (c client) functions() {
	t := c.t
	require.JSONEq(t, `3`, c.want(200, "POST", "/rpc/add", `{"a":1}`))
	require.JSONEq(t, `5`, c.want(200, "POST", "/rpc/add", `{"a":1,"b":4}`))
	require.Equal(t, "a", c.want(400, "POST", "/rpc/add", `{"a":"x"}`))
	require.JSONEq(t, `"0.617"`, c.want(200, "POST", "/rpc/half", `{"n":"1.234"}`))
	named := c.want(200, "POST", "/rpc/authors_named", `{"part":"Author 7"}`)
	require.Contains(t, named, `"7@example.org"`)
	require.NotContains(t, named, "password_hash")
	require.JSONEq(t, `[{"kind":"novel","n":"60"}]`, c.want(200, "POST", "/rpc/totals", ""))
	c.want(204, "POST", "/rpc/clear_notes", `{"before":"2000-01-01T00:00:00Z"}`)
	c.want(404, "POST", "/rpc/unnamed", `{}`)
	c.want(422, "POST", "/rpc/refuse", "")
}

// TestClaims sees that the database is told who is asking, and nobody is let in without a proof.
func TestClaims(t *testing.T) {
	url := databasetest.Database(t, "claims", library)
	read, err := database.Read(t.Context(), database.Options{URL: url, Tables: []string{"secrets"}})
	require.NoError(t, err)
	described := database.Describe(read, database.Choice{Auth: database.AuthKey})
	key := sha256.Sum256([]byte("opensesame"))
	folder := compiledOver(t, described.API, described.Rows, emit.Express)
	c := client{t, boot(t, folder, "DATABASE_URL="+url, "API_KEY_SHA256="+hex.EncodeToString(key[:]))}
	harness, err := os.ReadFile(filepath.Join(folder, "test", "harness.ts"))
	require.NoError(t, err)
	require.Contains(t, string(harness), `process.env.DATABASE_URL = "postgres://127.0.0.1:1/none"`, "npm test must not touch rows")
	c.want(401, "GET", "/secrets", "")
	created := c.want(201, "POST", "/secrets", `{"id":1}`, "X-API-Key", "opensesame")
	require.JSONEq(t, `{"id":1,"owner":"X-API-Key"}`, created)
	c.want(409, "POST", "/secrets", `{"id":1}`, "X-API-Key", "opensesame")
	require.JSONEq(t, `[{"id":1,"owner":"X-API-Key"}]`, c.want(200, "GET", "/secrets", "", "X-API-Key", "opensesame"))
}

func mustJSON(t *testing.T, value any) []byte {
	t.Helper()
	out, err := json.Marshal(value)
	require.NoError(t, err)
	return out
}
