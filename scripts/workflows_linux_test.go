package scripts

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
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
// server that comes out through those of the hardening, as their pages do.
func TestDesignAndHarden(t *testing.T) {
	directory := t.TempDir()
	env := append(built(t, directory, "./scaffolder", "./migrator", "./loadtester", "./migrator/internal/scratch/keep"),
		"npm_config_prefer_offline=true", "npm_config_audit=false", "npm_config_fund=false")
	scripts, err := filepath.Abs(".")
	require.NoError(t, err)
	design := filepath.Join(directory, "design")
	lay(t, design, "openapi.yaml", "routes/pets.js")
	_, first, _ := strings.Cut(free(t), ":")
	_, second, _ := strings.Cut(free(t), ":")
	page{path: "docs/workflows/api-design.md", names: []string{
		"scripts/design-api.sh", filepath.Join(scripts, "design-api.sh"),
		"PORT=3000", "PORT=" + first, "PORT=3001", "PORT=" + second,
		"http://localhost:3000", "http://127.0.0.1:" + first, "http://localhost:3001", "http://127.0.0.1:" + second,
	}, shorter: append([]string{" openapi.yaml reports/", " --duration 3 openapi.yaml reports/"}, brief...)}.holds(t, env, design)
	require.FileExists(t, filepath.Join(design, "reports", "load.html"))

	broken := filepath.Join(directory, "broken.yaml")
	require.NoError(t, os.WriteFile(broken, []byte("openapi: 3.1.0\ninfo: {title: x, version: '1'}\npaths:\n  /a:\n    get:\n      responses:\n        '200': {$ref: '#/components/responses/None'}\n"), 0o600))
	status, said := script(t, env, "design-api.sh", broken, filepath.Join(directory, "broken"))
	require.Equal(t, 1, status, said)
	require.Contains(t, said, "broken.yaml:7:")

	key := sha256.Sum256([]byte("secret"))
	hash := hex.EncodeToString(key[:])
	api := filepath.Join(design, "reports", "api")
	limited := served(t, api, "API_KEY_SHA256="+hash, "RATE_LIMIT=200", "RATE_LIMIT_WINDOW_SECONDS=2")
	harden := filepath.Join(directory, "harden")
	lay(t, harden, "openapi.yaml")
	require.NoError(t, os.WriteFile(filepath.Join(harden, ".env"), []byte("API_KEY_SHA256="+hash+"\n"), 0o600))
	database := kept(t, directory, "serve-database/schema.sql")
	page{path: "docs/workflows/security-hardening.md", names: []string{
		"http://localhost:3000/users", limited + "/v1/customers", "http://localhost:3000", limited,
		"scripts/harden-api.sh", filepath.Join(scripts, "harden-api.sh"), "postgres://localhost/mydb", database,
	}}.holds(t, append(env, "KEY=secret"), harden)
	require.FileExists(t, filepath.Join(harden, "reports", "limit.html"))

	// Without a limit and without a proof, the gates say so.
	open := served(t, api, "RATE_LIMIT=1000000") + "/v1/products"
	status, said = script(t, env, "harden-api.sh", open, filepath.Join(directory, "open"))
	require.Equal(t, 3, status, said)
	require.Contains(t, said, "the gate 'proof' failed")
	status, said = script(t, env, "harden-api.sh", "--invalid", "{}", strings.Replace(open, "/products", "/customers", 1), filepath.Join(directory, "open"))
	require.Equal(t, 3, status, said) // strangers are refused before their input is
	require.Contains(t, said, "the gate 'input' failed")
	requireEnvelope(t, open+"?limit=1000")
}

// requireEnvelope sees that a request that is not valid is answered in the form that the guide shows.
func requireEnvelope(t *testing.T, url string) {
	t.Helper()
	type envelope struct {
		Error struct {
			Code, Message string
			Details       []struct{ Field, Message string }
		}
		Meta struct{ RequestID string }
	}
	guide, err := os.ReadFile("../docs/references/api_design_patterns.md")
	require.NoError(t, err)
	_, block, found := strings.Cut(string(guide), "```json\n")
	require.True(t, found)
	block, _, _ = strings.Cut(block, "```")
	response, err := http.Get(url)
	require.NoError(t, err)
	defer func() { _ = response.Body.Close() }()
	require.Equal(t, http.StatusBadRequest, response.StatusCode)
	var shown, real envelope
	for text, into := range map[io.Reader]*envelope{strings.NewReader(block): &shown, response.Body: &real} {
		decoder := json.NewDecoder(text)
		decoder.DisallowUnknownFields()
		require.NoError(t, decoder.Decode(into))
	}
	require.Equal(t, shown.Error.Code, real.Error.Code)
	require.Equal(t, "limit", real.Error.Details[0].Field)
	require.NotEmpty(t, shown.Meta.RequestID)
	require.Len(t, real.Meta.RequestID, len(shown.Meta.RequestID))
}

// TestSettings sees how the settings of authentication are graded, and that no secret is printed.
func TestSettings(t *testing.T) {
	directory := t.TempDir()
	env := built(t, directory, "./loadtester")
	hash := strings.Repeat("0f", 32)
	for setting, grade := range map[string]string{
		"A_ALGORITHM=PS256":                       "good    A_ALGORITHM: PS256",
		"A_ALGORITHM=EdDSA":                       "good    A_ALGORITHM: EdDSA",
		"A_ALGORITHM=\"ES512\"":                   "good    A_ALGORITHM: ES512",
		"A_ALGORITHM=RS256":                       "better  A_ALGORITHM: RS256",
		"A_ALGORITHM=":                            "better  A_ALGORITHM: says nothing, so RS256",
		"A_ALGORITHM=none":                        "wrong   A_ALGORITHM: none",
		"A_ALGORITHM=HS256":                       "wrong   A_ALGORITHM: HS256",
		"A_ALGORITHM=opensesame":                  "wrong   A_ALGORITHM: is no algorithm",
		"A_ALGORITHM=RS256,HS256":                 "wrong   A_ALGORITHM: is no algorithm",
		"A_MAX_AGE_SECONDS=900":                   "good    A_MAX_AGE_SECONDS: 900 s",
		"A_MAX_AGE_SECONDS=7200":                  "better  A_MAX_AGE_SECONDS",
		"A_MAX_AGE_SECONDS=":                      "better  A_MAX_AGE_SECONDS",
		"A_MAX_AGE_SECONDS=90000":                 "wrong   A_MAX_AGE_SECONDS: more than a day",
		"A_MAX_AGE_SECONDS=99999999999999":        "wrong   A_MAX_AGE_SECONDS: more than a day",
		"A_MAX_AGE_SECONDS=1h":                    "wrong   A_MAX_AGE_SECONDS: is no number",
		"A_JWKS_URL=https://a.example/k":          "good    A_JWKS_URL",
		"A_JWKS_URL=http://a.example/k":           "wrong   A_JWKS_URL",
		"A_ISSUER=":                               "better  A_ISSUER: is empty",
		"A_SHA256=" + hash:                        "good    A_SHA256",
		"A_SHA256=" + hash + "?tier=pro, " + hash: "good    A_SHA256",
		"A_SHA256=opensesame":                     "wrong   A_SHA256: is no list",
		"export DB_PASSWORD='opensesame'":         "wrong   DB_PASSWORD: has less",
	} {
		t.Run(setting, func(t *testing.T) {
			file := filepath.Join(directory, "env")
			require.NoError(t, os.WriteFile(file, []byte("# settings\n\n"+setting+"\r\n"), 0o600))
			status, said := script(t, env, "harden-api.sh", "--env", file, "http://127.0.0.1:1/", filepath.Join(directory, "out"))
			require.Contains(t, said, "\n   "+grade)
			require.NotContains(t, said, "opensesame")
			if strings.HasPrefix(grade, "wrong") {
				require.Equal(t, 3, status, said)
				require.Contains(t, said, "the gate 'settings' failed")
				return
			}
			require.Equal(t, 1, status, said) // nobody listens there
			require.Contains(t, said, "\n   hold\n")
			require.Contains(t, said, "the gate 'headers' failed")
		})
	}
	repository := t.TempDir()
	require.NoError(t, os.WriteFile(filepath.Join(repository, ".env"), []byte("A_ALGORITHM=PS256\n"), 0o644))
	for _, arguments := range [][]string{{"init", "-q"}, {"add", ".env"}} {
		requireRuns(t, exec.Command("git", append([]string{"-C", repository}, arguments...)...))
	}
	status, said := script(t, env, "harden-api.sh", "--env", filepath.Join(repository, ".env"), "http://127.0.0.1:1/", t.TempDir())
	require.Equal(t, 3, status, said)
	require.Contains(t, said, "is in the repository")
	require.Contains(t, said, "can be read by every user")
}

// TestScriptsAreAskedWrongly sees what the scripts say of command lines and input that cannot be.
func TestScriptsAreAskedWrongly(t *testing.T) {
	directory := t.TempDir()
	env := built(t, directory, "./scaffolder", "./migrator", "./loadtester")
	out := filepath.Join(directory, "out")
	const nowhere = "postgres://127.0.0.1:1/none"
	for _, test := range []struct {
		status    int
		said      string
		arguments []string
	}{
		{2, "one document", []string{"design-api.sh"}},
		{2, "one document", []string{"design-api.sh", "a", "b", "c"}},
		{2, "no option --fast", []string{"design-api.sh", "--fast", "a"}},
		{2, "--duration needs a value", []string{"design-api.sh", "--duration"}},
		{2, "not 'soon'", []string{"design-api.sh", "--duration", "soon", "a"}},
		{2, "not '0.0'", []string{"design-api.sh", "--duration", "0.0", "a"}},
		{2, "not 'hapi'", []string{"design-api.sh", "--framework", "hapi", "a"}},
		{1, "no such file", []string{"design-api.sh", "missing.yaml", out}},
		{1, "cannot be made", []string{"design-api.sh", "quickstart/openapi.yaml", "/dev/null/out"}},
		{2, "one URL", []string{"harden-api.sh"}},
		{2, "is no http://", []string{"harden-api.sh", "localhost:3000"}},
		{2, "--login needs a value", []string{"harden-api.sh", "--login"}},
		{1, "cannot be read", []string{"harden-api.sh", "--env", "missing.env", "http://127.0.0.1:1/", out}},
		{1, "connection refused", []string{"harden-api.sh", "http://127.0.0.1:1/", out}},
		{2, "one database", []string{"optimize-database.sh", "--dry-run"}},
		{2, "no option --now", []string{"optimize-database.sh", "--now", nowhere}},
		{1, "cannot connect", []string{"optimize-database.sh", nowhere, out}},
		{2, "a schema, a database", []string{"serve-database.sh", "schema.sql"}},
		{1, "cannot connect", []string{"serve-database.sh", "serve-database/schema.sql", nowhere, out}},
	} {
		status, said := script(t, env, test.arguments...)
		require.Equal(t, test.status, status, "%v: %s", test.arguments, said)
		require.Contains(t, said, test.said, "%v", test.arguments)
		if test.status == 2 {
			require.Contains(t, said, "\n  scripts/"+test.arguments[0]+" [", "%v", test.arguments)
		}
	}
	paths, err := filepath.Glob("*.sh")
	require.NoError(t, err)
	for _, path := range paths {
		requireRuns(t, exec.Command("bash", "-n", path))
	}
	for _, name := range []string{"design-api.sh", "harden-api.sh", "optimize-database.sh", "serve-database.sh"} {
		status, said := script(t, env, name, "--help")
		require.Equal(t, 0, status, said)
		require.Contains(t, said, "\n  scripts/"+name+" [")
		require.NotContains(t, said, "pipefail")
	}
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
