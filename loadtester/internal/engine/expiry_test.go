package engine

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"io"
	"log"
	"math/big"
	"net"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// certificateUntil is one for 127.0.0.1 that is its own authority.
func certificateUntil(t *testing.T, end time.Time) (tls.Certificate, string) {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	require.NoError(t, err)
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "test"}, NotBefore: end.Add(-time.Hour), NotAfter: end,
		IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)}, IsCA: true, BasicConstraintsValid: true,
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, key.Public(), key)
	require.NoError(t, err)
	text := pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der})
	return tls.Certificate{Certificate: [][]byte{der}, PrivateKey: key}, writeFile(t, "ca.pem", string(text))
}

// A certificate that expires in mid-run: connections that are open go on, new ones fail,
// resumed sessions as well, and why is told.
func TestCertificateThatExpires(t *testing.T) {
	onEach(t, func(t *testing.T, load loader) {
		end := time.Now().Truncate(time.Second).Add(5 * time.Second) // certificates know whole seconds
		cert, authority := certificateUntil(t, end)
		server := httptest.NewUnstartedServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) {}))
		server.Config.ErrorLog = silentLog()
		server.TLS = &tls.Config{Certificates: []tls.Certificate{cert}}
		server.StartTLS()
		t.Cleanup(server.Close)
		o := options(server.URL)
		o.CAFile, o.Concurrency, o.HTTP1 = authority, 2, true
		o.Duration = (time.Until(end) + 1500*time.Millisecond).String()

		kept := make(chan map[string]uint64)
		go func() {
			defer close(kept) // also when the load could not be made
			kept <- errorsOf(load(context.Background(), o))
		}()
		fresh := o
		fresh.NoKeepAlive, fresh.Think = true, "10ms"
		s := load(context.Background(), fresh)
		require.Empty(t, <-kept, "what is connected stays so")
		require.Positive(t, s.Tally.OK.Count())
		require.Positive(t, errorsOf(s)["tls_verification"], "%v", errorsOf(s))
		require.Len(t, errorsOf(s), 1)
		var first time.Duration
		for i, second := range s.Seconds {
			if second.Errors > 0 {
				first = time.Duration(i+1) * time.Second
				require.NotEmpty(t, second.Troubles)
				break
			}
		}
		require.GreaterOrEqual(t, s.Started.Add(first), end, "not before it expired")
		for _, cause := range s.Causes {
			require.Contains(t, cause, "expired")
		}
		require.Len(t, s.Causes, 1)
	})
}

// silentLog is for servers whose clients are meant to fail.
func silentLog() *log.Logger { return log.New(io.Discard, "", 0) }
