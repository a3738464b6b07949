package fleet

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"net"
	"net/url"
	"os"
	"strings"
	"time"

	"github.com/nats-io/nats.go"

	"github.com/senior-backend/toolkit/shared/fault"
	"github.com/senior-backend/toolkit/shared/report"
)

// Link is how to reach NATS.
type Link struct {
	URL       string // one or more, with commas between them
	Group     string // the agents and coordinators that belong together
	Creds     string // credentials file; may be empty
	NKey      string // file with an NKey seed; may be empty
	TokenFile string // file with a token; may be empty
	CA        string // PEM file of authorities; may be empty
	Cert, Key string // PEM files of the client's certificate; may be empty
	Open      bool   // take a server that lets anybody in
}

// Validate refuses what can't be together.
func (l *Link) Validate() error {
	ways := 0
	for _, way := range []string{l.Creds, l.NKey, l.TokenFile} {
		if way != "" {
			ways++
		}
	}
	switch {
	case ways > 1:
		return fault.Usagef("--nats-token, --nats-creds and --nats-nkey exclude each other; give one of them")
	case (l.Cert == "") != (l.Key == ""):
		return fault.Usagef("--nats-cert and --nats-key belong together: one of them is missing")
	}
	for _, text := range l.servers() {
		u, err := url.Parse(text)
		if err != nil || u.Hostname() == "" {
			return fault.Usagef("--nats %q: no URL of a NATS server; write such as nats://nats.example.com:4222", l.shown())
		}
		switch u.Scheme {
		case "nats", "tls", "ws", "wss":
		default:
			return fault.Usagef("--nats %s: choose nats://, tls://, ws:// or wss://", l.shown())
		}
	}
	return CheckGroup(l.Group)
}

// servers are the URLs, each with its scheme.
func (l *Link) servers() []string {
	var list []string
	for text := range strings.SplitSeq(l.URL, ",") {
		text = strings.TrimSpace(text)
		if !strings.Contains(text, "://") {
			text = "nats://" + text
		}
		list = append(list, text)
	}
	return list
}

// shown is where NATS is, without passwords and tokens.
func (l *Link) shown() string {
	list := l.servers()
	for i, text := range list {
		u, err := url.Parse(text)
		if err != nil {
			list[i] = "(no URL)"
			continue
		}
		u.User = nil
		list[i] = report.RedactURL(u.String())
	}
	return strings.Join(list, ",")
}

// events are what may happen to a connection.
type events struct {
	cut     func(stale bool) // stale: it went silent, rather than being closed
	back    func()
	refused func(err error) // by a server that answers
}

// connect makes the connection, which then mends itself. With wait it is mended from the
// beginning: the server may come later.
func (l *Link) connect(name string, wait bool, on events, more ...nats.Option) (*nats.Conn, error) {
	options := []nats.Option{
		nats.Name(name), nats.MaxReconnects(-1), nats.ReconnectWait(100 * time.Millisecond),
		nats.ReconnectJitter(50*time.Millisecond, 50*time.Millisecond),
		nats.ReconnectBufSize(-1), // what is not acknowledged is sent again by us
		nats.PingInterval(2 * time.Second), nats.MaxPingsOutstanding(2), nats.Timeout(5 * time.Second),
		nats.NoCallbacksAfterClientClose(),
		nats.ReconnectErrHandler(func(_ *nats.Conn, err error) {
			if isFinal(err) && on.refused != nil {
				on.refused(l.explain(err))
			}
		}),
		nats.DisconnectErrHandler(func(_ *nats.Conn, err error) { on.cut(errors.Is(err, nats.ErrStaleConnection)) }),
		nats.ReconnectHandler(func(*nats.Conn) { on.back() }),
		nats.ErrorHandler(func(*nats.Conn, *nats.Subscription, error) {}), // they show by what is missing
	}
	secrets, err := l.secrets()
	if err != nil {
		return nil, err
	}
	servers, options := strings.Join(l.servers(), ","), append(append(options, secrets...), more...)
	conn, err := nats.Connect(servers, options...)
	if err != nil && wait && !isFinal(err) {
		conn, err = nats.Connect(servers, append(options, nats.RetryOnFailedConnect(true))...)
	}
	if err != nil {
		return nil, l.explain(err)
	}
	if !wait {
		if err := l.checkOpen(conn); err != nil {
			conn.Close()
			return nil, err
		}
	}
	return conn, nil
}

func (l *Link) secrets() ([]nats.Option, error) {
	var options []nats.Option
	if l.Creds != "" {
		if _, err := os.Stat(l.Creds); err != nil {
			return nil, l.unreadable(l.Creds, err)
		}
		options = append(options, nats.UserCredentials(l.Creds))
	}
	if l.NKey != "" {
		option, err := nats.NkeyOptionFromSeed(l.NKey)
		if err != nil {
			return nil, l.unreadable(l.NKey, err)
		}
		options = append(options, option)
	}
	if l.TokenFile != "" {
		token, err := os.ReadFile(l.TokenFile)
		if err != nil || len(strings.TrimSpace(string(token))) == 0 {
			return nil, l.unreadable(l.TokenFile, err)
		}
		options = append(options, nats.Token(strings.TrimSpace(string(token))))
	}
	if l.CA != "" {
		pem, err := os.ReadFile(l.CA)
		if err != nil || !x509.NewCertPool().AppendCertsFromPEM(pem) {
			return nil, l.unreadable(l.CA, err)
		}
		options = append(options, nats.RootCAs(l.CA))
	}
	if l.Cert != "" {
		if _, err := tls.LoadX509KeyPair(l.Cert, l.Key); err != nil {
			return nil, l.unreadable(l.Cert, err)
		}
		options = append(options, nats.ClientCert(l.Cert, l.Key))
	}
	return options, nil
}

// unreadable is the fault of a file that holds no credentials. The cause isn't told where
// it could quote them.
func (l *Link) unreadable(path string, err error) error {
	message := "holds nothing that NATS could be shown"
	if errors.Is(err, os.ErrNotExist) || errors.Is(err, os.ErrPermission) {
		var at *os.PathError
		if errors.As(err, &at) {
			message = "can't be read: " + at.Err.Error()
		}
	}
	return &fault.Input{Path: path, Message: message, Hint: "name the file that was made for this account", Err: err}
}

func (l *Link) explain(err error) error {
	what, hint := strings.TrimPrefix(err.Error(), "nats: "), "start one, or let the coordinator do that with --embedded-nats"
	switch {
	case errors.Is(err, nats.ErrNoServers):
		what = "no server answers"
	case isRefusal(err):
		what, hint = "it refuses these credentials", "name them with --nats-creds, --nats-nkey or --nats-token, or as nats://USER:PASSWORD@HOST"
	}
	var unknown x509.UnknownAuthorityError
	if errors.As(err, &unknown) {
		what, hint = "its certificate is of an unknown authority", "trust it with --nats-ca FILE"
	}
	return &fault.Environment{Message: "NATS at " + l.shown() + ": " + report.Redact(what), Hint: hint, Err: err}
}

// isRefusal tells whether a server doesn't take the credentials.
func isRefusal(err error) bool {
	return errors.Is(err, nats.ErrAuthorization) || errors.Is(err, nats.ErrAuthExpired) ||
		strings.Contains(strings.ToLower(err.Error()), "authorization")
}

// isFinal tells whether waiting won't help: a server answers, but one of the two doesn't
// take the other.
func isFinal(err error) bool {
	var unverified *tls.CertificateVerificationError
	return isRefusal(err) || errors.As(err, &unverified)
}

// checkOpen refuses a server that asks nobody who they are: whoever reaches it could give
// agents orders. On this machine alone that is nobody else.
func (l *Link) checkOpen(conn *nats.Conn) error {
	if l.Open || conn.AuthRequired() || l.Cert != "" {
		return nil
	}
	host, _, err := net.SplitHostPort(conn.ConnectedAddr())
	if addr := net.ParseIP(host); err == nil && addr != nil && addr.IsLoopback() {
		return nil
	}
	return &fault.Environment{
		Message: "NATS at " + l.shown() + " lets anybody in, who could then give agents orders",
		Hint:    "give it users or a token, or add --nats-open where nobody else can reach it",
	}
}

// awaitConnection waits until there is a connection.
func awaitConnection(ctx context.Context, conn *nats.Conn) bool {
	for !conn.IsConnected() {
		if !pause(ctx, 50*time.Millisecond) {
			return false
		}
	}
	return true
}
