package engine

import (
	"bufio"
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"strconv"
	"time"

	"golang.org/x/net/proxy"

	"github.com/senior-backend/toolkit/loadtester/internal/plan"
	"github.com/senior-backend/toolkit/loadtester/internal/stats"
)

// errProxy says that a proxy didn't let a connection through.
var errProxy = errors.New("proxy")

// errForbidden says that there must be no connection to where one leads.
var errForbidden = errors.New("connections to there are not allowed")

// url is the root of an origin.
func (o origin) url() *url.URL {
	u := &url.URL{Scheme: "http", Host: o.String(), Path: "/"}
	if o.tls {
		u.Scheme = "https"
	}
	return u
}

// portText is the port as text.
func (o origin) portText() string { return strconv.Itoa(int(o.port)) }

// diverted is where connections to an origin go, as seen from here or from the proxy.
func (d *dialer) diverted(o origin) origin {
	host, port := d.network.Divert(o.host, o.portText())
	if n, err := strconv.ParseUint(port, 10, 16); err == nil {
		o.port = uint16(n)
	}
	o.host = host
	return o
}

// direct tells whether connections to an origin are plain TCP to its own addresses.
func (d *dialer) direct(o origin) bool {
	return d.network.UnixSocket == "" && d.network.Proxy(o.url()) == nil
}

// overTLSProxy tells whether connections to an origin go over one to a proxy that is
// encrypted itself.
func (d *dialer) overTLSProxy(o origin) bool {
	p := d.network.Proxy(o.url())
	return p != nil && p.Scheme == "https"
}

// connect opens a connection over which TLS or HTTP with an origin can begin.
func (d *dialer) connect(ctx context.Context, o origin) (net.Conn, phases, stats.Kind, error) {
	if !d.network.Permits(o.url()) {
		return nil, phases{}, stats.KindForbidden, errForbidden
	}
	began := time.Now()
	var conn net.Conn
	var kind stats.Kind
	var err error
	to := d.diverted(o)
	switch via := d.network.Proxy(o.url()); {
	case d.network.UnixSocket != "":
		conn, err = dialUnix(ctx, d.network.UnixSocket)
	case via == nil:
		conn, kind, err = d.dialTCP(ctx, to)
	case via.Scheme == "socks5" || via.Scheme == "socks5h":
		conn, kind, err = d.overSOCKS(ctx, via, to)
	default:
		conn, kind, err = d.overHTTP(ctx, via, o, to)
	}
	switch {
	case err == nil:
		return conn, phases{connect: time.Since(began)}, stats.KindNone, nil
	case kind != stats.KindNone:
		return nil, phases{}, kind, err
	default:
		return nil, phases{}, classify(err, whileConnecting), err
	}
}

// dialTCP connects to one of the addresses of an origin. Those that refuse are passed
// over as long as there is another one.
func (d *dialer) dialTCP(ctx context.Context, o origin) (net.Conn, stats.Kind, error) {
	addrs, err := d.resolve(ctx, o)
	if err != nil {
		return nil, stats.KindDNS, err
	}
	var conn net.Conn
	turn := d.nextTurn(len(addrs))
	for i := range addrs {
		var tcp net.Dialer
		if conn, err = tcp.DialContext(ctx, "tcp", addrs[(turn+i)%len(addrs)].String()); err == nil || ctx.Err() != nil {
			break
		}
	}
	return conn, stats.KindNone, err
}

// dialUnix connects to a unix socket. When its queue of new connections is full, that is
// an error at once rather than a wait, so the wait is here.
func dialUnix(ctx context.Context, path string) (net.Conn, error) {
	for {
		var d net.Dialer
		conn, err := d.DialContext(ctx, "unix", path)
		if err == nil || !isQueueFull(err) {
			return conn, err
		}
		select {
		case <-ctx.Done():
			return nil, ctx.Err()
		case <-time.After(time.Millisecond):
		}
	}
}

// overHTTP connects to an HTTP proxy and, where what follows is encrypted, through it.
func (d *dialer) overHTTP(ctx context.Context, via *url.URL, o, to origin) (net.Conn, stats.Kind, error) {
	conn, kind, err := d.dialProxy(ctx, via)
	if err != nil {
		return nil, kind, err
	}
	if via.Scheme == "https" {
		config := d.config.Clone()
		config.ServerName, config.Certificates = via.Hostname(), nil
		secured := tls.Client(conn, config)
		if err := secured.HandshakeContext(ctx); err != nil {
			conn.Close() //nolint:errcheck // given up
			return nil, classify(err, whileHandshaking), err
		}
		conn = secured
	}
	if !o.tls {
		return conn, stats.KindNone, nil
	}
	if err := tunnel(ctx, conn, via, to); err != nil {
		conn.Close() //nolint:errcheck // given up
		return nil, stats.KindNone, err
	}
	return conn, stats.KindNone, nil
}

func (d *dialer) dialProxy(ctx context.Context, via *url.URL) (net.Conn, stats.Kind, error) {
	host, port := plan.ProxyAddress(via)
	at := origin{host: host}
	if n, err := strconv.ParseUint(port, 10, 16); err == nil {
		at.port = uint16(n)
	}
	return d.dialTCP(ctx, at)
}

// tunnel asks a proxy to connect to an origin.
func tunnel(ctx context.Context, conn net.Conn, via *url.URL, to origin) error {
	defer context.AfterFunc(ctx, func() { conn.SetDeadline(time.Unix(1, 0)) })() //nolint:errcheck // closed is as good
	request := "CONNECT " + to.String() + " HTTP/1.1\r\nHost: " + to.String() + "\r\n"
	if user := plan.ProxyAuthorization(via); user != "" {
		request += "Proxy-Authorization: " + user + "\r\n"
	}
	if _, err := conn.Write([]byte(request + "\r\n")); err != nil {
		return err
	}
	// Byte by byte, so that nothing of what follows the answer is taken.
	in := bufio.NewReaderSize(oneByte{conn}, 16)
	answer, err := http.ReadResponse(in, &http.Request{Method: http.MethodConnect})
	if err != nil {
		return fmt.Errorf("%w: read its answer: %w", errProxy, err)
	}
	answer.Body.Close() //nolint:errcheck // there is none
	if answer.StatusCode/100 != 2 {
		return fmt.Errorf("%w: it answered CONNECT with %s", errProxy, answer.Status)
	}
	return nil
}

// oneByte reads no more than it is asked for.
type oneByte struct{ net.Conn }

func (c oneByte) Read(p []byte) (int, error) {
	if len(p) > 1 {
		p = p[:1]
	}
	return c.Conn.Read(p)
}

// overSOCKS connects through a SOCKS5 proxy. As with curl, names are looked up here with
// socks5 and there with socks5h.
func (d *dialer) overSOCKS(ctx context.Context, via *url.URL, to origin) (net.Conn, stats.Kind, error) {
	address := to.String()
	if via.Scheme == "socks5" {
		addrs, err := d.resolve(ctx, to)
		if err != nil {
			return nil, stats.KindDNS, err
		}
		address = addrs[d.nextTurn(len(addrs))].String()
	}
	var auth *proxy.Auth
	if via.User != nil {
		password, _ := via.User.Password()
		auth = &proxy.Auth{User: via.User.Username(), Password: password}
	}
	host, port := plan.ProxyAddress(via)
	made, err := proxy.SOCKS5("tcp", net.JoinHostPort(host, port), auth, nil)
	if err != nil {
		return nil, stats.KindProxy, err
	}
	// The connection itself is wanted, not what the package wraps around it.
	socks, ok := made.(interface {
		DialWithConn(ctx context.Context, conn net.Conn, network, address string) (net.Addr, error)
	})
	if !ok {
		return nil, stats.KindProxy, errProxy
	}
	conn, kind, err := d.dialProxy(ctx, via)
	if err != nil {
		return nil, kind, err
	}
	if _, err := socks.DialWithConn(ctx, conn, "tcp", address); err != nil {
		conn.Close() //nolint:errcheck // given up
		if ctx.Err() != nil || isSystem(err) {
			return nil, stats.KindNone, err
		}
		return nil, stats.KindProxy, fmt.Errorf("%w: %w", errProxy, err)
	}
	return conn, stats.KindNone, nil
}
