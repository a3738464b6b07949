package scripts

import (
	"bytes"
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
	frameworks := []string{"express", "fastify", "koa"}
	for _, framework := range frameworks {
		requireRuns(t, exec.Command(filepath.Join(directory, "scaffolder"), "quickstart/openapi.yaml", //nolint:gosec // built above
			"--framework", framework, "--output", filepath.Join(directory, framework, "src", "routes")))
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

	// One proxy is trusted, but there is none: then everybody can say who they are.
	fooled := serve(t, folder, "RATE_LIMIT=40", "RATE_LIMIT_WINDOW_SECONDS=2", "TRUSTED_PROXIES=1")
	require.Contains(t, load(3, fooled+"/status", concurrency, "--requests=400", "--expect-rate-limit", "--bypass-check"), "the limit can be passed")
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
