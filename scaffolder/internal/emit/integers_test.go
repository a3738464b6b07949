package emit_test

import (
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/senior-backend/toolkit/scaffolder/internal/emit"
)

// echoing answers with what it was asked, and says what became of the body's id.
const echoing = `import type { Handlers } from "../types.js";

export const echo: Handlers["echo"] = async ({ path, query, headers, cookies, body }) => {
  const id = body && "id" in body ? body.id : undefined;
  return { status: 200, body: { kind: typeof id, path, query, headers, cookies, body } };
};

export const answer: Handlers["answer"] = async ({ path }) => {
  const big = 9007199254740993n;
  switch (path.id) {
    case "envelope":
      return { status: 201, data: { big, text: "\"" + String(big) } };
    case "lossy":
      return { status: 200, body: { id: Number(big) } };
    case "twice":
      return { status: 200, body: { id: 1, ids: [big, 5, big] } };
    case "circle": {
      const body: { id: bigint; ids: bigint[]; self?: unknown } = { id: big, ids: [big, -big, 1n] };
      body.self = body;
      return { status: 200, body };
    }
  }
  return { status: 200, headers: { "X-Big": big, "X-Note": "a" }, body: { id: big, ids: [big, 9223372036854775807n, 7] } };
};
`

// echoed are bodies that come back as they were sent, but for what a number cannot hold.
var echoed = [][2]string{
	{`{"id":7}`, ""},
	{`{"id":9007199254740993}`, ""},
	{`{"id":-9007199254740993}`, ""},
	{`{"id":9223372036854775807}`, ""},
	{`{"id":9007199254740993,"ratio":12345678901234567890,"any":[9007199254740993]}`, `{"id":9007199254740993,"ratio":12345678901234567000,"any":[9007199254740992]}`},
	{`{"id": 1234567890123456789 , "any":"9007199254740993 \\\" 9007199254740993","list":[1234567890123456790,null,1234567890123456791]}`, ""},
	{`{"map":{"a":9007199254740993,"\u0062":-9007199254740995}}`, `{"map":{"a":9007199254740993,"b":-9007199254740995}}`},
	{`{"tree":{"n":1,"children":[{"n":9007199254740993,"children":[{"n":9007199254740995}]}]}}`, ""},
	{`{"both":9007199254740993,"either":{"v":9007199254740993}}`, ""},
	{`{"pair":[9007199254740993,9007199254740993]}`, `{"pair":[9007199254740993,9007199254740992]}`},
	{`{"patterns":{"x1":9007199254740993,"y":9007199254740993}}`, `{"patterns":{"x1":9007199254740993,"y":9007199254740992}}`},
	{`{"bounded":9007199254740993}`, ""},
	{`{"step":9007199254740993}`, ""},
	{`{"one":9007199254740993,"fixed":9007199254740993}`, ""},
	{`{"pet":{"kind":"Cat","v":9007199254740993}}`, ""},
	{`{"depends":{"a":1,"b":9007199254740993},"cond":{"b":9007199254740993,"a":1}}`, ""},
	{`{"closed":{"a":9007199254740993,"b":9007199254740993}}`, ""},
	{`{"own":{"__proto__":9007199254740993,"id":1}}`, `{"own":{"__proto__":9007199254740993}}`},
	{`{"any":{"__proto__":{"polluted":9007199254740993}}}`, `{"any":{"__proto__":{"polluted":9007199254740992}}}`},
	{`{"falls":9007199254740993,"falls":1}`, `{"falls":1}`},
}

// refused are bodies, and the fields that are wrong in them.
var refused = [][2]string{
	{`{"id":9223372036854775808}`, "id"},
	{`{"id":"9007199254740993"}`, "id"},
	{`{"id":9007199254740993.5}`, "id"},
	{`{"id":1e17}`, "id"},
	{`{"id":-9007199254740999}`, "id"},
	{`{"id":123456789012345678901234567890}`, "id"},
	{`{"count":9007199254740993}`, "count"},
	{`{"small":9007199254740993}`, "small"},
	{`{"both":9007199254740994}`, "both"},
	{`{"list":[1234567890123456790,1,1234567890123456790]}`, "list.2"},
	{`{"bounded":9007199254740992}`, "bounded"},
	{`{"bounded":9007199254740999}`, "bounded"},
	{`{"step":9007199254740994}`, "step"},
	{`{"one":9007199254740992}`, "one"},
	{`{"fixed":9007199254740994}`, "fixed"},
	{`{"id":9007199254740993,}`, "body"},
	{`{"id":09007199254740993}`, "body"},
	{`{"any":` + strings.Repeat("[", 5000) + `1234567890123456789` + strings.Repeat("]", 5000) + `}`, "body"},
}

func TestIntegers(t *testing.T) {
	a := read(t, "testdata/integers.yaml")
	for _, framework := range frameworks {
		t.Run(framework, func(t *testing.T) {
			t.Parallel()
			result, err := emit.Server(a, emit.Options{Framework: framework, Project: true, Replies: true, Idempotency: true})
			require.NoError(t, err)
			for i, file := range result.Files {
				if file.Path == "routes/things.ts" {
					result.Files[i].Content = echoing
				}
			}
			address := boot(t, written(t, result))
			s := sender{t, address}
			for _, one := range echoed {
				wanted := one[1]
				if wanted == "" {
					wanted = one[0]
				}
				wanted = strings.ReplaceAll(wanted, ": ", ":")
				wanted = strings.ReplaceAll(wanted, " ,", ",")
				wanted = strings.ReplaceAll(wanted, ", ", ",")
				if !strings.Contains(wanted, "falls") {
					wanted = strings.TrimSuffix(wanted, "}") + `,"falls":9007199254740993}`
				}
				require.Contains(t, s.send("POST", "/things/1", "application/json", one[0]), `,"body":`+wanted+`}`, one[0])
			}
			for _, one := range refused {
				call{name: one[0][:min(60, len(one[0]))], method: "POST", path: "/things/1", headers: []string{"Content-Type", "application/json"}, body: one[0], status: 400, fields: one[1]}.do(t, address)
			}
			require.Contains(t, s.send("POST", "/things/1", "application/json", `{"id":9007199254740991}`), `"kind":"number"`)
			require.Contains(t, s.send("POST", "/things/1", "application/json", `{"id":9007199254740992}`), `"kind":"bigint"`)
			s.parameters()
			s.forms()
			s.answers()
		})
	}
}

type sender struct {
	t       *testing.T
	address string
}

// send returns what is answered with success.
func (s sender) send(method, path, contentType, body string, headers ...string) string {
	request, err := http.NewRequest(method, s.address+path, strings.NewReader(body))
	require.NoError(s.t, err)
	if contentType != "" {
		request.Header.Set("Content-Type", contentType)
	}
	for i := 0; i < len(headers); i += 2 {
		request.Header.Set(headers[i], headers[i+1])
	}
	response, err := http.DefaultClient.Do(request)
	require.NoError(s.t, err)
	defer response.Body.Close()
	content, err := io.ReadAll(response.Body)
	require.NoError(s.t, err)
	require.Less(s.t, response.StatusCode, 300, "%s: %s", body, content)
	require.Regexp(s.t, "^application/json", response.Header.Get("Content-Type"))
	return string(content)
}

func (s sender) parameters() {
	path := "/things/9007199254740993?ids=1,-9007199254740993&deep[a]=9223372036854775807&deep[b]=2&json=%5B9007199254740993,1%5D"
	require.Equal(s.t, `{"kind":"undefined","path":{"id":9007199254740993},`+
		`"query":{"ids":[1,-9007199254740993],"deep":{"a":9223372036854775807,"b":2},"after":9007199254740995,"page":1,"json":[9007199254740993,1]},`+
		`"headers":{"X-Big":-9223372036854775808},"cookies":{"big":9007199254740993}}`,
		s.send("POST", path, "", "", "X-Big", "-9223372036854775808", "Cookie", "big=9007199254740993"))
	for query, field := range map[string]string{
		"ids=1,9223372036854775808": "ids.1", "deep[b]=9007199254740993": "deep.b", "after=9007199254740992": "after",
		"page=9007199254740993": "page", "json=%5B1e30%5D": "json.0", "ids=9007199254740993.0": "ids.0",
	} {
		call{name: query, method: "POST", path: "/things/1?" + query, status: 400, fields: field}.do(s.t, s.address)
	}
}

func (s sender) forms() {
	require.Contains(s.t, s.send("POST", "/things/1", "application/x-www-form-urlencoded", "id=9007199254740993"), `"body":{"id":9007199254740993}`)
	form := part("id", "", "9007199254740993") + part("one", "", `{"id":9007199254740995}`) +
		part("many", "", `{"id":9007199254740997}`) + part("many", "", `{"id":9007199254740999}`) + "--XX--\r\n"
	require.Contains(s.t, s.send("POST", "/things/1", multipart, form),
		`"body":{"id":9007199254740993,"one":{"id":9007199254740995},"many":[{"id":9007199254740997},{"id":9007199254740999}]}`)
}

func (s sender) answers() {
	response, err := http.Get(s.address + "/things/x")
	require.NoError(s.t, err)
	require.NoError(s.t, response.Body.Close())
	require.Equal(s.t, "9007199254740993", response.Header.Get("X-Big"))
	require.Equal(s.t, `{"id":9007199254740993,"ids":[9007199254740993,9223372036854775807,7]}`, s.send("GET", "/things/x", "", ""))
	require.Contains(s.t, s.send("GET", "/things/envelope", "", ""), `{"data":{"big":9007199254740993,"text":"\"9007199254740993"},`)
	for _, id := range []string{"lossy", "twice", "circle"} {
		call{name: id, path: "/things/" + id, status: 500}.do(s.t, s.address)
	}
	once := []string{"Idempotency-Key", "a"}
	first := s.send("POST", "/things/1", "application/json", `{"id":9007199254740993}`, once...)
	require.Contains(s.t, first, `"id":9007199254740993`)
	require.Equal(s.t, first, s.send("POST", "/things/1", "application/json", `{"id":9007199254740993}`, once...))
}
