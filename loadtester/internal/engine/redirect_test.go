package engine

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/senior-backend/toolkit/loadtester/internal/plan"
	"github.com/senior-backend/toolkit/loadtester/internal/stats"
)

// seen are the requests that reached the end of a redirect.
type seen struct {
	mu       sync.Mutex
	requests map[string]bool
}

func (s *seen) note(r *http.Request) {
	body, err := io.ReadAll(r.Body)
	s.mu.Lock()
	defer s.mu.Unlock()
	s.requests[fmt.Sprint(r.Method, " ", r.URL.RequestURI(), " body=", string(body), " type=", r.Header.Get("Content-Type"),
		" auth=", r.Header.Get("Authorization"), " other=", r.Header.Get("X-Other"), " err=", err)] = true
}

func (s *seen) take() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	var all []string
	for r := range s.requests {
		all = append(all, r)
	}
	s.requests = map[string]bool{}
	return all
}

func TestRedirectsAreFollowed(t *testing.T) {
	onEach(t, func(t *testing.T, load loader) {
		arrived := &seen{requests: map[string]bool{}}
		elsewhere := serve(t, func(_ http.ResponseWriter, r *http.Request) { arrived.note(r) })
		url := serve(t, func(w http.ResponseWriter, r *http.Request) {
			var status, left int
			switch {
			case strings.HasPrefix(r.URL.Path, "/end"):
				arrived.note(r)
			case r.URL.Path == "/elsewhere":
				http.Redirect(w, r, elsewhere+"/there", http.StatusTemporaryRedirect)
			case r.URL.Path == "/nowhere":
				w.Header().Set("Location", "ftp://h/")
				w.WriteHeader(http.StatusFound)
			case r.URL.Path == "/unsaid":
				w.WriteHeader(http.StatusFound)
			default:
				if n, _ := fmt.Sscanf(r.URL.Path, "/chain/%d", &left); n == 1 && left > 0 {
					http.Redirect(w, r, fmt.Sprintf("/chain/%d", left-1), http.StatusFound)
				} else if n, _ := fmt.Sscanf(r.URL.Path, "/by/%d", &status); n == 1 {
					w.Header().Set("Location", "../end?x=1#part")
					w.WriteHeader(status)
				}
			}
		})
		const auth = "Bearer secret"
		for _, tt := range []struct {
			method, path, want string
			redirects          int
			err                string
		}{
			{method: "GET", path: "/by/301", redirects: 1, want: "GET /end?x=1 body= type= auth=" + auth + " other=1 err=<nil>"},
			{method: "GET", path: "/by/307", redirects: 1, want: "GET /end?x=1 body= type= auth=" + auth + " other=1 err=<nil>"},
			{method: "HEAD", path: "/by/303", redirects: 1, want: "HEAD /end?x=1 body= type= auth=" + auth + " other=1 err=<nil>"},
			{method: "POST", path: "/by/303", redirects: 1, want: "GET /end?x=1 body= type= auth=" + auth + " other=1 err=<nil>"},
			{method: "POST", path: "/by/302", redirects: 1, want: "GET /end?x=1 body= type= auth=" + auth + " other=1 err=<nil>"},
			{method: "PUT", path: "/by/302", redirects: 1, want: "PUT /end?x=1 body={} type=application/json auth=" + auth + " other=1 err=<nil>"},
			{method: "POST", path: "/by/308", redirects: 1, want: "POST /end?x=1 body={} type=application/json auth=" + auth + " other=1 err=<nil>"},
			{method: "POST", path: "/elsewhere", redirects: 1, want: "POST /there body={} type=application/json auth= other=1 err=<nil>"},
			{method: "GET", path: "/chain/10", redirects: 10},
			{method: "GET", path: "/chain/11", redirects: 10, err: "redirects"},
			{method: "GET", path: "/nowhere", err: "redirects"},
			{method: "GET", path: "/unsaid"},
		} {
			name := tt.method + " " + tt.path
			o := options(url + tt.path)
			o.Method, o.Requests, o.Concurrency = tt.method, 4, 2
			o.Headers = []string{"Authorization: " + auth, "X-Other: 1"}
			if tt.method == "POST" || tt.method == "PUT" {
				o.Body = "{}"
			}
			s := load(context.Background(), o)
			require.Equal(t, uint64(4), s.Tally.Requests(), name)
			require.Equal(t, uint64(4*tt.redirects), s.Tally.Redirects, name)
			if tt.err != "" {
				require.Equal(t, map[string]uint64{tt.err: 4}, errorsOf(s), name)
				continue
			}
			require.Empty(t, errorsOf(s), name)
			if tt.want != "" {
				require.Equal(t, []string{tt.want}, arrived.take(), name)
			}
		}
		o := options(url + "/by/302")
		o.Requests, o.NoRedirect = 4, true
		require.Equal(t, uint64(4), load(context.Background(), o).Tally.Status[302])
	})
}

// meeting holds requests back until some have come over three connections, so that none
// of a run's connections can take all requests before the others are open.
type meeting struct {
	mu    sync.Mutex
	from  map[string]bool
	three chan struct{}
}

func (m *meeting) begin() {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.from, m.three = map[string]bool{}, make(chan struct{})
}

func (m *meeting) wait(from string) {
	m.mu.Lock()
	three := m.three
	if !m.from[from] {
		m.from[from] = true
		if len(m.from) == 3 {
			close(three)
		}
	}
	m.mu.Unlock()
	<-three
}

func TestTLS(t *testing.T) {
	met := &meeting{}
	server := httptest.NewTLSServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		met.wait(r.RemoteAddr)
		if r.TLS.ServerName != "" || r.ProtoMajor != 1 {
			w.WriteHeader(500) // an address is no server name, and HTTP/2 was not asked for
		}
		io.WriteString(w, "secret")
	}))
	t.Cleanup(server.Close)
	for name, transport := range transports() {
		load := func(ctx context.Context, o plan.Options) *stats.Summary { return loadBy(ctx, t, transport, o) }
		met.begin()
		o := options(server.URL)
		o.Insecure, o.Requests, o.Concurrency = true, 200, 3
		s := load(context.Background(), o)
		require.Empty(t, errorsOf(s))
		require.Equal(t, uint64(200), s.Tally.OK.Count())
		require.Equal(t, uint64(1200), s.Tally.BodyIn)
		require.Equal(t, uint64(3), s.Tally.Handshake.Count)
		o.NoKeepAlive = true
		s = load(context.Background(), o)
		require.Equal(t, uint64(200), s.Tally.OK.Count())
		require.Equal(t, uint64(200), s.Tally.Handshake.Count, name)
	}
	o := options(server.URL)
	p, err := o.Validate()
	require.NoError(t, err)
	_, err = New(context.Background(), p, &p.Targets[0])
	require.ErrorContains(t, err, "certificate is not valid")
	require.ErrorContains(t, err, "--cacert FILE")
}

// A redirect from http to https is followed by either transport.
func TestRedirectToTLS(t *testing.T) {
	secure := httptest.NewTLSServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(202) }))
	t.Cleanup(secure.Close)
	url := serve(t, func(w http.ResponseWriter, r *http.Request) {
		http.Redirect(w, r, secure.URL+"/x", http.StatusMovedPermanently)
	})
	onEach(t, func(t *testing.T, load loader) {
		o := options(url)
		o.Requests, o.Insecure = 5, true
		require.Equal(t, uint64(5), load(context.Background(), o).Tally.Status[202])
		o.Insecure = false
		require.Equal(t, map[string]uint64{"tls_verification": 5}, errorsOf(load(context.Background(), o)))
	})
}

// Bodies that span many records, both ways.
func TestTLSWithLargeBodies(t *testing.T) {
	const size = 3 << 20
	server := httptest.NewTLSServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if n, err := io.Copy(io.Discard, r.Body); n != size || err != nil {
			w.WriteHeader(500)
		}
		io.CopyN(w, endlessReader{}, size)
	}))
	t.Cleanup(server.Close)
	onEach(t, func(t *testing.T, load loader) {
		o := options(server.URL)
		o.Insecure, o.Requests, o.Concurrency = true, 12, 3
		o.Method, o.Body = "POST", strings.Repeat("x", size)
		s := load(context.Background(), o)
		require.Empty(t, errorsOf(s))
		require.Equal(t, uint64(12), s.Tally.OK.Count())
		require.Equal(t, uint64(12*size), s.Tally.BodyIn)
	})
}
