package engine

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"encoding/pem"
	"io"
	"log"
	"math/big"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/senior-backend/toolkit/loadtester/internal/stats"
)

// authority is a certificate that signs others, in files.
type authority struct {
	dir    string
	parent *x509.Certificate
	key    *ecdsa.PrivateKey
}

func newAuthority(t *testing.T) *authority {
	t.Helper()
	a := &authority{dir: t.TempDir()}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour),
		IsCA: true, BasicConstraintsValid: true, KeyUsage: x509.KeyUsageCertSign,
	}
	a.parent = template
	a.sign(t, "ca", template)
	return a
}

// sign makes NAME.pem and NAME.key of a certificate and returns it as TLS wants it.
func (a *authority) sign(t *testing.T, name string, template *x509.Certificate) tls.Certificate {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	require.NoError(t, err)
	if a.key == nil {
		a.key = key
	}
	der, err := x509.CreateCertificate(rand.Reader, template, a.parent, &key.PublicKey, a.key)
	require.NoError(t, err)
	secret, err := x509.MarshalPKCS8PrivateKey(key)
	require.NoError(t, err)
	certificate := pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der})
	private := pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: secret})
	require.NoError(t, os.WriteFile(a.path(name+".pem"), certificate, 0o600))
	require.NoError(t, os.WriteFile(a.path(name+".key"), private, 0o600))
	pair, err := tls.X509KeyPair(certificate, private)
	require.NoError(t, err)
	return pair
}

func (a *authority) path(name string) string { return filepath.Join(a.dir, name) }

// forNames makes the certificate of a server or a client.
func (a *authority) forNames(t *testing.T, name string, until time.Time, hosts ...string) tls.Certificate {
	t.Helper()
	return a.sign(t, name, &x509.Certificate{
		SerialNumber: big.NewInt(2), NotBefore: time.Now().Add(-time.Hour), NotAfter: until, DNSNames: hosts,
		KeyUsage: x509.KeyUsageDigitalSignature, ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth, x509.ExtKeyUsageClientAuth},
	})
}

// serveTLS starts a server, and returns a URL of another name for it.
func serveTLS(t *testing.T, config *tls.Config, handler http.HandlerFunc) string {
	t.Helper()
	server := httptest.NewUnstartedServer(handler)
	server.TLS = config
	server.Config.ErrorLog = log.New(io.Discard, "", 0)
	server.StartTLS()
	t.Cleanup(server.Close)
	_, port, _ := strings.Cut(server.Listener.Addr().String(), ":")
	return "https://name.test:" + port + "/"
}

// Both versions of TLS, with the name asked for, sessions resumed, authority and client
// certificate from files, over both protocols.
func TestTLSInAllItsParts(t *testing.T) {
	ca := newAuthority(t)
	own := ca.forNames(t, "server", time.Now().Add(time.Hour), "name.test")
	ca.forNames(t, "client", time.Now().Add(time.Hour), "me")
	pool := x509.NewCertPool()
	text, err := os.ReadFile(ca.path("ca.pem"))
	require.NoError(t, err)
	require.True(t, pool.AppendCertsFromPEM(text))
	onEach(t, func(t *testing.T, load loader) {
		for _, version := range []uint16{tls.VersionTLS12, tls.VersionTLS13} {
			for _, proto := range []string{"http/1.1", "h2"} {
				var resumed, wrong atomic.Uint64
				url := serveTLS(t, &tls.Config{
					Certificates: []tls.Certificate{own}, MinVersion: version, MaxVersion: version, NextProtos: []string{proto},
					ClientAuth: tls.RequireAndVerifyClientCert, ClientCAs: pool,
				}, func(_ http.ResponseWriter, r *http.Request) {
					if r.TLS.DidResume {
						resumed.Add(1)
					}
					if r.TLS.ServerName != "name.test" || r.TLS.NegotiatedProtocol != proto || len(r.TLS.PeerCertificates) != 1 {
						wrong.Add(1)
					}
				})
				o := options(url)
				o.Resolve = []string{strings.TrimSuffix(strings.TrimPrefix(url, "https://"), "/") + ":127.0.0.1"}
				o.CAFile, o.CertFile, o.KeyFile = ca.path("ca.pem"), ca.path("client.pem"), ca.path("client.key")
				o.NoKeepAlive, o.Requests = true, 10
				s := load(context.Background(), o)
				require.Empty(t, errorsOf(s))
				require.Equal(t, uint64(10), s.Tally.OK.Count())
				require.Equal(t, uint64(10), s.Tally.Handshake.Count)
				require.Zero(t, wrong.Load())
				require.Greater(t, resumed.Load(), uint64(5), "%s %x: sessions are resumed", proto, version)
			}
		}
	})
}

// Many connections of one loop receive into the same buffer, in pieces of any size that
// end anywhere in a record, and some of them more than it takes in their turn.
func TestTLSBodiesOfManyConnections(t *testing.T) {
	sizes := []int{0, 1, 700, 16 << 10, 1_100_000}
	onEach(t, func(t *testing.T, load loader) {
		for _, proto := range []string{"http/1.1", "h2"} {
			var next, sent atomic.Uint64
			server := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
				size := sizes[next.Add(1)%uint64(len(sizes))]
				for done := 0; done < size; {
					n := min(1+done*3/2+size%7, size-done)
					io.CopyN(w, endlessReader{}, int64(n)) //nolint:errcheck // the client sees it
					w.(http.Flusher).Flush()               //nolint:forcetypeassert // net/http's is
					done += n
				}
				sent.Add(uint64(size))
			}))
			server.TLS = &tls.Config{NextProtos: []string{proto}}
			server.EnableHTTP2 = proto == "h2"
			server.StartTLS()
			t.Cleanup(server.Close)
			o := options(server.URL)
			o.Insecure, o.Concurrency, o.Requests = true, 10, 60
			s := load(context.Background(), o)
			require.Empty(t, errorsOf(s))
			require.Equal(t, uint64(60), s.Tally.OK.Count())
			require.Equal(t, sent.Load(), s.Tally.BodyIn)
			require.Equal(t, uint64(10), s.Tally.Opened, "%s: every connection is kept", proto)
		}
	})
}

// A certificate that expires in mid-run: the connections opened by then go on, those
// after it fail by it.
func TestCertificateExpires(t *testing.T) {
	ca := newAuthority(t)
	until := time.Now().Add(4 * time.Second).Truncate(time.Second)
	own := ca.forNames(t, "server", until, "name.test")
	onEach(t, func(t *testing.T, load loader) {
		url := serveTLS(t, &tls.Config{Certificates: []tls.Certificate{own}, SessionTicketsDisabled: true}, func(http.ResponseWriter, *http.Request) {})
		o := options(url)
		o.Resolve = []string{strings.TrimSuffix(strings.TrimPrefix(url, "https://"), "/") + ":127.0.0.1"}
		o.CAFile, o.NoKeepAlive, o.Duration = ca.path("ca.pem"), true, "5.5"
		s := load(context.Background(), o)
		require.Greater(t, s.Tally.OK.Count(), uint64(0))
		require.Greater(t, s.Tally.Errors[stats.KindTLSVerify], uint64(0))
		require.Len(t, errorsOf(s), 1)
		last := s.Seconds[len(s.Seconds)-1]
		require.Equal(t, last.Requests, last.Failed, "the report tells when it began")
	})
}

// All addresses of a name are used in turn, of both families where the machine has both.
func TestAddressesAreUsedInTurn(t *testing.T) {
	addrs, network := []string{"127.0.0.1", "127.0.0.2"}, "tcp4"
	listener, err := net.Listen("tcp", "[::1]:0")
	if err == nil {
		listener.Close()
		addrs, network = append(addrs, "[::1]"), "tcp"
	}
	onEach(t, func(t *testing.T, load loader) {
		var mu sync.Mutex
		seen := map[string]int{}
		server := httptest.NewUnstartedServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
			mu.Lock()
			defer mu.Unlock()
			at := r.Context().Value(http.LocalAddrContextKey).(*net.TCPAddr)
			seen[at.AddrPort().Addr().Unmap().String()]++
		}))
		server.Listener.Close()
		listener, err := net.Listen(network, ":0")
		require.NoError(t, err)
		server.Listener = listener
		server.Start()
		t.Cleanup(server.Close)
		port := strconv.Itoa(listener.Addr().(*net.TCPAddr).Port)
		o := options("http://name.test:" + port + "/")
		o.Resolve = []string{"name.test:" + port + ":" + strings.Join(addrs, ",")}
		o.Requests, o.NoKeepAlive = int64(10*len(addrs)), true
		s := load(context.Background(), o)
		require.Empty(t, errorsOf(s))
		mu.Lock()
		defer mu.Unlock()
		for _, addr := range addrs {
			require.Equal(t, 10, seen[strings.Trim(addr, "[]")], "%s of %v", addr, seen)
		}
	})
}
