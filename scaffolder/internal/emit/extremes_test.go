package emit_test

import (
	"crypto/sha256"
	"database/sql"
	"encoding/hex"
	"encoding/json"
	"math/rand/v2"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/senior-backend/toolkit/scaffolder/internal/database"
	"github.com/senior-backend/toolkit/scaffolder/internal/database/databasetest"
	"github.com/senior-backend/toolkit/scaffolder/internal/emit"
)

// extremes sends what databases and decoders choke on, and reads what JSON cannot say.
func (c client) extremes() {
	t := c.t
	for _, one := range []struct {
		status             int
		method, path, body string
	}{
		{400, "POST", "/authors", `{"name":"a\u0000b"}`},
		{400, "PATCH", "/authors/1", `{"name":"a\u0000b"}`},
		{400, "POST", "/books", `{"isbn":"4444","author_id":"1","title":"x","about":{"a":"\u0000"}}`},
		{400, "GET", "/books?title[eq]=a%00b", ""},
		{400, "GET", "/codes/a%00b", ""},
		{400, "GET", "/books?title[like]=Book%5C", ""},
		{400, "POST", "/authors", "{\"name\":\"ab\xff\xfe\"}"},
		{400, "POST", "/authors", ``},
		{400, "POST", "/authors", `null`},
		{400, "POST", "/authors", `[]`},
		{400, "POST", "/authors", `{"name":"ab"`},
		{400, "PATCH", "/authors/1", `{}`},
		{400, "PATCH", "/authors/1", `{"unknown":1}`},
		{400, "POST", "/authors", `{"name":"ab","constructor":{"prototype":{"polluted":1}},"toString":1}`},
		{400, "POST", "/authors", `{"name":"ab","__proto__":{"polluted":1}}`},
		{200, "GET", "/books?__proto__[eq]=1&constructor[prototype][polluted]=1", ""},
		{400, "GET", "/books?title[__proto__]=1", ""},
		{400, "GET", "/books?title[constructor]=1", ""},
		{400, "GET", "/books?sort=__proto__", ""},
		{400, "GET", "/books?fields=constructor", ""},
		{400, "GET", "/books?include=__proto__", ""},
		{400, "POST", "/stars", `{"id":"99999999999999999999"}`},
		{400, "POST", "/stars", `{"id":"9223372036854775808"}`},
		{400, "POST", "/moments", `{"id":9,"n":1e999}`},
		{400, "POST", "/moments", `{"id":9,"exact":"NaN"}`},
		{400, "POST", "/moments", `{"id":9,"day":"2023-02-29"}`},
		{400, "POST", "/moments", `{"id":9,"span":"soon"}`},
		{400, "POST", "/constructor", `{"constructor":"a","__proto__":"b","bits":"1"}`},
		{400, "POST", "/constructor", `{"constructor":"a","__proto__":"b","short":"101"}`},
		{413, "POST", "/authors", `{"name":"` + strings.Repeat("x", 2<<20) + `"}`},
		{422, "POST", "/rpc/sell", ``},
	} {
		got := c.do(one.method, one.path, one.body)
		require.Equal(t, one.status, got.status, "%s %s %.100s: %v", one.method, one.path, one.body, got.Error)
	}
	require.Contains(t, []int{400, 404}, c.do("GET", "/codes/%ff", "").status, "it can be no key")
	require.Less(t, c.do("POST", "/books", `{"isbn":"4444","author_id":"1","title":"x","about":`+strings.Repeat("[", 20000)+strings.Repeat("]", 20000)+`}`).status, 500)
	require.Equal(t, "stock", c.want(422, "POST", "/rpc/sell", ""))

	noise := make([]byte, 9000) // too much for an entry of an index, whatever it is compressed to
	for i := range noise {
		noise[i] = byte('a' + rand.IntN(26))
	}
	c.want(422, "POST", "/codes", `{"code":"`+string(noise)+`"}`)
	long := strings.Repeat("long ", 150_000)
	require.Contains(t, c.want(201, "POST", "/odd%20%22names", `{"a b":1,"class":"`+long+`"}`), long)
	c.want(204, "DELETE", "/odd%20%22names/1", "")
	same := `{"constructor":"a","__proto__":"b","bits":"101","short":"1"}`
	require.JSONEq(t, same, c.want(201, "POST", "/constructor", same))
	require.JSONEq(t, same, c.want(200, "PATCH", "/constructor/a/b", `{"bits":"101"}`))
	c.want(204, "DELETE", "/constructor/a/b", "")
	made := c.want(201, "POST", "/numbers", `{}`)
	var number struct{ ID string }
	require.NoError(t, json.Unmarshal([]byte(made), &number))
	require.JSONEq(t, made, c.want(200, "PUT", "/numbers/"+number.ID, `{}`), "nothing of it can be set")

	require.JSONEq(t, `[{"at":"0044-03-15T12:00:00+00:00 BC","day":"0044-03-15 BC","n":"NaN","exact":"NaN"},{"at":"infinity","day":"infinity","n":"Infinity","exact":"0.00000000000000000001"},
		{"at":"-infinity","day":"-infinity","n":"-Infinity","exact":"123456789012345678901234567890.123456789"}]`,
		c.want(200, "GET", "/moments?limit=3&fields=at,day,n,exact", ""))
	for _, order := range []string{"at", "-at", "day", "-day,n", "n", "-n", "exact", "-exact,at", "span", "-span,-id"} {
		seen, next := map[string]bool{}, ""
		for range 8 {
			got := c.do("GET", "/moments?limit=1&fields=id&sort="+order+next, "")
			require.Equal(t, 200, got.status, "%s %v", order, got.Error)
			seen[string(got.Data)] = true
			if got.Meta.NextCursor != nil {
				next = "&cursor=" + *got.Meta.NextCursor
			}
		}
		require.Len(t, seen, 8, order)
	}
	require.JSONEq(t, `[{"id":5},{"id":6}]`, c.want(200, "GET", "/moments?fields=id&at[gt]=2024-01-01T00:00:00.000001Z&at[lt]=2024-01-01T02:00:00%2B01:00&at[lte]=2024-01-01T00:00:00.000002Z", ""))
}

// records sees that values within composite types keep their digits, their zone and
// their bytes, also as results of functions.
func (c client) records() {
	t := c.t
	one := `{"at":"2024-01-02T03:04:05.123456+00:00","person":"9007199254740993","share":"0.10","scan":"AAH/","places":[{"street":"a","weight":"9007199254740993.5"}],"notes":{"a":[1]}}`
	sent := strings.Replace(one, "03:04:05.123456+00:00", "05:04:05.123456+02:00", 1)
	made := c.want(201, "POST", "/visits", `{"last":`+sent+`,"whole":[`+sent+`,{"person":"1"}]}`)
	var visit struct {
		ID    string
		Last  json.RawMessage
		Whole []json.RawMessage
	}
	require.NoError(t, json.Unmarshal([]byte(made), &visit))
	require.JSONEq(t, one, string(visit.Last))
	require.Len(t, visit.Whole, 2)
	require.JSONEq(t, one, string(visit.Whole[0]))
	require.JSONEq(t, `{"at":null,"person":"1","share":null,"scan":null,"places":null,"notes":null}`, string(visit.Whole[1]))
	require.JSONEq(t, made, c.want(200, "PUT", "/visits/"+visit.ID, `{"last":`+string(visit.Last)+`,"whole":[`+one+`,{"person":"1"}]}`))
	asked := `{"person":"9007199254740993"}`
	require.JSONEq(t, one, c.want(200, "POST", "/rpc/visit_of", asked))
	require.Equal(t, "null", c.want(200, "POST", "/rpc/visit_of", `{"person":"2"}`))
	require.JSONEq(t, `[`+made+`]`, c.want(200, "POST", "/rpc/visits_of", asked))
	require.JSONEq(t, `[`+one+`,`+string(visit.Whole[1])+`]`, c.want(200, "POST", "/rpc/wholes_of", asked))
	author := c.want(200, "POST", "/rpc/author_of", `{"id":"7"}`)
	require.Contains(t, author, `"id":"7"`)
	require.NotContains(t, author, "password_hash")
	require.Equal(t, "null", c.want(200, "POST", "/rpc/author_of", `{"id":"-1"}`))
	require.Equal(t, "last.person", c.want(400, "POST", "/visits", `{"last":{"person":9007199254740993}}`))
	c.want(204, "DELETE", "/visits/"+visit.ID, "")
}

// together lets clients get in each other's way, and takes connections away.
func (c client) together(db *sql.DB) {
	t := c.t
	c.want(201, "POST", "/codes", `{"code":"one"}`)
	tag := c.do("GET", "/codes/one", "").header.Get("ETag")
	var work sync.WaitGroup
	statuses := make([]int, 12)
	for i := range statuses {
		work.Go(func() {
			request, err := http.NewRequest("PATCH", c.address+"/codes/one", strings.NewReader(`{"uses":1}`))
			if err != nil {
				return
			}
			request.Header.Set("Content-Type", "application/json")
			request.Header.Set("If-Match", tag)
			if response, err := http.DefaultClient.Do(request); err == nil {
				statuses[i] = response.StatusCode
				_ = response.Body.Close()
			}
		})
	}
	work.Wait()
	count := map[int]int{}
	for _, status := range statuses {
		count[status]++
	}
	require.Equal(t, map[int]int{200: 1, 412: 11}, count)
	c.want(204, "DELETE", "/codes/one", "")

	restart := func() {
		_, err := db.Exec("ALTER SEQUENCE collisions RESTART")
		require.NoError(t, err)
	}
	restart()
	require.Equal(t, "2", c.want(200, "POST", "/rpc/collide", `{"times":2}`), "it is tried again")
	restart()
	got := c.do("POST", "/rpc/collide", `{"times":100}`)
	require.Equal(t, 503, got.status)
	require.Equal(t, "1", got.header.Get("Retry-After"))

	c.severed(db)
}

// severed ends connections, idle and at work: what is at work is told to come again,
// and the server goes on.
func (c client) severed(db *sql.DB, headers ...string) {
	t := c.t
	const others = ` FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid() AND application_name = 'api'`
	answered := make(chan int, 1)
	go func() {
		request, err := http.NewRequest("POST", c.address+"/rpc/doze", strings.NewReader(`{"seconds":60}`))
		if err != nil {
			answered <- 0
			return
		}
		request.Header.Set("Content-Type", "application/json")
		for i := 0; i < len(headers); i += 2 {
			request.Header.Set(headers[i], headers[i+1])
		}
		response, err := http.DefaultClient.Do(request)
		if err != nil {
			answered <- 0
			return
		}
		_ = response.Body.Close()
		answered <- response.StatusCode
	}()
	require.Eventually(t, func() bool {
		var at int
		return db.QueryRow("SELECT count(*)"+others+" AND state = 'active' AND query ~ 'doze'").Scan(&at) == nil && at == 1
	}, time.Minute, 20*time.Millisecond)
	_, err := db.Exec("SELECT pg_terminate_backend(pid)" + others)
	require.NoError(t, err)
	require.Equal(t, 503, <-answered)
	require.Eventually(t, func() bool {
		return c.do("POST", "/rpc/doze", `{"seconds":0}`, headers...).status == 200
	}, time.Minute, 20*time.Millisecond, "it connects again")
}

const clinic = `
CREATE ROLE clinic_clerk;
CREATE TABLE staff (id int PRIMARY KEY, name text NOT NULL, boss int REFERENCES staff, pay numeric NOT NULL DEFAULT 1);
INSERT INTO staff VALUES (1, 'Ann', NULL, 9), (2, 'Bob', 1, 8);
GRANT SELECT (id, name, boss), INSERT (id, name), UPDATE (name), DELETE ON staff TO clinic_clerk;
CREATE TABLE notes (id int PRIMARY KEY, owner text NOT NULL DEFAULT current_setting('request.jwt.claims', true)::json ->> 'sub', line text);
ALTER TABLE notes ENABLE ROW LEVEL SECURITY;
CREATE POLICY own ON notes USING (owner = current_setting('request.jwt.claims', true)::json ->> 'sub');
GRANT ALL ON notes TO clinic_clerk;
CREATE FUNCTION doze(seconds int) RETURNS int LANGUAGE plpgsql AS 'BEGIN PERFORM pg_sleep(seconds); RETURN seconds; END';
`

// TestRole serves a role that may not read all columns, and callers who see only rows
// of their own; a lost connection within a transaction does not end the server.
func TestRole(t *testing.T) {
	url := databasetest.Database(t, "clinic", clinic)
	db, err := sql.Open("postgres", url)
	require.NoError(t, err)
	defer db.Close()
	as := url + "&options=-c%20role%3Dclinic_clerk"
	read, err := database.Read(t.Context(), database.Options{URL: as, Functions: true})
	require.NoError(t, err)
	described := database.Describe(read, database.Choice{Auth: database.AuthKey})
	folder := compiledOver(t, described.API, described.Rows, emit.Koa)
	c := client{t, boot(t, folder, "DATABASE_URL="+as, "API_KEY_SHA256="+hashed("ann")+"?sub=ann,"+hashed("bob")+"?sub=bob")}
	ann, bob := []string{"X-API-Key", "ann"}, []string{"X-API-Key", "bob"}

	require.JSONEq(t, `[{"id":2,"name":"Bob","boss":{"id":1,"name":"Ann","boss":null}}]`, strings.Replace(
		c.want(200, "GET", "/staff?id[eq]=2&include=staff", "", ann...), `"boss":1,"staff"`, `"boss"`, 1))
	require.JSONEq(t, `{"id":1,"name":"Ann","boss":null}`, c.want(200, "GET", "/staff/1", "", ann...))
	require.Equal(t, "sort.0", c.want(400, "GET", "/staff?sort=pay", "", ann...))
	require.Equal(t, "fields.0", c.want(400, "GET", "/staff?fields=pay", "", ann...))
	require.JSONEq(t, `{"id":3,"name":"Cid","boss":null}`, c.want(201, "POST", "/staff", `{"id":3,"name":"Cid"}`, ann...))
	c.want(403, "PATCH", "/staff/3", `{"boss":1}`, ann...)
	c.want(200, "PATCH", "/staff/3", `{"name":"Cyd"}`, ann...)
	c.want(204, "DELETE", "/staff/3", "", ann...)

	c.want(201, "POST", "/notes", `{"id":1,"line":"a"}`, ann...)
	c.want(201, "POST", "/notes", `{"id":2,"line":"b"}`, bob...)
	c.want(403, "POST", "/notes", `{"id":3,"owner":"ann"}`, bob...)
	require.JSONEq(t, `[{"id":2,"owner":"bob","line":"b"}]`, c.want(200, "GET", "/notes", "", bob...))
	c.want(404, "GET", "/notes/1", "", bob...)
	c.want(404, "PATCH", "/notes/1", `{"line":"c"}`, bob...)
	c.want(404, "DELETE", "/notes/1", "", bob...)
	c.want(403, "PATCH", "/notes/2", `{"owner":"ann"}`, bob...)
	c.severed(db, ann...)
}

func hashed(key string) string {
	sum := sha256.Sum256([]byte(key))
	return hex.EncodeToString(sum[:])
}

// TestBusyDatabase sees what is answered when all connections are taken, when a
// statement takes too long, and when there is no database.
func TestBusyDatabase(t *testing.T) {
	url := databasetest.Database(t, "busy", "CREATE TABLE things (id int PRIMARY KEY); CREATE FUNCTION doze(seconds int) RETURNS int LANGUAGE plpgsql AS 'BEGIN PERFORM pg_sleep(seconds); RETURN seconds; END';")
	read, err := database.Read(t.Context(), database.Options{URL: url, Functions: true})
	require.NoError(t, err)
	described := database.Describe(read, database.Choice{})
	folder := compiledOver(t, described.API, described.Rows, emit.Express)
	c := client{t, boot(t, folder, "DATABASE_URL="+url, "DATABASE_POOL_SIZE=1", "DATABASE_TIMEOUT_MS=8000")}
	slow := make(chan int, 1)
	go func() {
		response, err := http.Post(c.address+"/rpc/doze", "application/json", strings.NewReader(`{"seconds":600}`))
		if err != nil {
			slow <- 0
			return
		}
		_ = response.Body.Close()
		slow <- response.StatusCode
	}()
	db, err := sql.Open("postgres", url)
	require.NoError(t, err)
	defer db.Close()
	require.Eventually(t, func() bool {
		var at int
		return db.QueryRow("SELECT count(*) FROM pg_stat_activity WHERE state = 'active' AND query ~ 'doze' AND pid <> pg_backend_pid()").Scan(&at) == nil && at == 1
	}, time.Minute, 10*time.Millisecond)
	got := c.do("GET", "/things", "")
	require.Contains(t, []int{200, 503}, got.status, "there is no connection for it; on a slow machine there may be one by then")
	require.Equal(t, 503, <-slow, "it takes too long")
	c.want(200, "GET", "/things", "")

	none := client{t, boot(t, folder, "DATABASE_URL=postgres://127.0.0.1:1/none")}
	got = none.do("GET", "/things", "")
	require.Equal(t, 503, got.status)
	require.Equal(t, "1", got.header.Get("Retry-After"))
}
