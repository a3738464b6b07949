package main

import (
	"crypto/x509"
	"encoding/pem"
	"fmt"
	"net"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/nats-io/jwt/v2"
	"github.com/nats-io/nats-server/v2/server"
	"github.com/nats-io/nkeys"
	"github.com/stretchr/testify/require"
)

// serveNATS is a program that serves NATS at the address that it is given, until it is killed.
func serveNATS() {
	host, port, err := net.SplitHostPort(os.Args[1])
	options := &server.Options{Host: host, NoLog: true, NoSigs: true}
	if err == nil {
		_, err = fmt.Sscan(port, &options.Port)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(2)
	}
	s, err := server.NewServer(options)
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	s.Start()
	if s.ReadyForConnections(20 * time.Second) {
		fmt.Fprintln(os.Stderr, "ready")
	}
	s.WaitForShutdown()
}

func startNATSProcess(t *testing.T, address string) *running {
	t.Helper()
	p := startAs(t, "nats", address)
	p.says(t, "ready", 1)
	return p
}

// freeAddress is an address at which nothing listens, for what must be told it beforehand.
func freeAddress(t *testing.T) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	require.NoError(t, l.Close())
	return l.Addr().String()
}

// guarded is a NATS server that doesn't take everybody.
type guarded struct {
	config  string   // its configuration, but for the address
	good    []string // flags of who is let in
	bad     []string // flags of who isn't
	login   string   // before the host, of who is let in
	other   string   // and of who isn't
	refusal string
	secrets []string // what nobody may print
}

// TestNATSThatAsksWhoOneIs: with each way to prove that, a coordinator and an agent do a
// load, and an agent that can't is told so and ends.
func TestNATSThatAsksWhoOneIs(t *testing.T) {
	t.Parallel()
	const refused = "it refuses these credentials; name them with --nats-creds"
	for name, make := range map[string]func(*testing.T, string) guarded{
		"password": func(*testing.T, string) guarded {
			return guarded{
				config: `authorization { user: me, password: "s3cretWord" }`, login: "me:s3cretWord@", other: "me:wr0ngWord@",
				refusal: refused, secrets: []string{"s3cretWord", "wr0ngWord"},
			}
		},
		"TLS":         guardedByTLS,
		"NKey":        guardedByNKey,
		"credentials": guardedByCredentials,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			dir := t.TempDir()
			g := make(t, dir)
			path := filepath.Join(dir, "nats.conf")
			require.NoError(t, os.WriteFile(path, []byte("listen: 127.0.0.1:-1\n"+g.config), 0o600))
			options, err := server.ProcessConfigFile(path)
			require.NoError(t, err)
			options.NoLog, options.NoSigs = true, true
			s, err := server.NewServer(options)
			require.NoError(t, err)
			s.Start()
			t.Cleanup(s.Shutdown)
			require.True(t, s.ReadyForConnections(20*time.Second))

			target := httptest.NewServer(handler())
			t.Cleanup(target.Close)
			address := s.Addr().String()
			agent := func(login string, flags []string) *running {
				return start(t, append([]string{"agent", "--nats", "nats://" + login + address, "--allow-target", strings.TrimPrefix(target.URL, "http://")}, flags...)...)
			}
			coordinator := func(login string, flags []string) *running {
				return start(t, append([]string{
					target.URL, "--nats", "nats://" + login + address, "--agents", "1", "--agents-wait", "60",
					"--requests", "10", "--json", patient,
				}, flags...)...)
			}
			all := []*running{agent(g.login, g.good), agent(g.other, g.bad), coordinator(g.other, g.bad), coordinator(g.login, g.good)}
			require.Zero(t, all[3].status(t), all[3].log.String())
			require.EqualValues(t, 10, all[3].result(t).Results[0].TotalRequests)
			for _, stranger := range all[1:3] {
				require.Equal(t, 1, stranger.status(t), stranger.log.String())
				require.Contains(t, stranger.log.String(), "NATS at nats://"+address+": "+g.refusal)
			}
			for _, p := range all {
				for _, secret := range g.secrets {
					require.NotContains(t, p.log.String()+p.out.String(), secret)
				}
			}
		})
	}
}

func guardedByTLS(t *testing.T, dir string) guarded {
	s := httptest.NewTLSServer(handler()) // for its certificate, which is its own authority
	defer s.Close()
	key, err := x509.MarshalPKCS8PrivateKey(s.TLS.Certificates[0].PrivateKey)
	require.NoError(t, err)
	for name, block := range map[string]*pem.Block{
		"cert.pem": {Type: "CERTIFICATE", Bytes: s.Certificate().Raw}, "key.pem": {Type: "PRIVATE KEY", Bytes: key},
	} {
		require.NoError(t, os.WriteFile(filepath.Join(dir, name), pem.EncodeToMemory(block), 0o600))
	}
	cert := filepath.Join(dir, "cert.pem")
	return guarded{
		config:  fmt.Sprintf("tls { cert_file: %q, key_file: %q, timeout: 20 }", cert, filepath.Join(dir, "key.pem")),
		good:    []string{"--nats-ca", cert},
		refusal: "its certificate is of an unknown authority; trust it with --nats-ca FILE",
	}
}

// newKey is a key pair with its seed in a file.
func newKey(t *testing.T, path string, make func() (nkeys.KeyPair, error)) (key nkeys.KeyPair, public, seed string) {
	key, err := make()
	require.NoError(t, err)
	public, err = key.PublicKey()
	require.NoError(t, err)
	text, err := key.Seed()
	require.NoError(t, err)
	require.NoError(t, os.WriteFile(path, text, 0o600))
	return key, public, string(text)
}

func guardedByNKey(t *testing.T, dir string) guarded {
	known, unknown := filepath.Join(dir, "known"), filepath.Join(dir, "unknown")
	_, public, seed := newKey(t, known, nkeys.CreateUser)
	_, _, other := newKey(t, unknown, nkeys.CreateUser)
	return guarded{
		config: fmt.Sprintf("authorization { users: [ { nkey: %s } ] }", public),
		good:   []string{"--nats-nkey", known}, bad: []string{"--nats-nkey", unknown},
		refusal: "it refuses these credentials; name them with --nats-creds", secrets: []string{seed, other},
	}
}

// guardedByCredentials is a server with an operator, of whose two accounts it knows one.
func guardedByCredentials(t *testing.T, dir string) guarded {
	operator, operatorID, _ := newKey(t, filepath.Join(dir, "operator"), nkeys.CreateOperator)
	operatorText, err := jwt.NewOperatorClaims(operatorID).Encode(operator)
	require.NoError(t, err)
	g := guarded{refusal: "it refuses these credentials; name them with --nats-creds"}
	for _, name := range []string{"known", "unknown"} {
		account, accountID, _ := newKey(t, filepath.Join(dir, name+".account"), nkeys.CreateAccount)
		accountText, err := jwt.NewAccountClaims(accountID).Encode(operator)
		require.NoError(t, err)
		_, userID, seed := newKey(t, filepath.Join(dir, name+".user"), nkeys.CreateUser)
		userText, err := jwt.NewUserClaims(userID).Encode(account)
		require.NoError(t, err)
		creds, err := jwt.FormatUserConfig(userText, []byte(seed))
		require.NoError(t, err)
		path := filepath.Join(dir, name+".creds")
		require.NoError(t, os.WriteFile(path, creds, 0o600))
		g.secrets = append(g.secrets, seed, userText)
		if name == "unknown" {
			g.bad = []string{"--nats-creds", path}
			continue
		}
		g.good = []string{"--nats-creds", path}
		g.config = fmt.Sprintf("operator: %s\nresolver: MEMORY\nresolver_preload: { %s: %s }\n", operatorText, accountID, accountText)
	}
	return g
}
