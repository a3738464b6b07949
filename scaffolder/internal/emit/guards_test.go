package emit_test

import (
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"crypto/x509"
	"encoding/hex"
	"encoding/pem"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/senior-backend/toolkit/scaffolder/internal/emit"
)

// ordersOfGuards counts how often a handler ran, and does what a body says.
const ordersOfGuards = `import { ApiError } from "../middleware/errors.js";
import type { Handlers } from "../types.js";

let calls = 0;
let waiting: (() => void)[] = [];

export const countOrders: Handlers["countOrders"] = async () => ({ status: 200, data: { calls, waiting: waiting.length } });

async function act(mode: string): Promise<void> {
  calls += 1;
  if (mode === "wait") {
    await new Promise<void>((resolve) => { waiting.push(resolve); });
  } else if (mode === "break") {
    throw new Error("broken");
  } else if (mode === "refuse") {
    throw new ApiError(409, "CONFLICT", "It is there", [], { "X-Reason": "there" });
  } else if (mode === "busy") {
    throw new ApiError(429, "RATE_LIMITED", "Later");
  }
}

export const createOrder: Handlers["createOrder"] = async (request) => {
  await act(request.body.mode);
  return { status: 201, headers: { Location: ` + "`/orders/${calls}`" + ` }, data: { calls } };
};

export const changeOrder: Handlers["changeOrder"] = async (request) => {
  await act(request.body.mode);
  return { status: 200, data: { calls } };
};

export const deleteOrder: Handlers["deleteOrder"] = async () => ({ status: 204 });

export const release: Handlers["release"] = async () => {
  waiting.forEach((go) => { go(); });
  waiting = [];
  return { status: 204 };
};
`

// guardedProject compiles the project of testdata/guards.yaml with all guards.
func guardedProject(t *testing.T, framework string) string {
	t.Helper()
	tiers, err := emit.Tiers("free=6/15m, pro=1000/1h")
	require.NoError(t, err)
	result, err := emit.Server(read(t, "testdata/guards.yaml"), emit.Options{
		Framework: framework, Project: true, Replies: true, Idempotency: true, Roles: true, Tiers: tiers,
	})
	require.NoError(t, err)
	for i, file := range result.Files {
		if file.Path == "routes/orders.ts" {
			result.Files[i].Content = ordersOfGuards
		}
	}
	return written(t, result)
}

// asker sends requests to a guarded server.
type asker struct {
	*testing.T
	address string
}

// ask sends a request and returns the answer's headers and body.
func (a asker) ask(status int, method, path, body string, headers ...string) (http.Header, string) {
	a.Helper()
	request, err := http.NewRequest(method, a.address+path, strings.NewReader(body))
	require.NoError(a, err)
	if body != "" {
		request.Header.Set("Content-Type", "application/json")
	}
	for i := 0; i < len(headers); i += 2 {
		request.Header.Set(headers[i], headers[i+1])
	}
	response, err := http.DefaultClient.Do(request)
	require.NoError(a, err)
	content, err := io.ReadAll(response.Body)
	require.NoError(a, err)
	require.NoError(a, response.Body.Close())
	require.Equal(a, status, response.StatusCode, "%s %s %s %v: %s", method, path, body, headers, content)
	return response.Header, string(content)
}

// keyed are the settings of keys with claims.
func keyed(entries ...string) string {
	var list []string
	for _, entry := range entries {
		key, claims, _ := strings.Cut(entry, "?")
		sum := sha256.Sum256([]byte(key))
		list = append(list, hex.EncodeToString(sum[:])+"?"+claims)
	}
	return "KEY_SHA256=" + strings.Join(list, ",")
}

var keysOfGuards = keyed(
	"pro?sub=acme&tier=pro&roles=clerk&roles=reader", "other?sub=other&tier=pro&roles=clerk",
	"free?sub=small&roles=clerk", "lost?tier=lost&roles=clerk", "none?sub=none&tier=pro", "part?tier=pro&roles=clerk+admin",
)

func TestGuards(t *testing.T) {
	for _, framework := range frameworks {
		t.Run(framework, func(t *testing.T) {
			t.Parallel()
			folder := guardedProject(t, framework)
			a := asker{t, boot(t, folder, keysOfGuards)}
			a.doesOnce(a)
			a.asksForRoles()
			a.countsByTier()
			tests, err := filepath.Glob(filepath.Join(folder, "dist", "test", "*.test.js"))
			require.NoError(t, err)
			own := exec.Command("node", append([]string{"--test"}, tests...)...)
			own.Dir = folder
			said, err := own.CombinedOutput()
			require.NoError(t, err, "the project's own tests: %s", said)
			switch framework {
			case emit.Express:
				guardsByToken(t, folder)
			case emit.Fastify:
				guardsInRedis(t, folder)
			}
		})
	}
}

// doesOnce tries keys; the other server shares them, or is the same.
func (a asker) doesOnce(other asker) {
	a.Helper()
	post := func(b asker, status int, body, key string, headers ...string) (http.Header, string) {
		a.Helper()
		return b.ask(status, "POST", "/orders", body, append([]string{"X-Key", "pro", "Idempotency-Key", key}, headers...)...)
	}
	const fine, wait = `{"mode":"fine"}`, `{"mode":"wait"}`
	first, body := post(a, 201, fine, `"one"`)
	require.Empty(a, first.Get("Idempotent-Replayed"))
	require.Equal(a, "/orders/1", first.Get("Location"))
	again, same := post(other, 201, fine, "one") // the string as it is, too
	require.Equal(a, "true", again.Get("Idempotent-Replayed"))
	require.Equal(a, body, same)
	for _, name := range []string{"Location", "Content-Type"} {
		require.Equal(a, first.Get(name), again.Get(name))
	}
	require.NotEqual(a, first.Get("X-Request-Id"), again.Get("X-Request-Id"))

	_, said := post(other, 422, `{"mode":"other"}`, "one")
	require.Contains(a, said, "IDEMPOTENCY_KEY_REUSED")
	a.ask(422, "PATCH", "/orders/1", fine, "X-Key", "pro", "Idempotency-Key", "one")
	_, said = a.ask(201, "POST", "/orders", fine, "X-Key", "other", "Idempotency-Key", "one")
	require.Contains(a, said, `"calls":2`) // another caller's key is another key
	for _, key := range []string{`""`, "two words", strings.Repeat("x", 256)} {
		_, said = post(a, 400, fine, key)
		require.Contains(a, said, `"field":"Idempotency-Key"`)
	}
	_, said = a.ask(400, "PATCH", "/orders/1", fine, "X-Key", "pro")
	require.Contains(a, said, `"Required"`)
	post(a, 400, `{}`, "three")                         // what is not valid takes no key
	post(a, 201, fine, "three")                         // 3
	a.ask(201, "POST", "/orders", fine, "X-Key", "pro") // 4
	a.ask(201, "POST", "/orders", fine, "X-Key", "pro") // 5

	refused, body := post(a, 409, `{"mode":"refuse"}`, "four") // 6
	again, same = post(a, 409, `{"mode":"refuse"}`, "four")
	require.Equal(a, body, same)
	require.Equal(a, refused.Get("X-Reason"), again.Get("X-Reason"))
	for range 2 { // nothing that may pass is kept: 7 to 10
		post(a, 500, `{"mode":"break"}`, "five")
		post(a, 429, `{"mode":"busy"}`, "six")
	}

	answers := make(chan string, 1)
	go func() {
		_, text := post(a, 201, wait, "seven") // 11
		answers <- text
	}()
	require.Eventually(a, func() bool {
		_, text := a.ask(200, "GET", "/orders", "", "X-Key", "pro")
		return strings.Contains(text, `"waiting":1`)
	}, time.Minute, 10*time.Millisecond)
	busy, said := post(other, 409, wait, "seven")
	require.Contains(a, said, "REQUEST_IN_PROGRESS")
	require.Equal(a, "1", busy.Get("Retry-After"))
	a.ask(204, "POST", "/release", "")
	body = <-answers
	_, same = post(other, 201, wait, "seven")
	require.Equal(a, body, same)
	_, said = a.ask(200, "GET", "/orders", "", "X-Key", "pro")
	require.Contains(a, said, `"calls":11`)
}

// asksForRoles tries callers with and without the roles of the policy.
func (a asker) asksForRoles() {
	a.Helper()
	_, said := a.ask(403, "GET", "/orders", "", "X-Key", "none")
	require.Contains(a, said, `"code":"FORBIDDEN"`)
	require.Contains(a, said, `"requestId"`)
	a.ask(403, "GET", "/orders", "", "X-Key", "part") // one role that is called so, not two
	a.ask(200, "GET", "/orders", "", "X-Key", "other")
	a.ask(403, "DELETE", "/orders/1", "", "X-Key", "pro") // granted to admin alone
	a.ask(401, "GET", "/orders", "")
}

// countsByTier tries limits: the same address has several.
func (a asker) countsByTier() {
	a.Helper()
	for i := range 8 {
		status := map[bool]int{true: 200, false: 429}[i < 6]
		headers, _ := a.ask(status, "GET", "/orders", "", "X-Key", "free")
		require.Equal(a, `"free";q=6;w=900`, headers.Get("RateLimit-Policy"))
		require.Contains(a, headers.Get("RateLimit"), `"free";r=`+strconv.Itoa(max(0, 5-i))+";t=")
		require.Equal(a, status == 429, headers.Get("Retry-After") != "")
	}
	headers, _ := a.ask(200, "GET", "/orders", "", "X-Key", "lost") // of no tier: the first, on its own account
	require.Contains(a, headers.Get("RateLimit"), `"free";r=5;`)
	headers, _ = a.ask(200, "GET", "/orders", "", "X-Key", "pro")
	require.Equal(a, `"pro";q=1000;w=3600`, headers.Get("RateLimit-Policy"))
	headers, _ = a.ask(401, "GET", "/orders", "", "X-Key", "wrong")
	require.Contains(a, headers.Get("RateLimit-Policy"), `"default";`)
}

// guardsByToken reads roles and tiers from nested claims, and tiers from the
// environment.
func guardsByToken(t *testing.T, folder string) {
	t.Helper()
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	require.NoError(t, err)
	public, err := x509.MarshalPKIXPublicKey(&key.PublicKey)
	require.NoError(t, err)
	text := string(pem.EncodeToMemory(&pem.Block{Type: "PUBLIC KEY", Bytes: public}))
	a := asker{t, boot(t, folder, "TOKEN_ISSUER=https://issuer.example", "TOKEN_AUDIENCE=orders",
		"TOKEN_PUBLIC_KEY="+strings.ReplaceAll(text, "\n", `\n`), "ROLES_CLAIM=realm_access.roles",
		"TIER_CLAIM=https://orders.example/tier", "RATE_LIMIT_TIERS=basic=2/1m,gold=50/1h")}
	bearer := func(subject string, more map[string]any) string {
		claims := map[string]any{"iss": "https://issuer.example", "aud": "orders", "sub": subject, "exp": time.Now().Add(time.Hour).Unix()}
		for name, value := range more {
			claims[name] = value
		}
		return "Bearer " + token(t, key, "RS256", claims)
	}
	roles := map[string]any{"roles": []any{"clerk", 7}}
	headers, _ := a.ask(200, "GET", "/orders", "", "Authorization", bearer("ada", map[string]any{"realm_access": roles, "https://orders.example/tier": "gold"}))
	require.Equal(t, `"gold";q=50;w=3600`, headers.Get("RateLimit-Policy"))
	a.ask(403, "GET", "/orders", "", "Authorization", bearer("eve", map[string]any{"roles": []string{"clerk"}}))
	a.ask(403, "GET", "/orders", "", "Authorization", bearer("eve", map[string]any{"realm_access": "clerk"}))
	headers, _ = a.ask(429, "GET", "/orders", "", "Authorization", bearer("eve", map[string]any{"realm_access": roles}))
	require.Equal(t, `"basic";q=2;w=60`, headers.Get("RateLimit-Policy"))

	wrong := exec.Command("node", "dist/server.js")
	wrong.Dir = folder
	wrong.Env = append(os.Environ(), "PORT=0", "RATE_LIMIT_TIERS=gold")
	said, err := wrong.CombinedOutput()
	require.Error(t, err)
	require.Contains(t, string(said), "write NAME=REQUESTS/WINDOW")
}

// connected waits until a server has reached Redis.
func (a asker) connected() {
	a.Helper()
	require.Eventually(a, func() bool {
		request, err := http.NewRequest("POST", a.address+"/orders", strings.NewReader(`{"mode":"refuse"}`))
		require.NoError(a, err)
		for name, value := range map[string]string{"Content-Type": "application/json", "X-Key": "other", "Idempotency-Key": "warm"} {
			request.Header.Set(name, value)
		}
		response, err := http.DefaultClient.Do(request)
		require.NoError(a, err)
		require.NoError(a, response.Body.Close())
		return response.StatusCode == 409
	}, time.Minute, 10*time.Millisecond)
}

// guardsInRedis lets two servers share keys and tiers, and takes Redis away.
func guardsInRedis(t *testing.T, folder string) {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	address := listener.Addr().(*net.TCPAddr)
	require.NoError(t, listener.Close())
	redis := exec.Command("redis-server", "--bind", "127.0.0.1", "--port", strconv.Itoa(address.Port), "--save", "", "--dir", t.TempDir())
	require.NoError(t, redis.Start(), "redis-server has to be installed")
	stop := func() {
		_ = redis.Process.Kill()
		_ = redis.Wait()
	}
	t.Cleanup(stop)
	require.Eventually(t, func() bool {
		connection, err := net.Dial("tcp", address.String())
		if err == nil {
			_ = connection.Close()
		}
		return err == nil
	}, time.Minute, 10*time.Millisecond)

	url := "REDIS_URL=redis://" + address.String()
	servers := []asker{{t, boot(t, folder, keysOfGuards, url)}, {t, boot(t, folder, keysOfGuards, url)}}
	one, two := servers[0], servers[1]
	two.connected()
	one.connected() // answered out of what the other kept: its handler never ran
	headers, _ := one.ask(200, "GET", "/orders", "", "X-Key", "free")
	require.Contains(t, headers.Get("RateLimit"), `"free";r=5;`)
	headers, _ = two.ask(200, "GET", "/orders", "", "X-Key", "free")
	require.Contains(t, headers.Get("RateLimit"), `"free";r=4;`)
	one.doesOnce(two)
	stop()
	_, said := one.ask(503, "POST", "/orders", `{"mode":"fine"}`, "X-Key", "pro", "Idempotency-Key", "late")
	require.Contains(t, said, "UNAVAILABLE")
	one.ask(200, "GET", "/orders", "", "X-Key", "pro")
}
