package engine

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"net"
	"net/netip"
	"net/url"
	"os"
	"slices"
	"strconv"
	"sync"
	"sync/atomic"
	"time"

	"github.com/senior-backend/toolkit/loadtester/internal/plan"
	"github.com/senior-backend/toolkit/loadtester/internal/stats"
	"github.com/senior-backend/toolkit/shared/fault"
)

// origin is where a connection leads.
type origin struct {
	tls  bool
	host string // name or address, without brackets
	port uint16
}

func originOf(u *url.URL) origin {
	o := origin{tls: u.Scheme == "https", host: u.Hostname(), port: 80}
	if o.tls {
		o.port = 443
	}
	if port, err := strconv.ParseUint(u.Port(), 10, 16); err == nil {
		o.port = uint16(port)
	}
	return o
}

func (o origin) String() string { return net.JoinHostPort(o.host, strconv.Itoa(int(o.port))) }

// phases are the durations of opening one connection.
type phases struct{ connect, handshake time.Duration }

// dialer opens connections. The addresses of a name are used in turn. It is safe for
// concurrent use.
type dialer struct {
	network *plan.Network
	config  *tls.Config
	offers  []string // protocols, to whichever origin; the server chooses
	targets []origin // where what was asked for holds
	names   *names
	turn    atomic.Uint32
	mu      sync.Mutex
	fixed   map[origin][]netip.AddrPort // origins whose addresses are not looked up
}

func newDialer(network *plan.Network, config *tls.Config, offers []string) *dialer {
	return &dialer{network: network, config: config, offers: offers, names: newNames(), fixed: map[origin][]netip.AddrPort{}}
}

// The names of protocols, as TLS negotiates them.
const (
	alpnHTTP1 = "http/1.1"
	alpnHTTP2 = "h2"
)

// offered are the protocols that servers may choose from.
func offered(p plan.Protocol) []string {
	switch p {
	case plan.ProtocolHTTP1:
		return []string{alpnHTTP1}
	case plan.ProtocolHTTP2:
		return []string{alpnHTTP2}
	default:
		return []string{alpnHTTP2, alpnHTTP1}
	}
}

// tlsConfig is the configuration of TLS, but for the protocols.
func tlsConfig(t plan.TLS) (*tls.Config, error) {
	config := &tls.Config{
		MinVersion:         tls.VersionTLS12,
		InsecureSkipVerify: t.Insecure, //nolint:gosec // asked for with --no-verify-ssl
		ClientSessionCache: tls.NewLRUClientSessionCache(256),
	}
	if t.CAFile != "" {
		pem, err := t.CA, error(nil)
		if pem == nil {
			pem, err = os.ReadFile(t.CAFile)
		}
		if err != nil {
			return nil, &fault.Input{Path: t.CAFile, Message: "authorities can't be read", Hint: "name a PEM file", Err: err}
		}
		pool, err := x509.SystemCertPool()
		if err != nil {
			pool = x509.NewCertPool()
		}
		if !pool.AppendCertsFromPEM(pem) {
			return nil, &fault.Input{Path: t.CAFile, Message: "holds no certificate", Hint: "name a PEM file"}
		}
		config.RootCAs = pool
	}
	if t.CertFile != "" {
		cert, err := tls.X509KeyPair(t.Cert, t.Key)
		if t.Cert == nil {
			cert, err = tls.LoadX509KeyPair(t.CertFile, t.KeyFile)
		}
		if err != nil {
			return nil, &fault.Input{Path: t.CertFile, Message: "certificate and key can't be used: " + err.Error(), Err: err}
		}
		config.Certificates = []tls.Certificate{cert}
	}
	return config, nil
}

// dial opens a connection to an origin by ctx's deadline, with TLS if the origin has it.
// With an error comes its kind.
func (d *dialer) dial(ctx context.Context, o origin) (net.Conn, phases, stats.Kind, error) {
	conn, took, kind, err := d.connect(ctx, o)
	if err != nil || !o.tls {
		return conn, took, kind, err
	}
	secured, handshake, kind, err := d.handshake(ctx, conn, o)
	if err != nil {
		return nil, took, kind, err
	}
	took.handshake = handshake
	return secured, took, stats.KindNone, nil
}

// isTarget tells whether an origin is one of those to be loaded, rather than one that
// redirects lead to.
func (d *dialer) isTarget(o origin) bool { return slices.Contains(d.targets, o) }

// nextTurn is which of n addresses a connection begins with: each with another one.
func (d *dialer) nextTurn(n int) int { return int(d.turn.Add(1) % uint32(n)) }

// handshake begins TLS over conn, which is closed when that fails.
func (d *dialer) handshake(ctx context.Context, conn net.Conn, o origin) (*tls.Conn, time.Duration, stats.Kind, error) {
	began := time.Now()
	config := d.config.Clone()
	config.ServerName, config.NextProtos = o.host, d.offers
	if !d.isTarget(o) && d.offers[0] == alpnHTTP2 {
		config.NextProtos = offered(plan.ProtocolChosen)
	}
	secured := tls.Client(conn, config)
	if err := secured.HandshakeContext(ctx); err != nil {
		conn.Close() //nolint:errcheck // given up
		return nil, 0, classify(err, whileHandshaking), err
	}
	return secured, time.Since(began), stats.KindNone, nil
}
