package emit_test

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/senior-backend/toolkit/scaffolder/internal/api"
	"github.com/senior-backend/toolkit/scaffolder/internal/openapi"
)

// call is one request and what must come of it.
type call struct {
	name    string
	method  string
	path    string
	headers []string // name, value, ...
	body    string
	status  int
	fields  string // of the details, in order, with commas between them
}

func (c call) do(t *testing.T, address string) http.Header {
	t.Helper()
	method := c.method
	if method == "" {
		method = http.MethodGet
	}
	request, err := http.NewRequest(method, address+c.path, strings.NewReader(c.body))
	require.NoError(t, err)
	for i := 0; i < len(c.headers); i += 2 {
		request.Header.Set(c.headers[i], c.headers[i+1])
	}
	response, err := http.DefaultClient.Do(request)
	require.NoError(t, err)
	defer response.Body.Close()
	content, err := io.ReadAll(response.Body)
	require.NoError(t, err)
	require.Equal(t, c.status, response.StatusCode, "%s: %s", c.name, content)
	var envelope struct {
		Error struct {
			Code    string
			Message string
			Details []struct{ Field, Message string }
		}
		Meta struct{ RequestID string }
	}
	require.NoError(t, json.Unmarshal(content, &envelope), "%s: %s", c.name, content)
	require.NotEmpty(t, envelope.Error.Code, c.name)
	require.NotEmpty(t, envelope.Error.Message, c.name)
	require.Equal(t, response.Header.Get("X-Request-Id"), envelope.Meta.RequestID, c.name)
	var fields []string
	for _, detail := range envelope.Error.Details {
		require.NotEmpty(t, detail.Message, c.name)
		fields = append(fields, detail.Field)
	}
	require.Equal(t, c.fields, strings.Join(fields, ","), "%s: %s", c.name, content)
	return response.Header
}

const multipart = "multipart/form-data; boundary=XX"

func part(name, rest, content string) string {
	return "--XX\r\nContent-Disposition: form-data; name=\"" + name + "\"" + rest + "\r\n\r\n" + content + "\r\n"
}

// calls are what every framework has to answer in the same way.
func calls() []call {
	text := []string{"Content-Type", "text/plain"}
	octets := []string{"Content-Type", "application/octet-stream"}
	form := []string{"Content-Type", "application/x-www-form-urlencoded"}
	files := []string{"Content-Type", multipart}
	json := []string{"Content-Type", "application/json; charset=utf-8"}
	list := []call{
		{name: "all styles", path: "/styles/1,2/.3,4/;matrix=5?form=1,2&many=true&many=false&space=1%202&pipe=1%7C2&deep[a]=1&deep[b][c]=true&json=%7B%22x%22%3A1%7D", headers: []string{"X-List", "1, 2", "Cookie", "session=7"}, status: 501},
		{name: "path", path: "/styles/1,x/.y/;matrix=z", status: 400, fields: "simple.1,label.0,matrix"},
		{name: "query", path: "/styles/1/.1/;matrix=1?form=a&many=1&space=1%20b&pipe=c%7C1&deep[a]=d&deep[b][c]=e&json=%7B%7D", status: 400, fields: "form.0,many.0,space.1,pipe.0,deep.a,deep.b.c,json.x"},
		{name: "JSON in a query", path: "/styles/1/.1/;matrix=1?json=%7B", status: 400, fields: "json"},
		{name: "deep object's required property", path: "/styles/1/.1/;matrix=1?deep[b][c]=true", status: 400, fields: "deep.a"},
		{name: "header and cookie", path: "/styles/1/.1/;matrix=1", headers: []string{"X-List", "a", "Cookie", "session=x"}, status: 400, fields: "X-List.0,session"},
		{name: "parameters beside each other", path: "/size/7px/a%20bCopy", status: 501},
		{name: "parameters beside each other, wrong", path: "/size/7in/a%20bcCopy", status: 400, fields: "unit,file-name"},
		{name: "text after a parameter", path: "/files/abc.json", status: 501},
		{name: "text after a parameter, too long", path: "/files/abcd.json", status: 400, fields: "name"},
		{name: "a parameter that is no identifier", path: "/files/12", status: 501},
		{name: "a parameter that is no identifier, wrong", path: "/files/x", status: 400, fields: "user-id"},
		{name: "the concrete path first", path: "/files/latest", status: 501},
		{name: "a verb after a colon", method: "POST", path: "/jobs/5:cancel", status: 501},
		{name: "a verb after a colon, wrong", method: "POST", path: "/jobs/x:cancel", status: 400, fields: "id"},
		{name: "characters with a meaning in paths", path: "/odd/(a)+b*c?x=1", status: 501},
		{name: "characters that are encoded", path: "/caf%C3%A9%20menu/a%20b", status: 501},
		{name: "characters that are encoded, wrong", path: "/caf%C3%A9%20menu/abcd", status: 400, fields: "id"},
		{name: "a long parameter", path: "/files/" + strings.Repeat("1", 200) + "x", status: 400, fields: "user-id"},
		{name: "an empty parameter", path: "/files/", status: 404},
		{name: "an empty parameter before text", method: "POST", path: "/jobs/:cancel", status: 404},
		{name: "text that is a number", method: "POST", path: "/number", headers: text, body: "12", status: 501},
		{name: "text that is no number", method: "POST", path: "/number", headers: text, body: "1x", status: 400, fields: "body"},
		{name: "an unusual method", method: "TRACE", path: "/number", status: 501},
		{name: "another method beside an unusual one", method: "PUT", path: "/number", status: 405},
		{name: "an unknown encoding", method: "POST", path: "/body", headers: []string{"Content-Type", "text/plain", "Content-Encoding", "zork"}, body: "abc", status: 415},
		{name: "a body too deep to check", method: "POST", path: "/body", headers: json, body: `{"name":"ab","tree":` + strings.Repeat(`{"children":[`, 9000) + strings.Repeat(`]}`, 9000) + `}`, status: 400, fields: "body"},
		{name: "a query too deep to check", path: "/styles/1/.1/;matrix=1?deep" + strings.Repeat("[a]", 4000) + "=1", status: 400, fields: "deep"},
		{name: "JSON too deep in a query", path: "/styles/1/.1/;matrix=1?json=" + strings.Repeat("[", 4000) + strings.Repeat("]", 4000), status: 400, fields: "json"},
		{name: "no such path", path: "/nowhere", status: 404},
		{name: "JSON alone is answered", path: "/files/latest", headers: []string{"Accept", "text/html, text/*;q=0.5"}, status: 406},
		{name: "JSON among others", path: "/files/latest", headers: []string{"Accept", "text/html, application/*;q=0.5"}, status: 501},
		{name: "JSON is ruled out", path: "/files/latest", headers: []string{"Accept", "application/json;q=0"}, status: 406},
		{name: "pictures", path: "/picture", headers: []string{"Accept", "image/png"}, status: 501},
		{name: "no pictures", path: "/picture", headers: []string{"Accept", "application/json"}, status: 406},
		{name: "no such verb", path: "/jobs/5:stop", status: 404},
		{name: "no body", method: "POST", path: "/body", headers: json, status: 400, fields: "body"},
		{name: "another media type", method: "POST", path: "/body", headers: []string{"Content-Type", "application/xml"}, body: "<a/>", status: 415},
		{name: "no media type", method: "POST", path: "/body", body: "{}", status: 415},
		{name: "no JSON", method: "POST", path: "/body", headers: json, body: "{", status: 400, fields: "body"},
		{name: "too large", method: "POST", path: "/body", headers: octets, body: strings.Repeat("x", 2<<20), status: 413},
		{name: "as large as .env allows", method: "POST", path: "/body", headers: octets, body: strings.Repeat("x", 2_000_000), status: 501},
		{name: "text", method: "POST", path: "/body", headers: text, body: "abc", status: 501},
		{name: "text, too short", method: "POST", path: "/body", headers: text, body: "ab", status: 400, fields: "body"},
		{name: "octets", method: "POST", path: "/body", headers: octets, body: "\x00\x01", status: 501},
		{name: "form", method: "POST", path: "/body", headers: form, body: "n=1&list=1&list=2", status: 501},
		{name: "form, wrong", method: "POST", path: "/body", headers: form, body: "n=x&list=1&list=b", status: 400, fields: "n,list.1"},
		{name: "multipart", method: "POST", path: "/body", headers: files, body: part("file", "; filename=\"a.txt\"\r\nContent-Type: text/plain", "hello\r\n--X") + part("n", "", "3") + "--XX--\r\n", status: 501},
		{name: "multipart, wrong", method: "POST", path: "/body", headers: files, body: part("n", "", "2") + "--XX--\r\n", status: 400, fields: "file,n"},
		{name: "multipart, broken", method: "POST", path: "/body", headers: files, body: part("n", "", "2"), status: 400, fields: "body"},
	}
	for _, one := range bodies() {
		list = append(list, call{
			name: one[0], method: "POST", path: "/body", headers: json, body: one[0],
			status: map[bool]int{true: 501, false: 400}[one[1] == ""], fields: one[1],
		})
	}
	return list
}

// bodies are JSON bodies and the fields that are wrong in each, "" for none.
func bodies() [][2]string {
	named := func(rest string) string { return `{"name":"ab",` + rest + `}` }
	return [][2]string{
		{`{"name":"ab"}`, ""},
		{`{"name":"ab","more":1,"id":"dropped"}`, ""},
		{`{}`, "name"},
		{`[]`, "body"},
		{`null`, "body"},
		{`{"name":null}`, "name"},
		{`{"name":"a"}`, "name"},
		{`{"name":"abcd"}`, "name"},
		{`{"name":"a1"}`, "name"},
		{`{"name":"😀😀😀"}`, ""},
		{`{"name":"😀"}`, "name"},
		{named(`"when":"2024-02-29T10:00:00+02:00"`), ""},
		{named(`"when":"2023-02-29T10:00:00Z"`), "when"},
		{named(`"mail":"a@b.c"`), ""},
		{named(`"mail":"a@"`), "mail"},
		{named(`"uuid":"00000000-0000-0000-0000-000000000001"`), ""},
		{named(`"uuid":"x"`), "uuid"},
		{named(`"step":0.07`), ""},
		{named(`"step":0.075`), "step"},
		{named(`"step":5`), "step"},
		{named(`"set":[{"a":1,"b":2},{"b":2,"a":2}]`), ""},
		{named(`"set":[{"a":1,"b":2},{"b":2,"a":1}]`), "set.1"},
		{named(`"set":[{},{"a":1},{"a":2},{"a":3}]`), "set"},
		{named(`"pair":["a",1]`), ""},
		{named(`"pair":["a"]`), ""},
		{named(`"pair":[1,"a"]`), "pair.0,pair.1"},
		{named(`"pair":["a",1,2]`), "pair.2"},
		{named(`"has":[1,2]`), ""},
		{named(`"has":[2]`), "has"},
		{named(`"has":[1,1,1]`), "has"},
		{named(`"map":{"x-a":1,"b":true}`), ""},
		{named(`"map":{"x-a":true,"b":1}`), "map.x-a,map.b"},
		{named(`"map":{"toolong":true}`), "map.toolong"},
		{named(`"kind":{"a":[1]}`), ""},
		{named(`"kind":null`), ""},
		{named(`"kind":2`), "kind"},
		{named(`"fixed":7.0`), ""},
		{named(`"fixed":8`), "fixed"},
		{named(`"loose":true`), ""},
		{named(`"loose":"a"`), "loose"},
		{named(`"loose":4`), "loose"},
		{named(`"loose":{"a":1}`), "loose.a"},
		{named(`"tree":{"children":[{"children":[{"value":1}]}]}`), ""},
		{named(`"tree":{"children":[{"children":[{"value":"x","no":1}]}]}`), "tree.children.0.children.0.value,tree.children.0.children.0.no"},
		{named(`"either":1`), ""},
		{named(`"either":5.5`), ""},
		{named(`"either":6`), "either"},
		{named(`"any":"a"`), ""},
		{named(`"any":{"z":"x"}`), "any.z"},
		{named(`"any":7`), "any"},
		{named(`"pet":{"type":"cat","lives":9}`), ""},
		{named(`"pet":{"type":"cat"}`), "pet.lives"},
		{named(`"pet":{"type":"cow"}`), "pet.type"},
		{named(`"pet":{}`), "pet.type"},
		{named(`"shape":{"kind":"circle","radius":1}`), ""},
		{named(`"shape":{"kind":"circle","side":1}`), "shape.radius"},
		{named(`"shape":{"kind":"blob"}`), "shape.kind"},
		{named(`"flags":"ABC"`), ""},
		{named(`"flags":"ABD"`), "flags"},
		{named(`"broken":"anything"`), ""},
		{named(`"java":"anything"`), ""},
		{named(`"never":1`), ""},
		{named(`"never":"x"`), "never"},
		{named(`"cond":{"a":1,"b":1}`), ""},
		{named(`"cond":{"a":1}`), "cond.b"},
		{named(`"cond":{}`), "cond.c"},
		{named(`"dep":{"a":1,"b":1}`), ""},
		{named(`"dep":{"a":1}`), "dep.b"},
		{named(`"dep":{"c":1}`), "dep.d"},
		{named(`"strict":{"a":1,"b":2}`), ""},
		{named(`"strict":{"a":1,"x":2}`), "strict.x"},
		{named(`"__proto__":1,"toString":"x"`), ""},
		{named(`"__proto__":"x"`), "__proto__"},
		{named(`"toString":1`), "toString"},
	}
}

// showsItself looks at the documentation that the server shows.
func showsItself(t *testing.T, address string) {
	t.Helper()
	for path, wanted := range map[string]string{"/docs": "<h1>Everything</h1>", "/docs/openapi.json": `{"openapi":"3.1.0"}`} {
		response, err := http.Get(address + path)
		require.NoError(t, err)
		content, err := io.ReadAll(response.Body)
		require.NoError(t, err)
		require.NoError(t, response.Body.Close())
		require.Equal(t, http.StatusOK, response.StatusCode, path)
		require.Contains(t, string(content), wanted)
		if path == "/docs" {
			require.Regexp(t, "^text/html", response.Header.Get("Content-Type"))
			require.Contains(t, response.Header.Get("Content-Security-Policy"), "style-src 'sha256-")
			require.NotRegexp(t, `(?i)<script|src=|href="http`, string(content))
		}
	}
}

// readServe reads the document of the servers; two of its patterns are none of ECMA 262.
func readServe(t *testing.T) *api.API {
	t.Helper()
	document, err := openapi.Read("testdata/serve.yaml", openapi.Options{})
	require.NoError(t, err)
	require.Len(t, document.Problems, 2)
	return document.API
}

func TestServe(t *testing.T) {
	a := readServe(t)
	for _, framework := range frameworks {
		t.Run(framework, func(t *testing.T) {
			t.Parallel()
			key := sha256.Sum256([]byte("secret"))
			password := sha256.Sum256([]byte("me:pass"))
			folder := compiled(t, a, framework)
			settings := "KEY_SHA256=" + hex.EncodeToString(key[:]) + "\nPASSWORD_SHA256=wrong\nLOGIN_RATE_LIMIT=3\nBODY_LIMIT_BYTES=2000000\n"
			require.NoError(t, os.WriteFile(filepath.Join(folder, ".env"), []byte(settings), 0o600))
			address := boot(t, folder, "PASSWORD_SHA256="+hex.EncodeToString(password[:]))
			for _, one := range calls() {
				one.do(t, address)
			}
			showsItself(t, address)
			gone := call{name: "deprecated", path: "/files/latest", status: 501}.do(t, address)
			require.Equal(t, "@1767225600", gone.Get("Deprecation"))
			require.Equal(t, "Fri, 01 Jan 2027 00:00:00 GMT", gone.Get("Sunset"))
			for try := range 4 {
				status := map[bool]int{true: 501, false: 429}[try < 3]
				answer := call{name: "logging in", method: "POST", path: "/auth/login", status: status}.do(t, address)
				require.Contains(t, answer.Get("RateLimit"), `"login";r=`)
				require.Equal(t, status == 429, answer.Get("Retry-After") != "")
			}
			allow := call{name: "another method", method: "DELETE", path: "/body", status: 405}.do(t, address)
			require.Equal(t, "POST", allow.Get("Allow"))
			for _, one := range []call{
				{name: "no credentials", path: "/guarded", status: 401},
				{name: "a key that cannot be decoded", path: "/guarded?key=%", status: 401},
				{name: "one of two", path: "/guarded?key=secret", status: 401},
				{name: "both", path: "/guarded?key=secret", headers: []string{"Authorization", "Basic bWU6cGFzcw=="}, status: 501},
				{name: "a wrong password", path: "/guarded?key=secret", headers: []string{"Authorization", "Basic bWU6bm8="}, status: 401},
				{name: "a token that nothing can check", path: "/guarded", headers: []string{"Authorization", "Bearer a.b.c"}, status: 401},
			} {
				one.do(t, address)
			}
			tests, err := filepath.Glob(filepath.Join(folder, "dist", "test", "*.test.js"))
			require.NoError(t, err)
			require.NotEmpty(t, tests)
			command := exec.Command("node", append([]string{"--test"}, tests...)...)
			command.Dir = folder
			output, err := command.CombinedOutput()
			require.NoError(t, err, "the project's own tests: %s", output)
			require.Regexp(t, `# pass 14\n`, string(output))
		})
	}
}
