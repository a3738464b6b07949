package engine

import (
	"context"
	"crypto/tls"
	"fmt"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/senior-backend/toolkit/loadtester/internal/stats"
)

// Caddy, where there is one, answers in all three protocols, also in HTTP/3.
func TestAgainstCaddy(t *testing.T) {
	caddy, err := exec.LookPath("caddy")
	if err != nil {
		t.Log("no caddy on this machine, so nothing is held against it")
		return
	}
	ca := newAuthority(t)
	ca.forNames(t, "server", time.Now().Add(time.Hour), "localhost")
	dir := t.TempDir()
	require.NoError(t, os.WriteFile(filepath.Join(dir, "large"), make([]byte, 1<<20), 0o644))
	port := freePorts(t, 1)[0]
	config := filepath.Join(dir, "Caddyfile")
	require.NoError(t, os.WriteFile(config, fmt.Appendf(nil, `{
	admin off
	auto_https off
	default_sni localhost
	storage file_system %[1]s/storage
	servers {
		protocols h1 h2 h3
	}
}
https://127.0.0.1:%[2]d, https://localhost:%[2]d {
	bind 127.0.0.1
	tls %[3]s %[4]s
	root * %[1]s
	respond / "hello"
	redir /moved /large
	respond /posted "{header.content-length}" 201
	file_server
}
`, dir, port, ca.path("server.pem"), ca.path("server.key")), 0o600))
	server := exec.Command(caddy, "run", "--adapter", "caddyfile", "--config", config)
	server.Env = append(os.Environ(), "HOME="+dir, "XDG_CONFIG_HOME="+dir, "XDG_DATA_HOME="+dir)
	log := new(strings.Builder)
	server.Stderr = log
	require.NoError(t, server.Start())
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		server.Wait()
	}()
	t.Cleanup(func() {
		server.Process.Kill()
		<-ended
	})
	url := fmt.Sprintf("https://127.0.0.1:%d/", port)
	up := func() bool {
		response, err := trusting().Get(url)
		if err != nil {
			return false
		}
		response.Body.Close()
		return response.StatusCode == http.StatusOK
	}
	for deadline := time.Now().Add(time.Minute); !up(); time.Sleep(50 * time.Millisecond) {
		select {
		case <-ended:
			require.Fail(t, "caddy ended", "%s", log)
		default:
			require.True(t, time.Now().Before(deadline), "caddy does not answer")
		}
	}
	for name, protocol := range map[string]string{"HTTP/1.1": "1", "HTTP/2": "2", "HTTP/3": "3"} {
		for by, transport := range transports() {
			if protocol == "3" && by != "goroutines" {
				continue
			}
			t.Run(name+", "+by, func(t *testing.T) {
				load := func(path, method, body string, requests int64) *stats.Summary {
					o := options(url + path)
					o.HTTP1, o.HTTP2, o.HTTP3, o.Insecure = protocol == "1", protocol == "2", protocol == "3", true
					if protocol != "1" {
						o.Streams = 4
					}
					o.Method, o.Body, o.Concurrency, o.Requests = method, body, 3, requests
					s := loadBy(context.Background(), t, transport, o)
					require.Empty(t, errorsOf(s))
					return s
				}
				s := load("", "GET", "", 500)
				require.Equal(t, uint64(500), s.Tally.Status[200])
				require.Equal(t, uint64(500*len("hello")), s.Tally.BodyIn)
				require.Equal(t, uint64(3), s.Tally.Opened)

				s = load("missing", "GET", "", 20)
				require.Equal(t, uint64(20), s.Tally.Status[404])

				s = load("posted", "POST", strings.Repeat("x", 100_000), 20)
				require.Equal(t, uint64(20), s.Tally.Status[201])

				s = load("moved", "GET", "", 20)
				require.Equal(t, uint64(20), s.Tally.Redirects)
				require.GreaterOrEqual(t, s.Tally.BodyIn, uint64(20<<20))
			})
		}
	}
}

// trusting takes any certificate.
func trusting() *http.Client {
	return &http.Client{Transport: &http.Transport{TLSClientConfig: &tls.Config{InsecureSkipVerify: true}}, Timeout: 10 * time.Second}
}
