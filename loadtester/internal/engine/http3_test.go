package engine

import (
	"context"
	"crypto/tls"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/quic-go/quic-go/http3"
	"github.com/stretchr/testify/require"

	"github.com/senior-backend/toolkit/loadtester/internal/plan"
	"github.com/senior-backend/toolkit/loadtester/internal/stats"
)

// serveHTTP3 starts an HTTP/3 server.
func serveHTTP3(t *testing.T, handler http.HandlerFunc) string {
	t.Helper()
	certificate := httptest.NewUnstartedServer(nil)
	certificate.StartTLS()
	certificate.Close()
	socket, err := net.ListenUDP("udp", &net.UDPAddr{IP: net.IPv4(127, 0, 0, 1)})
	require.NoError(t, err)
	server := &http3.Server{
		Handler: handler, TLSConfig: http3.ConfigureTLSConfig(&tls.Config{Certificates: certificate.TLS.Certificates}),
	}
	done := make(chan struct{})
	go func() {
		defer close(done)
		server.Serve(socket)
	}()
	t.Cleanup(func() {
		server.Close()
		socket.Close()
		<-done
	})
	return "https://" + socket.LocalAddr().String()
}

func loadHTTP3(t *testing.T, o plan.Options, adjust ...func(*plan.Plan)) *stats.Summary {
	t.Helper()
	o.HTTP3, o.Insecure = true, true
	return loadBy(context.Background(), t, (*run).portable, o, adjust...)
}

func TestHTTP3CountsEveryRequest(t *testing.T) {
	var asked atomic.Uint64
	url := serveHTTP3(t, func(w http.ResponseWriter, r *http.Request) {
		if asked.Add(1)%10 == 0 {
			w.WriteHeader(http.StatusNotFound)
		}
		io.WriteString(w, r.Proto)
	})
	o := options(url)
	o.Concurrency, o.Streams, o.Requests = 3, 4, 500
	s := loadHTTP3(t, o)
	require.Empty(t, errorsOf(s))
	require.Equal(t, uint64(500), s.Tally.Requests())
	require.Equal(t, uint64(500), asked.Load())
	require.Equal(t, uint64(50), s.Tally.Status[404])
	require.Equal(t, uint64(500*len("HTTP/3.0")), s.Tally.BodyIn)
	require.Equal(t, uint64(3), s.Tally.Opened)
	require.Greater(t, s.Tally.WireIn, s.Tally.BodyIn)
	require.Equal(t, uint64(500), s.Tally.FirstByte.Count)
}

func TestHTTP3BodiesAreSentAndReceivedWhole(t *testing.T) {
	const size = 1 << 20
	var wrong atomic.Uint64
	url := serveHTTP3(t, func(w http.ResponseWriter, r *http.Request) {
		n, err := io.Copy(io.Discard, r.Body)
		user, password, _ := r.BasicAuth()
		if n != size || err != nil || r.Header.Get("X-Two") != "a:b, c" || r.URL.RequestURI() != "/a?b=c" || user+password != "mesecret" {
			wrong.Add(1)
		}
		io.CopyN(w, endlessReader{}, size)
	})
	o := options(strings.Replace(url, "://", "://me:secret@", 1) + "/a?b=c")
	o.Method, o.Body, o.Requests, o.Streams = "POST", strings.Repeat("x", size), 6, 2
	o.Headers = []string{"X-Two: a:b, c"}
	s := loadHTTP3(t, o)
	require.Empty(t, errorsOf(s))
	require.Zero(t, wrong.Load())
	require.Equal(t, uint64(6*size), s.Tally.BodyIn)
}

func TestHTTP3FailuresAreClassified(t *testing.T) {
	url := serveHTTP3(t, func(w http.ResponseWriter, r *http.Request) {
		switch r.URL.Path {
		case "/stall":
			<-r.Context().Done()
		case "/begin":
			io.WriteString(w, "begun")
			w.(http.Flusher).Flush()
			<-r.Context().Done()
		case "/abort":
			panic(http.ErrAbortHandler)
		case "/large":
			io.CopyN(w, endlessReader{}, 1<<20)
		case "/redirect":
			http.Redirect(w, r, "/", http.StatusFound)
		}
	})
	for path, want := range map[string]map[string]uint64{
		"/stall": {"timeout_first_byte": 2}, "/begin": {"timeout_body": 2}, "/abort": {"stream_reset": 2},
		"/large": {"too_large": 2}, "/redirect": {},
	} {
		o := options(url + path)
		o.Requests = 2
		if strings.HasPrefix(path, "/stall") || strings.HasPrefix(path, "/begin") {
			o.Timeout = "0.8"
		}
		s := loadHTTP3(t, o, func(p *plan.Plan) { p.MaxBody = 100_000 })
		require.Equal(t, want, errorsOf(s), path)
		require.Equal(t, uint64(2), s.Tally.Requests(), path)
	}
}

func TestHTTP3KeepsToAScheduleAndClosesConnections(t *testing.T) {
	url := serveHTTP3(t, func(http.ResponseWriter, *http.Request) {})
	o := options(url)
	o.Rate, o.Duration, o.MaxConnections, o.NoKeepAlive = 50, "1", 20, true
	s := loadHTTP3(t, o)
	require.Empty(t, errorsOf(s))
	require.Equal(t, uint64(50), s.Tally.OK.Count()+s.Unsent)
	require.Equal(t, s.Tally.OK.Count(), s.Tally.Opened)
}

// Connections that open at once resume copies of the one session that is known.
func TestHTTP3ResumesSessions(t *testing.T) {
	var resumed atomic.Int64
	url := serveHTTP3(t, func(_ http.ResponseWriter, r *http.Request) {
		if r.TLS.DidResume {
			resumed.Add(1)
		}
	})
	o := options(url)
	o.Concurrency, o.Requests, o.NoKeepAlive = 8, 80, true
	s := loadHTTP3(t, o)
	require.Empty(t, errorsOf(s))
	require.Equal(t, uint64(80), s.Tally.OK.Count())
	require.Greater(t, resumed.Load(), int64(8))
}

func TestNewExplainsMissingHTTP3(t *testing.T) {
	silent, err := net.ListenUDP("udp", &net.UDPAddr{IP: net.IPv4(127, 0, 0, 1)})
	require.NoError(t, err)
	defer silent.Close()
	for _, tt := range []struct{ url, timeout, want string }{
		{"https://" + silent.LocalAddr().String(), "0.6", "nothing answers over QUIC"},
		{serveHTTP3(t, nil), "20", "the certificate is not valid"},
	} {
		o := options(tt.url)
		o.HTTP3, o.Timeout = true, tt.timeout
		p, err := o.Validate()
		require.NoError(t, err)
		began := time.Now()
		_, err = New(context.Background(), p, &p.Targets[0])
		require.ErrorContains(t, err, tt.want)
		require.Less(t, time.Since(began), 15*time.Second)
	}
}
