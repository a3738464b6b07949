package engine

import (
	"bufio"
	"context"
	"fmt"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// Servers that are not ours: Node's, in each protocol, with bodies both ways.
func TestAgainstNode(t *testing.T) {
	ca := newAuthority(t)
	ca.forNames(t, "server", time.Now().Add(time.Hour), "localhost")
	node := exec.Command("node", "testdata/server.mjs", ca.path("server.pem"), ca.path("server.key"))
	node.Stderr = os.Stderr
	input, err := node.StdinPipe()
	require.NoError(t, err)
	output, err := node.StdoutPipe()
	require.NoError(t, err)
	require.NoError(t, node.Start(), "node is needed for this test")
	t.Cleanup(func() {
		input.Close() // which ends it
		node.Wait()
	})
	line, err := bufio.NewReader(output).ReadString('\n')
	require.NoError(t, err)
	var plain, secure, clear int
	_, err = fmt.Sscan(line, &plain, &secure, &clear)
	require.NoError(t, err)
	transports := transports()
	for _, tt := range []struct {
		name, scheme string
		port         int
		http1, http2 bool
		streams      int
	}{
		{"HTTP/1.1", "http", plain, false, false, 1},
		{"HTTP/1.1 over TLS", "https", secure, true, false, 1},
		{"HTTP/2 by choice of the server", "https", secure, false, false, 5},
		{"HTTP/2 in the clear", "http", clear, false, true, 5},
	} {
		for name, transport := range transports {
			t.Run(tt.name+", "+name, func(t *testing.T) {
				o := options(tt.scheme + "://127.0.0.1:" + strconv.Itoa(tt.port) + "/")
				o.HTTP1, o.HTTP2, o.Streams, o.Insecure = tt.http1, tt.http2, tt.streams, true
				if !tt.http1 { // Node 20 itself stumbles over bodies of HTTP/1.1 within TLS
					o.Method, o.Body = "POST", strings.Repeat("x", 100_000)
				}
				o.Concurrency, o.Requests = 4, 100
				s := loadBy(context.Background(), t, transport, o)
				require.Empty(t, errorsOf(s))
				require.Equal(t, uint64(100), s.Tally.OK.Count())
				require.Equal(t, uint64(100*40_000), s.Tally.BodyIn)

				o.URLs[0] += "missing"
				s = loadBy(context.Background(), t, transport, o)
				require.Equal(t, uint64(100), s.Tally.Status[404])
			})
		}
	}
}

// nginx counts the same requests, where there is one.
func TestAgainstNginx(t *testing.T) {
	nginx, err := exec.LookPath("nginx")
	if err != nil {
		t.Log("no nginx on this machine, so nothing is held against it")
		return
	}
	ca := newAuthority(t)
	ca.forNames(t, "server", time.Now().Add(time.Hour), "localhost")
	dir := t.TempDir()
	require.NoError(t, os.WriteFile(filepath.Join(dir, "large"), make([]byte, 1<<20), 0o644))
	ports := freePorts(t, 4)
	user := ""
	if os.Geteuid() == 0 {
		user = "user root;" // who alone may enter the test's directory
	}
	config := user + fmt.Sprintf(`worker_processes 1; daemon off; pid %[1]s/pid; error_log %[1]s/error.log;
events { worker_connections 1024; }
http {
	access_log off; keepalive_requests 150; large_client_header_buffers 4 32k;
	client_body_temp_path %[1]s/a; proxy_temp_path %[1]s/b; fastcgi_temp_path %[1]s/c; uwsgi_temp_path %[1]s/d; scgi_temp_path %[1]s/e;
	server {
		listen 127.0.0.1:%[2]d; listen 127.0.0.1:%[3]d ssl; listen 127.0.0.1:%[4]d ssl http2; listen 127.0.0.1:%[5]d http2;
		ssl_certificate %[6]s; ssl_certificate_key %[7]s; root %[1]s;
		location = / { return 200 "hello"; }
		location = /moved { return 302 /large; }
		location = /count { stub_status; }
	}
}`, dir, ports[0], ports[1], ports[2], ports[3], ca.path("server.pem"), ca.path("server.key"))
	path := filepath.Join(dir, "nginx.conf")
	require.NoError(t, os.WriteFile(path, []byte(config), 0o600))
	server := exec.Command(nginx, "-e", filepath.Join(dir, "error.log"), "-c", path)
	require.NoError(t, server.Start())
	t.Cleanup(func() {
		// Killed, it would leave its worker behind.
		server.Process.Signal(syscall.SIGTERM)
		server.Wait()
	})
	count := func() uint64 {
		var n [3]uint64
		response, err := http.Get(fmt.Sprintf("http://127.0.0.1:%d/count", ports[0]))
		if err != nil {
			return 0
		}
		defer response.Body.Close()
		lines := bufio.NewScanner(response.Body)
		for range 3 {
			lines.Scan()
		}
		fmt.Sscan(lines.Text(), &n[0], &n[1], &n[2])
		return n[2]
	}
	require.Eventually(t, func() bool { return count() > 0 }, 20*time.Second, 50*time.Millisecond)
	for i, tt := range []struct {
		name, url string
		http2     bool
		streams   int
	}{
		{"HTTP/1.1", "http://127.0.0.1:%d/", false, 1},
		{"HTTP/1.1 over TLS", "https://127.0.0.1:%d/", false, 1},
		{"HTTP/2 over TLS", "https://127.0.0.1:%d/", false, 10},
		{"HTTP/2", "http://127.0.0.1:%d/", true, 10},
	} {
		for name, transport := range transports() {
			t.Run(tt.name+", "+name, func(t *testing.T) {
				before := count()
				o := options(fmt.Sprintf(tt.url, ports[i]))
				o.HTTP2, o.Streams, o.Insecure = tt.http2, tt.streams, true
				o.Concurrency, o.Requests = 3, 2000
				s := loadBy(context.Background(), t, transport, o)
				require.Empty(t, errorsOf(s))
				require.Equal(t, uint64(2000), s.Tally.OK.Count())
				require.Equal(t, uint64(2000*5), s.Tally.BodyIn)
				require.Greater(t, s.Tally.Opened, uint64(10), "nginx ends a connection after 150 requests")
				require.InDelta(t, 2001, count()-before, float64(s.Tally.Retried))

				o.URLs[0] += "moved"
				o.Requests = 20
				s = loadBy(context.Background(), t, transport, o)
				require.Empty(t, errorsOf(s))
				require.Equal(t, uint64(20), s.Tally.Redirects)
				require.GreaterOrEqual(t, s.Tally.BodyIn, uint64(20<<20))
			})
		}
	}
}

// freePorts are ports on which nothing listens.
func freePorts(t *testing.T, n int) []int {
	t.Helper()
	var ports []int
	for range n {
		listener, err := net.Listen("tcp", "127.0.0.1:0")
		require.NoError(t, err)
		defer listener.Close()
		ports = append(ports, listener.Addr().(*net.TCPAddr).Port)
	}
	return ports
}
