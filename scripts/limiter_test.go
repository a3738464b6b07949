package scripts

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// The servers that the scaffolder generates have a rate limiter and validation, and the
// load tester is to find both: the documented command lines of each, run against the
// other.
func TestLoadtesterJudgesGeneratedServers(t *testing.T) {
	directory := t.TempDir()
	root, err := filepath.Abs("..")
	require.NoError(t, err)
	build := exec.Command("go", "build", "-o", directory+"/", "./scaffolder", "./loadtester")
	build.Dir, build.Env = root, append(os.Environ(), "CGO_ENABLED=0", "GOWORK="+filepath.Join(root, "go.work"))
	requireRuns(t, build)
	document := filepath.Join(directory, "openapi.yaml")
	text, err := os.ReadFile("quickstart/openapi.yaml")
	require.NoError(t, err)
	const registers = "      operationId: createCustomer\n"
	require.Contains(t, string(text), registers)
	require.NoError(t, os.WriteFile(document, bytes.Replace(text, []byte(registers), []byte(registers+"      x-idempotency: required\n"), 1), 0o600))
	frameworks := []string{"express", "fastify", "koa"}
	for _, framework := range frameworks {
		requireRuns(t, exec.Command(filepath.Join(directory, "scaffolder"), document, "--idempotency", //nolint:gosec // built above
			"--rate-limit-tiers", "free=40/2s,pro=100000000/1h", "--framework", framework, "--output", filepath.Join(directory, framework, "src", "routes")))
		handler, err := os.ReadFile("quickstart/system.ts")
		require.NoError(t, err)
		require.NoError(t, os.WriteFile(filepath.Join(directory, framework, "src", "routes", "system.ts"), handler, 0o600))
	}
	installAll(t, directory, frameworks)
	for _, framework := range frameworks {
		t.Run(framework, func(t *testing.T) {
			t.Parallel()
			folder := filepath.Join(directory, framework)
			compile := exec.Command(filepath.Join(directory, "node_modules", ".bin", "tsc"), "-p", ".") //nolint:gosec // installed above
			compile.Dir = folder
			requireRuns(t, compile)
			judge(t, filepath.Join(directory, "loadtester"), folder)
		})
	}
}

// judge runs the load tester against a generated server with its limiter off, on, and on
// behind a proxy that isn't there.
func judge(t *testing.T, loadtester, folder string) {
	load := func(want int, args ...string) string {
		t.Helper()
		command := exec.Command(loadtester, args...) //nolint:gosec // built by the test
		output, err := command.CombinedOutput()
		require.NotNil(t, command.ProcessState, "%v", err)
		require.Equal(t, want, command.ProcessState.ExitCode(), "%v:\n%s", args, output)
		return string(output)
	}
	const concurrency, duration = "--concurrency=50", "--duration=0.7"

	open := serve(t, folder, "RATE_LIMIT=100000000")
	require.Contains(t, load(3, open+"/status", concurrency, duration, "--expect-rate-limit"), "no rate limit was seen in ")
	require.Contains(t, load(0, open+"/products?limit=1000", concurrency, duration, "--expect-status", "400"), "Every expectation held")
	require.Contains(t, load(3, open+"/status", concurrency, duration, "--expect-status", "400"), "were not answered with 400")

	limited := serve(t, folder, "RATE_LIMIT=40", "RATE_LIMIT_WINDOW_SECONDS=2")
	said := load(0, limited+"/status", concurrency, "--requests=400", "--expect-rate-limit", "--bypass-check")
	require.Regexp(t, "first 429 after (39|[4-9][0-9]) requests", said) // answers may overtake each other
	require.Contains(t, said, "in keeping with the announced 40 in 2.00 s")
	require.Regexp(t, `recovers after Retry-After +yes +after [0-9]+s the next request`, said)
	require.Regexp(t, `not passed by X-Forwarded-For +yes`, said)

	// Callers who prove who they are have the limit of their tier, wherever they come from.
	tiers := serve(t, folder, "RATE_LIMIT=1", "API_KEY_SHA256="+hashed("small")+"?tier=free,"+hashed("large")+"?tier=pro")
	said = load(0, tiers+"/status", concurrency, "--requests=400", "--expect-rate-limit", "--header", "X-API-Key: small")
	require.Contains(t, said, "in keeping with the announced 40 in 2.00 s")
	said = load(3, tiers+"/status", concurrency, duration, "--expect-rate-limit", "--header", "X-API-Key: large")
	require.Contains(t, said, "no rate limit was seen in ")

	// Operations that refuse what has no idempotency key have one in each request of the load plan.
	keyed, keyless := registering(t, filepath.Dir(loadtester), folder)
	server := strings.TrimSuffix(tiers, "/v1")
	require.Contains(t, load(0, server, "--requests-file", keyed, "--requests=100", "--header", "X-API-Key: large"), "Every expectation held")
	require.Contains(t, load(3, server, "--requests-file", keyless, "--requests=100", "--header", "X-API-Key: large"), "HTTP 400")

	// One proxy is trusted, but there is none: then everybody can say who they are.
	fooled := serve(t, folder, "RATE_LIMIT=40", "RATE_LIMIT_WINDOW_SECONDS=2", "TRUSTED_PROXIES=1")
	require.Contains(t, load(3, fooled+"/status", concurrency, "--requests=400", "--expect-rate-limit", "--bypass-check"), "the limit can be passed")
}

// registering writes the requests of a load plan to createCustomer, whose handler is not
// written yet, and the same without their idempotency keys.
func registering(t *testing.T, directory, folder string) (keyed, keyless string) {
	t.Helper()
	plan, err := exec.Command(filepath.Join(directory, "scaffolder"), filepath.Join(directory, "openapi.yaml"), "--emit", "load-plan").Output() //nolint:gosec // built by the test
	require.NoError(t, err)
	var lines []string
	for line := range strings.Lines(string(plan)) {
		if strings.Contains(line, `"name":"createCustomer`) {
			lines = append(lines, strings.Replace(line, `"expect":"201"`, `"expect":501`, 1))
		}
	}
	require.GreaterOrEqual(t, len(lines), 2, "%s", plan)
	text := strings.Join(lines, "")
	const key = `"Idempotency-Key":"{{uuid}}"`
	require.Contains(t, text, key)
	keyed, keyless = filepath.Join(folder, "keyed.jsonl"), filepath.Join(folder, "keyless.jsonl")
	require.NoError(t, os.WriteFile(keyed, []byte(text), 0o600))
	require.NoError(t, os.WriteFile(keyless, []byte(strings.ReplaceAll(strings.ReplaceAll(text, ","+key, ""), key+",", "")), 0o600))
	return keyed, keyless
}

// hashed is a key as settings hold it.
func hashed(key string) string {
	sum := sha256.Sum256([]byte(key))
	return hex.EncodeToString(sum[:])
}

// installAll installs the packages of all projects at once, above them.
func installAll(t *testing.T, directory string, projects []string) {
	type manifest struct {
		Dependencies    map[string]string `json:"dependencies"`
		DevDependencies map[string]string `json:"devDependencies"`
	}
	all := map[string]string{}
	for _, project := range projects {
		text, err := os.ReadFile(filepath.Join(directory, project, "package.json"))
		require.NoError(t, err)
		var m manifest
		require.NoError(t, json.Unmarshal(text, &m))
		for _, list := range []map[string]string{m.Dependencies, m.DevDependencies} {
			for name, version := range list {
				all[name] = version
			}
		}
	}
	text, err := json.Marshal(map[string]any{"name": "all", "private": true, "dependencies": all})
	require.NoError(t, err)
	require.NoError(t, os.WriteFile(filepath.Join(directory, "package.json"), text, 0o600))
	install := exec.Command("npm", "install", "--no-audit", "--no-fund", "--prefer-offline", "--loglevel=error")
	install.Dir = directory
	requireRuns(t, install)
}

func requireRuns(t *testing.T, command *exec.Cmd) {
	t.Helper()
	output, err := command.CombinedOutput()
	require.NoError(t, err, "%v:\n%s", command.Args, output)
}

// serve starts a compiled project and returns the base of its URLs. It is stopped at the
// end of the test.
func serve(t *testing.T, folder string, settings ...string) string {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	address := listener.Addr().String()
	require.NoError(t, listener.Close())
	_, port, _ := strings.Cut(address, ":")
	var output bytes.Buffer
	server := exec.Command("node", "dist/server.js")
	server.Dir, server.Stderr = folder, &output
	server.Env = append(os.Environ(), append(settings, "HOST=127.0.0.1", "PORT="+port)...)
	require.NoError(t, server.Start())
	t.Cleanup(func() {
		_ = server.Process.Signal(syscall.SIGKILL)
		_ = server.Wait()
	})
	base := fmt.Sprintf("http://%s/v1", address)
	require.Eventually(t, func() bool {
		conn, err := net.Dial("tcp", address) // a request would count for the limiter
		if err != nil {
			return false
		}
		return conn.Close() == nil
	}, time.Minute, 50*time.Millisecond, "the server does not answer")
	return base
}
