package emit_test

import (
	"database/sql"
	"encoding/base64"
	"net/url"
	"strings"

	"github.com/stretchr/testify/require"
)

// statements sees, by what the database itself has counted, that the number of
// statements of a request does not grow with the number of rows.
func (c client) statements(db *sql.DB) {
	t := c.t
	count := func(work func()) int {
		_, err := db.Exec("SELECT pg_stat_statements_reset()")
		require.NoError(t, err)
		work()
		var calls int
		require.NoError(t, db.QueryRow(`SELECT coalesce(sum(calls), 0) FROM pg_stat_statements
			WHERE toplevel AND dbid = (SELECT oid FROM pg_database WHERE datname = current_database()) AND query !~ 'pg_stat_statements'`).Scan(&calls))
		return calls
	}
	for request, want := range map[string]int{
		"/books?limit=50":                                                    1,
		"/books?limit=2&include=author,editor":                               3,
		"/books?limit=50&include=author,editor":                              3,
		"/books?limit=50&include=author,editor,author&count=true":            4,
		"/authors?limit=30&include=books,books_by_editor_id":                 3,
		"/authors/1?include=books":                                           2,
		"/books?title[like]=%25&isbn[in]=1001&isbn[in]=1002&sort=price,kind": 1,
	} {
		require.Equal(t, want, count(func() { c.want(200, "GET", request, "") }), request)
	}
	require.Equal(t, 1, count(func() { c.want(201, "POST", "/days", `{"day":"2023-01-01","n":1}`) }))
	require.Equal(t, 1, count(func() { c.want(200, "PUT", "/days/2023-01-01/1", `{"day":"2023-01-01","n":2}`) }))
	require.Equal(t, 1, count(func() { c.want(200, "PATCH", "/days/2023-01-01/2", `{"n":3}`) }))
	require.Equal(t, 1, count(func() { c.want(204, "DELETE", "/days/2023-01-01/3", "") }))
	require.Equal(t, 2, count(func() { c.want(412, "PATCH", "/authors/1", `{"name":"Lost"}`, "If-Match", `"0"`) }))
	require.Equal(t, 0, count(func() { c.want(400, "GET", "/books?limit=x", "") }), "what is not valid never reaches it")
}

// injections sends what SQL could take for its own in every place of a request,
// and sees that nothing of the database has changed.
func (c client) injections(db *sql.DB) {
	t := c.t
	state := func() (all string) {
		require.NoError(t, db.QueryRow(`SELECT md5(concat((SELECT string_agg(a::text, '|' ORDER BY id) FROM authors a),
			(SELECT string_agg(b::text, '|' ORDER BY isbn, edition) FROM books b), (SELECT string_agg(o::text, '|') FROM "odd ""names" o),
			(SELECT string_agg(n::text, '|' ORDER BY n::text) FROM notes n),
			(SELECT string_agg(concat(c.oid, c.relname, c.relkind), '|' ORDER BY c.oid) FROM pg_class c WHERE relnamespace = 'public'::regnamespace),
			(SELECT string_agg(rolname, '|' ORDER BY oid) FROM pg_roles)))`).Scan(&all))
		return all
	}
	before := state()
	for _, text := range []string{
		`'; DROP TABLE books; --`, `1 OR 1=1`, `") ; DELETE FROM books --`, `\'; SELECT pg_sleep(9) --`, `$1`, "x' || (SELECT 'y') || '",
		`"; DROP TABLE "odd ""names"; --`, `$$; DELETE FROM notes; $$`, `1); UPDATE books SET title = 'x'; --`, "\u02bc; DELETE FROM notes --", "%' OR '%'='", `*/ DELETE FROM notes /*`,
	} {
		escaped := strings.ReplaceAll(url.QueryEscape(text), "+", "%20")
		for _, path := range []string{
			"/books?sort=", "/books?sort=-", "/books?sort=title,", "/books?fields=", "/books?include=", "/books?cursor=", "/books?limit=", "/books?count=",
			"/books?title[eq]=", "/books?title[ne]=", "/books?title[like]=", "/books?isbn[in]=", "/books?price[gt]=", "/books?printed[lt]=", "/books?kind[eq]=",
			"/books?author_id[gte]=", "/books?title[null]=", "/books?title[", "/books?", "/stars?id[eq]=", "/stars?mass[in]=1&mass[in]=", "/odd%20%22names?class[eq]=",
			"/odd%20%22names?select[lt]=", "/books/", "/books/1001/", "/authors/", "/stars/", "/days/2024-01-01/", "/odd%20%22names/", "/",
		} {
			require.Less(t, c.do("GET", path+escaped, "").status, 500, "%s%s", path, text)
		}
		c.hostileCursors(text)
		for _, header := range []string{"If-Match", "If-None-Match", "Accept", "X-Request-Id", "Authorization"} {
			value := url.PathEscape(text)
			if text[0] < 128 {
				value = `"` + text + `"`
			}
			require.Less(t, c.do("PATCH", "/books/1001/1", `{"edition":"x"}`, header, value).status, 500)
			require.Less(t, c.do("DELETE", "/books/"+escaped+"/1", "", header, value).status, 500)
			require.Less(t, c.do("GET", "/books/1001/1", "", header, value).status, 500)
		}
		require.Equal(t, 412, c.do("DELETE", "/books/1001/1", "", "If-Match", `"`+url.PathEscape(text)+`"`).status)
		body := string(mustJSON(t, map[string]any{"name": text, "mail": text[:1], text: 1}))
		require.Equal(t, 400, c.do("POST", "/authors", body).status)
		require.Equal(t, 400, c.do("PATCH", "/authors/1", body).status)
		require.Less(t, c.do("POST", "/rpc/authors_named", string(mustJSON(t, map[string]any{"part": text}))).status, 300)
		kept := c.want(201, "POST", "/odd%20%22names", string(mustJSON(t, map[string]any{"a b": 9, "class": text, "__proto__": text})))
		require.Contains(t, kept, string(mustJSON(t, text)), "it is kept as the text that it is")
		c.want(200, "PATCH", "/odd%20%22names/9", string(mustJSON(t, map[string]any{"class": text})))
		require.Contains(t, c.want(200, "GET", "/odd%20%22names?class[eq]="+escaped, ""), `"a b":9`)
		c.want(204, "DELETE", "/odd%20%22names/9", "")
	}
	require.Equal(t, before, state())
}

// hostileCursors sends cursors that were never handed out.
func (c client) hostileCursors(text string) {
	order := ` ORDER BY t."isbn", t."edition"`
	for _, place := range []map[string]any{
		{"order": order, "at": []string{text, "1"}},
		{"order": order, "at": []string{"1001", text}},
		{"order": order, "skip": text},
		{"order": order + text, "at": []string{"1001", "1"}},
		{"order": text, "skip": 1},
		{"order": order, "at": []any{map[string]string{"a": text}, 1}},
	} {
		cursor := base64.RawURLEncoding.EncodeToString(mustJSON(c.t, place))
		require.Less(c.t, c.do("GET", "/books?cursor="+cursor, "").status, 500, "%v", place)
	}
}
