package fleet

import (
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"fmt"
	"io"
	"net"
	"os"
	"strconv"
	"strings"
	"time"

	"github.com/nats-io/nats-server/v2/server"

	"github.com/senior-backend/toolkit/shared/fault"
)

// DefaultListen is where an embedded NATS server listens unless it is told.
const DefaultListen = "127.0.0.1:4222"

// Embedded is a NATS server inside of this process.
type Embedded struct{ server *server.Server }

// Embed starts a NATS server at an address, and makes the link lead to it. One that
// others can reach asks for the token in the link's TokenFile, which is made if it
// doesn't exist. With the link's certificate it speaks TLS.
func Embed(listen string, link *Link) (*Embedded, error) {
	host, portText, err := net.SplitHostPort(listen)
	port, err2 := strconv.Atoi(portText)
	if err != nil || err2 != nil || port < 0 || port > 65535 {
		return nil, fault.Usagef("--nats-listen %q: write HOST:PORT, such as 0.0.0.0:4222", listen)
	}
	options := &server.Options{
		Host: host, Port: port, NoSigs: true, NoLog: true, DontListen: false, NoSystemAccount: true, MaxPayload: 8 << 20,
		MaxPending: 256 << 20,
	}
	if port == 0 {
		options.Port = server.RANDOM_PORT
	}
	addr := net.ParseIP(host)
	local := host == "localhost" || addr != nil && addr.IsLoopback()
	switch {
	case link.TokenFile != "":
		if options.Authorization, err = tokenIn(link.TokenFile); err != nil {
			return nil, err
		}
	case !local:
		return nil, fault.Usagef("--nats-listen %s: others can reach that; name the file of a token, which is made if it isn't there and which agents need too, with --nats-token", listen)
	}
	scheme := "nats"
	if link.Cert != "" {
		if options.TLSConfig, err = serverTLS(link); err != nil {
			return nil, err
		}
		options.TLS, options.TLSTimeout, scheme = true, 5, "tls"
	}
	s, err := server.NewServer(options)
	if err != nil {
		return nil, &fault.Environment{Message: "NATS server: " + err.Error(), Err: err}
	}
	probe, err := net.Listen("tcp", listen) // the server would end the process, or tell nobody
	if err != nil {
		return nil, &fault.Environment{
			Message: fmt.Sprintf("NATS server at %s: %s", listen, plain(err)), Hint: "choose another address with --nats-listen", Err: err,
		}
	}
	probe.Close() //nolint:errcheck // it only showed that it can be
	s.Start()
	if !s.ReadyForConnections(10 * time.Second) {
		s.Shutdown()
		return nil, &fault.Environment{Message: "NATS server at " + listen + " did not start", Hint: "choose another address with --nats-listen"}
	}
	at := s.Addr().(*net.TCPAddr)
	if addr == nil || addr.IsUnspecified() {
		host = "127.0.0.1"
	}
	link.URL = scheme + "://" + net.JoinHostPort(host, strconv.Itoa(at.Port))
	return &Embedded{server: s}, nil
}

// Address is where it listens.
func (e *Embedded) Address() string { return e.server.Addr().String() }

// Close ends it. What it still had to send may not arrive.
func (e *Embedded) Close() {
	e.server.Shutdown()
	e.server.WaitForShutdown()
}

// tokenIn is the token in a file, which is made, for its owner alone, if there is none.
func tokenIn(path string) (string, error) {
	text, err := os.ReadFile(path)
	if os.IsNotExist(err) {
		token := rand.Text()
		file, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
		if err != nil {
			return "", &fault.Input{Path: path, Message: "token can't be written: " + plain(err), Err: err}
		}
		_, err = io.WriteString(file, token+"\n")
		if err2 := file.Close(); err == nil {
			err = err2
		}
		if err != nil {
			return "", &fault.Input{Path: path, Message: "token can't be written: " + plain(err), Err: err}
		}
		return token, nil
	}
	token := strings.TrimSpace(string(text))
	if err != nil || token == "" {
		return "", &fault.Input{Path: path, Message: "holds no token", Hint: "name a file that doesn't exist to have one made", Err: err}
	}
	return token, nil
}

func serverTLS(link *Link) (*tls.Config, error) {
	cert, err := tls.LoadX509KeyPair(link.Cert, link.Key)
	if err != nil {
		return nil, link.unreadable(link.Cert, err)
	}
	config := &tls.Config{MinVersion: tls.VersionTLS12, Certificates: []tls.Certificate{cert}}
	if link.CA != "" {
		pem, err := os.ReadFile(link.CA)
		pool := x509.NewCertPool()
		if err != nil || !pool.AppendCertsFromPEM(pem) {
			return nil, link.unreadable(link.CA, err)
		}
		config.ClientCAs, config.ClientAuth = pool, tls.RequireAndVerifyClientCert
	}
	return config, nil
}

// plain is what an error of the system says, without operation and address.
func plain(err error) string {
	for {
		inner, ok := err.(interface{ Unwrap() error })
		if !ok || inner.Unwrap() == nil {
			return err.Error()
		}
		err = inner.Unwrap()
	}
}
