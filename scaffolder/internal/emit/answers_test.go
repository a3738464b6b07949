package emit_test

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/senior-backend/toolkit/scaffolder/internal/emit"
)

// answering answers as it is asked to, also in ways that the document forbids,
// and tells a receiver of what was made.
const answering = `import type { Handlers } from "../types.js";
import { sendThingMade } from "../webhooks.js";

const answers: Record<string, unknown> = {
  right: { status: 200, body: { id: 1, name: "a" } },
  none: { status: 204 },
  type: { status: 200, body: { id: "1", name: "a" } },
  missing: { status: 200, body: { id: 1 } },
  bound: { status: 200, body: { id: 0, name: "a" } },
  secret: { status: 200, body: { id: 1, name: "a", key: "k" } },
  more: { status: 200, body: { id: 1, name: "a", b: 1 } },
  status: { status: 201, body: { id: 1, name: "a" } },
  media: { status: 200, contentType: "text/plain", body: "a" },
};

export const readThing: Handlers["readThing"] = async (request) =>
  answers[request.path.how] as Awaited<ReturnType<Handlers["readThing"]>>;

export const makeThing: Handlers["makeThing"] = async (request) => {
  const answer = await sendThingMade(
    request.body.receiver,
    { query: { "kind of": ["a&b", "c d"] }, body: { id: 2, name: "\u2028</script>" } },
    { secret: "secret", retries: 2, pause: 1 },
  );
  if (answer.status !== 204) {
    throw new Error("nobody heard");
  }
  return { status: 202, data: null };
};
`

// heard is what a receiver was sent.
type heard struct {
	method, query string
	header        http.Header
	body          string
}

// receiver hears messages, and understands none but every second.
func receiver(t *testing.T) (address string, messages chan heard) {
	messages = make(chan heard, 10)
	count := 0
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		messages <- heard{r.Method, r.URL.RawQuery, r.Header, string(body)}
		count++
		w.WriteHeader(map[bool]int{true: http.StatusServiceUnavailable, false: http.StatusNoContent}[count%2 == 1])
	}))
	t.Cleanup(server.Close)
	return server.URL + "/hook?own=1", messages
}

func TestAnswers(t *testing.T) {
	a := read(t, "testdata/answers.yaml")
	for _, framework := range frameworks {
		t.Run(framework, func(t *testing.T) {
			t.Parallel()
			result, err := emit.Server(a, emit.Options{Framework: framework, Project: true, Replies: true})
			require.NoError(t, err)
			for i, file := range result.Files {
				if file.Path == "routes/things.ts" {
					result.Files[i].Content = answering
				}
			}
			address := boot(t, written(t, result))
			for how, status := range map[string]int{"right": 200, "none": 204} {
				response, err := http.Get(address + "/things/" + how)
				require.NoError(t, err)
				require.NoError(t, response.Body.Close())
				require.Equal(t, status, response.StatusCode, how)
			}
			for _, how := range []string{"type", "missing", "bound", "secret", "more", "status", "media"} {
				call{name: how, path: "/things/" + how, status: 500}.do(t, address)
			}
			hears(t, address)
		})
	}
}

// hears has a server tell a receiver, which does not understand at first.
func hears(t *testing.T, address string) {
	hook, messages := receiver(t)
	response, err := http.Post(address+"/things", "application/json", strings.NewReader(`{"receiver":"`+hook+`"}`))
	require.NoError(t, err)
	require.NoError(t, response.Body.Close())
	require.Equal(t, http.StatusAccepted, response.StatusCode)
	first, second := <-messages, <-messages
	require.Empty(t, messages)
	for _, message := range []heard{first, second} {
		require.Equal(t, http.MethodPost, message.method)
		require.Equal(t, "own=1&kind+of=a%26b&kind+of=c+d", message.query)
		require.JSONEq(t, `{"id":2,"name":"\u2028</script>"}`, message.body)
		require.Equal(t, "application/json", message.header.Get("Content-Type"))
		require.NotEmpty(t, message.header.Get("Webhook-Id"))
		mac := hmac.New(sha256.New, []byte("secret"))
		mac.Write([]byte(message.header.Get("Webhook-Id") + "." + message.header.Get("Webhook-Timestamp") + "." + message.body))
		require.Equal(t, "v1,"+base64.StdEncoding.EncodeToString(mac.Sum(nil)), message.header.Get("Webhook-Signature"))
	}
	require.Equal(t, first.header.Get("Webhook-Id"), second.header.Get("Webhook-Id"))
}
