package engine

import (
	"context"
	"encoding/binary"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/senior-backend/toolkit/loadtester/internal/stats"
)

// pipe carries bytes both ways until one side ends.
func pipe(a, b net.Conn) {
	var wg sync.WaitGroup
	wg.Go(func() { io.Copy(a, b); a.Close() })
	wg.Go(func() { io.Copy(b, a); b.Close() })
	wg.Wait()
}

// proxied is an HTTP proxy that wants a user and a password, and counts.
type proxied struct{ tunnels, forwards, refused atomic.Int64 }

func (p *proxied) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if r.Header.Get("Proxy-Authorization") != "Basic bWU6aHVudGVyMg==" { // me:hunter2
		p.refused.Add(1)
		w.WriteHeader(http.StatusProxyAuthRequired)
		return
	}
	if r.Method != http.MethodConnect {
		p.forwards.Add(1)
		r.RequestURI = ""
		r.Header.Del("Proxy-Authorization")
		answer, err := http.DefaultTransport.RoundTrip(r)
		if err != nil {
			w.WriteHeader(http.StatusBadGateway)
			return
		}
		defer answer.Body.Close()
		w.WriteHeader(answer.StatusCode)
		io.Copy(w, answer.Body)
		return
	}
	p.tunnels.Add(1)
	there, err := net.Dial("tcp", r.Host)
	if err != nil {
		w.WriteHeader(http.StatusBadGateway)
		return
	}
	here, buffered, err := w.(http.Hijacker).Hijack()
	if err != nil || buffered.Reader.Buffered() > 0 {
		there.Close()
		return
	}
	io.WriteString(here, "HTTP/1.1 200 Connection established\r\n\r\n")
	pipe(here, there)
}

func TestHTTPProxies(t *testing.T) {
	var leaked atomic.Int64
	handler := func(_ http.ResponseWriter, r *http.Request) {
		if r.Header.Get("Proxy-Authorization") != "" {
			leaked.Add(1)
		}
	}
	plainURL := serve(t, handler)
	secure := httptest.NewTLSServer(http.HandlerFunc(handler))
	t.Cleanup(secure.Close)
	for _, encrypted := range []bool{false, true} {
		p := new(proxied)
		server := httptest.NewUnstartedServer(p)
		if encrypted {
			server.StartTLS()
		} else {
			server.Start()
		}
		t.Cleanup(server.Close)
		via := strings.Replace(server.URL, "://", "://me:hunter2@", 1)
		for name, transport := range transports() {
			if encrypted && name == "loops" {
				continue // those leave it to goroutines
			}
			for _, url := range []string{plainURL + "/a?b", secure.URL + "/{{seq}}"} {
				o := options(url)
				o.Proxy, o.Insecure, o.Requests, o.Concurrency = via, true, 40, 4
				p.tunnels.Store(0)
				p.forwards.Store(0)
				s := loadBy(context.Background(), t, transport, o)
				require.Equal(t, uint64(40), s.Tally.OK.Count(), "%s %s: %v", name, url, errorsOf(s))
				require.Equal(t, uint64(4), s.Tally.Opened)
				if strings.HasPrefix(url, "https") {
					require.Equal(t, int64(5), p.tunnels.Load(), "one is the trial before the run")
				} else {
					require.Equal(t, int64(40), p.forwards.Load())
				}
			}
		}
		o := options(secure.URL)
		o.Proxy, o.Insecure = strings.Replace(via, "hunter2", "wrong", 1), true
		plan, err := o.Validate()
		require.NoError(t, err)
		_, err = New(context.Background(), plan, &plan.Targets[0])
		require.ErrorContains(t, err, "through "+server.URL+": proxy: it answered CONNECT with 407 Proxy Authentication Required")
		require.NotContains(t, err.Error(), "wrong")
	}
	require.Zero(t, leaked.Load(), "the server must not see what is for the proxy")
}

// serveSOCKS is a SOCKS5 proxy as RFC 1928 and 1929 have it; it tells which kind of
// address it was asked for.
func serveSOCKS(t *testing.T, kinds *recorded) string {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	t.Cleanup(func() { listener.Close() })
	go func() {
		for {
			conn, err := listener.Accept()
			if err != nil {
				return
			}
			go answerSOCKS(conn, kinds)
		}
	}()
	return "me:hunter2@" + listener.Addr().String()
}

func answerSOCKS(conn net.Conn, kinds *recorded) {
	defer conn.Close()
	read := func(n int) []byte {
		b := make([]byte, n)
		io.ReadFull(conn, b)
		return b
	}
	read(int(read(2)[1]))
	conn.Write([]byte{5, 2})
	user := string(read(int(read(2)[1])))
	password := string(read(int(read(1)[0])))
	if user+":"+password != "me:hunter2" {
		conn.Write([]byte{1, 1})
		return
	}
	conn.Write([]byte{1, 0})
	head := read(4)
	host := ""
	switch head[3] {
	case 1:
		host = net.IP(read(4)).String()
		kinds.add("address")
	case 3:
		host = string(read(int(read(1)[0])))
		kinds.add("name")
	}
	port := binary.BigEndian.Uint16(read(2))
	there, err := net.Dial("tcp", net.JoinHostPort(host, fmt.Sprint(port)))
	if err != nil {
		conn.Write([]byte{5, 5, 0, 1, 0, 0, 0, 0, 0, 0})
		return
	}
	conn.Write([]byte{5, 0, 0, 1, 0, 0, 0, 0, 0, 0})
	pipe(conn, there)
}

func TestSOCKSProxies(t *testing.T) {
	var kinds recorded
	at := serveSOCKS(t, &kinds)
	plainURL := strings.Replace(serve(t, func(http.ResponseWriter, *http.Request) {}), "127.0.0.1", "localhost", 1)
	onEach := func(test func(transport func(*run, context.Context) error)) {
		for _, transport := range transports() {
			test(transport)
		}
	}
	onEach(func(transport func(*run, context.Context) error) {
		for scheme, kind := range map[string]string{"socks5": "address", "socks5h": "name"} {
			o := options(plainURL)
			o.Resolve = []string{"localhost::127.0.0.1"}
			o.Proxy, o.Requests, o.Concurrency = scheme+"://"+at, 40, 4
			s := loadBy(context.Background(), t, transport, o)
			require.Equal(t, uint64(40), s.Tally.OK.Count(), "%v", errorsOf(s))
			for _, asked := range kinds.sorted() {
				require.Equal(t, kind, asked)
			}
		}
	})
	for _, tt := range []struct{ proxy, url, want string }{
		{"socks5://" + strings.Replace(at, "hunter2", "wrong", 1), plainURL, "proxy: socks connect"},
		{"socks5://" + at, "http://" + refusing, "connection refused"},
		{"socks5://" + refusing, plainURL, "connection refused"},
	} {
		o := options(tt.url)
		o.Proxy = tt.proxy
		plan, err := o.Validate()
		require.NoError(t, err)
		_, err = New(context.Background(), plan, &plan.Targets[0])
		require.ErrorContains(t, err, tt.want)
		require.NotContains(t, err.Error(), "wrong")
	}
}

func TestUnixSockets(t *testing.T) {
	path := filepath.Join(t.TempDir(), "s")
	listener, err := net.Listen("unix", path)
	require.NoError(t, err)
	var hosts recorded
	server := &http.Server{Handler: http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) { hosts.add(r.Host) })}
	go server.Serve(listener)
	t.Cleanup(func() { server.Close() })
	for _, transport := range transports() {
		o := options("http://api.example/x")
		o.UnixSocket, o.Requests, o.Concurrency = path, 60, 6
		s := loadBy(context.Background(), t, transport, o)
		require.Equal(t, uint64(60), s.Tally.OK.Count(), "%v", errorsOf(s))
		require.LessOrEqual(t, s.Tally.Opened, uint64(6)) // the others may have come too late
		require.Equal(t, "api.example", hosts.sorted()[0])
	}
	o := options("http://api.example/x")
	o.UnixSocket = path + "-none"
	plan, err := o.Validate()
	require.NoError(t, err)
	_, err = New(context.Background(), plan, &plan.Targets[0])
	require.ErrorContains(t, err, "connect to "+path+"-none: no such file or directory")
}

// Where connections lead may be said; the server is still told the name of the URL.
func TestConnectToAndResolve(t *testing.T) {
	var hosts recorded
	secure := httptest.NewTLSServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) { hosts.add(r.Host + " " + r.TLS.ServerName) }))
	t.Cleanup(secure.Close)
	host, port, err := net.SplitHostPort(strings.TrimPrefix(secure.URL, "https://"))
	require.NoError(t, err)
	for _, transport := range transports() {
		for _, tt := range []struct{ url, connectTo, resolve string }{
			{"https://api.example/x", "api.example:443:" + host + ":" + port, ""},
			{"https://api.example/x", ":::" + port, "api.example:" + port + ":" + host},
			{"https://api.example:" + port + "/x", "", "*:" + port + ":" + host + ",127.0.0.1"},
			{"https://api.example:" + port + "/x", "other:443:nowhere.invalid:1", "API.example:" + port + ":" + host},
		} {
			o := options(tt.url)
			o.Insecure, o.Requests, o.Concurrency = true, 8, 2
			if tt.connectTo != "" {
				o.ConnectTo = []string{tt.connectTo}
			}
			if tt.resolve != "" {
				o.Resolve = []string{tt.resolve}
			}
			s := loadBy(context.Background(), t, transport, o)
			require.Equal(t, uint64(8), s.Tally.OK.Count(), "%v: %v", tt, errorsOf(s))
			for _, asked := range hosts.sorted() {
				require.Equal(t, strings.TrimSuffix(strings.TrimPrefix(tt.url, "https://"), "/x")+" api.example", asked)
			}
		}
	}
}

// Each connection is a user of its own, who keeps the cookies that it is given.
func TestCookies(t *testing.T) {
	var users atomic.Int64
	var wrong atomic.Int64
	url := serve(t, func(w http.ResponseWriter, r *http.Request) {
		if cookie, err := r.Cookie("user"); err == nil {
			if r.Header.Get("Cookie") != "user="+cookie.Value || cookie.Value == "" {
				wrong.Add(1)
			}
			return
		}
		http.SetCookie(w, &http.Cookie{Name: "user", Value: fmt.Sprint(users.Add(1)), Path: "/"})
		http.SetCookie(w, &http.Cookie{Name: "other", Value: "x", Path: "/elsewhere"})
	})
	load := func(cookies bool) {
		o := options(url)
		o.Cookies, o.Requests, o.Concurrency = cookies, 100, 5
		p, err := o.Validate()
		require.NoError(t, err)
		e, err := New(context.Background(), p, &p.Targets[0])
		require.NoError(t, err)
		c := stats.NewCollector(0)
		require.NoError(t, e.Run(context.Background(), p, c))
		require.Equal(t, uint64(100), c.Close().Tally.OK.Count())
	}
	load(true)
	require.LessOrEqual(t, users.Load(), int64(5))
	require.Zero(t, wrong.Load())
	users.Store(0)
	load(false)
	require.Equal(t, int64(100), users.Load())
}
