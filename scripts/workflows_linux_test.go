package scripts

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// built puts the tools into bin below the directory, and returns an environment
// with them on PATH.
func built(t *testing.T, directory string, packages ...string) []string {
	t.Helper()
	build := exec.Command("go", append([]string{"build", "-o", filepath.Join(directory, "bin") + string(filepath.Separator)}, packages...)...)
	build.Dir = ".."
	build.Env = append(os.Environ(), "GOWORK=") // that of the directory
	said, err := build.CombinedOutput()
	require.NoError(t, err, "%s", said)
	return append(os.Environ(), "PATH="+filepath.Join(directory, "bin")+string(os.PathListSeparator)+os.Getenv("PATH"))
}

// script runs a script and returns its status and what it said.
func script(t *testing.T, env []string, arguments ...string) (status int, said string) {
	t.Helper()
	run := exec.Command("bash", arguments...)
	run.Env = env
	out, err := run.CombinedOutput()
	var exit *exec.ExitError
	if !errors.As(err, &exit) {
		require.NoError(t, err, "%s", out)
	}
	return run.ProcessState.ExitCode(), string(out)
}

// TestDesignAndHarden takes a document through every gate of the design, and the
// server that comes out through those of the hardening.
func TestDesignAndHarden(t *testing.T) {
	directory := t.TempDir()
	env := built(t, directory, "./scaffolder", "./loadtester")
	out := filepath.Join(directory, "design")
	status, said := script(t, env, "design-api.sh", "--duration", "3", "quickstart/openapi.yaml", out)
	require.Equal(t, 0, status, said)
	require.Contains(t, said, "All gates passed")
	require.FileExists(t, filepath.Join(out, "load.html"))
	requireNothingRuns(t, out)

	work := filepath.Join(directory, "work")
	require.NoError(t, os.MkdirAll(work, 0o750))
	document, err := os.ReadFile("quickstart/openapi.yaml")
	require.NoError(t, err)
	require.NoError(t, os.WriteFile(filepath.Join(work, "openapi.yaml"), document, 0o600))
	page{"api-design.md", []string{"reports", filepath.Join(directory, "design")}}.holds(t, env, work,
		map[string]string{"scripts/design-api.sh openapi.yaml reports/": said})

	broken := filepath.Join(directory, "broken.yaml")
	require.NoError(t, os.WriteFile(broken, []byte("openapi: 3.1.0\ninfo: {title: x, version: '1'}\npaths:\n  /a:\n    get:\n      responses:\n        '200': {$ref: '#/components/responses/None'}\n"), 0o600))
	status, said = script(t, env, "design-api.sh", broken, filepath.Join(directory, "broken"))
	require.Equal(t, 1, status, said)
	require.Contains(t, said, "broken.yaml:7:")

	key := sha256.Sum256([]byte("secret"))
	hash := hex.EncodeToString(key[:])
	url := served(t, filepath.Join(out, "api"), "API_KEY_SHA256="+hash) + "/v1/customers"
	settings := filepath.Join(directory, "env")
	require.NoError(t, os.WriteFile(settings, []byte("API_KEY_SHA256="+hash+"\n"), 0o600))
	status, said = script(t, env, "harden-api.sh", "--env", settings, url, filepath.Join(directory, "harden"))
	require.Equal(t, 0, status, said)
	require.Contains(t, said, "Every gate held")
	patient := served(t, filepath.Join(out, "api"), "API_KEY_SHA256="+hash, "RATE_LIMIT_WINDOW_SECONDS=2")
	scripts, err := filepath.Abs(".")
	require.NoError(t, err)
	page{"security-hardening.md", []string{
		"http://localhost:3000/users", patient + "/v1/customers", "scripts/harden-api.sh", filepath.Join(scripts, "harden-api.sh"),
		"reports", filepath.Join(directory, "harden"),
	}}.holds(t, append(env, "KEY=secret"), work, map[string]string{"scripts/harden-api.sh --env .env http://localhost:3000/users reports/": said})

	require.NoError(t, os.WriteFile(settings, []byte("API_KEY_SHA256=opensesame\nTOKEN_ALGORITHM=HS256\n"), 0o600))
	status, said = script(t, env, "harden-api.sh", "--env", settings, url, filepath.Join(directory, "harden"))
	require.Equal(t, 3, status, said)
	require.NotContains(t, said, "opensesame")

	// Without a limit and without a proof, the gates say so.
	open := served(t, filepath.Join(out, "api"), "RATE_LIMIT=1000000") + "/v1/status"
	status, said = script(t, env, "harden-api.sh", open, filepath.Join(directory, "open"))
	require.Equal(t, 3, status, said)
	require.Contains(t, said, "the gate 'proof' failed")
}

// served starts a compiled API and returns its address.
func served(t *testing.T, api string, settings ...string) string {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	address := listener.Addr().(*net.TCPAddr)
	require.NoError(t, listener.Close())
	server := exec.Command("node", filepath.Join(api, "dist", "server.js"))
	server.Env = append(append(os.Environ(), "HOST=127.0.0.1", "PORT="+strconv.Itoa(address.Port)), settings...)
	var said strings.Builder
	server.Stdout, server.Stderr = &said, &said
	require.NoError(t, server.Start())
	t.Cleanup(func() {
		_ = server.Process.Kill()
		_ = server.Wait()
	})
	require.Eventually(t, func() bool {
		connection, err := net.Dial("tcp", address.String())
		if err == nil {
			_ = connection.Close()
		}
		return err == nil
	}, 2*time.Minute, 50*time.Millisecond)
	return "http://" + address.String()
}
